/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * The innermost loops of the network, one table for each instruction set.  One source
 * (lk-kernels-impl.c) is compiled once for each; lk_kernels_get() picks by
 * lk_cpu_get_level().
 *
 * A tile is up to max_rows x width sums that stay in registers while the loop runs over
 * what is summed.  Kernels are packed in panels of width output channels, each
 * [sums, width], the last one filled up with zeros.
 *
 * Source of the scheme: K. Goto and R. van de Geijn, "Anatomy of High-Performance Matrix
 * Multiplication", ACM TOMS 34(3), 2008; with the rows read where they lie, because a
 * convolution's are runs of kw * c numbers in an NHWC picture.
 */
#define LK_KERNELS_MAX_ROWS  14
#define LK_KERNELS_MAX_WIDTH 32
#define LK_KERNELS_MAX_SLICE 128

typedef struct
{
  int rows;    /* 1 .. max_rows */
  int columns; /* 1 .. width */

  /* sum over s < n_runs, k < run of a[row][s * a_step + k] * b[(s * run + k) * width + column] */
  const float *a[LK_KERNELS_MAX_ROWS];
  ptrdiff_t a_step; /* floats */
  int n_runs, run;
  const float *b;

  float *y; /* [rows, columns], y_step floats apart; only columns of them are touched */
  ptrdiff_t y_step;
  int add; /* to what y holds, rather than overwriting it */

  /* As LkEpilogue, moved to the tile's first column; done after the sum. */
  const float *bias, *scale, *shift;
  int relu;
} LkTile;

typedef struct
{
  int rows;    /* 1 .. max_rows */
  int columns; /* 1 .. width */

  /* y[row, column] += sum over p < n of a[p][row] * b[p * width + column] */
  const float *const *a; /* each to rows floats */
  ptrdiff_t a_offset;    /* added to each a */
  int n;
  const float *b;

  float *y; /* y_step floats from row to row */
  ptrdiff_t y_step;
} LkOuterTile;

typedef struct
{
  int width;    /* columns of a panel */
  int max_rows; /* of a tile */

  void (*tile) (const LkTile *tile);
  void (*outer_tile) (const LkOuterTile *tile);
  /* Packs columns (1 .. width) of n rows, step floats apart, as a panel; zeros fill it up.
   * Adds the rows up in sums (nullable): [columns]. */
  void (*pack) (int n, int columns, const float *from, ptrdiff_t step, float *panel, float *sums);

  /* Dense layers of 16-bit weights [in, slice]. */
  int slice; /* columns; a multiple of width */
  /* y[column] = sum over i < n of values[i] * weights[rows[i] * slice + column] */
  void (*slice_sums) (int n, const int32_t *rows, const float *values, const int16_t *weights,
                      float *y);
  /* The slice's panels, step floats apart: out[panel * step + k * width + column] =
   * weights[k * slice + panel * width + column], k < n, column < width */
  void (*widen) (int n, const int16_t *weights, float *out, size_t step);

  /* Maxima, element by element, of n numbers; where follows the winner.  Of equals the
   * first argument wins (x[0] before x[1] and so on); y and where may be those of a or b. */
  void (*max2) (int n, const float *a, const float *b, float *y);
  void (*max2_where) (int n, const float *a, const int32_t *a_where, const float *b,
                      const int32_t *b_where, float *y, int32_t *where);
  void (*max4) (int n, const float *const x[4], float *y);
  void (*max4_where) (int n, const float *const x[4], const int32_t at[4], float *y,
                      int32_t *where);
} LkKernels;

/* Thread-safe. */
const LkKernels *lk_kernels_get (void);

extern const LkKernels lk_kernels_portable;
extern const LkKernels lk_kernels_avx2;
extern const LkKernels lk_kernels_avx512;
