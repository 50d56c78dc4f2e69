/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-calibration.h"

#include <math.h>

/* ---- Platt ---- */

typedef struct
{
  const double *x;
  const gboolean *same;
  int n;
  double weights[2], targets[2]; /* impostor, genuine */
} Fit;

/* Cross-entropy of t and sigmoid (z), without overflow. */
static double
cross_entropy (double t, double z)
{
  return (z >= 0 ? log1p (exp (-z)) : log1p (exp (z)) - z) + (1 - t) * z;
}

static double
measure_loss (const Fit *self, double a, double b)
{
  double sum = 0;

  for (int i = 0; i < self->n; i++)
    {
      int kind = self->same[i] ? 1 : 0;

      sum += self->weights[kind] * cross_entropy (self->targets[kind], a * self->x[i] + b);
    }
  return sum;
}

void
lk_platt_fit (const double *x, const gboolean *same, int n, double *a, double *b)
{
  Fit fit = { x, same, n, { 0 }, { 0 } };
  int n_genuine = 0;
  double loss;

  for (int i = 0; i < n; i++)
    n_genuine += same[i] ? 1 : 0;
  fit.weights[0] = 0.5 / MAX (1, n - n_genuine);
  fit.weights[1] = 0.5 / MAX (1, n_genuine);
  fit.targets[0] = 1.0 / (n - n_genuine + 2);
  fit.targets[1] = (n_genuine + 1.0) / (n_genuine + 2);
  *a = *b = 0;
  loss = measure_loss (&fit, *a, *b);
  for (int round = 0; round < 100; round++)
    {
      double ga = 0, gb = 0, haa = 1e-12, hab = 0, hbb = 1e-12; /* gradient and Hessian */
      double da, db, determinant, step;

      for (int i = 0; i < n; i++)
        {
          int kind = same[i] ? 1 : 0;
          double p = 1 / (1 + exp (-(*a * x[i] + *b)));
          double d1 = fit.weights[kind] * (p - fit.targets[kind]),
                 d2 = fit.weights[kind] * p * (1 - p);

          ga += d1 * x[i];
          gb += d1;
          haa += d2 * x[i] * x[i];
          hab += d2 * x[i];
          hbb += d2;
        }
      if (fabs (ga) < 1e-12 && fabs (gb) < 1e-12)
        return;
      determinant = haa * hbb - hab * hab;
      if (!(determinant > 0)) /* all x are one: nothing to learn from them */
        {
          haa += 1;
          determinant = haa * hbb - hab * hab;
        }
      da = -(hbb * ga - hab * gb) / determinant;
      db = -(haa * gb - hab * ga) / determinant;
      for (step = 1; step > 1e-10; step /= 2)
        {
          double now = measure_loss (&fit, *a + step * da, *b + step * db);

          if (now < loss + 1e-4 * step * (ga * da + gb * db) || (step > 0.99 && now <= loss))
            {
              *a += step * da;
              *b += step * db;
              loss = now;
              break;
            }
        }
      if (step <= 1e-10) /* as good as it gets with this many digits */
        return;
    }
}

/* ---- isotonic ---- */

void
lk_isotonic_fit (double *y, const double *weights, int n)
{
  g_autofree double *sums = g_new (double, MAX (1, n)), *totals = g_new (double, MAX (1, n));
  g_autofree int *counts = g_new (int, MAX (1, n));
  int n_blocks = 0, at = 0;

  for (int i = 0; i < n; i++)
    {
      sums[n_blocks] = weights[i] * y[i];
      totals[n_blocks] = weights[i];
      counts[n_blocks++] = 1;
      while (n_blocks > 1 &&
             sums[n_blocks - 2] * totals[n_blocks - 1] >= sums[n_blocks - 1] * totals[n_blocks - 2])
        {
          n_blocks--;
          sums[n_blocks - 1] += sums[n_blocks];
          totals[n_blocks - 1] += totals[n_blocks];
          counts[n_blocks - 1] += counts[n_blocks];
        }
    }
  for (int block = 0; block < n_blocks; block++)
    for (int i = 0; i < counts[block]; i++)
      y[at++] = sums[block] / totals[block];
}

/* ---- reliability ---- */

/* A share of genuine pairs, as it would be if impostors counted @factor times: it changes
 * with the share and never turns round, so an interval's ends become its ends. */
static double
reweigh (double share, double factor)
{
  return share / (share + (1 - share) * factor);
}

double
lk_reliability (const double *p, const gboolean *same, int n, gboolean even, int n_bins,
                LkReliabilityBin *bins)
{
  g_autofree double *sums = g_new0 (double, n_bins), *totals = g_new0 (double, n_bins);
  int counts[2] = { 0 };
  double factor, error = 0, total = 0;

  for (int i = 0; i < n; i++)
    if (!isnan (p[i]))
      counts[same[i] ? 1 : 0]++;
  factor = even && counts[0] > 0 && counts[1] > 0 ? (double) counts[1] / counts[0] : 1;
  for (int k = 0; k < n_bins; k++)
    bins[k] = (LkReliabilityBin){ 0 };
  for (int i = 0; i < n; i++)
    {
      int k;

      if (isnan (p[i]))
        continue;
      k = CLAMP ((int) floor (p[i] * n_bins), 0, n_bins - 1);
      *(same[i] ? &bins[k].n_genuine : &bins[k].n_impostor) += 1;
      sums[k] += (same[i] ? 1 : factor) * p[i];
      totals[k] += same[i] ? 1 : factor;
    }
  for (int k = 0; k < n_bins; k++)
    {
      LkReliabilityBin *bin = &bins[k];
      int n_here = bin->n_genuine + bin->n_impostor;

      bin->observed = lk_interval_of_share (bin->n_genuine, n_here);
      bin->predicted = n_here > 0 ? sums[k] / totals[k] : (double) NAN;
      if (n_here == 0)
        continue;
      bin->observed.value = reweigh (bin->observed.value, factor);
      bin->observed.low = reweigh (bin->observed.low, factor);
      bin->observed.high = reweigh (bin->observed.high, factor);
      error += totals[k] * fabs (bin->predicted - bin->observed.value);
      total += totals[k];
    }
  return total > 0 ? error / total : (double) NAN;
}
