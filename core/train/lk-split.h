/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"

#include "lk-dataset.h"

G_BEGIN_DECLS

/*
 * Dealing things to the three parts, 70/20/10.  Pure functions of their arguments
 * and @random's state.
 */

/**
 * lk_split_groups:
 * @sizes: [@n], pictures in each group, at least 1
 * @min_groups: every part gets at least so many groups, where there are enough
 * @parts: (out caller-allocates): [@n]
 *
 * Deals whole groups so that the parts' pictures are as near to 70/20/10 as the
 * groups allow: the largest first, equal ones in random order, each to the part that
 * is furthest behind its share (Sainte-Lague's divisors).
 */
void lk_split_groups (const int *sizes, int n, int min_groups, LkRandom *random, LkPart *parts);

/**
 * lk_split_runs:
 * @parts: (out caller-allocates): [@n]
 *
 * Cuts @n things that stand in order into three runs, in an order of the parts that
 * @random picks, so that no more than two neighbours are in different parts.  Every
 * part gets one if there are three; fewer than three all go to training.
 */
void lk_split_runs (int n, LkRandom *random, LkPart *parts);

G_END_DECLS
