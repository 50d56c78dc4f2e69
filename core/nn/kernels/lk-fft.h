/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>

/*
 * The pieces of a convolution by Fourier transform, one table for each instruction set:
 * tiles of 16 x 16 pixels, and as many channels at a time as a vector has lanes.
 *
 * The spectrum of a real tile has 130 complex bins (of 256; the others are their
 * conjugates).  Bins are kept with factors of 1 or 2 that spare the transform divisions;
 * lk_fft_get_scale() says what a product of two spectra must be multiplied by.
 */
#define LK_FFT_SIDE      16
#define LK_FFT_BINS      130
#define LK_FFT_MAX_TILES 8
#define LK_FFT_MAX_LANES 16

typedef struct
{
  int lanes;
  int max_tiles; /* of a product */

  /* Transforms lanes channels of a tile.  Pixel (y, x) is read from x + y * row_step +
   * x * pixel_step for y0 <= y < y1, x0 <= x < x1; the others are 0.  Bin b goes to
   * out + b * bin_step, its imaginary part imaginary floats behind.  With conjugate, that
   * part has its sign changed. */
  void (*forward) (const float *x, ptrdiff_t row_step, ptrdiff_t pixel_step, int y0, int y1, int x0,
                   int x1, int conjugate, float *out, ptrdiff_t bin_step, ptrdiff_t imaginary);

  /* For one bin and n_tiles <= max_tiles: y[tile] = sum over k < c of a[tile][k] * b[k],
   * complex; the real parts of a[tile] lie at a + tile * 2 * imaginary, the others so many
   * floats behind; b is [c, 2, lanes]; y is [n_tiles, 2, lanes].  With fetch_next, what
   * follows b in memory is fetched on the way. */
  void (*multiply) (int n_tiles, int c, const float *a, ptrdiff_t imaginary, const float *b,
                    int fetch_next, float *y);

  /* For one bin and n_rows <= max_tiles: y[row] += sum over t < n_tiles of a[t][row] * b[t],
   * complex; a[t] and b[t] lie at a + t * 2 * a_imaginary and b + t * 2 * b_imaginary, laid
   * out as above; y is [n_rows, 2, lanes]. */
  void (*outer) (int n_rows, int n_tiles, const float *a, ptrdiff_t a_imaginary, const float *b,
                 ptrdiff_t b_imaginary, float *y);

  /* The first rows x columns pixels of a tile from its spectrum, bins as in forward, not
   * divided by 256 and with the bins' factors taken out.  Epilogue as LkEpilogue, moved to
   * the first of the lanes. */
  void (*inverse) (const float *in, ptrdiff_t bin_step, ptrdiff_t imaginary, int rows, int columns,
                   float *y, ptrdiff_t row_step, ptrdiff_t pixel_step, const float *bias, int relu,
                   const float *scale, const float *shift);
} LkFft;

/* Thread-safe. */
const LkFft *lk_fft_get (void);

/* 1/256 divided by the factors with which forward() leaves bin b in both spectra. */
float lk_fft_get_scale (int b);

extern const LkFft lk_fft_portable;
extern const LkFft lk_fft_avx2;
extern const LkFft lk_fft_avx512;
