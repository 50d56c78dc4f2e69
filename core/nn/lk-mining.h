/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"
#include "lk-loss.h"

/*
 * Which triplets of a batch to learn from, for lk_loss_triplet().
 *
 * @people [n] says whose picture each row is; @distances [n, n] are Euclidean, from
 * lk_mine_distances().  @triplets has room for n (n - 1) (batch-hard: n).  Each
 * function returns how many it wrote, in the order of anchors and positives: 0 where
 * no person has two pictures, or there is only one person.
 */
void lk_mine_distances (int d, const float *embeddings, int n, float *distances, LkPool *pool);

/* Every anchor with every positive, and any negative. */
int lk_mine_random (const int *people, int n, LkRandom *random, LkTriplet *triplets);

/* Every anchor with every positive, and the nearest negative that is farther than the
 * positive; where there is none, the farthest.
 *
 * Source: F. Schroff, D. Kalenichenko, J. Philbin, "FaceNet", CVPR 2015, section 3.2. */
int lk_mine_semi_hard (const float *distances, const int *people, int n, LkTriplet *triplets);

/* Every anchor with its farthest positive and its nearest negative.
 *
 * Source: A. Hermans, L. Beyer, B. Leibe, "In Defense of the Triplet Loss for Person
 * Re-Identification", 2017, equation 5. */
int lk_mine_batch_hard (const float *distances, const int *people, int n, LkTriplet *triplets);
