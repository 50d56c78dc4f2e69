/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stddef.h>

/*
 * The inner loops of batch normalisation, one table for each instruction set: see
 * lk-kernels.h.  Arrays are [rows, c], those for channels [c].  Sums are of float32 over
 * at most 32 rows at a time, and in double beyond; they are added to what is there.
 *
 * z below is (x - mean) * scale + beta; with @relu, d is dy where z is positive and 0
 * elsewhere, without it dy.
 */
typedef struct
{
  size_t rows;
  int c;
  const float *x, *mean, *scale, *beta;
  int relu;
  const float *add; /* apply: (nullable) */
  const float *dy;  /* sum_gradients, gradient */
  const float *mean_dy, *slope;
  float *out; /* apply, gradient: may be add, dy */
} LkNormRows;

typedef struct
{
  /* Of x - mean and of its square; mean is any number near x. */
  void (*sum) (const LkNormRows *rows, double *sum, double *squares);
  /* out = z + add; with relu no less than 0 */
  void (*apply) (const LkNormRows *rows);
  /* Of d and of d (x - mean). */
  void (*sum_gradients) (const LkNormRows *rows, double *sum, double *sum_x);
  /* out = scale (d - mean_dy - (x - mean) slope) */
  void (*gradient) (const LkNormRows *rows);
} LkNorm;

/* Thread-safe. */
const LkNorm *lk_norm_get (void);

extern const LkNorm lk_norm_portable;
extern const LkNorm lk_norm_avx2;
extern const LkNorm lk_norm_avx512;
