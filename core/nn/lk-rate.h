/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Learning rates by the step's number.
 *
 *     constant     rate
 *     exponential  rate * factor ^ (step / period), as Keras' ExponentialDecay; with
 *                  @staircase the quotient is rounded down
 *     cosine       rate / 2 * (1 + cos (pi step / total)), 0 from total on
 *     level        rate, and over the last @fall of the total steps down to 0 in a line:
 *                  where it begins to fall can be chosen while a run goes on
 *
 * seeds/000: exponential, 5e-5, 0.97, 200.  The paper (1 % a period): exponential,
 * 0.99, an epoch's steps, staircase.
 *
 * With @warmup the rate first rises in so many even steps, rate / warmup at step 0,
 * and then the schedule begins, its step 0 after the last of them.
 *
 * Source of level: A. Hagele et al., "Scaling Laws and Compute-Optimal Training Beyond
 * Fixed Training Durations", NeurIPS 2024, section 3 (there "cooldown").  Source of the cosine: I.
 * Loshchilov and F. Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017,
 * equation 5; of the warm-up: P. Goyal et al., "Accurate, Large Minibatch SGD", 2017, section 2.2.
 */
typedef enum
{
  LK_RATE_CONSTANT,
  LK_RATE_EXPONENTIAL,
  LK_RATE_COSINE,
  LK_RATE_LEVEL,
} LkRateKind;

typedef struct
{
  LkRateKind kind;
  double rate;
  int64_t warmup; /* steps, 0: none */
  double factor;  /* exponential */
  int64_t period; /* exponential: steps, at least 1 */
  int staircase;
  int64_t total; /* cosine, level: steps after the warm-up, at least 1 */
  int64_t fall;  /* level: 0 .. total */
} LkRate;

/* @step: from 0 */
double lk_rate_get (const LkRate *self, int64_t step);
