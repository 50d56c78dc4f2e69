/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-optimizer.h"

#include "lk-muon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK   32768 /* floats that a thread takes at a time: 4 arrays of 128 KiB */
#define BETA1   0.9
#define BETA2   0.999
#define EPSILON 1e-7f

#define MOST_SIDE 1024 /* of a matrix, the shorter: Muon multiplies squares of it */

typedef struct
{
  size_t offset;
  int n;
  int of_matrix;
  float l2;
  double penalty, squares; /* of the step in hand */
} Chunk;

typedef struct
{
  size_t offset;
  int rows, columns;
  float *scratch; /* (owned) */
} Matrix;

struct _LkOptimizer
{
  LkOptimizerKind kind;
  size_t size;
  int64_t step;
  double momentum, decay, clip_value, clip_norm;

  Chunk *chunks;
  int n_chunks, n_moments;
  float *moments[2]; /* one allocation, moments[0] owns it */
  Matrix *matrices;  /* (owned): the largest first */
  int n_matrices;

  /* Of the step in hand: */
  float *params, *grads;
  double matrix_rate;
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
  self->n_moments = kind == LK_OPTIMIZER_SGD ? 1 : 2;
  self->momentum = kind == LK_OPTIMIZER_MUON ? 0.95 : 0;
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
add_chunks (LkOptimizer *self, size_t offset, size_t n, float l2, int of_matrix)
{
  for (size_t at = 0; at < n; at += CHUNK)
    self->chunks[self->n_chunks++] = (Chunk){
      .offset = offset + at,
      .n = (int) (n - at < CHUNK ? n - at : CHUNK),
      .of_matrix = of_matrix,
      .l2 = l2,
    };
}

static const Matrix *
find_matrix (const LkOptimizer *self, size_t offset)
{
  for (int i = 0; i < self->n_matrices; i++)
    if (self->matrices[i].offset == offset)
      return &self->matrices[i];
  return NULL;
}

static int
compare_matrices (const void *a, const void *b)
{
  const Matrix *x = a, *y = b;
  size_t m = (size_t) x->rows * (size_t) x->columns, n = (size_t) y->rows * (size_t) y->columns;

  if (m != n)
    return m > n ? -1 : 1;
  return x->offset < y->offset ? -1 : 1;
}

/* The kernels that Muon is for: those of two or more dimensions but the first, which sees
 * the pictures, and the last, which is the head's.  Returns 0 when memory is short. */
static int
add_matrices (LkOptimizer *self, const LkNetwork *network)
{
  int n_params = lk_network_get_n_params (network), n_seen = 0, n_kernels = 0;

  for (int i = 0; i < n_params; i++)
    n_kernels += lk_network_get_param (network, i)->n_dims > 1;
  self->matrices = calloc ((size_t) n_kernels, sizeof *self->matrices);
  if (self->matrices == NULL)
    return 0;
  for (int i = 0; i < n_params; i++)
    {
      const LkParam *param = lk_network_get_param (network, i);
      size_t columns = param->shape[param->n_dims - 1], rows = param->n / columns;
      Matrix *matrix = &self->matrices[self->n_matrices];

      if (param->n_dims < 2 || ++n_seen == 1 || n_seen == n_kernels ||
          (rows > MOST_SIDE && columns > MOST_SIDE))
        continue;
      *matrix = (Matrix){ .offset = param->offset, .rows = (int) rows, .columns = (int) columns };
      self->n_matrices++;
      matrix->scratch = calloc (lk_muon_scratch (matrix->rows, matrix->columns), sizeof (float));
      if (matrix->scratch == NULL)
        return 0;
    }
  if (self->n_matrices > 1)
    qsort (self->matrices, (size_t) self->n_matrices, sizeof *self->matrices, compare_matrices);
  return 1;
}

LkOptimizer *
lk_optimizer_new (const LkNetwork *network, LkOptimizerKind kind)
{
  LkOptimizer *self;
  size_t n_chunks = 0;

  for (int i = 0; i < lk_network_get_n_params (network); i++)
    n_chunks += count_chunks (lk_network_get_param (network, i)->n);
  self = make (lk_network_get_size (network), n_chunks, kind);
  if (self == NULL || (kind == LK_OPTIMIZER_MUON && !add_matrices (self, network)))
    {
      lk_optimizer_free (self);
      return NULL;
    }
  for (int i = 0; i < lk_network_get_n_params (network); i++)
    {
      const LkParam *param = lk_network_get_param (network, i);

      if (param->trainable)
        add_chunks (self, param->offset, param->n, param->l2,
                    find_matrix (self, param->offset) != NULL);
    }
  return self;
}

LkOptimizer *
lk_optimizer_new_plain (size_t size, LkOptimizerKind kind)
{
  LkOptimizer *self = make (size, count_chunks (size), kind);

  if (self != NULL)
    add_chunks (self, 0, size, 0, 0);
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
  kept = 0;
  for (int k = 0; k < self->n_matrices; k++)
    {
      Matrix matrix = self->matrices[k];

      if (matrix.offset < offset || matrix.offset >= offset + n)
        self->matrices[kept++] = matrix;
      else
        free (matrix.scratch);
    }
  self->n_matrices = kept;
}

void
lk_optimizer_free (LkOptimizer *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < self->n_matrices; i++)
    free (self->matrices[i].scratch);
  free (self->matrices);
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
lk_optimizer_set_decay (LkOptimizer *self, double decay)
{
  self->decay = decay;
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

/* The direction of each matrix takes the place of its gradient; the rest is Adam's. */
static void
step_muon (int begin, int end, int thread, void *data)
{
  LkOptimizer *self = data;
  const float momentum = (float) self->momentum;

  for (int k = begin; k < end; k++)
    {
      Chunk *chunk = &self->chunks[k];
      const float *w = self->params + chunk->offset;
      float *g = self->grads + chunk->offset, *m = self->moments[0] + chunk->offset;

      if (!chunk->of_matrix)
        {
          step_adam (k, k + 1, thread, data);
          continue;
        }
      sum_penalty (self, chunk);
      for (int i = 0; i < chunk->n; i++)
        {
          float x = shape_gradient (g[i], w[i], chunk->l2, self->scale, self->limit);

          m[i] += (1 - momentum) * (x - m[i]);
          g[i] = x + momentum * (m[i] - x);
        }
    }
}

static void
move_matrices (int begin, int end, int thread, void *data)
{
  LkOptimizer *self = data;

  for (int k = begin; k < end; k++)
    {
      const Matrix *matrix = &self->matrices[k];
      float *g = self->grads + matrix->offset;

      lk_muon_move (matrix->rows, matrix->columns, g, self->matrix_rate, self->decay,
                    self->params + matrix->offset, matrix->scratch);
      memset (g, 0, (size_t) matrix->rows * (size_t) matrix->columns * sizeof *g);
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
  static const LkPoolFunc steps[] = {
    [LK_OPTIMIZER_ADAM] = step_adam,
    [LK_OPTIMIZER_SGD] = step_sgd,
    [LK_OPTIMIZER_MUON] = step_muon,
  };
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
  self->matrix_rate = rate;
  if (self->kind != LK_OPTIMIZER_SGD)
    rate *= sqrt (1 - pow (BETA2, (double) self->step)) / (1 - pow (BETA1, (double) self->step));
  self->rate = (float) rate;
  lk_pool_run (pool, self->n_chunks, 1, steps[self->kind], self);
  lk_pool_run (pool, self->n_matrices, 1, move_matrices, self);
  for (int k = 0; k < self->n_chunks; k++)
    penalty += self->chunks[k].penalty;
  return penalty;
}
