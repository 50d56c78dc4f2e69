/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>

/*
 * A dense layer of fixed weights, made ready for single pictures, where the time is that
 * of reading the weights from memory.  Each is kept as 16 bits, a fraction of its
 * column's largest: the error of a weight is at most 1/65534 of that, 16 times less than
 * half precision makes of Glorot's uniform weights.  A row whose input is 0, as a ReLU
 * makes half of them, is not read at all.
 *
 * Nothing here allocates or fails; @pool is (nullable).
 */

/* Bytes of a packed layer, to be aligned to 64, and packing: @kernel is [in, out]. */
size_t lk_dense_packed_size (int in, int out);
void lk_dense_pack (int in, int out, const float *kernel, void *packed);

/* Bytes of scratch, to be aligned to 64. */
size_t lk_dense_packed_scratch (int in, const LkPool *pool);

/**
 * lk_dense_packed_forward:
 * @x: [n, in]
 * @packed: from lk_dense_pack()
 * @bias: (nullable): [out]
 * @sigmoid: whether y is 1 / (1 + exp (-s)) of the sum s
 * @y: (out caller-allocates): [n, out]
 *
 * A sum with a NaN or an infinity in its input need not be one itself (0 x NaN is left
 * out): who wants to know looks at the input.
 */
void lk_dense_packed_forward (int n, int in, int out, const float *x, const void *packed,
                              const float *bias, int sigmoid, float *y, void *scratch,
                              LkPool *pool);
