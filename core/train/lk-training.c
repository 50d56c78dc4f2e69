/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-training.h"

#include "base/lk-error.h"
#include "face/lk-face.h"

#include "lk-mine.h"

#include <math.h>
#include <string.h>

#define NICE 10

static gsize
picture_size (const LkTraining *self)
{
  int height, width, channels;

  lk_network_get_input (self->network, &height, &width, &channels);
  return (gsize) height * (gsize) width * (gsize) channels;
}

static LkRate
make_rate (const LkTrainOptions *options)
{
  LkRate rate = { .rate = options->rate, .warmup = options->warmup_steps };

  switch (options->schedule)
    {
    case LK_SCHEDULE_EXPONENTIAL:
      rate.kind = LK_RATE_EXPONENTIAL;
      rate.factor = 0.97;
      rate.period = 200;
      break;
    case LK_SCHEDULE_PAPER:
      rate.kind = LK_RATE_EXPONENTIAL;
      rate.factor = 0.99;
      rate.period = options->steps_per_epoch;
      rate.staircase = 1;
      break;
    case LK_SCHEDULE_COSINE:
      rate.kind = LK_RATE_COSINE;
      rate.total = MAX (1, (gint64) options->epochs * options->steps_per_epoch -
                               options->warmup_steps);
      break;
    case LK_SCHEDULE_CONSTANT:
    default:
      rate.kind = LK_RATE_CONSTANT;
    }
  return rate;
}

/* What only losses on distances need, and patience.  FALSE when memory is short. */
static gboolean
make_extras (LkTraining *self, const LkTrainOptions *options)
{
  gsize batch = 2 * (gsize) options->batch_pairs;

  if (options->loss != LK_TRAIN_CROSS_ENTROPY)
    {
      self->distances = g_try_new (float, 4 * batch);
      self->triplets = g_try_new (LkTriplet, 2 * batch);
      if (self->distances == NULL || self->triplets == NULL)
        return FALSE;
    }
  if (options->patience > 0)
    self->best = g_try_new0 (float, lk_network_get_size (self->network));
  return options->patience == 0 || self->best != NULL;
}

LkTraining *
lk_training_new (LkModel *model, const LkTrainOptions *options, GError **error)
{
  g_autoptr (LkTraining) self = g_new0 (LkTraining, 1);
  gsize batch = 2 * (gsize) options->batch_pairs, d, size;
  char why[256];

  self->architecture = g_strdup (lk_model_get_architecture (model));
  self->preprocessing = g_strdup (lk_model_get_meta (model, "preprocessing"));
  self->network = lk_network_parse (self->architecture, why, sizeof why);
  g_assert (self->network != NULL); /* the model has parsed the same text */
  self->batch_pairs = options->batch_pairs;
  self->rate = make_rate (options);
  self->loss = options->loss;
  self->margin = options->margin;
  self->mining = options->mining;
  d = (gsize) lk_network_get_embedding_size (self->network);
  size = lk_network_get_size (self->network);

  self->pool = lk_pool_new (options->n_threads, NICE);
  self->pass = lk_pass_new (self->network, (int) batch, self->pool);
  self->optimizer = lk_optimizer_new (self->network,
                                      options->sgd ? LK_OPTIMIZER_SGD : LK_OPTIMIZER_ADAM);
  self->params = g_try_new (float, size);
  self->grads = g_try_new0 (float, size);
  self->d_embeddings = g_try_new (float, batch *d);
  self->scores = g_try_new (float, batch);
  self->pictures = g_try_new (float, batch *picture_size (self));
  if (self->pass == NULL || self->optimizer == NULL || self->params == NULL ||
      self->grads == NULL || self->d_embeddings == NULL || self->scores == NULL ||
      self->pictures == NULL || !make_extras (self, options))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   "There is not enough memory to train %s with batches of %d pairs. Choose fewer "
                   "pairs or a smaller network.",
                   lk_model_get_name (model), options->batch_pairs);
      return NULL;
    }
  lk_optimizer_set_clip_value (self->optimizer, options->clip_value);
  lk_optimizer_set_clip_norm (self->optimizer, options->clip_norm);
  if (options->sgd)
    lk_optimizer_set_momentum (self->optimizer, options->momentum);

  lk_random_seed (&self->random, lk_stream_seed (options->seed, LK_STREAM_PARAMETERS, 0));
  if (lk_model_is_trained (model))
    memcpy (self->params, lk_model_get_params (model), size * sizeof (float));
  else
    lk_network_init (self->network, self->params, &self->random);
  lk_random_seed (&self->random, lk_stream_seed (options->seed, LK_STREAM_DROPOUT, 0));
  return g_steal_pointer (&self);
}

void
lk_training_free (LkTraining *self)
{
  if (self == NULL)
    return;
  lk_optimizer_free (self->optimizer);
  lk_pass_free (self->pass);
  lk_pool_free (self->pool);
  lk_network_free (self->network);
  g_free (self->params);
  g_free (self->grads);
  g_free (self->d_embeddings);
  g_free (self->scores);
  g_free (self->pictures);
  g_free (self->distances);
  g_free (self->triplets);
  g_free (self->best);
  g_free (self->architecture);
  g_free (self->preprocessing);
  g_free (self);
}

static gboolean
fail_diverged (GError **error)
{
  g_set_error_literal (error, LK_ERROR, LK_ERROR_DIVERGED,
                       "Training went astray: its numbers are no longer finite. A smaller learning "
                       "rate, or clipping the gradients, prevents this most of the time. What was "
                       "saved before is kept.");
  return FALSE;
}

/* The loss that is trained by, with its gradients in d_embeddings and grads. */
static double
find_loss (LkTraining *self, const LkBatch *batch, const float *embeddings)
{
  int n = 2 * batch->n_pairs, d = lk_network_get_embedding_size (self->network), n_triplets;
  double entropy = lk_loss_cross_entropy (self->network, self->params, embeddings, n, batch->pairs,
                                          batch->n_pairs, self->d_embeddings, self->grads,
                                          self->scores, self->pool);

  if (self->loss == LK_TRAIN_CROSS_ENTROPY || !isfinite (entropy))
    return entropy;
  /* The head has its gradients; those of the embeddings are written over. */
  if (self->loss == LK_TRAIN_CONTRASTIVE)
    return lk_loss_contrastive (d, self->margin, embeddings, n, batch->pairs, batch->n_pairs,
                                self->d_embeddings, self->distances, self->pool);
  n_triplets = lk_mine_triplets (self->mining, embeddings, n, d, batch->relations, batch->pairs,
                                 batch->n_pairs, &self->random, self->triplets);
  if (n_triplets > 0)
    return lk_loss_triplet (d, self->margin, embeddings, n, self->triplets, n_triplets,
                            self->d_embeddings, self->distances, self->pool);
  memset (self->d_embeddings, 0, (gsize) n * (gsize) d * sizeof (float));
  return 0;
}

gboolean
lk_training_step (LkTraining *self, const LkBatch *batch, double *loss, GError **error)
{
  /* Triplets go across the two sides of the pairs, so that those are one batch there. */
  int n = 2 * batch->n_pairs, n_towers = self->loss == LK_TRAIN_TRIPLET ? 1 : 2;
  const float *embeddings = lk_pass_forward (self->pass, self->params, batch->images, n, n_towers,
                                             1, &self->random);
  double value = find_loss (self, batch, embeddings);

  if (!isfinite (value))
    return fail_diverged (error);
  lk_pass_backward (self->pass, self->params, self->d_embeddings, self->grads);
  value += lk_optimizer_step (self->optimizer, self->params, self->grads,
                              lk_rate_get (&self->rate, self->step), self->pool);
  if (!isfinite (value))
    return fail_diverged (error);
  self->step++;
  self->epoch_loss += value;
  *loss = value;
  return TRUE;
}

void
lk_training_note (LkTraining *self, int epoch, double eer, double loss)
{
  self->n_validated = epoch;
  if (isnan (eer) ||
      (self->best_epoch > 0 &&
       (eer > self->best_eer || (eer >= self->best_eer && !(loss < self->best_loss)))))
    return;
  self->best_epoch = epoch;
  self->best_eer = eer;
  self->best_loss = loss;
  if (self->best != NULL)
    memcpy (self->best, self->params, lk_network_get_size (self->network) * sizeof (float));
}

void
lk_training_use_best (LkTraining *self)
{
  if (self->best != NULL && self->best_epoch > 0)
    memcpy (self->params, self->best, lk_network_get_size (self->network) * sizeof (float));
}

gboolean
lk_training_check (const LkTraining *self, GError **error)
{
  for (gsize i = 0; i < lk_network_get_size (self->network); i++)
    if (!isfinite (self->params[i]))
      return fail_diverged (error);
  return TRUE;
}

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

static gboolean
embed_all (LkTraining *self, LkPictures *pictures, const GArray *order,
           gboolean (*cancelled) (gpointer data), gpointer data, float *embeddings)
{
  int height, width, channels, batch = 2 * self->batch_pairs;
  gsize d = (gsize) lk_network_get_embedding_size (self->network), size = picture_size (self);

  lk_network_get_input (self->network, &height, &width, &channels);
  for (int at = 0; at < (int) order->len; at += batch)
    {
      int n = MIN (batch, (int) order->len - at);
      const float *out;

      if (cancelled (data))
        return FALSE;
      for (int i = 0; i < n; i++)
        {
          g_autoptr (LkImage)
              crop = lk_pictures_get (pictures, g_array_index (order, int, at + i), NULL);

          if (crop == NULL) /* it could be read a moment ago, but was too many to keep */
            return FALSE;
          lk_face_to_input (crop, height, width, channels, self->pictures + (gsize) i * size);
        }
      out = lk_pass_forward (self->pass, self->params, self->pictures, n, 1, 0, NULL);
      memcpy (embeddings + (gsize) at * d, out, (gsize) n * d * sizeof (float));
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

gboolean
lk_training_score (LkTraining *self, const LkDataset *set, LkPictures *pictures, LkPart part,
                   int n_pairs, guint64 seed, gboolean (*cancelled) (gpointer data), gpointer data,
                   LkScores *scores)
{
  g_autoptr (GArray) drawn = lk_dataset_pairs (set, part, n_pairs, seed);
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (LkPair));
  g_autoptr (GHashTable) rows = NULL;
  g_autofree float *embeddings = NULL;

  if (part == LK_PART_TEST) /* what is reported; what is chosen wants as many of both kinds */
    drop_repeated (drawn);
  rows = number_pictures (drawn, pictures, order);
  *scores = (LkScores){ g_array_new (FALSE, FALSE, sizeof (float)),
                        g_array_new (FALSE, FALSE, sizeof (gboolean)), (double) NAN };
  for (guint i = 0; i < drawn->len; i++)
    {
      LkSamplePair pair = g_array_index (drawn, LkSamplePair, i);
      LkPair row = { GPOINTER_TO_INT (g_hash_table_lookup (rows, GINT_TO_POINTER (pair.a))),
                     GPOINTER_TO_INT (g_hash_table_lookup (rows, GINT_TO_POINTER (pair.b))),
                     pair.same };

      if (row.a >= 0 && row.b >= 0)
        {
          g_array_append_val (pairs, row);
          g_array_append_val (scores->same, pair.same);
        }
    }
  if (pairs->len == 0)
    return TRUE;
  embeddings = g_new (float, order->len *(gsize) lk_network_get_embedding_size (self->network));
  if (!embed_all (self, pictures, order, cancelled, data, embeddings))
    {
      g_array_set_size (scores->same, 0);
      return FALSE;
    }
  g_array_set_size (scores->scores, pairs->len);
  scores->loss = lk_loss_cross_entropy (self->network, self->params, embeddings, (int) order->len,
                                        (const LkPair *) (gpointer) pairs->data, (int) pairs->len,
                                        NULL, NULL, (float *) (gpointer) scores->scores->data,
                                        self->pool);
  return TRUE;
}
