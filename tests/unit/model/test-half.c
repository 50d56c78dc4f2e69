/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/lk-half.h"

#include <math.h>
#include <string.h>

/* By the definition, not by bits: (-1)^s 2^(e-15) (1 + f/1024). */
static double
defined (guint16 half)
{
  int exponent = (half >> 10) & 31, fraction = half & 0x3ff;
  double value;

  if (exponent == 31)
    value = fraction == 0 ? INFINITY : NAN;
  else if (exponent == 0)
    value = ldexp (fraction, -24);
  else
    value = ldexp (1024 + fraction, exponent - 25);
  return half & 0x8000 ? -value : value;
}

static void
test_all_halves (void)
{
  for (guint i = 0; i < 65536; i++)
    {
      guint16 half = (guint16) i;
      float value = lk_half_to_float (half);
      double expected = defined (half);

      if (isnan (expected))
        {
          g_assert_true (isnan (value));
          g_assert_true (isnan (lk_half_to_float (lk_half_from_float (value))));
          continue;
        }
      g_assert_true (expected == (double) value && !signbit (expected) == !signbit (value));
      g_assert_cmphex (lk_half_from_float (value), ==, half);
    }
}

/* Between any two neighbours: just below, at, and just above the middle. */
static void
test_rounding (void)
{
  for (guint i = 0; i < 0x7bff; i++)
    {
      guint16 low = (guint16) i, high = (guint16) (i + 1);
      float middle = (float) ((defined (low) + defined (high)) / 2); /* exact */

      g_assert_cmphex (lk_half_from_float (middle), ==, i % 2 == 0 ? low : high);
      g_assert_cmphex (lk_half_from_float (nextafterf (middle, 0)), ==, low);
      g_assert_cmphex (lk_half_from_float (nextafterf (middle, 1e9f)), ==, high);
      g_assert_cmphex (lk_half_from_float (-middle), ==, 0x8000 | (i % 2 == 0 ? low : high));
    }
  g_assert_cmphex (lk_half_from_float (65519.0f), ==, 0x7bff);
  g_assert_cmphex (lk_half_from_float (65520.0f), ==, 0x7c00);
  g_assert_cmphex (lk_half_from_float (1e30f), ==, 0x7c00);
  g_assert_cmphex (lk_half_from_float (-INFINITY), ==, 0xfc00);
  g_assert_cmphex (lk_half_from_float (1e-45f), ==, 0);
  g_assert_cmphex (lk_half_from_float (-1e-30f), ==, 0x8000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/half/all-halves", test_all_halves);
  g_test_add_func ("/half/rounding", test_rounding);
  return g_test_run ();
}
