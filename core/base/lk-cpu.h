/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * What this processor can do, asked once.  The environment variable
 * LIKENESS_CPU=portable|avx2|avx512 lowers the answer (never raises it), so
 * that one machine can test every path.
 */
typedef enum
{
  LK_CPU_PORTABLE,
  LK_CPU_AVX2,  /* AVX2, FMA and F16C */
  LK_CPU_AVX512 /* the above and AVX-512 F, BW, DQ, VL */
} LkCpuLevel;

/* Thread-safe. */
LkCpuLevel lk_cpu_get_level (void);

/* "portable", "avx2" or "avx512". */
const char *lk_cpu_level_to_string (LkCpuLevel level);
