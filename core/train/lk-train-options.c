/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-train-options.h"

#include "base/lk-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Of an epoch: what is drawn ahead of it takes 12 bytes a pair. */
#define MAX_EPOCH_PAIRS 10000000

#define MAX_BATCH 4096 /* pictures */

void
lk_train_options_init (LkTrainOptions *self, const char *network)
{
  g_autofree char *name = g_path_get_basename (network);

  *self = (LkTrainOptions){
    .network = g_strdup (network),
    .epochs = 50,
    .batch_pairs = 16,
    .rate = 1e-4,
    .schedule = LK_SCHEDULE_CONSTANT,
    .checkpoint_epochs = 10,
    .batch_pictures = 64,
    .batch_people = 16,
    .per_person = 4,
    .margin = 1,
    .scale = 64,
    .momentum = 0.5,
    .blend = 1,
    .evaluation_pairs = LK_TRAIN_EVALUATION_PAIRS,
  };
  if (strcmp (name, "siamese-bn") == 0 || g_str_has_prefix (name, "siamese-bn."))
    {
      self->batch_pairs = 32;
      self->rate = 5e-5;
      self->schedule = LK_SCHEDULE_EXPONENTIAL;
      self->clip_value = 1;
    }
  else if (strcmp (name, "koch") == 0 || g_str_has_prefix (name, "koch."))
    self->augment = lk_augment_paper;
}

void
lk_train_options_clear (LkTrainOptions *self)
{
  g_clear_pointer (&self->network, g_free);
  g_clear_pointer (&self->data, g_free);
  g_clear_pointer (&self->output, g_free);
  g_clear_pointer (&self->teacher, g_free);
}

void
lk_train_options_copy (const LkTrainOptions *self, LkTrainOptions *copy)
{
  *copy = *self;
  copy->network = g_strdup (self->network);
  copy->data = g_strdup (self->data);
  copy->output = g_strdup (self->output);
  copy->teacher = g_strdup (self->teacher);
}

void
lk_train_options_set_loss (LkTrainOptions *self, LkTrainLoss loss)
{
  static const struct
  {
    double margin, scale;
    LkSampling sampling;
    LkScoring scoring;
  } defaults[LK_N_TRAIN_LOSSES] = {
    [LK_TRAIN_CROSS_ENTROPY] = { 1, 64, LK_SAMPLING_PAIRS, LK_SCORING_HEAD },
    [LK_TRAIN_CONTRASTIVE] = { 1, 64, LK_SAMPLING_PAIRS, LK_SCORING_HEAD },
    [LK_TRAIN_TRIPLET] = { 1, 64, LK_SAMPLING_PAIRS, LK_SCORING_HEAD },
    [LK_TRAIN_CIRCLE] = { 0.25, 256, LK_SAMPLING_PEOPLE, LK_SCORING_COSINE },
    [LK_TRAIN_ARCFACE] = { 0.5, 64, LK_SAMPLING_PICTURES, LK_SCORING_COSINE },
    [LK_TRAIN_DISTILLATION] = { 0.5, 64, LK_SAMPLING_PICTURES, LK_SCORING_COSINE },
  };

  self->loss = loss;
  self->margin = defaults[loss].margin;
  self->scale = defaults[loss].scale;
  self->sampling = defaults[loss].sampling;
  self->scoring = defaults[loss].scoring;
}

LkSampler
lk_train_options_get_sampler (const LkTrainOptions *self)
{
  LkSampler sampler = { .sampling = self->sampling, .per_person = self->per_person };

  sampler.batch = self->sampling == LK_SAMPLING_PAIRS      ? 2 * self->batch_pairs
                  : self->sampling == LK_SAMPLING_PICTURES ? self->batch_pictures
                                                           : self->batch_people * self->per_person;
  return sampler;
}

int
lk_train_options_get_pairs (const LkTrainOptions *self)
{
  int people = CLAMP (self->batch_people, 0, MAX_BATCH);
  int each = CLAMP (self->per_person, 0, MAX_BATCH), n = people * each;

  if (self->loss > LK_TRAIN_CONTRASTIVE)
    return 0;
  if (self->sampling == LK_SAMPLING_PAIRS)
    return self->batch_pairs;
  if (n > MAX_BATCH) /* which is refused */
    return 0;
  return self->pairs == LK_BATCH_PAIRS_ALL ? n * (n - 1) / 2 : people * each * (each - 1);
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE, _ (sentence));
  return FALSE;
}

static gboolean
check_batch (const LkTrainOptions *self, GError **error)
{
  gboolean pairs = self->loss <= LK_TRAIN_TRIPLET;

  if (self->sampling == LK_SAMPLING_PICTURES &&
      (self->batch_pictures < 2 || self->batch_pictures > MAX_BATCH))
    return refuse (error, "The number of pictures in a batch must be between 2 and 4096.");
  if (self->sampling == LK_SAMPLING_PEOPLE &&
      (self->batch_people < 2 || self->batch_people > MAX_BATCH || self->per_person < 2 ||
       self->per_person > MAX_BATCH || self->batch_people * self->per_person > MAX_BATCH))
    return refuse (error, "A batch needs two people or more and two pictures or more of each, and "
                          "can have at most 4096 pictures.");
  if ((pairs || self->loss == LK_TRAIN_CIRCLE) && self->sampling == LK_SAMPLING_PICTURES)
    return refuse (error, "This loss compares pictures of one person, so batches must be made of "
                          "pairs or of people.");
  if (self->freeze && self->loss != LK_TRAIN_CROSS_ENTROPY)
    return refuse (error, "The head can be trained alone by its own loss only, cross-entropy.");
  return TRUE;
}

static gboolean
check_loss (const LkTrainOptions *self, GError **error)
{
  if (self->loss != LK_TRAIN_CROSS_ENTROPY && (!(self->margin > 0) || !isfinite (self->margin)))
    return refuse (error, "The margin must be above 0.");
  if (self->loss >= LK_TRAIN_ARCFACE && self->margin > 1.5)
    return refuse (error, "ArcFace's margin is an angle and must be below 1.5.");
  if (self->loss >= LK_TRAIN_CIRCLE && !(self->scale > 0 && self->scale <= 10000))
    return refuse (error, "The scale of circle and ArcFace loss must be above 0, up to 10,000.");
  if (!(self->identity_weight >= 0) || !isfinite (self->identity_weight))
    return refuse (error, "The weight of the identity beside distillation cannot be below 0.");
  if (!(self->blend > 0 && self->blend <= 1))
    return refuse (error, "How much of what was learnt is taken must be above 0, up to 1.");
  if (!(self->whiten >= 0 && self->whiten <= 0.99))
    return refuse (error, "How much the scatter within people counts must be between 0 and 0.99.");
  return TRUE;
}

gboolean
lk_train_options_check (const LkTrainOptions *self, GError **error)
{
  g_autofree char *folder = NULL;

  g_return_val_if_fail (self->network != NULL && self->data != NULL && self->output != NULL, FALSE);

  if (self->epochs < 1 || self->epochs > 1000000)
    return refuse (error, "The number of epochs must be between 1 and 1,000,000.");
  if (self->batch_pairs < 1 || self->batch_pairs > 2048)
    return refuse (error, "The number of pairs in a batch must be between 1 and 2048.");
  if (!check_batch (self, error))
    return FALSE;
  if (self->steps_per_epoch < 0 ||
      self->steps_per_epoch > 2 * MAX_EPOCH_PAIRS / lk_train_options_get_sampler (self).batch)
    return refuse (error, "An epoch can have at most 10,000,000 pairs. Choose fewer steps.");
  if (!(self->rate > 0) || !isfinite (self->rate))
    return refuse (error, "The learning rate must be above 0.");
  if (!(self->clip_value >= 0))
    return refuse (error, "The limit for gradients must be above 0, or 0 for none.");
  if (!(self->clip_norm >= 0))
    return refuse (error, "The limit for the gradients' norm must be above 0, or 0 for none.");
  if (!check_loss (self, error))
    return FALSE;
  if (self->optimizer == LK_OPTIMIZER_SGD && !(self->momentum >= 0 && self->momentum < 1))
    return refuse (error, "The momentum must be 0 or more, and below 1.");
  if (!(self->decay >= 0) || !(self->decay * self->rate < 1))
    return refuse (error, "The decay must be 0 or more, and less than 1 divided by the rate.");
  if (!(self->average >= 0 && self->average < 1))
    return refuse (error, "The averaging of parameters must be 0 for none, or more and below 1.");
  if (self->warmup_steps < 0 || self->patience < 0 || self->fall_epochs < 0)
    return refuse (error, "Steps of warm-up and epochs of patience cannot be below 0.");
  if (self->evaluation_pairs < 0 || self->evaluation_pairs == 1 || self->evaluation_pairs > 1000000)
    return refuse (error, "Between 2 and 1,000,000 pairs can be drawn for validation.");
  if (self->one_shot_ways < 0 || self->one_shot_ways == 1 || self->one_shot_ways > 1000 ||
      self->one_shot_trials < 0 || self->one_shot_trials > 100000)
    return refuse (error, "A one-shot trial has between 2 and 1000 candidates, and there can be up "
                          "to 100,000 trials.");
  if (self->judge == LK_JUDGE_ONE_SHOT && self->one_shot_ways == 0)
    return refuse (error, "Judging epochs by one-shot trials needs a number of candidates.");
  if (!lk_augment_is_valid (&self->augment))
    return refuse (error, "A number of the augmentation is out of its range.");
  if (self->checkpoint_epochs < 1)
    return refuse (error, "The number of epochs between checkpoints must be at least 1.");
  if (self->n_threads < 0)
    return refuse (error, "The number of threads cannot be below 0.");

  folder = g_path_get_dirname (self->output);
  if (!g_file_test (folder, G_FILE_TEST_IS_DIR) || access (folder, W_OK | X_OK) != 0)
    {
      int code = g_file_test (folder, G_FILE_TEST_IS_DIR) ? errno : ENOENT;

      g_set_error (
          error, G_FILE_ERROR, (int) g_file_error_from_errno (code),
          _ ("The trained model cannot be written to the folder %s: %s. Choose another place."),
             folder, g_strerror (code));
      return FALSE;
    }
  return TRUE;
}
