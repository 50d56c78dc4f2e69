/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-calibration.h"
#include "verify/lk-own-scores.h"

G_BEGIN_DECLS

/*
 * LkMeaning: what a threshold of the fused score means: how many strangers pass, and how many
 * looks of the right person are refused, as measured for a model, and for one person.
 *
 * For one thread.
 */
typedef struct _LkMeaning LkMeaning;

typedef struct
{
  int n_strangers, n_passed; /* strangers compared, and of them at or above the threshold */
  int n_looks, n_refused;    /* of the right person, and of them below it */
  LkInterval fmr, fnmr;      /* with Wilson's intervals at 95 % */
} LkRates;

/* @model: (nullable) */
LkMeaning *lk_meaning_new (LkModel *model);
LkMeaning *lk_meaning_ref (LkMeaning *self);
void lk_meaning_unref (LkMeaning *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkMeaning, lk_meaning_unref)

/* Whether the model's fused scores were measured at all: else there are no rates and no presets. */
gboolean lk_meaning_is_measured (const LkMeaning *self);

/* Whose own rates there are.  @scores: (transfer full) (nullable): NULL for nobody's */
void lk_meaning_set_own (LkMeaning *self, const char *person, LkOwnScores *scores);
/* (nullable): the person, where there are own rates */
const char *lk_meaning_get_person (const LkMeaning *self);
gboolean lk_meaning_is_across_sessions (const LkMeaning *self); /* the person's */

/* FALSE where nothing was measured; counts may be 0, the rates are NAN then. */
gboolean lk_meaning_get_rates (const LkMeaning *self, double threshold, LkRates *rates);
gboolean lk_meaning_get_own_rates (const LkMeaning *self, double threshold, LkRates *rates);

/* The rates of strangers that are offered, the loosest first. */
#define LK_N_PRESETS 3
extern const double lk_preset_fmrs[LK_N_PRESETS]; /* 1e-2, 1e-3, 1e-4 */

/* The threshold of one, FALSE (and @threshold unset) where the counts do not bear it. */
gboolean lk_meaning_get_preset (const LkMeaning *self, int preset, double *threshold);

/* The preset that @threshold is, to what a slider can tell; -1: none. */
int lk_meaning_find_preset (const LkMeaning *self, double threshold);

/* Of 1e-3, or the nearest looser one that can be had; else the one of fewest errors. */
double lk_meaning_get_default (const LkMeaning *self);

/* The log odds between which a threshold is worth choosing. */
void lk_meaning_get_range (const LkMeaning *self, double *low, double *high);

G_END_DECLS
