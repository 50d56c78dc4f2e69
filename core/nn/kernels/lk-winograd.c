/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-winograd.h"

#include "base/lk-cpu.h"

const LkWinograd *
lk_winograd_get (void)
{
#if defined(__x86_64__)
  switch (lk_cpu_get_level ())
    {
    case LK_CPU_AVX512:
      return &lk_winograd_avx512;
    case LK_CPU_AVX2:
      return &lk_winograd_avx2;
    default:
      break;
    }
#endif
  return &lk_winograd_portable;
}
