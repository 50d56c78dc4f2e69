/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"

/*
 * The same convolution by Fourier transforms of tiles of 16 x 16 pixels: an output then
 * costs 4 * 130 / (17 - k)^2 multiplications an input channel instead of k^2, 5 instead of
 * 49 for k = 7.  The kernel's transforms take more memory than the kernel: 1040 bytes
 * instead of 4 k^2 for each pair of channels.
 *
 * Same layouts and epilogue as lk-conv.h; nothing allocates or fails, @pool is (nullable).
 * Rounding errors are relative to the largest numbers of a tile, some 1e-6 of them.
 *
 * Source: M. Mathieu, M. Henaff, Y. LeCun, "Fast Training of Convolutional Networks
 * through FFTs", ICLR 2014; overlap-save tiles as in N. Vasilache et al., "Fast
 * Convolutional Nets With fbfft", ICLR 2015.
 */

/* Whether it can do this convolution (stride 1, kernel up to 11, output channels in whole
 * vectors) and is to be expected faster than lk_conv_forward() at so many pictures a call. */
int lk_conv_fft_is_better (const LkConv *cv);

/* Floats of the kernel's transforms, to be aligned to 64 bytes; packing. */
size_t lk_conv_fft_packed_size (const LkConv *cv);
void lk_conv_fft_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool);

/* Floats of scratch, to be aligned to 64 bytes, for up to cv->n pictures. */
size_t lk_conv_fft_scratch (const LkConv *cv, const LkPool *pool);

void lk_conv_fft_forward (const LkConv *cv, const float *x, const float *packed,
                          const LkEpilogue *epilogue, float *y, float *scratch, LkPool *pool);
