/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-random.h"
#include "eval/lk-calibration.h"
#include "eval/lk-galleries.h"
#include "lk-command-test.h"
#include "verify/lk-cohort.h"

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
  int n_cohort;
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

  double fused_threshold;
  LkConfusion fused; /* the same of fused scores; nobody counted: too few pictures */
} Check;

/* What becomes of the model. */
typedef struct
{
  LkCalibration *pairs, *fused; /* (owned); fused: (nullable): nobody has pictures enough */
  double threshold;
  int n_galleries, n_people; /* that fused is of */
  int n_cohort;              /* people in the cohort that was written */
} Outcome;

static void
outcome_clear (Outcome *self)
{
  lk_calibration_free (self->pairs);
  lk_calibration_free (self->fused);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static void
score_galleries (const LkEvaluation *evaluation, const Options *options, const int *half_of,
                 int half, LkGalleries *out)
{
  const LkModelRun *run = evaluation->runs->pdata[0];
  g_autoptr (LkHead) head = lk_head_of_model (run->model);

  lk_galleries_score (evaluation, head, LK_FUSION_DEFAULT, options->test.max_genuine,
                      options->test.n_impostor, half_of, half, (guint64) options->test.seed, out);
}

static void
check_fused (const LkEvaluation *evaluation, const Options *options, const int *half_of,
             Check *check)
{
  g_auto (LkGalleries) first = { 0 }, second = { 0 };
  g_autoptr (LkCalibration) calibration = NULL;

  score_galleries (evaluation, options, half_of, 0, &first);
  score_galleries (evaluation, options, half_of, 1, &second);
  calibration = lk_calibration_new (first.scores, first.same, first.n, "half", NULL);
  check->fused = (LkConfusion){ 0 };
  if (calibration == NULL)
    return;
  check->fused_threshold = lk_calibration_threshold (calibration, options->fmr, NULL);
  lk_confusion_count (second.scores, second.same, second.n, check->fused_threshold, &check->fused);
}

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
  check_fused (evaluation, options, half_of, check);
  return TRUE;
}

/* The model with its calibrations, written to the output. */
static gboolean
save (LkModel *model, const Outcome *outcome, const Options *options, GError **error)
{
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (LkModel) calibrated = NULL;
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, lk_model_get_all_meta (model));
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!g_str_has_prefix (key, LK_CALIBRATION_KEY)) /* what was measured before, another way */
      g_hash_table_insert (meta, g_strdup (key), g_strdup (value));
  g_hash_table_insert (meta, g_strdup (LK_CALIBRATION_KEY),
                       lk_calibration_to_text (outcome->pairs));
  if (outcome->fused != NULL)
    g_hash_table_insert (meta, lk_calibration_fused_key (LK_FUSION_DEFAULT),
                         lk_calibration_to_text (outcome->fused));
  g_hash_table_insert (
      meta, g_strdup ("threshold"),
      g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.9g", outcome->threshold)));
  calibrated = lk_model_new (lk_model_get_architecture (model), lk_model_get_name (model),
                             lk_model_get_params (model), meta, error);
  return calibrated != NULL && lk_model_save (calibrated, options->output, options->half, error);
}

/* Strangers for everybody who enrols, beside the model. */
static gboolean
save_cohort (LkModel *model, const LkEvaluation *evaluation, const Options *options,
             const char *about, Outcome *outcome, GError **error)
{
  g_autofree char *path = lk_cohort_path_of (options->output);
  g_autofree float *strangers = lk_galleries_draw_strangers (
      evaluation, options->n_cohort, (guint64) options->test.seed, &outcome->n_cohort);

  return lk_cohort_save (path, model, strangers, outcome->n_cohort, about, error);
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
  c = &check->fused;
  if (c->true_positives + c->false_negatives == 0)
    return;
  fmr = lk_interval_of_share (c->false_positives, c->false_positives + c->true_negatives);
  fnmr = lk_interval_of_share (c->false_negatives, c->false_negatives + c->true_positives);
  printf (_ ("  of fused scores: threshold %.6f: FMR %.3g (%d; %.2g to %.2g), FNMR %.4f (%d of %d; "
             "%.4f to %.4f)\n"),
             check->fused_threshold, fmr.value, c->false_positives, fmr.low, fmr.high, fnmr.value,
             c->false_negatives, c->false_negatives + c->true_positives, fnmr.low, fnmr.high);
}

static void
print_thresholds (const LkCalibration *calibration)
{
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      gboolean supported;
      double at = lk_calibration_threshold (calibration, lk_fmrs[i], &supported);
      LkInterval fmr, fnmr;
      int matched, missed;

      lk_calibration_rates (calibration, at, &fmr, &fnmr, &matched, &missed);
      if (supported)
        printf (
            _ ("  FMR 1e-%d: threshold %.6f, %d impostors matched, FNMR %.4f (%d; %.4f to %.4f)\n"),
               i + 1, at, matched, fnmr.value, missed, fnmr.low, fnmr.high);
      else
        printf (_ ("  FMR 1e-%d: too few impostor pairs to say\n"), i + 1);
    }
}

static void
print_text (const Outcome *outcome, const Check *check, const Options *options)
{
  print_check_text (check, options);
  printf (_ ("On all %d genuine and %d impostor pairs:\n"),
             lk_calibration_get_n_genuine (outcome->pairs),
             lk_calibration_get_n_impostor (outcome->pairs));
  print_thresholds (outcome->pairs);
  if (outcome->fused != NULL)
    {
      printf (_ ("Fused (%s), %d anchors and one picture: %d genuine and %d impostor scores, %d sets "
                 "of anchors of %d people:\n"),
          lk_fusion_to_string (LK_FUSION_DEFAULT), LK_GALLERIES_ANCHORS,
          lk_calibration_get_n_genuine (outcome->fused),
          lk_calibration_get_n_impostor (outcome->fused), outcome->n_galleries, outcome->n_people);
      print_thresholds (outcome->fused);
    }
  else
    printf (_ ("Too few people have %d pictures or more: fused scores were not measured.\n"),
               LK_GALLERIES_ANCHORS + 1);
  if (outcome->n_cohort > 0)
    printf (_ ("Beside it are the embeddings of %d strangers.\n"), outcome->n_cohort);
  printf (_ ("%s has the calibration, and the threshold %.4f.\n"), options->output,
             outcome->threshold);
}

static void
add_thresholds (JsonBuilder *builder, const char *name, const LkCalibration *calibration)
{
  json_builder_set_member_name (builder, name);
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
}

static void
print_json (const Outcome *outcome, const Check *check, const Options *options)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  lk_json_add_text (builder, "model", options->output);
  lk_json_add_int (builder, "genuine", lk_calibration_get_n_genuine (outcome->pairs));
  lk_json_add_int (builder, "impostor", lk_calibration_get_n_impostor (outcome->pairs));
  lk_json_add_double (builder, "threshold", outcome->threshold);
  lk_json_add_double (builder, "balanced", lk_calibration_get_balanced (outcome->pairs));
  lk_json_add_double (builder, "held_out_log_loss_head", check->head.log_loss);
  lk_json_add_double (builder, "held_out_log_loss_platt", check->platt.log_loss);
  lk_json_add_double (builder, "held_out_log_loss_isotonic", check->isotonic.log_loss);
  lk_json_add_double (builder, "held_out_error_head", check->head.error);
  lk_json_add_double (builder, "held_out_error_platt", check->platt.error);
  lk_json_add_double (builder, "held_out_error_isotonic", check->isotonic.error);
  lk_json_add_double (builder, "held_out_fmr", lk_confusion_fmr (&check->counts));
  lk_json_add_double (builder, "held_out_fnmr", lk_confusion_fnmr (&check->counts));
  add_thresholds (builder, "thresholds", outcome->pairs);
  if (outcome->fused != NULL)
    {
      lk_json_add_text (builder, "fusion", lk_fusion_to_string (LK_FUSION_DEFAULT));
      lk_json_add_int (builder, "fused_genuine", lk_calibration_get_n_genuine (outcome->fused));
      lk_json_add_int (builder, "fused_impostor", lk_calibration_get_n_impostor (outcome->fused));
      lk_json_add_double (builder, "held_out_fused_fmr", lk_confusion_fmr (&check->fused));
      lk_json_add_double (builder, "held_out_fused_fnmr", lk_confusion_fnmr (&check->fused));
      add_thresholds (builder, "fused_thresholds", outcome->fused);
    }
  lk_json_add_int (builder, "cohort", outcome->n_cohort);
  json_builder_end_object (builder);
  lk_command_print_json (builder);
}

/* With @half, the model as it will be written: that is what is measured. */
static LkModel *
load_model (const Options *options, GError **error)
{
  g_autoptr (LkModel) model = lk_command_load_model (options->models[0], error);

  if (model == NULL || !options->half)
    return g_steal_pointer (&model);
  return lk_model_to_half (model, error);
}

static void
calibrate_fused (const LkEvaluation *evaluation, const Options *options, const char *about,
                 Outcome *outcome)
{
  g_auto (LkGalleries) all = { 0 };
  g_autofree char *how = NULL;

  score_galleries (evaluation, options, NULL, 0, &all);
  outcome->n_galleries = all.n_galleries;
  outcome->n_people = all.n_people;
  how = g_strdup_printf ("%s Scores of one picture with %d anchors, fused (%s); %d sets of anchors "
                         "of %d people.",
                         about, LK_GALLERIES_ANCHORS, lk_fusion_to_string (LK_FUSION_DEFAULT),
                         all.n_galleries, all.n_people);
  outcome->fused = lk_calibration_new (all.scores, all.same, all.n, how, NULL);
}

static int
calibrate (const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkProtocol) protocol = NULL;
  g_autoptr (GPtrArray) models = g_ptr_array_new ();
  g_autoptr (LkEvaluation) evaluation = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *about = NULL, *date = g_date_time_format (now, "%Y-%m-%d");
  g_auto (Pairs) all = { NULL };
  g_auto (Outcome) outcome = { NULL };
  gboolean supported;
  Check check;

  if ((model = load_model (options, &error)) == NULL ||
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
  outcome.pairs = lk_calibration_new (all.scores, all.same, all.n, about, &error);
  if (outcome.pairs == NULL)
    return lk_command_fail (error);
  outcome.threshold = lk_calibration_threshold (outcome.pairs, options->fmr, &supported);
  if (!supported)
    fprintf (stderr, _ ("likeness: warning: %d impostor pairs are too few for an FMR of %g.\n"),
                        lk_calibration_get_n_impostor (outcome.pairs), options->fmr);
  calibrate_fused (evaluation, options, about, &outcome);
  if ((options->n_cohort > 0 &&
       !save_cohort (model, evaluation, options, about, &outcome, &error)) ||
      !save (model, &outcome, options, &error))
    return lk_command_fail (error);
  if (options->json)
    print_json (&outcome, &check, options);
  else
    print_text (&outcome, &check, options);
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
        { "cohort", 0, 0, G_OPTION_ARG_INT, &o.n_cohort,
          N_ ("Write the embeddings of N strangers, of one picture each, beside it"), N_ ("N") },
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
  if (o.n_cohort < 0 || o.n_cohort > LK_COHORT_MAX)
    return lk_command_fail_usage (_ ("--cohort must lie between 1 and %d."), LK_COHORT_MAX);
  o.test.how.keep = TRUE;
  if (o.test.one_shot > 0 || o.test.runs != NULL)
    return lk_command_fail_usage (_ ("calibrate needs pairs: --pairs or --folders."));
  return calibrate (&o);
}
