/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once for each instruction set, with LK_NORM, the name of the table, and LK_VEC,
 * floats in a vector register. */
#include "lk-norm.h"
#include "lk-vec.h"

#define ROWS 32 /* whose sums are of floats */

typedef double Wide __attribute__ ((vector_size (LK_VEC * 8)));
typedef double WideInMemory __attribute__ ((vector_size (LK_VEC * 8), aligned (8), may_alias));

INLINE void
add_wide (double *to, Vec v)
{
  *(WideInMemory *) to += __builtin_convertvector(v, Wide);
}

/* The loops are written once, for n = LK_VEC channels and for the rest of them, one by
 * one: a vector of which only the first number counts. */
INLINE Vec
take (const float *from, int n)
{
  return n == LK_VEC ? load (from) : splat (*from);
}

INLINE void
put (float *to, Vec v, int n)
{
  if (n == LK_VEC)
    store (to, v);
  else
    *to = v[0];
}

INLINE void
put_sum (double *to, Vec v, int n)
{
  if (n == LK_VEC)
    add_wide (to, v);
  else
    *to += (double) v[0];
}

/* What the channels from j on have in common over all rows. */
typedef struct
{
  Vec mean, scale, beta;
} Channels;

INLINE Channels
take_channels (const LkNormRows *r, int j, int n)
{
  return (Channels){ take (r->mean + j, n), take (r->scale + j, n), take (r->beta + j, n) };
}

/* The same in both directions, to the last bit. */
INLINE Vec
get_z (const Channels *c, Vec x)
{
  return (x - c->mean) * c->scale + c->beta;
}

INLINE Vec
get_d (const Channels *c, Vec x, Vec dy, int relu)
{
  return relu ? (Vec) ((Mask) dy & (Mask) (get_z (c, x) > (Vec){ 0 })) : dy;
}

INLINE void
sum_channels (const LkNormRows *r, size_t begin, size_t end, int j, int n, double *sum,
              double *squares)
{
  Vec mean = take (r->mean + j, n), total = { 0 }, total2 = { 0 };

  for (size_t i = begin; i < end; i++)
    {
      Vec x = take (r->x + i * (size_t) r->c + j, n) - mean;

      total += x;
      total2 += x * x;
    }
  put_sum (sum + j, total, n);
  put_sum (squares + j, total2, n);
}

INLINE void
apply_channels (const LkNormRows *r, size_t begin, size_t end, int j, int n, const int add,
                const int relu)
{
  Channels c = take_channels (r, j, n);

  for (size_t i = begin; i < end; i++)
    {
      size_t at = i * (size_t) r->c + (size_t) j;
      Vec z = get_z (&c, take (r->x + at, n));

      if (add)
        z += take (r->add + at, n);
      put (r->out + at, relu ? cut_negative (z) : z, n);
    }
}

INLINE void
sum_gradients_channels (const LkNormRows *r, size_t begin, size_t end, int j, int n, double *sum,
                        double *sum_x, const int relu)
{
  Channels c = take_channels (r, j, n);
  Vec total = { 0 }, total_x = { 0 };

  for (size_t i = begin; i < end; i++)
    {
      size_t at = i * (size_t) r->c + (size_t) j;
      Vec x = take (r->x + at, n), d = get_d (&c, x, take (r->dy + at, n), relu);

      total += d;
      total_x += d * (x - c.mean);
    }
  put_sum (sum + j, total, n);
  put_sum (sum_x + j, total_x, n);
}

INLINE void
gradient_channels (const LkNormRows *r, size_t begin, size_t end, int j, int n, const int relu)
{
  Channels c = take_channels (r, j, n);
  Vec mean_dy = take (r->mean_dy + j, n), slope = take (r->slope + j, n);

  for (size_t i = begin; i < end; i++)
    {
      size_t at = i * (size_t) r->c + (size_t) j;
      Vec x = take (r->x + at, n), d = get_d (&c, x, take (r->dy + at, n), relu);

      put (r->out + at, c.scale * (d - mean_dy - (x - c.mean) * slope), n);
    }
}

/* Blocks of rows that stay in the first cache while the channels go by. */
#define EACH_BLOCK(r, call, ...)                                                                   \
  for (size_t begin = 0; begin < (r)->rows; begin += ROWS)                                         \
    {                                                                                              \
      size_t end = begin + ROWS < (r)->rows ? begin + ROWS : (r)->rows;                            \
      int j = 0;                                                                                   \
                                                                                                   \
      for (; j + LK_VEC <= (r)->c; j += LK_VEC)                                                    \
        call (r, begin, end, j, LK_VEC, __VA_ARGS__);                                              \
      for (; j < (r)->c; j++)                                                                      \
        call (r, begin, end, j, 1, __VA_ARGS__);                                                   \
    }

static void
sum (const LkNormRows *r, double *total, double *squares)
{
  EACH_BLOCK (r, sum_channels, total, squares)
}

static void
apply (const LkNormRows *r)
{
  if (r->add != NULL && r->relu)
    EACH_BLOCK (r, apply_channels, 1, 1)
  else if (r->add != NULL)
    EACH_BLOCK (r, apply_channels, 1, 0)
  else if (r->relu)
    EACH_BLOCK (r, apply_channels, 0, 1)
  else
    EACH_BLOCK (r, apply_channels, 0, 0)
}

static void
sum_gradients (const LkNormRows *r, double *total, double *total_x)
{
  if (r->relu)
    EACH_BLOCK (r, sum_gradients_channels, total, total_x, 1)
  else
    EACH_BLOCK (r, sum_gradients_channels, total, total_x, 0)
}

static void
gradient (const LkNormRows *r)
{
  if (r->relu)
    EACH_BLOCK (r, gradient_channels, 1)
  else
    EACH_BLOCK (r, gradient_channels, 0)
}

const LkNorm LK_NORM = {
  .sum = sum,
  .apply = apply,
  .sum_gradients = sum_gradients,
  .gradient = gradient,
};
