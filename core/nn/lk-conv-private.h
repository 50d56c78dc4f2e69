/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"

/*
 * The two ways of a convolution.  lk-conv.c chooses; tests and benchmarks ask for each.
 * Sizes are in floats; arguments are those of lk-conv.h.
 */

/* The sum itself, by register tiles. */
size_t lk_conv_direct_packed_size (const LkConv *cv);
void lk_conv_direct_pack (const LkConv *cv, const float *kernel, float *packed);
void lk_conv_direct_forward (const LkConv *cv, const float *x, const float *packed,
                             const LkEpilogue *epilogue, float *y, LkPool *pool);
size_t lk_conv_direct_data_scratch (const LkConv *cv);
void lk_conv_direct_backward_data (const LkConv *cv, const float *dy, const float *kernel,
                                   float *dx, float *scratch, LkPool *pool);
size_t lk_conv_direct_kernel_scratch (const LkConv *cv, const LkPool *pool);
void lk_conv_direct_backward_kernel (const LkConv *cv, const float *x, const float *dy,
                                     float *dkernel, float *dbias, float *scratch, LkPool *pool);

/*
 * By Fourier transforms of tiles of 16 x 16 pixels: an output then costs
 * 4 * 130 / (17 - k)^2 multiplications an input channel instead of k^2, 5 instead of 49
 * for k = 7.  The kernel's transforms take more memory than the kernel: 1040 bytes instead
 * of 4 k^2 for each pair of channels.
 *
 * Source: M. Mathieu, M. Henaff, Y. LeCun, "Fast Training of Convolutional Networks
 * through FFTs", ICLR 2014; overlap-save tiles as in N. Vasilache et al., "Fast
 * Convolutional Nets With fbfft", ICLR 2015.
 */

/* Whether it can do each (stride 1, kernel up to 11, channels of the result in whole
 * vectors) and is to be expected faster; whatever n is. */
int lk_conv_fft_suits_forward (const LkConv *cv);
int lk_conv_fft_suits_data (const LkConv *cv);
int lk_conv_fft_suits_kernel (const LkConv *cv);

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
