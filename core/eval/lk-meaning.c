/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-meaning.h"

#include "verify/lk-fusion.h"

#include <math.h>

#define SAME 1e-3 /* log odds: a slider's steps are larger */

const double lk_preset_fmrs[LK_N_PRESETS] = { 1e-2, 1e-3, 1e-4 };

struct _LkMeaning
{
  int n_refs;
  LkCalibration *calibration; /* (nullable) */
  char *person;               /* (nullable) */
  LkOwnScores *own;           /* (nullable) */
};

LkMeaning *
lk_meaning_new (LkModel *model)
{
  LkMeaning *self = g_new0 (LkMeaning, 1);

  self->n_refs = 1;
  if (model != NULL)
    self->calibration = lk_calibration_of_fused (model, LK_FUSION_DEFAULT);
  return self;
}

LkMeaning *
lk_meaning_ref (LkMeaning *self)
{
  self->n_refs++;
  return self;
}

void
lk_meaning_unref (LkMeaning *self)
{
  if (--self->n_refs > 0)
    return;
  lk_calibration_free (self->calibration);
  lk_own_scores_free (self->own);
  g_free (self->person);
  g_free (self);
}

gboolean
lk_meaning_is_measured (const LkMeaning *self)
{
  return self->calibration != NULL;
}

void
lk_meaning_set_own (LkMeaning *self, const char *person, LkOwnScores *scores)
{
  lk_own_scores_free (self->own);
  self->own = scores;
  g_free (self->person);
  self->person = scores != NULL ? g_strdup (person) : NULL;
}

const char *
lk_meaning_get_person (const LkMeaning *self)
{
  return self->person;
}

gboolean
lk_meaning_is_across_sessions (const LkMeaning *self)
{
  return self->own != NULL && self->own->across_sessions;
}

gboolean
lk_meaning_get_rates (const LkMeaning *self, double threshold, LkRates *rates)
{
  if (self->calibration == NULL)
    return FALSE;
  rates->n_strangers = lk_calibration_get_n_impostor (self->calibration);
  rates->n_looks = lk_calibration_get_n_genuine (self->calibration);
  lk_calibration_rates (self->calibration, threshold, &rates->fmr, &rates->fnmr, &rates->n_passed,
                        &rates->n_refused);
  return TRUE;
}

static LkInterval
share_of (int k, int n)
{
  const LkInterval none = { (double) NAN, (double) NAN, (double) NAN };

  return n > 0 ? lk_interval_of_share (k, n) : none;
}

gboolean
lk_meaning_get_own_rates (const LkMeaning *self, double threshold, LkRates *rates)
{
  const LkOwnScores *own = self->own;

  if (own == NULL)
    return FALSE;
  rates->n_strangers = own->n_strangers;
  rates->n_passed = lk_count_at_least (own->strangers, own->n_strangers, threshold);
  rates->n_looks = own->n_genuine;
  rates->n_refused = own->n_genuine - lk_count_at_least (own->genuine, own->n_genuine, threshold);
  rates->fmr = share_of (rates->n_passed, rates->n_strangers);
  rates->fnmr = share_of (rates->n_refused, rates->n_looks);
  return TRUE;
}

gboolean
lk_meaning_get_preset (const LkMeaning *self, int preset, double *threshold)
{
  gboolean supported;
  double found;

  g_return_val_if_fail (preset >= 0 && preset < LK_N_PRESETS, FALSE);

  if (self->calibration == NULL)
    return FALSE;
  found = lk_calibration_threshold (self->calibration, lk_preset_fmrs[preset], &supported);
  if (supported)
    *threshold = found;
  return supported;
}

int
lk_meaning_find_preset (const LkMeaning *self, double threshold)
{
  for (int i = 0; i < LK_N_PRESETS; i++)
    {
      double at;

      if (lk_meaning_get_preset (self, i, &at) &&
          fabs (lk_log_odds (at) - lk_log_odds (threshold)) < SAME)
        return i;
    }
  return -1;
}

double
lk_meaning_get_default (const LkMeaning *self)
{
  double threshold;

  if (self->calibration == NULL)
    return 0.5;
  if (lk_meaning_get_preset (self, 1, &threshold) || lk_meaning_get_preset (self, 0, &threshold))
    return threshold;
  return lk_calibration_get_balanced (self->calibration);
}

void
lk_meaning_get_range (const LkMeaning *self, double *low, double *high)
{
  *low = -5;
  *high = 5;
  if (self->calibration == NULL)
    return;
  /* From where one stranger in ten passes to where none of those measured does, and a little
   * beyond: every half of log odds more is stricter still. */
  *low = lk_log_odds (lk_calibration_threshold (self->calibration, 0.1, NULL));
  *high = lk_log_odds (lk_calibration_threshold (self->calibration, 0, NULL)) + 0.5;
  *low = floor (*low * 10) / 10;
  *high = MAX (*low + 1, ceil (*high * 10) / 10);
}
