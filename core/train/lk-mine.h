/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"
#include "nn/lk-loss.h"

#include "lk-dataset.h"
#include "lk-trainer.h"

G_BEGIN_DECLS

/**
 * lk_mine_triplets:
 * @embeddings: [@n, @d]
 * @relations: [@n, @n]: LkRelation of the pictures in two rows
 * @pairs: [@n_pairs]: the pairs that were drawn; the genuine ones are anchor and positive
 *   of LK_MINING_RANDOM and LK_MINING_SEMI_HARD, each way round
 * @triplets: (out caller-allocates): room for 2 @n_pairs + @n
 *
 * Forms the triplets that a batch is trained on:
 *   random      a negative at random
 *   semi-hard   the nearest negative that is farther than the positive, or where there is
 *               none the farthest
 *   batch-hard  for each row the farthest positive and the nearest negative
 *
 * Source: semi-hard: F. Schroff et al., "FaceNet", CVPR 2015, section 3.2; batch-hard:
 * A. Hermans et al., "In Defense of the Triplet Loss for Person Re-Identification",
 * 2017, section 2.
 *
 * Returns: how many, 0 when no row has both a positive and a negative
 */
int lk_mine_triplets (LkMining mining, const float *embeddings, int n, int d,
                      const guint8 *relations, const LkPair *pairs, int n_pairs, LkRandom *random,
                      LkTriplet *triplets);

G_END_DECLS
