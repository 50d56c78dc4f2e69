/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Maximum over a window, NHWC, forward and backward.  What lies outside of the
 * picture does not count (it is minus infinity, not zero), and every window must hold some
 * of the picture.
 */
typedef struct
{
  int n, h, w, c;
  int oh, ow;
  int window, stride; /* both ways */
  int pad_top, pad_left;
} LkMaxPool;

/* Floats of scratch for the forward function (a window over 2 is done as a running
 * maximum, first along rows, then along columns: van Herk 1992). */
size_t lk_max_pool_scratch (const LkMaxPool *mp, const LkPool *pool);

/* y [n, oh, ow, c] is overwritten. @where: (nullable): [n, oh, ow, c], for training:
 * the index y * w + x, in the picture, of the first maximum in row order. */
void lk_max_pool_forward (const LkMaxPool *mp, const float *x, float *y, int32_t *where,
                          float *scratch, LkPool *pool);

/* dx [n, h, w, c] is overwritten; all of a window's gradient goes to @where. */
void lk_max_pool_backward (const LkMaxPool *mp, const float *dy, const int32_t *where, float *dx,
                           LkPool *pool);

void lk_max_pool_forward_ref (const LkMaxPool *mp, const float *x, float *y, int32_t *where);
