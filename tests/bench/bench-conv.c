/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures each convolution of the networks.  usage: bench-conv [-b BATCH] [NETWORK...]
 *
 * Billions of operations (a multiplication or an addition) a second on one core, as
 * the best run, and what share that is of the core's multiply-add peak measured just
 * before and after.  The cases "-fft" and "-winograd" do fewer operations; "effective" counts those
 * of the direct sum all the same, and may so be above the peak.  "data" and "kernel" are the
 * gradients, of batches; "chosen" is the way that the networks go. */
#include "bench.h"

#include "base/lk-cpu.h"
#include "nn/lk-conv-private.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  LkConv cv;
  float *x, *kernel, *packed, *y, *bias, *dx, *dkernel, *dbias, *scratch;
} Case;

static void
forward_direct (void *data)
{
  Case *c = data;
  LkEpilogue epilogue = { .bias = c->bias, .relu = 1 };

  lk_conv_direct_forward (&c->cv, c->x, c->packed, &epilogue, c->y, NULL);
}

static void
forward_fft (void *data)
{
  Case *c = data;
  LkEpilogue epilogue = { .bias = c->bias, .relu = 1 };

  lk_conv_fft_forward (&c->cv, c->x, c->packed, &epilogue, c->y, c->scratch, NULL);
}

static void
forward_winograd (void *data)
{
  Case *c = data;
  LkEpilogue epilogue = { .bias = c->bias, .relu = 1 };

  lk_conv_winograd_forward (&c->cv, c->x, c->packed, &epilogue, c->y, c->scratch, NULL);
}

static void
data_direct (void *data)
{
  Case *c = data;

  lk_conv_direct_backward_data (&c->cv, c->y, c->kernel, c->dx, c->scratch, NULL);
}

static void
data_fft (void *data)
{
  Case *c = data;

  lk_conv_fft_backward_data (&c->cv, c->y, c->kernel, c->dx, c->scratch, NULL);
}

static void
data_winograd (void *data)
{
  Case *c = data;

  lk_conv_winograd_backward_data (&c->cv, c->y, c->kernel, c->dx, c->scratch, NULL);
}

static void
kernel_direct (void *data)
{
  Case *c = data;

  lk_conv_direct_backward_kernel (&c->cv, c->x, c->y, c->dkernel, c->dbias, c->scratch, NULL);
}

static void
kernel_fft (void *data)
{
  Case *c = data;

  lk_conv_fft_backward_kernel (&c->cv, c->x, c->y, c->dkernel, c->dbias, c->scratch, NULL);
}

static void
kernel_winograd (void *data)
{
  Case *c = data;

  lk_conv_winograd_backward_kernel (&c->cv, c->x, c->y, c->dkernel, c->dbias, c->scratch, NULL);
}

static void
measure (const char *name, const char *what, Case *c, BenchFunc func, size_t scratch, int chosen)
{
  const char *effective = strchr (what, '-') != NULL ? "effective_" : "";
  const LkConv *cv = &c->cv;
  double work = 2.0 * cv->kh * cv->kw * cv->c * cv->o * cv->oh * cv->ow * cv->n;
  double peak = bench_peak (), rate;
  BenchTime time;

  c->scratch = g_aligned_alloc0 (scratch + 16, sizeof (float), 64);
  time = bench_time (func, c, 0.2);
  g_aligned_free (c->scratch);
  peak = MAX (peak, bench_peak ());
  rate = work / time.min * 1e-9;
  printf ("{\"case\": \"conv/%s/b%d/%s/%s\", \"ms\": %.3f, \"median_ms\": %.3f, "
          "\"chosen\": %s, \"%sgflops\": %.1f",
          name, cv->n, what, lk_cpu_level_to_string (lk_cpu_get_level ()), time.min * 1e3,
          time.median * 1e3, chosen ? "true" : "false", effective, rate);
  if (peak > 0)
    printf (", \"peak_gflops\": %.1f, \"%sshare\": %.3f", peak, effective, rate / peak);
  printf ("}\n");
  fflush (stdout);
}

static void
bench_layer (const char *network, const LkLayer *in, const LkLayer *layer, int n)
{
  Case c = { .cv = { n, in->h, in->w, in->c, layer->h, layer->w, layer->c, layer->window,
                     layer->window, layer->stride, layer->pad_top, layer->pad_left } };
  const LkConv *cv = &c.cv;
  size_t kernel = (size_t) layer->window * layer->window * in->c * layer->c;
  size_t x = (size_t) n * in->h * in->w * in->c;
  size_t packed = lk_conv_direct_packed_size (cv);
  int can_fft = isfinite (lk_conv_fft_cost_forward (cv)) != 0;
  int can_winograd = isfinite (lk_conv_winograd_cost_forward (cv)) != 0;
  LkConvWay way;
  g_autofree char *name = g_strdup_printf ("%s/%s", network, layer->name);

  if (can_fft)
    packed = MAX (packed, lk_conv_fft_packed_size (cv));
  if (can_winograd)
    packed = MAX (packed, lk_conv_winograd_packed_size (cv));
  c.x = bench_random (x, 0, 1);
  c.kernel = bench_random (kernel, -0.1, 0.1);
  c.bias = bench_random (layer->c, -0.1, 0.1);
  c.packed = g_aligned_alloc (packed, sizeof (float), 64);
  c.y = g_new0 (float, (size_t) n * layer->h * layer->w * layer->c);
  c.dx = g_new0 (float, x);
  c.dkernel = g_new0 (float, kernel);
  c.dbias = g_new0 (float, layer->c);

  way = lk_conv_choose_forward (cv);
  lk_conv_direct_pack (cv, c.kernel, c.packed, NULL);
  measure (name, "forward", &c, forward_direct, 0, way == LK_CONV_DIRECT);
  if (can_fft)
    {
      lk_conv_fft_pack (cv, c.kernel, c.packed, NULL);
      measure (name, "forward-fft", &c, forward_fft, lk_conv_fft_scratch (cv, NULL),
               way == LK_CONV_FFT);
    }
  if (can_winograd)
    {
      lk_conv_winograd_pack (cv, c.kernel, c.packed, NULL);
      measure (name, "forward-winograd", &c, forward_winograd, lk_conv_winograd_scratch (cv, NULL),
               way == LK_CONV_WINOGRAD);
    }
  way = lk_conv_choose_data (cv);
  if (n > 1 && in->op != LK_OP_INPUT) /* pictures need no gradient */
    {
      measure (name, "data", &c, data_direct, lk_conv_direct_data_scratch (cv),
               way == LK_CONV_DIRECT);
      if (isfinite (lk_conv_fft_cost_data (cv)))
        measure (name, "data-fft", &c, data_fft, lk_conv_fft_data_scratch (cv, NULL),
                 way == LK_CONV_FFT);
      if (can_winograd)
        measure (name, "data-winograd", &c, data_winograd, lk_conv_winograd_data_scratch (cv, NULL),
                 way == LK_CONV_WINOGRAD);
    }
  way = lk_conv_choose_kernel (cv);
  if (n > 1)
    {
      measure (name, "kernel", &c, kernel_direct, lk_conv_direct_kernel_scratch (cv, NULL),
               way == LK_CONV_DIRECT);
      if (can_fft)
        measure (name, "kernel-fft", &c, kernel_fft, lk_conv_fft_kernel_scratch (cv, NULL),
                 way == LK_CONV_FFT);
      if (can_winograd)
        measure (name, "kernel-winograd", &c, kernel_winograd, lk_conv_winograd_kernel_scratch (cv),
                 way == LK_CONV_WINOGRAD);
    }
  g_free (c.x);
  g_free (c.kernel);
  g_free (c.bias);
  g_aligned_free (c.packed);
  g_free (c.y);
  g_free (c.dx);
  g_free (c.dkernel);
  g_free (c.dbias);
}

static void
bench_network (const char *name, int batch)
{
  LkNetwork *network = bench_load (name);

  for (int k = 1; k < lk_network_get_n_layers (network); k++)
    {
      const LkLayer *layer = lk_network_get_layer (network, k);

      if (layer->op == LK_OP_CONV2D)
        bench_layer (lk_network_get_name (network),
                     lk_network_get_layer (network, layer->inputs[0]), layer, batch);
    }
  lk_network_free (network);
}

int
main (int argc, char *argv[])
{
  static const char *const defaults[] = { "siamese", "siamese-bn" };
  int batch = argc > 2 && g_str_equal (argv[1], "-b") ? (int) strtol (argv[2], NULL, 10) : 0,
      first = batch ? 3 : 1;
  const char *const *names = argc > first ? (const char *const *) argv + first : defaults;
  int n = argc > first ? argc - first : (int) G_N_ELEMENTS (defaults);

  for (int i = 0; i < n; i++)
    {
      bench_network (names[i], batch > 0 ? batch : 1);
      if (batch <= 0)
        bench_network (names[i], 16);
    }
  return 0;
}
