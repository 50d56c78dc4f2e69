/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>
#include <stdint.h>

/*
 * What is done to each number alone.  @n floats; output and input (in backward
 * functions dx and dy) may be the same array.  @pool is (nullable) everywhere.
 * Nothing allocates or fails.  Each function is a plain loop, and so its own
 * reference.
 */

/* y = max (x, 0); dx = dy where y > 0, else 0. */
void lk_relu_forward (size_t n, const float *x, float *y, LkPool *pool);
void lk_relu_backward (size_t n, const float *y, const float *dy, float *dx, LkPool *pool);

/* y = a + b, and no less than 0 with @relu.  @y may be either. */
void lk_add_forward (size_t n, const float *a, const float *b, int relu, float *y, LkPool *pool);

/* Each pixel of x [n, h, w, c] becomes @times x @times of y [n, h times, w times, c]. */
void lk_upsample_forward (int n, int h, int w, int c, int times, const float *x, float *y);

/* y = 1 / (1 + exp (-x)); dx = dy y (1 - y). */
void lk_sigmoid_forward (size_t n, const float *x, float *y, LkPool *pool);
void lk_sigmoid_backward (size_t n, const float *y, const float *dy, float *dx, LkPool *pool);

/**
 * lk_dropout:
 * @rate: the share that becomes 0, 0 <= rate < 1; the others are divided by 1 - rate
 * @key: which ones: the same key drops the same places
 *
 * Forward and backward alike: dx is the same function of dy under the same key.
 *
 * Source: N. Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks
 * from Overfitting", JMLR 15, 2014, section 10 (scaled in training, as Keras does);
 * the places are splitmix64 of key and index (see lk-random.h), so that no mask is
 * stored and threads may work in any order.
 */
void lk_dropout (size_t n, float rate, uint64_t key, const float *x, float *y, LkPool *pool);
