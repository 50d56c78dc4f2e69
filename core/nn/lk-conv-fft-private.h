/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "kernels/lk-fft.h"
#include "lk-conv-private.h"

/* Shared by lk-conv-fft.c and lk-conv-fft-backward.c. */

/* How the work is cut: pictures into rows x columns tiles, each giving step_y x step_x
 * outputs; the tiles into groups whose spectra are held at a time, as large as lets them
 * use a kernel from memory well. */
typedef struct
{
  const LkFft *fft;
  int lanes;
  int step_y, step_x;
  int rows, columns;
  int n_tiles; /* of all pictures */
  int group;   /* tiles */
  int c;       /* input channels, filled up to whole vectors */
} LkFftCut;

LkFftCut lk_fft_cut (const LkConv *cv);

/* Channels of a kernel whose spectra are copied together. */
#define LK_FFT_CHANNELS 4

/* Where a tile's outputs begin. */
typedef struct
{
  int n, y, x;
} LkFftPlace;

LkFftPlace lk_fft_place (const LkFftCut *cut, int tile);

/* Floats from bin to bin of a group's spectra of c channels. */
size_t lk_fft_bin_step (const LkFftCut *cut, int c);

/* Floats of a picture whose channels are filled up with zeros; 0 where they need not be.
 * Such pictures are done one at a time. */
size_t lk_fft_filled_size (const LkConv *cv, const LkFftCut *cut);
void lk_fft_fill (const LkConv *cv, const LkFftCut *cut, const float *x, float *filled,
                  LkPool *pool);

/* The spectra of tiles first .. first + n - 1 of x (filled, if it needs to be), as
 * [bin][tile][2][cut->c], lk_fft_bin_step() from bin to bin. */
void lk_fft_transform_inputs (const LkConv *cv, const LkFftCut *cut, const float *x, int first,
                              int n, float *spectra, LkPool *pool);
