/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "nn/lk-elementwise.h"
#include "nn/lk-layer.h"
#include "nn/lk-pass.h"

#include "gradient.h"

#include <string.h>

/* A network, a batch, and the loss sum (weights * embeddings). */
typedef struct
{
  LkNetwork *network;
  LkPass *pass;
  LkPool *pool;
  int n, n_towers, d;
  gsize size;
  float *params, *scrap, *grads, *images, *weights;
} Case;

static void
case_init (Case *self, const char *layers, int n, int n_towers, int n_threads)
{
  g_autofree char *text = g_strconcat ("network t\ni input size=9x8x2\n", layers, NULL);
  int h, w, c;
  char why[256] = "";
  LkRandom random;

  self->network = lk_network_parse (text, why, sizeof why);
  g_assert_cmpstr (why, ==, "");
  self->n = n;
  self->n_towers = n_towers;
  self->d = lk_network_get_embedding_size (self->network);
  self->size = lk_network_get_size (self->network);
  self->pool = lk_pool_new (n_threads, 0);
  self->pass = lk_pass_new (self->network, n, self->pool);
  g_assert_nonnull (self->pass);
  lk_network_get_input (self->network, &h, &w, &c);

  self->params = g_new (float, self->size);
  self->scrap = g_new (float, self->size);
  self->grads = g_new0 (float, self->size);
  self->images = g_new (float, (gsize) n *h *w *c);
  self->weights = g_new (float, (gsize) n * self->d);
  lk_random_seed (&random, 11);
  lk_network_init (self->network, self->params, &random);
  /* Nothing is to sit at a special place. */
  for (gsize i = 0; i < self->size; i++)
    self->params[i] += (float) lk_random_range (&random, -0.2, 0.2);
  for (int i = 0; i < n * h * w * c; i++)
    self->images[i] = (float) lk_random_double (&random);
  for (int i = 0; i < n * self->d; i++)
    self->weights[i] = (float) lk_random_range (&random, -1, 1);
}

static void
case_clear (Case *self)
{
  lk_pass_free (self->pass);
  lk_pool_free (self->pool);
  lk_network_free (self->network);
  g_free (self->params);
  g_free (self->scrap);
  g_free (self->grads);
  g_free (self->images);
  g_free (self->weights);
}

/* The running statistics change in scrap only. */
static const float *
case_forward (Case *self, int training)
{
  LkRandom random;

  lk_random_seed (&random, 3);
  memcpy (self->scrap, self->params, self->size * sizeof (float));
  return lk_pass_forward (self->pass, self->scrap, self->images, self->n, self->n_towers, training,
                          &random);
}

static double
case_loss (void *data)
{
  Case *self = data;
  const float *e = case_forward (self, 1);
  double sum = 0;

  for (int i = 0; i < self->n * self->d; i++)
    sum += (double) e[i] * (double) self->weights[i];
  return sum;
}

static void
check_layers (const char *layers)
{
  Case c;

  case_init (&c, layers, 4, 2, 2);
  case_loss (&c);
  lk_pass_backward (c.pass, c.params, c.weights, c.grads);
  for (int i = 0; i < lk_network_get_n_params (c.network); i++)
    {
      const LkParam *param = lk_network_get_param (c.network, i);

      if (!param->trainable || g_str_has_prefix (param->name, "s."))
        for (gsize k = 0; k < param->n; k++) /* the head and the statistics are untouched */
          g_assert_cmpfloat (c.grads[param->offset + k], ==, 0);
      else
        check_gradient (param->name, c.params + param->offset, c.grads + param->offset, param->n,
                        3e-4, 0.01, case_loss, &c);
    }
  case_clear (&c);
}

#define TAIL "f flatten x\ns l1-head f\n"

static void
test_gradients (gconstpointer data)
{
  check_layers (data);
}

#define SIAMESE                                                                                    \
  "a conv2d i filters=3 kernel=3 activation=relu\nb maxpool a window=2 stride=2 padding=same\n"    \
  "x conv2d b filters=4 kernel=2 activation=relu\nf flatten x\n"                                   \
  "e dense f units=6 activation=sigmoid\ns l1-head e\n"

/* A block of two convolutions with its input added, then one whose shortcut is a convolution
 * too, and rows and columns become fewer. */
#define RESIDUAL                                                                                   \
  "a conv2d i filters=4 kernel=3 padding=1 bias=none\nan batchnorm a activation=relu\n"            \
  "b1 conv2d an filters=4 kernel=3 padding=1 bias=none\nn1 batchnorm b1 activation=relu\n"         \
  "b2 conv2d n1 filters=4 kernel=3 padding=1 bias=none\nn2 batchnorm b2\n"                         \
  "b add n2 an activation=relu\n"                                                                  \
  "c1 conv2d b filters=5 kernel=3 stride=2 padding=1 bias=none\nm1 batchnorm c1 activation=relu\n" \
  "c2 conv2d m1 filters=5 kernel=3 padding=1 bias=none\nm2 batchnorm c2\n"                         \
  "c3 conv2d b filters=5 kernel=1 stride=2 bias=none\nm3 batchnorm c3\n"                           \
  "x add m2 m3 activation=relu\n"

static const struct
{
  const char *name, *layers;
} networks[] = {
  { "conv-linear", "x conv2d i filters=3 kernel=3\n" TAIL },
  { "conv-same", "a conv2d i filters=3 kernel=4 padding=same\nx conv2d a filters=2 kernel=3 "
                 "padding=same\n" TAIL },
  { "conv-stride", "a conv2d i filters=3 kernel=3 stride=2 padding=same\n"
                   "x conv2d a filters=2 kernel=2 stride=3\n" TAIL },
  { "conv-relu", "a conv2d i filters=4 kernel=3 activation=relu\n"
                 "x conv2d a filters=3 kernel=2 activation=relu\n" TAIL },
  { "conv-sigmoid", "a conv2d i filters=3 kernel=3 activation=sigmoid\n"
                    "x conv2d a filters=2 kernel=2 activation=sigmoid\n" TAIL },
  { "dense", "f flatten i\na dense f units=7 activation=relu\nb dense a units=5 "
             "activation=sigmoid\ne dense b units=4\ns l1-head e\n" },
  { "batchnorm", "a conv2d i filters=3 kernel=3 activation=relu\nb batchnorm a\n"
                 "x conv2d b filters=2 kernel=3\n" TAIL },
  { "batchnorm-first",
    "a batchnorm i\nb conv2d a filters=2 kernel=3 activation=relu\nx batchnorm b\n" TAIL },
  { "batchnorm-flat",
    "f flatten i\na dense f units=5 activation=sigmoid\nb batchnorm a\ne dense b units=3\n"
    "s l1-head e\n" },
  { "maxpool", "a conv2d i filters=3 kernel=3\np maxpool a window=2\n"
               "x conv2d p filters=2 kernel=2\n" TAIL },
  { "maxpool-same", "a conv2d i filters=3 kernel=2 activation=relu\np maxpool a window=2 stride=2 "
                    "padding=same\nx conv2d p filters=2 kernel=2\n" TAIL },
  { "maxpool-overlapping", "a conv2d i filters=3 kernel=3 activation=relu\np maxpool a window=3 "
                           "stride=1\nx conv2d p filters=2 kernel=2\n" TAIL },
  { "maxpool-wide", "a conv2d i filters=3 kernel=3 activation=relu\np maxpool a window=64 "
                    "stride=2 padding=same\nx conv2d p filters=2 kernel=2\n" TAIL },
  { "maxpool-sigmoid", "a conv2d i filters=3 kernel=3 activation=relu\np maxpool a window=2\n"
                       "b sigmoid p\nx conv2d b filters=2 kernel=2\n" TAIL },
  { "maxpool-twice", "a conv2d i filters=3 kernel=2\np maxpool a window=3 stride=1 padding=same\n"
                     "q maxpool p window=2 stride=1\nx conv2d q filters=2 kernel=2\n" TAIL },
  { "relu", "a conv2d i filters=3 kernel=3\nb relu a\nx conv2d b filters=2 kernel=2\n" TAIL },
  { "sigmoid", "a conv2d i filters=3 kernel=3\nb sigmoid a\nx conv2d b filters=2 kernel=2\n" TAIL },
  { "sigmoid-relu", "a conv2d i filters=3 kernel=3 activation=sigmoid\nb relu a\n"
                    "c sigmoid b\nx conv2d c filters=2 kernel=2\n" TAIL },
  { "dropout", "a conv2d i filters=3 kernel=3\nb dropout a rate=0.4\n"
               "x conv2d b filters=2 kernel=2\n" TAIL },
  { "dropout-relu", "a conv2d i filters=3 kernel=3 activation=relu\nb dropout a rate=0.4\n"
                    "x conv2d b filters=2 kernel=2\n" TAIL },
  { "dropout-sigmoid", "a conv2d i filters=3 kernel=3 activation=sigmoid\nb dropout a rate=0.4\n"
                       "x conv2d b filters=2 kernel=2\n" TAIL },
  { "dropout-pool",
    "a conv2d i filters=3 kernel=2 activation=relu\np maxpool a window=2\n"
    "b dropout p rate=0.4\nc dropout b rate=0\nx conv2d c filters=2 kernel=2\n" TAIL },
  { "dropout-input", "a dropout i rate=0.3\nx conv2d a filters=2 kernel=2\n" TAIL },
  { "batchnorm-relu",
    "a conv2d i filters=3 kernel=3 bias=none\nb batchnorm a activation=relu\n"
    "c conv2d b filters=3 kernel=2 bias=none\nx batchnorm c activation=relu\n" TAIL },
  { "batchnorm-relu-pool",
    "a conv2d i filters=3 kernel=3 bias=none\nb batchnorm a activation=relu\n"
    "p maxpool b window=2\nx conv2d p filters=2 kernel=2\n" TAIL },
  { "normalize", "f flatten i\na dense f units=7\nb normalize a\nc dense b units=5\n"
                 "e normalize c\ns l1-head e\n" },
  { "residual", "a conv2d i filters=3 kernel=3 padding=1\nb conv2d a filters=3 kernel=3 padding=1 "
                "activation=relu\nc conv2d b filters=3 kernel=3 padding=1\n"
                "d add c a activation=relu\nx conv2d d filters=2 kernel=3\n" TAIL },
  { "residual-norms", RESIDUAL TAIL },
  { "add-itself", "a conv2d i filters=2 kernel=3\nb add a a activation=relu\n"
                  "x conv2d b filters=2 kernel=2\n" TAIL },
  { "add-twice", "a conv2d i filters=3 kernel=3 activation=relu\nb sigmoid a\nc relu a\n"
                 "d add b c\nx add d a\n" TAIL },
  { "add-input", "a conv2d i filters=2 kernel=3 padding=1\nx add i a activation=relu\n" TAIL },
  { "add-flat", "f flatten i\na dense f units=6 activation=relu\nb dense a units=6 bias=none\n"
                "c batchnorm b activation=relu\ne add c a\ns l1-head e\n" },
  { "add-pooled", "a conv2d i filters=3 kernel=2 activation=relu\np maxpool a window=2 stride=1 "
                  "padding=same\nb dropout a rate=0.3\nx add b p activation=relu\n" TAIL },
  { "branches", "a conv2d i filters=3 kernel=2 activation=relu\nb conv2d a filters=3 kernel=1\n"
                "c maxpool a window=2 stride=1 padding=same\nd add a b\ng add c d activation=relu\n"
                "x add a g\nf flatten x\nk flatten c\ne add f k activation=relu\ns l1-head e\n" },
  { "siamese", SIAMESE },
  { "siamese-bn",
    "a conv2d i filters=3 kernel=3 activation=relu l2=0.01\nn batchnorm a\n"
    "b maxpool n window=2 stride=2 padding=same\nd dropout b rate=0.3\n"
    "x conv2d d filters=4 kernel=2 activation=relu\np maxpool x window=2 padding=same\n"
    "q dropout p rate=0.3\nf flatten q\n"
    "e dense f units=6 activation=sigmoid\ns l1-head e\n" },
};

static void
test_dropout (void)
{
  enum
  {
    N = 100001
  };
  g_autofree float *x = g_new (float, N), *y = g_new (float, N), *z = g_new (float, N);
  LkPool *pool = lk_pool_new (3, 0);
  int zeros = 0, same = 0, pairs = 0;

  for (int i = 0; i < N; i++)
    x[i] = 1;
  lk_dropout (N, 0.3f, 1234, x, y, pool);
  lk_dropout (N, 0.3f, 1234, x, z, NULL);
  g_assert_cmpmem (y, N * sizeof *y, z, N * sizeof *z);
  for (int i = 0; i < N; i++)
    {
      g_assert_true (y[i] == 0 || fabs ((double) y[i] - 1 / 0.7) < 1e-6);
      zeros += y[i] == 0;
      pairs += i > 0 && y[i] == 0 && y[i - 1] == 0;
    }
  /* Five standard errors; neighbours are independent. */
  g_assert_cmpfloat_with_epsilon ((double) zeros / N, 0.3, 5 * sqrt (0.21 / N));
  g_assert_cmpfloat_with_epsilon ((double) pairs / N, 0.09, 5 * sqrt (0.09 / N));
  lk_dropout (N, 0.3f, 1235, x, z, pool);
  for (int i = 0; i < N; i++)
    same += (y[i] == 0) == (z[i] == 0);
  g_assert_cmpfloat_with_epsilon ((double) same / N, 0.58, 5 * sqrt (0.25 / N));
  lk_pool_free (pool);
}

#define BN_NET                                                                                     \
  "a conv2d i filters=3 kernel=3 activation=relu\nn batchnorm a momentum=0.75\nx dropout n "       \
  "rate=0.5\n" TAIL

/* Without training: running statistics, nothing dropped, nothing updated. */
static void
test_evaluation (void)
{
  Case c, plain;
  const LkParam *mean, *variance, *gamma, *beta;
  const float *e, *a;

  case_init (&c, BN_NET, 4, 1, 1);
  case_init (&plain, "a conv2d i filters=3 kernel=3 activation=relu\nf flatten a\ns l1-head f\n", 4,
             1, 1);
  mean = lk_network_find_param (c.network, "n.mean");
  variance = lk_network_find_param (c.network, "n.variance");
  gamma = lk_network_find_param (c.network, "n.gamma");
  beta = lk_network_find_param (c.network, "n.beta");
  memcpy (plain.params, c.params, gamma->offset * sizeof (float));
  memcpy (plain.images, c.images, sizeof (float) * 4 * 9 * 8 * 2);
  e = case_forward (&c, 0);
  a = case_forward (&plain, 0);
  g_assert_cmpmem (c.scrap, c.size * sizeof (float), c.params, c.size * sizeof (float));
  for (int i = 0; i < 4 * c.d; i++)
    {
      double x = (double) a[i];

      x = (x - (double) c.params[mean->offset + i % 3]) /
              sqrt ((double) c.params[variance->offset + i % 3] + 1e-3) *
              (double) c.params[gamma->offset + i % 3] +
          (double) c.params[beta->offset + i % 3];
      g_assert_cmpfloat_with_epsilon (e[i], x, 1e-5);
    }
  case_clear (&c);
  case_clear (&plain);
}

/* Each tower is a batch of its own, and updates the running statistics in turn. */
static void
test_towers (void)
{
  const char *layers = "x batchnorm i momentum=0.75\n" TAIL;
  Case c;
  const LkParam *running;
  const float *e;
  double means[2] = { 0 }, expected;

  case_init (&c, layers, 6, 2, 2);
  running = lk_network_find_param (c.network, "x.mean");
  for (int i = 0; i < 3 * 72; i++)
    {
      c.images[2 * i] += 5; /* the first tower differs */
      means[0] += (double) c.images[2 * i] / (3 * 72);
      means[1] += (double) c.images[2 * (i + 3 * 72)] / (3 * 72);
    }
  e = case_forward (&c, 1);
  expected = 0.75 * (0.75 * (double) c.params[running->offset] + 0.25 * means[0]) + 0.25 * means[1];
  g_assert_cmpfloat_with_epsilon (c.scrap[running->offset], expected, 1e-5);
  for (int tower = 0; tower < 2; tower++)
    {
      double sum = 0;

      for (int i = 0; i < 3 * 72; i++)
        sum += (double) e[2 * (i + tower * 3 * 72)] / (3 * 72);
      g_assert_cmpfloat_with_epsilon (
          sum, c.params[lk_network_find_param (c.network, "x.beta")->offset], 1e-5);
    }
  case_clear (&c);
}

/* The same bits twice, with fewer pictures than there is room for, and with the arena
 * left dirty by another batch; gradients add up. */
static void
test_repeats (void)
{
  Case c;
  g_autofree float *e = NULL, *grads = NULL;

  case_init (&c, BN_NET, 6, 2, 3);
  e = g_memdup2 (case_forward (&c, 1), (gsize) 6 * c.d * sizeof (float));
  lk_pass_backward (c.pass, c.params, c.weights, c.grads);
  grads = g_memdup2 (c.grads, c.size * sizeof (float));

  c.n = 2;
  case_forward (&c, 1);
  lk_pass_backward (c.pass, c.params, c.weights, c.grads);
  c.n = 6;
  g_assert_cmpmem (case_forward (&c, 1), (gsize) 6 * c.d * sizeof (float), e,
                   (gsize) 6 * c.d * sizeof (float));
  memset (c.grads, 0, c.size * sizeof (float));
  lk_pass_backward (c.pass, c.params, c.weights, c.grads);
  g_assert_cmpmem (c.grads, c.size * sizeof (float), grads, c.size * sizeof (float));

  case_forward (&c, 1);
  lk_pass_backward (c.pass, c.params, c.weights, c.grads);
  for (gsize i = 0; i < c.size; i++)
    g_assert_cmpfloat_with_epsilon (c.grads[i], 2 * grads[i], 1e-3);
  case_clear (&c);
}

/* What works in place must not do so in the caller's pictures. */
static void
test_first_layer (void)
{
  Case relu, dropout;
  g_autofree float *before = NULL;
  const float *e;
  int zeros = 0;

  case_init (&relu, "x relu i\n" TAIL, 3, 1, 1);
  case_init (&dropout, "x dropout i rate=0.5\n" TAIL, 3, 1, 1);
  for (int i = 0; i < 3 * relu.d; i++)
    relu.images[i] -= 0.5f;
  before = g_memdup2 (relu.images, (gsize) 3 * relu.d * sizeof (float));
  e = case_forward (&relu, 1);
  for (int i = 0; i < 3 * relu.d; i++)
    g_assert_cmpfloat (e[i], ==, MAX (before[i], 0));
  g_assert_cmpmem (relu.images, (gsize) 3 * relu.d * sizeof (float), before,
                   (gsize) 3 * relu.d * sizeof (float));
  e = case_forward (&dropout, 1);
  for (int i = 0; i < 3 * dropout.d; i++)
    zeros += e[i] == 0;
  g_assert_cmpint (ABS (zeros - 3 * dropout.d / 2), <, 3 * dropout.d / 8);
  case_clear (&relu);
  case_clear (&dropout);
}

/* A picture's embedding does not depend on its neighbours where nothing mixes them. */
static void
test_batches (void)
{
  Case many, one;

  case_init (&many, SIAMESE, 5, 1, 2);
  case_init (&one, SIAMESE, 1, 1, 1);
  memcpy (one.params, many.params, many.size * sizeof (float));
  for (int k = 0; k < 5; k++)
    {
      const float *all = case_forward (&many, 1), *e;

      memcpy (one.images, many.images + k * 144, 144 * sizeof (float));
      e = case_forward (&one, 1);
      for (int i = 0; i < one.d; i++)
        g_assert_cmpfloat_with_epsilon (e[i], all[k * one.d + i], 1e-6);
    }
  case_clear (&many);
  case_clear (&one);
}

/* What design.md's siamese may take for 16 pairs: no map is held twice, and the
 * largest, conv1's, is a gradient buffer and not kept at all. */
static void
test_memory (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("LIKENESS_DATA_DIR"), "models", "siamese.net",
                                            NULL);
  g_autofree char *text = NULL;
  char why[256];
  gsize conv1 = (gsize) 91 * 91 * 64 * 4, pool1 = (gsize) 46 * 46 * 64 * 4;
  LkNetwork *network;
  LkPass *pass;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  network = lk_network_parse (text, why, sizeof why);
  pass = lk_pass_new (network, 32, NULL);
  g_assert_cmpuint (lk_pass_get_memory (pass), >, 32 * (conv1 + 3 * pool1));
  g_assert_cmpuint (lk_pass_get_memory (pass), <, 32 * (conv1 + 5 * pool1));
  lk_pass_free (pass);
  lk_network_free (network);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (networks); i++)
    {
      g_autofree char *path = g_strconcat ("/pass/gradient/", networks[i].name, NULL);

      g_test_add_data_func (path, networks[i].layers, test_gradients);
    }
  g_test_add_func ("/pass/dropout", test_dropout);
  g_test_add_func ("/pass/evaluation", test_evaluation);
  g_test_add_func ("/pass/towers", test_towers);
  g_test_add_func ("/pass/repeats", test_repeats);
  g_test_add_func ("/pass/first-layer", test_first_layer);
  g_test_add_func ("/pass/batches", test_batches);
  g_test_add_func ("/pass/memory", test_memory);
  return g_test_run ();
}
