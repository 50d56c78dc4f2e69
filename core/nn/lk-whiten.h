/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-network.h"

/*
 * A linear map that makes embeddings stray equally far in all directions from picture to picture of
 * one person.  Directions in which a network is unsure of everybody then say less.  The cosine of
 * mapped embeddings is what counts, so the map's size does not.
 *
 * Source: A. O. Hatch, S. Kajarekar, A. Stolcke, "Within-Class Covariance Normalization for
 * SVM-based Speaker Recognition", Interspeech 2006, sections 2 and 3.2 (smoothed with the
 * identity).
 */

/**
 * lk_whiten_find:
 * @embeddings: [n, d]
 * @people: [n]: equal numbers for one person; in any order, from 0
 * @strength: 0 .. 1: of the covariance within people, the rest is that of no preference
 * @map: (out caller-allocates): [d, d]: a mapped embedding is the row vector times it; symmetric
 *
 * Returns: 0 when memory is short, a number is not finite, or nobody has two pictures that differ;
 *   @map is undefined then
 */
int lk_whiten_find (int d, const float *embeddings, const int *people, int n, double strength,
                    float *map);

/* Maps [n, d] in place, and brings each to unit length.  0 when memory is short. */
int lk_whiten_apply (int d, const float *map, int n, float *embeddings);

/**
 * lk_whiten_fold:
 * @params: changed in place, so that the network's embeddings are mapped
 *
 * For networks that end in dense, batchnorm, normalize, without an activation between them: the
 * map goes into both first ones.  The batch norm's statistics are not those of its input any
 * more; the layers are for use, not for further training.
 *
 * Returns: 0 when the network is another one or memory is short; @params are as they were then
 */
int lk_whiten_fold (const LkNetwork *network, float *params, const float *map);
