/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiled once for each instruction set, with
 *   LK_KERNELS   name of the table
 *   LK_VEC       floats in a vector register
 *   LK_ROWS      rows of the largest tile: as many as leave room in the registers for a
 *                row of the panel and one broadcast number
 * The vectors are the compiler's own (gcc and clang): no intrinsics, one text for all.
 */
#include "lk-kernels.h"

#define WIDTH (2 * LK_VEC)

typedef float Vec __attribute__ ((vector_size (LK_VEC * 4)));
typedef int Mask __attribute__ ((vector_size (LK_VEC * 4)));
typedef float VecInMemory __attribute__ ((vector_size (LK_VEC * 4), aligned (4), may_alias));

#define INLINE static inline __attribute__ ((always_inline))

INLINE Vec
splat (float x)
{
  return x - (Vec){ 0 }; /* minus, because 0 + -0 would not be -0 */
}

INLINE Vec
load (const float *from)
{
  return *(const VecInMemory *) from;
}

INLINE void
store (float *to, Vec v)
{
  *(VecInMemory *) to = v;
}

/* Rows is a constant where this is inlined, so that sum lies in registers. */
INLINE void
do_tile (const LkTile *t, const int rows)
{
  Vec sum[LK_ROWS][2];
  const float *b = t->b;

#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
    sum[r][0] = sum[r][1] = (Vec){ 0 };

  for (int s = 0; s < t->n_runs; s++)
    {
      const float *a[LK_ROWS];
      int run = t->run;

#pragma GCC unroll 16
      for (int r = 0; r < rows; r++)
        a[r] = t->a[r] + s * t->a_step;
#pragma GCC unroll 4
      for (int k = 0; k < run; k++, b += WIDTH)
        {
          Vec b0 = load (b), b1 = load (b + LK_VEC);

#pragma GCC unroll 16
          for (int r = 0; r < rows; r++)
            {
              Vec x = splat (a[r][k]);

              sum[r][0] += x * b0;
              sum[r][1] += x * b1;
            }
        }
    }

#pragma GCC unroll 2
  for (int v = 0; v < 2; v++)
    {
      const int first = v * LK_VEC;
      Vec bias = { 0 }, scale = { 0 }, shift = { 0 };

      if (t->bias != NULL)
        bias = load (t->bias + first);
      if (t->scale != NULL)
        {
          scale = load (t->scale + first);
          shift = load (t->shift + first);
        }
#pragma GCC unroll 16
      for (int r = 0; r < rows; r++)
        {
          float *y = t->y + r * t->y_step + first;
          Vec out = sum[r][v];

          if (t->add)
            out += load (y);
          out += bias;
          if (t->relu)
            out = (Vec) ((Mask) out & ~(Mask) (out < (Vec){ 0 })); /* NaN stays NaN */
          if (t->scale != NULL)
            out = out * scale + shift;
          store (y, out);
        }
    }
}

INLINE void
do_outer_tile (const LkOuterTile *t, const int rows)
{
  Vec sum[LK_ROWS][2];
  const float *b = t->b;

#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
    sum[r][0] = sum[r][1] = (Vec){ 0 };

#pragma GCC unroll 4
  for (int p = 0; p < t->n; p++, b += WIDTH)
    {
      const float *a = t->a[p] + t->a_offset;
      Vec b0 = load (b), b1 = load (b + LK_VEC);

#pragma GCC unroll 16
      for (int r = 0; r < rows; r++)
        {
          Vec x = splat (a[r]);

          sum[r][0] += x * b0;
          sum[r][1] += x * b1;
        }
    }

#pragma GCC unroll 16
  for (int r = 0; r < rows; r++)
    {
      float *y = t->y + r * t->y_step;

      store (y, load (y) + sum[r][0]);
      store (y + LK_VEC, load (y + LK_VEC) + sum[r][1]);
    }
}

/* One function for each number of rows, so that none loops over rows. */
#define EACH_ROWS_UP_TO_6(X) X (1) X (2) X (3) X (4) X (5) X (6)
#if LK_ROWS == 6
#  define EACH_ROWS(X) EACH_ROWS_UP_TO_6 (X)
#elif LK_ROWS == 14
#  define EACH_ROWS(X) EACH_ROWS_UP_TO_6 (X) X (7) X (8) X (9) X (10) X (11) X (12) X (13) X (14)
#endif

#define DEFINE(n)                                                                                  \
  static void tile_##n (const LkTile *t)                                                           \
  {                                                                                                \
    do_tile (t, n);                                                                                \
  }                                                                                                \
  static void outer_tile_##n (const LkOuterTile *t)                                                \
  {                                                                                                \
    do_outer_tile (t, n);                                                                          \
  }
EACH_ROWS (DEFINE)

/* A panel that the channels do not fill goes through a full tile on the stack. */
typedef struct
{
  float y[LK_ROWS][WIDTH];
  float bias[WIDTH], scale[WIDTH], shift[WIDTH];
} Narrow;

static void
copy (float *restrict to, const float *restrict from, int n)
{
  for (int i = 0; i < n; i++)
    to[i] = from[i];
}

static const float *
widen (float *to, const float *from, int n)
{
  if (from == NULL)
    return NULL;
  copy (to, from, n);
  return to;
}

static void
tile (const LkTile *t)
{
#define NAME(n) tile_##n,
  static void (*const by_rows[]) (const LkTile *) = { EACH_ROWS (NAME) };
#undef NAME

  if (t->columns == WIDTH)
    by_rows[t->rows - 1](t);
  else
    {
      LkTile full = *t;
      Narrow n = { 0 };

      full.y = n.y[0];
      full.y_step = WIDTH;
      full.bias = widen (n.bias, t->bias, t->columns);
      full.scale = widen (n.scale, t->scale, t->columns);
      full.shift = widen (n.shift, t->shift, t->columns);
      for (int r = 0; t->add && r < t->rows; r++)
        copy (n.y[r], t->y + r * t->y_step, t->columns);
      by_rows[t->rows - 1](&full);
      for (int r = 0; r < t->rows; r++)
        copy (t->y + r * t->y_step, n.y[r], t->columns);
    }
}

static void
outer_tile (const LkOuterTile *t)
{
#define NAME(n) outer_tile_##n,
  static void (*const by_rows[]) (const LkOuterTile *) = { EACH_ROWS (NAME) };
#undef NAME

  if (t->columns == WIDTH)
    by_rows[t->rows - 1](t);
  else
    {
      LkOuterTile full = *t;
      float y[LK_ROWS][WIDTH] = { 0 };

      full.y = y[0];
      full.y_step = WIDTH;
      for (int r = 0; r < t->rows; r++)
        copy (y[r], t->y + r * t->y_step, t->columns);
      by_rows[t->rows - 1](&full);
      for (int r = 0; r < t->rows; r++)
        copy (t->y + r * t->y_step, y[r], t->columns);
    }
}

const LkKernels LK_KERNELS = {
  .width = WIDTH,
  .max_rows = LK_ROWS,
  .tile = tile,
  .outer_tile = outer_tile,
};
