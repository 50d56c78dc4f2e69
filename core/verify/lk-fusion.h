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
 * @LK_FUSION_VOTE: the share of them that is above the detection threshold: the documents'
 *   way, whose second threshold is then that of this score
 */
typedef enum
{
  LK_FUSION_MAX,
  LK_FUSION_MEAN,
  LK_FUSION_BEST,
  LK_FUSION_VOTE,
} LkFusion;

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
} LkCohort;
void lk_cohort_measure (const float *scores, int n, int n_top, LkCohort *cohort);

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
double lk_cohort_normalise (double score, const LkCohort *anchor, const LkCohort *frame);

G_END_DECLS
