/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/lk-model.h"
#include "verify/lk-fusion.h"

#include "lk-measures.h"

G_BEGIN_DECLS

/*
 * LkCalibration: what a model's scores mean, measured on pairs that it was not trained on
 * and kept in its metadata.
 *
 *   - how likely two pictures show one person, if both answers were equally likely before:
 *     by Platt's curve, and by isotonic regression, which assumes nothing but that a higher
 *     score is more alike;
 *   - which share of impostors and of genuine pairs a threshold lets through or refuses,
 *     with the counts behind it.
 *
 * Genuine and impostor pairs weigh the same in both, however many there are of each.
 * Immutable once made.
 *
 * The text in the metadata's `calibration`, a line each:
 *
 *   likeness-calibration 1
 *   about WORDS                         where the pairs are from
 *   pairs GENUINE IMPOSTOR
 *   balanced SCORE                      the least FMR + FNMR
 *   platt A B                           p = 1 / (1 + exp (-(A logit (score) + B)))
 *   isotonic SCORE:P ...                in rising order, straight lines between
 *   curve SCORE:MATCHED:MISSED ...      impostors at or above, genuine pairs below
 */
typedef struct _LkCalibration LkCalibration;

#define LK_CALIBRATION_KEY "calibration"

/**
 * lk_calibration_new:
 * @scores: [@n], 0 .. 1; NAN: left out
 * @about: one line
 *
 * Returns: (transfer full): or %NULL with %LK_ERROR_NO_DATA (under ten pairs of a kind)
 */
LkCalibration *lk_calibration_new (const float *scores, const gboolean *same, int n,
                                   const char *about, GError **error);
void lk_calibration_free (LkCalibration *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkCalibration, lk_calibration_free)

/* Returns: (transfer full): or %NULL with %LK_ERROR_FORMAT.  The text is untrusted. */
LkCalibration *lk_calibration_parse (const char *text, GError **error);
char *lk_calibration_to_text (const LkCalibration *self);

/* (transfer full) (nullable): a model's own; NULL when it has none that can be read. */
LkCalibration *lk_calibration_of_model (LkModel *model);
/* The same of a frame's score with all anchors of a person, fused (lk-galleries.h); each way of
 * fusing has a calibration of its own, under a key of its own. */
LkCalibration *lk_calibration_of_fused (LkModel *model, LkFusion how);
char *lk_calibration_fused_key (LkFusion how);

const char *lk_calibration_get_about (const LkCalibration *self);
int lk_calibration_get_n_genuine (const LkCalibration *self);
int lk_calibration_get_n_impostor (const LkCalibration *self);

/* 0 .. 1, by Platt's curve and by isotonic regression; NAN for NAN. */
double lk_calibration_platt (const LkCalibration *self, double score);
double lk_calibration_isotonic (const LkCalibration *self, double score);

/* The threshold that is right most often, if both kinds of pairs are equally frequent. */
double lk_calibration_get_balanced (const LkCalibration *self);

/* Rates at a threshold, interpolated between the points that are kept, with Wilson's
 * intervals.  @n_matched, @n_missed: (out) (optional): the counts behind them. */
void lk_calibration_rates (const LkCalibration *self, double threshold, LkInterval *fmr,
                           LkInterval *fnmr, int *n_matched, int *n_missed);

/* The lowest threshold with an FMR of at most @fmr.  @supported: (out) (optional): whether
 * there are impostors enough to say so, as in LkOperatingPoint. */
double lk_calibration_threshold (const LkCalibration *self, double fmr, gboolean *supported);

/* ---- the arithmetic ---- */

/**
 * lk_platt_fit:
 * @x: [@n]: finite
 * @a, @b: (out): p = 1 / (1 + exp (-(a x + b))) with the least cross-entropy, genuine
 *   pairs together weighing as much as impostors; targets a little inside of 0 and 1
 *
 * Sources: J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999 (curve and
 * targets); H.-T. Lin, C.-J. Lin, R. C. Weng, "A Note on Platt's Probabilistic Outputs
 * for Support Vector Machines", Machine Learning 68, 2007 (Newton's method).
 */
void lk_platt_fit (const double *x, const gboolean *same, int n, double *a, double *b);

/**
 * lk_isotonic_fit:
 * @y: (inout): [@n], becomes the rising sequence with the least weighted sum of squared
 *   differences from it
 * @weights: [@n], above 0
 *
 * Source: pooling of adjacent violators: M. Ayer et al., "An Empirical Distribution
 * Function for Sampling with Incomplete Information", 1955; for calibration B. Zadrozny,
 * C. Elkan, KDD 2002.
 */
void lk_isotonic_fit (double *y, const double *weights, int n);

/* Probabilities and what came true, in equal parts of 0 .. 1. */
typedef struct
{
  int n_genuine, n_impostor;
  double predicted;    /* mean of the bin's probabilities; NAN when it is empty */
  LkInterval observed; /* share of genuine pairs; Wilson's interval */
} LkReliabilityBin;

/**
 * lk_reliability:
 * @p: [@n], 0 .. 1; NAN: left out
 * @even: both kinds weigh the same, as they do in a calibration; otherwise as counted
 * @bins: (out caller-allocates): [@n_bins]
 *
 * Returns: the expected calibration error: mean of |predicted - observed|, weighted by what
 *   is in the bins
 */
double lk_reliability (const double *p, const gboolean *same, int n, gboolean even, int n_bins,
                       LkReliabilityBin *bins);

G_END_DECLS
