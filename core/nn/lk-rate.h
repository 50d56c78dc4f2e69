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
 *
 * seeds/000: exponential, 5e-5, 0.97, 200.  The paper (1 % a period): exponential,
 * 0.99, an epoch's steps, staircase.
 *
 * With @warmup the rate first rises in so many even steps, rate / warmup at step 0,
 * and then the schedule begins, its step 0 after the last of them.
 *
 * Source of the cosine: I. Loshchilov and F. Hutter, "SGDR: Stochastic Gradient
 * Descent with Warm Restarts", ICLR 2017, equation 5; of the warm-up: P. Goyal et al.,
 * "Accurate, Large Minibatch SGD", 2017, section 2.2.
 */
typedef enum
{
  LK_RATE_CONSTANT,
  LK_RATE_EXPONENTIAL,
  LK_RATE_COSINE,
} LkRateKind;

typedef struct
{
  LkRateKind kind;
  double rate;
  int64_t warmup; /* steps, 0: none */
  double factor;  /* exponential */
  int64_t period; /* exponential: steps, at least 1 */
  int staircase;
  int64_t total; /* cosine: steps after the warm-up, at least 1 */
} LkRate;

/* @step: from 0 */
double lk_rate_get (const LkRate *self, int64_t step);
