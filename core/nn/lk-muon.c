/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-muon.h"

#include "lk-blas.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

#define STEPS   5
#define A       3.4445f
#define B       (-4.7750f)
#define C       2.0315f
#define EPSILON 1e-7 /* of the length that an update is divided by */

static int
smaller (int a, int b)
{
  return a < b ? a : b;
}

size_t
lk_muon_scratch (int rows, int columns)
{
  size_t n = (size_t) smaller (rows, columns);

  return 5 * n * n;
}

/* z = x y, all [n, n] and of polynomials of the same symmetric matrix. */
static void
multiply (int n, const float *x, const float *y, float *z)
{
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0f, x, n, y, n, 0.0f, z, n);
}

/* The product of the steps' factors P = a + b G + c G^2, where G is the matrix's product
 * with itself before the step, P G P after it.  Returns it; it is one of the scratch's. */
static float *
take_steps (int n, float *g, float *scratch)
{
  size_t size = (size_t) n * (size_t) n;
  float *square = scratch, *p = square + size, *total = p + size, *spare = total + size;

  for (int step = 0; step < STEPS; step++)
    {
      multiply (n, g, g, square);
      for (size_t i = 0; i < size; i++)
        p[i] = B * g[i] + C * square[i];
      for (size_t i = 0; i < size; i += (size_t) n + 1)
        p[i] += A;
      if (step == 0)
        memcpy (total, p, size * sizeof *p);
      else
        {
          float *before = total;

          multiply (n, before, p, spare);
          total = spare;
          spare = before;
        }
      if (step < STEPS - 1)
        {
          multiply (n, g, p, square);
          multiply (n, square, p, g);
        }
    }
  return total;
}

void
lk_muon_move (int rows, int columns, const float *update, double rate, double decay, float *w,
              float *scratch)
{
  int tall = rows >= columns, n = smaller (rows, columns), longer = tall ? rows : columns;
  size_t size = (size_t) n * (size_t) n;
  double squares = 0, length;
  float *g = scratch, *total, alpha, keep = (float) (1 - rate * decay);

  lk_blas_init ();
  cblas_sgemm (CblasRowMajor, tall ? CblasTrans : CblasNoTrans, tall ? CblasNoTrans : CblasTrans, n,
               n, longer, 1.0f, update, columns, update, columns, 0.0f, g, n);
  for (size_t i = 0; i < size; i += (size_t) n + 1)
    squares += (double) g[i];
  length = sqrt (squares) + EPSILON;
  for (size_t i = 0; i < size; i++)
    g[i] = (float) ((double) g[i] / (length * length));
  total = take_steps (n, g, scratch + size);

  alpha = (float) (-rate * 0.2 * sqrt ((double) longer) / length);
  if (tall)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, columns, alpha, update,
                 columns, total, columns, keep, w, columns);
  else
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, rows, alpha, total, rows,
                 update, columns, keep, w, columns);
}
