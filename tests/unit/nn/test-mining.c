/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-mining.h"

#include <glib.h>
#include <string.h>

/* On a line, so that distances can be read off:
 *
 *     0   1   3   4   6       10
 *     A0  B1  A2  B3  A4      C5
 */
static const float line[] = { 0, 1, 3, 4, 6, 10 };
static const int people[] = { 7, 9, 7, 9, 7, -1 };
#define N 6

static void
assert_triplets (const LkTriplet *is, int n, const LkTriplet *expected, int n_expected)
{
  g_assert_cmpint (n, ==, n_expected);
  for (int i = 0; i < n; i++)
    {
      g_assert_cmpint (is[i].anchor, ==, expected[i].anchor);
      g_assert_cmpint (is[i].positive, ==, expected[i].positive);
      g_assert_cmpint (is[i].negative, ==, expected[i].negative);
    }
}

static void
test_hard (void)
{
  static const LkTriplet hard[] = {
    { 0, 4, 1 }, { 1, 3, 0 }, { 2, 0, 3 }, { 3, 1, 2 }, { 4, 0, 3 }
  };
  static const LkTriplet semi[] = {
    { 0, 2, 3 }, { 0, 4, 5 }, { 1, 3, 4 }, { 2, 0, 5 },
    { 2, 4, 5 }, { 3, 1, 0 }, { 4, 0, 1 }, { 4, 2, 5 },
  };
  /* By hand: A4's positives are at 6 and 3; its negatives B1 5, B3 2, C5 4: beyond 6 there
   * is none and the farthest is B1; beyond 3 the nearest is C5. */
  float distances[N * N];
  LkTriplet triplets[N * (N - 1)];
  LkPool *pool = lk_pool_new (3, 0);

  lk_mine_distances (1, line, N, distances, pool);
  for (int i = 0; i < N; i++)
    for (int k = 0; k < N; k++)
      g_assert_cmpfloat (distances[i * N + k], ==, ABS (line[i] - line[k]));
  assert_triplets (triplets, lk_mine_batch_hard (distances, people, N, triplets), hard,
                   G_N_ELEMENTS (hard));
  assert_triplets (triplets, lk_mine_semi_hard (distances, people, N, triplets), semi,
                   G_N_ELEMENTS (semi));
  lk_pool_free (pool);
}

static void
test_random (void)
{
  LkTriplet triplets[N * (N - 1)];
  int seen[N][N][N] = { 0 }, kinds = 0;
  LkRandom random;

  lk_random_seed (&random, 6);
  for (int round = 0; round < 300; round++)
    {
      int n = lk_mine_random (people, N, &random, triplets);

      g_assert_cmpint (n, ==, 3 * 2 + 2 * 1);
      for (int i = 0; i < n; i++)
        {
          const LkTriplet *t = &triplets[i];

          g_assert_cmpint (t->anchor, !=, t->positive);
          g_assert_cmpint (people[t->anchor], ==, people[t->positive]);
          g_assert_cmpint (people[t->anchor], !=, people[t->negative]);
          seen[t->anchor][t->positive][t->negative]++;
        }
    }
  for (int a = 0; a < N; a++)
    for (int p = 0; p < N; p++)
      for (int k = 0; k < N; k++)
        if (seen[a][p][k] > 0)
          {
            /* 300 draws among 3 (or 4) negatives: within five standard deviations */
            double share = people[a] == 7 ? 1 / 3.0 : 1 / 4.0;

            g_assert_cmpint (ABS (seen[a][p][k] - (int) (300 * share)), <, 42);
            kinds++;
          }
  g_assert_cmpint (kinds, ==, 6 * 3 + 2 * 4);
}

static void
test_nothing_to_learn (void)
{
  static const int alone[] = { 1, 2, 3, 4, 5, 6 }, one[] = { 1, 1, 1, 1, 1, 1 };
  float distances[N * N];
  LkTriplet triplets[N * (N - 1)];
  LkRandom random;

  lk_random_seed (&random, 6);
  lk_mine_distances (1, line, N, distances, NULL);
  for (int i = 0; i < 2; i++)
    {
      const int *who = i == 0 ? alone : one;

      g_assert_cmpint (lk_mine_random (who, N, &random, triplets), ==, 0);
      g_assert_cmpint (lk_mine_semi_hard (distances, who, N, triplets), ==, 0);
      g_assert_cmpint (lk_mine_batch_hard (distances, who, N, triplets), ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mining/hard", test_hard);
  g_test_add_func ("/mining/random", test_random);
  g_test_add_func ("/mining/nothing-to-learn", test_nothing_to_learn);
  return g_test_run ();
}
