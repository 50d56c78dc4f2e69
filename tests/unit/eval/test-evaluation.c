/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../train/lk-test-people.h"
#include "base/lk-error.h"
#include "eval/lk-report.h"
#include "verify/lk-verifier.h"

#include <math.h>
#include <string.h>

static LkModel *
make_model (const char *text, const char *name, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  LkModel *model = lk_model_new_untrained (text, name, seed, &error);

  g_assert_no_error (error);
  return model;
}

/* Eight people, @n pictures of each in two sessions, and a picture that is none. */
static char *
make_folder (int n)
{
  char *folder = test_folder_new ();
  g_autofree char *bad = NULL;
  LkRandom random;

  lk_random_seed (&random, 4);
  for (int person = 0; person < 8; person++)
    for (int i = 0; i < n; i++)
      {
        g_autofree char *name = g_strdup_printf ("p%d/s%d/%d.png", person, i % 2, i);

        test_people_draw (folder, name, person, &random);
      }
  bad = test_folder_path (folder, "p3/s0/bad.jpg");
  g_assert_true (g_file_set_contents (bad, "no picture", -1, NULL));
  return folder;
}

static LkProtocol *
make_protocol (const char *folder)
{
  g_autoptr (GError) error = NULL;
  LkProtocol *p = lk_protocol_load_folders (folder, &error);

  g_assert_no_error (error);
  g_assert_true (lk_protocol_make_pairs (p, 100, 300, 1, &error));
  g_assert_true (lk_protocol_make_trials (p, 4, 60, 1, &error));
  return p;
}

static void
count_progress (int done, int total, gpointer data)
{
  int *last = data;

  g_assert_cmpint (done, >, *last);
  g_assert_cmpint (done, <=, total);
  *last = done;
}

/* Every score is the one that lk_verifier_compare() gives, whatever the number of threads
 * and models. */
static void
test_scores (void)
{
  g_autofree char *folder = make_folder (4);
  g_autoptr (LkProtocol) p = make_protocol (folder);
  g_autoptr (LkModel) colour = make_model (TEST_NETWORK, "colour", 2);
  g_autoptr (LkModel) grey = make_model (TEST_NETWORK_GREY, "grey", 3);
  LkModel *models[] = { colour, grey, NULL };
  LkEvaluationOptions how = { .rule = LK_FACE_WHOLE };
  int n = (int) p->pairs->len;

  for (how.n_threads = 1; how.n_threads <= 3; how.n_threads++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkEvaluation) e = NULL;
      int done = 0, n_failed = 0;

      e = lk_evaluate (models, 3, p, &how, count_progress, &done, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (done, ==, 33);
      g_assert_cmpint (e->n_pictures, ==, 33);
      g_assert_cmpuint (e->failures->len, ==, 1);
      g_assert_true (
          g_str_has_suffix (g_array_index (p->pictures, LkProtocolPicture,
                                           g_array_index (e->failures, LkFailure, 0).picture)
                                .path,
                            "bad.jpg"));
      for (int m = 0; m < 2; m++)
        {
          const LkModelRun *run = e->runs->pdata[m];
          g_autoptr (LkVerifier) verifier = lk_verifier_new (models[m], 1, NULL);

          for (int i = 0; i < n; i += m == 0 ? 1 : 7)
            {
              const LkProtocolPair *pair = &g_array_index (p->pairs, LkProtocolPair, i);
              g_autoptr (LkImage) a = lk_evaluation_load (p, pair->a, &how, NULL);
              g_autoptr (LkImage) b = lk_evaluation_load (p, pair->b, &how, NULL);
              g_autofree float *ea = g_new (float, run->size), *eb = g_new (float, run->size);
              double dot = 0, aa = 0, bb = 0;

              if (a == NULL || b == NULL)
                {
                  g_assert_true (isnan (run->scores[i]) && isnan (run->cosines[i]));
                  n_failed++;
                  continue;
                }
              g_assert_cmpfloat_with_epsilon (run->scores[i], lk_verifier_compare (verifier, a, b),
                                              1e-5);
              lk_verifier_embed (verifier, a, ea);
              lk_verifier_embed (verifier, b, eb);
              for (int k = 0; k < run->size; k++)
                {
                  dot += (double) ea[k] * eb[k];
                  aa += (double) ea[k] * ea[k];
                  bb += (double) eb[k] * eb[k];
                }
              g_assert_cmpfloat_with_epsilon (run->cosines[i], dot / sqrt (aa * bb), 1e-5);
            }
        }
      g_assert_cmpint (n_failed, >, 0);
    }
  test_folder_remove (folder);
}

/* Nearest neighbours by pixels know people who are drawn in their own colours. */
static void
test_baseline (void)
{
  g_autofree char *folder = make_folder (4);
  g_autoptr (LkProtocol) p = make_protocol (folder);
  g_autoptr (GError) error = NULL;
  LkModel *models[] = { NULL };
  LkEvaluationOptions how = { .rule = LK_FACE_WHOLE, .n_threads = 2 };
  g_autoptr (LkEvaluation) e = lk_evaluate (models, 1, p, &how, NULL, NULL, NULL, &error);
  const LkModelRun *run;
  const LkProtocolPair *pair;
  g_autoptr (LkImage) a = NULL, b = NULL;
  g_autofree float *fa = g_new (float, 105 * 105), *fb = g_new (float, 105 * 105);
  double sum = 0;
  int n_right = 0;

  g_assert_no_error (error);
  run = e->runs->pdata[0];
  g_assert_cmpint (run->n_correct, >, 25); /* of 60; chance gives 15 +- 3 */
  for (int i = 0; i < 60; i++)
    n_right += run->correct[i];
  g_assert_cmpint (n_right, ==, run->n_correct);

  pair = &g_array_index (p->pairs, LkProtocolPair, 0);
  a = lk_evaluation_load (p, pair->a, &how, NULL);
  b = lk_evaluation_load (p, pair->b, &how, NULL);
  lk_face_to_input (a, 105, 105, 1, fa);
  lk_face_to_input (b, 105, 105, 1, fb);
  for (int i = 0; i < 105 * 105; i++)
    sum += (double) (fa[i] - fb[i]) * (double) (fa[i] - fb[i]);
  g_assert_cmpfloat_with_epsilon (run->scores[0], 1 / (1 + sqrt (sum)), 1e-6);
  test_folder_remove (folder);
}

/* A trial whose probe is missing is wrong, a missing candidate never wins, and a tie is
 * no win. */
static void
test_trials (void)
{
  g_autofree char *folder = make_folder (2);
  g_autoptr (LkProtocol) p = lk_protocol_new ("trials", LK_PICTURE_PLAIN);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkEvaluation) e = NULL;
  const LkModelRun *run;
  LkModel *models[] = { NULL };
  LkEvaluationOptions how = { .n_threads = 1 };
  static const char *const names[] = { "p0/s0/0.png", "p0/s1/1.png", "p1/s0/0.png",
                                       "p3/s0/bad.jpg" };
  /* probe; candidates; the right one */
  static const int trials[][4] = {
    { 0, 1, 2, 0 }, { 0, 2, 1, 1 }, { 0, 2, 1, 0 }, { 3, 1, 2, 0 },
    { 0, 3, 1, 1 }, { 0, 1, 3, 1 }, { 0, 1, 1, 0 },
  };
  static const gboolean right[] = { TRUE, TRUE, FALSE, FALSE, TRUE, FALSE, FALSE };

  for (int i = 0; i < 4; i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);

      lk_protocol_add_picture (p, path, lk_protocol_add_person (p, names[i]), -1);
    }
  for (guint i = 0; i < G_N_ELEMENTS (trials); i++)
    {
      LkProtocolTrial trial = { trials[i][0], (int) p->candidates->len, 2, trials[i][3] };

      g_array_append_vals (p->candidates, &trials[i][1], 2);
      g_array_append_val (p->trials, trial);
    }
  e = lk_evaluate (models, 1, p, &how, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  run = e->runs->pdata[0];
  for (guint i = 0; i < G_N_ELEMENTS (right); i++)
    g_assert_cmpint (run->correct[i], ==, right[i]);
  g_assert_cmpint (run->n_correct, ==, 3);
  test_folder_remove (folder);
}

/* Omniglot's drawings, where they are: nearest neighbours get what the paper says. */
static void
test_omniglot (void)
{
  g_autofree char *zip = g_build_filename (LK_TEST_SHARED, "omniglot", "all_runs.zip", NULL);
  g_autofree char *folder = NULL, *command = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LkProtocol) p = NULL;
  g_autoptr (LkEvaluation) e = NULL;
  LkModel *models[] = { NULL };
  LkEvaluationOptions how = { .n_threads = 1 };
  int status;

  if (!g_file_test (zip, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("there is no Omniglot beside the source");
      return;
    }
  folder = test_folder_new ();
  command = g_strdup_printf ("/usr/bin/python3 -m zipfile -e '%s' '%s'", zip, folder);
  g_assert_true (g_spawn_command_line_sync (command, NULL, NULL, &status, &error));
  g_assert_cmpint (status, ==, 0);
  p = lk_protocol_load_runs (folder, &error);
  g_assert_no_error (error);
  e = lk_evaluate (models, 1, p, &how, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (p->trials->len, ==, 400);
  g_assert_cmpint (((LkModelRun *) e->runs->pdata[0])->n_correct, ==, 87); /* 21.75 % */
  test_folder_remove (folder);
}

/* The three kinds of pictures. */
static void
test_kinds (void)
{
  g_autofree char *folder = test_folder_new (), *path = NULL;
  g_autoptr (LkImage) image = NULL, plain = NULL, aligned = NULL, photo = NULL, middle = NULL;
  g_autoptr (GError) white = NULL;
  LkEvaluationOptions how = { .rule = LK_FACE_WHOLE };
  guint8 *pixels = g_malloc (3 * 120 * 120);
  LkProtocol *kinds[3];

  memset (pixels, 250, 3 * 120 * 120); /* a drawing: white, with a dot */
  pixels[3 * (120 * 60 + 70)] = 0;
  image = lk_image_new_take (120, 120, pixels);
  path = test_folder_path (folder, "a.png");
  g_assert_true (lk_image_save (image, path, NULL));
  for (int kind = 0; kind < 3; kind++)
    {
      kinds[kind] = lk_protocol_new ("kind", (LkPictureKind) kind);
      lk_protocol_add_picture (kinds[kind], path, lk_protocol_add_person (kinds[kind], "x"), -1);
    }
  photo = lk_evaluation_load (kinds[LK_PICTURE_PHOTO], 0, &how, &white);
  g_assert_error (white, LK_RETRY, LK_RETRY_TOO_BRIGHT);
  aligned = lk_evaluation_load (kinds[LK_PICTURE_ALIGNED], 0, &how, NULL);
  middle = lk_image_crop (image, 10, 10, 100, 100);
  g_assert_cmpint (aligned->width, ==, 100);
  g_assert_true (g_bytes_equal (aligned->bytes, middle->bytes));
  plain = lk_evaluation_load (kinds[LK_PICTURE_PLAIN], 0, &how, NULL);
  g_assert_true (g_bytes_equal (plain->bytes, image->bytes));
  for (int kind = 0; kind < 3; kind++)
    lk_protocol_free (kinds[kind]);
  test_folder_remove (folder);
}

static void
test_errors (void)
{
  g_autofree char *folder = make_folder (4);
  g_autoptr (LkProtocol) p = make_protocol (folder), none = lk_protocol_new ("n", LK_PICTURE_PHOTO);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) cancelled = NULL, missing = NULL;
  LkModel *models[] = { NULL };
  LkEvaluationOptions how = { .n_threads = 1 };

  g_cancellable_cancel (cancellable);
  g_assert_null (lk_evaluate (models, 1, p, &how, NULL, NULL, cancellable, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  lk_protocol_add_picture (none, "/nowhere/1.jpg", lk_protocol_add_person (none, "a"), -1);
  lk_protocol_add_picture (none, "/nowhere/2.jpg", 0, -1);
  lk_protocol_add_pair (none, 0, 1, TRUE, 0);
  g_assert_null (lk_evaluate (models, 1, none, &how, NULL, NULL, NULL, &missing));
  g_assert_error (missing, LK_ERROR, LK_ERROR_NO_DATA);
  test_folder_remove (folder);
}

/* ---- reports ---- */

static void
on_element (GMarkupParseContext *context, const char *element, const char **names,
            const char **values, gpointer data, GError **error)
{
  g_hash_table_insert (data, g_strdup (element), NULL);
  for (int i = 0; names[i] != NULL; i++)
    {
      g_assert_false (g_str_has_prefix (names[i], "on"));
      if (g_str_equal (names[i], "src"))
        {
          g_assert_true (g_str_has_prefix (values[i], "data:image/jpeg;base64,"));
          g_hash_table_insert (data, g_strdup ("a picture"), NULL);
        }
      g_assert_cmpstr (names[i], !=, "href");
    }
}

/* Parses the page (it is well-formed) and returns the elements in it. */
static GHashTable *
parse_page (const char *html)
{
  const GMarkupParser parser = { .start_element = on_element };
  GHashTable *elements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GMarkupParseContext *context = g_markup_parse_context_new (&parser, G_MARKUP_DEFAULT_FLAGS,
                                                             elements, NULL);
  g_autoptr (GError) error = NULL;

  g_markup_parse_context_parse (context, html, -1, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  g_markup_parse_context_free (context);
  g_assert_null (strstr (html, "http"));
  g_assert_null (strstr (html, "url("));
  g_assert_null (strstr (html, "@import"));
  return elements;
}

static void
test_report (void)
{
  g_autofree char *folder = make_folder (4), *html = NULL, *faces = NULL, *csv = NULL;
  g_autoptr (LkProtocol) p = make_protocol (folder);
  g_autoptr (LkModel) grey = make_model (TEST_NETWORK_GREY, "a <b> & \"c\"", 3);
  LkModel *models[] = { grey, NULL };
  LkEvaluationOptions how = { .rule = LK_FACE_WHOLE, .n_threads = 2 };
  const LkThreshold thresholds[] = { { 0.4, (char *) "given" }, { 0, NULL } };
  g_autoptr (LkEvaluation) e = lk_evaluate (models, 2, p, &how, NULL, NULL, NULL, NULL);
  g_autoptr (LkReport) report = lk_report_new (e, thresholds, "Drawn, not <photographed>.");
  const LkReportModel *first = report->models->pdata[0], *second = report->models->pdata[1];
  g_autoptr (GHashTable) plain = NULL, with = NULL;
  g_auto (GStrv) lines = NULL;
  int n_pair_lines = 0, n_trial_lines = 0, right = 0;

  g_assert_cmpstr (first->threshold.from, ==, "given");
  g_assert_cmpfloat (second->threshold.value, ==, 0.5); /* it has none of its own */
  for (guint i = 0; i < p->pairs->len; i++)
    {
      float score = first->run->scores[i];
      gboolean match = !isnan (score) && score >= 0.4f;

      right += match == g_array_index (p->pairs, LkProtocolPair, i).same;
    }
  g_assert_cmpint (first->accuracy.n_right, ==, right);
  g_assert_cmpint (first->counts.true_positives + first->counts.false_negatives, ==,
                   first->measures->n_genuine);
  g_assert_cmpint (first->counts.false_positives + first->counts.true_negatives, ==,
                   first->measures->n_impostor);
  g_assert_cmpint (lk_report_get_n_failed_pairs (report), >, 0);

  html = lk_report_to_html (report, NULL);
  plain = parse_page (html);
  g_assert_true (g_hash_table_contains (plain, "polyline"));
  g_assert_false (g_hash_table_contains (plain, "a picture"));
  g_assert_null (strstr (html, "<b>"));
  g_assert_nonnull (strstr (html, "not &lt;photographed&gt;"));
  faces = lk_report_to_html (report, &how);
  with = parse_page (faces);
  g_assert_true (g_hash_table_contains (with, "a picture"));

  csv = lk_report_to_csv (report);
  lines = g_strsplit (csv, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    {
      n_pair_lines += g_str_has_prefix (lines[i], "pair,\"a <b> & \"\"c\"\"\",");
      n_trial_lines += g_str_has_prefix (lines[i], "trial,nearest-neighbour,4,");
    }
  g_assert_cmpint (n_pair_lines, ==, (int) p->pairs->len);
  g_assert_cmpint (n_trial_lines, ==, 60);
  g_assert_nonnull (strstr (csv, "\nfailure,"));
  test_folder_remove (folder);
}

/* With folds each fold's threshold comes from the others. */
static void
test_folds (void)
{
  g_autofree char *folder = make_folder (4);
  g_autoptr (LkProtocol) p = make_protocol (folder);
  g_autoptr (LkEvaluation) e = NULL;
  g_autoptr (LkReport) report = NULL;
  const LkReportModel *model;
  LkModel *models[] = { NULL };
  LkEvaluationOptions how = { .rule = LK_FACE_WHOLE, .n_threads = 1 };

  p->n_folds = 4;
  for (guint i = 0; i < p->pairs->len; i++)
    g_array_index (p->pairs, LkProtocolPair, i).fold = (int) i % 4;
  e = lk_evaluate (models, 1, p, &how, NULL, NULL, NULL, NULL);
  report = lk_report_new (e, NULL, NULL);
  model = report->models->pdata[0];
  g_assert_nonnull (strstr (model->threshold.from, "4 folds"));
  g_assert_cmpfloat (model->threshold.value, ==, model->accuracy.threshold);
  g_assert_cmpfloat (model->threshold.value, !=, 0.5);
  test_folder_remove (folder);
}

/* With pairs enough behind the calibration, the loosest threshold that the program offers. */
static void
test_offered_threshold (void)
{
  enum
  {
    N = 4000
  };
  g_autofree char *folder = make_folder (4);
  g_autoptr (LkProtocol) p = make_protocol (folder);
  g_autoptr (LkModel) plain = make_model (TEST_NETWORK_GREY, "grey", 3), model = NULL;
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (LkCalibration) calibration = NULL;
  g_autoptr (LkEvaluation) evaluation = NULL;
  g_autoptr (LkReport) report = NULL;
  LkEvaluationOptions how = { .rule = LK_FACE_WHOLE, .n_threads = 1 };
  g_autofree float *scores = g_new (float, N);
  g_autofree gboolean *same = g_new (gboolean, N);
  double threshold;

  for (int i = 0; i < N; i++)
    {
      same[i] = i % 2 == 0;
      scores[i] = (float) (same[i] ? 0.2 : 0) + 0.8F * (float) i / N;
    }
  calibration = lk_calibration_new (scores, same, N, "made", NULL);
  threshold = lk_calibration_threshold (calibration, 1e-2, NULL);
  g_assert_cmpfloat (fabs (threshold - lk_calibration_get_balanced (calibration)), >, 0.005);
  g_hash_table_insert (meta, (char *) LK_CALIBRATION_KEY, lk_calibration_to_text (calibration));
  model = lk_model_new (TEST_NETWORK_GREY, "grey", lk_model_get_params (plain), meta, NULL);
  evaluation = lk_evaluate (&model, 1, p, &how, NULL, NULL, NULL, NULL);
  report = lk_report_new (evaluation, NULL, NULL);
  g_assert_cmpfloat_with_epsilon (
      ((const LkReportModel *) report->models->pdata[0])->threshold.value, threshold, 1e-6);
  test_folder_remove (folder);
}

/* A model with a calibration: its balanced threshold, as the pairs are too few for another, and
 * both reliabilities. */
static void
test_calibrated (void)
{
  g_autofree char *folder = make_folder (4), *html = NULL;
  g_autoptr (LkProtocol) p = make_protocol (folder);
  g_autoptr (LkModel) plain = make_model (TEST_NETWORK_GREY, "grey", 3), model = NULL;
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (LkCalibration) calibration = NULL;
  g_autoptr (LkEvaluation) before = NULL, after = NULL;
  g_autoptr (LkReport) first = NULL, second = NULL;
  LkEvaluationOptions how = { .rule = LK_FACE_WHOLE, .n_threads = 1 };
  const LkReportModel *one, *two;
  guint n = p->pairs->len;
  g_autofree gboolean *same = g_new (gboolean, n);

  before = lk_evaluate (&plain, 1, p, &how, NULL, NULL, NULL, NULL);
  first = lk_report_new (before, NULL, NULL);
  one = first->models->pdata[0];
  for (guint i = 0; i < n; i++)
    same[i] = g_array_index (p->pairs, LkProtocolPair, i).same;
  calibration = lk_calibration_new (one->run->scores, same, (int) n, "here", NULL);
  g_assert_nonnull (calibration);
  g_hash_table_insert (meta, (char *) LK_CALIBRATION_KEY, lk_calibration_to_text (calibration));
  g_hash_table_insert (meta, (char *) "threshold", g_strdup ("0.123"));
  model = lk_model_new (TEST_NETWORK_GREY, "grey", lk_model_get_params (plain), meta, NULL);

  after = lk_evaluate (&model, 1, p, &how, NULL, NULL, NULL, NULL);
  second = lk_report_new (after, NULL, NULL);
  two = second->models->pdata[0];
  g_assert_cmpfloat (one->threshold.value, ==, 0.5);
  g_assert_cmpfloat (two->threshold.value, ==, lk_calibration_get_balanced (calibration));
  g_assert_true (isnan (one->calibrated.error));
  g_assert_cmpfloat (one->head.error, ==, two->head.error);
  /* It was fitted to these very pairs. */
  g_assert_cmpfloat (two->calibrated.error, <, 0.1);
  g_assert_cmpfloat (two->calibrated.error, !=, two->head.error);
  html = lk_report_to_html (second, NULL);
  g_hash_table_unref (parse_page (html));
  g_assert_nonnull (strstr (html, "calibrated (solid)"));
  test_folder_remove (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evaluation/scores", test_scores);
  g_test_add_func ("/evaluation/baseline", test_baseline);
  g_test_add_func ("/evaluation/trials", test_trials);
  g_test_add_func ("/evaluation/omniglot", test_omniglot);
  g_test_add_func ("/evaluation/kinds", test_kinds);
  g_test_add_func ("/evaluation/errors", test_errors);
  g_test_add_func ("/evaluation/report", test_report);
  g_test_add_func ("/evaluation/folds", test_folds);
  g_test_add_func ("/evaluation/calibrated", test_calibrated);
  g_test_add_func ("/evaluation/offered-threshold", test_offered_threshold);
  return g_test_run ();
}
