/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "face/lk-face.h"
#include "nn/lk-mirror.h"
#include "nn/lk-vector.h"

#include "lk-training.h"

#include <math.h>
#include <string.h>

void
lk_scores_clear (LkScores *self)
{
  g_clear_pointer (&self->scores, g_array_unref);
  g_clear_pointer (&self->same, g_array_unref);
}

/* Row of each picture of @pairs in the order they come first; -1: cannot be read. */
static GHashTable *
number_pictures (const GArray *pairs, LkPictures *pictures, GArray *order)
{
  GHashTable *rows = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < pairs->len; i++)
    {
      LkSamplePair pair = g_array_index (pairs, LkSamplePair, i);
      int both[2] = { pair.a, pair.b };

      for (int side = 0; side < 2; side++)
        if (!g_hash_table_contains (rows, GINT_TO_POINTER (both[side])))
          {
            g_autoptr (LkImage) crop = lk_pictures_get (pictures, both[side], NULL);
            int row = crop != NULL ? (int) order->len : -1;

            g_hash_table_insert (rows, GINT_TO_POINTER (both[side]), GINT_TO_POINTER (row));
            if (row >= 0)
              g_array_append_val (order, both[side]);
          }
    }
  return rows;
}

/* Rows of @size floats at every @step-th place of @out. */
static void
spread_rows (const float *rows, int n, gsize size, gsize step, float *out)
{
  for (int i = 0; i < n; i++)
    memcpy (out + (gsize) i * step * size, rows + (gsize) i * size, size * sizeof *out);
}

gboolean
lk_training_embed (LkTraining *self, LkPictures *pictures, const int *samples, int n_samples,
                   gboolean (*cancelled) (gpointer data), gpointer data, float *embeddings)
{
  int height, width, channels;
  gsize d = (gsize) lk_network_get_embedding_size (self->network), size;
  g_autofree float *mirror = NULL, *looks = NULL;

  lk_network_get_input (self->network, &height, &width, &channels);
  size = (gsize) height * (gsize) width * (gsize) channels;
  if (lk_network_is_mirrored (self->network)) /* as LkInfer does */
    {
      mirror = g_new (float, (gsize) self->batch *size);
      looks = g_new (float, 2 * (gsize) self->batch * d);
    }
  for (int at = 0; at < n_samples; at += self->batch)
    {
      int n = MIN (self->batch, n_samples - at);
      float *to = embeddings + (gsize) at * d;

      if (cancelled (data))
        return FALSE;
      for (int i = 0; i < n; i++)
        {
          g_autoptr (LkImage) crop = lk_pictures_get_middle (pictures, samples[at + i], NULL);

          if (crop == NULL) /* it could be read a moment ago, but was too many to keep */
            return FALSE;
          lk_face_to_input (crop, height, width, channels, self->pictures + (gsize) i * size);
        }
      spread_rows (lk_pass_forward (self->pass, self->params, self->pictures, n, 1, 0, NULL), n, d,
                   looks != NULL ? 2 : 1, looks != NULL ? looks : to);
      if (looks == NULL)
        continue;
      lk_mirror_pictures (self->pictures, n, height, width, channels, mirror);
      spread_rows (lk_pass_forward (self->pass, self->params, mirror, n, 1, 0, NULL), n, d, 2,
                   looks + d);
      lk_mirror_join (n, (int) d, looks, to);
    }
  return TRUE;
}

/* A small part has few pairs, which random draws repeat: counted twice, they would make
 * the counts look surer than they are. */
static void
drop_repeated (GArray *pairs)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint n = 0;

  for (guint i = 0; i < pairs->len; i++)
    {
      LkSamplePair pair = g_array_index (pairs, LkSamplePair, i);
      gint64 key = ((gint64) MIN (pair.a, pair.b) << 32) | MAX (pair.a, pair.b);

      if (g_hash_table_add (seen, g_memdup2 (&key, sizeof key)))
        g_array_index (pairs, LkSamplePair, n++) = pair;
    }
  g_array_set_size (pairs, n);
}

static void
score_cosines (LkTraining *self, const float *embeddings, const GArray *pairs, LkScores *scores)
{
  int d = lk_network_get_embedding_size (self->network);

  for (guint i = 0; i < pairs->len; i++)
    {
      const LkPair *pair = &g_array_index (pairs, LkPair, i);
      const float *a = embeddings + (gsize) pair->a * (gsize) d;
      const float *b = embeddings + (gsize) pair->b * (gsize) d;
      double lengths = sqrt (lk_dot (a, a, d) * lk_dot (b, b, d));

      g_array_index (scores->scores, float, i) = (float) (lk_dot (a, b, d) / MAX (lengths, 1e-12));
    }
}

/* The loss of distillation on pictures that are not trained on. */
static double
compare_teacher (LkTraining *self, const float *embeddings, const GArray *order)
{
  gsize d = (gsize) lk_network_get_embedding_size (self->network);
  g_autofree float *targets = g_new (float, order->len *d), *values = g_new (float, order->len);

  for (guint i = 0; i < order->len; i++)
    {
      const LkSample *sample = lk_dataset_get_sample (self->set, g_array_index (order, int, i));

      memcpy (targets + i * d, self->teacher->values + (gsize) sample->row * d, d * sizeof (float));
    }
  return lk_loss_distillation (self->distillation, (int) d, embeddings, (int) order->len, targets,
                               NULL, values, self->pool);
}

/* Scores of the pairs whose pictures can both be read; @usable (out) (optional): which. */
static gboolean
score_pairs (LkTraining *self, LkPictures *pictures, const GArray *drawn, LkScoring scoring,
             gboolean (*cancelled) (gpointer data), gpointer data, LkScores *scores,
             gboolean **usable)
{
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (LkPair));
  g_autoptr (GHashTable) rows = number_pictures (drawn, pictures, order);
  g_autofree float *embeddings = NULL;

  *scores = (LkScores){ g_array_new (FALSE, FALSE, sizeof (float)),
                        g_array_new (FALSE, FALSE, sizeof (gboolean)), (double) NAN };
  if (usable != NULL)
    *usable = g_new0 (gboolean, MAX (1, drawn->len));
  for (guint i = 0; i < drawn->len; i++)
    {
      LkSamplePair pair = g_array_index (drawn, LkSamplePair, i);
      LkPair row = { GPOINTER_TO_INT (g_hash_table_lookup (rows, GINT_TO_POINTER (pair.a))),
                     GPOINTER_TO_INT (g_hash_table_lookup (rows, GINT_TO_POINTER (pair.b))),
                     pair.same };

      if (row.a < 0 || row.b < 0)
        continue;
      g_array_append_val (pairs, row);
      g_array_append_val (scores->same, pair.same);
      if (usable != NULL)
        (*usable)[i] = TRUE;
    }
  if (pairs->len == 0)
    return TRUE;
  embeddings = g_new (float, order->len *(gsize) lk_network_get_embedding_size (self->network));
  if (!lk_training_embed (self, pictures, (const int *) (gpointer) order->data, (int) order->len,
                          cancelled, data, embeddings))
    {
      g_array_set_size (scores->same, 0);
      return FALSE;
    }
  g_array_set_size (scores->scores, pairs->len);
  scores->loss = lk_loss_cross_entropy (self->network, self->params, embeddings, (int) order->len,
                                        (const LkPair *) (gpointer) pairs->data, (int) pairs->len,
                                        NULL, NULL, (float *) (gpointer) scores->scores->data,
                                        self->pool);
  if (scoring == LK_SCORING_COSINE)
    score_cosines (self, embeddings, pairs, scores);
  if (self->teacher != NULL)
    scores->loss = compare_teacher (self, embeddings, order);
  else if (!lk_training_trains_head (self))
    scores->loss = (double) NAN;
  return TRUE;
}

gboolean
lk_training_score (LkTraining *self, const LkDataset *set, LkPictures *pictures, LkPart part,
                   int n_pairs, guint64 seed, LkScoring scoring,
                   gboolean (*cancelled) (gpointer data), gpointer data, LkScores *scores)
{
  g_autoptr (GArray) drawn = lk_dataset_pairs (set, part, n_pairs, seed);

  if (part == LK_PART_TEST) /* what is reported; what is chosen wants as many of both kinds */
    drop_repeated (drawn);
  return score_pairs (self, pictures, drawn, scoring, cancelled, data, scores, NULL);
}

/* Whether the first of @ways scores is the highest, alone. */
static gboolean
is_won (const float *scores, int ways)
{
  for (int k = 1; k < ways; k++)
    if (!(scores[k] < scores[0]))
      return FALSE;
  return TRUE;
}

double
lk_training_one_shot (LkTraining *self, LkPictures *pictures, LkPart part, int ways, int n_trials,
                      guint64 seed, LkScoring scoring, gboolean (*cancelled) (gpointer data),
                      gpointer data)
{
  int n_drawn, won = 0;
  g_autofree int *trials = lk_dataset_trials (self->set, part, ways, n_trials, seed, &n_drawn);
  g_autoptr (GArray) drawn = g_array_new (FALSE, FALSE, sizeof (LkSamplePair));
  g_auto (LkScores) scores = { 0 };
  g_autofree gboolean *usable = NULL;
  int at = 0, n_played = 0;

  for (int i = 0; i < n_drawn * ways; i++)
    {
      const int *trial = trials + (gsize) (i / ways) * (gsize) (ways + 1);
      LkSamplePair pair = { trial[0], trial[1 + i % ways], i % ways == 0 };

      g_array_append_val (drawn, pair);
    }
  if (!score_pairs (self, pictures, drawn, scoring, cancelled, data, &scores, &usable))
    return (double) NAN;
  for (int i = 0; i < n_drawn; i++)
    {
      int n_usable = 0;

      for (int k = 0; k < ways; k++)
        n_usable += usable[i * ways + k];
      if (n_usable == ways)
        {
          n_played++;
          won += is_won (&g_array_index (scores.scores, float, at), ways);
        }
      at += n_usable;
    }
  return n_played > 0 ? (double) won / n_played : (double) NAN;
}
