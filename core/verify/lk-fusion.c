/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-fusion.h"

#include <math.h>
#include <stdlib.h>

static int
compare_falling (const void *a, const void *b)
{
  float x = *(const float *) a, y = *(const float *) b;

  return (x < y) - (x > y);
}

/* The mean of the @k highest; @scores are put in order. */
static double
mean_of_best (float *scores, int n, int k)
{
  double sum = 0;

  k = CLAMP (k, 1, n);
  qsort (scores, (gsize) n, sizeof *scores, compare_falling);
  for (int i = 0; i < k; i++)
    sum += (double) scores[i];
  return sum / k;
}

static double
fuse_frame (LkFusion how, const float *scores, int n, int k, double detection)
{
  g_autofree float *sorted = NULL;
  double best = -HUGE_VAL, sum = 0;
  int above = 0;

  if (how == LK_FUSION_HALF)
    k = (n + 1) / 2;
  if (how == LK_FUSION_BEST || how == LK_FUSION_HALF)
    {
      sorted = g_memdup2 (scores, (gsize) n * sizeof *scores);
      return mean_of_best (sorted, n, k);
    }
  for (int i = 0; i < n; i++)
    {
      best = MAX (best, (double) scores[i]);
      sum += (double) scores[i];
      above += (double) scores[i] > detection;
    }
  return how == LK_FUSION_MAX ? best : how == LK_FUSION_MEAN ? sum / n : (double) above / n;
}

double
lk_fuse_scores (LkFusion how, const float *scores, const float *weights, int n_frames,
                int n_anchors, int k, double detection)
{
  double sum = 0, plain = 0, total = 0;

  g_return_val_if_fail (n_frames > 0 && n_anchors > 0, (double) NAN);

  for (int f = 0; f < n_frames; f++)
    {
      double weight = weights != NULL ? (double) weights[f] : 1;
      double score = fuse_frame (how, scores + (gsize) f * (gsize) n_anchors, n_anchors, k,
                                 detection);

      sum += weight * score;
      plain += score;
      total += weight;
    }
  return total > 0 ? sum / total : plain / n_frames; /* no frame is worth anything: all alike */
}

const char *
lk_fusion_to_string (LkFusion how)
{
  g_return_val_if_fail (how != LK_FUSION_BEST && how != LK_FUSION_VOTE, NULL);

  return how == LK_FUSION_MAX ? "max" : how == LK_FUSION_MEAN ? "mean" : "half";
}

double
lk_log_odds (double p)
{
  p = CLAMP (p, 1e-12, 1 - 3e-8);
  return log (p / (1 - p));
}

double
lk_probability (double log_odds)
{
  return 1 / (1 + exp (-log_odds));
}

double
lk_fuse_anchors (LkFusion how, const float *scores, int n)
{
  float few[64]; /* so that a frame takes no memory for this */
  g_autofree float *many = n > (int) G_N_ELEMENTS (few) ? g_new (float, n) : NULL;
  float *odds = many != NULL ? many : few;
  int k = how == LK_FUSION_MAX ? 1 : how == LK_FUSION_MEAN ? n : (n + 1) / 2;

  g_return_val_if_fail (n > 0, (double) NAN);
  g_return_val_if_fail (how != LK_FUSION_BEST && how != LK_FUSION_VOTE, (double) NAN);

  for (int i = 0; i < n; i++)
    odds[i] = (float) lk_log_odds ((double) scores[i]);
  return lk_probability (mean_of_best (odds, n, k));
}

void
lk_fuse_embeddings (const float *embeddings, const float *weights, int n, int size, float *out)
{
  double lengths = 0, squares = 0;
  g_autofree double *sum = g_new0 (double, size);

  g_return_if_fail (n > 0);

  for (int i = 0; i < n; i++)
    {
      const float *e = embeddings + (gsize) i * (gsize) size;
      double length = 0;

      for (int j = 0; j < size; j++)
        length += (double) e[j] * (double) e[j];
      length = sqrt (length);
      lengths += length;
      for (int j = 0; j < size; j++)
        sum[j] += (weights != NULL ? (double) weights[i] : 1) * (double) e[j] / MAX (length, 1e-12);
    }
  for (int j = 0; j < size; j++)
    squares += sum[j] * sum[j];
  for (int j = 0; j < size; j++)
    out[j] = (float) (sum[j] / MAX (sqrt (squares), 1e-12) * lengths / n);
}

void
lk_cohort_measure (const float *scores, int n, int n_top, LkCohortSpread *spread)
{
  g_autofree float *sorted = g_memdup2 (scores, (gsize) n * sizeof *scores);
  double squares = 0;

  g_return_if_fail (n > 0);

  n_top = CLAMP (n_top, 1, n);
  spread->mean = mean_of_best (sorted, n, n_top);
  for (int i = 0; i < n_top; i++)
    squares += ((double) sorted[i] - spread->mean) * ((double) sorted[i] - spread->mean);
  spread->deviation = sqrt (squares / n_top);
}

double
lk_cohort_normalise (double score, const LkCohortSpread *anchor, const LkCohortSpread *frame)
{
  return ((score - anchor->mean) / MAX (anchor->deviation, 1e-6) +
          (score - frame->mean) / MAX (frame->deviation, 1e-6)) /
         2;
}
