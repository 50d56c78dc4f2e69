/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-own-scores.h"

#include <stdlib.h>

static int
compare_rising (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x > y) - (x < y);
}

LkOwnScores *
lk_own_scores_new (const float *genuine, int n_genuine, const float *strangers, int n_strangers,
                   gboolean across_sessions)
{
  LkOwnScores *self = g_new (LkOwnScores, 1);

  self->n_genuine = n_genuine;
  self->n_strangers = n_strangers;
  self->genuine = g_memdup2 (genuine, sizeof *genuine * (gsize) n_genuine);
  self->strangers = g_memdup2 (strangers, sizeof *strangers * (gsize) n_strangers);
  self->across_sessions = across_sessions;
  if (n_genuine > 0)
    qsort (self->genuine, (gsize) n_genuine, sizeof *self->genuine, compare_rising);
  if (n_strangers > 0)
    qsort (self->strangers, (gsize) n_strangers, sizeof *self->strangers, compare_rising);
  return self;
}

void
lk_own_scores_free (LkOwnScores *self)
{
  if (self == NULL)
    return;
  g_free (self->genuine);
  g_free (self->strangers);
  g_free (self);
}

int
lk_count_at_least (const float *scores, int n, double threshold)
{
  int low = 0, high = n; /* the first at or above is in [low, high] */

  while (low < high)
    {
      int middle = low + (high - low) / 2;

      if ((double) scores[middle] < threshold)
        low = middle + 1;
      else
        high = middle;
    }
  return n - low;
}

LkOwnScores *
lk_own_scores_measure (const LkHead *head, LkFusion how, const float *anchors, const int *sessions,
                       int n, const LkCohort *cohort)
{
  g_autofree float *scores = g_new (float, MAX (1, n)), *genuine = g_new (float, MAX (1, n));
  g_autofree float *strangers = g_new (float, cohort->n);
  gsize size = (gsize) head->size;
  gboolean across = FALSE;
  int n_genuine = 0;

  g_return_val_if_fail (cohort->size == head->size, NULL);

  for (int i = 1; i < n; i++)
    across = across || sessions[i] != sessions[0];
  for (int i = 0; i < n; i++)
    {
      int n_others = 0;

      for (int j = 0; j < n; j++)
        if (j != i && (!across || sessions[j] != sessions[i]))
          scores[n_others++] = (float) lk_probability (
              lk_head_compare (head, anchors + (gsize) i * size, anchors + (gsize) j * size));
      if (n_others > 0)
        genuine[n_genuine++] = (float) lk_fuse_anchors (how, scores, n_others);
    }
  for (int c = 0; n > 0 && c < cohort->n; c++)
    {
      for (int j = 0; j < n; j++)
        scores[j] = (float) lk_probability (lk_head_compare (
            head, cohort->embeddings + (gsize) c * size, anchors + (gsize) j * size));
      strangers[c] = (float) lk_fuse_anchors (how, scores, n);
    }
  return lk_own_scores_new (genuine, n_genuine, strangers, n > 0 ? cohort->n : 0, across);
}
