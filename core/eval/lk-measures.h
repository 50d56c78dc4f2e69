/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include "lk-metrics.h"

G_BEGIN_DECLS

/*
 * LkMeasures: all that is told of a set of scored pairs, with its uncertainty.
 *
 * Pairs without a score are counted and then left out: these are measures of matching
 * (FMR and FNMR of ISO/IEC 19795-1), and failures to acquire stand beside them.
 */

/* A number and its interval at 95 %; all NAN where there is none. */
typedef struct
{
  double value, low, high;
} LkInterval;

/* The false match rates at which thresholds are told: 1e-1, 1e-2, 1e-3, 1e-4 */
#define LK_N_FMRS 4
extern const double lk_fmrs[LK_N_FMRS];

typedef struct
{
  double wished;                 /* one of lk_fmrs */
  gboolean supported;            /* enough impostor pairs: that none of them matches then bounds the
                                  * rate to @wished at 95 %, which takes 3 / @wished */
  double threshold;              /* the lowest with an FMR of at most that */
  int n_false_matches, n_missed; /* impostors at or above it, genuine pairs below it */
  LkInterval fmr;                /* Wilson */
  LkInterval tar;                /* 1 - FNMR; people drawn anew, see below */
} LkOperatingPoint;

#define LK_MEASURES_BINS 50

typedef struct
{
  int n_genuine, n_impostor;               /* with a score */
  int n_genuine_failed, n_impostor_failed; /* without */
  LkInterval auc, eer;
  LkOperatingPoint at_fmr[LK_N_FMRS];
  double f1_threshold; /* lk_best_f1_threshold() */
  double f1;
  double accuracy_threshold; /* lk_best_accuracy_threshold() */
  GArray *roc;               /* (element-type LkRocPoint): lk_roc() */
  double low, high;          /* of the histogram */
  int genuine[LK_MEASURES_BINS], impostor[LK_MEASURES_BINS];
} LkMeasures;

/**
 * lk_measures_new:
 * @scores: [@n]; NAN: none
 * @person_a, @person_b: [@n]: whose pictures they are, 0 .. @n_people-1
 * @low, @high: of the histogram
 * @n_rounds: of resampling, 0: none, intervals of curves are then NAN
 * @pool: (nullable)
 *
 * Returns: (transfer full)
 */
LkMeasures *lk_measures_new (const float *scores, const gboolean *same, const int *person_a,
                             const int *person_b, int n, int n_people, double low, double high,
                             int n_rounds, LkPool *pool);
void lk_measures_free (LkMeasures *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkMeasures, lk_measures_free)

/* A share with Wilson's interval. */
LkInterval lk_interval_of_share (int k, int n);

typedef struct
{
  double auc, eer, tar[LK_N_FMRS]; /* NAN without two kinds of pairs */
} LkCurveNumbers;

/**
 * lk_resample_people:
 * @n_rounds: 1000 will do
 * @low, @high: (out caller-allocates): 2.5th and 97.5th percentile of each number; NAN with
 *   fewer than three people, or when no round gave it
 *
 * Draws people with replacement, not pairs: a genuine pair counts as often as its person
 * was drawn, an impostor pair as often as the product for its two.  The pairs of a person
 * hang together, so intervals from pairs alone would be too narrow.  Every score must be a
 * number.  The same seed gives the same result for any number of threads.
 *
 * Source: A. B. Owen, "The pigeonhole bootstrap", Annals of Applied Statistics 1(2), 2007;
 * for biometrics R. M. Bolle, N. K. Ratha, S. Pankanti, "Error analysis of pattern
 * recognition systems: the subsets bootstrap", CVIU 93(1), 2004.
 */
void lk_resample_people (const float *scores, const gboolean *same, const int *person_a,
                         const int *person_b, int n, int n_people, int n_rounds, guint64 seed,
                         LkPool *pool, LkCurveNumbers *low, LkCurveNumbers *high);

/**
 * lk_find_extremes:
 * @wanted_same: among genuine or among impostor pairs
 * @highest: the highest scores first, or the lowest
 * @found: (out caller-allocates): [@max], indices of pairs
 *
 * Returns: how many were found
 */
int lk_find_extremes (const float *scores, const gboolean *same, int n, gboolean wanted_same,
                      gboolean highest, int *found, int max);

/* (transfer full) (element-type LkRocPoint): at most about @max points of @roc that draw
 * the same curve on linear and on probit axes; first and last are kept. */
GArray *lk_roc_thin (const GArray *roc, int max);

G_END_DECLS
