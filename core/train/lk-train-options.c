/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-train-options.h"

#include "base/lk-error.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Of an epoch: what is drawn ahead of it takes 12 bytes a pair. */
#define MAX_EPOCH_PAIRS 10000000

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
    .margin = 1,
    .momentum = 0.5,
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
}

void
lk_train_options_copy (const LkTrainOptions *self, LkTrainOptions *copy)
{
  *copy = *self;
  copy->network = g_strdup (self->network);
  copy->data = g_strdup (self->data);
  copy->output = g_strdup (self->output);
}

static gboolean
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE, sentence);
  return FALSE;
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
  if (self->steps_per_epoch < 0 || self->steps_per_epoch > MAX_EPOCH_PAIRS / self->batch_pairs)
    return refuse (error, "An epoch can have at most 10,000,000 pairs. Choose fewer steps.");
  if (!(self->rate > 0) || !isfinite (self->rate))
    return refuse (error, "The learning rate must be above 0.");
  if (!(self->clip_value >= 0))
    return refuse (error, "The limit for gradients must be above 0, or 0 for none.");
  if (!(self->clip_norm >= 0))
    return refuse (error, "The limit for the gradients' norm must be above 0, or 0 for none.");
  if (self->loss != LK_TRAIN_CROSS_ENTROPY && (!(self->margin > 0) || !isfinite (self->margin)))
    return refuse (error, "The margin must be above 0.");
  if (self->sgd && !(self->momentum >= 0 && self->momentum < 1))
    return refuse (error, "The momentum must be 0 or more, and below 1.");
  if (self->warmup_steps < 0 || self->patience < 0)
    return refuse (error, "Steps of warm-up and epochs of patience cannot be below 0.");
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
          "The trained model cannot be written to the folder %s: %s. Choose another place.", folder,
          g_strerror (code));
      return FALSE;
    }
  return TRUE;
}
