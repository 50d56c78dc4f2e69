/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-logistic.h"
#include "base/lk-random.h"

#include <glib.h>
#include <math.h>

#define N 4000
#define D 3

/* One yes-or-no fact: the coefficients are log odds of a two by two table. */
static void
test_table (void)
{
  /* Of x = 0: 1 yes of 4; of x = 1: 3 yes of 4. */
  const float x[] = { 0, 0, 0, 0, 1, 1, 1, 1 };
  const int yes[] = { 1, 0, 0, 0, 1, 1, 1, 0 };
  double w[2];

  g_assert_true (lk_logistic_fit (x, yes, NULL, 8, 1, 0, NULL, w));
  g_assert_cmpfloat_with_epsilon (w[1], log (1.0 / 3), 1e-6);
  g_assert_cmpfloat_with_epsilon (w[0] + w[1], log (3.0), 1e-6);
}

/* The same table with each case once, and its number as the weight. */
static void
test_weights (void)
{
  const float x[] = { 0, 0, 1, 1 }, weights[] = { 1, 3, 3, 1 };
  const int yes[] = { 1, 0, 1, 0 };
  double w[2];

  g_assert_true (lk_logistic_fit (x, yes, weights, 4, 1, 0, NULL, w));
  g_assert_cmpfloat_with_epsilon (w[1], log (1.0 / 3), 1e-6);
  g_assert_cmpfloat_with_epsilon (w[0], 2 * log (3.0), 1e-6);
}

static void
make_cases (float *x, int *yes, const double *truth)
{
  LkRandom random;

  lk_random_seed (&random, 5);
  for (int i = 0; i < N; i++)
    {
      double z = truth[D];

      for (int j = 0; j < D; j++)
        {
          x[i * D + j] = (float) lk_random_normal (&random);
          z += truth[j] * (double) x[i * D + j];
        }
      yes[i] = lk_random_double (&random) < 1 / (1 + exp (-z));
    }
}

static void
test_recovers (void)
{
  static float x[N * D];
  static int yes[N];
  const double truth[] = { 1, -2, 0.5, -1 };
  double w[D + 1];

  make_cases (x, yes, truth);
  g_assert_true (lk_logistic_fit (x, yes, NULL, N, D, 0, NULL, w));
  for (int j = 0; j <= D; j++)
    g_assert_cmpfloat_with_epsilon (w[j], truth[j], 0.2);
}

/* At the lowest cost its gradient is nothing. */
static void
test_ridge (void)
{
  static float x[N * D];
  static int yes[N];
  const double truth[] = { 1, -2, 0.5, -1 }, prior[] = { 3, 3, 3, 3 };
  double w[D + 1], g[D + 1] = { 0 };

  make_cases (x, yes, truth);
  g_assert_true (lk_logistic_fit (x, yes, NULL, N, D, 1000, prior, w));
  for (int i = 0; i < N; i++)
    {
      double z = w[D], slope;

      for (int j = 0; j < D; j++)
        z += w[j] * (double) x[i * D + j];
      slope = 1 / (1 + exp (-z)) - yes[i];
      for (int j = 0; j < D; j++)
        g[j] += slope * (double) x[i * D + j];
      g[D] += slope;
    }
  for (int j = 0; j < D; j++)
    g_assert_cmpfloat_with_epsilon (g[j] + 1000 * (w[j] - prior[j]), 0, 1e-2);
  g_assert_cmpfloat_with_epsilon (g[D], 0, 1e-2);
  /* Nearer to the prior than without. */
  g_assert_cmpfloat (w[1], >, 0);

  g_assert_true (lk_logistic_fit (x, yes, NULL, N, D, 1e9, prior, w));
  for (int j = 0; j < D; j++)
    g_assert_cmpfloat_with_epsilon (w[j], prior[j], 1e-3);
}

/* Cases that are told apart entirely, facts that say nothing, numbers that are none. */
static void
test_limits (void)
{
  const float x[] = { -1, 0, -2, 0, 1, 0, 2, 0 }, bad[] = { NAN, 0, 1, 2 };
  const int yes[] = { 0, 0, 1, 1 };
  const double prior[] = { 7, 8 };
  double w[3];

  g_assert_true (lk_logistic_fit (x, yes, NULL, 4, 2, 0, NULL, w));
  g_assert_cmpfloat (w[0], >, 5);
  g_assert_true (isfinite (w[0]) && isfinite (w[1]) && isfinite (w[2]));
  g_assert_cmpfloat (w[1], ==, 0);
  g_assert_false (lk_logistic_fit (bad, yes, NULL, 4, 1, 0, prior, w));
  g_assert_cmpfloat (w[0], ==, 7);
  g_assert_cmpfloat (w[1], ==, 8);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/logistic/table", test_table);
  g_test_add_func ("/base/logistic/weights", test_weights);
  g_test_add_func ("/base/logistic/recovers", test_recovers);
  g_test_add_func ("/base/logistic/ridge", test_ridge);
  g_test_add_func ("/base/logistic/limits", test_limits);
  return g_test_run ();
}
