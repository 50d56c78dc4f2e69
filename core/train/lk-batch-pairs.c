/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-batch-pairs.h"

#include "nn/lk-vector.h"

#include <stdlib.h>

typedef struct
{
  double distance;
  LkPair pair;
} Candidate;

/* Ties are told apart by their rows, so that the order is always the same. */
static int
compare_candidates (const void *a, const void *b)
{
  const Candidate *x = a, *y = b;

  if (x->distance < y->distance || x->distance > y->distance)
    return x->distance < y->distance ? -1 : 1;
  return x->pair.a != y->pair.a ? x->pair.a - y->pair.a : x->pair.b - y->pair.b;
}

int
lk_batch_pairs_form (LkBatchPairs kind, const float *embeddings, int n, int d,
                     const guint8 *relations, LkRandom *random, LkPair *pairs)
{
  g_autofree Candidate *others = g_new (Candidate, MAX (1, n * (n - 1) / 2));
  int n_genuine = 0, n_others = 0, wanted;

  for (int a = 0; a < n; a++)
    for (int b = a + 1; b < n; b++)
      {
        LkRelation relation = (LkRelation) relations[a * n + b];

        if (relation == LK_RELATION_SAME)
          pairs[n_genuine++] = (LkPair){ a, b, 1 };
        else if (relation == LK_RELATION_DIFFERENT)
          others[n_others++].pair = (LkPair){ a, b, 0 };
      }
  if (n_genuine == 0 || n_others == 0)
    return 0;
  wanted = kind == LK_BATCH_PAIRS_ALL ? n_others : MIN (n_genuine, n_others);
  if (wanted < n_others)
    {
      for (int i = 0; i < n_others; i++)
        others[i].distance = lk_euclidean (embeddings + (gsize) others[i].pair.a * (gsize) d,
                                           embeddings + (gsize) others[i].pair.b * (gsize) d, d);
      qsort (others, (gsize) n_others, sizeof *others, compare_candidates);
      /* The nearest half stay where they are; the others come from anywhere behind them. */
      for (int i = (wanted + 1) / 2; i < wanted; i++)
        {
          int k = i + (int) lk_random_below (random, (guint32) (n_others - i));
          Candidate keep = others[i];

          others[i] = others[k];
          others[k] = keep;
        }
    }
  for (int i = 0; i < wanted; i++)
    pairs[n_genuine + i] = others[i].pair;
  return n_genuine + wanted;
}
