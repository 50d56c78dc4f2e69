/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Dense layer: y [n, out] = x [n, in] kernel [in, out] + bias [out], float32.
 * Several pictures go through SGEMM; the parallelism is ours (BLAS runs on one thread).
 */
void lk_dense_forward (int n, int in, int out, const float *x, const float *kernel,
                       const float *bias, float *y, LkPool *pool);

/* dx [n, in] is overwritten, (nullable); dkernel and dbias are added to. */
void lk_dense_backward (int n, int in, int out, const float *x, const float *kernel,
                        const float *dy, float *dx, float *dkernel, float *dbias, LkPool *pool);

void lk_dense_forward_ref (int n, int in, int out, const float *x, const float *kernel,
                           const float *bias, float *y);
