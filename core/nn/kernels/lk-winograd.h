/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>

/*
 * The pieces of a 3 x 3 convolution by Winograd's F(4x4, 3x3), one table for each
 * instruction set, as many channels at a time as a vector has lanes:
 *
 *     y = A' [(G w G') . (B' x B)] A      (' transposed, . element by element)
 *
 * gives 4 x 4 outputs y from 6 x 6 inputs x with 36 products instead of 144.  The gradient
 * of w is, the same the other way round, G' [(B' x B) . (A dy A')] G.
 *
 * The 36 numbers of a tile are kept step floats apart, that of row i and column j as
 * number 6 i + j.
 *
 * Source: A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR
 * 2016, section 4.1 and its matrices for F(4x4, 3x3).
 */
#define LK_WINOGRAD_IN      6
#define LK_WINOGRAD_OUT     4
#define LK_WINOGRAD_KERNEL  3
#define LK_WINOGRAD_NUMBERS 36
#define LK_WINOGRAD_ALL_ONE 7 /* the number that is, of A dy A', the sum of dy */

typedef struct
{
  int lanes;

  /* B' x B.  Pixel (y, x) of the tile is read from x + y * row_step + x * pixel_step for
   * y0 <= y < y1, x0 <= x < x1; the others are 0. */
  void (*input) (const float *x, ptrdiff_t row_step, ptrdiff_t pixel_step, int y0, int y1, int x0,
                 int x1, float *out, ptrdiff_t step);

  /* A dy A' of the first rows x columns pixels of a tile of dy; the others are 0. */
  void (*gradient) (const float *dy, ptrdiff_t row_step, ptrdiff_t pixel_step, int rows,
                    int columns, float *out, ptrdiff_t step);

  /* G w G'; the taps of w lie tap_step floats apart. */
  void (*kernel) (const float *w, ptrdiff_t tap_step, float *out, ptrdiff_t step);

  /* Adds G' m G to the taps of dw. */
  void (*add_kernel) (const float *m, ptrdiff_t step, float *dw, ptrdiff_t tap_step);

  /* The first rows x columns pixels of A' m A.  Epilogue as LkEpilogue, moved to the first
   * of the lanes. */
  void (*output) (const float *m, ptrdiff_t step, int rows, int columns, float *y,
                  ptrdiff_t row_step, ptrdiff_t pixel_step, const float *bias, int relu,
                  const float *scale, const float *shift);
} LkWinograd;

/* Thread-safe. */
const LkWinograd *lk_winograd_get (void);

extern const LkWinograd lk_winograd_portable;
extern const LkWinograd lk_winograd_avx2;
extern const LkWinograd lk_winograd_avx512;
