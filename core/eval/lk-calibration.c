/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-calibration-private.h"

#include "base/lk-error.h"
#include "verify/lk-fusion.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_PAIRS 10 /* of a kind: fewer say nothing */
#define GROUPS      96 /* that isotonic regression is given: steps finer than these are noise */
#define PER_DECADE  12 /* points of the curve for each power of ten of either rate */

void
lk_calibration_free (LkCalibration *self)
{
  if (self == NULL)
    return;
  g_free (self->about);
  g_array_unref (self->steps);
  g_array_unref (self->curve);
  g_free (self);
}

const char *
lk_calibration_get_about (const LkCalibration *self)
{
  return self->about;
}

int
lk_calibration_get_n_genuine (const LkCalibration *self)
{
  return self->n_genuine;
}

int
lk_calibration_get_n_impostor (const LkCalibration *self)
{
  return self->n_impostor;
}

double
lk_calibration_get_balanced (const LkCalibration *self)
{
  return self->balanced;
}

/* ---- making one ---- */

typedef struct
{
  float score;
  gboolean same;
} Pair;

static int
compare_rising (const void *a, const void *b)
{
  float x = ((const Pair *) a)->score, y = ((const Pair *) b)->score;

  return (x > y) - (x < y);
}

static void
fit_isotonic (LkCalibration *self, const Pair *pairs, int n)
{
  double y[GROUPS + 2] = { 0 }, weights[GROUPS + 2] = { 0 }, centres[GROUPS + 2] = { 0 };
  double weight = 0, genuine = 0, centre = 0;
  int n_groups = 0;

  for (int i = 0; i < n; i++)
    {
      double w = 0.5 / (pairs[i].same ? self->n_genuine : self->n_impostor);

      weight += w;
      genuine += pairs[i].same ? w : 0;
      centre += w * (double) pairs[i].score;
      /* Equal scores stay together. */
      if (i + 1 < n && (weight < 1.0 / GROUPS || pairs[i + 1].score == pairs[i].score))
        continue;
      y[n_groups] = genuine / weight;
      weights[n_groups] = weight;
      centres[n_groups++] = centre / weight;
      weight = genuine = centre = 0;
    }
  lk_isotonic_fit (y, weights, n_groups);
  for (int i = 0; i < n_groups; i++)
    {
      LkCalibrationStep step = { centres[i], y[i] };

      /* Of a level stretch the ends are enough. */
      if (i > 0 && i + 1 < n_groups && y[i - 1] >= y[i] && y[i] >= y[i + 1])
        continue;
      g_array_append_val (self->steps, step);
    }
}

/* The next count to be kept, going up from @count: PER_DECADE of them for a power of ten. */
static double
next_count (double count)
{
  return MAX (count + 1, count * pow (10, 1.0 / PER_DECADE));
}

static gboolean
is_asked_rate (int matched, int next_matched, int n_impostor)
{
  for (int k = 0; k < LK_N_FMRS; k++)
    if (matched <= lk_fmrs[k] * n_impostor && next_matched > lk_fmrs[k] * n_impostor)
      return TRUE;
  return FALSE;
}

/* From the highest threshold down: points where either count has grown by a step, and the
 * thresholds of lk_fmrs. */
static void
make_curve (LkCalibration *self, const Pair *pairs, int n)
{
  int matched = 0, missed = self->n_genuine;
  double matched_due = 0, missed_due = self->n_genuine, best = 2;

  for (int i = n - 1; i >= 0; i--)
    {
      LkCalibrationPoint point;
      int j = i, more = 0;

      matched += pairs[i].same ? 0 : 1;
      missed -= pairs[i].same ? 1 : 0;
      if (i > 0 && pairs[i - 1].score == pairs[i].score)
        continue;
      if ((double) matched / self->n_impostor + (double) missed / self->n_genuine < best)
        {
          best = (double) matched / self->n_impostor + (double) missed / self->n_genuine;
          self->balanced = (double) pairs[i].score;
        }
      while (--j >= 0 && pairs[j].score == pairs[i - 1].score)
        more += pairs[j].same ? 0 : 1;
      if (i > 0 && matched < matched_due && missed > missed_due &&
          !is_asked_rate (matched, matched + more, self->n_impostor))
        continue;
      point = (LkCalibrationPoint){ (double) pairs[i].score, matched, missed };
      g_array_prepend_val (self->curve, point);
      while (matched_due <= matched)
        matched_due = next_count (matched_due);
      while (missed_due >= missed && missed_due > 0)
        missed_due = MIN (missed_due - 1, missed_due / pow (10, 1.0 / PER_DECADE));
    }
}

static char *
make_line (const char *text)
{
  char *line = g_utf8_make_valid (text, -1);

  g_strdelimit (line, "\r\n", ' ');
  return line;
}

LkCalibration *
lk_calibration_new (const float *scores, const gboolean *same, int n, const char *about,
                    GError **error)
{
  g_autoptr (LkCalibration) self = lk_calibration_alloc ();
  g_autofree Pair *pairs = g_new (Pair, MAX (1, n));
  g_autofree double *x = g_new (double, MAX (1, n));
  g_autofree gboolean *kinds = g_new (gboolean, MAX (1, n));
  int count = 0;

  self->about = make_line (about);
  for (int i = 0; i < n; i++)
    {
      if (isnan (scores[i]))
        continue;
      *(same[i] ? &self->n_genuine : &self->n_impostor) += 1;
      pairs[count] = (Pair){ scores[i], same[i] != FALSE };
      x[count] = lk_log_odds ((double) scores[i]);
      kinds[count++] = same[i];
    }
  if (self->n_genuine < LEAST_PAIRS || self->n_impostor < LEAST_PAIRS)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("There are %d genuine and %d impostor pairs, and %d of each are the least that "
             "scores can be calibrated on. Choose a larger folder."),
             self->n_genuine, self->n_impostor, LEAST_PAIRS);
      return NULL;
    }
  lk_platt_fit (x, kinds, count, &self->a, &self->b);
  qsort (pairs, (gsize) count, sizeof *pairs, compare_rising);
  fit_isotonic (self, pairs, count);
  make_curve (self, pairs, count);
  return g_steal_pointer (&self);
}

/* ---- asking one ---- */

double
lk_calibration_platt (const LkCalibration *self, double score)
{
  return isnan (score) ? score : 1 / (1 + exp (-(self->a * lk_log_odds (score) + self->b)));
}

double
lk_calibration_isotonic (const LkCalibration *self, double score)
{
  const LkCalibrationStep *steps = (const LkCalibrationStep *) self->steps->data;
  guint n = self->steps->len, i = 0;

  if (isnan (score))
    return score;
  while (i < n && steps[i].score < score)
    i++;
  if (i == 0)
    return steps[0].p;
  if (i == n)
    return steps[n - 1].p;
  return steps[i - 1].p + (score - steps[i - 1].score) / (steps[i].score - steps[i - 1].score) *
                              (steps[i].p - steps[i - 1].p);
}

/* Counts at a threshold, not whole between two points. */
static void
interpolate (const LkCalibration *self, double threshold, double *matched, double *missed)
{
  const LkCalibrationPoint *points = (const LkCalibrationPoint *) self->curve->data;
  guint n = self->curve->len, i = 0;
  double share;

  while (i < n && points[i].score < threshold)
    i++;
  if (i == 0)
    {
      /* The first point is the lowest score of all: below it everything matches. */
      gboolean at = n > 0 && points[0].score <= threshold;

      *matched = at ? points[0].matched : self->n_impostor;
      *missed = at ? points[0].missed : 0;
      return;
    }
  if (i == n)
    {
      *matched = 0;
      *missed = self->n_genuine;
      return;
    }
  share = (threshold - points[i - 1].score) / (points[i].score - points[i - 1].score);
  *matched = points[i - 1].matched + share * (points[i].matched - points[i - 1].matched);
  *missed = points[i - 1].missed + share * (points[i].missed - points[i - 1].missed);
}

/* The interval of a count that need not be whole: from that of the one below to that of
 * the one above. */
static LkInterval
measure_count (double count, int n, int *whole)
{
  int above = (int) ceil (count - 1e-9);
  LkInterval interval = lk_interval_of_share (above, n);

  interval.low = lk_interval_of_share ((int) floor (count + 1e-9), n).low;
  interval.value = count / n;
  if (whole != NULL)
    *whole = above;
  return interval;
}

void
lk_calibration_rates (const LkCalibration *self, double threshold, LkInterval *fmr,
                      LkInterval *fnmr, int *n_matched, int *n_missed)
{
  double matched, missed;

  interpolate (self, threshold, &matched, &missed);
  *fmr = measure_count (matched, self->n_impostor, n_matched);
  *fnmr = measure_count (missed, self->n_genuine, n_missed);
}

double
lk_calibration_threshold (const LkCalibration *self, double fmr, gboolean *supported)
{
  const LkCalibrationPoint *points = (const LkCalibrationPoint *) self->curve->data;
  guint n = self->curve->len;

  if (supported != NULL)
    *supported = self->n_impostor * fmr >= 3 * (1 - 1e-9);
  for (guint i = 0; i < n; i++)
    if (points[i].matched <= fmr * self->n_impostor)
      return points[i].score;
  return (double) nextafterf ((float) points[n - 1].score, INFINITY);
}

static LkCalibration *
read_meta (LkModel *model, const char *key)
{
  const char *text = lk_model_get_meta (model, key);

  return text != NULL ? lk_calibration_parse (text, NULL) : NULL;
}

LkCalibration *
lk_calibration_of_model (LkModel *model)
{
  return read_meta (model, LK_CALIBRATION_KEY);
}

char *
lk_calibration_fused_key (LkFusion how)
{
  return g_strconcat (LK_CALIBRATION_KEY "-", lk_fusion_to_string (how), NULL);
}

LkCalibration *
lk_calibration_of_fused (LkModel *model, LkFusion how)
{
  g_autofree char *key = lk_calibration_fused_key (how);

  return read_meta (model, key);
}
