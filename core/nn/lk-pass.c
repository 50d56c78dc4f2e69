/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-batchnorm.h"
#include "lk-dense.h"
#include "lk-elementwise.h"
#include "lk-normalize.h"
#include "lk-pass-private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

LkPass *
lk_pass_new (const LkNetwork *network, int max_batch, LkPool *pool)
{
  LkPass *self;

  assert (max_batch >= 1 && max_batch <= LK_PASS_MAX_BATCH && !lk_network_has_maps (network));
  self = calloc (1, sizeof *self);
  if (self == NULL)
    return NULL;
  self->network = network;
  self->pool = pool;
  self->max_batch = max_batch;
  self->n_steps = lk_network_get_n_layers (network) - 1;
  if (!lk_pass_plan (self) || self->size > PTRDIFF_MAX / sizeof (float) ||
      posix_memalign ((void **) &self->arena, 64, self->size * sizeof (float)) != 0)
    {
      self->arena = NULL;
      lk_pass_free (self);
      return NULL;
    }
  return self;
}

void
lk_pass_free (LkPass *self)
{
  if (self == NULL)
    return;
  free (self->arena);
  free (self->buffers);
  free (self->steps);
  free (self);
}

size_t
lk_pass_get_memory (const LkPass *self)
{
  return sizeof *self + (size_t) self->n_steps * sizeof *self->steps +
         (size_t) self->n_buffers * sizeof *self->buffers + self->size * sizeof (float);
}

static float *
get_buffer (LkPass *self, int buffer)
{
  return buffer == LK_PASS_NONE ? NULL : self->arena + self->buffers[buffer].offset;
}

/* What layer @i put out, to be read. */
static const float *
get_output (LkPass *self, int i)
{
  return self->steps[i].y == LK_PASS_NONE ? self->images : get_buffer (self, self->steps[i].y);
}

/* What the layer reads. */
static const float *
get_input (LkPass *self, const LkPassStep *step, int k)
{
  return get_output (self, step->layer->inputs[k]);
}

/* Floats of the layer's output. */
static size_t
get_floats (const LkPass *self, const LkPassStep *step)
{
  const LkLayer *layer = step->layer;

  return (size_t) self->n * (size_t) layer->h * (size_t) layer->w * (size_t) layer->c;
}

/* The layer's biases among parameters. */
static const float *
get_bias (const LkPassStep *step, const float *params)
{
  return step->layer->no_bias ? NULL : params + step->layer->bias;
}

/* Where their gradients are added up: nobody reads what a layer without any puts there. */
static float *
get_bias_gradient (LkPass *self, const LkPassStep *step, float *grads)
{
  float *unread = get_buffer (self, step->backward_scratch);

  if (!step->layer->no_bias)
    return grads + step->layer->bias;
  memset (unread, 0, (size_t) step->layer->c * sizeof *unread);
  return unread;
}

static void
forward_conv2d (LkPass *self, const LkPassStep *step, const float *params, const float *x, float *y)
{
  LkConv cv = lk_pass_get_conv (self, step, self->n);
  const LkLayer *layer = step->layer;
  LkEpilogue epilogue = { .bias = get_bias (step, params),
                          .relu = layer->activation == LK_ACTIVATION_RELU };
  float *packed = get_buffer (self, step->scratch);

  lk_conv_pack (&cv, params + layer->kernel, packed, self->pool);
  lk_conv_forward (&cv, x, packed, &epilogue, y, packed + step->packed, self->pool);
}

static void
forward_batch_norm (LkPass *self, const LkPassStep *step, float *params, const float *x, float *y)
{
  const LkLayer *layer = step->layer;
  size_t c = (size_t) layer->c;
  size_t rows = (size_t) (self->n / self->n_towers) * (size_t) layer->h * (size_t) layer->w;

  for (int tower = 0; tower < self->n_towers; tower++, x += rows * c, y += rows * c)
    {
      float *mean = params + layer->mean, *variance = params + layer->variance;

      if (self->training)
        {
          mean = get_buffer (self, step->stats) + (size_t) tower * 2 * c;
          variance = mean + c;
          lk_batch_norm_statistics (rows, layer->c, x, mean, variance,
                                    get_buffer (self, step->scratch), self->pool);
          lk_batch_norm_update (rows, layer->c, mean, variance, layer->momentum,
                                params + layer->mean, params + layer->variance);
        }
      lk_batch_norm_forward (rows, layer->c, x, mean, variance, layer->epsilon,
                             params + layer->gamma, params + layer->beta, NULL,
                             layer->activation == LK_ACTIVATION_RELU, y,
                             get_buffer (self, step->scratch), self->pool);
    }
}

static void
forward_max_pool (LkPass *self, const LkPassStep *step, const float *x, float *y)
{
  LkMaxPool mp = lk_pass_get_max_pool (self, step, self->n);
  void *where = self->training ? get_buffer (self, step->where) : NULL;

  lk_max_pool_forward (&mp, x, y, (int32_t *) where, get_buffer (self, step->scratch), self->pool);
}

static void
forward (LkPass *self, LkPassStep *step, float *params, LkRandom *random)
{
  const LkLayer *layer = step->layer;
  const float *x = get_input (self, step, 0);
  float *y = get_buffer (self, step->y);
  size_t floats = get_floats (self, step);

  switch (layer->op)
    {
    case LK_OP_CONV2D:
      forward_conv2d (self, step, params, x, y);
      break;
    case LK_OP_DENSE:
      lk_dense_forward (self->n, self->steps[layer->inputs[0]].layer->c, layer->c, x,
                        params + layer->kernel, get_bias (step, params), y, self->pool);
      if (layer->activation == LK_ACTIVATION_RELU)
        lk_relu_forward (floats, y, y, self->pool);
      break;
    case LK_OP_BATCHNORM:
      forward_batch_norm (self, step, params, x, y);
      break;
    case LK_OP_MAXPOOL:
      forward_max_pool (self, step, x, y);
      break;
    case LK_OP_RELU:
      lk_relu_forward (floats, x, y, self->pool);
      break;
    case LK_OP_SIGMOID:
      lk_sigmoid_forward (floats, x, y, self->pool);
      break;
    case LK_OP_ADD:
      lk_add_forward (floats, x, get_input (self, step, 1), layer->activation == LK_ACTIVATION_RELU,
                      y, self->pool);
      break;
    case LK_OP_NORMALIZE:
      lk_normalize_forward (self->n, layer->c, x, y);
      break;
    case LK_OP_DROPOUT:
      if (self->training && layer->rate > 0)
        {
          step->key = lk_random_next (random);
          lk_dropout (floats, layer->rate, step->key, x, y, self->pool);
          break;
        }
      /* fall through */
    default: /* flatten: the same numbers in the same order */
      if (y != x)
        memcpy (y, x, floats * sizeof *y);
      break;
    }
  if (layer->activation == LK_ACTIVATION_SIGMOID)
    lk_sigmoid_forward (floats, y, y, self->pool);
}

const float *
lk_pass_forward (LkPass *self, float *params, const float *images, int n, int n_towers,
                 int training, LkRandom *random)
{
  assert (n >= 1 && n <= self->max_batch);
  assert (n_towers >= 1 && n_towers <= LK_PASS_MAX_TOWERS && n % n_towers == 0);

  self->images = images;
  self->n = n;
  self->n_towers = n_towers;
  self->training = training;
  for (int i = 1; i < self->n_steps; i++)
    forward (self, &self->steps[i], params, random);
  return get_output (self, self->n_steps - 1);
}

static void
backward_conv2d (LkPass *self, const LkPassStep *step, const float *params, const float *dy,
                 float *dx, float *grads)
{
  LkConv cv = lk_pass_get_conv (self, step, self->n);
  const LkLayer *layer = step->layer;
  float *scratch = get_buffer (self, step->backward_scratch) + step->unread;

  lk_conv_backward_kernel (&cv, get_input (self, step, 0), dy, grads + layer->kernel,
                           get_bias_gradient (self, step, grads), scratch, self->pool);
  if (dx != NULL)
    lk_conv_backward_data (&cv, dy, params + layer->kernel, dx, scratch, self->pool);
}

static void
backward_batch_norm (LkPass *self, const LkPassStep *step, const float *params, const float *dy,
                     float *dx, float *grads)
{
  const LkLayer *layer = step->layer;
  size_t c = (size_t) layer->c;
  size_t rows = (size_t) (self->n / self->n_towers) * (size_t) layer->h * (size_t) layer->w;
  const float *x = get_input (self, step, 0);

  for (int tower = 0; tower < self->n_towers; tower++)
    {
      const float *mean = get_buffer (self, step->stats) + (size_t) tower * 2 * c;
      size_t at = (size_t) tower * rows * c;

      lk_batch_norm_backward (
          rows, layer->c, x + at, mean, mean + c, layer->epsilon, params + layer->gamma,
          params + layer->beta, layer->activation == LK_ACTIVATION_RELU, dy + at,
          dx != NULL ? dx + at : NULL, grads + layer->gamma, grads + layer->beta,
          get_buffer (self, step->backward_scratch), self->pool);
    }
}

static void
backward_max_pool (LkPass *self, const LkPassStep *step, float *dy, float *dx)
{
  LkMaxPool mp = lk_pass_get_max_pool (self, step, self->n);
  const void *where = get_buffer (self, step->where);

  if (self->steps[step->layer->inputs[0]].relu_by_pool)
    lk_relu_backward (get_floats (self, step), get_buffer (self, step->y), dy, dy, self->pool);
  lk_max_pool_backward (&mp, dy, (const int32_t *) where, dx, self->pool);
}

/* The gradient of a layer that passes it on as it is. */
static void
pass_on (LkPass *self, const LkPassStep *step, const float *dy)
{
  for (int k = 0; k < step->layer->n_inputs; k++)
    if (step->dx[k].to != LK_PASS_NONE && step->dx[k].to != step->dz)
      lk_add_forward (get_floats (self, step), dy, get_buffer (self, step->dx[k].add), 0,
                      get_buffer (self, step->dx[k].to), self->pool);
}

static void
backward (LkPass *self, const LkPassStep *step, const float *params, float *grads)
{
  const LkLayer *layer = step->layer;
  const LkPassStep *in = &self->steps[layer->inputs[0]];
  size_t floats = get_floats (self, step);
  const float *x = get_input (self, step, 0), *y = get_buffer (self, step->y);
  const float *dy = get_buffer (self, step->dy);
  float *dz = get_buffer (self, step->dz), *dx = get_buffer (self, step->dx[0].to);

  if (layer->activation == LK_ACTIVATION_SIGMOID)
    lk_sigmoid_backward (floats, y, dy, dz, self->pool);
  else if (layer->activation == LK_ACTIVATION_RELU && layer->op != LK_OP_BATCHNORM &&
           !step->relu_by_pool)
    lk_relu_backward (floats, y, dy, dz, self->pool);

  switch (layer->op)
    {
    case LK_OP_CONV2D:
      backward_conv2d (self, step, params, dz, dx, grads);
      break;
    case LK_OP_DENSE:
      lk_dense_backward (self->n, in->layer->c, layer->c, x, params + layer->kernel, dz, dx,
                         grads + layer->kernel, get_bias_gradient (self, step, grads), self->pool);
      break;
    case LK_OP_BATCHNORM:
      backward_batch_norm (self, step, params, dz, dx, grads);
      break;
    case LK_OP_MAXPOOL:
      backward_max_pool (self, step, dz, dx);
      break;
    case LK_OP_RELU:
      lk_relu_backward (floats, y, dz, dx, self->pool);
      break;
    case LK_OP_SIGMOID:
      lk_sigmoid_backward (floats, y, dz, dx, self->pool);
      break;
    case LK_OP_NORMALIZE:
      lk_normalize_backward (self->n, layer->c, x, y, dz, dx);
      break;
    case LK_OP_DROPOUT:
      if (layer->rate > 0)
        lk_dropout (floats, layer->rate, step->key, dz, dx, self->pool);
      else if (dx != dz)
        memcpy (dx, dz, floats * sizeof *dx);
      break;
    default: /* add, flatten */
      pass_on (self, step, dz);
      return;
    }
  if (dx != NULL && step->dx[0].add != LK_PASS_NONE)
    lk_add_forward (get_floats (self, in), dx, get_buffer (self, step->dx[0].add), 0, dx,
                    self->pool);
}

void
lk_pass_backward (LkPass *self, const float *params, const float *d_embedding, float *grads)
{
  const LkPassStep *last = &self->steps[self->n_steps - 1];

  assert (self->training);
  if (last->dy == LK_PASS_NONE) /* nothing to learn */
    return;
  memcpy (get_buffer (self, last->dy), d_embedding, get_floats (self, last) * sizeof *d_embedding);
  for (int i = self->n_steps - 1; i > 0; i--)
    if (self->steps[i].dy != LK_PASS_NONE)
      backward (self, &self->steps[i], params, grads);
}
