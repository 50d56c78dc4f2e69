/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * One score from many: a person has several anchors, and a sitting several frames.  Pure
 * functions.  tests/bench/fusion measures which way errs least.
 */

/**
 * LkFusion: how a frame's scores with the anchors become one
 * @LK_FUSION_MAX: the highest
 * @LK_FUSION_MEAN: their mean
 * @LK_FUSION_BEST: the mean of the @k highest
 * @LK_FUSION_HALF: the mean of the higher half of them, and of the middle one: unlike the highest,
 *   it does not grow with the number of anchors
 * @LK_FUSION_VOTE: the share of them that is above the detection threshold: the documents'
 *   way, whose second threshold is then that of this score
 */
typedef enum
{
  LK_FUSION_MAX,
  LK_FUSION_MEAN,
  LK_FUSION_BEST,
  LK_FUSION_VOTE,
  LK_FUSION_HALF,
} LkFusion;

/* The program's own way, chosen by tests/bench/fusion.  Whoever changes it calibrates the models
 * anew (`likeness calibrate`): their thresholds are of this score. */
#define LK_FUSION_DEFAULT LK_FUSION_HALF

/* "max", "mean", "half": as the metadata of models name it.  Not of those with a parameter. */
const char *lk_fusion_to_string (LkFusion how);

/* A probability's log odds, and back.  Those of 0 and 1 are as far out as a float's nearest. */
double lk_log_odds (double p);
double lk_probability (double log_odds);

/**
 * lk_fuse_anchors:
 * @scores: [@n], @n above 0: the head's, 0 .. 1, of one frame with each anchor
 *
 * Returns: one score, 0 .. 1: their log odds fused
 */
double lk_fuse_anchors (LkFusion how, const float *scores, int n);

/**
 * lk_fuse_scores:
 * @scores: [@n_frames, @n_anchors], both above 0: head's log odds, or cosines
 * @weights: [@n_frames] (nullable): how much each frame counts, not below 0; NULL: the same
 * @k: of LK_FUSION_BEST, 1 .. ; all anchors where there are fewer
 * @detection: of LK_FUSION_VOTE
 *
 * Fuses each frame's scores, then takes the weighted mean of the frames.
 */
double lk_fuse_scores (LkFusion how, const float *scores, const float *weights, int n_frames,
                       int n_anchors, int k, double detection);

/* The weighted mean of @n embeddings of @size, each brought to unit length first, at the mean
 * of their lengths.  @weights: (nullable): as above.  @out: (out caller-allocates): [@size] */
void lk_fuse_embeddings (const float *embeddings, const float *weights, int n, int size,
                         float *out);

/* Mean and standard deviation of the @n_top highest of @n scores with a cohort. */
typedef struct
{
  double mean, deviation;
} LkCohortSpread;
void lk_cohort_measure (const float *scores, int n, int n_top, LkCohortSpread *spread);

/**
 * lk_cohort_normalise:
 * @score: of an anchor and a frame
 * @anchor, @frame: of each one's scores with the cohort, people who are neither
 *
 * How many deviations the score lies above what strangers get: the mean of both sides'.
 *
 * Source: adaptive symmetric normalisation: P. Matejka et al., "Analysis of Score
 * Normalization in Multilingual Speaker Recognition", Interspeech 2017.
 */
double lk_cohort_normalise (double score, const LkCohortSpread *anchor,
                            const LkCohortSpread *frame);

G_END_DECLS
