/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-metrics.h"

#include "base/lk-random.h"

#include <math.h>
#include <stdlib.h>

static double
ratio (int a, int b)
{
  return b > 0 ? (double) a / b : (double) NAN;
}

void
lk_confusion_count (const float *scores, const gboolean *same, int n, double threshold,
                    LkConfusion *out)
{
  *out = (LkConfusion){ 0 };
  for (int i = 0; i < n; i++)
    {
      gboolean match = (double) scores[i] >= threshold;

      if (same[i])
        *(match ? &out->true_positives : &out->false_negatives) += 1;
      else
        *(match ? &out->false_positives : &out->true_negatives) += 1;
    }
}

double
lk_confusion_accuracy (const LkConfusion *self)
{
  int right = self->true_positives + self->true_negatives;

  return ratio (right, right + self->false_positives + self->false_negatives);
}

double
lk_confusion_precision (const LkConfusion *self)
{
  return ratio (self->true_positives, self->true_positives + self->false_positives);
}

double
lk_confusion_recall (const LkConfusion *self)
{
  return ratio (self->true_positives, self->true_positives + self->false_negatives);
}

double
lk_confusion_f1 (const LkConfusion *self)
{
  return ratio (2 * self->true_positives,
                2 * self->true_positives + self->false_positives + self->false_negatives);
}

double
lk_confusion_fmr (const LkConfusion *self)
{
  return ratio (self->false_positives, self->false_positives + self->true_negatives);
}

double
lk_confusion_fnmr (const LkConfusion *self)
{
  return ratio (self->false_negatives, self->true_positives + self->false_negatives);
}

void
lk_wilson (int k, int n, double *low, double *high)
{
  const double z = 1.959963984540054; /* 97.5th percentile of the normal distribution */
  double p, centre, half;

  *low = 0;
  *high = 1;
  if (n <= 0)
    return;
  p = (double) k / n;
  centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  half = z / (1 + z * z / n) * sqrt (p * (1 - p) / n + z * z / (4.0 * n * n));
  if (k > 0)
    *low = MAX (0, centre - half);
  if (k < n)
    *high = MIN (1, centre + half);
}

typedef struct
{
  float score;
  gboolean same;
} Pair;

static int
compare_descending (const void *a, const void *b)
{
  float x = ((const Pair *) a)->score, y = ((const Pair *) b)->score;

  return (x < y) - (x > y);
}

/* The pairs with the highest score first; NAN, which has no order, is the lowest. */
static Pair *
sort_pairs (const float *scores, const gboolean *same, int n)
{
  Pair *pairs = g_new (Pair, MAX (1, n));

  for (int i = 0; i < n; i++)
    pairs[i] = (Pair){ isnan (scores[i]) ? -INFINITY : scores[i], same[i] };
  qsort (pairs, n, sizeof *pairs, compare_descending);
  return pairs;
}

static int
count_same (const gboolean *same, int n)
{
  int count = 0;

  for (int i = 0; i < n; i++)
    count += same[i] ? 1 : 0;
  return count;
}

GArray *
lk_roc (const float *scores, const gboolean *same, int n)
{
  GArray *roc = g_array_new (FALSE, FALSE, sizeof (LkRocPoint));
  g_autofree Pair *pairs = sort_pairs (scores, same, n);
  int n_genuine = count_same (same, n), n_impostor = n - n_genuine;
  int genuine = 0, impostor = 0;

  if (n_genuine == 0 || n_impostor == 0)
    return roc;
  for (int i = 0; i < n; i++)
    {
      *(pairs[i].same ? &genuine : &impostor) += 1;
      if (i + 1 == n || pairs[i + 1].score < pairs[i].score)
        {
          LkRocPoint point = { (double) pairs[i].score, (double) impostor / n_impostor,
                               (double) (n_genuine - genuine) / n_genuine };

          g_array_append_val (roc, point);
        }
    }
  return roc;
}

double
lk_roc_auc (const GArray *roc)
{
  LkRocPoint last = { HUGE_VAL, 0, 1 };
  double area = 0;

  if (roc->len == 0)
    return (double) NAN;
  for (guint i = 0; i < roc->len; i++)
    {
      LkRocPoint point = g_array_index (roc, LkRocPoint, i);

      area += (point.fmr - last.fmr) * (2 - point.fnmr - last.fnmr) / 2;
      last = point;
    }
  return area;
}

double
lk_roc_eer (const GArray *roc)
{
  LkRocPoint last = { HUGE_VAL, 0, 1 };

  for (guint i = 0; i < roc->len; i++)
    {
      LkRocPoint point = g_array_index (roc, LkRocPoint, i);

      if (point.fmr >= point.fnmr)
        {
          double before = last.fnmr - last.fmr, after = point.fmr - point.fnmr;

          return last.fmr + before / (before + after) * (point.fmr - last.fmr);
        }
      last = point;
    }
  return (double) NAN; /* an empty curve: the last point of any other has FMR 1, FNMR 0 */
}

/* The lowest threshold of the curve with FMR <= fmr, or the point above all. */
static LkRocPoint
point_at_fmr (const GArray *roc, double fmr)
{
  LkRocPoint best = { (double) NAN, 0, (double) NAN };

  if (roc->len > 0)
    {
      best.threshold = (double) nextafterf ((float) g_array_index (roc, LkRocPoint, 0).threshold,
                                            INFINITY);
      best.fnmr = 1;
    }
  for (guint i = 0; i < roc->len && g_array_index (roc, LkRocPoint, i).fmr <= fmr; i++)
    best = g_array_index (roc, LkRocPoint, i);
  return best;
}

double
lk_roc_tar_at_far (const GArray *roc, double fmr)
{
  return 1 - point_at_fmr (roc, fmr).fnmr;
}

double
lk_roc_threshold_at_fmr (const GArray *roc, double fmr)
{
  return point_at_fmr (roc, fmr).threshold;
}

double
lk_best_f1_threshold (const float *scores, const gboolean *same, int n)
{
  g_autofree Pair *pairs = sort_pairs (scores, same, n);
  gint64 n_genuine = count_same (same, n), genuine = 0;
  gint64 best_genuine = 0, best_sum = 1; /* F1 = 2 genuine / (matches + n_genuine) */
  double best = (double) NAN;

  for (int i = 0; i < n; i++)
    {
      genuine += pairs[i].same ? 1 : 0;
      if (i + 1 < n && pairs[i + 1].score == pairs[i].score)
        continue;
      /* Fractions compared exactly, so that the highest of equals is really chosen. */
      if (isfinite (pairs[i].score) && genuine * best_sum > best_genuine * (i + 1 + n_genuine))
        {
          best_genuine = genuine;
          best_sum = i + 1 + n_genuine;
          best = (double) pairs[i].score;
        }
    }
  return best;
}

double
lk_threshold_in_gap (const float *scores, int n, double threshold)
{
  double below = (double) -INFINITY;

  for (int i = 0; i < n; i++)
    if ((double) scores[i] < threshold && (double) scores[i] > below)
      below = (double) scores[i];
  return isfinite (below) ? (threshold + below) / 2 : threshold;
}

double
lk_best_accuracy_threshold (const float *scores, const gboolean *same, int n)
{
  g_autofree Pair *pairs = sort_pairs (scores, same, n);
  int gain = 0, best_gain = 0; /* over matching nothing: genuine matched - impostors matched */
  double best;

  if (n == 0 || !isfinite (pairs[0].score))
    return (double) NAN;
  best = (double) nextafterf (pairs[0].score, INFINITY);
  for (int i = 0; i < n; i++)
    {
      gain += pairs[i].same ? 1 : -1;
      if (i + 1 < n && pairs[i + 1].score == pairs[i].score)
        continue;
      if (isfinite (pairs[i].score) && gain > best_gain)
        {
          best_gain = gain;
          best = (double) pairs[i].score;
        }
    }
  return best;
}

void
lk_histogram (const float *scores, const gboolean *same, int n, double low, double high, int n_bins,
              int *genuine, int *impostor)
{
  g_return_if_fail (n_bins > 0 && high > low);

  for (int b = 0; b < n_bins; b++)
    genuine[b] = impostor[b] = 0;
  for (int i = 0; i < n; i++)
    {
      double place = ((double) scores[i] - low) / (high - low) * n_bins;

      if (!isnan (place))
        (same[i] ? genuine : impostor)[(int) CLAMP (floor (place), 0, n_bins - 1)]++;
    }
}

double
lk_probit (double p)
{
  static const double a[] = { -3.969683028665376e+01, 2.209460984245205e+02,
                              -2.759285104469687e+02, 1.383577518672690e+02,
                              -3.066479806614716e+01, 2.506628277459239e+00 };
  static const double b[] = { -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                              6.680131188771972e+01, -1.328068155288572e+01 };
  static const double c[] = { -7.784894002430293e-03, -3.223964580411365e-01,
                              -2.400758277161838e+00, -2.549732539343734e+00,
                              4.374664141464968e+00,  2.938163982698783e+00 };
  static const double d[] = { 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                              3.754408661907416e+00 };
  double tail = MIN (p, 1 - p), x, error, step;

  if (tail < 0.02425)
    {
      double q = sqrt (-2 * log (tail));

      x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
          ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    }
  else
    {
      double q = tail - 0.5, r = q * q;

      x = (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
          (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
    }
  error = 0.5 * erfc (-x / sqrt (2)) - tail;
  step = error * sqrt (2 * G_PI) * exp (x * x / 2);
  x -= step / (1 + x * step / 2);
  return p < 0.5 ? x : -x;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

double
lk_quantile (const double *sorted, int n, double share)
{
  double place = share * (n - 1);
  int i = MIN ((int) place, MAX (0, n - 2));

  return n == 1 ? sorted[0] : sorted[i] + (place - i) * (sorted[i + 1] - sorted[i]);
}

void
lk_bootstrap (const float *scores, const gboolean *same, int n, LkStatistic statistic,
              gpointer data, int n_rounds, guint64 seed, double *low, double *high)
{
  g_autofree int *order = g_new (int, MAX (1, n)); /* genuine pairs, then impostors */
  g_autofree float *drawn = g_new (float, MAX (1, n));
  g_autofree gboolean *drawn_same = g_new (gboolean, MAX (1, n));
  g_autofree double *values = g_new (double, MAX (1, n_rounds));
  int n_genuine = 0, n_values = 0, at = 0;
  LkRandom random;

  *low = *high = (double) NAN;
  for (int genuine = 1; genuine >= 0; genuine--)
    {
      for (int i = 0; i < n; i++)
        if ((same[i] != 0) == genuine)
          order[at++] = i;
      if (genuine)
        n_genuine = at;
    }

  lk_random_seed (&random, seed);
  for (int round = 0; round < n_rounds; round++)
    {
      double value;

      for (int i = 0; i < n; i++)
        {
          int first = i < n_genuine ? 0 : n_genuine;
          int count = i < n_genuine ? n_genuine : n - n_genuine;
          int pick = order[first + (int) lk_random_below (&random, (uint32_t) count)];

          drawn[i] = scores[pick];
          drawn_same[i] = same[pick];
        }
      value = statistic (drawn, drawn_same, n, data);
      if (!isnan (value))
        values[n_values++] = value;
    }
  if (n_values == 0)
    return;
  qsort (values, n_values, sizeof *values, compare_doubles);
  *low = lk_quantile (values, n_values, 0.025);
  *high = lk_quantile (values, n_values, 0.975);
}
