/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nn/lk-layer.h"

/* What the programs that measure share.  Each prints one JSON line a case. */

/* Seconds, from any start. */
double bench_now (void);

typedef void (*BenchFunc) (void *data);

typedef struct
{
  double min, median; /* seconds */
  int n;
} BenchTime;

/* Runs @func once to warm up, then for about @seconds, at least 5 times. */
BenchTime bench_time (BenchFunc func, void *data, double seconds);

/* Billions of operations a second of one core that does nothing but multiply-add in the
 * registers of the level that lk_cpu_get_level() gives (2 a lane); the best of a few
 * short runs.  0 where there is no fused multiply-add (portable). */
double bench_peak (void);

/* A network of the program's data by its name, or by a path to its text; ends the
 * program when there is none. */
LkNetwork *bench_load (const char *name);

/* Initial parameters of seed 1, biases and batch norms stirred so that they count. */
float *bench_params (const LkNetwork *network);

/* n numbers in low .. high, from malloc(). */
float *bench_random (size_t n, double low, double high);
