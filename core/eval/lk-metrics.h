/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Measures of verification.  Scores: higher is more alike; a pair is called a match
 * when its score is at least the threshold.  @same[i] is TRUE for a genuine pair.
 * A score of NAN (no face was found) matches at no threshold.
 *
 * Terms and definitions: ISO/IEC 19795-1 (FMR, FNMR, EER).  All of these are pure
 * functions, for any thread.
 */
typedef struct
{
  int true_positives, false_positives, true_negatives, false_negatives;
} LkConfusion;

void lk_confusion_count (const float *scores, const gboolean *same, int n, double threshold,
                         LkConfusion *out);
/* Each is NAN when its denominator is 0. */
double lk_confusion_accuracy (const LkConfusion *self);
double lk_confusion_precision (const LkConfusion *self); /* TP / (TP + FP) */
double lk_confusion_recall (const LkConfusion *self);    /* TP / (TP + FN), = 1 - FNMR */
double lk_confusion_f1 (const LkConfusion *self);        /* 2 TP / (2 TP + FP + FN) */
double lk_confusion_fmr (const LkConfusion *self);       /* FP / (FP + TN) */
double lk_confusion_fnmr (const LkConfusion *self);      /* FN / (TP + FN) */

/* Wilson score interval of @k successes in @n, at 95 %; [0, 1] for @n 0.
 * Source: E. B. Wilson, JASA 22(158), 1927. */
void lk_wilson (int k, int n, double *low, double *high);

/* One point per distinct score, from the highest threshold to the lowest. */
typedef struct
{
  double threshold;
  double fmr;  /* share of impostors at or above it */
  double fnmr; /* share of genuine pairs below it */
} LkRocPoint;

/* (transfer full) (element-type LkRocPoint): empty when a class is missing.  A curve
 * drawn from it begins at FMR 0, FNMR 1, above the highest score. */
GArray *lk_roc (const float *scores, const gboolean *same, int n);

/* Each is NAN for an empty curve. */
double lk_roc_auc (const GArray *roc); /* trapezoids; = P(genuine > impostor), ties half */
double lk_roc_eer (const GArray *roc); /* where FMR = FNMR, interpolated */
/* 1 - FNMR at the lowest threshold whose FMR is at most @fmr. */
double lk_roc_tar_at_far (const GArray *roc, double fmr);
/* That threshold; just above the highest score where no score will do. */
double lk_roc_threshold_at_fmr (const GArray *roc, double fmr);

/* The threshold that maximises F1 (seeds/000), the highest among equals; NAN without
 * a genuine pair that has a score. */
double lk_best_f1_threshold (const float *scores, const gboolean *same, int n);

/* Halfway from @threshold, one of the scores, to the next lower one, or @threshold where there
 * is none: it parts these pairs alike, and leaves new ones room on both sides, as the widest
 * margin does (Vapnik, The Nature of Statistical Learning Theory, 1995, section 5.4). */
double lk_threshold_in_gap (const float *scores, int n, double threshold);

/* The threshold that calls most pairs right, the highest among equals, just above the
 * highest score if it is best to match nothing; NAN without scores. */
double lk_best_accuracy_threshold (const float *scores, const gboolean *same, int n);

/**
 * lk_histogram:
 * @genuine: (out caller-allocates): [@n_bins], counts of genuine pairs
 * @impostor: (out caller-allocates): [@n_bins]
 *
 * Counts scores in @n_bins equal bins over [@low, @high]; a score outside counts in
 * the bin at that end, NAN in none.
 */
void lk_histogram (const float *scores, const gboolean *same, int n, double low, double high,
                   int n_bins, int *genuine, int *impostor);

/* The quantile @share (0 .. 1) of @n numbers in rising order, interpolated between them. */
double lk_quantile (const double *sorted, int n, double share);

/* Where the standard normal distribution reaches @p, 0 < @p < 1: the axes of a DET curve.
 * Relative error under 1e-9.  Source: P. J. Acklam's rational approximation (2003), with one
 * step of Halley's method. */
double lk_probit (double p);

typedef double (*LkStatistic) (const float *scores, const gboolean *same, int n, gpointer data);

/**
 * lk_bootstrap:
 * @statistic: what is wanted of a set of pairs; rounds where it is NAN do not count
 * @n_rounds: 1000 will do
 * @low: (out): 2.5th percentile of the statistic; NAN if no round gave a number
 * @high: (out): 97.5th percentile
 *
 * Percentile interval at 95 %, pairs resampled with replacement, genuine and impostor
 * apart so that their numbers stay.  Pairs that share a person count as independent,
 * which makes the interval a little too narrow: lk_resample_people() does better.
 *
 * Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13.
 */
void lk_bootstrap (const float *scores, const gboolean *same, int n, LkStatistic statistic,
                   gpointer data, int n_rounds, guint64 seed, double *low, double *high);

G_END_DECLS
