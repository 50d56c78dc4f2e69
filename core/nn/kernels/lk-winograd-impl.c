/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiled once for each instruction set, with
 *   LK_WINOGRAD  name of the table
 *   LK_VEC       floats in a vector register
 */
#include "lk-vec.h"
#include "lk-winograd.h"

/* ---- The matrices, each applied to a row or a column. ---- */

/* B' */
INLINE void
transform_input (const Vec *d, Vec out[6])
{
  const Vec d0 = d[0], d1 = d[1], d2 = d[2], d3 = d[3], d4 = d[4];
  const Vec a = d4 - d2 * 4.0f, b = d3 - d1 * 4.0f, e = d4 - d2, f = (d3 - d1) * 2.0f;

  out[0] = (d0 - d2) * 4.0f - d2 + d4;
  out[1] = a + b;
  out[2] = a - b;
  out[3] = e + f;
  out[4] = e - f;
  out[5] = (d1 - d3) * 4.0f - d3 + d[5];
}

/* A */
INLINE void
transform_gradient (const Vec *d, Vec out[6])
{
  const Vec d0 = d[0], d1 = d[1], d2 = d[2], d3 = d[3];
  const Vec even = d0 + d2, odd = d1 + d3, even2 = d0 + d2 * 4.0f, odd2 = (d1 + d3 * 4.0f) * 2.0f;

  out[0] = d0;
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = even2 + odd2;
  out[4] = even2 - odd2;
  out[5] = d3;
}

/* G */
INLINE void
transform_kernel (const Vec *g, Vec out[6])
{
  const Vec g0 = g[0], g1 = g[1], g2 = g[2];
  const Vec a = (g0 + g2) * (-1.0f / 6), b = g1 * (-1.0f / 6);
  const Vec e = g0 * (1.0f / 24) + g2 * (1.0f / 6), f = g1 * (1.0f / 12);

  out[0] = g0 * 0.25f;
  out[1] = a + b;
  out[2] = a - b;
  out[3] = e + f;
  out[4] = e - f;
  out[5] = g2;
}

/* G' */
INLINE void
transform_sums (const Vec *m, Vec out[3])
{
  const Vec m1 = m[1], m2 = m[2], m3 = m[3], m4 = m[4];
  const Vec a = (m1 + m2) * (-1.0f / 6), b = m3 + m4;

  out[0] = m[0] * 0.25f + a + b * (1.0f / 24);
  out[1] = (m2 - m1) * (1.0f / 6) + (m3 - m4) * (1.0f / 12);
  out[2] = a + b * (1.0f / 6) + m[5];
}

/* A' */
INLINE void
transform_output (const Vec *m, Vec out[4])
{
  const Vec m1 = m[1], m2 = m[2], m3 = m[3], m4 = m[4];
  const Vec a = m1 + m2, b = m1 - m2, e = m3 + m4, f = m3 - m4;

  out[0] = m[0] + a + e;
  out[1] = b + f * 2.0f;
  out[2] = a + e * 4.0f;
  out[3] = b + f * 8.0f + m[5];
}

/* ---- Tiles. ---- */

/* The second half of a transform: of each row. */
INLINE void
store_rows (Vec rows[6][6], void (*transform) (const Vec *, Vec *), float *out, ptrdiff_t step)
{
#pragma GCC unroll 6
  for (int i = 0; i < 6; i++)
    {
      Vec row[6];

      transform (rows[i], row);
#pragma GCC unroll 6
      for (int j = 0; j < 6; j++)
        store (out + (6 * i + j) * step, row[j]);
    }
}

static void
input (const float *x, ptrdiff_t row_step, ptrdiff_t pixel_step, int y0, int y1, int x0, int x1,
       float *out, ptrdiff_t step)
{
  Vec half[6][6]; /* B' x */
  int whole = y0 <= 0 && x0 <= 0 && y1 >= 6 && x1 >= 6;

#pragma GCC unroll 6
  for (int j = 0; j < 6; j++)
    {
      Vec pixels[6], column[6];

      if (whole)
        for (int i = 0; i < 6; i++)
          pixels[i] = load (x + i * row_step + j * pixel_step);
      else
        for (int i = 0; i < 6; i++)
          pixels[i] = i >= y0 && i < y1 && j >= x0 && j < x1
                          ? load (x + i * row_step + j * pixel_step)
                          : (Vec){ 0 };
      transform_input (pixels, column);
#pragma GCC unroll 6
      for (int i = 0; i < 6; i++)
        half[i][j] = column[i];
    }
  store_rows (half, transform_input, out, step);
}

static void
gradient (const float *dy, ptrdiff_t row_step, ptrdiff_t pixel_step, int rows, int columns,
          float *out, ptrdiff_t step)
{
  Vec half[6][6]; /* A dy, of 4 columns */

#pragma GCC unroll 4
  for (int j = 0; j < 4; j++)
    {
      Vec pixels[4], column[6];

      for (int i = 0; i < 4; i++)
        pixels[i] = i < rows && j < columns ? load (dy + i * row_step + j * pixel_step)
                                            : (Vec){ 0 };
      transform_gradient (pixels, column);
#pragma GCC unroll 6
      for (int i = 0; i < 6; i++)
        half[i][j] = column[i];
    }
  store_rows (half, transform_gradient, out, step);
}

static void
kernel (const float *w, ptrdiff_t tap_step, float *out, ptrdiff_t step)
{
  Vec half[6][6]; /* G w, of 3 columns */

  for (int j = 0; j < 3; j++)
    {
      Vec taps[3], column[6];

      for (int i = 0; i < 3; i++)
        taps[i] = load (w + (3 * i + j) * tap_step);
      transform_kernel (taps, column);
      for (int i = 0; i < 6; i++)
        half[i][j] = column[i];
    }
  store_rows (half, transform_kernel, out, step);
}

static void
add_kernel (const float *m, ptrdiff_t step, float *dw, ptrdiff_t tap_step)
{
  Vec half[3][6]; /* G' m */

  for (int j = 0; j < 6; j++)
    {
      Vec numbers[6], column[3];

      for (int i = 0; i < 6; i++)
        numbers[i] = load (m + (6 * i + j) * step);
      transform_sums (numbers, column);
      for (int i = 0; i < 3; i++)
        half[i][j] = column[i];
    }
  for (int i = 0; i < 3; i++)
    {
      Vec taps[3];

      transform_sums (half[i], taps);
      for (int j = 0; j < 3; j++)
        {
          float *tap = dw + (3 * i + j) * tap_step;

          store (tap, load (tap) + taps[j]);
        }
    }
}

static void
output (const float *m, ptrdiff_t step, int rows, int columns, float *y, ptrdiff_t row_step,
        ptrdiff_t pixel_step, const float *bias, int relu, const float *scale, const float *shift)
{
  Vec half[4][6]; /* A' m */

#pragma GCC unroll 6
  for (int j = 0; j < 6; j++)
    {
      Vec numbers[6], column[4];

#pragma GCC unroll 6
      for (int i = 0; i < 6; i++)
        numbers[i] = load (m + (6 * i + j) * step);
      transform_output (numbers, column);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++)
        half[i][j] = column[i];
    }
  for (int i = 0; i < rows; i++)
    {
      Vec row[4];

      transform_output (half[i], row);
      for (int j = 0; j < columns; j++)
        {
          Vec s = row[j];

          if (bias != NULL)
            s += load (bias);
          if (relu)
            s = cut_negative (s);
          if (scale != NULL)
            s = s * load (scale) + load (shift);
          store (y + i * row_step + j * pixel_step, s);
        }
    }
}

const LkWinograd LK_WINOGRAD = {
  .lanes = LK_VEC,
  .input = input,
  .gradient = gradient,
  .kernel = kernel,
  .add_kernel = add_kernel,
  .output = output,
};
