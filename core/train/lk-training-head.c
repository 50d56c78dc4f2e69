/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-vector.h"

#include "lk-training.h"

#include <math.h>
#include <string.h>

#define MAX_PICTURES 2000
#define MAX_GENUINE  5000 /* pairs */
#define PER_PERSON   4
#define STEPS        500
#define CANDIDATES   4 /* of which the most alike is a hard impostor pair */
#define RATE         0.05

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

/* Genuine pairs, then as many impostor pairs: hard ones and random ones in turn. */
static GArray *
form_pairs (LkTraining *self, const GArray *chosen, const float *embeddings)
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
      for (int k = 0; k < (i % 2 == 0 ? CANDIDATES : 1); k++)
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

/* Adam on all pairs at once. */
static void
descend (LkTraining *self, const float *embeddings, int n, const GArray *pairs)
{
  const LkParam *kernel = lk_network_get_param (self->network,
                                                lk_network_get_n_params (self->network) - 2);
  gsize size = lk_network_get_size (self->network) - kernel->offset; /* and the bias */
  gsize d = (gsize) lk_network_get_embedding_size (self->network);
  g_autofree float *unused = g_new (float, (gsize) n *d), *scores = g_new (float, pairs->len);
  LkOptimizer *adam = lk_optimizer_new_plain (size, LK_OPTIMIZER_ADAM);

  /* All differences count alike, against likeness, until it is known better. */
  for (gsize j = 0; j < size; j++)
    self->params[kernel->offset + j] = j < kernel->n ? -0.5f : 0;
  memset (self->grads + kernel->offset, 0, size * sizeof (float));
  for (int step = 0; step < STEPS; step++)
    {
      lk_loss_cross_entropy (self->network, self->params, embeddings, n,
                             (const LkPair *) (gpointer) pairs->data, (int) pairs->len, unused,
                             self->grads, scores, self->pool);
      lk_optimizer_step (adam, self->params + kernel->offset, self->grads + kernel->offset,
                         RATE * (1 - (double) step / STEPS), self->pool);
    }
  lk_optimizer_free (adam);
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
  pairs = form_pairs (self, chosen, embeddings);
  if (pairs->len < 2 || g_array_index (pairs, LkPair, pairs->len - 1).same)
    return FALSE;
  descend (self, embeddings, (int) chosen->len, pairs);
  return TRUE;
}
