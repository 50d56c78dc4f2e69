/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <math.h>

static inline float *
random_floats (size_t n)
{
  float *a = g_new (float, n);

  for (size_t i = 0; i < n; i++)
    a[i] = (float) g_test_rand_double_range (-1.0, 1.0);
  return a;
}

/* |a - b| <= tolerance, counted in units of the size that the sums have: @terms random
 * products of numbers in [-1, 1] make about sqrt (terms) / 3.  NaN fails. */
static inline void
assert_close (const char *what, const float *a, const float *b, size_t n, double terms)
{
  double tolerance = 2e-6 * (1.0 + sqrt (terms));

  for (size_t i = 0; i < n; i++)
    if (!(fabs ((double) a[i] - (double) b[i]) <= tolerance * (1.0 + fabs ((double) b[i]))))
      {
        g_test_message ("%s[%zu] of %zu: %.9g, reference %.9g", what, i, n, (double) a[i],
                        (double) b[i]);
        g_test_fail ();
        return;
      }
}
