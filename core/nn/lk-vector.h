/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <math.h>

/* Sums over two vectors of @d floats, in double, side by side in lanes for the compiler
 * to vectorise. */
#define LK_LANES 8

static inline double
lk_add_lanes (const double lanes[LK_LANES])
{
  double sum = 0;

  for (int l = 0; l < LK_LANES; l++)
    sum += lanes[l];
  return sum;
}

static inline double
lk_dot (const float *a, const float *b, int d)
{
  double lanes[LK_LANES] = { 0 };
  int j = 0;

  for (; j + LK_LANES <= d; j += LK_LANES)
    for (int l = 0; l < LK_LANES; l++)
      lanes[l] += (double) a[j + l] * (double) b[j + l];
  for (; j < d; j++)
    lanes[0] += (double) a[j] * (double) b[j];
  return lk_add_lanes (lanes);
}

/* |a - b| */
static inline double
lk_euclidean (const float *a, const float *b, int d)
{
  double lanes[LK_LANES] = { 0 };
  int j = 0;

  for (; j + LK_LANES <= d; j += LK_LANES)
    for (int l = 0; l < LK_LANES; l++)
      {
        double difference = (double) (a[j + l] - b[j + l]);

        lanes[l] += difference * difference;
      }
  for (; j < d; j++)
    lanes[0] += (double) (a[j] - b[j]) * (double) (a[j] - b[j]);
  return sqrt (lk_add_lanes (lanes));
}
