/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures a step of training with 16 pairs.  usage: bench-train [NETWORK...] */
#include "bench-trainer.h"
#include "bench.h"

#include "base/lk-cpu.h"

#include <glib.h>
#include <stdio.h>

#define PAIRS 16

static void
run (void *data)
{
  bench_trainer_step (data);
}

static void
bench (const char *name, const LkNetwork *network, int n_threads)
{
  int h, w, c;
  g_autofree float *params = bench_params (network), *images = NULL;
  BenchTrainer *trainer;
  BenchTime time;

  lk_network_get_input (network, &h, &w, &c);
  images = bench_random ((size_t) 2 * PAIRS * h * w * c, 0, 1);
  trainer = bench_trainer_new (network, params, images, PAIRS, n_threads, 0);
  time = bench_time (run, trainer, 2);
  printf ("{\"case\": \"train/%s/p%d/t%d/%s\", \"ms\": %.1f, \"median_ms\": %.1f, "
          "\"pairs_per_s\": %.1f, \"memory_mb\": %.1f}\n",
          name, PAIRS, n_threads, lk_cpu_level_to_string (lk_cpu_get_level ()), time.min * 1e3,
          time.median * 1e3, PAIRS / time.median,
          (double) bench_trainer_get_memory (trainer) / 1e6);
  fflush (stdout);
  bench_trainer_free (trainer);
}

int
main (int argc, char *argv[])
{
  static const char *const defaults[] = { "siamese", "siamese-bn" };
  int n = argc > 1 ? argc - 1 : (int) G_N_ELEMENTS (defaults);

  for (int i = 0; i < n; i++)
    {
      const char *name = argc > 1 ? argv[1 + i] : defaults[i];
      LkNetwork *network = bench_load (name);

      for (int n_threads = 1; n_threads <= 2; n_threads++)
        bench (name, network, n_threads);
      lk_network_free (network);
    }
  return 0;
}
