/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>

/*
 * Muon's way of moving a matrix of weights: not along its momentum M, whose few large
 * singular values would outvote the others, but along U V' of M = U S V', in which all
 * count the same.  It is come near to by five steps of X = a X + (b X X' + c (X X')^2) X,
 * which take every singular value between about 0.01 and 1 to one between 0.7 and 1.2.
 *
 * The steps are polynomials of X' X (or X X', whichever is smaller), so they are taken with
 * that matrix alone, and the long one is multiplied once.
 *
 * Source: K. Jordan et al., "Muon: An optimizer for hidden layers in neural networks",
 * 2024 (coefficients and number of steps); J. Liu et al., "Muon is Scalable for LLM
 * Training", 2025, section 2.2 (the factor, after which Adam's rates fit; the decay).
 */

/* Floats of scratch. */
size_t lk_muon_scratch (int rows, int columns);

/**
 * lk_muon_move:
 * @update: [rows, columns]: M; a conv2d's kernel is [kh kw c, o]
 * @w: (inout): [rows, columns]:
 *
 *     w = (1 - rate decay) w - rate 0.2 sqrt (max (rows, columns)) U V'
 *
 * By one thread.  What is not finite in @update makes all of @w so.  An update of zeros
 * moves nothing.
 */
void lk_muon_move (int rows, int columns, const float *update, double rate, double decay, float *w,
                   float *scratch);
