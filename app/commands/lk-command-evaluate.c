/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eval/lk-report.h"
#include "lk-command-test.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>

typedef struct
{
  LkTestOptions test;
  char *threshold_from, *html, *csv;
  char **models;
  double threshold; /* NAN: not given */
  gboolean baseline, faces, json;
} Options;

static void
options_clear (Options *self)
{
  lk_test_options_clear (&self->test);
  g_free (self->threshold_from);
  g_free (self->html);
  g_free (self->csv);
  g_strfreev (self->models);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Thresholds chosen on another list of pairs: [models]. */
static LkThreshold *
choose_thresholds (GPtrArray *models, const Options *options, GError **error)
{
  g_autofree LkThreshold *thresholds = g_new0 (LkThreshold, models->len);
  g_autoptr (LkProtocol) protocol = NULL;
  g_autoptr (LkEvaluation) evaluation = NULL;
  g_autoptr (LkReport) report = NULL;

  if (!isnan (options->threshold))
    {
      for (guint i = 0; i < models->len; i++)
        thresholds[i] = (LkThreshold){ options->threshold, g_strdup (_ ("given")) };
      return g_steal_pointer (&thresholds);
    }
  if (options->threshold_from == NULL)
    return g_steal_pointer (&thresholds);
  protocol = lk_protocol_load_pairs (options->threshold_from, options->test.root, error);
  evaluation = protocol != NULL ? lk_test_options_run (&options->test, models, protocol, error)
                                : NULL;
  if (evaluation == NULL)
    return NULL;
  report = lk_report_new (evaluation, NULL, NULL);
  for (guint i = 0; i < models->len; i++)
    {
      const LkReportModel *model = report->models->pdata[i];

      if (!isnan (model->measures->accuracy_threshold))
        thresholds[i] = (LkThreshold){ model->measures->accuracy_threshold,
                                       g_strdup_printf (_ ("right most often on %s"),
                                                           protocol->name) };
    }
  return g_steal_pointer (&thresholds);
}

/* ---- what is told ---- */

static void
add_measures_json (JsonBuilder *builder, const LkMeasures *m)
{
  lk_json_add_double (builder, "auc", m->auc.value);
  lk_json_add_interval (builder, "auc_interval", m->auc.low, m->auc.high);
  lk_json_add_double (builder, "eer", m->eer.value);
  lk_json_add_interval (builder, "eer_interval", m->eer.low, m->eer.high);
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      const LkOperatingPoint *point = &m->at_fmr[i];
      g_autofree char *name = g_strdup_printf ("tar_at_far_1e-%d", i + 1);
      g_autofree char *interval = g_strconcat (name, "_interval", NULL);

      lk_json_add_double (builder, name, point->tar.value);
      lk_json_add_interval (builder, interval, point->tar.low, point->tar.high);
    }
  json_builder_set_member_name (builder, "thresholds");
  json_builder_begin_array (builder);
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      const LkOperatingPoint *point = &m->at_fmr[i];

      json_builder_begin_object (builder);
      lk_json_add_double (builder, "fmr", point->wished);
      json_builder_set_member_name (builder, "supported");
      json_builder_add_boolean_value (builder, point->supported);
      lk_json_add_double (builder, "threshold", point->threshold);
      lk_json_add_int (builder, "false_matches", point->n_false_matches);
      lk_json_add_interval (builder, "fmr_interval", point->fmr.low, point->fmr.high);
      lk_json_add_int (builder, "missed", point->n_missed);
      lk_json_add_double (builder, "fnmr", 1 - point->tar.value);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  lk_json_add_double (builder, "f1_threshold", m->f1_threshold);
  lk_json_add_double (builder, "f1_best", m->f1);
}

static void
add_pairs_json (JsonBuilder *builder, const LkReport *report, const LkReportModel *model)
{
  const LkMeasures *m = model->measures;

  lk_json_add_int (builder, "pairs", model->accuracy.n_pairs);
  lk_json_add_int (builder, "genuine", m->n_genuine + m->n_genuine_failed);
  lk_json_add_int (builder, "impostor", m->n_impostor + m->n_impostor_failed);
  lk_json_add_int (builder, "pairs_failed", lk_report_get_n_failed_pairs (report));
  lk_json_add_int (builder, "folds", report->evaluation->protocol->n_folds);
  lk_json_add_double (builder, "accuracy", model->accuracy.accuracy);
  lk_json_add_double (builder, "accuracy_se", model->accuracy.accuracy_se);
  lk_json_add_interval (builder, "accuracy_interval", model->accuracy.low, model->accuracy.high);
  lk_json_add_double (builder, "threshold", model->threshold.value);
  lk_json_add_text (builder, "threshold_from", model->threshold.from);
  lk_json_add_double (builder, "precision", lk_confusion_precision (&model->counts));
  lk_json_add_double (builder, "recall", lk_confusion_recall (&model->counts));
  lk_json_add_double (builder, "f1", lk_confusion_f1 (&model->counts));
  lk_json_add_int (builder, "true_positives", model->counts.true_positives);
  lk_json_add_int (builder, "false_positives", model->counts.false_positives);
  lk_json_add_int (builder, "true_negatives", model->counts.true_negatives);
  lk_json_add_int (builder, "false_negatives", model->counts.false_negatives);
  add_measures_json (builder, m);
  json_builder_set_member_name (builder, "cosine");
  json_builder_begin_object (builder);
  add_measures_json (builder, model->cosine);
  json_builder_end_object (builder);
}

static void
print_json (const LkReport *report, const LkReportModel *model)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  const LkEvaluation *evaluation = report->evaluation;
  int n_trials = (int) evaluation->protocol->trials->len;

  json_builder_begin_object (builder);
  lk_json_add_text (builder, "model", model->run->name);
  lk_json_add_text (builder, "test", evaluation->protocol->name);
  if (evaluation->protocol->pairs->len > 0)
    add_pairs_json (builder, report, model);
  if (n_trials > 0)
    {
      LkInterval share = lk_interval_of_share (model->run->n_correct, n_trials);

      lk_json_add_int (builder, "trials", n_trials);
      lk_json_add_int (builder, "candidates",
                       g_array_index (evaluation->protocol->trials, LkProtocolTrial, 0).n);
      lk_json_add_int (builder, "trials_correct", model->run->n_correct);
      lk_json_add_double (builder, "one_shot_accuracy", share.value);
      lk_json_add_interval (builder, "one_shot_interval", share.low, share.high);
    }
  lk_json_add_int (builder, "pictures", evaluation->n_pictures);
  lk_json_add_int (builder, "failures_to_acquire", evaluation->failures->len);
  lk_json_add_text (builder, "pictures_made", report->pictures);
  lk_json_add_double (builder, "embed_ms", model->run->embed_ms);
  json_builder_end_object (builder);
  lk_command_print_json (builder);
}

static void
print_measures (const LkMeasures *m)
{
  printf (_ ("  AUC %.4f (%.4f to %.4f), EER %.2f %% (%.2f to %.2f)\n"), m->auc.value, m->auc.low,
             m->auc.high, 100 * m->eer.value, 100 * m->eer.low, 100 * m->eer.high);
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      const LkOperatingPoint *point = &m->at_fmr[i];

      if (!point->supported)
        {
          printf (_ ("  FAR 1e-%d: %d impostor pairs are too few to say\n"), i + 1, m->n_impostor);
          continue;
        }
      printf (
          _ ("  FAR 1e-%d: TAR %.4f (%.4f to %.4f), threshold %.4f, %d of %d impostors matched, "
                 "%d of %d genuine missed\n"),
             i + 1, point->tar.value, point->tar.low, point->tar.high, point->threshold,
             point->n_false_matches, m->n_impostor, point->n_missed, m->n_genuine);
    }
}

static void
print_text (const LkReport *report, const LkReportModel *model)
{
  int n_trials = (int) report->evaluation->protocol->trials->len;

  printf ("\n%s\n", model->run->name);
  if (report->evaluation->protocol->pairs->len > 0)
    {
      printf (_ ("  accuracy %.4f ± %.4f (%d of %d pairs; %.4f to %.4f) at threshold %.4f: %s\n"),
                 model->accuracy.accuracy, model->accuracy.accuracy_se, model->accuracy.n_right,
                 model->accuracy.n_pairs, model->accuracy.low, model->accuracy.high,
                 model->threshold.value, model->threshold.from);
      printf (_ ("  there: %d genuine matched, %d missed; %d impostors matched, %d refused\n"),
                 model->counts.true_positives, model->counts.false_negatives,
                 model->counts.false_positives, model->counts.true_negatives);
      print_measures (model->measures);
      printf (_ ("  best F1 %.4f at threshold %.4f\n"), model->measures->f1,
                 model->measures->f1_threshold);
      printf (
          _ ("  by the cosine of embeddings: AUC %.4f, EER %.2f %%, TAR at FAR 1e-2 %.4f, at 1e-3 "
                 "%.4f\n"),
             model->cosine->auc.value, 100 * model->cosine->eer.value,
             model->cosine->at_fmr[1].tar.value, model->cosine->at_fmr[2].tar.value);
    }
  if (n_trials > 0)
    {
      LkInterval share = lk_interval_of_share (model->run->n_correct, n_trials);

      printf (_ ("  one-shot accuracy %.4f (%d of %d trials; %.4f to %.4f)\n"), share.value,
                 model->run->n_correct, n_trials, share.low, share.high);
    }
  printf (_ ("  %.2f ms an embedding\n"), model->run->embed_ms);
}

static void
print_report (const LkReport *report, gboolean json)
{
  const LkProtocol *protocol = report->evaluation->protocol;
  g_autofree char *failures = lk_report_describe_failures (report);

  if (!json)
    {
      printf ("%s: ", protocol->name);
      if (protocol->pairs->len > 0)
        printf (_ ("%u pairs, %d folds\n"), protocol->pairs->len, protocol->n_folds);
      if (protocol->trials->len > 0)
        printf (_ ("%u trials among %d\n"), protocol->trials->len,
                   g_array_index (protocol->trials, LkProtocolTrial, 0).n);
      if (protocol->about != NULL)
        printf ("%s\n", protocol->about);
      printf ("%s\n", report->pictures);
      printf (_ ("Failures to acquire: %s\n"), failures);
    }
  for (guint i = 0; i < report->models->len; i++)
    (json ? print_json : print_text) (report, report->models->pdata[i]);
}

/* ---- the command ---- */

static gboolean
check_options (Options *options, GError **error)
{
  const char *wrong = NULL;

  if (options->models == NULL)
    wrong = _ ("evaluate takes one or more models.");
  else if (options->threshold_from != NULL && options->test.root == NULL)
    wrong = _ ("--threshold-from needs --root, the folder of the pictures.");
  else if (options->faces && options->html == NULL)
    wrong = _ ("--faces shows pictures in the report: name it with --html.");
  if (wrong == NULL)
    return lk_test_options_check (&options->test, error);
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, wrong);
  return FALSE;
}

static GPtrArray *
load_models (const Options *options, GError **error)
{
  g_autoptr (GPtrArray) models = g_ptr_array_new ();

  for (int i = 0; options->models[i] != NULL; i++)
    {
      LkModel *model = lk_command_load_model (options->models[i], error);

      if (model == NULL)
        {
          for (guint m = 0; m < models->len; m++)
            lk_model_unref (models->pdata[m]);
          return NULL;
        }
      g_ptr_array_add (models, model);
    }
  if (options->baseline)
    g_ptr_array_add (models, NULL);
  return g_steal_pointer (&models);
}

static int
run_evaluation (Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) models = NULL;
  g_autoptr (LkProtocol) protocol = NULL;
  g_autoptr (LkEvaluation) evaluation = NULL;
  g_autoptr (LkReport) report = NULL;
  g_autofree LkThreshold *thresholds = NULL;
  int status = LK_EXIT_ERROR;

  if ((protocol = lk_test_options_load (&options->test, &error)) == NULL ||
      (models = load_models (options, &error)) == NULL)
    return lk_command_fail (error);
  thresholds = choose_thresholds (models, options, &error);
  if (thresholds != NULL)
    evaluation = lk_test_options_run (&options->test, models, protocol, &error);
  if (evaluation != NULL)
    {
      report = lk_report_new (evaluation, thresholds,
                              lk_test_options_describe (&options->test, protocol));
      print_report (report, options->json);
      status = LK_EXIT_OK;
    }
  if (status == LK_EXIT_OK && options->csv != NULL)
    {
      g_autofree char *text = lk_report_to_csv (report);

      status = lk_report_save (text, options->csv, &error) ? LK_EXIT_OK : LK_EXIT_ERROR;
    }
  if (status == LK_EXIT_OK && options->html != NULL)
    {
      g_autofree char *text = lk_report_to_html (report,
                                                 options->faces ? &options->test.how : NULL);

      status = lk_report_save (text, options->html, &error) ? LK_EXIT_OK : LK_EXIT_ERROR;
    }
  for (guint i = 0; i < models->len; i++)
    {
      g_clear_pointer (&models->pdata[i], lk_model_unref);
      if (thresholds != NULL)
        g_free (thresholds[i].from);
    }
  return status == LK_EXIT_OK ? status : lk_command_fail (error);
}

int
lk_command_evaluate (int argc, char *argv[])
{
  g_auto (Options) o = { .test = LK_TEST_OPTIONS_DEFAULT, .threshold = NAN };
  const GOptionEntry more[] = {
    { "threshold", 't', 0, G_OPTION_ARG_DOUBLE, &o.threshold,
      N_ ("From which score a pair is alike (default: the model's own)"), N_ ("0..1") },
      { "threshold-from", 0, 0, G_OPTION_ARG_FILENAME, &o.threshold_from,
        N_ ("Choose it on another list of pairs"), N_ ("FILE") },
        { "baseline", 0, 0, G_OPTION_ARG_NONE, &o.baseline,
          N_ ("Nearest neighbours by pixels, beside the models"), NULL },
          { "html", 0, 0, G_OPTION_ARG_FILENAME, &o.html, N_ ("Report to write"), N_ ("FILE") },
            { "faces", 0, 0, G_OPTION_ARG_NONE, &o.faces,
              N_ ("Show the best and worst pairs in it: faces of people"), NULL },
              { "csv", 0, 0, G_OPTION_ARG_FILENAME, &o.csv,
                N_ ("Curves and scores to write"), N_ ("FILE") },
                { "json", 0, 0, G_OPTION_ARG_NONE, &o.json,
                  N_ ("Print one JSON object a model"), NULL },
                  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.models, NULL, NULL },
                  { NULL },
               };
  g_autofree GOptionEntry *entries = lk_test_options_entries (&o.test, more);
  g_autoptr (GError) error = NULL;
  int status = lk_command_parse (
      &argc, &argv, entries, "MODEL...",
      _ ("Measures models on pictures that they have not seen: accuracy by LFW's protocol, ROC, "
         "EER, TAR at FAR, one-shot accuracy, with intervals at 95 %. Several models are measured "
         "side by side."));

  if (status >= 0)
    return status;
  if (!check_options (&o, &error))
    return lk_command_fail_usage ("%s", error->message);
  return run_evaluation (&o);
}
