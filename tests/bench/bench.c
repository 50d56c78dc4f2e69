/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

#include "base/lk-cpu.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double
bench_now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

BenchTime
bench_time (BenchFunc func, void *data, double seconds)
{
  static double times[10000];
  double start;
  int n = 0;

  func (data);
  start = bench_now ();
  while (n < (int) G_N_ELEMENTS (times) && (n < 5 || bench_now () - start < seconds))
    {
      double t = bench_now ();

      func (data);
      times[n++] = bench_now () - t;
    }
  qsort (times, n, sizeof *times, compare);
  return (BenchTime){ .min = times[0], .median = times[n / 2], .n = n };
}

#if defined(__x86_64__)
/* Sixteen chains: more than two units of four cycles each need. */
#  define FMA(r, i)     "vfmadd231ps %%" r "16, %%" r "17, %%" r #  i "\n\t"
#  define FMA_LOW(r, i) "vfmadd231ps %%" r "14, %%" r "15, %%" r #  i "\n\t"
#  define ROUNDS        100000

static void
fma_avx512 (void)
{
  __asm__ volatile("mov %0, %%ecx\n"
                   "1:\n\t" FMA ("zmm", 0) FMA ("zmm", 1) FMA ("zmm", 2) FMA ("zmm", 3)
                       FMA ("zmm", 4) FMA ("zmm", 5) FMA ("zmm", 6) FMA ("zmm", 7) FMA ("zmm", 8)
                           FMA ("zmm", 9) FMA ("zmm", 10) FMA ("zmm", 11) FMA ("zmm", 12)
                               FMA ("zmm", 13) FMA ("zmm", 14)
                                   FMA ("zmm", 15) "dec %%ecx\n\t"
                                                   "jnz 1b\n\tvzeroupper"
                   :
                   : "i"(ROUNDS)
                   : "ecx", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                     "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

static void
fma_avx2 (void)
{
  __asm__ volatile("mov %0, %%ecx\n"
                   "1:\n\t" FMA_LOW ("ymm", 0) FMA_LOW ("ymm", 1) FMA_LOW ("ymm", 2)
                       FMA_LOW ("ymm", 3) FMA_LOW ("ymm", 4) FMA_LOW ("ymm", 5) FMA_LOW ("ymm", 6)
                           FMA_LOW ("ymm", 7) FMA_LOW ("ymm", 8) FMA_LOW ("ymm", 9)
                               FMA_LOW ("ymm", 10) FMA_LOW ("ymm", 11) "dec %%ecx\n\t"
                                                                       "jnz 1b\n\tvzeroupper"
                   :
                   : "i"(ROUNDS)
                   : "ecx", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                     "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}
#endif

double
bench_peak (void)
{
  double best = 0.0;

#if defined(__x86_64__)
  LkCpuLevel level = lk_cpu_get_level ();

  for (int i = 0; i < 20 && level != LK_CPU_PORTABLE; i++)
    {
      double t = bench_now (), work = level == LK_CPU_AVX512 ? 16 * 32 : 12 * 16;

      if (level == LK_CPU_AVX512)
        fma_avx512 ();
      else
        fma_avx2 ();
      t = bench_now () - t;
      best = MAX (best, work * ROUNDS / t * 1e-9);
    }
#endif
  return best;
}

LkNetwork *
bench_load (const char *name)
{
  g_autofree char *text = NULL, *file = g_strconcat (name, ".net", NULL);
  g_autofree char *path = g_build_filename (LK_SOURCE_DATA_DIR, "models", file, NULL);
  char why[256];
  LkNetwork *network;

  if (!g_file_get_contents (strchr (name, '/') != NULL ? name : path, &text, NULL, NULL))
    {
      fprintf (stderr, "There is no network %s.\n", name);
      exit (2);
    }
  network = lk_network_parse (text, why, sizeof why);
  if (network == NULL)
    {
      fprintf (stderr, "%s: %s\n", name, why);
      exit (2);
    }
  return network;
}

float *
bench_random (size_t n, double low, double high)
{
  float *out = g_new (float, n);
  LkRandom random;

  lk_random_seed (&random, n);
  for (size_t i = 0; i < n; i++)
    out[i] = (float) lk_random_range (&random, low, high);
  return out;
}

float *
bench_params (const LkNetwork *network)
{
  float *params = g_new (float, lk_network_get_size (network));
  LkRandom random;

  lk_random_seed (&random, 1);
  lk_network_init (network, params, &random);
  for (int i = 0; i < lk_network_get_n_params (network); i++)
    {
      const LkParam *param = lk_network_get_param (network, i);

      for (size_t k = 0; !g_str_has_suffix (param->name, ".kernel") && k < param->n; k++)
        params[param->offset + k] += (float) lk_random_range (&random, -0.1, 0.1);
    }
  return params;
}
