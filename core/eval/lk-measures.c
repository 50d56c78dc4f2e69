/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-measures.h"

#include <math.h>
#include <string.h>

const double lk_fmrs[LK_N_FMRS] = { 1e-1, 1e-2, 1e-3, 1e-4 };

LkInterval
lk_interval_of_share (int k, int n)
{
  LkInterval share = { n > 0 ? (double) k / n : (double) NAN, 0, 1 };

  lk_wilson (k, n, &share.low, &share.high);
  return share;
}

static void
measure_point (LkOperatingPoint *point, const float *scores, const gboolean *same, int n,
               const LkMeasures *self)
{
  LkConfusion counts;

  point->supported = self->n_impostor * point->wished >= 3 * (1 - 1e-9);
  point->threshold = lk_roc_threshold_at_fmr (self->roc, point->wished);
  lk_confusion_count (scores, same, n, point->threshold, &counts);
  point->n_false_matches = counts.false_positives;
  point->n_missed = counts.false_negatives;
  point->fmr = lk_interval_of_share (counts.false_positives, self->n_impostor);
  point->tar = (LkInterval){ lk_confusion_recall (&counts), (double) NAN, (double) NAN };
}

LkMeasures *
lk_measures_new (const float *scores, const gboolean *same, const int *person_a,
                 const int *person_b, int n, int n_people, double low, double high, int n_rounds,
                 LkPool *pool)
{
  LkMeasures *self = g_new0 (LkMeasures, 1);
  g_autofree float *some = g_new (float, MAX (1, n));
  g_autofree gboolean *some_same = g_new (gboolean, MAX (1, n));
  g_autofree int *a = g_new (int, MAX (1, n)), *b = g_new (int, MAX (1, n));
  LkCurveNumbers lowest, highest;
  LkConfusion counts;
  int count = 0;

  for (int i = 0; i < n; i++)
    {
      if (isnan (scores[i]))
        {
          *(same[i] ? &self->n_genuine_failed : &self->n_impostor_failed) += 1;
          continue;
        }
      *(same[i] ? &self->n_genuine : &self->n_impostor) += 1;
      some[count] = scores[i];
      some_same[count] = same[i];
      a[count] = person_a[i];
      b[count++] = person_b[i];
    }

  self->roc = lk_roc (some, some_same, count);
  lk_resample_people (some, some_same, a, b, count, n_people, n_rounds, 1, pool, &lowest, &highest);
  self->auc = (LkInterval){ lk_roc_auc (self->roc), lowest.auc, highest.auc };
  self->eer = (LkInterval){ lk_roc_eer (self->roc), lowest.eer, highest.eer };
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      self->at_fmr[i].wished = lk_fmrs[i];
      measure_point (&self->at_fmr[i], some, some_same, count, self);
      self->at_fmr[i].tar.low = lowest.tar[i];
      self->at_fmr[i].tar.high = highest.tar[i];
    }
  self->f1_threshold = lk_best_f1_threshold (some, some_same, count);
  lk_confusion_count (some, some_same, count, self->f1_threshold, &counts);
  self->f1 = isnan (self->f1_threshold) ? (double) NAN : lk_confusion_f1 (&counts);
  self->accuracy_threshold = lk_best_accuracy_threshold (some, some_same, count);
  self->low = low;
  self->high = high;
  lk_histogram (some, some_same, count, low, high, LK_MEASURES_BINS, self->genuine, self->impostor);
  return self;
}

void
lk_measures_free (LkMeasures *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->roc);
  g_free (self);
}

int
lk_find_extremes (const float *scores, const gboolean *same, int n, gboolean wanted_same,
                  gboolean highest, int *found, int max)
{
  int count = 0;

  for (int i = 0; i < n; i++)
    {
      int at;

      if (isnan (scores[i]) || (same[i] != FALSE) != (wanted_same != FALSE))
        continue;
      /* Kept in order; almost every pair stops at the first comparison. */
      for (at = count; at > 0; at--)
        if (highest ? scores[i] <= scores[found[at - 1]] : scores[i] >= scores[found[at - 1]])
          break;
      if (at >= max)
        continue;
      count = MIN (count + 1, max);
      memmove (found + at + 1, found + at, (gsize) (count - at - 1) * sizeof *found);
      found[at] = i;
    }
  return count;
}

GArray *
lk_roc_thin (const GArray *roc, int max)
{
  GArray *thin = g_array_new (FALSE, FALSE, sizeof (LkRocPoint));
  double way = 0, step, last[4] = { 0 };
  int kept = 0;

  /* The way along both drawings, so that points lie evenly on either: first its length. */
  for (int pass = 0; pass < 2; pass++)
    {
      step = way / MAX (1, max - 2);
      way = 0;
      for (guint i = 0; i < roc->len; i++)
        {
          LkRocPoint point = g_array_index (roc, LkRocPoint, i);
          double now[4] = { point.fmr, point.fnmr,
                            lk_probit (CLAMP (point.fmr, 1e-6, 1 - 1e-6)) / 9,
                            lk_probit (CLAMP (point.fnmr, 1e-6, 1 - 1e-6)) / 9 };

          for (int k = 0; k < 4 && i > 0; k++)
            way += fabs (now[k] - last[k]);
          memcpy (last, now, sizeof last);
          if (pass == 1 && (i == 0 || i + 1 == roc->len || way >= step * kept))
            {
              g_array_append_val (thin, point);
              kept = step > 0 ? (int) (way / step) + 1 : kept + 1;
            }
        }
    }
  return thin;
}
