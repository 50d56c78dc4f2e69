/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-split.h"

#include <math.h>
#include <stdlib.h>

static const double shares[LK_N_PARTS] = { 0.7, 0.2, 0.1 };

typedef struct
{
  int group, size, rank;
} Deal;

static int
compare_deals (const void *a, const void *b)
{
  const Deal *x = a, *y = b;

  return x->size != y->size ? y->size - x->size : x->rank - y->rank;
}

void
lk_split_groups (const int *sizes, int n, int min_groups, LkRandom *random, LkPart *parts)
{
  g_autofree Deal *deals = g_new (Deal, MAX (1, n));
  g_autofree int *ranks = g_new (int, MAX (1, n));
  double pictures[LK_N_PARTS] = { 0 };
  int groups[LK_N_PARTS] = { 0 };

  for (int i = 0; i < n; i++)
    ranks[i] = i;
  lk_random_shuffle (random, ranks, n);
  for (int i = 0; i < n; i++)
    deals[i] = (Deal){ i, sizes[i], ranks[i] };
  qsort (deals, n, sizeof *deals, compare_deals);

  for (int i = 0; i < n; i++)
    {
      int missing = 0, best = -1;
      double best_load = HUGE_VAL;

      for (int p = 0; p < LK_N_PARTS; p++)
        missing += MAX (0, min_groups - groups[p]);
      for (int p = 0; p < LK_N_PARTS; p++)
        {
          double load = (pictures[p] + deals[i].size / 2.0) / shares[p];

          /* The last groups are for the parts that have too few. */
          if (missing >= n - i && missing > 0 && groups[p] >= min_groups)
            continue;
          if (load < best_load)
            {
              best = p;
              best_load = load;
            }
        }
      parts[deals[i].group] = (LkPart) best;
      pictures[best] += deals[i].size;
      groups[best]++;
    }
}

void
lk_split_runs (int n, LkRandom *random, LkPart *parts)
{
  int order[LK_N_PARTS] = { LK_PART_TRAIN, LK_PART_VALIDATION, LK_PART_TEST };
  int length[LK_N_PARTS], at = 0;

  lk_random_shuffle (random, order, LK_N_PARTS);
  length[LK_PART_VALIDATION] = n < 3 ? 0 : MAX (1, (int) lround (n * shares[LK_PART_VALIDATION]));
  length[LK_PART_TEST] = n < 3 ? 0 : MAX (1, (int) lround (n * shares[LK_PART_TEST]));
  length[LK_PART_TRAIN] = n - length[LK_PART_VALIDATION] - length[LK_PART_TEST];
  for (int i = 0; i < LK_N_PARTS; i++)
    for (int j = 0; j < length[order[i]]; j++)
      parts[at++] = (LkPart) order[i];
}
