/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"
#include "nn/lk-loss.h"

#include "lk-dataset.h"

G_BEGIN_DECLS

/**
 * LkBatchPairs: which pairs of a batch are learnt from, where each picture is embedded once
 * @LK_BATCH_PAIRS_BALANCED: all genuine ones, and as many impostor ones: the most alike, and
 *   in turn with them ones at random
 * @LK_BATCH_PAIRS_ALL: all of whom it is known, of which most are impostor ones
 */
typedef enum
{
  LK_BATCH_PAIRS_BALANCED,
  LK_BATCH_PAIRS_ALL,
} LkBatchPairs;

/**
 * lk_batch_pairs_form:
 * @embeddings: [@n, @d]
 * @relations: [@n, @n]: LkRelation of the pictures in two rows
 * @pairs: (out caller-allocates): room for @n (@n - 1) / 2; genuine ones first
 *
 * Returns: how many, 0 where one of the kinds is missing
 */
int lk_batch_pairs_form (LkBatchPairs kind, const float *embeddings, int n, int d,
                         const guint8 *relations, LkRandom *random, LkPair *pairs);

G_END_DECLS
