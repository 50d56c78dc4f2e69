/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps of training and embeddings take no memory: counted, over all threads. */
#include "nn/lk-infer.h"
#include "nn/lk-loss.h"
#include "nn/lk-optimizer.h"
#include "nn/lk-pass.h"

#include "../count-allocations.h"

/* Convolutions done by either way, both kinds of pools, and all that goes with them. */
static const char text[] = "network t\n"
                           "image  input     size=40x40x3\n"
                           "a      conv2d    image filters=32 kernel=7\n"
                           "norm   batchnorm a\n"
                           "relu   relu      norm\n"
                           "pool   maxpool   relu window=2 stride=2 padding=same\n"
                           "b      conv2d    pool filters=32 kernel=7 activation=relu l2=0.01\n"
                           "wide   maxpool   b window=5 stride=2 padding=same\n"
                           "drop   dropout   wide rate=0.3\n"
                           "c      conv2d    drop filters=24 kernel=2 stride=2 activation=relu\n"
                           "flat   flatten   c\n"
                           "embed  dense     flat units=70 activation=sigmoid\n"
                           "head   l1-head   embed\n";

#define PAIRS 3

typedef struct
{
  LkNetwork *network;
  LkPool *pool;
  float *params, *images;
  LkRandom random;
} Case;

static void
case_init (Case *self)
{
  char why[256] = "";
  gsize n = (gsize) 2 * PAIRS * 40 * 40 * 3;

  self->network = lk_network_parse (text, why, sizeof why);
  g_assert_cmpstr (why, ==, "");
  self->pool = lk_pool_new (3, 0);
  self->params = g_new (float, lk_network_get_size (self->network));
  self->images = g_new (float, n);
  lk_random_seed (&self->random, 1);
  lk_network_init (self->network, self->params, &self->random);
  for (gsize i = 0; i < n; i++)
    self->images[i] = (float) lk_random_double (&self->random);
}

static void
case_clear (Case *self)
{
  lk_pool_free (self->pool);
  lk_network_free (self->network);
  g_free (self->params);
  g_free (self->images);
}

static void
test_training (void)
{
  float scores[PAIRS], d_embeddings[2 * PAIRS * 70];
  g_autofree float *grads = NULL;
  LkPair pairs[PAIRS];
  LkOptimizer *optimizer;
  LkPass *pass;
  Case c;

  if (!can_count ())
    return;
  case_init (&c);
  grads = g_new0 (float, lk_network_get_size (c.network));
  pass = lk_pass_new (c.network, 2 * PAIRS, c.pool);
  optimizer = lk_optimizer_new (c.network, LK_OPTIMIZER_ADAM);
  lk_optimizer_set_clip_norm (optimizer, 1);
  for (int i = 0; i < PAIRS; i++)
    pairs[i] = (LkPair){ .a = i, .b = PAIRS + i, .same = i % 2 };

  for (int round = 0; round < 3; round++)
    {
      const float *embeddings;
      int taken;

      start_counting ();
      embeddings = lk_pass_forward (pass, c.params, c.images, 2 * PAIRS, 2, 1, &c.random);
      lk_loss_cross_entropy (c.network, c.params, embeddings, 2 * PAIRS, pairs, PAIRS, d_embeddings,
                             grads, scores, c.pool);
      lk_pass_backward (pass, c.params, d_embeddings, grads);
      lk_optimizer_step (optimizer, c.params, grads, 1e-3, c.pool);
      taken = stop_counting ();
      g_assert_true (taken == 0 || round == 0); /* BLAS takes its own when it is first used */
    }
  lk_optimizer_free (optimizer);
  lk_pass_free (pass);
  case_clear (&c);
}

static void
test_embedding (void)
{
  float embeddings[2 * PAIRS * 70], scores[2 * PAIRS];
  LkInfer *infer;
  Case c;

  if (!can_count ())
    return;
  case_init (&c);
  infer = lk_infer_new (c.network, c.params, 4, c.pool);
  for (int n = 1; n <= 2 * PAIRS; n++) /* one alone, several, more than go through at once */
    {
      start_counting ();
      lk_infer_embed (infer, c.images, n, embeddings);
      lk_infer_score (infer, embeddings, embeddings, n, scores);
      g_assert_cmpint (stop_counting (), ==, 0);
    }
  lk_infer_free (infer);
  case_clear (&c);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/allocations/training", test_training);
  g_test_add_func ("/allocations/embedding", test_embedding);
  return g_test_run ();
}
