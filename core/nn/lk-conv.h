/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>

/*
 * 2-D convolution (cross-correlation) on float32, forward and backward.
 *
 * Layout: pictures NHWC, kernels [kh, kw, c, o], densely packed, last letter
 * fastest.  Nothing here allocates or fails; sizes are the caller's to check, once,
 * when the network is built.  Arrays are best aligned to 64 bytes.  @pool is always
 * (nullable); a result does not depend on the number of its threads.
 */
typedef struct
{
  int n, h, w, c; /* input: pictures, rows, columns, channels */
  int oh, ow, o;  /* output rows, columns, channels */
  int kh, kw;     /* kernel rows, columns */
  int stride;     /* both ways, at least 1 */
  int pad_top,
      pad_left; /* zeros before the first row and column; those behind follow from oh, ow */
} LkConv;

/* What is done to a sum s of output channel k before it is stored:
 *     s += bias[k];  if (relu) s = max (s, 0);  if (scale) s = s * scale[k] + shift[k]
 * (a batch norm behind the activation, folded). */
typedef struct
{
  const float *bias; /* (nullable): [o] */
  int relu;
  const float *scale; /* (nullable): [o] */
  const float *shift; /* (nullable): [o], with scale */
} LkEpilogue;

/* Floats of a packed kernel, for up to cv->n pictures, and packing: the kernel in the order
 * that the processor's micro-kernels read it, or transformed, where the convolution is done by
 * Fourier transforms or by Winograd's method.  The choice is made by the geometry, and by
 * whether n is 1; it does not matter to a caller but for the rounding, which is then relative
 * to the largest numbers around, some 1e-6 of them. */
size_t lk_conv_packed_size (const LkConv *cv);
void lk_conv_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool);

/* Floats of scratch for lk_conv_forward() of up to cv->n pictures. */
size_t lk_conv_scratch (const LkConv *cv, const LkPool *pool);

/**
 * lk_conv_forward:
 * @x: [n, h, w, c]
 * @packed: from lk_conv_pack() with the same geometry and n
 * @y: (out caller-allocates): [n, oh, ow, o], overwritten
 */
void lk_conv_forward (const LkConv *cv, const float *x, const float *packed,
                      const LkEpilogue *epilogue, float *y, float *scratch, LkPool *pool);

/* Floats of scratch that either backward function needs for up to cv->n pictures. */
size_t lk_conv_backward_scratch (const LkConv *cv, const LkPool *pool);

/* dx [n, h, w, c] is overwritten; @kernel is the plain one, [kh, kw, c, o]. */
void lk_conv_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                            float *scratch, LkPool *pool);

/* dkernel [kh, kw, c, o] and dbias [o] are added to: the towers of a Siamese network
 * share their parameters. */
void lk_conv_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                              float *dbias, float *scratch, LkPool *pool);

/* The same functions as plain loops, sums in double: the definition, and what tests
 * compare with.  @kernel is the plain one. */
void lk_conv_forward_ref (const LkConv *cv, const float *x, const float *kernel,
                          const LkEpilogue *epilogue, float *y);
void lk_conv_backward_data_ref (const LkConv *cv, const float *dy, const float *kernel, float *dx);
void lk_conv_backward_kernel_ref (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                                  float *dbias);
