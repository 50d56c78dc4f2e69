/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/**
 * lk_logistic_fit:
 * @x: [@n, @d]: what is known of each case
 * @yes: [@n]: what it is: 0 or 1
 * @weights: [@n] (nullable): how much each case counts, not below 0; NULL: the same
 * @ridge: at least 0: what it costs, times half the squared distance, that a coefficient is
 *   not @prior's; the constant is free.  In units of the weights.
 * @prior: [@d + 1] (nullable): NULL: zeros.  Where the search begins as well
 * @w: (out caller-allocates): [@d + 1]: the log odds of a case are
 *   sum_j w[j] x[j] + w[@d]
 *
 * Logistic regression: the coefficients with the least weighted cross-entropy and cost.  The
 * problem is convex; Newton's steps, halved where they would lead up.  With a ridge of 0 cases
 * that can be told apart entirely let the coefficients grow until the steps run out.
 *
 * Source: T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning",
 * 2nd edition, section 4.4.1.
 *
 * Returns: 1, or 0 when memory is short or a number is not finite; @w is @prior then
 */
int lk_logistic_fit (const float *x, const int *yes, const float *weights, int n, int d,
                     double ridge, const double *prior, double *w);
