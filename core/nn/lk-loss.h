/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"
#include "lk-network.h"

/*
 * Losses over the embeddings of one batch, and their gradients.
 *
 * Each function returns the mean loss of its pairs or triplets, which name rows of
 * the embeddings; a row may be in any number of them, so that a picture is embedded
 * once for all pairs that it is in.  @d_embeddings gets the gradient by every row
 * (0 for rows in no pair), overwritten; NULL asks for the loss alone.  Sums are in
 * double and in a fixed order, whatever the number of threads.  Nothing allocates or
 * fails: indices are the caller's to check.  @pool is (nullable).
 */
typedef struct
{
  int a, b; /* rows */
  int same; /* 1: of one person, 0: of two */
} LkPair;

typedef struct
{
  int anchor, positive, negative; /* rows */
} LkTriplet;

/**
 * lk_loss_cross_entropy:
 * @network: whose head, params and grads are meant
 * @embeddings: [n, embedding size]
 * @n_pairs: at least 1
 * @d_embeddings: (out caller-allocates) (nullable): as @embeddings
 * @grads: (nullable): lk_network_get_size() floats; the head's are added to (where
 *   @d_embeddings is asked for as well)
 * @scores: (out caller-allocates): [n_pairs], each pair's p
 *
 * Binary cross-entropy of the head's score:
 *
 *     z = sum_j kernel_j (|a_j - b_j| + 1e-6) + bias      p = 1 / (1 + exp (-z))
 *     loss = - y log p - (1 - y) log (1 - p) = max (z, 0) - y z + log (1 + exp (-|z|))
 *
 * worked out from z, so that a wrong and certain answer costs what it should.  Keras
 * does the same where it can see z; where it cannot, it clips p to 1e-7 from 0 and 1,
 * and a pair never costs more than 16.1 there.  Where a_j = b_j the gradient is 0
 * (sign (0) = 0, as in TensorFlow).
 *
 * Source: seeds/000 and 001; G. Koch et al., "Siamese Neural Networks for One-shot
 * Image Recognition", ICML Deep Learning Workshop 2015, sections 3.1 and 3.2.
 */
double lk_loss_cross_entropy (const LkNetwork *network, const float *params,
                              const float *embeddings, int n, const LkPair *pairs, int n_pairs,
                              float *d_embeddings, float *grads, float *scores, LkPool *pool);

/**
 * lk_loss_contrastive:
 * @d: the embeddings' size
 * @margin: two people are to be at least so far apart
 * @distances: (out caller-allocates): [n_pairs], D
 *
 *     loss = y D^2 + (1 - y) max (margin - D, 0)^2        D = |a - b| (Euclidean)
 *
 * For D = 0 the gradient of the second term, which has no limit there, is taken as 0.
 *
 * Source: seeds/003 and 004; R. Hadsell, S. Chopra, Y. LeCun, "Dimensionality
 * Reduction by Learning an Invariant Mapping", CVPR 2006, equation 4 (where both
 * terms are halved and y is the other way round).
 */
double lk_loss_contrastive (int d, double margin, const float *embeddings, int n,
                            const LkPair *pairs, int n_pairs, float *d_embeddings, float *distances,
                            LkPool *pool);

/**
 * lk_loss_triplet:
 * @distances: (out caller-allocates): [n_triplets, 2]: to the positive, to the negative
 *
 *     loss = max (|a - p| - |a - n| + margin, 0)           (Euclidean distances)
 *
 * The gradient of a distance of 0 is taken as 0.  (The form without margin that
 * seeds/003 prints first has its sign reversed.)
 *
 * Source: seeds/003; F. Schroff, D. Kalenichenko, J. Philbin, "FaceNet", CVPR 2015,
 * section 3.1, there with squared distances; without the squares A. Hermans,
 * L. Beyer, B. Leibe, "In Defense of the Triplet Loss for Person Re-Identification",
 * 2017, section 2.
 */
double lk_loss_triplet (int d, double margin, const float *embeddings, int n,
                        const LkTriplet *triplets, int n_triplets, float *d_embeddings,
                        float *distances, LkPool *pool);
