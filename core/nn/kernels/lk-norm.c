/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-norm.h"

#include "base/lk-cpu.h"

const LkNorm *
lk_norm_get (void)
{
#if defined(__x86_64__)
  switch (lk_cpu_get_level ())
    {
    case LK_CPU_AVX512:
      return &lk_norm_avx512;
    case LK_CPU_AVX2:
      return &lk_norm_avx2;
    default:
      break;
    }
#endif
  return &lk_norm_portable;
}
