/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nn/lk-network.h"

#include <stddef.h>

/* One step of training again and again, on the same pairs: genuine and impostor in turn. */
typedef struct _BenchTrainer BenchTrainer;

/* @images: [2, n_pairs, height, width, channels], kept; the first of each pair, then the
 * second.  @params: copied.  @clip: as lk_optimizer_set_clip_value().  Never NULL. */
BenchTrainer *bench_trainer_new (const LkNetwork *network, const float *params, const float *images,
                                 int n_pairs, int n_threads, double clip);
void bench_trainer_free (BenchTrainer *self); /* accepts NULL */

/* Forward, loss, backward, Adam at 1e-4.  Returns the loss, with the L2 penalty. */
double bench_trainer_step (BenchTrainer *self);

/* Bytes of parameters, gradients, moments, activations and scratch. */
size_t bench_trainer_get_memory (const BenchTrainer *self);
