/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"
#include "lk-network.h"

/*
 * LkInfer: a network made ready for embedding, and nothing else: weights packed for
 * this processor's kernels, batch norm folded, dropout gone, activations in one
 * arena.  Used by one thread at a time (each thread makes its own); embedding
 * allocates nothing.
 */
typedef struct _LkInfer LkInfer;

/**
 * lk_infer_new:
 * @network: kept; must outlive the result
 * @params: lk_network_get_size() floats; not kept
 * @max_batch: pictures at a time, at least 1
 * @pool: (nullable): kept; the threads to share the work with
 *
 * Returns: (nullable): NULL when memory is short
 */
LkInfer *lk_infer_new (const LkNetwork *network, const float *params, int max_batch, LkPool *pool);
void lk_infer_free (LkInfer *self); /* accepts NULL */

/**
 * lk_infer_embed:
 * @images: [n, height, width, channels], values 0 .. 1
 * @out: (out caller-allocates): [n, embedding size]
 *
 * Of a network of maps: each picture's maps, one behind the other in the order of the
 * network's head, [height, width, channels] each.
 */
void lk_infer_embed (LkInfer *self, const float *images, int n, float *out);

/**
 * lk_infer_score:
 * @embedding: [d]
 * @others: [n, d]
 * @scores: (out caller-allocates): [n], each 0 .. 1
 *
 * The network's head, when it is not one of maps: p = sigmoid (sum_j alpha_j (|a_j - b_j| + 1e-6) +
 * b).
 *
 * Source: G. Koch, R. Zemel, R. Salakhutdinov, "Siamese Neural Networks for
 * One-shot Image Recognition", ICML Deep Learning Workshop 2015, section 3.1.
 */
void lk_infer_score (const LkInfer *self, const float *embedding, const float *others, int n,
                     float *scores);

/* Another head from now on than the parameters': @alpha: [d], copied.  Not of a network of maps. */
void lk_infer_set_head (LkInfer *self, const float *alpha, float bias);

/* Bytes that it holds. */
size_t lk_infer_get_memory (const LkInfer *self);
