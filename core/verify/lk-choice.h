/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Of two pictures nearer to each other than this share of the greatest distance there is,
 * one tells nothing new: the same frame twice, or a head that was held still. */
#define LK_CHOICE_LEAST 0.02

/**
 * lk_choose_different:
 * @embeddings: [@n, @size]; their lengths do not count
 * @rates: (array length=n): how good each picture is; one of 0 or less is never chosen
 * @chosen: (inout): indices, the first @n_given chosen before; room for @n_wanted
 *
 * Chooses pictures that differ: each time the one whose distance (1 - cosine) to the nearest
 * of those chosen, times its rate, is the greatest; without any given, the one of the best
 * rate is the first.  Ends early when what is left is nearly the same as what was chosen
 * (LK_CHOICE_LEAST).
 *
 * Pure function; takes memory for @n distances.
 *
 * Source: farthest-point traversal: T. Gonzalez, "Clustering to Minimize the Maximum
 * Intercluster Distance", Theoretical Computer Science 38, 1985, section 2; the weighting by
 * a rate is ours.
 *
 * Returns: how many are in @chosen
 */
int lk_choose_different (const float *embeddings, int n, int size, const double *rates, int *chosen,
                         int n_given, int n_wanted);

/**
 * lk_choose_new:
 * @embeddings: [@n, @size]: the first @n_old are of pictures that there are already
 * @rates: (array length=n): as lk_choose_different() has it; of the first @n_old: above 0
 * @chosen: (out): indices, room for @n_wanted
 *
 * Chooses, of the others, pictures that are worth having too: each differs from all that there
 * are, and were chosen, by more than these differ from each other (the median of the distances to
 * the nearest other one).
 *
 * Returns: how many are in @chosen
 */
int lk_choose_new (const float *embeddings, int n_old, int n, int size, const double *rates,
                   int *chosen, int n_wanted);

/* 1 - cosine, 0 .. 2; 1 where one of the two is all zero. */
double lk_embedding_distance (const float *a, const float *b, int size);

G_END_DECLS
