/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-report.h"

#include "base/lk-new-file.h"

#include <math.h>
#include <string.h>

#define LOOSEST_FMR 1e-2 /* of the presets that the program offers */

static void
model_free (LkReportModel *self)
{
  lk_measures_free (self->measures);
  lk_measures_free (self->cosine);
  g_free (self->threshold.from);
  g_free (self);
}

void
lk_report_free (LkReport *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->models);
  g_free (self->pictures);
  g_free (self->date);
  g_free (self);
}

static LkThreshold
choose_threshold (const LkModelRun *run, const LkThreshold *given)
{
  g_autoptr (LkCalibration) calibration = NULL;

  if (given != NULL && given->from != NULL)
    return (LkThreshold){ given->value, g_strdup (given->from) };
  calibration = run->model != NULL ? lk_calibration_of_model (run->model) : NULL;
  if (calibration != NULL)
    {
      /* One that the program offers: nobody verifies by the one that is right most often, which
       * hangs on how hard the calibration's pairs are. */
      gboolean supported;
      double loosest = lk_calibration_threshold (calibration, LOOSEST_FMR, &supported);

      if (supported)
        return (LkThreshold){ loosest,
                              g_strdup ("an FMR of 1e-2 on the pairs of its calibration") };
      return (LkThreshold){ lk_calibration_get_balanced (calibration),
                            g_strdup ("right most often on the pairs of its calibration") };
    }
  if (run->model != NULL && lk_model_get_meta (run->model, "threshold") != NULL)
    return (LkThreshold){ lk_model_get_threshold (run->model), g_strdup ("the model's own") };
  return (LkThreshold){ 0.5, g_strdup ("for want of a chosen one") };
}

static void
measure_accuracy (const LkEvaluation *evaluation, LkReportModel *model)
{
  const LkProtocol *protocol = evaluation->protocol;
  int n = (int) protocol->pairs->len;
  g_autofree gboolean *same = g_new (gboolean, MAX (1, n));
  g_autofree int *folds = g_new (int, MAX (1, n));
  LkMeasures *measures = model->measures;

  for (int i = 0; i < n; i++)
    {
      const LkProtocolPair *pair = &g_array_index (protocol->pairs, LkProtocolPair, i);

      same[i] = pair->same;
      folds[i] = pair->fold;
    }
  lk_lfw_evaluate (model->run->scores, same, folds, n, protocol->n_folds, model->threshold.value,
                   &model->accuracy);
  if (protocol->n_folds > 1)
    {
      model->threshold.value = model->accuracy.threshold;
      g_free (model->threshold.from);
      model->threshold.from = g_strdup_printf ("the mean of %d folds, each chosen on the others",
                                               protocol->n_folds);
    }
  lk_confusion_count (model->run->scores, same, n, model->threshold.value, &model->counts);
  model->counts.false_negatives -= measures->n_genuine_failed;
  model->counts.true_negatives -= measures->n_impostor_failed;
}

static void
measure_reliability (const LkEvaluation *evaluation, LkReportModel *model)
{
  const LkProtocol *protocol = evaluation->protocol;
  int n = (int) protocol->pairs->len;
  g_autofree gboolean *same = g_new (gboolean, MAX (1, n));
  g_autofree double *p = g_new (double, MAX (1, n));
  g_autoptr (LkCalibration) calibration = NULL;

  for (int i = 0; i < n; i++)
    {
      same[i] = g_array_index (protocol->pairs, LkProtocolPair, i).same;
      p[i] = (double) model->run->scores[i];
    }
  if (model->run->model != NULL)
    {
      model->head.error = lk_reliability (p, same, n, TRUE, LK_REPORT_BINS, model->head.bins);
      calibration = lk_calibration_of_model (model->run->model);
    }
  if (calibration == NULL)
    return;
  for (int i = 0; i < n; i++)
    p[i] = lk_calibration_platt (calibration, p[i]);
  model->calibrated.error = lk_reliability (p, same, n, TRUE, LK_REPORT_BINS,
                                            model->calibrated.bins);
}

LkReport *
lk_report_new (const LkEvaluation *evaluation, const LkThreshold *thresholds, const char *pictures)
{
  LkReport *self = g_new0 (LkReport, 1);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  LkPool *pool = lk_pool_new (0, 0);

  self->evaluation = evaluation;
  self->pictures = g_strdup (pictures);
  self->date = g_date_time_format (now, "%Y-%m-%d %H:%M");
  self->models = g_ptr_array_new_with_free_func ((GDestroyNotify) model_free);
  for (guint i = 0; i < evaluation->runs->len; i++)
    {
      LkReportModel *model = g_new0 (LkReportModel, 1);

      model->run = evaluation->runs->pdata[i];
      model->measures = lk_evaluation_measure (evaluation, model->run, FALSE, pool);
      model->cosine = lk_evaluation_measure (evaluation, model->run, TRUE, pool);
      model->threshold = choose_threshold (model->run, thresholds != NULL ? &thresholds[i] : NULL);
      model->head.error = model->calibrated.error = (double) NAN;
      if (evaluation->protocol->pairs->len > 0)
        {
          measure_accuracy (evaluation, model);
          measure_reliability (evaluation, model);
        }
      g_ptr_array_add (self->models, model);
    }
  lk_pool_free (pool);
  return self;
}

int
lk_report_get_n_failed_pairs (const LkReport *self)
{
  const LkReportModel *model = self->models->len > 0 ? self->models->pdata[0] : NULL;

  return model != NULL ? model->measures->n_genuine_failed + model->measures->n_impostor_failed : 0;
}

char *
lk_report_describe_failures (const LkReport *self)
{
  int n = (int) self->evaluation->failures->len, n_pictures = self->evaluation->n_pictures;
  LkInterval share = lk_interval_of_share (n, n_pictures);

  return g_strdup_printf ("%d of %d pictures (%.2f %%; %.2f to %.2f %%), in %d pairs", n,
                          n_pictures, 100 * share.value, 100 * share.low, 100 * share.high,
                          lk_report_get_n_failed_pairs (self));
}

gboolean
lk_report_save (const char *text, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (LkNewFile) file = lk_new_file_open (folder, error);

  return file != NULL && lk_new_file_write (file, text, strlen (text), error) &&
         lk_new_file_commit (file, path, TRUE, error);
}
