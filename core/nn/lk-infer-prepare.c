/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-dense-packed.h"
#include "lk-infer-private.h"
#include "lk-layer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is known while the layers are gone through. */
typedef struct
{
  LkInfer *infer;
  const LkNetwork *network;
  const float *params;
  int n;        /* layers before the head; every one feeds the next: the network is a chain */
  int constant; /* the map is the same everywhere, and computed at one place */
} Plan;

static const LkLayer *
layer_at (const Plan *plan, int i)
{
  return lk_network_get_layer (plan->network, i);
}

/* ---- Maps that are the same everywhere.  A pool whose every window covers the whole
 * picture makes one, and what acts on each place alike keeps it one; a dense layer behind
 * it may add up its weights over the places beforehand.  That is exact. ---- */

static int
covers_all (const LkLayer *pool, const LkLayer *in)
{
  int last_y = (pool->h - 1) * pool->stride, last_x = (pool->w - 1) * pool->stride;

  /* The first window must reach the end, the last one the beginning. */
  return pool->window - pool->pad_top >= in->h && last_y <= pool->pad_top &&
         pool->window - pool->pad_left >= in->w && last_x <= pool->pad_left;
}

static int
is_padded (const LkLayer *conv, const LkLayer *in)
{
  return conv->pad_top > 0 || conv->pad_left > 0 ||
         (conv->h - 1) * conv->stride + conv->window > in->h ||
         (conv->w - 1) * conv->stride + conv->window > in->w;
}

/* Whether the map behind pool i stays the same everywhere up to a dense layer. */
static int
stays_constant (const Plan *plan, int i)
{
  for (i++; i < plan->n; i++)
    {
      const LkLayer *layer = layer_at (plan, i);

      if (layer->op == LK_OP_DENSE)
        return 1;
      if (layer->op == LK_OP_CONV2D && is_padded (layer, layer_at (plan, i - 1)))
        return 0;
      if (layer->op == LK_OP_BATCHNORM && layer->flat) /* each place has its own numbers */
        return 0;
    }
  return 0;
}

/* [places, n] to [n]. */
static void
add_up (float *kernel, size_t places, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      double sum = 0.0;

      for (size_t p = 0; p < places; p++)
        sum += (double) kernel[p * n + i];
      kernel[i] = (float) sum;
    }
}

/* ---- Batch norms of fixed statistics: x * scale + shift. ---- */

static void
get_affine (const Plan *plan, const LkLayer *norm, int i, double *scale, double *shift)
{
  const float *params = plan->params;
  double variance = (double) params[norm->variance + i], mean = (double) params[norm->mean + i];

  *scale = (double) params[norm->gamma + i] / sqrt (variance + (double) norm->epsilon);
  *shift = (double) params[norm->beta + i] - mean * *scale;
}

/* Multiplies the columns of kernel [n, c] and bends the bias. */
static void
fold_into_kernel (const Plan *plan, const LkLayer *norm, float *kernel, size_t n, float *bias)
{
  for (int i = 0; i < norm->c; i++)
    {
      double scale, shift;

      get_affine (plan, norm, i, &scale, &shift);
      for (size_t k = 0; k < n; k++)
        kernel[k * norm->c + i] = (float) ((double) kernel[k * norm->c + i] * scale);
      bias[i] = (float) ((double) bias[i] * scale + shift);
    }
}

/* Puts the batch norm behind what the step does already. */
static int
fold_behind (const Plan *plan, LkStep *step, const LkLayer *norm)
{
  int fresh = step->scale == NULL;

  if (fresh)
    {
      step->scale = lk_infer_take (plan->infer, norm->c * sizeof (float));
      step->shift = lk_infer_take (plan->infer, norm->c * sizeof (float));
      if (step->scale == NULL || step->shift == NULL)
        return 0;
    }
  for (int i = 0; i < norm->c; i++)
    {
      double scale, shift;

      get_affine (plan, norm, i, &scale, &shift);
      if (!fresh)
        {
          shift += scale * (double) step->shift[i];
          scale *= (double) step->scale[i];
        }
      step->scale[i] = (float) scale;
      step->shift[i] = (float) shift;
    }
  return 1;
}

/* ---- The layers.  @norm: (nullable): a batch norm right behind a linear one. ---- */

static int
take_bias (const Plan *plan, LkStep *step, const LkLayer *layer)
{
  step->bias = lk_infer_take (plan->infer, layer->c * sizeof (float));
  if (step->bias == NULL)
    return 0;
  memcpy (step->bias, plan->params + layer->bias, layer->c * sizeof (float));
  return 1;
}

static float *
copy_floats (const float *from, size_t n)
{
  float *to = malloc (n * sizeof *to);

  if (to != NULL)
    memcpy (to, from, n * sizeof *to);
  return to;
}

static int
add_conv (const Plan *plan, LkStep *step, const LkLayer *in, const LkLayer *layer,
          const LkLayer *norm)
{
  size_t taps = (size_t) layer->window * layer->window, sums = taps * in->c;
  float *kernel = copy_floats (plan->params + layer->kernel, sums * layer->c);

  step->cv = (LkConv){
    .n = 1,
    .h = in->h,
    .w = in->w,
    .c = in->c,
    .oh = layer->h,
    .ow = layer->w,
    .o = layer->c,
    .kh = layer->window,
    .kw = layer->window,
    .stride = layer->stride,
    .pad_top = layer->pad_top,
    .pad_left = layer->pad_left,
  };
  if (plan->constant)
    {
      step->cv.h = step->cv.w = step->cv.oh = step->cv.ow = step->cv.kh = step->cv.kw = 1;
      if (kernel != NULL)
        add_up (kernel, taps, (size_t) in->c * layer->c);
      sums = in->c;
    }
  step->kernel = lk_infer_take (plan->infer, lk_conv_packed_size (&step->cv) * sizeof (float));
  if (kernel == NULL || step->kernel == NULL || !take_bias (plan, step, layer))
    {
      free (kernel);
      return 0;
    }
  if (norm != NULL)
    fold_into_kernel (plan, norm, kernel, sums, step->bias);
  lk_conv_pack (&step->cv, kernel, step->kernel, plan->infer->pool);
  step->epilogue.relu = layer->activation == LK_ACTIVATION_RELU;
  free (kernel);
  return 1;
}

static void
add_pool (const Plan *plan, LkStep *step, const LkLayer *in, const LkLayer *layer)
{
  step->op = LK_STEP_POOL;
  step->mp = (LkMaxPool){
    .n = 1,
    .h = in->h,
    .w = in->w,
    .c = in->c,
    .oh = layer->h,
    .ow = layer->w,
    .window = layer->window,
    .stride = layer->stride,
    .pad_top = layer->pad_top,
    .pad_left = layer->pad_left,
  };
  if (plan->constant) /* from here on: one window, over everything */
    {
      step->mp.oh = step->mp.ow = 1;
      step->mp.window = in->h > in->w ? in->h : in->w;
      step->mp.pad_top = step->mp.pad_left = 0;
    }
}

/* @map: (nullable): the layer that was made flat, when its map is the same everywhere */
static int
add_dense (const Plan *plan, LkStep *step, int n_in, const LkLayer *map, const LkLayer *layer,
           const LkLayer *norm)
{
  float *kernel = copy_floats (plan->params + layer->kernel, (size_t) n_in * layer->c);

  if (kernel != NULL && map != NULL)
    {
      add_up (kernel, (size_t) map->h * map->w, (size_t) map->c * layer->c);
      n_in = map->c;
    }
  step->op = LK_STEP_DENSE;
  step->in = n_in;
  step->sigmoid = layer->activation == LK_ACTIVATION_SIGMOID;
  step->kernel = lk_infer_take (plan->infer, lk_dense_packed_size (n_in, layer->c));
  if (kernel == NULL || step->kernel == NULL || !take_bias (plan, step, layer))
    {
      free (kernel);
      return 0;
    }
  if (norm != NULL)
    fold_into_kernel (plan, norm, kernel, n_in, step->bias);
  lk_dense_pack (n_in, layer->c, kernel, step->kernel);
  free (kernel);
  return 1;
}

static LkStep *
add_step (const Plan *plan, LkStepOp op, const LkLayer *layer)
{
  LkStep *step = &plan->infer->steps[plan->infer->n_steps++];

  step->op = op;
  step->c = layer->c;
  step->in = step->out = (plan->constant ? 1 : (size_t) layer->h * layer->w) * layer->c;
  return step;
}

/* Goes on behind layer i with those that the step can do on the way.  Returns the last
 * of them, or -1 when memory is short. */
static int
absorb (const Plan *plan, LkStep *step, int i)
{
  for (; i + 1 < plan->n; i++)
    {
      const LkLayer *next = layer_at (plan, i + 1);

      if (next->op == LK_OP_DROPOUT)
        continue;
      if (next->flat) /* a norm's channels are others from here on */
        break;
      if (next->op == LK_OP_RELU && step->scale == NULL)
        step->epilogue.relu = 1;
      else if (next->op == LK_OP_BATCHNORM)
        {
          if (!fold_behind (plan, step, next))
            return -1;
        }
      else
        break;
    }
  step->epilogue.bias = step->bias;
  step->epilogue.scale = step->scale;
  step->epilogue.shift = step->shift;
  return i;
}

/* Makes the steps of layer i and those behind it that go with it.  Returns the last of
 * them, or -1 when memory is short. */
static int
add_layer (Plan *plan, int i)
{
  const LkLayer *layer = layer_at (plan, i), *in = layer_at (plan, i - 1), *norm = NULL, *map;
  LkStep *step;
  int flat_in;

  if (layer->activation == LK_ACTIVATION_LINEAR && i + 1 < plan->n &&
      layer_at (plan, i + 1)->op == LK_OP_BATCHNORM)
    norm = layer_at (plan, i + 1);

  switch (layer->op)
    {
    case LK_OP_CONV2D:
      step = add_step (plan, LK_STEP_CONV, layer);
      if (!add_conv (plan, step, in, layer, norm))
        return -1;
      i += norm != NULL;
      if (layer->activation != LK_ACTIVATION_SIGMOID)
        return absorb (plan, step, i);
      step->epilogue.bias = step->bias;
      add_step (plan, LK_STEP_SIGMOID, layer);
      return i;

    case LK_OP_MAXPOOL:
      if (plan->constant) /* the maximum of what is the same */
        return i;
      plan->constant = covers_all (layer, in) && stays_constant (plan, i);
      add_pool (plan, add_step (plan, LK_STEP_POOL, layer), in, layer);
      return i;

    case LK_OP_DENSE:
      flat_in = in->c;
      for (map = in; map->flat && map != layer_at (plan, 0);)
        map = layer_at (plan, map->inputs[0]);
      if (!plan->constant)
        map = NULL;
      plan->constant = 0;
      step = add_step (plan, LK_STEP_DENSE, layer);
      if (!add_dense (plan, step, flat_in, map, layer, norm))
        return -1;
      i += norm != NULL;
      if (layer->activation == LK_ACTIVATION_RELU)
        add_step (plan, LK_STEP_RELU, layer);
      return i;

    case LK_OP_BATCHNORM:
      step = add_step (plan, LK_STEP_AFFINE, layer);
      return fold_behind (plan, step, layer) ? i : -1;

    case LK_OP_RELU:
      add_step (plan, LK_STEP_RELU, layer);
      return i;

    case LK_OP_SIGMOID:
      add_step (plan, LK_STEP_SIGMOID, layer);
      return i;

    case LK_OP_INPUT:
    case LK_OP_DROPOUT:
    case LK_OP_FLATTEN:
    case LK_OP_UPSAMPLE: /* only in networks of maps */
    case LK_OP_ADD:
    case LK_OP_L1_HEAD:
    case LK_OP_MAPS:
      break;
    }
  return i;
}

/* Two buffers in turn for one picture, two for a batch; the last step writes to the caller's. */
static int
plan_buffers (LkInfer *self)
{
  self->n_buffers = 4;
  self->n_small = 2;
  self->floats = calloc (4, sizeof *self->floats);
  if (self->floats == NULL)
    return 0;
  while (self->n_single < self->n_steps && self->steps[self->n_single].op != LK_STEP_DENSE)
    self->n_single++;
  for (int i = 0; i < self->n_steps; i++)
    {
      LkStep *step = &self->steps[i];

      step->x = i == 0 ? LK_INFER_PICTURE : self->steps[i - 1].y;
      step->y = i % 2 + (i + 1 < self->n_single ? 0 : 2);
      if (step->out > self->floats[step->y] && i < self->n_steps - 1)
        self->floats[step->y] = step->out;
    }
  return 1;
}

int
lk_infer_prepare (LkInfer *self, const LkNetwork *network, const float *params)
{
  Plan plan = { .infer = self, .network = network, .params = params };

  plan.n = lk_network_get_n_layers (network) - 1;
  self->steps = calloc ((size_t) plan.n * 2, sizeof *self->steps); /* at most two a layer */
  if (self->steps == NULL)
    return 0;
  self->memory += (size_t) plan.n * 2 * sizeof *self->steps;

  for (int i = 1; i < plan.n; i++)
    {
      i = add_layer (&plan, i);
      if (i < 0)
        return 0;
    }

  return plan_buffers (self);
}
