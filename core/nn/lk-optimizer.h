/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"
#include "lk-network.h"

#include <stdint.h>

/*
 * LkOptimizer: moves parameters against their gradients, in one pass over memory.
 * The result is the same for any number of threads.  One thread at a time.
 */
typedef struct _LkOptimizer LkOptimizer;

/**
 * LkOptimizerKind:
 * @LK_OPTIMIZER_ADAM: beta1 0.9, beta2 0.999, epsilon 1e-7 and the formula of Keras,
 *
 *     m += (1 - beta1) (g - m)        v += (1 - beta2) (g^2 - v)
 *     w -= rate sqrt (1 - beta2^t) / (1 - beta1^t) m / (sqrt (v) + epsilon)
 *
 *   which adds epsilon before the correction of v (PyTorch adds it after).
 *   Source: D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization",
 *   ICLR 2015, the form at the end of section 2.
 * @LK_OPTIMIZER_SGD: m = momentum m - rate g, w += m, as Keras' SGD
 * @LK_OPTIMIZER_MUON: the kernels between the first one and the head as matrices, see
 *   lk-muon.h, along m = momentum m + (1 - momentum) g looked at one step ahead
 *   (Nesterov); whatever else there is, and kernels of which neither side is under 1025, by Adam
 *   with the same rate
 */
typedef enum
{
  LK_OPTIMIZER_ADAM,
  LK_OPTIMIZER_SGD,
  LK_OPTIMIZER_MUON,
} LkOptimizerKind;

/* Returns: (nullable): NULL when memory is short.  @network: kept; must outlive it. */
LkOptimizer *lk_optimizer_new (const LkNetwork *network, LkOptimizerKind kind);

/* The same for @size floats that belong to no network and have no penalty. */
LkOptimizer *lk_optimizer_new_plain (size_t size, LkOptimizerKind kind);
void lk_optimizer_free (LkOptimizer *self); /* accepts NULL */

/* From now on leaves the parameters offset .. offset + n - 1 (whole arrays of them) as
 * they are; their gradients are not looked at, nor set to 0. */
void lk_optimizer_freeze (LkOptimizer *self, size_t offset, size_t n);

/* Until set 0 (SGD; the paper raises it from epoch to epoch) or 0.95 (Muon). */
void lk_optimizer_set_momentum (LkOptimizer *self, double momentum);

/* Muon: the share of a matrix's weights, times the rate, that a step takes away; 0 until
 * set. */
void lk_optimizer_set_decay (LkOptimizer *self, double decay);

/* Every gradient to -x .. x; 0: as it is, which is so until set. */
void lk_optimizer_set_clip_value (LkOptimizer *self, double x);

/* All gradients times one factor, so that the root of the sum of their squares is at
 * most x; before the clipping by value; 0: as they are, which is so until set.
 *
 * Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent
 * neural networks", ICML 2013, algorithm 1. */
void lk_optimizer_set_clip_norm (LkOptimizer *self, double x);

/**
 * lk_optimizer_step:
 * @params: (inout): lk_network_get_size() floats; running statistics are left alone
 * @grads: (inout): of the loss without its L2 penalty, which is added here, before
 *   any clipping, as where the penalty is a term of Keras' loss: 2 l2 w.
 *   All 0 afterwards, ready for the next step's sums.
 * @rate: learning rate of this step
 *
 * A gradient that is not finite makes its parameter so: look at the loss first.
 *
 * Returns: the penalty, the sum of l2 w^2 over the parameters that have one, as they
 *   were before this step
 */
double lk_optimizer_step (LkOptimizer *self, float *params, float *grads, double rate,
                          LkPool *pool);

/* For checkpoints: steps taken, and the moments, each lk_network_get_size() floats in
 * the layout of the parameters (Adam, Muon: m, v; SGD: m).  They may be written to. */
int64_t lk_optimizer_get_step (const LkOptimizer *self);
void lk_optimizer_set_step (LkOptimizer *self, int64_t step);
int lk_optimizer_get_n_moments (const LkOptimizer *self);
float *lk_optimizer_get_moment (LkOptimizer *self, int i);
