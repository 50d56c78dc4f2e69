/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compiled once for each instruction set, with
 *   LK_KERNELS   name of the table
 *   LK_VEC       floats in a vector register
 *   LK_ROWS      rows of the largest tile: as many as leave room in the registers for a
 *                row of the panel and one broadcast number
 */
#include "lk-kernels.h"
#include "lk-vec.h"

#define WIDTH (2 * LK_VEC)
#define SLICE (8 * LK_VEC) /* as many sums as hide the latency of adding to them */
#define AHEAD 24           /* rows: so many are on their way from memory */

typedef int MaskInMemory __attribute__ ((vector_size (LK_VEC * 4), aligned (4), may_alias));
typedef int16_t Short __attribute__ ((vector_size (LK_VEC * 2), aligned (2), may_alias));

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
            out = cut_negative (out);
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
fill_up (float *to, const float *from, int n)
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
      full.bias = fill_up (n.bias, t->bias, t->columns);
      full.scale = fill_up (n.scale, t->scale, t->columns);
      full.shift = fill_up (n.shift, t->shift, t->columns);
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

static void
pack (int n, int columns, const float *from, ptrdiff_t step, float *panel, float *sums)
{
  float total[WIDTH] = { 0 };

  if (columns == WIDTH)
    {
      Vec sum0 = { 0 }, sum1 = { 0 };

      for (int i = 0; i < n; i++, from += step, panel += WIDTH)
        {
          Vec v0 = load (from), v1 = load (from + LK_VEC);

          store (panel, v0);
          store (panel + LK_VEC, v1);
          sum0 += v0;
          sum1 += v1;
        }
      store (total, sum0);
      store (total + LK_VEC, sum1);
    }
  else
    for (int i = 0; i < n; i++, from += step, panel += WIDTH)
      for (int k = 0; k < WIDTH; k++)
        {
          panel[k] = k < columns ? from[k] : 0.0f;
          total[k] += panel[k];
        }
  for (int k = 0; sums != NULL && k < columns; k++)
    sums[k] += total[k];
}

INLINE Vec
load_short (const int16_t *from)
{
  return __builtin_convertvector(__builtin_convertvector(*(const Short *) from, Mask), Vec);
}

static void
slice_sums (int n, const int32_t *rows, const float *values, const int16_t *weights, float *y)
{
  Vec sum[SLICE / LK_VEC];

#pragma GCC unroll 8
  for (int v = 0; v < SLICE / LK_VEC; v++)
    sum[v] = (Vec){ 0 };
  for (int i = 0; i < n; i++)
    {
      const int16_t *w = weights + (size_t) rows[i] * SLICE;
      Vec x = splat (values[i]);

      /* Which rows are skipped no hardware can guess. */
      if (i + AHEAD < n)
        for (int line = 0; line < SLICE; line += 32)
          __builtin_prefetch (weights + (size_t) rows[i + AHEAD] * SLICE + line);
#pragma GCC unroll 8
      for (int v = 0; v < SLICE / LK_VEC; v++)
        sum[v] += x * load_short (w + v * LK_VEC);
    }
#pragma GCC unroll 8
  for (int v = 0; v < SLICE / LK_VEC; v++)
    store (y + v * LK_VEC, sum[v]);
}

static void
widen (int n, const int16_t *weights, float *out, size_t step)
{
  for (int k = 0; k < n; k++, weights += SLICE, out += WIDTH)
    {
      /* One stream of reads gets a third of what memory gives; the last rows' are of what comes
       * next, or of nothing. */
      for (int line = 0; line < SLICE; line += 32)
        __builtin_prefetch ((const void *) ((uintptr_t) weights + 2 * (AHEAD * SLICE + line)));
#pragma GCC unroll 8
      for (int v = 0; v < SLICE / LK_VEC; v++)
        store (out + v / 2 * step + v % 2 * LK_VEC, load_short (weights + v * LK_VEC));
    }
}

INLINE Mask
load_ints (const int32_t *from)
{
  return *(const MaskInMemory *) from;
}

INLINE void
store_ints (int32_t *to, Mask v)
{
  *(MaskInMemory *) to = v;
}

/* b where the mask is set. */
INLINE Mask
choose (Mask mask, Mask a, Mask b)
{
  return (b & mask) | (a & ~mask);
}

INLINE Vec
larger (Vec a, Vec b)
{
  return (Vec) choose ((Mask) (b > a), (Mask) a, (Mask) b);
}

static void
max2 (int n, const float *a, const float *b, float *y)
{
  int i = 0;

  for (; i + LK_VEC <= n; i += LK_VEC)
    store (y + i, larger (load (a + i), load (b + i)));
  for (; i < n; i++)
    y[i] = b[i] > a[i] ? b[i] : a[i];
}

static void
max2_where (int n, const float *a, const int32_t *a_where, const float *b, const int32_t *b_where,
            float *y, int32_t *where)
{
  int i = 0;

  for (; i + LK_VEC <= n; i += LK_VEC)
    {
      Vec va = load (a + i), vb = load (b + i);

      store_ints (where + i,
                  choose ((Mask) (vb > va), load_ints (a_where + i), load_ints (b_where + i)));
      store (y + i, larger (va, vb));
    }
  for (; i < n; i++)
    {
      where[i] = b[i] > a[i] ? b_where[i] : a_where[i];
      y[i] = b[i] > a[i] ? b[i] : a[i];
    }
}

static void
max4 (int n, const float *const x[4], float *y)
{
  const float *a = x[0], *b = x[1], *c = x[2], *d = x[3];
  int i = 0;

  for (; i + LK_VEC <= n; i += LK_VEC)
    store (y + i,
           larger (larger (load (a + i), load (b + i)), larger (load (c + i), load (d + i))));
  for (; i < n; i++)
    {
      float ab = b[i] > a[i] ? b[i] : a[i], cd = d[i] > c[i] ? d[i] : c[i];

      y[i] = cd > ab ? cd : ab;
    }
}

static void
max4_where (int n, const float *const x[4], const int32_t at[4], float *y, int32_t *where)
{
  int i = 0;

  for (; i + LK_VEC <= n; i += LK_VEC)
    {
      Vec best = load (x[0] + i);
      Mask found = at[0] - (Mask){ 0 };

      for (int k = 1; k < 4; k++)
        {
          Vec v = load (x[k] + i);

          found = choose ((Mask) (v > best), found, at[k] - (Mask){ 0 });
          best = larger (best, v);
        }
      store (y + i, best);
      store_ints (where + i, found);
    }
  for (; i < n; i++)
    {
      y[i] = x[0][i];
      where[i] = at[0];
      for (int k = 1; k < 4; k++)
        if (x[k][i] > y[i])
          {
            y[i] = x[k][i];
            where[i] = at[k];
          }
    }
}

const LkKernels LK_KERNELS = {
  .width = WIDTH,
  .max_rows = LK_ROWS,
  .tile = tile,
  .outer_tile = outer_tile,
  .pack = pack,
  .slice = SLICE,
  .slice_sums = slice_sums,
  .widen = widen,
  .max2 = max2,
  .max2_where = max2_where,
  .max4 = max4,
  .max4_where = max4_where,
};
