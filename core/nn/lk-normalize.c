/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-normalize.h"

#include "lk-vector.h"

#include <stddef.h>

static double
get_scale (const float *x, int d)
{
  return 1 / sqrt (lk_dot (x, x, d) + 1e-12);
}

void
lk_normalize_forward (int n, int d, const float *x, float *y)
{
  for (int i = 0; i < n; i++, x += d, y += d)
    {
      double scale = get_scale (x, d);

      for (int j = 0; j < d; j++)
        y[j] = (float) ((double) x[j] * scale);
    }
}

void
lk_normalize_backward (int n, int d, const float *x, const float *y, const float *dy, float *dx)
{
  for (int i = 0; i < n; i++, x += d, y += d, dy += d, dx += d)
    {
      double scale = get_scale (x, d), along = lk_dot (y, dy, d);

      for (int j = 0; j < d; j++)
        dx[j] = (float) (scale * ((double) dy[j] - (double) y[j] * along));
    }
}
