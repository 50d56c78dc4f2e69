/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-choice.h"

#include <math.h>
#include <stdlib.h>

double
lk_embedding_distance (const float *a, const float *b, int size)
{
  double ab = 0, aa = 0, bb = 0;

  for (int i = 0; i < size; i++)
    {
      ab += (double) a[i] * (double) b[i];
      aa += (double) a[i] * (double) a[i];
      bb += (double) b[i] * (double) b[i];
    }
  return aa > 0 && bb > 0 ? MAX (0, 1 - ab / sqrt (aa * bb)) : 1;
}

/* @near: each one's distance to the nearest chosen; below 0: cannot be chosen (any more). */
static void
take (const float *embeddings, int n, int size, int taken, double *near)
{
  for (int i = 0; i < n; i++)
    {
      const float *a = embeddings + (gsize) i * (gsize) size;
      const float *b = embeddings + (gsize) taken * (gsize) size;

      if (near[i] >= 0)
        near[i] = MIN (near[i], lk_embedding_distance (a, b, size));
    }
  near[taken] = -1;
}

static int
find_best (const double *rates, int n)
{
  int best = -1;

  for (int i = 0; i < n; i++)
    if (rates[i] > 0 && (best < 0 || rates[i] > rates[best]))
      best = i;
  return best;
}

int
lk_choose_different (const float *embeddings, int n, int size, const double *rates, int *chosen,
                     int n_given, int n_wanted)
{
  g_autofree double *near = g_new (double, MAX (n, 1));
  int n_chosen = n_given;
  double widest = 0;

  for (int i = 0; i < n; i++)
    near[i] = rates[i] > 0 ? HUGE_VAL : -1;
  if (n_chosen == 0 && n_wanted > 0 && (chosen[0] = find_best (rates, n)) >= 0)
    n_chosen = 1;
  for (int k = 0; k < n_chosen; k++)
    {
      take (embeddings, n, size, chosen[k], near);
      /* How far apart the pictures are is told by the first one. */
      for (int i = 0; k == 0 && i < n; i++)
        widest = MAX (widest, near[i]);
    }

  while (n_chosen > 0 && n_chosen < n_wanted)
    {
      int best = -1;

      for (int i = 0; i < n; i++)
        if (near[i] > 0 && near[i] >= LK_CHOICE_LEAST * widest &&
            (best < 0 || near[i] * rates[i] > near[best] * rates[best]))
          best = i;
      if (best < 0)
        break;
      chosen[n_chosen++] = best;
      take (embeddings, n, size, best, near);
    }
  return n_chosen;
}

static double
find_nearest (const float *embeddings, int i, const int *others, int n, int size)
{
  double nearest = HUGE_VAL;

  for (int k = 0; k < n; k++)
    if (others[k] != i)
      nearest = MIN (nearest,
                     lk_embedding_distance (embeddings + (gsize) i * (gsize) size,
                                            embeddings + (gsize) others[k] * (gsize) size, size));
  return nearest;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* How far the first @n are from each other; 0: there are no two. */
static double
measure_spread (const float *embeddings, const int *all, int n, int size)
{
  g_autofree double *nearest = g_new (double, MAX (n, 1));

  if (n < 2)
    return 0;
  for (int i = 0; i < n; i++)
    nearest[i] = find_nearest (embeddings, i, all, n, size);
  qsort (nearest, (size_t) n, sizeof *nearest, compare);
  return nearest[n / 2];
}

int
lk_choose_new (const float *embeddings, int n_old, int n, int size, const double *rates,
               int *chosen, int n_wanted)
{
  g_autofree int *all = g_new (int, MAX (n_old + n_wanted, 1));
  int n_all = n_old, n_new = 0;
  double spread;

  for (int i = 0; i < n_old; i++)
    all[i] = i;
  spread = measure_spread (embeddings, all, n_old, size);
  n_all = lk_choose_different (embeddings, n, size, rates, all, n_old, n_old + n_wanted);
  for (int k = n_old; k < n_all; k++)
    if (find_nearest (embeddings, all[k], all, k, size) > spread)
      chosen[n_new++] = all[k];
  return n_new;
}
