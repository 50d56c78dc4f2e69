/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-optimizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK   32768 /* floats that a thread takes at a time: 4 arrays of 128 KiB */
#define BETA1   0.9
#define BETA2   0.999
#define EPSILON 1e-7f

typedef struct
{
  size_t offset;
  int n;
  float l2;
  double penalty, squares; /* of the step in hand */
} Chunk;

struct _LkOptimizer
{
  LkOptimizerKind kind;
  size_t size;
  int64_t step;
  double momentum, clip_value, clip_norm;

  Chunk *chunks;
  int n_chunks, n_moments;
  float *moments[2]; /* one allocation, moments[0] owns it */

  /* Of the step in hand: */
  float *params, *grads;
  float rate, scale, limit;
};

static size_t
count_chunks (size_t n)
{
  return (n + CHUNK - 1) / CHUNK;
}

static LkOptimizer *
make (size_t size, size_t n_chunks, LkOptimizerKind kind)
{
  LkOptimizer *self = calloc (1, sizeof *self);

  if (self == NULL)
    return NULL;
  self->kind = kind;
  self->size = size;
  self->n_moments = kind == LK_OPTIMIZER_ADAM ? 2 : 1;
  self->chunks = calloc (n_chunks, sizeof *self->chunks);
  self->moments[0] = calloc (self->size, (size_t) self->n_moments * sizeof (float));
  if (self->chunks == NULL || self->moments[0] == NULL)
    {
      lk_optimizer_free (self);
      return NULL;
    }
  self->moments[1] = self->moments[0] + self->size;
  return self;
}

static void
add_chunks (LkOptimizer *self, size_t offset, size_t n, float l2)
{
  for (size_t at = 0; at < n; at += CHUNK)
    self->chunks[self->n_chunks++] = (Chunk){
      .offset = offset + at,
      .n = (int) (n - at < CHUNK ? n - at : CHUNK),
      .l2 = l2,
    };
}

LkOptimizer *
lk_optimizer_new (const LkNetwork *network, LkOptimizerKind kind)
{
  LkOptimizer *self;
  size_t n_chunks = 0;

  for (int i = 0; i < lk_network_get_n_params (network); i++)
    n_chunks += count_chunks (lk_network_get_param (network, i)->n);
  self = make (lk_network_get_size (network), n_chunks, kind);
  for (int i = 0; self != NULL && i < lk_network_get_n_params (network); i++)
    {
      const LkParam *param = lk_network_get_param (network, i);

      if (param->trainable)
        add_chunks (self, param->offset, param->n, param->l2);
    }
  return self;
}

LkOptimizer *
lk_optimizer_new_plain (size_t size, LkOptimizerKind kind)
{
  LkOptimizer *self = make (size, count_chunks (size), kind);

  if (self != NULL)
    add_chunks (self, 0, size, 0);
  return self;
}

void
lk_optimizer_freeze (LkOptimizer *self, size_t offset, size_t n)
{
  int kept = 0;

  for (int k = 0; k < self->n_chunks; k++)
    if (self->chunks[k].offset < offset || self->chunks[k].offset >= offset + n)
      self->chunks[kept++] = self->chunks[k];
  self->n_chunks = kept;
}

void
lk_optimizer_free (LkOptimizer *self)
{
  if (self == NULL)
    return;
  free (self->chunks);
  free (self->moments[0]);
  free (self);
}

void
lk_optimizer_set_momentum (LkOptimizer *self, double momentum)
{
  self->momentum = momentum;
}

void
lk_optimizer_set_clip_value (LkOptimizer *self, double x)
{
  self->clip_value = x;
}

void
lk_optimizer_set_clip_norm (LkOptimizer *self, double x)
{
  self->clip_norm = x;
}

int64_t
lk_optimizer_get_step (const LkOptimizer *self)
{
  return self->step;
}

void
lk_optimizer_set_step (LkOptimizer *self, int64_t step)
{
  self->step = step;
}

int
lk_optimizer_get_n_moments (const LkOptimizer *self)
{
  return self->n_moments;
}

float *
lk_optimizer_get_moment (LkOptimizer *self, int i)
{
  return i >= 0 && i < self->n_moments ? self->moments[i] : NULL;
}

/* The gradient of the whole loss, clipped.  Comparisons that let NaN through. */
static inline float
shape_gradient (float g, float w, float l2, float scale, float limit)
{
  g = (g + 2.0f * l2 * w) * scale;
  g = g > limit ? limit : g;
  return g < -limit ? -limit : g;
}

static void
sum_squares (int begin, int end, int thread, void *data)
{
  LkOptimizer *self = data;

  for (int k = begin; k < end; k++)
    {
      Chunk *chunk = &self->chunks[k];
      const float *w = self->params + chunk->offset, *g = self->grads + chunk->offset;

      chunk->squares = 0;
      for (int i = 0; i < chunk->n; i++)
        {
          double x = (double) (g[i] + 2.0f * chunk->l2 * w[i]);

          chunk->squares += x * x;
        }
    }
}

static void
sum_penalty (const LkOptimizer *self, Chunk *chunk)
{
  const float *w = self->params + chunk->offset;

  chunk->penalty = 0;
  if (chunk->l2 == 0)
    return;
  for (int i = 0; i < chunk->n; i++)
    chunk->penalty += (double) w[i] * (double) w[i];
  chunk->penalty *= (double) chunk->l2;
}

static void
step_adam (int begin, int end, int thread, void *data)
{
  LkOptimizer *self = data;
  const float rate = self->rate, scale = self->scale, limit = self->limit;

  for (int k = begin; k < end; k++)
    {
      Chunk *chunk = &self->chunks[k];
      float *restrict w = self->params + chunk->offset, *restrict g = self->grads + chunk->offset;
      float *restrict m = self->moments[0] + chunk->offset;
      float *restrict v = self->moments[1] + chunk->offset;
      const float l2 = chunk->l2;

      sum_penalty (self, chunk);
      for (int i = 0; i < chunk->n; i++)
        {
          float x = shape_gradient (g[i], w[i], l2, scale, limit);

          m[i] += (float) (1 - BETA1) * (x - m[i]);
          v[i] += (float) (1 - BETA2) * (x * x - v[i]);
          w[i] -= rate * m[i] / (sqrtf (v[i]) + EPSILON);
          g[i] = 0.0f;
        }
    }
}

static void
step_sgd (int begin, int end, int thread, void *data)
{
  LkOptimizer *self = data;
  const float rate = self->rate, scale = self->scale, limit = self->limit;
  const float momentum = (float) self->momentum;

  for (int k = begin; k < end; k++)
    {
      Chunk *chunk = &self->chunks[k];
      float *restrict w = self->params + chunk->offset, *restrict g = self->grads + chunk->offset;
      float *restrict m = self->moments[0] + chunk->offset;
      const float l2 = chunk->l2;

      sum_penalty (self, chunk);
      for (int i = 0; i < chunk->n; i++)
        {
          m[i] = momentum * m[i] - rate * shape_gradient (g[i], w[i], l2, scale, limit);
          w[i] += m[i];
          g[i] = 0.0f;
        }
    }
}

double
lk_optimizer_step (LkOptimizer *self, float *params, float *grads, double rate, LkPool *pool)
{
  double penalty = 0;

  self->params = params;
  self->grads = grads;
  self->scale = 1;
  self->limit = self->clip_value > 0 ? (float) self->clip_value : INFINITY;
  if (self->clip_norm > 0)
    {
      double squares = 0, norm;

      lk_pool_run (pool, self->n_chunks, 1, sum_squares, self);
      for (int k = 0; k < self->n_chunks; k++)
        squares += self->chunks[k].squares;
      norm = sqrt (squares);
      if (!(norm <= self->clip_norm))
        self->scale = (float) (self->clip_norm / norm);
    }

  self->step++;
  if (self->kind == LK_OPTIMIZER_ADAM)
    rate *= sqrt (1 - pow (BETA2, (double) self->step)) / (1 - pow (BETA1, (double) self->step));
  self->rate = (float) rate;
  lk_pool_run (pool, self->n_chunks, 1, self->kind == LK_OPTIMIZER_ADAM ? step_adam : step_sgd,
               self);
  for (int k = 0; k < self->n_chunks; k++)
    penalty += self->chunks[k].penalty;
  return penalty;
}
