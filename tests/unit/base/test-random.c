/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-pool.h"
#include "base/lk-random.h"

#include <glib.h>
#include <math.h>
#include <stdatomic.h>

static void
test_repeats (void)
{
  LkRandom a, b, c;

  lk_random_seed (&a, 7);
  lk_random_seed (&b, 7);
  lk_random_seed (&c, 8);
  for (int i = 0; i < 100; i++)
    g_assert_cmpuint (lk_random_next (&a), ==, lk_random_next (&b));
  g_assert_cmpuint (lk_random_next (&a), !=, lk_random_next (&c));
}

/* The first outputs for the state 1, 2, 3, 4, worked out by hand from the
 * published recurrence: rotl (2 * 5, 7) * 9 = 11520, then 0 (s1 becomes 0). */
static void
test_reference (void)
{
  LkRandom r = { { 1, 2, 3, 4 } };

  g_assert_cmpuint (lk_random_next (&r), ==, 11520);
  g_assert_cmpuint (lk_random_next (&r), ==, 0);
  g_assert_cmpuint (lk_random_next (&r), ==, 1509978240);
}

static void
test_moments (void)
{
  const int n = 200000;
  double sum = 0, sum2 = 0, normal = 0, normal2 = 0;
  LkRandom r;

  lk_random_seed (&r, 3);
  for (int i = 0; i < n; i++)
    {
      double u = lk_random_double (&r), z = lk_random_normal (&r);

      g_assert_true (u >= 0 && u < 1);
      sum += u;
      sum2 += u * u;
      normal += z;
      normal2 += z * z;
    }
  /* Five standard errors. */
  g_assert_cmpfloat_with_epsilon (sum / n, 0.5, 5 * sqrt (1.0 / 12 / n));
  g_assert_cmpfloat_with_epsilon (sum2 / n, 1.0 / 3, 5 * sqrt (4.0 / 45 / n));
  g_assert_cmpfloat_with_epsilon (normal / n, 0, 5 / sqrt (n));
  g_assert_cmpfloat_with_epsilon (normal2 / n, 1, 5 * sqrt (2.0 / n));
}

static void
test_below (void)
{
  int counts[5] = { 0 }, order[5] = { 0, 1, 2, 3, 4 }, seen = 0;
  LkRandom r;

  lk_random_seed (&r, 1);
  for (int i = 0; i < 50000; i++)
    counts[lk_random_below (&r, 5)]++;
  for (int i = 0; i < 5; i++)
    g_assert_cmpint (ABS (counts[i] - 10000), <, 500);
  lk_random_shuffle (&r, order, 5);
  for (int i = 0; i < 5; i++)
    seen |= 1 << order[i];
  g_assert_cmpint (seen, ==, 31);
}

typedef struct
{
  atomic_int hits[1000];
  atomic_int threads;
} Loop;

static void
count (int begin, int end, int thread, void *data)
{
  Loop *loop = data;

  for (int i = begin; i < end; i++)
    loop->hits[i]++;
  loop->threads |= 1 << thread;
}

static void
test_pool (void)
{
  LkPool *pool = lk_pool_new (3, 5);
  Loop loop = { 0 };

  g_assert_cmpint (lk_pool_get_n_threads (pool), ==, 3);
  for (int round = 0; round < 200; round++)
    lk_pool_run (pool, 1000 - round, 7, count, &loop);
  for (int i = 0; i < 1000; i++)
    g_assert_cmpint (loop.hits[i], ==, i < 801 ? 200 : 1000 - i);
  g_assert_cmpint (loop.threads & ~7, ==, 0);
  lk_pool_run (pool, 0, 1, count, &loop);
  lk_pool_free (pool);

  g_assert_cmpint (lk_pool_get_n_threads (NULL), ==, 1);
  lk_pool_run (NULL, 3, 1, count, &loop);
  g_assert_cmpint (loop.hits[0], ==, 201);
  lk_pool_free (NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/random/repeats", test_repeats);
  g_test_add_func ("/random/reference", test_reference);
  g_test_add_func ("/random/moments", test_moments);
  g_test_add_func ("/random/below", test_below);
  g_test_add_func ("/pool/every-iteration-once", test_pool);
  return g_test_run ();
}
