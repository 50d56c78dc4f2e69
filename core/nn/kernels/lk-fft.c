/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-fft.h"

#include "base/lk-cpu.h"

const LkFft *
lk_fft_get (void)
{
#if defined(__x86_64__)
  switch (lk_cpu_get_level ())
    {
    case LK_CPU_AVX512:
      return &lk_fft_avx512;
    case LK_CPU_AVX2:
      return &lk_fft_avx2;
    default:
      break;
    }
#endif
  return &lk_fft_portable;
}

float
lk_fft_get_scale (int b)
{
  /* The four bins that are real by themselves come as they are; the others doubled. */
  int real = b == 0 || b == 8 || b == 9 || b == 17;

  return real ? 1.0f / 256.0f : 1.0f / 1024.0f;
}
