/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>

/*
 * Batch normalisation over the last axis: x is [rows, c], rows = pictures * height *
 * width.  Sums are in double and split in a fixed way, so that the result does not
 * depend on the number of threads.  @pool is (nullable); nothing allocates or fails.
 *
 * Source: S. Ioffe and C. Szegedy, "Batch Normalization: Accelerating Deep Network
 * Training by Reducing Internal Covariate Shift", ICML 2015, algorithm 1.
 */

/* Floats of scratch that each of the functions below needs. */
size_t lk_batch_norm_scratch (size_t rows, int c);

/* mean [c] and variance [c] (over rows, not rows - 1), both overwritten. */
void lk_batch_norm_statistics (size_t rows, int c, const float *x, float *mean, float *variance,
                               float *scratch, LkPool *pool);

/**
 * lk_batch_norm_forward:
 * @add: (nullable): [rows, c]; may be @y
 *
 * y = gamma (x - mean) / sqrt (variance + epsilon) + beta + add, and no less than 0 with
 * @relu.
 */
void lk_batch_norm_forward (size_t rows, int c, const float *x, const float *mean,
                            const float *variance, float epsilon, const float *gamma,
                            const float *beta, const float *add, int relu, float *y, float *scratch,
                            LkPool *pool);

/**
 * lk_batch_norm_backward:
 * @mean: of x itself, as is @variance: the gradient passes through them too
 * @relu: as in the forward function without add; where the output was 0 is worked out
 *   again
 * @dx: (nullable): overwritten; may be @dy
 * @dgamma: [c], added to, as is @dbeta
 */
void lk_batch_norm_backward (size_t rows, int c, const float *x, const float *mean,
                             const float *variance, float epsilon, const float *gamma,
                             const float *beta, int relu, const float *dy, float *dx, float *dgamma,
                             float *dbeta, float *scratch, LkPool *pool);

/* running = momentum * running + (1 - momentum) * batch, for both.  The variance that
 * goes in is rows / (rows - 1) times the batch's, as in Keras 2 (its fused kernel) and
 * PyTorch; Keras 3 leaves that factor out, which is 1.00001 here. */
void lk_batch_norm_update (size_t rows, int c, const float *mean, const float *variance,
                           float momentum, float *running_mean, float *running_variance);

/* The same as plain loops, without @relu: the definition. */
void lk_batch_norm_forward_ref (size_t rows, int c, const float *x, float epsilon,
                                const float *gamma, const float *beta, float *y);
void lk_batch_norm_backward_ref (size_t rows, int c, const float *x, float epsilon,
                                 const float *gamma, const float *dy, float *dx, float *dgamma,
                                 float *dbeta);
