/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Measures of verification.  Scores: higher is more alike; a pair is called a match
 * when its score is at least the threshold.  @same[i] is TRUE for a genuine pair.
 *
 * Terms and definitions: ISO/IEC 19795-1 (FMR, FNMR, EER).
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
double lk_confusion_f1 (const LkConfusion *self);
double lk_confusion_fmr (const LkConfusion *self); /* FP / (FP + TN) */
double lk_confusion_fnmr (const LkConfusion *self);

/* Wilson score interval of @k successes in @n, at 95 %.
 * Source: E. B. Wilson, JASA 22(158), 1927. */
void lk_wilson (int k, int n, double *low, double *high);

/* One point per distinct score, from the highest threshold to the lowest. */
typedef struct
{
  double threshold;
  double fmr;  /* share of impostors at or above it */
  double fnmr; /* share of genuine pairs below it */
} LkRocPoint;

/* (transfer full) (element-type LkRocPoint): empty when a class is missing */
GArray *lk_roc (const float *scores, const gboolean *same, int n);
double lk_roc_auc (const GArray *roc); /* trapezoids; = P(genuine > impostor), ties half */
double lk_roc_eer (const GArray *roc); /* where FMR = FNMR, interpolated */
/* 1 - FNMR at the lowest threshold whose FMR is at most @fmr. */
double lk_roc_tar_at_far (const GArray *roc, double fmr);
double lk_roc_threshold_at_fmr (const GArray *roc, double fmr);

/* The threshold that maximises F1 (seeds/000), the highest among equals. */
double lk_best_f1_threshold (const float *scores, const gboolean *same, int n);

G_END_DECLS
