/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-logistic.h"
#include "nn/lk-vector.h"
#include "nn/lk-whiten.h"

#include "lk-training.h"

#include <math.h>
#include <string.h>

#define MAX_PICTURES 4000
#define MAX_GENUINE  10000 /* pairs */
#define PER_PERSON   4
#define CANDIDATES   4    /* of which the most alike is a hard impostor pair */
#define MAX_WEIGHTS  512  /* Newton's way takes their number squared */
#define RIDGE        0.01 /* a pair, of weights as shares of what all of them are first */

/* Whole people in random order, up to MAX_PICTURES pictures. */
static GArray *
choose_pictures (LkTraining *self, LkPictures *pictures)
{
  LkSampler sampler = { LK_SAMPLING_PEOPLE, 2 * PER_PERSON, PER_PERSON };
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autofree int *drawn = NULL;
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (int));

  if (!lk_sampler_check (&sampler, self->set, NULL))
    return chosen;
  drawn = lk_sampler_draw (&sampler, self->set, MAX_PICTURES / sampler.batch,
                           lk_stream_seed (self->seed, LK_STREAM_HEAD, 0));
  for (int i = 0; i < MAX_PICTURES / sampler.batch * sampler.batch; i++)
    {
      g_autoptr (LkImage) crop = NULL;

      if (!g_hash_table_add (seen, GINT_TO_POINTER (drawn[i])))
        continue;
      crop = lk_pictures_get (pictures, drawn[i], NULL);
      if (crop != NULL)
        g_array_append_val (chosen, drawn[i]);
    }
  return chosen;
}

typedef struct
{
  float cosine;
  int a, b;
} Likeness;

/* Genuine pairs, then as many impostor pairs: the most alike of @candidates and random ones in
 * turn. */
static GArray *
form_pairs (LkTraining *self, const GArray *chosen, const float *embeddings, int candidates)
{
  int n = (int) chosen->len, d = lk_network_get_embedding_size (self->network);
  const int *samples = (const int *) (gpointer) chosen->data;
  GArray *pairs = g_array_new (FALSE, FALSE, sizeof (LkPair));
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (Likeness));
  LkRandom random;
  guint n_genuine;

  for (int a = 0; a < n; a++)
    for (int b = a + 1; b < n; b++)
      {
        LkRelation relation = lk_dataset_compare (self->set, samples[a], samples[b]);
        const float *x = embeddings + (gsize) a * (gsize) d;
        const float *y = embeddings + (gsize) b * (gsize) d;

        if (relation == LK_RELATION_SAME && pairs->len < MAX_GENUINE)
          {
            LkPair pair = { a, b, 1 };

            g_array_append_val (pairs, pair);
          }
        else if (relation == LK_RELATION_DIFFERENT)
          {
            double lengths = sqrt (lk_dot (x, x, d) * lk_dot (y, y, d));
            Likeness other = { (float) (lk_dot (x, y, d) / MAX (lengths, 1e-12)), a, b };

            g_array_append_val (others, other);
          }
      }
  n_genuine = pairs->len;
  lk_random_seed (&random, lk_stream_seed (self->seed, LK_STREAM_HEAD, 1));
  for (guint i = 0; i < n_genuine && others->len > 0; i++)
    {
      const Likeness *other = NULL;
      LkPair pair = { .same = 0 };

      /* The most alike of all would be more alike than genuine pairs, and teach the opposite. */
      for (int k = 0; k < (i % 2 == 0 ? candidates : 1); k++)
        {
          const Likeness *next = &g_array_index (others, Likeness,
                                                 lk_random_below (&random, others->len));

          if (other == NULL || next->cosine > other->cosine)
            other = next;
        }
      pair.a = other->a;
      pair.b = other->b;
      g_array_append_val (pairs, pair);
    }
  return pairs;
}

/* Every pair's differences, [pairs, d], and with @sums their sum instead, [pairs]. */
static float *
find_differences (const float *embeddings, gsize d, const GArray *pairs, gboolean sums)
{
  gsize width = sums ? 1 : d;
  float *out = g_new0 (float, pairs->len *width);

  for (guint i = 0; i < pairs->len; i++)
    {
      const LkPair *pair = &g_array_index (pairs, LkPair, i);
      const float *a = embeddings + (gsize) pair->a * d, *b = embeddings + (gsize) pair->b * d;

      for (gsize j = 0; j < d; j++)
        out[i * width + (sums ? 0 : j)] += fabsf (a[j] - b[j]);
    }
  return out;
}

/* First one weight for all differences; then each its own, which has to be worth it: many
 * weights fit the people of the training better than others (DESIGN.md, "Its head").  FALSE when
 * pairs are the likelier of one person the farther they are apart. */
static gboolean
fit (LkTraining *self, const float *embeddings, const GArray *pairs)
{
  const LkParam *kernel = lk_network_get_param (self->network,
                                                lk_network_get_n_params (self->network) - 2);
  gsize d = (gsize) lk_network_get_embedding_size (self->network);
  g_autofree float *sums = find_differences (embeddings, d, pairs, TRUE);
  g_autofree int *same = g_new (int, pairs->len);
  g_autofree double *prior = g_new (double, d + 1), *found = g_new (double, d + 1);
  float *head = self->params + kernel->offset;
  double one[2], most = 1e-12;

  for (guint i = 0; i < pairs->len; i++)
    {
      same[i] = g_array_index (pairs, LkPair, i).same;
      most = MAX (most, (double) sums[i]);
    }
  /* In units of the largest, so that one ridge holds whatever the embeddings' size. */
  for (guint i = 0; i < pairs->len; i++)
    sums[i] /= (float) most;
  if (!lk_logistic_fit (sums, same, NULL, (int) pairs->len, 1, 1e-6 * pairs->len, NULL, one))
    return TRUE;
  for (gsize j = 0; j < d; j++)
    prior[j] = one[0] / most;
  prior[d] = one[1];
  memcpy (found, prior, (d + 1) * sizeof *found);
  if (d <= MAX_WEIGHTS)
    {
      g_autofree float *differences = find_differences (embeddings, d, pairs, FALSE);

      lk_logistic_fit (differences, same, NULL, (int) pairs->len, (int) d,
                       RIDGE * pairs->len / MAX (prior[0] * prior[0], 1e-12), prior, found);
    }
  for (gsize j = 0; j <= d; j++)
    head[j] = (float) found[j];
  return one[0] <= 0;
}

/* Maps the embeddings, and folds the map into the network, where it ends as that needs.  FALSE
 * where only one of both could be done. */
static gboolean
whiten (LkTraining *self, const GArray *chosen, float *embeddings)
{
  int n = (int) chosen->len, d = lk_network_get_embedding_size (self->network);
  g_autofree int *people = g_new (int, MAX (1, n));
  g_autofree float *map = g_new (float, (gsize) d *(gsize) d);

  for (int i = 0; i < n; i++)
    people[i] = lk_dataset_get_sample (self->set, g_array_index (chosen, int, i))->person;
  return !lk_whiten_find (d, embeddings, people, n, self->whiten, map) ||
         !lk_whiten_fold (self->network, self->params, map) ||
         lk_whiten_apply (d, map, n, embeddings);
}

gboolean
lk_training_fit_head (LkTraining *self, LkPictures *pictures, gboolean (*cancelled) (gpointer data),
                      gpointer data)
{
  g_autoptr (GArray) chosen = choose_pictures (self, pictures), pairs = NULL;
  gsize d = (gsize) lk_network_get_embedding_size (self->network);
  g_autofree float *embeddings = g_new (float, MAX (1, chosen->len * d));

  if (!lk_training_embed (self, pictures, (const int *) (gpointer) chosen->data, (int) chosen->len,
                          cancelled, data, embeddings))
    return FALSE;
  if (self->whiten > 0 && chosen->len > 0 && !whiten (self, chosen, embeddings))
    return FALSE;
  pairs = form_pairs (self, chosen, embeddings, CANDIDATES);
  if (pairs->len < 2 || g_array_index (pairs, LkPair, pairs->len - 1).same)
    return FALSE;
  if (fit (self, embeddings, pairs))
    return TRUE;
  /* A network that has hardly learnt takes those hard pairs for the same people. */
  g_array_unref (pairs);
  pairs = form_pairs (self, chosen, embeddings, 1);
  fit (self, embeddings, pairs);
  return TRUE;
}
