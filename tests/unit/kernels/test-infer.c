/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel-test.h"
#include "nn/lk-conv.h"
#include "nn/lk-dense.h"
#include "nn/lk-infer.h"
#include "nn/lk-layer.h"
#include "nn/lk-maxpool.h"
#include "nn/lk-normalize.h"

/* Small networks that hold every layer, and every order that something is folded in. */
static const char *const texts[] = {
  "network plain\n"
  "image input size=11x9x3\n"
  "conv1 conv2d image filters=5 kernel=4 activation=relu\n"
  "pool1 maxpool conv1 window=2 stride=2 padding=same\n"
  "conv2 conv2d pool1 filters=37 kernel=3 activation=relu\n"
  "flat flatten conv2\n"
  "embedding dense flat units=21 activation=sigmoid\n"
  "score l1-head embedding\n",

  "network norms\n"
  "image input size=14x13x2\n"
  "norm0 batchnorm image\n"
  "conv1 conv2d norm0 filters=6 kernel=3 padding=same stride=2\n"
  "norm1 batchnorm conv1\n"
  "relu1 relu norm1\n"
  "norm2 batchnorm relu1\n"
  "drop1 dropout norm2 rate=0.3\n"
  "norm3 batchnorm drop1\n"
  "relu2 relu norm3\n"
  "pool1 maxpool relu2 window=3 stride=2\n"
  "conv2 conv2d pool1 filters=9 kernel=2 activation=sigmoid\n"
  "norm4 batchnorm conv2\n"
  "flat flatten norm4\n"
  "dense1 dense flat units=34 activation=relu\n"
  "norm5 batchnorm dense1\n"
  "dense2 dense norm5 units=33\n"
  "norm6 batchnorm dense2\n"
  "squash sigmoid norm6\n"
  "score l1-head squash\n",

  "network window\n" /* the second pool covers all of its input: a constant map */
  "image input size=30x27x3\n"
  "pool1 maxpool image window=64 stride=2 padding=same\n"
  "conv1 conv2d pool1 filters=8 kernel=4 activation=relu\n"
  "pool2 maxpool conv1 window=64 stride=2 padding=same\n"
  "norm1 batchnorm pool2\n"
  "conv2 conv2d norm1 filters=40 kernel=3 activation=relu\n"
  "flat flatten conv2\n"
  "embedding dense flat units=12 activation=sigmoid\n"
  "score l1-head embedding\n",

  "network padded-behind-window\n" /* as above, but padding makes the map uneven again */
  "image input size=20x17x2\n"
  "pool1 maxpool image window=64 stride=2 padding=same\n"
  "conv1 conv2d pool1 filters=5 kernel=3 padding=same activation=relu\n"
  "flat flatten conv1\n"
  "embedding dense flat units=10\n"
  "score l1-head embedding\n",

  "network map-out\n" /* a constant map that is itself the embedding */
  "image input size=16x16x1\n"
  "pool1 maxpool image window=64 stride=4 padding=same\n"
  "flat flatten pool1\n"
  "score l1-head flat\n",

  "network residual\n" /* norms with and without ReLU, behind ReLU, behind a sum */
  "image input size=13x11x3\n"
  "a conv2d image filters=9 kernel=3 stride=2 padding=1\n"
  "an batchnorm a activation=relu\n"
  "b1 conv2d an filters=9 kernel=3 padding=1 bias=none\n"
  "n1 batchnorm b1 activation=relu\n"
  "b2 conv2d n1 filters=9 kernel=3 padding=1\n"
  "n2 batchnorm b2\n"
  "b add n2 an activation=relu\n"
  "c1 conv2d b filters=17 kernel=3 stride=2 padding=1 activation=relu\n"
  "m1 batchnorm c1 activation=relu\n"
  "c2 conv2d m1 filters=17 kernel=3 padding=1 bias=none\n"
  "m2 batchnorm c2\n"
  "c3 conv2d b filters=17 kernel=1 stride=2\n"
  "m3 batchnorm c3\n"
  "c add m2 m3\n"
  "cn batchnorm c activation=relu\n"
  "flat flatten cn\n"
  "d dense flat units=20\n"
  "dn batchnorm d activation=relu\n"
  "e dense dn units=20\n"
  "f add e dn activation=relu\n"
  "g dense f units=12 bias=none\n"
  "gn batchnorm g\n"
  "embedding normalize gn\n"
  "score l1-head embedding\n",

  "network branches\n" /* what others read later must not be written over */
  "image input size=9x9x4\n"
  "a conv2d image filters=4 kernel=3 padding=1\n"
  "c sigmoid a\n"
  "d batchnorm a\n"
  "b relu a\n"
  "e add b c\n"
  "f add d e activation=relu\n"
  "g add f image\n"
  "h dropout g rate=0.5\n"
  "i add h c\n"
  "j maxpool g window=3 stride=1 padding=same\n"
  "k add j i activation=relu\n"
  "l add k k\n"
  "m conv2d l filters=4 kernel=1\n"
  "n sigmoid m\n"
  "o batchnorm m\n"
  "p add n o\n"
  "flat flatten p\n"
  "embedding normalize flat\n"
  "score l1-head embedding\n",

  "network normalized-window\n" /* a constant map, whose length counts all places */
  "image input size=16x16x2\n"
  "pool1 maxpool image window=64 stride=4 padding=same\n"
  "flat flatten pool1\n"
  "unit normalize flat\n"
  "embedding dense unit units=5\n"
  "score l1-head embedding\n",

  "network nothing\n"
  "image input size=3x2x2\n"
  "flat flatten image\n"
  "score l1-head flat\n",
};

static LkNetwork *
parse (const char *text)
{
  char why[256] = "";
  LkNetwork *network = lk_network_parse (text, why, sizeof why);

  g_assert_cmpstr (why, ==, "");
  return network;
}

static float *
draw_params (const LkNetwork *network)
{
  float *params = g_new (float, lk_network_get_size (network));
  LkRandom random;

  lk_random_seed (&random, 5);
  lk_network_init (network, params, &random);
  /* Fresh biases and batch norms are zeros and ones, which hide mistakes. */
  for (int i = 0; i < lk_network_get_n_params (network); i++)
    {
      const LkParam *param = lk_network_get_param (network, i);

      for (gsize k = 0; !g_str_has_suffix (param->name, ".kernel") && k < param->n; k++)
        params[param->offset + k] += (float) g_test_rand_double_range (-0.5, 0.9);
    }
  return params;
}

/* One layer by the references. */
static float *
layer_ref (const LkNetwork *network, int i, const float *params, float *const *outputs, int n)
{
  const LkLayer *layer = lk_network_get_layer (network, i);
  const LkLayer *in = lk_network_get_layer (network, layer->inputs[0]);
  const float *x = outputs[layer->inputs[0]], *bias = layer->no_bias ? NULL : params + layer->bias;
  gsize size = (gsize) n * layer->h * layer->w * layer->c;
  float *y = g_new (float, size);

  if (layer->op == LK_OP_CONV2D)
    {
      LkConv cv = {
        n,        in->h,         in->w,         in->c,         layer->h,       layer->w,
        layer->c, layer->window, layer->window, layer->stride, layer->pad_top, layer->pad_left
      };
      LkEpilogue epilogue = { .bias = bias };

      lk_conv_forward_ref (&cv, x, params + layer->kernel, &epilogue, y);
    }
  else if (layer->op == LK_OP_MAXPOOL)
    {
      LkMaxPool mp = { n,        in->h,         in->w,         in->c,          layer->h,
                       layer->w, layer->window, layer->stride, layer->pad_top, layer->pad_left };

      lk_max_pool_forward_ref (&mp, x, y, NULL);
    }
  else if (layer->op == LK_OP_DENSE)
    lk_dense_forward_ref (n, in->c, layer->c, x, params + layer->kernel, bias, y);
  else if (layer->op == LK_OP_NORMALIZE)
    lk_normalize_forward (n, layer->c, x, y);
  else
    memcpy (y, x, size * sizeof *y);

  for (gsize k = 0; k < size; k++)
    {
      int c = (int) (k % layer->c);

      if (layer->op == LK_OP_ADD)
        y[k] += outputs[layer->inputs[1]][k];
      if (layer->op == LK_OP_BATCHNORM)
        y[k] = params[layer->gamma + c] * (y[k] - params[layer->mean + c]) /
                   sqrtf (params[layer->variance + c] + layer->epsilon) +
               params[layer->beta + c];
      if (layer->op == LK_OP_RELU || layer->activation == LK_ACTIVATION_RELU)
        y[k] = MAX (y[k], 0.0f);
      if (layer->op == LK_OP_SIGMOID || layer->activation == LK_ACTIVATION_SIGMOID)
        y[k] = 1.0f / (1.0f + expf (-y[k]));
    }
  return y;
}

static float *
embed_ref (const LkNetwork *network, const float *params, const float *images, int n)
{
  const LkLayer *in = lk_network_get_layer (network, 0);
  int last = lk_network_get_n_layers (network) - 2;
  g_autofree float **outputs = g_new0 (float *, last + 1);
  float *embedding;

  outputs[0] = g_memdup2 (images, (gsize) n * in->h * in->w * in->c * sizeof *images);
  for (int i = 1; i <= last; i++)
    outputs[i] = layer_ref (network, i, params, outputs, n);
  embedding = outputs[last];
  for (int i = 0; i < last; i++)
    g_free (outputs[i]);
  return embedding;
}

/* Dense weights are kept as 16 bits: see lk-dense-packed.h, whose test holds the bound. */
static void
assert_embedding (const float *out, const float *want, gsize n)
{
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (out[i], want[i], 2e-4f * (1 + fabsf (want[i])));
}

static void
test_embed (gconstpointer text)
{
  LkNetwork *network = parse (text);
  g_autofree float *params = draw_params (network);
  int h, w, c, size = lk_network_get_embedding_size (network);
  enum
  {
    N = 5,
    BATCH = 3 /* so that there is a whole batch and a rest */
  };
  LkPool *pools[] = { NULL, lk_pool_new (3, 0) };

  lk_network_get_input (network, &h, &w, &c);
  for (guint p = 0; p < G_N_ELEMENTS (pools); p++)
    {
      gsize picture = (gsize) h * w * c;
      g_autofree float *images = random_floats (N * picture);
      g_autofree float *want = embed_ref (network, params, images, N);
      g_autofree float *out = g_new (float, N *size), *one = g_new (float, size);
      LkInfer *infer = lk_infer_new (network, params, BATCH, pools[p]);

      g_assert_nonnull (infer);
      g_assert_cmpuint (lk_infer_get_memory (infer), >, 0);
      memset (out, 0xff, N * size * sizeof *out);
      lk_infer_embed (infer, images, N, out);
      assert_embedding (out, want, N * size);
      for (int i = 0; i < N; i++)
        {
          lk_infer_embed (infer, images + i * picture, 1, one);
          assert_embedding (one, want + i * size, size);
        }
      lk_infer_free (infer);
    }
  lk_pool_free (pools[1]);
  lk_network_free (network);
}

static void
test_score (void)
{
  LkNetwork *network = parse (texts[0]);
  g_autofree float *params = draw_params (network);
  LkInfer *infer = lk_infer_new (network, params, 1, NULL);
  int size = lk_network_get_embedding_size (network);
  const LkLayer *head = lk_network_get_layer (network, lk_network_get_n_layers (network) - 1);
  g_autofree float *a = random_floats (size), *others = random_floats (3 * size);
  float scores[3];

  lk_infer_score (infer, a, others, 3, scores);
  for (int i = 0; i < 3; i++)
    {
      double sum = (double) params[head->bias];

      for (int j = 0; j < size; j++)
        sum += (double) params[head->kernel + j] *
               (fabs ((double) a[j] - (double) others[i * size + j]) + 1e-6);
      g_assert_cmpfloat_with_epsilon ((double) scores[i], 1 / (1 + exp (-sum)), 1e-6);
    }
  lk_infer_free (infer);
  lk_infer_free (NULL);
  lk_network_free (network);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/infer/score", test_score);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *name = g_strdup_printf ("/infer/embed/%u", i);

      g_test_add_data_func (name, texts[i], test_embed);
    }
  return g_test_run ();
}
