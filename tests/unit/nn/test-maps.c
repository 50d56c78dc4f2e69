/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-conv.h"
#include "nn/lk-infer.h"
#include "nn/lk-layer.h"
#include "nn/lk-network.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* Branches, joins, shared weights, explicit padding, a map that later layers read too. */
static const char text[] = "network t\n"
                           "i  input size=9x14x3\n"
                           "a  conv2d i filters=5 kernel=3 stride=2 padding=1 activation=relu\n"
                           "b  conv2d a filters=5 kernel=3 padding=1\n"
                           "c  add b a activation=relu\n"
                           "p  maxpool c window=2 stride=2 padding=1\n"
                           "u  upsample p times=2\n"
                           "d  conv2d c filters=5 kernel=2 padding=1\n"
                           "e  add u d\n"
                           "f  conv2d e filters=4 kernel=1 activation=sigmoid\n"
                           "g  conv2d p filters=4 kernel=1 activation=sigmoid weights=f\n"
                           "h  sigmoid c\n"
                           "m  maps f c g h\n";

static LkNetwork *
parse (int height, int width)
{
  char why[256] = "";
  LkNetwork *network = lk_network_parse_sized (text, height, width, why, sizeof why);

  g_assert_cmpstr (why, ==, "");
  g_assert_nonnull (network);
  return network;
}

static void
assert_map (const LkNetwork *network, int i, int h, int w, int c)
{
  int height, width, channels;

  g_assert_true (lk_network_get_map (network, i, &height, &width, &channels));
  g_assert_cmpint (height, ==, h);
  g_assert_cmpint (width, ==, w);
  g_assert_cmpint (channels, ==, c);
}

static void
test_shapes (void)
{
  LkNetwork *network = parse (0, 0);
  int height, width, channels;

  g_assert_true (lk_network_has_maps (network));
  /* (9 + 2 - 3) / 2 + 1 rows; the pool: (5 + 2 - 2) / 2 + 1. */
  assert_map (network, 0, 6, 8, 4);
  assert_map (network, 1, 5, 7, 5);
  assert_map (network, 2, 3, 4, 4);
  assert_map (network, 3, 5, 7, 5);
  g_assert_false (lk_network_get_map (network, 4, NULL, NULL, NULL));
  g_assert_false (lk_network_get_map (network, -1, NULL, NULL, NULL));
  g_assert_cmpint (lk_network_get_embedding_size (network), ==,
                   6 * 8 * 4 + 2 * 5 * 7 * 5 + 3 * 4 * 4);
  /* g's are f's. */
  g_assert_null (lk_network_find_param (network, "g.kernel"));
  g_assert_cmpuint (lk_network_get_size (network), ==,
                    3 * 3 * 3 * 5 + 5 + 3 * 3 * 5 * 5 + 5 + 2 * 2 * 5 * 5 + 5 + 5 * 4 + 4);
  lk_network_free (network);

  network = parse (17, 22);
  lk_network_get_input (network, &height, &width, &channels);
  g_assert_cmpint (height, ==, 17);
  g_assert_cmpint (width, ==, 22);
  assert_map (network, 0, 10, 12, 4);
  lk_network_free (network);
}

/* The same network by plain loops, one picture. */
static float *
conv (const LkNetwork *network, const float *params, int i, const float *x)
{
  const LkLayer *layer = lk_network_get_layer (network, i);
  const LkLayer *in = lk_network_get_layer (network, layer->inputs[0]);
  LkConv cv = {
    1,        in->h,         in->w,         in->c,         layer->h,       layer->w,
    layer->c, layer->window, layer->window, layer->stride, layer->pad_top, layer->pad_left
  };
  LkEpilogue epilogue = { .bias = params + layer->bias,
                          .relu = layer->activation == LK_ACTIVATION_RELU };
  float *y = g_new (float, layer->h * layer->w * layer->c);

  lk_conv_forward_ref (&cv, x, params + layer->kernel, &epilogue, y);
  for (int k = 0; layer->activation == LK_ACTIVATION_SIGMOID && k < layer->h * layer->w * layer->c;
       k++)
    y[k] = (float) (1.0 / (1.0 + exp (-(double) y[k])));
  return y;
}

static float *
maps_ref (const LkNetwork *network, const float *params, const float *image, float *out)
{
  const LkLayer *c_ = lk_network_get_layer (network, 3), *p_ = lk_network_get_layer (network, 4);
  const LkLayer *e_ = lk_network_get_layer (network, 7);
  g_autofree float *a = conv (network, params, 1, image);
  g_autofree float *c = conv (network, params, 2, a);
  g_autofree float *p = g_new (float, p_->h * p_->w * p_->c);
  g_autofree float *e = NULL, *f = NULL, *g = NULL;

  for (int k = 0; k < c_->h * c_->w * c_->c; k++)
    c[k] = MAX (c[k] + a[k], 0.0f);
  for (int y = 0; y < p_->h; y++)
    for (int x = 0; x < p_->w; x++)
      for (int k = 0; k < p_->c; k++)
        {
          float best = -1;

          for (int v = MAX (0, 2 * y - 1); v < MIN (c_->h, 2 * y + 1); v++)
            for (int u = MAX (0, 2 * x - 1); u < MIN (c_->w, 2 * x + 1); u++)
              best = MAX (best, c[(v * c_->w + u) * c_->c + k]);
          p[(y * p_->w + x) * p_->c + k] = best;
        }
  e = conv (network, params, 6, c);
  for (int y = 0; y < e_->h; y++)
    for (int x = 0; x < e_->w; x++)
      for (int k = 0; k < e_->c; k++)
        e[(y * e_->w + x) * e_->c + k] += p[(y / 2 * p_->w + x / 2) * p_->c + k];
  f = conv (network, params, 8, e);
  g = conv (network, params, 9, p);
  memcpy (out, f, (gsize) e_->h * e_->w * 4 * sizeof *out);
  out += e_->h * e_->w * 4;
  memcpy (out, c, (gsize) c_->h * c_->w * c_->c * sizeof *out);
  out += c_->h * c_->w * c_->c;
  memcpy (out, g, (gsize) p_->h * p_->w * 4 * sizeof *out);
  out += p_->h * p_->w * 4;
  for (int k = 0; k < c_->h * c_->w * c_->c; k++)
    *out++ = (float) (1.0 / (1.0 + exp (-(double) c[k])));
  return out;
}

static void
test_infer (void)
{
  enum
  {
    N = 3,
    BATCH = 2
  };
  static const int sizes[][2] = { { 0, 0 }, { 17, 22 }, { 33, 18 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      LkNetwork *network = parse (sizes[i][0], sizes[i][1]);
      int h, w, c, size = lk_network_get_embedding_size (network);
      g_autofree float *params = g_new (float, lk_network_get_size (network));
      g_autofree float *images = NULL, *want = g_new (float, N *size),
                       *out = g_new (float, N *size);
      LkRandom random;
      LkInfer *infer;
      float *to = want;

      lk_random_seed (&random, 7);
      lk_network_init (network, params, &random);
      for (gsize k = 0; k < lk_network_get_size (network); k++)
        params[k] += 0.1f * (float) lk_random_normal (&random); /* biases too */
      lk_network_get_input (network, &h, &w, &c);
      images = g_new (float, N *h *w *c);
      for (int k = 0; k < N * h * w * c; k++)
        images[k] = (float) lk_random_range (&random, 0, 1);
      for (int k = 0; k < N; k++)
        to = maps_ref (network, params, images + (gsize) k * h * w * c, to);
      g_assert_true (to == want + (gsize) N * size);

      infer = lk_infer_new (network, params, BATCH, NULL);
      g_assert_nonnull (infer);
      lk_infer_embed (infer, images, N, out);
      for (int k = 0; k < N * size; k++)
        g_assert_cmpfloat_with_epsilon (out[k], want[k], 1e-5f);
      lk_infer_free (infer);
      lk_network_free (network);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/maps/shapes", test_shapes);
  g_test_add_func ("/maps/infer", test_infer);
  return g_test_run ();
}
