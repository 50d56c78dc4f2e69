/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-whiten.h"

#include "lk-layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROUNDS 100
#define TOLERANCE  1e-10

/* out = a b, [d, d] each, @out another one */
static void
multiply (int d, const double *a, const double *b, double *out)
{
  memset (out, 0, (size_t) d * (size_t) d * sizeof *out);
  for (int i = 0; i < d; i++)
    for (int k = 0; k < d; k++)
      for (int j = 0; j < d; j++)
        out[i * d + j] += a[i * d + k] * b[k * d + j];
}

/*
 * a^(-1/2) of a symmetric positive definite @a with eigenvalues up to 1 into @z, by the coupled
 * iteration of Newton and Schulz: products alone.  @work: 3 [d, d].
 *
 * Source: N. J. Higham, "Functions of Matrices", SIAM 2008, equation 6.35.
 */
static int
invert_root (int d, const double *a, double *z, double *work)
{
  size_t size = (size_t) d * (size_t) d;
  double *y = work, *t = work + size, *next = work + 2 * size;

  memcpy (y, a, size * sizeof *y);
  memset (z, 0, size * sizeof *z);
  for (int i = 0; i < d; i++)
    z[i * d + i] = 1;
  for (int round = 0; round < MAX_ROUNDS; round++)
    {
      double off = 0;

      multiply (d, z, y, t); /* comes to the identity */
      for (int i = 0; i < d; i++)
        for (int j = 0; j < d; j++)
          {
            double error = (i == j) - t[i * d + j];

            off = fmax (off, fabs (error));
            t[i * d + j] = 0.5 * ((i == j ? 2 : 0) + error);
          }
      if (!isfinite (off))
        return 0;
      if (off < TOLERANCE)
        return 1;
      multiply (d, y, t, next);
      memcpy (y, next, size * sizeof *y);
      multiply (d, t, z, next);
      memcpy (z, next, size * sizeof *z);
    }
  return 0;
}

/* The sum over people of the outer products of what their pictures differ by from their mean. */
static int
add_scatter (int d, const float *embeddings, const int *people, int n, double *scatter)
{
  int n_people = 0;
  double *means, *difference;
  int *counts;

  for (int i = 0; i < n; i++)
    n_people = people[i] >= n_people ? people[i] + 1 : n_people;
  means = calloc ((size_t) n_people * (size_t) d + 1, sizeof *means);
  counts = calloc ((size_t) n_people + 1, sizeof *counts);
  difference = malloc ((size_t) d * sizeof *difference);
  if (means == NULL || counts == NULL || difference == NULL)
    n = 0;
  for (int i = 0; i < n; i++)
    {
      counts[people[i]]++;
      for (int j = 0; j < d; j++)
        means[people[i] * d + j] += (double) embeddings[i * d + j];
    }
  for (int i = 0; i < n; i++)
    {
      for (int j = 0; j < d; j++)
        difference[j] = (double) embeddings[i * d + j] -
                        means[people[i] * d + j] / counts[people[i]];
      for (int j = 0; j < d; j++)
        for (int k = 0; k < d; k++)
          scatter[j * d + k] += difference[j] * difference[k];
    }
  free (means);
  free (counts);
  free (difference);
  return n > 0;
}

int
lk_whiten_find (int d, const float *embeddings, const int *people, int n, double strength,
                float *map)
{
  size_t size = (size_t) d * (size_t) d;
  double *matrices = calloc (5 * size, sizeof *matrices);
  double *scatter = matrices, *root = matrices + size, trace = 0, most = 0;
  int ok;

  ok = matrices != NULL && add_scatter (d, embeddings, people, n, scatter);
  for (int i = 0; ok && i < d; i++)
    trace += scatter[i * d + i];
  ok = ok && isfinite (trace) && trace > 0;
  for (int i = 0; ok && i < d; i++)
    {
      double sum = 0;

      for (int j = 0; j < d; j++)
        {
          scatter[i * d + j] *= strength * d / trace;
          if (i == j)
            scatter[i * d + j] += 1 - strength;
          sum += fabs (scatter[i * d + j]);
        }
      most = fmax (most, sum); /* no eigenvalue is above it */
    }
  for (size_t i = 0; ok && i < size; i++)
    scatter[i] /= most;
  ok = ok && invert_root (d, scatter, root, matrices + 2 * size);
  for (size_t i = 0; ok && i < size; i++)
    map[i] = (float) root[i];
  free (matrices);
  return ok;
}

/* row [d] = row times map, with @work [d] */
static void
map_row (int d, const float *map, double *row, double *work)
{
  memcpy (work, row, (size_t) d * sizeof *row);
  memset (row, 0, (size_t) d * sizeof *row);
  for (int k = 0; k < d; k++)
    for (int j = 0; j < d; j++)
      row[j] += work[k] * (double) map[k * d + j];
}

int
lk_whiten_apply (int d, const float *map, int n, float *embeddings)
{
  double *row = malloc (2 * (size_t) d * sizeof *row);

  if (row == NULL)
    return 0;
  for (int i = 0; i < n; i++)
    {
      float *e = embeddings + (size_t) i * (size_t) d;
      double length = 0;

      for (int j = 0; j < d; j++)
        row[j] = (double) e[j];
      map_row (d, map, row, row + d);
      for (int j = 0; j < d; j++)
        length += row[j] * row[j];
      length = sqrt (length);
      for (int j = 0; j < d; j++)
        e[j] = length > 0 ? (float) (row[j] / length) : 0;
    }
  free (row);
  return 1;
}

int
lk_whiten_fold (const LkNetwork *network, float *params, const float *map)
{
  const LkLayer *head = lk_network_get_layer (network, lk_network_get_n_layers (network) - 1);
  const LkLayer *unit, *norm, *dense, *in;
  double *scale, *row, *work;
  int d;

  if (head->op != LK_OP_L1_HEAD)
    return 0;
  unit = lk_network_get_layer (network, head->inputs[0]);
  if (unit->op != LK_OP_NORMALIZE)
    return 0;
  norm = lk_network_get_layer (network, unit->inputs[0]);
  if (norm->op != LK_OP_BATCHNORM || norm->activation != LK_ACTIVATION_LINEAR)
    return 0;
  dense = lk_network_get_layer (network, norm->inputs[0]);
  if (dense->op != LK_OP_DENSE || dense->activation != LK_ACTIVATION_LINEAR || !dense->no_bias)
    return 0;
  in = lk_network_get_layer (network, dense->inputs[0]);
  d = dense->c;
  scale = malloc (3 * (size_t) d * sizeof *scale);
  if (scale == NULL)
    return 0;
  row = scale + d;
  work = row + d;
  for (int j = 0; j < d; j++)
    scale[j] = (double) params[norm->gamma + (size_t) j] /
               sqrt ((double) params[norm->variance + (size_t) j] + (double) norm->epsilon);
  for (int i = 0; i < in->c; i++)
    {
      float *weights = params + dense->kernel + (size_t) i * (size_t) d;

      for (int j = 0; j < d; j++)
        row[j] = (double) weights[j] * scale[j];
      map_row (d, map, row, work);
      for (int j = 0; j < d; j++)
        weights[j] = (float) row[j];
    }
  for (int j = 0; j < d; j++)
    row[j] = (double) params[norm->beta + (size_t) j] -
             scale[j] * (double) params[norm->mean + (size_t) j];
  map_row (d, map, row, work);
  for (size_t j = 0; j < (size_t) d; j++)
    {
      params[norm->beta + j] = (float) row[j];
      params[norm->gamma + j] = 1;
      params[norm->mean + j] = 0;
      params[norm->variance + j] = 1 - norm->epsilon;
    }
  free (scale);
  return 1;
}
