/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-logistic.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STEPS     50
#define HALVINGS  30
#define TOLERANCE 1e-9  /* of the cost, as a share: below it a step is the last */
#define JITTER    1e-12 /* of the curvature's largest: directions without any stay where they are */

typedef struct
{
  const float *x;
  const int *yes;
  const float *weights;
  int n, d;
  double ridge;
  const double *prior; /* (nullable) */
} Problem;

static double
log_odds (const Problem *p, const double *w, int i)
{
  const float *x = p->x + (size_t) i * (size_t) p->d;
  double z = w[p->d];

  for (int j = 0; j < p->d; j++)
    z += w[j] * (double) x[j];
  return z;
}

static double
away (const Problem *p, const double *w, int j)
{
  return w[j] - (p->prior != NULL ? p->prior[j] : 0);
}

static double
find_cost (const Problem *p, const double *w)
{
  double cost = 0;

  for (int i = 0; i < p->n; i++)
    {
      double z = log_odds (p, w, i), weight = p->weights != NULL ? (double) p->weights[i] : 1;

      z = p->yes[i] ? -z : z;
      cost += weight * (z > 0 ? z + log1p (exp (-z)) : log1p (exp (z)));
    }
  for (int j = 0; j < p->d; j++)
    cost += p->ridge / 2 * away (p, w, j) * away (p, w, j);
  return cost;
}

/* Gradient, and the lower half of the matrix of second derivatives. */
static void
find_slopes (const Problem *p, const double *w, double *g, double *h)
{
  int size = p->d + 1;

  memset (g, 0, (size_t) size * sizeof *g);
  memset (h, 0, (size_t) size * (size_t) size * sizeof *h);
  for (int i = 0; i < p->n; i++)
    {
      const float *x = p->x + (size_t) i * (size_t) p->d;
      double weight = p->weights != NULL ? (double) p->weights[i] : 1;
      double probability = 1 / (1 + exp (-log_odds (p, w, i)));
      double slope = weight * (probability - (p->yes[i] != 0));
      double curve = weight * probability * (1 - probability);

      for (int j = 0; j < p->d; j++)
        {
          double *row = h + (size_t) j * (size_t) size, by = curve * (double) x[j];

          g[j] += slope * (double) x[j];
          for (int k = 0; k <= j; k++)
            row[k] += by * (double) x[k];
          h[(size_t) p->d * (size_t) size + (size_t) j] += by;
        }
      g[p->d] += slope;
      h[(size_t) size * (size_t) size - 1] += curve;
    }
  for (int j = 0; j < p->d; j++)
    {
      g[j] += p->ridge * away (p, w, j);
      h[(size_t) j * (size_t) size + (size_t) j] += p->ridge;
    }
}

/* Solves h s = g by Cholesky's way, in place of both; 0 when h is not positive. */
static int
solve (double *h, double *g, int n)
{
  double largest = 0;

  for (int j = 0; j < n; j++)
    largest = fmax (largest, h[(size_t) j * (size_t) n + (size_t) j]);
  for (int j = 0; j < n; j++)
    {
      double *row = h + (size_t) j * (size_t) n;

      row[j] += JITTER * largest;
      for (int k = 0; k <= j; k++)
        {
          const double *other = h + (size_t) k * (size_t) n;
          double sum = row[k];

          for (int m = 0; m < k; m++)
            sum -= row[m] * other[m];
          if (k < j)
            row[k] = sum / other[k];
          else if (sum > 0)
            row[j] = sqrt (sum);
          else
            return 0;
        }
    }
  for (int j = 0; j < n; j++)
    {
      for (int k = 0; k < j; k++)
        g[j] -= h[(size_t) j * (size_t) n + (size_t) k] * g[k];
      g[j] /= h[(size_t) j * (size_t) n + (size_t) j];
    }
  for (int j = n - 1; j >= 0; j--)
    {
      for (int k = j + 1; k < n; k++)
        g[j] -= h[(size_t) k * (size_t) n + (size_t) j] * g[k];
      g[j] /= h[(size_t) j * (size_t) n + (size_t) j];
    }
  return 1;
}

int
lk_logistic_fit (const float *x, const int *yes, const float *weights, int n, int d, double ridge,
                 const double *prior, double *w)
{
  const Problem p = { x, yes, weights, n, d, ridge, prior };
  size_t size = (size_t) d + 1;
  double *g = NULL, *h = NULL, *next = NULL, cost;
  int good = 0;

  for (size_t j = 0; j < size; j++)
    w[j] = prior != NULL ? prior[j] : 0;
  if (size > SIZE_MAX / sizeof *h / size)
    return 0;
  g = malloc (size * sizeof *g);
  h = malloc (size * size * sizeof *h);
  next = malloc (size * sizeof *next);
  cost = find_cost (&p, w);
  if (g == NULL || h == NULL || next == NULL || !isfinite (cost))
    goto out;
  good = 1;
  for (int step = 0; step < STEPS; step++)
    {
      double length = 1, found = cost, before = cost;

      find_slopes (&p, w, g, h);
      if (!solve (h, g, (int) size))
        break;
      for (int i = 0; i < HALVINGS; i++, length /= 2)
        {
          for (size_t j = 0; j < size; j++)
            next[j] = w[j] - length * g[j];
          found = find_cost (&p, next);
          if (found < cost)
            break;
        }
      if (!(found < cost)) /* as low as doubles tell */
        break;
      memcpy (w, next, size * sizeof *w);
      cost = found;
      if (before - cost <= TOLERANCE * cost)
        break;
    }
out:
  free (g);
  free (h);
  free (next);
  return good;
}
