/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mine.h"

#include <math.h>

typedef struct
{
  const float *embeddings;
  int n, d;
  const guint8 *relations;
  LkRandom *random;
} Batch;

static double
distance2 (const Batch *batch, int a, int b)
{
  const float *x = batch->embeddings + (gsize) a * (gsize) batch->d;
  const float *y = batch->embeddings + (gsize) b * (gsize) batch->d;
  double sum = 0;

  for (int j = 0; j < batch->d; j++)
    {
      double difference = (double) x[j] - (double) y[j];

      sum += difference * difference;
    }
  return sum;
}

static LkRelation
relation (const Batch *batch, int a, int b)
{
  return (LkRelation) batch->relations[(gsize) a * (gsize) batch->n + (gsize) b];
}

static int
random_negative (const Batch *batch, int anchor)
{
  int count = 0, chosen;

  for (int i = 0; i < batch->n; i++)
    count += relation (batch, anchor, i) == LK_RELATION_DIFFERENT;
  if (count == 0)
    return -1;
  chosen = (int) lk_random_below (batch->random, (guint32) count);
  for (int i = 0;; i++)
    if (relation (batch, anchor, i) == LK_RELATION_DIFFERENT && chosen-- == 0)
      return i;
}

static int
semi_hard_negative (const Batch *batch, int anchor, int positive)
{
  double limit = distance2 (batch, anchor, positive), nearest = HUGE_VAL, farthest = -1;
  int semi_hard = -1, easiest = -1;

  for (int i = 0; i < batch->n; i++)
    if (relation (batch, anchor, i) == LK_RELATION_DIFFERENT)
      {
        double d2 = distance2 (batch, anchor, i);

        if (d2 > limit && d2 < nearest)
          nearest = d2, semi_hard = i;
        if (d2 > farthest)
          farthest = d2, easiest = i;
      }
  return semi_hard >= 0 ? semi_hard : easiest;
}

static int
mine_batch_hard (const Batch *batch, LkTriplet *triplets)
{
  int count = 0;

  for (int anchor = 0; anchor < batch->n; anchor++)
    {
      double nearest = HUGE_VAL, farthest = -1;
      LkTriplet triplet = { anchor, -1, -1 };

      for (int i = 0; i < batch->n; i++)
        {
          LkRelation to = relation (batch, anchor, i);
          double d2 = distance2 (batch, anchor, i);

          if (to == LK_RELATION_SAME && i != anchor && d2 > farthest)
            farthest = d2, triplet.positive = i;
          else if (to == LK_RELATION_DIFFERENT && d2 < nearest)
            nearest = d2, triplet.negative = i;
        }
      if (triplet.positive >= 0 && triplet.negative >= 0)
        triplets[count++] = triplet;
    }
  return count;
}

int
lk_mine_triplets (LkMining mining, const float *embeddings, int n, int d, const guint8 *relations,
                  const LkPair *pairs, int n_pairs, LkRandom *random, LkTriplet *triplets)
{
  const Batch batch = { embeddings, n, d, relations, random };
  int count = 0;

  if (mining == LK_MINING_BATCH_HARD)
    return mine_batch_hard (&batch, triplets);
  for (int i = 0; i < n_pairs; i++)
    for (int way = 0; way < 2 && pairs[i].same; way++)
      {
        int anchor = way == 0 ? pairs[i].a : pairs[i].b;
        int positive = way == 0 ? pairs[i].b : pairs[i].a;
        int negative = mining == LK_MINING_RANDOM ? random_negative (&batch, anchor)
                                                  : semi_hard_negative (&batch, anchor, positive);

        if (negative >= 0)
          triplets[count++] = (LkTriplet){ anchor, positive, negative };
      }
  return count;
}
