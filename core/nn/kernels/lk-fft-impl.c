/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiled once for each instruction set, with
 *   LK_FFT        name of the table
 *   LK_VEC        floats in a vector register
 *   LK_FFT_TILES  of a product: as many complex sums as leave room in the registers for a
 *                 number of each factor
 *
 * A spectrum is kept as bins (u, v), u down the columns, v along the rows: first u = 0 .. 8
 * of v = 0, then u = 0 .. 8 of v = 8 (these columns are transforms of real numbers, so the
 * other u are conjugates), then u = 0 .. 15 of v = 1 .. 7.
 */
#include "lk-fft.h"
#include "lk-vec.h"

#define SIDE LK_FFT_SIDE

INLINE int
bin_of (int u, int v)
{
  return v == 0 ? u : v == 8 ? 9 + u : 18 + 16 * (v - 1) + u;
}

/* ---- One transform of 16 complex numbers, as 4 x 4.  The inverse, not divided by 16, is
 * the same with real and imaginary parts exchanged. ---- */

INLINE void
fft4 (Vec *r0, Vec *i0, Vec *r1, Vec *i1, Vec *r2, Vec *i2, Vec *r3, Vec *i3)
{
  Vec ar = *r0 + *r2, ai = *i0 + *i2, br = *r0 - *r2, bi = *i0 - *i2;
  Vec cr = *r1 + *r3, ci = *i1 + *i3, dr = *r1 - *r3, di = *i1 - *i3;

  *r0 = ar + cr;
  *i0 = ai + ci;
  *r2 = ar - cr;
  *i2 = ai - ci;
  *r1 = br + di;
  *i1 = bi - dr;
  *r3 = br - di;
  *i3 = bi + dr;
}

/* Multiplies by c - i s. */
INLINE void
turn (Vec *re, Vec *im, float c, float s)
{
  Vec r = *re, i = *im;

  *re = r * splat (c) + i * splat (s);
  *im = i * splat (c) - r * splat (s);
}

INLINE void
fft16 (Vec re[SIDE], Vec im[SIDE])
{
  const float c = 0.92387953251128674f, s = 0.38268343236508977f, h = 0.70710678118654752f;
  Vec r[SIDE], i[SIDE];

#pragma GCC unroll 4
  for (int k = 0; k < 4; k++)
    fft4 (&re[k], &im[k], &re[k + 4], &im[k + 4], &re[k + 8], &im[k + 8], &re[k + 12], &im[k + 12]);

  /* By the powers 1 2 3, 2 4 6, 3 6 9 of exp (-2 pi i / 16). */
  turn (&re[5], &im[5], c, s);
  turn (&re[9], &im[9], h, h);
  turn (&re[13], &im[13], s, c);
  turn (&re[6], &im[6], h, h);
  turn (&re[10], &im[10], 0, 1);
  turn (&re[14], &im[14], -h, h);
  turn (&re[7], &im[7], s, c);
  turn (&re[11], &im[11], -h, h);
  turn (&re[15], &im[15], -c, -s);

#pragma GCC unroll 4
  for (int k = 0; k < 16; k += 4)
    fft4 (&re[k], &im[k], &re[k + 1], &im[k + 1], &re[k + 2], &im[k + 2], &re[k + 3], &im[k + 3]);

    /* Out of the order 0 4 8 12 1 5 9 13 ... */
#pragma GCC unroll 16
  for (int k = 0; k < SIDE; k++)
    {
      r[k] = re[k % 4 * 4 + k / 4];
      i[k] = im[k % 4 * 4 + k / 4];
    }
#pragma GCC unroll 16
  for (int k = 0; k < SIDE; k++)
    {
      re[k] = r[k];
      im[k] = i[k];
    }
}

/* ---- Tiles. ---- */

static void
forward (const float *x, ptrdiff_t row_step, ptrdiff_t pixel_step, int y0, int y1, int x0, int x1,
         int conjugate, float *out, ptrdiff_t bin_step, ptrdiff_t imaginary)
{
  Vec re[9][SIDE], im[9][SIDE], sign = splat (conjugate ? -1.0f : 1.0f); /* [v][y] */

  /* Two rows of real numbers are one of complex ones; taking them apart doubles them. */
  for (int y = 0; y < SIDE; y += 2)
    {
      Vec a[SIDE], b[SIDE];

      for (int k = 0; k < SIDE; k++)
        {
          int inside = k >= x0 && k < x1;

          a[k] = b[k] = (Vec){ 0 };
          if (inside && y >= y0 && y < y1)
            a[k] = load (x + y * row_step + k * pixel_step);
          if (inside && y + 1 >= y0 && y + 1 < y1)
            b[k] = load (x + (y + 1) * row_step + k * pixel_step);
        }
      fft16 (a, b);
      re[0][y] = a[0];
      re[0][y + 1] = b[0];
      re[8][y] = a[8];
      re[8][y + 1] = b[8];
#pragma GCC unroll 8
      for (int v = 1; v < 8; v++)
        {
          re[v][y] = a[v] + a[SIDE - v];
          im[v][y] = b[v] - b[SIDE - v];
          re[v][y + 1] = b[v] + b[SIDE - v];
          im[v][y + 1] = a[SIDE - v] - a[v];
        }
    }

  fft16 (re[0], re[8]);
  for (int v = 0; v <= 8; v += 8)
    for (int u = 0; u <= 8; u += 8)
      {
        float *to = out + bin_of (u, v) * bin_step;

        store (to, re[v][u]);
        store (to + imaginary, (Vec){ 0 });
      }
  for (int u = 1; u < 8; u++)
    {
      float *first = out + bin_of (u, 0) * bin_step, *last = out + bin_of (u, 8) * bin_step;

      store (first, re[0][u] + re[0][SIDE - u]);
      store (first + imaginary, (re[8][u] - re[8][SIDE - u]) * sign);
      store (last, re[8][u] + re[8][SIDE - u]);
      store (last + imaginary, (re[0][SIDE - u] - re[0][u]) * sign);
    }
  for (int v = 1; v < 8; v++)
    {
      fft16 (re[v], im[v]);
      for (int u = 0; u < SIDE; u++)
        {
          float *to = out + bin_of (u, v) * bin_step;

          store (to, re[v][u]);
          store (to + imaginary, im[v][u] * sign);
        }
    }
}

static void
inverse (const float *in, ptrdiff_t bin_step, ptrdiff_t imaginary, int rows, int columns, float *y,
         ptrdiff_t row_step, ptrdiff_t pixel_step, const float *bias, int relu, const float *scale,
         const float *shift)
{
  Vec re[9][SIDE], im[9][SIDE]; /* [v][y]; column 8 is the imaginary part of column 0 */

  for (int u = 0; u <= 8; u++)
    {
      const float *first = in + bin_of (u, 0) * bin_step, *last = in + bin_of (u, 8) * bin_step;
      Vec ar = load (first), ai = load (first + imaginary);
      Vec br = load (last), bi = load (last + imaginary);

      re[0][u] = ar - bi;
      re[8][u] = ai + br;
      if (u > 0 && u < 8)
        {
          re[0][SIDE - u] = ar + bi;
          re[8][SIDE - u] = br - ai;
        }
    }
  fft16 (re[8], re[0]);
  for (int v = 1; v < 8; v++)
    {
      for (int u = 0; u < SIDE; u++)
        {
          const float *from = in + bin_of (u, v) * bin_step;

          re[v][u] = load (from);
          im[v][u] = load (from + imaginary);
        }
      fft16 (im[v], re[v]);
    }

  for (int r = 0; r < rows; r += 2)
    {
      Vec a[SIDE], b[SIDE];

      a[0] = re[0][r];
      b[0] = re[0][r + 1];
      a[8] = re[8][r];
      b[8] = re[8][r + 1];
#pragma GCC unroll 8
      for (int v = 1; v < 8; v++)
        {
          a[v] = re[v][r] - im[v][r + 1];
          b[v] = im[v][r] + re[v][r + 1];
          a[SIDE - v] = re[v][r] + im[v][r + 1];
          b[SIDE - v] = re[v][r + 1] - im[v][r];
        }
      fft16 (b, a);
      for (int k = 0; k < 2 && r + k < rows; k++)
        for (int column = 0; column < columns; column++)
          {
            Vec s = k == 0 ? a[column] : b[column];

            if (bias != NULL)
              s += load (bias);
            if (relu)
              s = cut_negative (s);
            if (scale != NULL)
              s = s * load (scale) + load (shift);
            store (y + (r + k) * row_step + column * pixel_step, s);
          }
    }
}

/* ---- Products. ---- */

/* y[i] (+)= sum over k < count of a[i][k] * b[k]; a[i][k] at a + i * row + k * step. */
INLINE void
do_products (const int n, int count, const float *a, ptrdiff_t row, ptrdiff_t step,
             ptrdiff_t a_imaginary, const float *b, ptrdiff_t b_step, ptrdiff_t b_imaginary,
             ptrdiff_t fetch, const int add, float *y)
{
  Vec re[LK_FFT_TILES], im[LK_FFT_TILES];

#pragma GCC unroll 8
  for (int i = 0; i < n; i++)
    re[i] = im[i] = (Vec){ 0 };
#pragma GCC unroll 2
  for (int k = 0; k < count; k++, a += step, b += b_step)
    {
      Vec br = load (b), bi = load (b + b_imaginary);

      if (fetch != 0)
        {
          __builtin_prefetch (b + fetch);
          __builtin_prefetch (b + fetch + b_imaginary);
        }
#pragma GCC unroll 8
      for (int i = 0; i < n; i++)
        {
          Vec ar = splat (a[i * row]), ai = splat (a[i * row + a_imaginary]);

          re[i] += ar * br;
          im[i] += ar * bi;
          re[i] -= ai * bi;
          im[i] += ai * br;
        }
    }
#pragma GCC unroll 8
  for (int i = 0; i < n; i++, y += 2 * LK_VEC)
    {
      store (y, add ? load (y) + re[i] : re[i]);
      store (y + LK_VEC, add ? load (y + LK_VEC) + im[i] : im[i]);
    }
}

#if LK_FFT_TILES == 4
#  define EACH_N(X) X (1) X (2) X (3) X (4)
#elif LK_FFT_TILES == 5
#  define EACH_N(X) X (1) X (2) X (3) X (4) X (5)
#elif LK_FFT_TILES == 8
#  define EACH_N(X) X (1) X (2) X (3) X (4) X (5) X (6) X (7) X (8)
#endif

static void
multiply (int n_tiles, int c, const float *a, ptrdiff_t imaginary, const float *b, int fetch_next,
          float *y)
{
  ptrdiff_t fetch = fetch_next ? (ptrdiff_t) 2 * c * LK_VEC : 0;

#define CASE(n)                                                                                    \
  case n:                                                                                          \
    do_products (n, c, a, 2 * imaginary, 1, imaginary, b, 2 * LK_VEC, LK_VEC, fetch, 0, y);        \
    break;

  switch (n_tiles)
    {
      EACH_N (CASE)
    }
#undef CASE
}

static void
outer (int n_rows, int n_tiles, const float *a, ptrdiff_t a_imaginary, const float *b,
       ptrdiff_t b_imaginary, float *y)
{
#define CASE(n)                                                                                    \
  case n:                                                                                          \
    do_products (n, n_tiles, a, 1, 2 * a_imaginary, a_imaginary, b, 2 * b_imaginary, b_imaginary,  \
                 0, 1, y);                                                                         \
    break;

  switch (n_rows)
    {
      EACH_N (CASE)
    }
#undef CASE
}

const LkFft LK_FFT = {
  .lanes = LK_VEC,
  .max_tiles = LK_FFT_TILES,
  .forward = forward,
  .multiply = multiply,
  .outer = outer,
  .inverse = inverse,
};
