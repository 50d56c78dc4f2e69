/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-trainer.h"

#include "nn/lk-loss.h"
#include "nn/lk-optimizer.h"
#include "nn/lk-pass.h"

#include <glib.h>
#include <string.h>

struct _BenchTrainer
{
  const LkNetwork *network;
  const float *images;
  int n_pairs;
  LkPool *pool;
  LkPass *pass;
  LkOptimizer *optimizer;
  LkRandom random;
  LkPair *pairs;
  float *params, *grads, *d_embeddings, *scores;
};

BenchTrainer *
bench_trainer_new (const LkNetwork *network, const float *params, const float *images, int n_pairs,
                   int n_threads, double clip)
{
  BenchTrainer *self = g_new0 (BenchTrainer, 1);
  size_t size = lk_network_get_size (network);

  self->network = network;
  self->images = images;
  self->n_pairs = n_pairs;
  self->pool = n_threads > 1 ? lk_pool_new (n_threads, 0) : NULL;
  self->pass = lk_pass_new (network, 2 * n_pairs, self->pool);
  self->optimizer = lk_optimizer_new (network, LK_OPTIMIZER_ADAM);
  lk_optimizer_set_clip_value (self->optimizer, clip);
  lk_random_seed (&self->random, 1);
  self->pairs = g_new (LkPair, n_pairs);
  for (int i = 0; i < n_pairs; i++)
    self->pairs[i] = (LkPair){ .a = i, .b = n_pairs + i, .same = i % 2 == 0 };
  self->params = g_memdup2 (params, size * sizeof *params);
  self->grads = g_new0 (float, size);
  self->d_embeddings = g_new (float, 2 * n_pairs * lk_network_get_embedding_size (network));
  self->scores = g_new (float, n_pairs);
  return self;
}

void
bench_trainer_free (BenchTrainer *self)
{
  if (self == NULL)
    return;
  lk_pass_free (self->pass);
  lk_optimizer_free (self->optimizer);
  lk_pool_free (self->pool);
  g_free (self->pairs);
  g_free (self->params);
  g_free (self->grads);
  g_free (self->d_embeddings);
  g_free (self->scores);
  g_free (self);
}

double
bench_trainer_step (BenchTrainer *self)
{
  int n = 2 * self->n_pairs;
  const float *embeddings = lk_pass_forward (self->pass, self->params, self->images, n, 2, 1,
                                             &self->random);
  double loss = lk_loss_cross_entropy (self->network, self->params, embeddings, n, self->pairs,
                                       self->n_pairs, self->d_embeddings, self->grads, self->scores,
                                       self->pool);

  lk_pass_backward (self->pass, self->params, self->d_embeddings, self->grads);
  return loss + lk_optimizer_step (self->optimizer, self->params, self->grads, 1e-4, self->pool);
}

size_t
bench_trainer_get_memory (const BenchTrainer *self)
{
  /* Parameters, gradients, two moments. */
  return lk_pass_get_memory (self->pass) + 4 * lk_network_get_size (self->network) * sizeof (float);
}
