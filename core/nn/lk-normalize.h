/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Vectors made of unit length: y = x / sqrt (sum_j x_j^2 + 1e-12), each of the n rows of
 * x [n, d] for itself.  All zeros stay zeros.  Arrays may be the same where they do not
 * overlap in part.  Sums are in double; plain loops, and so their own reference.
 */
void lk_normalize_forward (int n, int d, const float *x, float *y);

/* dx = (dy - y (y . dy)) / sqrt (sum_j x_j^2 + 1e-12); @y: of lk_normalize_forward() */
void lk_normalize_backward (int n, int d, const float *x, const float *y, const float *dy,
                            float *dx);
