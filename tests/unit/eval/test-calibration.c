/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-random.h"
#include "eval/lk-calibration.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define assert_near(a, b, e) g_assert_cmpfloat_with_epsilon (a, b, e)

/* ---- against scikit-learn: tests/golden/make-calibration.py ---- */

typedef struct
{
  GArray *x, *same;
  int n_checks;
} Case;

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
check_platt (Case *c, char **word)
{
  double a, b;

  lk_platt_fit ((double *) c->x->data, (gboolean *) c->same->data, (int) c->x->len, &a, &b);
  assert_near (a, g_ascii_strtod (word[1], NULL), 1e-5);
  assert_near (b, g_ascii_strtod (word[2], NULL), 1e-5);
}

static void
check_isotonic (Case *c, char **word)
{
  g_autoptr (GArray) rising = g_array_copy (c->x);
  guint n = c->x->len;
  g_autofree double *y = g_new (double, n), *weights = g_new (double, n);
  int counts[2] = { 0 };

  g_array_sort (rising, compare_doubles);
  for (guint i = 0; i < n; i++)
    counts[g_array_index (c->same, gboolean, i)]++;
  for (guint i = 0; i < n; i++)
    for (guint j = 0; j < n; j++)
      if (g_array_index (c->x, double, j) == g_array_index (rising, double, i))
        {
          y[i] = g_array_index (c->same, gboolean, j);
          weights[i] = 0.5 / counts[g_array_index (c->same, gboolean, j)];
        }
  lk_isotonic_fit (y, weights, (int) n);
  for (guint i = 0; i < n; i++)
    assert_near (y[i], g_ascii_strtod (word[1 + i], NULL), 1e-9);
  g_assert_null (word[1 + n]);
}

static void
check_bins (Case *c, char **word)
{
  guint n = c->x->len;
  g_autofree double *p = g_new (double, n);
  LkReliabilityBin bins[5];
  int at = 1;

  for (guint i = 0; i < n; i++)
    p[i] = 1 / (1 + exp (-g_array_index (c->x, double, i)));
  lk_reliability (p, (gboolean *) c->same->data, (int) n, FALSE, 5, bins);
  for (int k = 0; k < 5; k++)
    if (bins[k].n_genuine + bins[k].n_impostor > 0)
      {
        assert_near (bins[k].predicted, g_ascii_strtod (word[at++], NULL), 1e-12);
        assert_near (bins[k].observed.value, g_ascii_strtod (word[at++], NULL), 1e-12);
        g_assert_cmpfloat (bins[k].observed.low, <=, bins[k].observed.value);
        g_assert_cmpfloat (bins[k].observed.high, >=, bins[k].observed.value);
      }
  g_assert_null (word[at]);
}

static void
test_golden (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  Case c = { 0 };
  guint left = 0;

  g_file_get_contents (LK_TEST_CALIBRATION, &text, NULL, NULL);
  g_assert_nonnull (text);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) word = g_strsplit (*line, " ", -1);

      if (left > 0)
        {
          double x = g_ascii_strtod (word[0], NULL);
          gboolean same = word[1][0] == '1';

          g_array_append_val (c.x, x);
          g_array_append_val (c.same, same);
          left--;
        }
      else if (strcmp (word[0], "case") == 0)
        {
          c.x = g_array_new (FALSE, FALSE, sizeof (double));
          c.same = g_array_new (FALSE, FALSE, sizeof (gboolean));
          left = (guint) g_ascii_strtoull (word[2], NULL, 10);
        }
      else if (strcmp (word[0], "end") == 0)
        {
          g_array_unref (c.x);
          g_array_unref (c.same);
          c.n_checks++;
        }
      else
        (strcmp (word[0], "platt") == 0      ? check_platt
         : strcmp (word[0], "isotonic") == 0 ? check_isotonic
                                             : check_bins) (&c, word);
    }
  g_assert_cmpint (c.n_checks, ==, 3);
}

/* ---- by hand ---- */

static void
test_isotonic (void)
{
  double y[] = { 1, 3, 2, 2, 0, 5 }, flat[] = { 3, 2, 1 };
  const double weights[] = { 1, 1, 1, 1, 2, 1 }, heavy[] = { 1, 1, 4 };

  /* 3 2 2 0 0 pool to 7/5; then 1 stays below it. */
  lk_isotonic_fit (y, weights, 6);
  assert_near (y[0], 1, 1e-12);
  for (int i = 1; i < 5; i++)
    assert_near (y[i], 1.4, 1e-12);
  assert_near (y[5], 5, 1e-12);
  lk_isotonic_fit (flat, heavy, 3);
  for (int i = 0; i < 3; i++)
    assert_near (flat[i], 9.0 / 6, 1e-12);
}

/* Impostors count 1/3 each in the share of a bin: 2 genuine and 3 impostors are 2 : 1. */
static void
test_reliability_even (void)
{
  const double p[] = { 0.6, 0.6, 0.9, 0.7, 0.7, 0.8, NAN, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3 };
  const gboolean same[] = { 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0 };
  LkReliabilityBin bins[2];
  double error;

  /* 4 genuine (one more has no p), 8 impostors: each impostor weighs 1/2. */
  error = lk_reliability (p, same, 13, TRUE, 2, bins);
  g_assert_cmpint (bins[1].n_genuine, ==, 3);
  g_assert_cmpint (bins[1].n_impostor, ==, 3);
  assert_near (bins[1].observed.value, 3 / 4.5, 1e-12);
  assert_near (bins[1].predicted, (0.6 + 0.6 + 0.9 + 0.5 * 2.2) / 4.5, 1e-12);
  assert_near (bins[0].observed.value, 1 / 3.5, 1e-12);
  assert_near (error, (fabs (3 - 3.2) + fabs (1 - 0.65)) / 8, 1e-12);
  lk_reliability (p, same, 13, FALSE, 2, bins);
  assert_near (bins[1].observed.value, 0.5, 1e-12);
}

/* ---- the whole ---- */

#define N_GENUINE  2000
#define N_IMPOSTOR 20000
#define N          (N_GENUINE + N_IMPOSTOR)

static void
make_scores (float *scores, gboolean *same)
{
  LkRandom random;

  lk_random_seed (&random, 12);
  for (int i = 0; i < N; i++)
    {
      double z = lk_random_normal (&random);

      same[i] = i % 11 == 0;
      scores[i] = (float) (1 / (1 + exp (-(2 * z + (same[i] ? 3 : -3)))));
    }
}

static LkCalibration *
make_calibration (float *scores, gboolean *same)
{
  g_autoptr (GError) error = NULL;
  LkCalibration *c;

  make_scores (scores, same);
  c = lk_calibration_new (scores, same, N, "drawn\nat random", &error);
  g_assert_no_error (error);
  return c;
}

/* Normal log-odds of means -3 and 3 and a deviation of 2: the true log-odds of being
 * genuine are 6 x / 4. */
static void
test_probabilities (void)
{
  g_autofree float *scores = g_new (float, N);
  g_autofree gboolean *same = g_new (gboolean, N);
  g_autoptr (LkCalibration) c = make_calibration (scores, same);
  double last[2] = { 0 };

  g_assert_cmpint (lk_calibration_get_n_genuine (c), ==, N_GENUINE);
  g_assert_cmpint (lk_calibration_get_n_impostor (c), ==, N_IMPOSTOR);
  for (double x = -6; x < 6; x += 0.125)
    {
      double score = 1 / (1 + exp (-x)), truth = 1 / (1 + exp (-1.5 * x));
      double now[2] = { lk_calibration_platt (c, score), lk_calibration_isotonic (c, score) };

      assert_near (now[0], truth, 0.03);
      assert_near (now[1], truth, 0.1);
      for (int k = 0; k < 2; k++)
        {
          g_assert_cmpfloat (now[k], >=, last[k]);
          last[k] = now[k];
        }
    }
  assert_near (lk_calibration_get_balanced (c), 0.5, 0.12);
  g_assert_true (isnan (lk_calibration_platt (c, (double) NAN)));
  g_assert_true (isnan (lk_calibration_isotonic (c, (double) NAN)));
  g_assert_cmpfloat (lk_calibration_platt (c, 0), <, 1e-6);
  g_assert_cmpfloat (lk_calibration_platt (c, 1), <, 1);
  g_assert_cmpfloat (lk_calibration_isotonic (c, 1), <=, 1);
}

static void
test_rates (void)
{
  g_autofree float *scores = g_new (float, N);
  g_autofree gboolean *same = g_new (gboolean, N);
  g_autoptr (LkCalibration) c = make_calibration (scores, same);
  g_autoptr (GArray) roc = lk_roc (scores, same, N);
  LkInterval fmr, fnmr;
  gboolean supported;
  int matched, missed;

  for (double t = 0; t <= 1; t += 1.0 / 256)
    {
      LkConfusion counts;
      double wilson_low, wilson_high;

      lk_confusion_count (scores, same, N, t, &counts);
      lk_calibration_rates (c, t, &fmr, &fnmr, &matched, &missed);
      /* Between the points that are kept a count is off by a twelfth of a decade at most. */
      assert_near (fmr.value, lk_confusion_fmr (&counts),
                   1.5 / N_IMPOSTOR + 0.12 * lk_confusion_fmr (&counts));
      assert_near (fnmr.value, lk_confusion_fnmr (&counts),
                   1.5 / N_GENUINE + 0.12 * lk_confusion_fnmr (&counts));
      lk_wilson (matched, N_IMPOSTOR, &wilson_low, &wilson_high);
      g_assert_cmpfloat (fmr.high, ==, wilson_high);
      g_assert_cmpfloat (fnmr.low, <=, fnmr.value);
    }
  lk_calibration_rates (c, 1.1, &fmr, &fnmr, NULL, NULL);
  g_assert_cmpfloat (fmr.value, ==, 0);
  g_assert_cmpfloat (fmr.high, >, 1e-4); /* none of 20000 is not never */
  g_assert_cmpfloat (fnmr.value, ==, 1);
  lk_calibration_rates (c, -1, &fmr, &fnmr, NULL, NULL);
  g_assert_cmpfloat (fmr.value, ==, 1);
  g_assert_cmpfloat (fnmr.value, ==, 0);

  /* The thresholds of the rates that people ask for are exact. */
  for (int k = 0; k < LK_N_FMRS; k++)
    {
      double threshold = lk_calibration_threshold (c, lk_fmrs[k], &supported);

      g_assert_cmpfloat (threshold, ==, lk_roc_threshold_at_fmr (roc, lk_fmrs[k]));
      g_assert_true (supported == (k < 3)); /* 20000 bound 1.5e-4 */
    }
  lk_calibration_threshold (c, 1.5e-4, &supported);
  g_assert_true (supported);
  g_assert_cmpfloat (lk_calibration_threshold (c, 0, NULL), >,
                     lk_calibration_threshold (c, 1e-3, NULL));
}

/* The text gives back the same, is short, and one line says where it is from. */
static void
test_text (void)
{
  g_autofree float *scores = g_new (float, N);
  g_autofree gboolean *same = g_new (gboolean, N);
  g_autoptr (LkCalibration) c = make_calibration (scores, same), back = NULL;
  g_autofree char *text = lk_calibration_to_text (c), *again = NULL;
  g_autoptr (GError) error = NULL;

  back = lk_calibration_parse (text, &error);
  g_assert_no_error (error);
  again = lk_calibration_to_text (back);
  g_assert_cmpstr (text, ==, again);
  g_assert_cmpuint (strlen (text), <, 12000);
  g_assert_cmpstr (lk_calibration_get_about (back), ==, "drawn at random");
  for (double score = 0.01; score < 1; score += 0.07)
    {
      LkInterval a[2], b[2];

      assert_near (lk_calibration_platt (back, score), lk_calibration_platt (c, score), 1e-7);
      assert_near (lk_calibration_isotonic (back, score), lk_calibration_isotonic (c, score), 1e-4);
      lk_calibration_rates (c, score, &a[0], &a[1], NULL, NULL);
      lk_calibration_rates (back, score, &b[0], &b[1], NULL, NULL);
      assert_near (a[0].value, b[0].value, 1e-6);
      assert_near (a[1].value, b[1].value, 1e-6);
    }
  g_assert_cmpfloat (lk_calibration_threshold (back, 1e-3, NULL), ==,
                     lk_calibration_threshold (c, 1e-3, NULL));
}

static void
refuse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCalibration) c = lk_calibration_parse (text, &error);

  g_assert_null (c);
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
}

#define GOOD "likeness-calibration 1\nabout x\npairs 9 7\nbalanced 0.5\nplatt 1 0\n"

static void
test_untrusted (void)
{
  static const char good[] = GOOD "isotonic 0.1:0 0.9:1\ncurve 0.1:7:0 0.9:0:9\n";
  static const char *const bad[] = {
    "",
    "likeness-calibration 2\nabout x\npairs 9 7\nbalanced 0.5\nplatt 1 0\nisotonic 0:0\ncurve "
    "0:7:0\n",
    "likeness-calibration 1\nabout x\npairs -9 7\nbalanced 0.5\nplatt 1 0\nisotonic 0:0\ncurve "
    "0:7:0\n",
    "likeness-calibration 1\nabout x\npairs 0 7\nbalanced 0.5\nplatt 1 0\nisotonic 0:0\ncurve "
    "0:7:0\n",
    "likeness-calibration 1\nabout x\npairs 9 1e99\nbalanced 0.5\nplatt 1 0\nisotonic 0:0\ncurve "
    "0:7:0\n",
    "likeness-calibration 1\nabout x\npairs 9 7\nbalanced inf\nplatt 1 0\nisotonic 0:0\ncurve "
    "0:7:0\n",
    "likeness-calibration 1\nabout x\npairs 9 7\nbalanced 0.5\nplatt nan 0\nisotonic 0:0\ncurve "
    "0:7:0\n",
    GOOD "isotonic 0.1:0 0.1:1\ncurve 0.1:7:0\n",
    GOOD "isotonic 0.1:0.5 0.2:0.4\ncurve 0.1:7:0\n",
    GOOD "isotonic 0.1:1.5\ncurve 0.1:7:0\n",
    GOOD "isotonic \ncurve 0.1:7:0\n",
    GOOD "isotonic 0.1:0\ncurve 0.1:8:0\n",
    GOOD "isotonic 0.1:0\ncurve 0.1:7:10\n",
    GOOD "isotonic 0.1:0\ncurve 0.1:6.5:1\n",
    GOOD "isotonic 0.1:0\ncurve 0.1:5:1 0.2:6:1\n",
    GOOD "isotonic 0.1:0\ncurve 0.1:5:3 0.2:4:2\n",
    GOOD "isotonic 0.1:0\ncurve 0.1:5:3 x\n",
    GOOD "isotonic 0.1:0\n",
  };
  g_autoptr (LkCalibration) c = lk_calibration_parse (good, NULL);
  GString *many = g_string_new (GOOD "isotonic 0:0\ncurve");
  g_autofree char *half = NULL;

  g_assert_nonnull (c);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    refuse (bad[i]);
  for (int i = 0; i < 5000; i++)
    g_string_append_printf (many, " %d:0:0", i);
  refuse (many->str);
  g_string_free (many, TRUE);
  for (gsize length = 0; length + 6 < sizeof good; length += 3) /* cut short anywhere */
    {
      g_free (half);
      half = g_strndup (good, length);
      refuse (half);
    }
}

static void
test_few (void)
{
  float scores[40];
  gboolean same[40];
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCalibration) c = NULL, ones = NULL;
  double a, b;

  for (int i = 0; i < 40; i++)
    {
      scores[i] = i < 20 ? 1 : 0; /* as far out as scores go, and told apart by all */
      same[i] = i < 20;
    }
  g_assert_null (lk_calibration_new (scores, same, 29, "x", &error)); /* 9 impostors */
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  c = lk_calibration_new (scores, same, 30, "x", NULL);
  g_assert_cmpfloat (lk_calibration_platt (c, 1), >, 0.9);
  g_assert_cmpfloat (lk_calibration_platt (c, 0), <, 0.1);
  g_assert_cmpfloat (lk_calibration_get_balanced (c), ==, 1);

  for (int i = 0; i < 40; i++)
    scores[i] = 0.5f; /* nothing can be learnt of these */
  ones = lk_calibration_new (scores, same, 40, "x", NULL);
  assert_near (lk_calibration_platt (ones, 0.5), 0.5, 1e-6);
  assert_near (lk_calibration_isotonic (ones, 0.5), 0.5, 1e-9);
  lk_platt_fit (NULL, NULL, 0, &a, &b);
  g_assert_true (isfinite (a) && isfinite (b));
}

/* It travels in a model's metadata. */
static void
test_model (void)
{
  static const char net[] =
      "network t\nimage input size=4x4x3\nflat flatten image\n"
      "embedding dense flat units=3 activation=sigmoid\nscore l1-head embedding\n";
  g_autofree float *scores = g_new (float, N);
  g_autofree gboolean *same = g_new (gboolean, N);
  g_autoptr (LkCalibration) c = make_calibration (scores, same), back = NULL;
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autofree char *folder = g_dir_make_tmp ("likeness-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "m.safetensors", NULL);
  g_autoptr (LkModel) plain = lk_model_new_untrained (net, "t", 1, NULL), model = NULL,
                      loaded = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (lk_calibration_of_model (plain));
  g_hash_table_insert (meta, (char *) LK_CALIBRATION_KEY, lk_calibration_to_text (c));
  model = lk_model_new (net, "t", lk_model_get_params (plain), meta, &error);
  g_assert_no_error (error);
  g_assert_true (lk_model_save (model, path, TRUE, &error));
  loaded = lk_model_load (path, &error);
  g_assert_no_error (error);
  back = lk_calibration_of_model (loaded);
  g_assert_nonnull (back);
  g_assert_cmpint (lk_calibration_get_n_impostor (back), ==, N_IMPOSTOR);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/calibration/golden", test_golden);
  g_test_add_func ("/calibration/isotonic", test_isotonic);
  g_test_add_func ("/calibration/reliability-even", test_reliability_even);
  g_test_add_func ("/calibration/probabilities", test_probabilities);
  g_test_add_func ("/calibration/rates", test_rates);
  g_test_add_func ("/calibration/text", test_text);
  g_test_add_func ("/calibration/untrusted", test_untrusted);
  g_test_add_func ("/calibration/few", test_few);
  g_test_add_func ("/calibration/model", test_model);
  return g_test_run ();
}
