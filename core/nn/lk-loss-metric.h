/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-pool.h"

#include <stddef.h>

/*
 * Losses that look at a whole batch of embeddings [n, d], or at a teacher's.  As in
 * lk-loss.h: the mean is returned, @d_embeddings [n, d] is overwritten and (nullable),
 * sums are in double and in a fixed order, nothing allocates or fails, @pool is
 * (nullable).
 */

/* Floats of scratch for lk_loss_circle(). */
size_t lk_loss_circle_scratch (int n, int d);

/**
 * lk_loss_circle:
 * @people: [n]: whose picture each row is, any numbers
 * @margin: m; the source uses 0.25
 * @scale: gamma; the source uses 256 for faces
 *
 * For each row as anchor, with s_p its cosines to rows of the same person and s_n to
 * rows of others:
 *
 *     loss = log (1 + sum exp (gamma a_n (s_n - m)) sum exp (-gamma a_p (s_p - 1 + m)))
 *     a_p = max (1 + m - s_p, 0)        a_n = max (s_n + m, 0)
 *
 * The weights a_p, a_n are constants to the gradient.  Mean over the anchors that have
 * both kinds; 0 if none has.
 *
 * Source: Y. Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity
 * Optimization", CVPR 2020, equations 4, 5, 8 and (constant weights) 10.
 */
double lk_loss_circle (int d, double margin, double scale, const float *embeddings, int n,
                       const int *people, float *d_embeddings, float *scratch, LkPool *pool);

/**
 * LkDistillation:
 * @LK_DISTILLATION_COSINE: 1 - cos (e, t)
 * @LK_DISTILLATION_SQUARED: |e - t|^2
 */
typedef enum
{
  LK_DISTILLATION_COSINE,
  LK_DISTILLATION_SQUARED,
} LkDistillation;

/**
 * lk_loss_distillation:
 * @targets: [n, d]: what a teacher made of the same pictures
 * @values: (out caller-allocates): [n]: each picture's loss
 *
 * Source: J. Ba and R. Caruana, "Do Deep Nets Really Need to be Deep?", NIPS 2014,
 * section 2.2 (regression on a teacher's outputs).
 */
double lk_loss_distillation (LkDistillation kind, int d, const float *embeddings, int n,
                             const float *targets, float *d_embeddings, float *values,
                             LkPool *pool);
