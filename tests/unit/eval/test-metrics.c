/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-random.h"
#include "eval/lk-metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-12)
#define assert_nan(a)     g_assert_true (isnan (a))

/* Genuine .9 .8 .4, impostors .7 .4 .2 .1, by hand. */
static const float scores[] = { 0.9f, 0.7f, 0.4f, 0.2f, 0.8f, 0.4f, 0.1f };
static const gboolean same[] = { TRUE, FALSE, TRUE, FALSE, TRUE, FALSE, FALSE };
#define N G_N_ELEMENTS (scores)

static void
test_confusion (void)
{
  LkConfusion c;

  lk_confusion_count (scores, same, N, 0.5, &c);
  g_assert_cmpint (c.true_positives, ==, 2);
  g_assert_cmpint (c.false_positives, ==, 1);
  g_assert_cmpint (c.true_negatives, ==, 3);
  g_assert_cmpint (c.false_negatives, ==, 1);
  assert_near (lk_confusion_accuracy (&c), 5.0 / 7);
  assert_near (lk_confusion_precision (&c), 2.0 / 3);
  assert_near (lk_confusion_recall (&c), 2.0 / 3);
  assert_near (lk_confusion_f1 (&c), 2.0 / 3);
  assert_near (lk_confusion_fmr (&c), 1.0 / 4);
  assert_near (lk_confusion_fnmr (&c), 1.0 / 3);

  /* A score that equals the threshold is a match. */
  lk_confusion_count (scores, same, N, (double) 0.4f, &c);
  g_assert_cmpint (c.true_positives, ==, 3);
  g_assert_cmpint (c.false_positives, ==, 2);
}

static void
test_confusion_empty (void)
{
  const float missing[] = { NAN, NAN };
  const gboolean both[] = { TRUE, FALSE };
  LkConfusion c;

  lk_confusion_count (NULL, NULL, 0, 0.5, &c);
  assert_nan (lk_confusion_accuracy (&c));
  assert_nan (lk_confusion_precision (&c));
  assert_nan (lk_confusion_recall (&c));
  assert_nan (lk_confusion_f1 (&c));
  assert_nan (lk_confusion_fmr (&c));
  assert_nan (lk_confusion_fnmr (&c));

  lk_confusion_count (missing, both, 2, -INFINITY, &c);
  g_assert_cmpint (c.false_negatives, ==, 1);
  g_assert_cmpint (c.true_negatives, ==, 1);
  assert_nan (lk_best_f1_threshold (missing, both, 2));
  assert_nan (lk_best_accuracy_threshold (missing, both, 2));
}

static void
test_wilson (void)
{
  double low, high;

  /* The limits are where k/n is 1.96 standard deviations of that limit away. */
  lk_wilson (8, 10, &low, &high);
  g_assert_cmpfloat_with_epsilon (0.8 - low, 1.959964 * sqrt (low * (1 - low) / 10), 1e-6);
  g_assert_cmpfloat_with_epsilon (high - 0.8, 1.959964 * sqrt (high * (1 - high) / 10), 1e-6);
  lk_wilson (0, 20, &low, &high);
  g_assert_cmpfloat (low, ==, 0);
  g_assert_cmpfloat_with_epsilon (high, 3.8414588 / (20 + 3.8414588), 1e-6); /* z^2 / (n + z^2) */
  lk_wilson (20, 20, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, 20 / (20 + 3.8414588), 1e-6);
  g_assert_cmpfloat (high, ==, 1);
  lk_wilson (0, 0, &low, &high);
  g_assert_cmpfloat (low, ==, 0);
  g_assert_cmpfloat (high, ==, 1);
}

static void
test_roc (void)
{
  /* threshold, impostors at or above it of 4, genuine pairs below it of 3 */
  const double expected[][3] = { { 0.9, 0, 2 }, { 0.8, 0, 1 }, { 0.7, 1, 1 },
                                 { 0.4, 2, 0 }, { 0.2, 3, 0 }, { 0.1, 4, 0 } };
  g_autoptr (GArray) roc = lk_roc (scores, same, N);

  g_assert_cmpuint (roc->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < roc->len; i++)
    {
      LkRocPoint *point = &g_array_index (roc, LkRocPoint, i);

      g_assert_cmpfloat_with_epsilon (point->threshold, expected[i][0], 1e-7);
      assert_near (point->fmr, expected[i][1] / 4);
      assert_near (point->fnmr, expected[i][2] / 3);
    }
  /* Of the 12 pairs genuine, impostor: .9 beats 4, .8 beats 4, .4 beats 2 and ties with 1. */
  assert_near (lk_roc_auc (roc), 10.5 / 12);
  /* From (1/4, 1/3) to (2/4, 0): 1/4 + t/4 = 1/3 - t/3 at t = 1/7. */
  assert_near (lk_roc_eer (roc), 0.25 + 1.0 / 28);
  assert_near (lk_roc_tar_at_far (roc, 0.01), 2.0 / 3);
  assert_near (lk_roc_tar_at_far (roc, 0.5), 1);
  g_assert_cmpfloat (lk_roc_threshold_at_fmr (roc, 0.01), ==, (double) 0.8f);
  g_assert_cmpfloat (lk_roc_threshold_at_fmr (roc, 1), ==, (double) 0.1f);
}

static void
test_roc_edges (void)
{
  const float impostor_first[] = { 0.9f, 0.5f };
  const gboolean swapped[] = { FALSE, TRUE }, all[] = { TRUE, TRUE };
  const float missing[] = { NAN, 0.5f };
  g_autoptr (GArray) worst = lk_roc (impostor_first, swapped, 2);
  g_autoptr (GArray) best = lk_roc (impostor_first, (gboolean[]){ TRUE, FALSE }, 2);
  g_autoptr (GArray) one_class = lk_roc (impostor_first, all, 2);
  g_autoptr (GArray) nan_last = lk_roc (missing, (gboolean[]){ TRUE, FALSE }, 2);
  LkConfusion c;

  assert_near (lk_roc_auc (worst), 0);
  assert_near (lk_roc_eer (worst), 1);
  assert_near (lk_roc_tar_at_far (worst, 0.1), 0);
  lk_confusion_count (impostor_first, swapped, 2, lk_roc_threshold_at_fmr (worst, 0.1), &c);
  g_assert_cmpint (c.false_positives, ==, 0);

  assert_near (lk_roc_auc (best), 1);
  assert_near (lk_roc_eer (best), 0);

  g_assert_cmpuint (one_class->len, ==, 0);
  assert_nan (lk_roc_auc (one_class));
  assert_nan (lk_roc_eer (one_class));
  assert_nan (lk_roc_tar_at_far (one_class, 0.1));
  assert_nan (lk_roc_threshold_at_fmr (one_class, 0.1));

  assert_near (lk_roc_auc (nan_last), 0);
  g_assert_cmpuint (nan_last->len, ==, 2);
}

static void
test_thresholds (void)
{
  /* F1 at .9: 2/4, .8: 4/5, .7: 4/6, .4: 6/8 */
  g_assert_cmpfloat (lk_best_f1_threshold (scores, same, N), ==, (double) 0.8f);
  /* .8 gets 6 of 7 right */
  g_assert_cmpfloat (lk_best_accuracy_threshold (scores, same, N), ==, (double) 0.8f);
  assert_nan (lk_best_f1_threshold (scores, (gboolean[N]){ FALSE }, N));

  /* F1 is 2/3 at .9 and at .1: the highest of equals. */
  g_assert_cmpfloat (lk_best_f1_threshold ((float[]){ 0.1f, 0.5f, 0.7f, 0.9f },
                                           (gboolean[]){ TRUE, FALSE, FALSE, TRUE }, 4),
                     ==, (double) 0.9f);
  g_assert_cmpfloat (lk_best_accuracy_threshold ((float[]){ 0.5f, 0.7f, 0.9f },
                                                 (gboolean[]){ TRUE, FALSE, TRUE }, 3),
                     ==, (double) 0.9f);
  /* Between the genuine at .8 and the impostor below it; below the lowest there is nothing. */
  g_assert_cmpfloat_with_epsilon (
      lk_threshold_in_gap ((float[]){ 0.9f, 0.8f, 0.2f, 0.1f, NAN }, 5, (double) 0.8f), 0.5, 1e-7);
  g_assert_cmpfloat (lk_threshold_in_gap ((float[]){ 0.9f, 0.8f }, 2, (double) 0.8f), ==,
                     (double) 0.8f);
  assert_nan (lk_threshold_in_gap (scores, N, (double) NAN));
  /* Matching nothing is best, and the threshold does so. */
  g_assert_cmpfloat (
      lk_best_accuracy_threshold ((float[]){ 0.5f, 0.5f }, (gboolean[2]){ FALSE }, 2), >, 0.5);
}

static void
test_histogram (void)
{
  const float values[] = { -1, 0, 0.24f, 0.25f, 0.5f, 1, 7, NAN };
  const gboolean is_same[] = { 0, 1, 1, 1, 0, 0, 1, 1 };
  int genuine[4], impostor[4];

  lk_histogram (values, is_same, 8, 0, 1, 4, genuine, impostor);
  g_assert_cmpmem (genuine, sizeof genuine, ((int[]){ 2, 1, 0, 1 }), sizeof genuine);
  g_assert_cmpmem (impostor, sizeof impostor, ((int[]){ 1, 0, 1, 1 }), sizeof impostor);
}

static double
mean_genuine (const float *s, const gboolean *is_same, int n, gpointer data)
{
  double sum = 0;
  int count = 0;

  for (int i = 0; i < n; i++)
    if (is_same[i])
      {
        sum += (double) s[i];
        count++;
      }
  g_assert_cmpint (count, ==, *(int *) data);
  return sum / count;
}

/* The bootstrap interval of a mean is mean +- 1.96 sd / sqrt (n), for n large. */
static void
test_bootstrap (void)
{
  enum
  {
    n = 800
  };
  float values[n];
  gboolean is_same[n];
  int n_genuine = n / 2;
  double low, high, low2, high2, sum = 0, sum2 = 0, half;
  LkRandom random;

  lk_random_seed (&random, 5);
  for (int i = 0; i < n; i++)
    {
      values[i] = (float) lk_random_normal (&random) + (i % 2 ? 100 : 0);
      is_same[i] = i % 2 == 0;
      if (is_same[i])
        {
          sum += (double) values[i] / n_genuine;
          sum2 += (double) values[i] * (double) values[i] / n_genuine;
        }
    }
  half = 1.96 * sqrt ((sum2 - sum * sum) / n_genuine);
  lk_bootstrap (values, is_same, n, mean_genuine, &n_genuine, 2000, 1, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, sum - half, 0.1 * half);
  g_assert_cmpfloat_with_epsilon (high, sum + half, 0.1 * half);
  lk_bootstrap (values, is_same, n, mean_genuine, &n_genuine, 2000, 1, &low2, &high2);
  g_assert_true (low == low2 && high == high2);
  lk_bootstrap (values, is_same, n, mean_genuine, &n_genuine, 0, 1, &low, &high);
  assert_nan (low);
}

typedef struct
{
  GArray *scores, *same;
} Case;

static void
check_line (const Case *c, char **word, guint *roc_at)
{
  const float *s = (const float *) c->scores->data;
  const gboolean *y = (const gboolean *) c->same->data;
  int n = (int) c->scores->len;
  g_autoptr (GArray) roc = lk_roc (s, y, n);
  double value[8] = { 0 };

  for (int i = 0; i < 8 && word[i + 1] != NULL; i++)
    value[i] = g_ascii_strtod (word[i + 1], NULL);
  if (strcmp (word[0], "auc") == 0)
    assert_near (lk_roc_auc (roc), value[0]);
  else if (strcmp (word[0], "eer") == 0)
    assert_near (lk_roc_eer (roc), value[0]);
  else if (strcmp (word[0], "tar") == 0)
    assert_near (lk_roc_tar_at_far (roc, value[0]), value[1]);
  else if (strcmp (word[0], "roc") == 0)
    {
      LkRocPoint *point = &g_array_index (roc, LkRocPoint, *roc_at);

      g_assert_cmpuint (*roc_at, <, roc->len);
      g_assert_cmpfloat (point->threshold, ==, (double) (float) value[0]);
      assert_near (point->fmr, value[1]);
      assert_near (point->fnmr, value[2]);
      *roc_at += 1;
    }
  else if (strcmp (word[0], "best-f1") == 0)
    {
      double threshold = lk_best_f1_threshold (s, y, n);
      LkConfusion confusion;

      g_assert_cmpfloat (threshold, ==, (double) (float) value[0]);
      lk_confusion_count (s, y, n, threshold, &confusion);
      assert_near (lk_confusion_f1 (&confusion), value[1]);
    }
  else if (strcmp (word[0], "at") == 0)
    {
      LkConfusion confusion;

      lk_confusion_count (s, y, n, (double) (float) value[0], &confusion);
      g_assert_cmpint (confusion.true_positives, ==, (int) value[1]);
      g_assert_cmpint (confusion.false_positives, ==, (int) value[2]);
      g_assert_cmpint (confusion.true_negatives, ==, (int) value[3]);
      g_assert_cmpint (confusion.false_negatives, ==, (int) value[4]);
      assert_near (lk_confusion_accuracy (&confusion), value[5]);
      if (value[1] + value[2] > 0) /* scikit-learn says 0 where we say NAN */
        assert_near (lk_confusion_precision (&confusion), value[6]);
      assert_near (lk_confusion_recall (&confusion), value[7]);
    }
  else if (strcmp (word[0], "end") == 0)
    g_assert_cmpuint (*roc_at, ==, roc->len);
  else
    g_error ("unknown line %s", word[0]);
}

/* Values of Python's statistics.NormalDist().inv_cdf(). */
static void
test_probit (void)
{
  static const double known[][2] = {
    { 0.5, 0 },
    { 0.3, -0.5244005127080409 },
    { 0.025, -1.9599639845400543 },
    { 0.02, -2.053748910631823 },
    { 0.001, -3.0902323061678132 },
    { 1e-6, -4.753424308822899 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_assert_cmpfloat_with_epsilon (lk_probit (known[i][0]), known[i][1], 1e-8);
      g_assert_cmpfloat_with_epsilon (lk_probit (1 - known[i][0]), -known[i][1], 1e-8);
    }
}

static void
test_quantile (void)
{
  const double sorted[] = { 1, 2, 4, 8, 16 };

  assert_near (lk_quantile (sorted, 5, 0), 1);
  assert_near (lk_quantile (sorted, 5, 1), 16);
  assert_near (lk_quantile (sorted, 5, 0.5), 4);
  assert_near (lk_quantile (sorted, 5, 0.625), 6);
  assert_near (lk_quantile (sorted, 1, 0.3), 1);
}

/* What scikit-learn computes: tests/golden/make-metrics.py. */
static void
test_golden (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  Case c = { 0 };
  guint left = 0, roc_at = 0, n_checks = 0;

  g_file_get_contents (LK_TEST_METRICS, &text, NULL, NULL);
  g_assert_nonnull (text);
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) word = g_strsplit (*line, " ", -1);

      if (left > 0)
        {
          float score = (float) g_ascii_strtod (word[0], NULL);
          gboolean is_same = word[1][0] == '1';

          g_array_append_val (c.scores, score);
          g_array_append_val (c.same, is_same);
          left--;
        }
      else if (strcmp (word[0], "case") == 0)
        {
          c.scores = g_array_new (FALSE, FALSE, sizeof (float));
          c.same = g_array_new (FALSE, FALSE, sizeof (gboolean));
          left = (guint) g_ascii_strtoull (word[2], NULL, 10);
          roc_at = 0;
        }
      else
        {
          check_line (&c, word, &roc_at);
          n_checks++;
          if (strcmp (word[0], "end") == 0)
            {
              g_array_unref (c.scores);
              g_array_unref (c.same);
            }
        }
    }
  g_assert_cmpuint (n_checks, >, 150);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics/confusion", test_confusion);
  g_test_add_func ("/metrics/confusion-empty", test_confusion_empty);
  g_test_add_func ("/metrics/wilson", test_wilson);
  g_test_add_func ("/metrics/roc", test_roc);
  g_test_add_func ("/metrics/roc-edges", test_roc_edges);
  g_test_add_func ("/metrics/thresholds", test_thresholds);
  g_test_add_func ("/metrics/histogram", test_histogram);
  g_test_add_func ("/metrics/bootstrap", test_bootstrap);
  g_test_add_func ("/metrics/probit", test_probit);
  g_test_add_func ("/metrics/quantile", test_quantile);
  g_test_add_func ("/metrics/golden", test_golden);
  return g_test_run ();
}
