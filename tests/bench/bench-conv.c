/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures each convolution of the networks.  usage: bench-conv [NETWORK...]
 *
 * Billions of operations (a multiplication or an addition) a second on one core, as
 * the best run, and what share that is of the core's multiply-add peak measured just
 * before and after.  "fft" counts the operations of the direct sum, which it does not do,
 * and may so be above the peak. */
#include "bench.h"

#include "base/lk-cpu.h"
#include "nn/lk-conv-fft.h"
#include "nn/lk-conv.h"

#include <glib.h>
#include <stdio.h>

typedef struct
{
  LkConv cv;
  float *x, *kernel, *packed, *y, *bias, *dx, *dkernel, *dbias, *scratch;
} Case;

static void
run_forward (void *data)
{
  Case *c = data;
  LkEpilogue epilogue = { .bias = c->bias, .relu = 1 };

  lk_conv_forward (&c->cv, c->x, c->packed, &epilogue, c->y, NULL);
}

static void
run_fft (void *data)
{
  Case *c = data;
  LkEpilogue epilogue = { .bias = c->bias, .relu = 1 };

  lk_conv_fft_forward (&c->cv, c->x, c->packed, &epilogue, c->y, c->scratch, NULL);
}

static void
run_backward_data (void *data)
{
  Case *c = data;

  lk_conv_backward_data (&c->cv, c->y, c->kernel, c->dx, c->scratch, NULL);
}

static void
run_backward_kernel (void *data)
{
  Case *c = data;

  lk_conv_backward_kernel (&c->cv, c->x, c->y, c->dkernel, c->dbias, c->scratch, NULL);
}

static void
measure (const char *network, const char *layer, const char *what, Case *c, BenchFunc func)
{
  const LkConv *cv = &c->cv;
  double work = 2.0 * cv->kh * cv->kw * cv->c * cv->o * cv->oh * cv->ow * cv->n;
  double peak = bench_peak (), rate;
  BenchTime time = bench_time (func, c, 0.3);

  peak = MAX (peak, bench_peak ());
  rate = work / time.min * 1e-9;
  printf ("{\"case\": \"conv/%s/%s/%s/b%d/%s\", \"ms\": %.3f, \"median_ms\": %.3f, "
          "\"gflops\": %.1f",
          network, layer, what, cv->n, lk_cpu_level_to_string (lk_cpu_get_level ()), time.min * 1e3,
          time.median * 1e3, rate);
  if (peak > 0)
    printf (", \"peak_gflops\": %.1f, \"share\": %.3f", peak, rate / peak);
  printf ("}\n");
  fflush (stdout);
}

static void
bench_layer (const char *network, const LkLayer *in, const LkLayer *layer, int n)
{
  Case c = { .cv = { n, in->h, in->w, in->c, layer->h, layer->w, layer->c, layer->window,
                     layer->window, layer->stride, layer->pad_top, layer->pad_left } };
  size_t kernel = (size_t) layer->window * layer->window * in->c * layer->c;
  size_t x = (size_t) n * in->h * in->w * in->c;

  c.x = bench_random (x, 0, 1);
  c.kernel = bench_random (kernel, -0.1, 0.1);
  c.bias = bench_random (layer->c, -0.1, 0.1);
  c.packed = g_new (float, lk_conv_packed_size (&c.cv));
  c.y = g_new0 (float, (size_t) n * layer->h * layer->w * layer->c);
  c.dx = g_new0 (float, x);
  c.dkernel = g_new0 (float, kernel);
  c.dbias = g_new0 (float, layer->c);
  c.scratch = g_new0 (float, lk_conv_backward_scratch (&c.cv, NULL));
  lk_conv_pack (&c.cv, c.kernel, c.packed);

  measure (network, layer->name, "forward", &c, run_forward);
  if (lk_conv_fft_is_better (&c.cv))
    {
      g_free (c.packed);
      g_free (c.scratch);
      c.packed = g_aligned_alloc (lk_conv_fft_packed_size (&c.cv), sizeof (float), 64);
      c.scratch = g_aligned_alloc (lk_conv_fft_scratch (&c.cv, NULL), sizeof (float), 64);
      lk_conv_fft_pack (&c.cv, c.kernel, c.packed, NULL);
      measure (network, layer->name, "fft", &c, run_fft);
      g_aligned_free (c.packed);
      g_aligned_free (c.scratch);
      c.packed = NULL;
      c.scratch = g_new0 (float, lk_conv_backward_scratch (&c.cv, NULL));
    }
  if (n > 1)
    {
      measure (network, layer->name, "backward-data", &c, run_backward_data);
      measure (network, layer->name, "backward-kernel", &c, run_backward_kernel);
    }
  g_free (c.x);
  g_free (c.kernel);
  g_free (c.bias);
  g_free (c.packed);
  g_free (c.y);
  g_free (c.dx);
  g_free (c.dkernel);
  g_free (c.dbias);
  g_free (c.scratch);
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

      for (int batch = 1; batch <= 8; batch += 7)
        for (int k = 1; k < lk_network_get_n_layers (network); k++)
          {
            const LkLayer *layer = lk_network_get_layer (network, k);

            if (layer->op == LK_OP_CONV2D)
              bench_layer (name, lk_network_get_layer (network, layer->inputs[0]), layer, batch);
          }
      lk_network_free (network);
    }
  return 0;
}
