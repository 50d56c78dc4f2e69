/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-cpu.h"

#include <pthread.h>
#if defined(__x86_64__)
#  include <cpuid.h>
#endif
#include <stdlib.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static LkCpuLevel level = LK_CPU_PORTABLE;

#if defined(__x86_64__)
/* clang 14's __builtin_cpu_supports() does not know "f16c". */
static int
has_f16c (void)
{
  unsigned eax, ebx, ecx, edx;

  return __get_cpuid (1, &eax, &ebx, &ecx, &edx) && (ecx & bit_F16C) != 0;
}
#endif

static void
detect (void)
{
  const char *wish = getenv ("LIKENESS_CPU");

#if defined(__x86_64__)
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma") && has_f16c ())
    level = LK_CPU_AVX2;
  if (level == LK_CPU_AVX2 && __builtin_cpu_supports ("avx512f") &&
      __builtin_cpu_supports ("avx512bw") && __builtin_cpu_supports ("avx512dq") &&
      __builtin_cpu_supports ("avx512vl"))
    level = LK_CPU_AVX512;
#endif
  for (LkCpuLevel lower = LK_CPU_PORTABLE; wish != NULL && lower < level; lower++)
    if (strcmp (wish, lk_cpu_level_to_string (lower)) == 0)
      level = lower;
}

LkCpuLevel
lk_cpu_get_level (void)
{
  pthread_once (&once, detect);
  return level;
}

const char *
lk_cpu_level_to_string (LkCpuLevel which)
{
  static const char *const names[] = { "portable", "avx2", "avx512" };

  return names[which];
}
