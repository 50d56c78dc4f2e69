/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-train-meta.h"

#include "eval/lk-metrics.h"

#include <math.h>

static void
set_number (GHashTable *meta, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (isfinite (value))
    g_hash_table_insert (meta, (gpointer) key,
                         g_strdup (g_ascii_formatd (text, sizeof text, "%.9g", value)));
}

/* Of the parameters that were written: the best epoch's, of which only the judged number was kept,
 * or the last one's. */
static void
set_validation (GHashTable *meta, const LkTrainOptions *options, const LkTraining *training,
                const LkTrainProgress *progress)
{
  if (options->patience == 0 || training->best_epoch == 0)
    {
      set_number (meta, "validation_eer", progress->eer);
      set_number (meta, "validation_one_shot", progress->one_shot);
      return;
    }
  set_number (meta, "best_epoch", training->best_epoch);
  if (options->judge == LK_JUDGE_ONE_SHOT)
    set_number (meta, "validation_one_shot", 1 - training->best_eer);
  else
    set_number (meta, "validation_eer", training->best_eer);
}

GHashTable *
lk_train_describe (const LkTrainOptions *options, const LkDataset *set, const LkTraining *training,
                   const LkTrainProgress *progress, double threshold)
{
  GHashTable *meta = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  LkConfusion test = { progress->test.true_positives, progress->test.false_positives,
                       progress->test.true_negatives, progress->test.false_negatives };
  g_autofree char *folder = g_filename_display_basename (options->data);
  g_autofree char *start = g_filename_display_basename (options->network);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d");
  LkDatasetSummary s;

  lk_dataset_get_summary (set, &s);
  g_hash_table_insert (meta, (gpointer) "trained",
                       g_strdup_printf ("Trained from %s on %d pictures of %d people in %s, %.4g "
                                        "epochs of %d steps with %d pictures each, until %s.",
                                        start, s.n_pictures[LK_PART_TRAIN],
                                        s.n_people_in[LK_PART_TRAIN], folder,
                                        (double) training->step / options->steps_per_epoch,
                                        options->steps_per_epoch, training->batch, date));
  set_number (meta, "threshold", threshold);
  set_validation (meta, options, training, progress);
  set_number (meta, "epochs", (double) training->step / options->steps_per_epoch);
  set_number (meta, "steps", training->step);
  set_number (meta, "batch_pictures", training->batch);
  set_number (meta, "rate", options->rate);
  g_hash_table_insert (meta, (gpointer) "seed",
                       g_strdup_printf ("%" G_GUINT64_FORMAT, options->seed));
  set_number (meta, "loss", progress->mean_loss);
  if (progress->test.n_pairs > 0)
    {
      set_number (meta, "test_pairs", progress->test.n_pairs);
      set_number (meta, "test_accuracy", lk_confusion_accuracy (&test));
      set_number (meta, "test_precision", lk_confusion_precision (&test));
      set_number (meta, "test_recall", lk_confusion_recall (&test));
    }
  return meta;
}
