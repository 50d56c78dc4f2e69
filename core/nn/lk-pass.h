/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"
#include "lk-network.h"

/*
 * LkPass: a batch of pictures through a network and back again, for training.
 *
 * All memory is taken by lk_pass_new(): one arena, in which an activation is kept
 * only where the backward pass reads it, and two buffers that gradients (and the
 * other activations) take in turn.  A step allocates nothing.  One thread at a time
 * may use it; work is shared out over @pool.  The same calls give the same numbers,
 * on the same machine with the same number of threads.
 */
typedef struct _LkPass LkPass;

#define LK_PASS_MAX_BATCH  8192
#define LK_PASS_MAX_TOWERS 4

/**
 * lk_pass_new:
 * @network: one for embeddings, not of maps; kept; must outlive the result
 * @max_batch: pictures at a time (two a pair), 1 .. LK_PASS_MAX_BATCH
 * @pool: (nullable): kept; the threads to share the work with
 *
 * Returns: (nullable): NULL when memory is short
 */
LkPass *lk_pass_new (const LkNetwork *network, int max_batch, LkPool *pool);
void lk_pass_free (LkPass *self); /* accepts NULL */

/* Bytes that it holds: activations and gradients by them, not parameters. */
size_t lk_pass_get_memory (const LkPass *self);

/**
 * lk_pass_forward:
 * @params: (inout): lk_network_get_size() floats; with @training the running
 *   statistics of batch norms are updated in them
 * @images: [n, height, width, channels], values 0 .. 1; must stay until
 *   lk_pass_backward() has returned
 * @n: 1 .. max_batch, a multiple of @n_towers
 * @n_towers: 1 .. LK_PASS_MAX_TOWERS: the batch is so many equal parts, one behind
 *   the other, and a batch norm treats each as a batch of its own, first to last:
 *   Keras calls the embedding once per tower
 * @training: 0: running statistics, no dropout, and no backward pass
 * @random: (nullable): for dropout; needed when training a network that has any
 *
 * Returns: (transfer none): the embeddings, [n, embedding size], until the next call
 */
const float *lk_pass_forward (LkPass *self, float *params, const float *images, int n, int n_towers,
                              int training, LkRandom *random);

/**
 * lk_pass_backward:
 * @params: as in the forward pass before, which was one of training
 * @d_embedding: [n, embedding size], gradient of the loss by the embeddings
 * @grads: lk_network_get_size() floats, added to.  The head's are the loss's business.
 */
void lk_pass_backward (LkPass *self, const float *params, const float *d_embedding, float *grads);
