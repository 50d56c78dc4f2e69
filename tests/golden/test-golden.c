/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "golden.h"
#include "nn/lk-layer.h"
#include "nn/lk-loss-arcface.h"
#include "nn/lk-loss-metric.h"
#include "nn/lk-loss.h"
#include "nn/lk-optimizer.h"
#include "nn/lk-pass.h"

#include <string.h>

/* Parity with PyTorch (float64) on small networks: every activation, the loss, every
 * gradient, ten steps of Adam and the weights after them.  Tolerances are shares of an
 * array's root mean square, a few times what was measured on the three instruction
 * sets; float32 alone is 6e-8 for one rounding. */
#define ACTIVATION_TOLERANCE 5e-6
#define GRADIENT_TOLERANCE   5e-4
#define LOSS_TOLERANCE       2e-6
#define TRAINING_TOLERANCE   2e-5
#define AFTER_TOLERANCE      1e-3 /* running statistics and embeddings, after training */
#define MUON_TOLERANCE       2e-5
#define WEIGHT_TOLERANCE     0.02 /* of the way that Adam can go: it enlarges small gradients */

typedef struct
{
  LkSafetensors *golden;
  LkPool *pool;
  float *images;
  LkPair *pairs;
  int n, n_pairs;
  guint64 seed;
} Case;

static LkNetwork *
parse (const char *text)
{
  char why[256] = "";
  LkNetwork *network = lk_network_parse (text, why, sizeof why);

  g_assert_cmpstr (why, ==, "");
  return network;
}

/* Whether the line of layer @name, or one that is in @wanted, reads the layer of @line. */
static gboolean
is_read (char **lines, const gboolean *wanted, int line)
{
  g_autofree char *name = g_strndup (lines[line], strcspn (lines[line], " "));

  for (int i = line + 1; lines[i] != NULL; i++)
    if (wanted[i])
      {
        g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);

        if (g_strv_contains ((const char *const *) words + 2, name))
          return TRUE;
      }
  return FALSE;
}

/* The part of the network that layer @last of the text depends on, whose output becomes
 * the embedding. */
static LkNetwork *
truncate_network (char **lines, int last, gboolean flat)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *name = g_strndup (lines[last], strcspn (lines[last], " "));
  g_autofree gboolean *wanted = g_new0 (gboolean, g_strv_length (lines));

  for (int i = last; i >= 0; i--)
    wanted[i] = i == last || i < 2 || is_read (lines, wanted, i);
  for (int i = 0; i <= last; i++)
    if (wanted[i])
      g_string_append_printf (text, "%s\n", lines[i]);
  if (!flat)
    g_string_append_printf (text, "golden-flat flatten %s\n", name);
  g_string_append_printf (text, "golden-head l1-head %s\n", flat ? name : "golden-flat");
  return parse (text->str);
}

static void
check_activation (Case *c, const LkNetwork *whole, char **lines, int last, const float *params)
{
  g_autofree char *layer = g_strndup (lines[last], strcspn (lines[last], " "));
  g_autofree char *name = g_strconcat ("activation.", layer, NULL);
  LkNetwork *network = truncate_network (lines, last, golden_get (c->golden, name)->n_dims == 2);
  gsize size = lk_network_get_size (network);
  g_autofree float *copy = g_new0 (float, size);
  LkPass *pass = lk_pass_new (network, c->n, c->pool);
  LkRandom random;
  const float *e;

  for (int i = 0; i < lk_network_get_n_params (network); i++)
    {
      const LkParam *to = lk_network_get_param (network, i);
      const LkParam *from = lk_network_find_param (whole, to->name);

      if (from != NULL) /* its own head is not looked at */
        memcpy (copy + to->offset, params + from->offset, to->n * sizeof *copy);
    }
  lk_random_seed (&random, c->seed);
  e = lk_pass_forward (pass, copy, c->images, c->n, 2, 1, &random);
  golden_compare (c->golden, name, e, (gsize) c->n * lk_network_get_embedding_size (network),
                  ACTIVATION_TOLERANCE);
  lk_pass_free (pass);
  lk_network_free (network);
}

/* The largest difference in one array, and what is expected's root mean square. */
static double
find_worst (const float *is, const float *expected, const LkParam *p, double *scale)
{
  double squares = 0, worst = 0;

  for (gsize i = p->offset; i < p->offset + p->n; i++)
    {
      squares += (double) expected[i] * (double) expected[i];
      worst = MAX (worst, fabs ((double) is[i] - (double) expected[i]));
      g_assert_false (isnan (is[i]));
    }
  *scale = sqrt (squares / (double) p->n);
  return worst;
}

/* A bias' gradient is a sum whose terms may cancel: the kernel before it is its measure
 * where that is larger. */
static void
compare_gradients (Case *c, const LkNetwork *network, const float *is)
{
  g_autofree float *expected = golden_floats (c->golden, "grads");
  double before = 0, scale;

  g_assert_cmpuint (golden_get (c->golden, "grads")->n, ==, lk_network_get_size (network));
  for (int k = 0; k < lk_network_get_n_params (network); k++, before = scale)
    {
      const LkParam *p = lk_network_get_param (network, k);
      double worst = find_worst (is, expected, p, &scale);

      if (g_str_has_suffix (p->name, ".bias"))
        scale = MAX (scale, before);
      g_test_message ("gradient %s: off by %.2g of %.3g", p->name, worst / scale, scale);
      if (worst > GRADIENT_TOLERANCE * scale)
        g_error ("gradient of %s: off by %g, the measure is %g", p->name, worst, scale);
    }
}

static void
compare_weights (Case *c, const LkNetwork *network, const float *is, double way)
{
  g_autofree float *expected = golden_floats (c->golden, "params_after");
  double scale;

  for (int k = 0; k < lk_network_get_n_params (network); k++)
    {
      const LkParam *p = lk_network_get_param (network, k);
      double worst = find_worst (is, expected, p, &scale);
      double allowed = p->trainable ? WEIGHT_TOLERANCE * way : AFTER_TOLERANCE * scale;

      g_test_message ("weights %s: off by %.2g, of %.2g allowed", p->name, worst, allowed);
      if (worst > allowed)
        g_error ("%s after training: off by %g, %g is allowed", p->name, worst, allowed);
    }
}

static void
check_first_step (Case *c, const LkNetwork *network, LkPass *pass, float *params, float *grads)
{
  g_autofree float *copy = g_memdup2 (params, lk_network_get_size (network) * sizeof (float));
  int d = lk_network_get_embedding_size (network);
  g_autofree float *de = g_new (float, (gsize) c->n *d), *scores = g_new (float, c->n_pairs);
  g_autofree float *loss = golden_floats (c->golden, "loss");
  LkRandom random;
  const float *e;

  lk_random_seed (&random, c->seed);
  e = lk_pass_forward (pass, copy, c->images, c->n, 2, 1, &random);
  g_assert_cmpfloat_with_epsilon (lk_loss_cross_entropy (network, copy, e, c->n, c->pairs,
                                                         c->n_pairs, de, grads, scores, c->pool),
                                  loss[0], LOSS_TOLERANCE * (double) loss[0]);
  lk_pass_backward (pass, copy, de, grads);
  golden_compare (c->golden, "scores", scores, (gsize) c->n_pairs, ACTIVATION_TOLERANCE);
  golden_compare (c->golden, "d_embedding", de, (gsize) c->n * d, GRADIENT_TOLERANCE);
  compare_gradients (c, network, grads);
}

static void
train (Case *c, const LkNetwork *network, LkPass *pass, float *params, float *grads)
{
  g_autofree float *losses = golden_floats (c->golden, "losses");
  double rate = g_ascii_strtod (lk_safetensors_get_meta (c->golden, "rate"), NULL);
  int d = lk_network_get_embedding_size (network);
  g_autofree float *de = g_new (float, (gsize) c->n *d), *scores = g_new (float, c->n_pairs);
  LkOptimizer *optimizer = lk_optimizer_new (network, LK_OPTIMIZER_ADAM);
  LkRandom random;

  lk_optimizer_set_clip_value (optimizer,
                               g_ascii_strtod (lk_safetensors_get_meta (c->golden, "clip"), NULL));
  lk_random_seed (&random, c->seed);
  for (gsize step = 0; step < golden_get (c->golden, "losses")->n; step++)
    {
      const float *e = lk_pass_forward (pass, params, c->images, c->n, 2, 1, &random);
      double loss = lk_loss_cross_entropy (network, params, e, c->n, c->pairs, c->n_pairs, de,
                                           grads, scores, c->pool);

      lk_pass_backward (pass, params, de, grads);
      loss += lk_optimizer_step (optimizer, params, grads, rate, c->pool);
      g_test_message ("step %d: loss %.8g, off by %.2g", (int) step, loss,
                      loss - (double) losses[step]);
      g_assert_cmpfloat_with_epsilon (loss, losses[step],
                                      TRAINING_TOLERANCE * (double) losses[step]);
    }
  compare_weights (c, network, params, rate * (double) golden_get (c->golden, "losses")->n);
  lk_optimizer_free (optimizer);
}

static void
test_network (gconstpointer name)
{
  Case c = { .golden = golden_open (name), .pool = lk_pool_new (2, 0), .n = 6 };
  const char *text = lk_safetensors_get_meta (c.golden, "architecture");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree float *params = golden_floats (c.golden, "params"), *grads = NULL;
  LkNetwork *network = parse (text);
  LkPass *pass = lk_pass_new (network, c.n, c.pool);
  const float *e;

  c.seed = g_ascii_strtoull (lk_safetensors_get_meta (c.golden, "seed"), NULL, 10);
  c.images = golden_floats (c.golden, "images");
  c.pairs = (LkPair *) golden_ints (c.golden, "pairs", &c.n_pairs);
  g_assert_cmpuint (golden_get (c.golden, "params")->n, ==, lk_network_get_size (network));
  grads = g_new0 (float, lk_network_get_size (network));

  /* Line 0 names the network, line 1 is the input, the last are the head and nothing. */
  for (int i = 2; i < (int) g_strv_length (lines) - 2; i++)
    check_activation (&c, network, lines, i, params);
  check_first_step (&c, network, pass, params, grads);
  memset (grads, 0, lk_network_get_size (network) * sizeof (float));
  train (&c, network, pass, params, grads);
  e = lk_pass_forward (pass, params, c.images, c.n, 1, 0, NULL);
  golden_compare (c.golden, "embedding_after", e,
                  (gsize) c.n * lk_network_get_embedding_size (network), AFTER_TOLERANCE);

  lk_pass_free (pass);
  lk_network_free (network);
  lk_pool_free (c.pool);
  lk_safetensors_close (c.golden);
  g_free (c.images);
  g_free (c.pairs);
}

static void
check_metric_losses (LkSafetensors *golden, const float *e, int n, int d)
{
  g_autofree float *targets = golden_floats (golden, "targets"), *values = g_new (float, n);
  g_autofree float *de = g_new (float, (gsize) n *d);
  g_autofree float *scratch = g_new (float, lk_loss_circle_scratch (n, d));
  g_autofree int *rows = golden_ints (golden, "people", &n), *people = g_new (int, n);
  float loss;

  for (int i = 0; i < n; i++)
    people[i] = rows[3 * i];
  loss = (float) lk_loss_circle (
      d, g_ascii_strtod (lk_safetensors_get_meta (golden, "circle-margin"), NULL),
      g_ascii_strtod (lk_safetensors_get_meta (golden, "circle-scale"), NULL), e, n, people, de,
      scratch, NULL);
  golden_compare (golden, "circle", &loss, 1, LOSS_TOLERANCE);
  golden_compare (golden, "circle.gradient", de, (gsize) n * d, GRADIENT_TOLERANCE);
  loss = (float) lk_loss_distillation (LK_DISTILLATION_COSINE, d, e, n, targets, de, values, NULL);
  golden_compare (golden, "cosine", &loss, 1, LOSS_TOLERANCE);
  golden_compare (golden, "cosine.gradient", de, (gsize) n * d, GRADIENT_TOLERANCE);
  loss = (float) lk_loss_distillation (LK_DISTILLATION_SQUARED, d, e, n, targets, de, values, NULL);
  golden_compare (golden, "squared", &loss, 1, LOSS_TOLERANCE);
  golden_compare (golden, "squared.gradient", de, (gsize) n * d, GRADIENT_TOLERANCE);
}

static void
check_arcface (LkSafetensors *golden, const float *e, int n, int d)
{
  const int begin[] = { 0, 1, 1, 1, 2 }, items[] = { 3, 0 };
  const LkClassLists left_out = { begin, items };
  int n_classes = (int) golden_get (golden, "centres")->shape[0];
  g_autofree float *centres = golden_floats (golden, "centres");
  g_autofree float *de = g_new (float, (gsize) n *d), *dc = g_new (float, (gsize) n_classes *d);
  g_autofree float *scratch = g_new (float, lk_loss_arcface_scratch (d, n, n_classes));
  g_autofree int *rows = golden_ints (golden, "classes", &n), *classes = g_new (int, n);
  float loss;

  for (int i = 0; i < n; i++)
    classes[i] = rows[3 * i] < n_classes ? rows[3 * i] : -1;
  loss = (float) lk_loss_arcface (d, 0.5, 16, e, n, classes, centres, n_classes, &left_out, de, dc,
                                  scratch, NULL);
  golden_compare (golden, "arcface", &loss, 1, LOSS_TOLERANCE);
  golden_compare (golden, "arcface.gradient", de, (gsize) n * d, GRADIENT_TOLERANCE);
  golden_compare (golden, "arcface.centres", dc, (gsize) n_classes * d, GRADIENT_TOLERANCE);
}

static void
test_losses (void)
{
  LkSafetensors *golden = golden_open ("losses");
  int n_pairs, n_triplets, n = (int) golden_get (golden, "embeddings")->shape[0];
  int d = (int) golden_get (golden, "embeddings")->shape[1];
  g_autofree float *e = golden_floats (golden, "embeddings"), *de = g_new (float, (gsize) n *d);
  g_autofree int *pairs = golden_ints (golden, "pairs", &n_pairs);
  g_autofree int *triplets = golden_ints (golden, "triplets", &n_triplets);
  float out[32], loss;

  g_assert_cmpint (MAX (n_pairs, 2 * n_triplets), <=, 32);
  loss = (float) lk_loss_contrastive (
      d, g_ascii_strtod (lk_safetensors_get_meta (golden, "contrastive-margin"), NULL), e, n,
      (LkPair *) pairs, n_pairs, de, out, NULL);
  golden_compare (golden, "contrastive", &loss, 1, LOSS_TOLERANCE);
  golden_compare (golden, "contrastive.gradient", de, (gsize) n * d, GRADIENT_TOLERANCE);
  loss = (float) lk_loss_triplet (
      d, g_ascii_strtod (lk_safetensors_get_meta (golden, "triplet-margin"), NULL), e, n,
      (LkTriplet *) triplets, n_triplets, de, out, NULL);
  golden_compare (golden, "triplet", &loss, 1, LOSS_TOLERANCE);
  golden_compare (golden, "triplet.gradient", de, (gsize) n * d, GRADIENT_TOLERANCE);
  check_metric_losses (golden, e, n, d);
  check_arcface (golden, e, n, d);
  lk_safetensors_close (golden);
}

/* Muon alone, along given gradients; whatever it is not for goes by Adam. */
static void
test_muon (void)
{
  LkSafetensors *golden = golden_open ("muon");
  LkNetwork *network = parse (lk_safetensors_get_meta (golden, "architecture"));
  gsize size = lk_network_get_size (network), steps = golden_get (golden, "grads")->shape[0];
  g_autofree float *params = golden_floats (golden, "params");
  g_autofree float *grads = golden_floats (golden, "grads");
  LkOptimizer *optimizer = lk_optimizer_new (network, LK_OPTIMIZER_MUON);
  LkPool *pool = lk_pool_new (2, 0);

  lk_optimizer_set_decay (optimizer,
                          g_ascii_strtod (lk_safetensors_get_meta (golden, "decay"), NULL));
  for (gsize i = 0; i < steps; i++)
    lk_optimizer_step (optimizer, params, grads + i * size,
                       g_ascii_strtod (lk_safetensors_get_meta (golden, "rate"), NULL), pool);
  for (gsize i = 0; i < steps * size; i++)
    g_assert_cmpfloat (grads[i], ==, 0);
  golden_compare (golden, "params_after", params, size, MUON_TOLERANCE);
  lk_optimizer_free (optimizer);
  lk_pool_free (pool);
  lk_network_free (network);
  lk_safetensors_close (golden);
}

int
main (int argc, char *argv[])
{
  static const char *const names[] = {
    "layer-conv",      "layer-conv-stride", "layer-maxpool",        "layer-maxpool-wide",
    "layer-batchnorm", "layer-dropout",     "layer-dense",          "layer-add",
    "layer-normalize", "small-siamese",     "small-siamese-pool64", "small-siamese-bn",
    "small-residual",
  };

  G_STATIC_ASSERT (sizeof (LkPair) == 3 * sizeof (int));
  G_STATIC_ASSERT (sizeof (LkTriplet) == 3 * sizeof (int));
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat ("/golden/", names[i], NULL);

      g_test_add_data_func (path, names[i], test_network);
    }
  g_test_add_func ("/golden/losses", test_losses);
  g_test_add_func ("/golden/muon", test_muon);
  return g_test_run ();
}
