/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/lk-model.h"

G_BEGIN_DECLS

/*
 * LkHead: what turns two embeddings into a score: the Siamese head of the documents,
 *
 *     log odds = sum_j alpha_j (|a_j - b_j| + 1e-6) + bias
 *
 * Apart from the network, because it can be adapted to a person (train/lk-adapt.h); in memory of
 * base/lk-secret.h, because it then tells of them.
 */
typedef struct
{
  int size;
  float *alpha; /* (owned): [size] */
  float bias;
} LkHead;

LkHead *lk_head_new (const float *alpha, int size, float bias); /* copies */
LkHead *lk_head_copy (const LkHead *self);
void lk_head_free (LkHead *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkHead, lk_head_free)

/* (transfer full): a model's own; NULL for a network of maps */
LkHead *lk_head_of_model (const LkModel *model);

/* @a, @b: [size].  Unlike the score of lk_infer_score() it does not end at a float's 0 and 1. */
double lk_head_compare (const LkHead *self, const float *a, const float *b);

G_END_DECLS
