/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-training.h"

#include "base/lk-error.h"
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define NICE 10

/* A loss that cannot come from anything that still learns. */
#define RUNAWAY 1e6

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
    case LK_SCHEDULE_LEVEL:
      rate.kind = LK_RATE_LEVEL;
      rate.total = MAX (1, (gint64) options->epochs * options->steps_per_epoch -
                               options->warmup_steps);
      rate.fall = MIN (rate.total, (gint64) options->fall_epochs * options->steps_per_epoch);
      break;
    case LK_SCHEDULE_CONSTANT:
    default:
      rate.kind = LK_RATE_CONSTANT;
    }
  return rate;
}

/* What only some losses need, and patience.  FALSE when memory is short. */
static gboolean
make_extras (LkTraining *self, const LkTrainOptions *options)
{
  gsize batch = (gsize) self->batch, d = (gsize) lk_network_get_embedding_size (self->network);
  gsize scratch = 0, n_pairs = batch / 2;

  if (options->sampling == LK_SAMPLING_PEOPLE && lk_training_trains_head (self))
    n_pairs = batch * (batch - 1) / 2;
  self->scores = g_try_new (float, MAX (batch, n_pairs));
  self->pairs = g_try_new (LkPair, MAX (1, n_pairs));
  if (self->scores == NULL || self->pairs == NULL)
    return FALSE;
  if (self->loss == LK_TRAIN_CONTRASTIVE || self->loss == LK_TRAIN_TRIPLET)
    {
      self->distances = g_try_new (float, 2 * (2 * n_pairs + batch));
      self->triplets = g_try_new (LkTriplet, 2 * n_pairs + batch);
      if (self->distances == NULL || self->triplets == NULL)
        return FALSE;
    }
  if (self->teacher != NULL)
    {
      self->targets = g_try_new (float, batch *d);
      self->identity = g_try_new (float, batch *d);
      if (self->targets == NULL || self->identity == NULL)
        return FALSE;
    }
  if (self->centres != NULL)
    scratch = lk_loss_arcface_scratch ((int) d, self->batch, self->centres->n);
  else if (self->loss == LK_TRAIN_CIRCLE)
    scratch = lk_loss_circle_scratch (self->batch, (int) d);
  if (scratch > 0)
    {
      self->scratch = g_try_new (float, scratch);
      if (self->scratch == NULL)
        return FALSE;
    }
  if (options->average > 0)
    {
      self->average = g_try_new (float, lk_network_get_size (self->network));
      if (self->average == NULL)
        return FALSE;
    }
  if (options->blend < 1)
    {
      self->start = g_try_new (float, lk_network_get_size (self->network));
      if (self->start == NULL)
        return FALSE;
    }
  if (options->patience > 0)
    self->best = g_try_new0 (float, lk_network_get_size (self->network));
  return options->patience == 0 || self->best != NULL;
}

/* The head's first array: all before it are the embedding's. */
static const LkParam *
get_head (const LkNetwork *network)
{
  return lk_network_get_param (network, lk_network_get_n_params (network) - 2);
}

/* The teacher's matrix, with a row as wide as the embedding for each picture. */
static gboolean
load_teacher (LkTraining *self, const LkTrainOptions *options, GError **error)
{
  g_autofree char *path = options->teacher != NULL
                              ? g_strdup (options->teacher)
                              : g_build_filename (options->data, "teacher.npy", NULL);
  int d = lk_network_get_embedding_size (self->network);

  if (!lk_dataset_is_indexed (self->set))
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("There is no index.csv in %s, which says which picture a row of the teacher's "
             "embeddings belongs to. Choose such a folder, or another loss."),
             options->data);
      return FALSE;
    }
  self->teacher = lk_npy_load (path, error);
  if (self->teacher == NULL)
    return FALSE;
  if (self->teacher->columns != d)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_SHAPE,
          _ ("The teacher's embeddings have %d numbers, those of this network %d. Choose a "
             "network that ends in %d."),
             self->teacher->columns, d, self->teacher->columns);
      return FALSE;
    }
  for (int i = 0; i < lk_dataset_get_n_samples (self->set); i++)
    if ((gsize) lk_dataset_get_sample (self->set, i)->row >= self->teacher->rows)
      {
        g_set_error (
            error, LK_ERROR, LK_ERROR_SHAPE,
            _ ("The index names row %d of the teacher's embeddings, which have %d rows. They "
               "are not of these pictures."),
               lk_dataset_get_sample (self->set, i)->row, (int) self->teacher->rows);
        return FALSE;
      }
  return lk_npy_turn (self->teacher, error);
}

static gboolean
make_loss (LkTraining *self, const LkTrainOptions *options, GError **error)
{
  self->loss = options->loss;
  self->distillation = options->distillation;
  self->margin = options->margin;
  self->scale = options->scale;
  self->identity_weight = options->identity_weight;
  self->whiten = options->whiten;
  self->mining = options->mining;
  self->pair_kind = options->pairs;
  self->scoring = options->scoring;
  self->freeze = options->freeze;
  /* Triplets go across the two sides of the pairs, so that those are one batch there. */
  self->n_towers = options->sampling == LK_SAMPLING_PAIRS && self->loss <= LK_TRAIN_CONTRASTIVE ? 2
                                                                                                : 1;
  if (self->loss == LK_TRAIN_DISTILLATION && !load_teacher (self, options, error))
    return FALSE;
  if (self->loss == LK_TRAIN_ARCFACE ||
      (self->loss == LK_TRAIN_DISTILLATION && self->identity_weight > 0))
    self->centres = lk_centres_new (self->set, lk_network_get_embedding_size (self->network),
                                    self->teacher, self->kind,
                                    lk_stream_seed (self->seed, LK_STREAM_CENTRES, 0), error);
  return self->centres != NULL || self->loss < LK_TRAIN_ARCFACE ||
         (self->loss == LK_TRAIN_DISTILLATION && !(self->identity_weight > 0));
}

static void
set_optimizer (LkOptimizer *optimizer, const LkTrainOptions *options)
{
  lk_optimizer_set_clip_value (optimizer, options->clip_value);
  lk_optimizer_set_clip_norm (optimizer, options->clip_norm);
  lk_optimizer_set_decay (optimizer, options->decay);
  if (options->optimizer == LK_OPTIMIZER_SGD)
    lk_optimizer_set_momentum (optimizer, options->momentum);
}

LkTraining *
lk_training_new (LkModel *model, const LkTrainOptions *options, const LkDataset *set,
                 GError **error)
{
  g_autoptr (LkTraining) self = g_new0 (LkTraining, 1);
  gsize batch, d, size;
  char why[256];

  self->architecture = g_strdup (lk_model_get_architecture (model));
  self->preprocessing = g_strdup (lk_model_get_meta (model, "preprocessing"));
  self->network = lk_network_parse (self->architecture, why, sizeof why);
  g_assert (self->network != NULL); /* the model has parsed the same text */
  self->set = set;
  self->seed = options->seed;
  self->kind = options->optimizer;
  self->batch = lk_train_options_get_sampler (options).batch;
  self->rate = make_rate (options);
  if (options->blend < 1 && !lk_model_is_trained (model))
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("The network “%s” was never trained: there is nothing to blend what it learns "
                      "with. Choose a trained model, or a blend of 1."),
             lk_model_get_name (model));
      return NULL;
    }
  if (!make_loss (self, options, error))
    return NULL;
  batch = (gsize) self->batch;
  d = (gsize) lk_network_get_embedding_size (self->network);
  size = lk_network_get_size (self->network);

  self->pool = lk_pool_new (options->n_threads, options->alone ? 0 : NICE);
  self->pass = lk_pass_new (self->network, self->batch, self->pool);
  self->optimizer = lk_optimizer_new (self->network, self->kind);
  self->params = g_try_new (float, size);
  self->grads = g_try_new0 (float, size);
  self->good = g_try_new (float, size);
  self->d_embeddings = g_try_new (float, batch *d);
  self->people = g_try_new (int, batch);
  self->pictures = g_try_new (float, batch *picture_size (self));
  if (self->pass == NULL || self->optimizer == NULL || self->params == NULL ||
      self->grads == NULL || self->good == NULL || self->d_embeddings == NULL ||
      self->people == NULL || self->pictures == NULL || !make_extras (self, options))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("There is not enough memory to train %s with batches of %d pictures. Choose "
                      "fewer or a smaller network."),
                      lk_model_get_name (model), self->batch);
      return NULL;
    }
  set_optimizer (self->optimizer, options);
  if (self->centres != NULL)
    set_optimizer (self->centres->optimizer, options);
  if (self->freeze)
    lk_optimizer_freeze (self->optimizer, 0, get_head (self->network)->offset);

  lk_random_seed (&self->random, lk_stream_seed (options->seed, LK_STREAM_PARAMETERS, 0));
  if (lk_model_is_trained (model))
    memcpy (self->params, lk_model_get_params (model), size * sizeof (float));
  else
    lk_network_init (self->network, self->params, &self->random);
  self->decay = options->average;
  self->blend = options->blend;
  if (self->start != NULL)
    memcpy (self->start, self->params, size * sizeof (float));
  if (self->average != NULL)
    memcpy (self->average, self->params, size * sizeof (float));
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
  g_free (self->good);
  g_free (self->best);
  g_free (self->average);
  g_free (self->start);
  g_free (self->pairs);
  g_free (self->targets);
  g_free (self->identity);
  g_free (self->scratch);
  g_free (self->people);
  lk_npy_free (self->teacher);
  lk_centres_free (self->centres);
  g_free (self->architecture);
  g_free (self->preprocessing);
  g_free (self);
}

static gboolean
fail_diverged (GError **error)
{
  g_set_error_literal (
      error, LK_ERROR, LK_ERROR_DIVERGED,
      _ ("Training went astray: its numbers are no longer finite. A smaller learning "
         "rate, or clipping the gradients, prevents this most of the time. What was "
         "saved before is kept."));
  return FALSE;
}

/* The first steps count less than the decay says, so that where the run began is soon
 * forgotten. */
static void
add_to_average (LkTraining *self)
{
  double decay = MIN (self->decay, (1.0 + self->step) / (10.0 + self->step));
  float share = (float) (1 - decay);

  for (gsize i = 0; self->average != NULL && i < lk_network_get_size (self->network); i++)
    self->average[i] += share * (self->params[i] - self->average[i]);
}

void
lk_training_swap_average (LkTraining *self)
{
  float *params = self->params;

  if (self->average == NULL)
    return;
  self->params = self->average;
  self->average = params;
}

gboolean
lk_training_step (LkTraining *self, const LkBatch *batch, double *loss, GError **error)
{
  double rate = lk_rate_get (&self->rate, self->step), value;
  const float *embeddings = lk_pass_forward (self->pass, self->params, batch->images, batch->n,
                                             self->n_towers, !self->freeze, &self->random);

  value = lk_training_loss (self, batch, embeddings);
  if (!(fabs (value) < RUNAWAY)) /* NaN as well */
    return fail_diverged (error);
  if (!self->freeze)
    lk_pass_backward (self->pass, self->params, self->d_embeddings, self->grads);
  value += lk_optimizer_step (self->optimizer, self->params, self->grads, rate, self->pool);
  if (self->centres != NULL)
    lk_optimizer_step (self->centres->optimizer, self->centres->values, self->centres->grads, rate,
                       self->pool);
  if (!isfinite (value))
    return fail_diverged (error);
  self->step++;
  add_to_average (self);
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
  self->best_loss = isnan (loss) ? 0 : loss;
  if (self->best != NULL)
    memcpy (self->best, self->params, lk_network_get_size (self->network) * sizeof (float));
}

void
lk_training_use_best (LkTraining *self)
{
  const float *from = self->best != NULL && self->best_epoch > 0 ? self->best : self->average;

  gsize size = lk_network_get_size (self->network);

  if (from != NULL)
    memcpy (self->params, from, size * sizeof (float));
  for (gsize i = 0; self->start != NULL && i < size; i++)
    self->params[i] = (float) ((1 - self->blend) * (double) self->start[i] +
                               self->blend * (double) self->params[i]);
}

void
lk_training_keep (LkTraining *self)
{
  if (!lk_training_check (self, NULL))
    return;
  memcpy (self->good, self->params, lk_network_get_size (self->network) * sizeof (float));
  self->good_step = self->step;
}

gboolean
lk_training_go_back (LkTraining *self)
{
  if (self->good_step == 0)
    return FALSE;
  memcpy (self->params, self->good, lk_network_get_size (self->network) * sizeof (float));
  if (self->average != NULL)
    memcpy (self->average, self->good, lk_network_get_size (self->network) * sizeof (float));
  self->step = self->good_step;
  return TRUE;
}

gboolean
lk_training_check (const LkTraining *self, GError **error)
{
  for (gsize i = 0; i < lk_network_get_size (self->network); i++)
    if (!isfinite (self->params[i]))
      return fail_diverged (error);
  return TRUE;
}
