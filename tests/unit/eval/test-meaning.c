/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eval/lk-meaning.h"

#include <math.h>

#define NETWORK                                                                                    \
  "network tiny\n"                                                                                 \
  "image     input   size=4x4x3\n"                                                                 \
  "flat      flatten image\n"                                                                      \
  "embedding dense   flat units=2 activation=sigmoid\n"                                            \
  "score     l1-head embedding\n"

#define N_STRANGERS 4000
#define N_LOOKS     200

/* Stranger i of 4000 scores (i + 1) / 8000, look i of 200 scores 0.4 + (i + 1) / 400: whoever
 * counts on fingers knows every rate. */
static LkModel *
make_model (gboolean measured)
{
  float scores[N_STRANGERS + N_LOOKS];
  gboolean same[N_STRANGERS + N_LOOKS];
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCalibration) calibration = NULL;
  g_autoptr (LkModel) untrained = lk_model_new_untrained (NETWORK, "tiny", 1, &error);
  LkModel *model;

  for (int i = 0; i < N_STRANGERS + N_LOOKS; i++)
    {
      same[i] = i >= N_STRANGERS;
      scores[i] = same[i] ? 0.4f + (float) (i - N_STRANGERS + 1) / 400 : (float) (i + 1) / 8000;
    }
  calibration = lk_calibration_new (scores, same, N_STRANGERS + N_LOOKS, "made", &error);
  g_assert_no_error (error);
  if (measured)
    g_hash_table_insert (meta, lk_calibration_fused_key (LK_FUSION_DEFAULT),
                         lk_calibration_to_text (calibration));
  else /* of pairs: another score */
    g_hash_table_insert (meta, g_strdup (LK_CALIBRATION_KEY), lk_calibration_to_text (calibration));
  model = lk_model_new (NETWORK, "tiny", lk_model_get_params (untrained), meta, &error);
  g_assert_no_error (error);
  return model;
}

static void
test_model (void)
{
  g_autoptr (LkModel) model = make_model (TRUE);
  g_autoptr (LkMeaning) meaning = lk_meaning_new (model);
  LkRates rates;
  double threshold = -1, low, high;

  g_assert_true (lk_meaning_is_measured (meaning));
  /* 1 in 100: 40 of 4000 at or above: from the 3961st on, which scores 3961 / 8000. */
  g_assert_true (lk_meaning_get_preset (meaning, 0, &threshold));
  g_assert_cmpfloat_with_epsilon (threshold, 3961 / 8000.0, 1e-7);
  g_assert_true (lk_meaning_get_rates (meaning, threshold, &rates));
  g_assert_cmpint (rates.n_strangers, ==, 4000);
  g_assert_cmpint (rates.n_passed, ==, 40);
  g_assert_cmpint (rates.n_looks, ==, 200);
  /* Looks below 0.495125: 0.4 + k / 400 with k to 38. */
  g_assert_cmpint (rates.n_refused, ==, 38);
  g_assert_cmpfloat_with_epsilon (rates.fmr.value, 0.01, 1e-9);
  g_assert_cmpfloat (rates.fmr.low, <, 0.01);
  g_assert_cmpfloat (rates.fmr.high, >, 0.01);

  /* 1 in 1,000 is borne by 4,000 strangers (3,000 are needed), 1 in 10,000 is not. */
  g_assert_true (lk_meaning_get_preset (meaning, 1, &threshold));
  g_assert_cmpfloat_with_epsilon (threshold, 3997 / 8000.0, 1e-7);
  g_assert_cmpfloat (lk_meaning_get_default (meaning), ==, threshold);
  g_assert_cmpint (lk_meaning_find_preset (meaning, threshold), ==, 1);
  g_assert_cmpint (lk_meaning_find_preset (meaning, threshold + 0.01), ==, -1);
  threshold = -1;
  g_assert_false (lk_meaning_get_preset (meaning, 2, &threshold));
  g_assert_cmpfloat (threshold, ==, -1);

  /* From one stranger in ten, at 3601 / 8000, to none. */
  lk_meaning_get_range (meaning, &low, &high);
  g_assert_cmpfloat_with_epsilon (low, lk_log_odds (3601 / 8000.0), 0.1);
  g_assert_cmpfloat (low, <=, lk_log_odds (3601 / 8000.0));
  g_assert_cmpfloat (high, >, lk_log_odds (0.5));
}

static void
test_unmeasured (void)
{
  g_autoptr (LkModel) model = make_model (FALSE);
  g_autoptr (LkMeaning) meaning = lk_meaning_new (model), none = lk_meaning_new (NULL);
  LkRates rates;
  double threshold, low, high;

  g_assert_false (lk_meaning_is_measured (meaning));
  g_assert_false (lk_meaning_get_rates (meaning, 0.5, &rates));
  for (int i = 0; i < LK_N_PRESETS; i++)
    g_assert_false (lk_meaning_get_preset (none, i, &threshold));
  g_assert_cmpint (lk_meaning_find_preset (none, 0.5), ==, -1);
  g_assert_cmpfloat (lk_meaning_get_default (none), ==, 0.5);
  lk_meaning_get_range (none, &low, &high);
  g_assert_cmpfloat (low, <, 0);
  g_assert_cmpfloat (high, >, 0);
}

static void
test_own (void)
{
  const float genuine[] = { 0.9f, 0.5f, 0.7f }, strangers[] = { 0.4f, 0.1f, 0.6f, 0.2f };
  g_autoptr (LkMeaning) meaning = lk_meaning_new (NULL);
  LkRates rates;

  g_assert_false (lk_meaning_get_own_rates (meaning, 0.5, &rates));
  g_assert_null (lk_meaning_get_person (meaning));
  lk_meaning_set_own (meaning, "Anna", lk_own_scores_new (genuine, 3, strangers, 4, TRUE));
  g_assert_true (lk_meaning_get_own_rates (meaning, 0.6, &rates));
  g_assert_cmpint (rates.n_strangers, ==, 4);
  g_assert_cmpint (rates.n_passed, ==, 1); /* a float's 0.6 is a little above 0.6 */
  g_assert_cmpint (rates.n_looks, ==, 3);
  g_assert_cmpint (rates.n_refused, ==, 1);
  g_assert_cmpfloat_with_epsilon (rates.fmr.value, 0.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (rates.fnmr.value, 1 / 3.0, 1e-9);
  g_assert_cmpstr (lk_meaning_get_person (meaning), ==, "Anna");
  g_assert_true (lk_meaning_is_across_sessions (meaning));

  lk_meaning_set_own (meaning, "Anna", lk_own_scores_new (NULL, 0, NULL, 0, FALSE));
  g_assert_true (lk_meaning_get_own_rates (meaning, 0.6, &rates));
  g_assert_true (isnan (rates.fmr.value) && isnan (rates.fnmr.value));
  lk_meaning_set_own (meaning, "Anna", NULL);
  g_assert_null (lk_meaning_get_person (meaning));
}

/* Embeddings of one number, log odds 2 - 8 |a - b|. */
static void
test_measure (void)
{
  g_autoptr (LkHead) head = lk_head_new ((const float[]){ -8 }, 1, 2);
  float strangers[] = { 1, 0.5f };
  const LkCohort cohort = { .n = 2, .size = 1, .embeddings = strangers };
  const float anchors[] = { 0, 0, 0.25f };
  const int one_day[] = { 4, 4, 4 }, two_days[] = { 4, 4, 5 };
  g_autoptr (LkOwnScores) one = NULL, two = NULL, alone = NULL;

  one = lk_own_scores_measure (head, LK_FUSION_MEAN, anchors, one_day, 3, &cohort);
  g_assert_false (one->across_sessions);
  g_assert_cmpint (one->n_genuine, ==, 3);
  /* The third with the others: 0 and 0; each of the first: 2 and 0. */
  g_assert_cmpfloat_with_epsilon (one->genuine[0], 0.5f, 1e-5f);
  g_assert_cmpfloat_with_epsilon (one->genuine[2], (float) lk_probability (1), 1e-5f);
  /* Strangers: 1 away twice and 0.75: -6, -6, -4; 0.5 twice and 0.25: -2, -2, 0. */
  g_assert_cmpint (one->n_strangers, ==, 2);
  g_assert_cmpfloat_with_epsilon (one->strangers[0], (float) lk_probability (-16 / 3.0), 1e-5f);
  g_assert_cmpfloat_with_epsilon (one->strangers[1], (float) lk_probability (-4 / 3.0), 1e-5f);

  /* Over days: each with those of another day, so none scores 2. */
  two = lk_own_scores_measure (head, LK_FUSION_MEAN, anchors, two_days, 3, &cohort);
  g_assert_true (two->across_sessions);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (two->genuine[i], 0.5f, 1e-5f);

  alone = lk_own_scores_measure (head, LK_FUSION_MEAN, anchors, one_day, 1, &cohort);
  g_assert_cmpint (alone->n_genuine, ==, 0);
  g_assert_cmpint (alone->n_strangers, ==, 2);
}

static void
test_count (void)
{
  const float scores[] = { 1, 2, 2, 3 };

  g_assert_cmpint (lk_count_at_least (scores, 4, 0), ==, 4);
  g_assert_cmpint (lk_count_at_least (scores, 4, 2), ==, 3);
  g_assert_cmpint (lk_count_at_least (scores, 4, 2.5), ==, 1);
  g_assert_cmpint (lk_count_at_least (scores, 4, 3.5), ==, 0);
  g_assert_cmpint (lk_count_at_least (scores, 0, 0), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meaning/model", test_model);
  g_test_add_func ("/meaning/unmeasured", test_unmeasured);
  g_test_add_func ("/meaning/own", test_own);
  g_test_add_func ("/meaning/measure", test_measure);
  g_test_add_func ("/meaning/count", test_count);
  return g_test_run ();
}
