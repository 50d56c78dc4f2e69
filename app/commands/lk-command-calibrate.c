/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-random.h"
#include "eval/lk-calibration.h"
#include "lk-command-test.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>

#define N_BINS 10

typedef struct
{
  LkTestOptions test;
  char *output;
  char **models;
  double fmr;
  gboolean half, json;
} Options;

static void
options_clear (Options *self)
{
  lk_test_options_clear (&self->test);
  g_free (self->output);
  g_strfreev (self->models);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* Scores of pairs, with what they are. */
typedef struct
{
  float *scores;
  gboolean *same;
  int n;
} Pairs;

static void
pairs_clear (Pairs *self)
{
  g_free (self->scores);
  g_free (self->same);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pairs, pairs_clear)

/* The pairs among the people for whom @half of @half_of is that; of all with -1. */
static void
select_pairs (const LkEvaluation *evaluation, const int *half_of, int half, Pairs *out)
{
  const LkProtocol *protocol = evaluation->protocol;
  const LkModelRun *run = evaluation->runs->pdata[0];
  guint n = protocol->pairs->len;

  *out = (Pairs){ g_new (float, n), g_new (gboolean, n), 0 };
  for (guint i = 0; i < n; i++)
    {
      const LkProtocolPair *pair = &g_array_index (protocol->pairs, LkProtocolPair, i);
      int a = g_array_index (protocol->pictures, LkProtocolPicture, pair->a).person;
      int b = g_array_index (protocol->pictures, LkProtocolPicture, pair->b).person;

      if (half >= 0 && (half_of[a] != half || half_of[b] != half))
        continue;
      out->scores[out->n] = run->scores[i];
      out->same[out->n++] = pair->same;
    }
}

/* How well probabilities hold: both kinds of pairs weigh the same. */
typedef struct
{
  double log_loss, error;
} Quality;

static Quality
judge (const double *p, const Pairs *pairs)
{
  LkReliabilityBin bins[N_BINS];
  double sums[2] = { 0 };
  int counts[2] = { 0 };

  for (int i = 0; i < pairs->n; i++)
    if (!isnan (p[i]))
      {
        double right = pairs->same[i] ? p[i] : 1 - p[i];

        sums[pairs->same[i]] -= log (MAX (right, 1e-9));
        counts[pairs->same[i]]++;
      }
  return (Quality){ (sums[0] / MAX (1, counts[0]) + sums[1] / MAX (1, counts[1])) / 2,
                    lk_reliability (p, pairs->same, pairs->n, TRUE, N_BINS, bins) };
}

/* A check of the way: fitted on half of the people, judged on the others. */
typedef struct
{
  Quality head, platt, isotonic;
  double threshold;
  LkConfusion counts; /* of the others, at the threshold for the FMR */
} Check;

static gboolean
check_on_halves (const LkEvaluation *evaluation, const Options *options, Check *check,
                 GError **error)
{
  int n_people = (int) evaluation->protocol->people->len;
  g_autofree int *half_of = g_new (int, n_people);
  g_autofree double *p = NULL;
  g_auto (Pairs) first = { NULL }, second = { NULL };
  g_autoptr (LkCalibration) calibration = NULL;
  LkRandom random;

  lk_random_seed (&random, (guint64) options->test.seed);
  for (int i = 0; i < n_people; i++)
    half_of[i] = i % 2;
  lk_random_shuffle (&random, half_of, n_people);
  select_pairs (evaluation, half_of, 0, &first);
  select_pairs (evaluation, half_of, 1, &second);
  calibration = lk_calibration_new (first.scores, first.same, first.n, "half", error);
  if (calibration == NULL)
    return FALSE;
  p = g_new (double, MAX (1, second.n));
  for (int i = 0; i < second.n; i++)
    p[i] = (double) second.scores[i];
  check->head = judge (p, &second);
  for (int i = 0; i < second.n; i++)
    p[i] = lk_calibration_platt (calibration, (double) second.scores[i]);
  check->platt = judge (p, &second);
  for (int i = 0; i < second.n; i++)
    p[i] = lk_calibration_isotonic (calibration, (double) second.scores[i]);
  check->isotonic = judge (p, &second);
  check->threshold = lk_calibration_threshold (calibration, options->fmr, NULL);
  lk_confusion_count (second.scores, second.same, second.n, check->threshold, &check->counts);
  return TRUE;
}

/* The model with its calibration, written to the output. */
static gboolean
save (LkModel *model, const LkCalibration *calibration, double threshold, const Options *options,
      GError **error)
{
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (LkModel) calibrated = NULL;
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, lk_model_get_all_meta (model));
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (meta, g_strdup (key), g_strdup (value));
  g_hash_table_insert (meta, g_strdup (LK_CALIBRATION_KEY), lk_calibration_to_text (calibration));
  g_hash_table_insert (meta, g_strdup ("threshold"),
                       g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.9g", threshold)));
  calibrated = lk_model_new (lk_model_get_architecture (model), lk_model_get_name (model),
                             lk_model_get_params (model), meta, error);
  return calibrated != NULL && lk_model_save (calibrated, options->output, options->half, error);
}

static void
print_check_text (const Check *check, const Options *options)
{
  const LkConfusion *c = &check->counts;
  LkInterval fmr = lk_interval_of_share (c->false_positives,
                                         c->false_positives + c->true_negatives);
  LkInterval fnmr = lk_interval_of_share (c->false_negatives,
                                          c->false_negatives + c->true_positives);

  printf (
      _ ("Fitted on half of the people and judged on the others (both answers equally likely):\n"
             "  log loss: head %.4f, Platt %.4f, isotonic %.4f\n"
             "  expected calibration error: head %.4f, Platt %.4f, isotonic %.4f\n"
             "  threshold %.4f, chosen for an FMR of %g: FMR %.3g (%d; %.2g to %.2g), FNMR %.4f (%d of "
             "%d; %.4f to %.4f)\n"),
         check->head.log_loss, check->platt.log_loss, check->isotonic.log_loss, check->head.error,
         check->platt.error, check->isotonic.error, check->threshold, options->fmr, fmr.value,
         c->false_positives, fmr.low, fmr.high, fnmr.value, c->false_negatives,
         c->false_negatives + c->true_positives, fnmr.low, fnmr.high);
}

static void
print_text (const LkCalibration *calibration, const Check *check, double threshold,
            const Options *options)
{
  print_check_text (check, options);
  printf (_ ("On all %d genuine and %d impostor pairs:\n"),
             lk_calibration_get_n_genuine (calibration),
             lk_calibration_get_n_impostor (calibration));
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      gboolean supported;
      double at = lk_calibration_threshold (calibration, lk_fmrs[i], &supported);
      LkInterval fmr, fnmr;
      int matched, missed;

      lk_calibration_rates (calibration, at, &fmr, &fnmr, &matched, &missed);
      if (supported)
        printf (
            _ ("  FMR 1e-%d: threshold %.4f, %d impostors matched, FNMR %.4f (%d; %.4f to %.4f)\n"),
               i + 1, at, matched, fnmr.value, missed, fnmr.low, fnmr.high);
      else
        printf (_ ("  FMR 1e-%d: too few impostor pairs to say\n"), i + 1);
    }
  printf (_ ("%s has the calibration, and the threshold %.4f.\n"), options->output, threshold);
}

static void
print_json (const LkCalibration *calibration, const Check *check, double threshold,
            const Options *options)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  lk_json_add_text (builder, "model", options->output);
  lk_json_add_int (builder, "genuine", lk_calibration_get_n_genuine (calibration));
  lk_json_add_int (builder, "impostor", lk_calibration_get_n_impostor (calibration));
  lk_json_add_double (builder, "threshold", threshold);
  lk_json_add_double (builder, "balanced", lk_calibration_get_balanced (calibration));
  lk_json_add_double (builder, "held_out_log_loss_head", check->head.log_loss);
  lk_json_add_double (builder, "held_out_log_loss_platt", check->platt.log_loss);
  lk_json_add_double (builder, "held_out_log_loss_isotonic", check->isotonic.log_loss);
  lk_json_add_double (builder, "held_out_error_head", check->head.error);
  lk_json_add_double (builder, "held_out_error_platt", check->platt.error);
  lk_json_add_double (builder, "held_out_error_isotonic", check->isotonic.error);
  lk_json_add_double (builder, "held_out_fmr", lk_confusion_fmr (&check->counts));
  lk_json_add_double (builder, "held_out_fnmr", lk_confusion_fnmr (&check->counts));
  json_builder_set_member_name (builder, "thresholds");
  json_builder_begin_array (builder);
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      gboolean supported;
      double at = lk_calibration_threshold (calibration, lk_fmrs[i], &supported);
      LkInterval fmr, fnmr;
      int matched, missed;

      lk_calibration_rates (calibration, at, &fmr, &fnmr, &matched, &missed);
      json_builder_begin_object (builder);
      lk_json_add_double (builder, "fmr", lk_fmrs[i]);
      json_builder_set_member_name (builder, "supported");
      json_builder_add_boolean_value (builder, supported);
      lk_json_add_double (builder, "threshold", at);
      lk_json_add_int (builder, "false_matches", matched);
      lk_json_add_interval (builder, "fmr_interval", fmr.low, fmr.high);
      lk_json_add_double (builder, "fnmr", fnmr.value);
      lk_json_add_interval (builder, "fnmr_interval", fnmr.low, fnmr.high);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  lk_command_print_json (builder);
}

static int
calibrate (const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkProtocol) protocol = NULL;
  g_autoptr (GPtrArray) models = g_ptr_array_new ();
  g_autoptr (LkEvaluation) evaluation = NULL;
  g_autoptr (LkCalibration) calibration = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *about = NULL, *date = g_date_time_format (now, "%Y-%m-%d");
  g_auto (Pairs) all = { NULL };
  gboolean supported;
  double threshold;
  Check check;

  if ((model = lk_command_load_model (options->models[0], &error)) == NULL ||
      (protocol = lk_test_options_load (&options->test, &error)) == NULL)
    return lk_command_fail (error);
  g_ptr_array_add (models, model);
  evaluation = lk_test_options_run (&options->test, models, protocol, &error);
  if (evaluation == NULL || !check_on_halves (evaluation, options, &check, &error))
    return lk_command_fail (error);
  select_pairs (evaluation, NULL, -1, &all);
  about = g_strdup_printf ("%s, %s. %s %s", date, protocol->name,
                           protocol->about != NULL ? protocol->about : "",
                           lk_test_options_describe (&options->test, protocol));
  calibration = lk_calibration_new (all.scores, all.same, all.n, about, &error);
  if (calibration == NULL)
    return lk_command_fail (error);
  threshold = lk_calibration_threshold (calibration, options->fmr, &supported);
  if (!supported)
    fprintf (stderr, _ ("likeness: warning: %d impostor pairs are too few for an FMR of %g.\n"),
                        lk_calibration_get_n_impostor (calibration), options->fmr);
  if (!save (model, calibration, threshold, options, &error))
    return lk_command_fail (error);
  (options->json ? print_json : print_text) (calibration, &check, threshold, options);
  return LK_EXIT_OK;
}

int
lk_command_calibrate (int argc, char *argv[])
{
  g_auto (Options) o = { .test = LK_TEST_OPTIONS_DEFAULT, .fmr = 1e-3 };
  const GOptionEntry more[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &o.output,
      N_ ("Model to write"), N_ ("FILE.safetensors") },
      { "fmr", 0, 0, G_OPTION_ARG_DOUBLE, &o.fmr,
        N_ ("The false match rate that its threshold is for (default: 0.001)"), N_ ("X") },
        { "half", 0, 0, G_OPTION_ARG_NONE, &o.half, N_ ("Write 16-bit numbers"), NULL },
          { "json", 0, 0, G_OPTION_ARG_NONE, &o.json, N_ ("Print one JSON object"), NULL },
            { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.models, NULL, NULL },
            { NULL },
        };
  g_autofree GOptionEntry *entries = lk_test_options_entries (&o.test, more);
  g_autoptr (GError) error = NULL;
  int status = lk_command_parse (
      &argc, &argv, entries, "MODEL --output FILE.safetensors",
      _ ("Learns what a model's scores mean from pairs that it was not trained on, and writes it "
         "into the model: how likely a score means one person, and how many impostors a threshold "
         "lets through."));

  if (status >= 0)
    return status;
  if (o.models == NULL || o.models[1] != NULL || o.output == NULL)
    return lk_command_fail_usage (_ ("calibrate takes one model, and --output."));
  if (!(o.fmr > 0 && o.fmr < 1))
    return lk_command_fail_usage (_ ("--fmr must lie between 0 and 1."));
  if (!lk_test_options_check (&o.test, &error))
    return lk_command_fail_usage ("%s", error->message);
  if (o.test.one_shot > 0 || o.test.runs != NULL)
    return lk_command_fail_usage (_ ("calibrate needs pairs: --pairs or --folders."));
  return calibrate (&o);
}
