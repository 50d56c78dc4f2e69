/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"

/*
 * The ways of a convolution.  lk-conv.c chooses; tests and benchmarks ask for each.
 * Sizes are in floats; arguments are those of lk-conv.h.
 *
 * A cost is the time for one picture, as the number of multiplications of single numbers
 * in the direct sum that take as long; HUGE_VAL where the way cannot be gone.  A number
 * of the kernel's transforms that comes from memory, because a single picture (n = 1, the
 * live view's) does not use it often, takes as long as LK_CONV_FETCH of them.
 */
#define LK_CONV_FETCH 20.0

typedef enum
{
  LK_CONV_DIRECT,
  LK_CONV_FFT,
  LK_CONV_WINOGRAD,
} LkConvWay;

/* The fastest way for each; of cv->n matters only whether it is 1. */
LkConvWay lk_conv_choose_forward (const LkConv *cv);
LkConvWay lk_conv_choose_data (const LkConv *cv);
LkConvWay lk_conv_choose_kernel (const LkConv *cv);

/* ---- The sum itself, by register tiles. ---- */

size_t lk_conv_direct_packed_size (const LkConv *cv);
void lk_conv_direct_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool);
void lk_conv_direct_forward (const LkConv *cv, const float *x, const float *packed,
                             const LkEpilogue *epilogue, float *y, LkPool *pool);
size_t lk_conv_direct_data_scratch (const LkConv *cv);
void lk_conv_direct_backward_data (const LkConv *cv, const float *dy, const float *kernel,
                                   float *dx, float *scratch, LkPool *pool);
size_t lk_conv_direct_kernel_scratch (const LkConv *cv, const LkPool *pool);
void lk_conv_direct_backward_kernel (const LkConv *cv, const float *x, const float *dy,
                                     float *dkernel, float *dbias, float *scratch, LkPool *pool);

/* ---- By Fourier transforms of tiles of 16 x 16 pixels: an output then costs
 * 4 * 130 / (17 - k)^2 multiplications an input channel instead of k^2, 5 instead of 49
 * for k = 7.  The kernel's transforms take more memory than the kernel: 1040 bytes instead
 * of 4 k^2 for each pair of channels.  Stride 1, kernels up to 11, channels of the result in
 * whole vectors.
 *
 * Source: M. Mathieu, M. Henaff, Y. LeCun, "Fast Training of Convolutional Networks
 * through FFTs", ICLR 2014; overlap-save tiles as in N. Vasilache et al., "Fast
 * Convolutional Nets With fbfft", ICLR 2015. ---- */

double lk_conv_fft_cost_forward (const LkConv *cv);
double lk_conv_fft_cost_data (const LkConv *cv);
double lk_conv_fft_cost_kernel (const LkConv *cv);

size_t lk_conv_fft_packed_size (const LkConv *cv);
void lk_conv_fft_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool);
size_t lk_conv_fft_scratch (const LkConv *cv, const LkPool *pool);
void lk_conv_fft_forward (const LkConv *cv, const float *x, const float *packed,
                          const LkEpilogue *epilogue, float *y, float *scratch, LkPool *pool);
size_t lk_conv_fft_data_scratch (const LkConv *cv, const LkPool *pool);
void lk_conv_fft_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                                float *scratch, LkPool *pool);
size_t lk_conv_fft_kernel_scratch (const LkConv *cv, const LkPool *pool);
void lk_conv_fft_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                                  float *dbias, float *scratch, LkPool *pool);

/* ---- By Winograd's F(4x4, 3x3) (kernels/lk-winograd.h): 2.25 multiplications an output and
 * input channel instead of 9, and 4 times the kernel's memory.  Kernels of 3 x 3, stride 1,
 * channels of both sides in whole vectors. ---- */

double lk_conv_winograd_cost_forward (const LkConv *cv);
double lk_conv_winograd_cost_data (const LkConv *cv);
double lk_conv_winograd_cost_kernel (const LkConv *cv);

size_t lk_conv_winograd_packed_size (const LkConv *cv);
void lk_conv_winograd_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool);
size_t lk_conv_winograd_scratch (const LkConv *cv, const LkPool *pool);
void lk_conv_winograd_forward (const LkConv *cv, const float *x, const float *packed,
                               const LkEpilogue *epilogue, float *y, float *scratch, LkPool *pool);
size_t lk_conv_winograd_data_scratch (const LkConv *cv, const LkPool *pool);
void lk_conv_winograd_backward_data (const LkConv *cv, const float *dy, const float *kernel,
                                     float *dx, float *scratch, LkPool *pool);
size_t lk_conv_winograd_kernel_scratch (const LkConv *cv);
void lk_conv_winograd_backward_kernel (const LkConv *cv, const float *x, const float *dy,
                                       float *dkernel, float *dbias, float *scratch, LkPool *pool);

/* ---- What they share. ---- */

static inline int
lk_divide_up (int a, int b)
{
  return (a + b - 1) / b;
}

static inline int
lk_smaller (int a, int b)
{
  return a < b ? a : b;
}

/* For gradients of the data: the convolution of stride 1 that gives dx from dy, and its kernel:
 * [kh, kw, o, c], last tap first, lk_conv_turned_size() floats. */
LkConv lk_conv_turn (const LkConv *cv);
size_t lk_conv_turned_size (const LkConv *cv);
void lk_conv_turn_kernel (const LkConv *cv, const float *kernel, float *turned, LkPool *pool);
