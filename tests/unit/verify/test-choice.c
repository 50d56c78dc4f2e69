/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/lk-choice.h"

#include <math.h>

/* On the unit circle: distances are 1 - cos of the angle between. */
static void
place (float *embedding, double degrees, double length)
{
  embedding[0] = (float) (length * cos (degrees * G_PI / 180));
  embedding[1] = (float) (length * sin (degrees * G_PI / 180));
}

static void
test_distance (void)
{
  float a[2], b[2], none[2] = { 0 };

  place (a, 10, 1);
  place (b, 100, 7);
  g_assert_cmpfloat_with_epsilon (lk_embedding_distance (a, b, 2), 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (lk_embedding_distance (a, a, 2), 0, 1e-6);
  place (b, 190, 3);
  g_assert_cmpfloat_with_epsilon (lk_embedding_distance (a, b, 2), 2, 1e-6);
  g_assert_cmpfloat (lk_embedding_distance (a, none, 2), ==, 1);
}

/* The best first, then always the farthest from all of them. */
static void
test_farthest (void)
{
  const double angles[] = { 0, 5, 40, 90, 92, 170 };
  const double rates[] = { 0.8, 0.9, 0.8, 0.8, 0.8, 0.8 };
  float embeddings[6][2];
  int chosen[6];

  for (int i = 0; i < 6; i++)
    place (embeddings[i], angles[i], 1 + i);
  g_assert_cmpint (lk_choose_different (embeddings[0], 6, 2, rates, chosen, 0, 4), ==, 4);
  g_assert_cmpint (chosen[0], ==, 1);
  g_assert_cmpint (chosen[1], ==, 5); /* 165 degrees away */
  g_assert_cmpint (chosen[2], ==, 3); /* 80 from the one, 85 from the other; the next has 78 */
  g_assert_cmpint (chosen[3], ==, 2);
  /* What is left is nearly the same as what was chosen. */
  g_assert_cmpint (lk_choose_different (embeddings[0], 6, 2, rates, chosen, 0, 6), ==, 4);
}

static void
test_given (void)
{
  const double angles[] = { 0, 60, 120, 180 }, rates[] = { 1, 1, 1, 1 };
  float embeddings[4][2];
  int chosen[4] = { 3, 2 };

  for (int i = 0; i < 4; i++)
    place (embeddings[i], angles[i], 1);
  g_assert_cmpint (lk_choose_different (embeddings[0], 4, 2, rates, chosen, 2, 3), ==, 3);
  g_assert_cmpint (chosen[0], ==, 3);
  g_assert_cmpint (chosen[1], ==, 2);
  g_assert_cmpint (chosen[2], ==, 0);
  /* No more than were asked for, and no less than were given. */
  g_assert_cmpint (lk_choose_different (embeddings[0], 4, 2, rates, chosen, 2, 1), ==, 2);
}

/* A blurred picture has to be much farther away; one of rate 0 is never taken. */
static void
test_rates (void)
{
  const double angles[] = { 0, 100, 80, 179 };
  double rates[] = { 1, 0.3, 0.9, 0 };
  float embeddings[4][2];
  int chosen[4];

  for (int i = 0; i < 4; i++)
    place (embeddings[i], angles[i], 1);
  g_assert_cmpint (lk_choose_different (embeddings[0], 4, 2, rates, chosen, 0, 2), ==, 2);
  g_assert_cmpint (chosen[1], ==, 2);
  rates[1] = 0.9;
  lk_choose_different (embeddings[0], 4, 2, rates, chosen, 0, 2);
  g_assert_cmpint (chosen[1], ==, 1);
  for (int i = 0; i < 4; i++)
    rates[i] = 0;
  g_assert_cmpint (lk_choose_different (embeddings[0], 4, 2, rates, chosen, 0, 2), ==, 0);
  g_assert_cmpint (lk_choose_different (embeddings[0], 0, 2, rates, chosen, 0, 2), ==, 0);
}

/* One frame over and over is one picture. */
static void
test_same (void)
{
  const double rates[] = { 0.5, 0.6, 0.7 };
  float embeddings[3][2];
  int chosen[3];

  for (int i = 0; i < 3; i++)
    place (embeddings[i], 30, 1);
  g_assert_cmpint (lk_choose_different (embeddings[0], 3, 2, rates, chosen, 0, 3), ==, 1);
  g_assert_cmpint (chosen[0], ==, 2);
}

/* Old ones at 0, 10 and 20 degrees: new is what is farther than ten from all of them, and from
 * what was taken before it. */
static void
test_new (void)
{
  const double degrees[] = { 0, 10, 20, 5, 29, 40, 45, 60, -30 };
  const int n = G_N_ELEMENTS (degrees);
  float embeddings[G_N_ELEMENTS (degrees)][2];
  double rates[G_N_ELEMENTS (degrees)];
  int chosen[4] = { -1, -1, -1, -1 };

  for (int i = 0; i < n; i++)
    {
      place (embeddings[i], degrees[i], 1);
      rates[i] = 1;
    }
  g_assert_cmpint (lk_choose_new (embeddings[0], 3, n, 2, rates, chosen, 4), ==, 3);
  g_assert_cmpint (chosen[0], ==, 7);
  g_assert_cmpint (chosen[1], ==, 8);
  g_assert_cmpint (chosen[2], ==, 5);
  g_assert_cmpint (lk_choose_new (embeddings[0], 3, n, 2, rates, chosen, 1), ==, 1);
  g_assert_cmpint (lk_choose_new (embeddings[0], 3, 5, 2, rates, chosen, 4), ==, 0); /* 5, 29 */
  /* Of a single one any other differs; of none there is nothing to differ from. */
  g_assert_cmpint (lk_choose_new (embeddings[0], 1, 3, 2, rates, chosen, 2), ==, 2);
  g_assert_cmpint (chosen[0], ==, 2);
  rates[7] = 0;
  g_assert_cmpint (lk_choose_new (embeddings[0], 3, n, 2, rates, chosen, 4), ==, 2);
  g_assert_cmpint (lk_choose_new (embeddings[0], 3, 3, 2, rates, chosen, 4), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/choice/distance", test_distance);
  g_test_add_func ("/choice/farthest", test_farthest);
  g_test_add_func ("/choice/given", test_given);
  g_test_add_func ("/choice/rates", test_rates);
  g_test_add_func ("/choice/same", test_same);
  g_test_add_func ("/choice/new", test_new);
  return g_test_run ();
}
