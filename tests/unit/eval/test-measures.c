/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-random.h"
#include "eval/lk-measures.h"

#include <math.h>
#include <string.h>

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-12)
#define N_PEOPLE          12
#define N_PAIRS           600

/* Pairs among people, of scores with many ties. */
typedef struct
{
  float scores[N_PAIRS];
  gboolean same[N_PAIRS];
  int a[N_PAIRS], b[N_PAIRS];
} Pairs;

static void
make_pairs (Pairs *p, guint64 seed)
{
  LkRandom random;

  lk_random_seed (&random, seed);
  for (int i = 0; i < N_PAIRS; i++)
    {
      p->same[i] = i % 3 == 0;
      p->a[i] = (int) lk_random_below (&random, N_PEOPLE);
      p->b[i] = p->same[i]
                    ? p->a[i]
                    : (p->a[i] + 1 + (int) lk_random_below (&random, N_PEOPLE - 1)) % N_PEOPLE;
      p->scores[i] = (float) (round (50 * (lk_random_double (&random) + (p->same[i] ? 0.4 : 0))) /
                              50);
    }
}

/* One round is a set of people; the pairs written out as often as they count give the
 * same numbers. */
static void
test_resample_is_repetition (void)
{
  Pairs p;
  LkCurveNumbers low, high;

  make_pairs (&p, 5);
  for (guint64 seed = 0; seed < 20; seed++)
    {
      g_autoptr (GArray) scores = g_array_new (FALSE, FALSE, sizeof (float));
      g_autoptr (GArray) same = g_array_new (FALSE, FALSE, sizeof (gboolean));
      g_autoptr (GArray) roc = NULL;
      int place[N_PEOPLE], drawn[N_PEOPLE] = { 0 }, n_met = 0;
      LkRandom random;

      /* People have numbers in the order in which they are met. */
      memset (place, -1, sizeof place);
      for (int i = 0; i < N_PAIRS; i++)
        {
          place[p.a[i]] = place[p.a[i]] < 0 ? n_met++ : place[p.a[i]];
          place[p.b[i]] = place[p.b[i]] < 0 ? n_met++ : place[p.b[i]];
        }
      g_assert_cmpint (n_met, ==, N_PEOPLE);
      lk_random_seed (&random, seed);
      for (int i = 0; i < N_PEOPLE; i++)
        drawn[lk_random_below (&random, N_PEOPLE)]++;
      for (int i = 0; i < N_PAIRS; i++)
        {
          int times = drawn[place[p.a[i]]] * (p.same[i] ? 1 : drawn[place[p.b[i]]]);

          for (int t = 0; t < times; t++)
            {
              g_array_append_val (scores, p.scores[i]);
              g_array_append_val (same, p.same[i]);
            }
        }
      roc = lk_roc ((float *) scores->data, (gboolean *) same->data, (int) scores->len);

      lk_resample_people (p.scores, p.same, p.a, p.b, N_PAIRS, N_PEOPLE, 1, seed, NULL, &low,
                          &high);
      assert_near (low.auc, lk_roc_auc (roc));
      assert_near (high.auc, lk_roc_auc (roc));
      assert_near (low.eer, lk_roc_eer (roc));
      for (int k = 0; k < LK_N_FMRS; k++)
        assert_near (high.tar[k], lk_roc_tar_at_far (roc, lk_fmrs[k]));
    }
}

static void
test_resample_threads (void)
{
  Pairs p;
  LkPool *pool = lk_pool_new (3, 0);
  LkCurveNumbers low[2], high[2];

  make_pairs (&p, 6);
  for (int i = 0; i < 2; i++)
    lk_resample_people (p.scores, p.same, p.a, p.b, N_PAIRS, N_PEOPLE, 200, 9, i == 0 ? NULL : pool,
                        &low[i], &high[i]);
  g_assert_cmpmem (&low[0], sizeof low[0], &low[1], sizeof low[1]);
  g_assert_cmpmem (&high[0], sizeof high[0], &high[1], sizeof high[1]);
  g_assert_cmpfloat (low[0].auc, <, high[0].auc);
  lk_pool_free (pool);
}

/* Pairs that repeat one another tell no more: the interval must not shrink with them, as
 * that of drawing pairs does. */
static double
auc_of (const float *scores, const gboolean *same, int n, gpointer data)
{
  g_autoptr (GArray) roc = lk_roc (scores, same, n);

  return lk_roc_auc (roc);
}

static void
test_resample_is_wider (void)
{
  float scores[N_PAIRS];
  gboolean same[N_PAIRS];
  int a[N_PAIRS], b[N_PAIRS];
  double pairs_low, pairs_high;
  LkCurveNumbers low, high;
  LkRandom random;
  float level[N_PEOPLE];

  lk_random_seed (&random, 3);
  for (int p = 0; p < N_PEOPLE; p++)
    level[p] = (float) lk_random_double (&random);
  for (int i = 0; i < N_PAIRS; i++)
    {
      same[i] = i % 2;
      a[i] = i % N_PEOPLE;
      b[i] = same[i] ? a[i] : (a[i] + 1) % N_PEOPLE;
      scores[i] = same[i] ? level[a[i]] + 0.2f : level[b[i]]; /* a person's pairs are alike */
    }
  lk_bootstrap (scores, same, N_PAIRS, auc_of, NULL, 200, 1, &pairs_low, &pairs_high);
  lk_resample_people (scores, same, a, b, N_PAIRS, N_PEOPLE, 400, 1, NULL, &low, &high);
  g_assert_cmpfloat (high.auc - low.auc, >, 2 * (pairs_high - pairs_low));
}

static void
test_resample_nothing (void)
{
  const float scores[] = { 0.5f, 0.4f };
  const gboolean same[] = { TRUE, FALSE };
  const int a[] = { 0, 0 }, b[] = { 0, 1 };
  LkCurveNumbers low, high;

  lk_resample_people (scores, same, a, b, 2, 2, 100, 1, NULL, &low, &high);
  g_assert_true (isnan (low.auc) && isnan (high.eer) && isnan (low.tar[0]));
  lk_resample_people (NULL, NULL, NULL, NULL, 0, 0, 100, 1, NULL, &low, &high);
  g_assert_true (isnan (low.auc));
}

/* 40 impostors 0 .. .39, genuine pairs of .35, .3, .2, by hand; and two without a face. */
static void
test_measures (void)
{
  float scores[45];
  gboolean same[45] = { FALSE };
  int a[45], b[45];
  g_autoptr (LkMeasures) m = NULL;
  int n_bins = 0;

  for (int i = 0; i < 40; i++)
    {
      scores[i] = (float) i / 100;
      a[i] = i % 5;
      b[i] = 5 + i % 5;
    }
  for (int i = 40; i < 45; i++)
    {
      static const float genuine[] = { 0.35f, 0.3f, 0.2f, NAN, NAN };

      scores[i] = genuine[i - 40];
      same[i] = i != 44;
      a[i] = b[i] = i % 5;
    }
  m = lk_measures_new (scores, same, a, b, 45, 10, 0, 1, 100, NULL);
  g_assert_cmpint (m->n_genuine, ==, 3);
  g_assert_cmpint (m->n_impostor, ==, 40);
  g_assert_cmpint (m->n_genuine_failed, ==, 1);
  g_assert_cmpint (m->n_impostor_failed, ==, 1);
  /* Impostors below: 35 and a tie, 30 and a tie, 20 and a tie. */
  assert_near (m->auc.value, (35.5 + 30.5 + 20.5) / 120);
  /* An FMR of .1: the 4 of 36 to 39; a threshold just there, and no genuine pair. */
  g_assert_cmpfloat (m->at_fmr[0].threshold, ==, (double) 0.36f);
  g_assert_cmpint (m->at_fmr[0].n_false_matches, ==, 4);
  g_assert_cmpint (m->at_fmr[0].n_missed, ==, 3);
  assert_near (m->at_fmr[0].fmr.value, 0.1);
  assert_near (m->at_fmr[0].tar.value, 0);
  /* 40 impostors bound an FMR of .1 (3 / 40 = .075), and none of .01. */
  g_assert_true (m->at_fmr[0].supported);
  g_assert_false (m->at_fmr[1].supported);
  g_assert_cmpint (m->at_fmr[1].n_false_matches, ==, 0);
  for (int i = 0; i < LK_MEASURES_BINS; i++)
    n_bins += m->genuine[i] + m->impostor[i];
  g_assert_cmpint (n_bins, ==, 43);
  g_assert_cmpint (m->genuine[17], ==, 1); /* .35 in bins of .02 */
}

static void
test_measures_supported (void)
{
  enum
  {
    n = 301
  };
  float scores[n];
  gboolean same[n] = { TRUE };
  int a[n] = { 0 }, b[n] = { 0 };
  g_autoptr (LkMeasures) m = NULL;

  for (int i = 0; i < n; i++)
    scores[i] = (float) (n - i);
  m = lk_measures_new (scores, same, a, b, n, 1, 0, 1, 0, NULL);
  g_assert_true (m->at_fmr[1].supported); /* 300 are just enough */
  g_assert_false (m->at_fmr[2].supported);
  g_assert_true (isnan (m->auc.low));
  g_clear_pointer (&m, lk_measures_free);
  m = lk_measures_new (scores, same, a, b, n - 1, 1, 0, 1, 0, NULL);
  g_assert_false (m->at_fmr[1].supported);
}

static void
test_extremes (void)
{
  const float scores[] = { 0.5f, 0.1f, NAN, 0.9f, 0.3f, 0.9f, 0.2f };
  const gboolean same[] = { TRUE, TRUE, TRUE, TRUE, FALSE, TRUE, FALSE };
  int found[3];

  g_assert_cmpint (lk_find_extremes (scores, same, 7, TRUE, TRUE, found, 3), ==, 3);
  g_assert_cmpint (found[0], ==, 3);
  g_assert_cmpint (found[1], ==, 5);
  g_assert_cmpint (found[2], ==, 0);
  g_assert_cmpint (lk_find_extremes (scores, same, 7, TRUE, FALSE, found, 2), ==, 2);
  g_assert_cmpint (found[0], ==, 1);
  g_assert_cmpint (found[1], ==, 0);
  g_assert_cmpint (lk_find_extremes (scores, same, 7, FALSE, TRUE, found, 3), ==, 2);
  g_assert_cmpint (found[0], ==, 4);
  g_assert_cmpint (found[1], ==, 6);
}

static void
test_thin (void)
{
  g_autoptr (GArray) roc = NULL, thin = NULL, whole = NULL;
  float scores[4000];
  gboolean same[4000];
  LkRandom random;

  lk_random_seed (&random, 2);
  for (int i = 0; i < 4000; i++)
    {
      same[i] = i % 2;
      scores[i] = (float) (lk_random_normal (&random) + same[i]);
    }
  roc = lk_roc (scores, same, 4000);
  thin = lk_roc_thin (roc, 200);
  g_assert_cmpuint (thin->len, >, 100);
  g_assert_cmpuint (thin->len, <=, 202);
  g_assert_cmpmem (&g_array_index (thin, LkRocPoint, 0), sizeof (LkRocPoint),
                   &g_array_index (roc, LkRocPoint, 0), sizeof (LkRocPoint));
  g_assert_cmpmem (&g_array_index (thin, LkRocPoint, thin->len - 1), sizeof (LkRocPoint),
                   &g_array_index (roc, LkRocPoint, roc->len - 1), sizeof (LkRocPoint));
  g_assert_cmpfloat_with_epsilon (lk_roc_auc (thin), lk_roc_auc (roc), 2e-3);
  whole = lk_roc_thin (roc, 100000); /* a curve that is short enough is left alone */
  g_assert_cmpuint (whole->len, ==, roc->len);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/measures/resample-is-repetition", test_resample_is_repetition);
  g_test_add_func ("/measures/resample-threads", test_resample_threads);
  g_test_add_func ("/measures/resample-is-wider", test_resample_is_wider);
  g_test_add_func ("/measures/resample-nothing", test_resample_nothing);
  g_test_add_func ("/measures/measures", test_measures);
  g_test_add_func ("/measures/supported", test_measures_supported);
  g_test_add_func ("/measures/extremes", test_extremes);
  g_test_add_func ("/measures/thin", test_thin);
  return g_test_run ();
}
