/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the embedding.  usage: bench-embed [NETWORK...] */
#include "bench.h"

#include "base/lk-cpu.h"
#include "nn/lk-infer.h"

#include <glib.h>
#include <stdio.h>

typedef struct
{
  LkInfer *infer;
  int n;
  float *images, *out;
} Case;

static void
run (void *data)
{
  Case *c = data;

  lk_infer_embed (c->infer, c->images, c->n, c->out);
}

static void
bench (const char *name, const LkNetwork *network, const float *params, int n, int n_threads)
{
  LkPool *pool = n_threads > 1 ? lk_pool_new (n_threads, 0) : NULL;
  Case c = { .n = n, .infer = lk_infer_new (network, params, n, pool) };
  int h, w, channels;
  BenchTime time;

  lk_network_get_input (network, &h, &w, &channels);
  c.images = bench_random ((size_t) n * h * w * channels, 0, 1);
  c.out = g_new (float, (size_t) n *lk_network_get_embedding_size (network));
  time = bench_time (run, &c, 0.5);
  printf ("{\"case\": \"embed/%s/b%d/t%d/%s\", \"ms\": %.3f, \"median_ms\": %.3f, "
          "\"pictures_per_s\": %.1f, \"memory_mb\": %.1f}\n",
          name, n, n_threads, lk_cpu_level_to_string (lk_cpu_get_level ()), time.min * 1e3,
          time.median * 1e3, n / time.median, (double) lk_infer_get_memory (c.infer) / 1e6);
  fflush (stdout);
  g_free (c.images);
  g_free (c.out);
  lk_infer_free (c.infer);
  lk_pool_free (pool);
}

int
main (int argc, char *argv[])
{
  static const char *const defaults[] = { "siamese", "siamese-bn", "siamese-pool64", "koch" };
  static const int batches[] = { 1, 8, 32 };
  int n = argc > 1 ? argc - 1 : (int) G_N_ELEMENTS (defaults);

  for (int i = 0; i < n; i++)
    {
      const char *name = argc > 1 ? argv[1 + i] : defaults[i];
      LkNetwork *network = bench_load (name);
      g_autofree float *params = bench_params (network);

      for (gsize b = 0; b < G_N_ELEMENTS (batches); b++)
        for (int n_threads = 1; n_threads <= 2; n_threads++)
          bench (name, network, params, batches[b], n_threads);
      lk_network_free (network);
    }
  return 0;
}
