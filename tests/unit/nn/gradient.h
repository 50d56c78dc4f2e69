/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <math.h>

typedef double (*LossFunc) (void *data);

/* Compares @gradient with central differences of @loss by each of the @n numbers of @x.
 * Where the loss has a kink nearby (ReLU, maximum), one of the one-sided differences will do;
 * where it has them on both sides, which they show by not agreeing, the number is left out;
 * few may be.  The scale is the gradient's root mean square. */
static inline void
check_gradient (const char *name, float *x, const float *gradient, gsize n, double step,
                double tolerance, LossFunc loss, void *data)
{
  double squares = 0, here, scale;
  gsize n_kinks = 0;

  for (gsize i = 0; i < n; i++)
    squares += (double) gradient[i] * (double) gradient[i];
  scale = sqrt (squares / (double) n);
  g_assert_cmpfloat (scale, >, 0);
  here = loss (data);
  for (gsize i = 0; i < n; i++)
    {
      float keep = x[i];
      double up, down, slope, allowed;

      x[i] = (float) ((double) keep + step);
      up = (loss (data) - here) / ((double) x[i] - (double) keep);
      x[i] = (float) ((double) keep - step);
      down = (here - loss (data)) / ((double) keep - (double) x[i]);
      x[i] = keep;
      slope = (up + down) / 2;
      allowed = tolerance * (scale + fabs (slope));
      if (fabs (slope - (double) gradient[i]) <= allowed ||
          fabs (up - (double) gradient[i]) <= allowed ||
          fabs (down - (double) gradient[i]) <= allowed)
        continue;
      if (fabs (up - down) <= allowed)
        g_error ("%s[%" G_GSIZE_FORMAT "]: gradient %g, by differences %g (scale %g)", name, i,
                 (double) gradient[i], slope, scale);
      n_kinks++;
    }
  if (n_kinks > 1 + n / 16)
    g_error ("%s: %" G_GSIZE_FORMAT " kinks among %" G_GSIZE_FORMAT " numbers", name, n_kinks, n);
}
