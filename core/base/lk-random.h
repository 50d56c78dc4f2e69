/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdint.h>

/*
 * Random numbers with explicit state: the same seed gives the same sequence on
 * every machine, and the state can be stored in a checkpoint as it is.  Not for
 * secrets.  One LkRandom belongs to one thread at a time.
 *
 * Source: xoshiro256**, seeded by splitmix64.  D. Blackman and S. Vigna,
 * "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47(4), 2021.
 */
typedef struct
{
  uint64_t s[4]; /* never all zero */
} LkRandom;

void lk_random_seed (LkRandom *self, uint64_t seed);
uint64_t lk_random_next (LkRandom *self);

/* Uniform in [0, 1). */
double lk_random_double (LkRandom *self);

/* Uniform in [low, high). */
double lk_random_range (LkRandom *self, double low, double high);

/* Uniform in 0 .. n-1, without bias.  n > 0. */
uint32_t lk_random_below (LkRandom *self, uint32_t n);

/* Normal with mean 0 and variance 1 (Box-Muller; keeps no second value, so the
 * state is all there is). */
double lk_random_normal (LkRandom *self);

/* Shuffles @n ints (Fisher-Yates). */
void lk_random_shuffle (LkRandom *self, int *items, int n);
