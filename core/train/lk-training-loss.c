/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mine.h"
#include "lk-training.h"

#include <math.h>
#include <string.h>

gboolean
lk_training_trains_head (const LkTraining *self)
{
  return self->loss <= LK_TRAIN_TRIPLET;
}

static double
find_triplets (LkTraining *self, const LkBatch *batch, const float *embeddings, int d,
               const LkPair *pairs, int n_pairs)
{
  int n = lk_mine_triplets (self->mining, embeddings, batch->n, d, batch->relations, pairs, n_pairs,
                            &self->random, self->triplets);

  if (n > 0)
    return lk_loss_triplet (d, self->margin, embeddings, batch->n, self->triplets, n,
                            self->d_embeddings, self->distances, self->pool);
  memset (self->d_embeddings, 0, (gsize) batch->n * (gsize) d * sizeof (float));
  return 0;
}

/* Cross-entropy of the head on the batch's pairs, and the loss on their distances. */
static double
find_pairs (LkTraining *self, const LkBatch *batch, const float *embeddings, int d)
{
  const LkPair *pairs = batch->pairs;
  int n_pairs = batch->n_pairs;
  double entropy;

  if (n_pairs == 0)
    {
      pairs = self->pairs;
      n_pairs = lk_batch_pairs_form (self->pair_kind, embeddings, batch->n, d, batch->relations,
                                     &self->random, self->pairs);
      if (n_pairs == 0) /* all of one person, or similar ones */
        {
          memset (self->d_embeddings, 0, (gsize) batch->n * (gsize) d * sizeof (float));
          return 0;
        }
    }
  entropy = lk_loss_cross_entropy (self->network, self->params, embeddings, batch->n, pairs,
                                   n_pairs, self->d_embeddings, self->grads, self->scores,
                                   self->pool);
  if (self->loss == LK_TRAIN_CROSS_ENTROPY || !isfinite (entropy))
    return entropy;
  /* The head has its gradients; those of the embeddings are written over. */
  if (self->loss == LK_TRAIN_CONTRASTIVE)
    return lk_loss_contrastive (d, self->margin, embeddings, batch->n, pairs, n_pairs,
                                self->d_embeddings, self->distances, self->pool);
  return find_triplets (self, batch, embeddings, d, pairs, n_pairs);
}

/* Into @gradient, and the centres' into theirs times the weight. */
static double
find_identity (LkTraining *self, const LkBatch *batch, const float *embeddings, int d,
               float *gradient)
{
  LkCentres *c = self->centres;

  for (int i = 0; i < batch->n; i++)
    {
      int person = lk_dataset_get_sample (self->set, batch->samples[i])->person;

      self->people[i] = person >= 0 ? c->classes[person] : -1;
    }
  return lk_loss_arcface (d, self->margin, self->scale, embeddings, batch->n, self->people,
                          c->values, c->n, &c->similar, gradient, c->grads, self->scratch,
                          self->pool);
}

static double
find_distillation (LkTraining *self, const LkBatch *batch, const float *embeddings, int d)
{
  gsize size = (gsize) batch->n * (gsize) d;
  double loss, identity, weight = self->identity_weight;

  for (int i = 0; i < batch->n; i++)
    {
      gsize row = (gsize) lk_dataset_get_sample (self->set, batch->samples[i])->row;

      memcpy (self->targets + (gsize) i * (gsize) d, self->teacher->values + row * (gsize) d,
              (gsize) d * sizeof (float));
    }
  loss = lk_loss_distillation (self->distillation, d, embeddings, batch->n, self->targets,
                               self->d_embeddings, self->scores, self->pool);
  if (self->centres == NULL)
    return loss;
  identity = find_identity (self, batch, embeddings, d, self->identity);
  for (gsize i = 0; i < size; i++)
    self->d_embeddings[i] += (float) weight * self->identity[i];
  for (gsize i = 0; i < (gsize) self->centres->n * (gsize) d; i++)
    self->centres->grads[i] *= (float) weight;
  return loss + weight * identity;
}

double
lk_training_loss (LkTraining *self, const LkBatch *batch, const float *embeddings)
{
  int d = lk_network_get_embedding_size (self->network);

  switch (self->loss)
    {
    case LK_TRAIN_DISTILLATION:
      return find_distillation (self, batch, embeddings, d);
    case LK_TRAIN_ARCFACE:
      return find_identity (self, batch, embeddings, d, self->d_embeddings);
    case LK_TRAIN_CIRCLE:
      for (int i = 0; i < batch->n; i++)
        self->people[i] = lk_dataset_get_sample (self->set, batch->samples[i])->person;
      return lk_loss_circle (d, self->margin, self->scale, embeddings, batch->n, self->people,
                             self->d_embeddings, self->scratch, self->pool);
    default:
      return find_pairs (self, batch, embeddings, d);
    }
}
