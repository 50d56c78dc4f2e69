/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>

/*
 * A margin softmax over people: every person has a centre, a vector that is trained
 * with the network and not needed afterwards.
 */

/* Classes that are left out of each other's sums: those of class i are
 * items[begin[i]] .. items[begin[i + 1] - 1], in any order, both ways round. */
typedef struct
{
  const int *begin; /* [n_classes + 1] */
  const int *items;
} LkClassLists;

/* Floats of scratch for lk_loss_arcface(). */
size_t lk_loss_arcface_scratch (int d, int n, int n_classes);

/**
 * lk_loss_arcface:
 * @margin: m, in radians; the source uses 0.5
 * @scale: s; the source uses 64
 * @embeddings: [n, d]
 * @classes: [n]: 0 .. n_classes - 1, or -1 for a row that does not count
 * @centres: [n_classes, d]
 * @left_out: (nullable)
 * @d_embeddings: (out caller-allocates): [n, d]
 * @d_centres: (out caller-allocates): [n_classes, d]
 *
 * With theta_j the angle between a row and centre j, y the row's class and j over the
 * classes that are not left out of y's:
 *
 *     loss = log (e^(s t) + sum_(j != y) e^(s cos theta_j)) - s t
 *     t = cos (theta_y + m), or where theta_y + m > pi cos theta_y - m sin m
 *
 * the mean over the rows that count; 0 if none does.  The second form of t is the
 * authors' own in their program: the cosine would rise again there.
 *
 * Lengths of embeddings and centres make no difference.  Sums of the loss are in
 * double and in a fixed order, whatever the number of threads; nothing allocates.
 *
 * Source: J. Deng, J. Guo, N. Xue, S. Zafeiriou, "ArcFace: Additive Angular Margin
 * Loss for Deep Face Recognition", CVPR 2019, section 2.1, equation 3.
 */
double lk_loss_arcface (int d, double margin, double scale, const float *embeddings, int n,
                        const int *classes, const float *centres, int n_classes,
                        const LkClassLists *left_out, float *d_embeddings, float *d_centres,
                        float *scratch, LkPool *pool);
