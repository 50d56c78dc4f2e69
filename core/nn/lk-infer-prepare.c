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
  int n;                                /* layers before the head, which is layer n */
  int n_readers[LK_NETWORK_MAX_LAYERS]; /* of a layer's output */
  int readers[LK_NETWORK_MAX_LAYERS];   /* the last of them */
  int values[LK_NETWORK_MAX_LAYERS];    /* the step that gives a layer's output; NONE: not yet */
  int chain;                            /* every layer feeds the next and nothing else */
  int constant; /* of a chain: the map is the same everywhere, and computed at one place */
} Plan;

#define NONE (-2)

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
      if (layer->op == LK_OP_NORMALIZE)
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
  if (layer->no_bias) /* a batch norm that is folded in brings one */
    memset (step->bias, 0, layer->c * sizeof (float));
  else
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

  step->cv = lk_layer_get_conv (layer, in, plan->infer->looks);
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
  step->mp = lk_layer_get_max_pool (layer, in, plan->infer->looks);
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

/* Whose output is layer @i's: steps come to it by add_step(). */
static LkStep *
add_step (Plan *plan, LkStepOp op, int i)
{
  const LkLayer *layer = layer_at (plan, i), *in = layer_at (plan, layer->inputs[0]);
  LkStep *step = &plan->infer->steps[plan->infer->n_steps];
  int again = plan->values[i] != NONE; /* goes on with what a step made of the same layer */

  step->op = op;
  step->c = layer->c;
  step->in = (size_t) in->h * in->w * in->c;
  step->out = (size_t) layer->h * layer->w * layer->c;
  if (plan->constant || again)
    step->in = step->out = (plan->constant ? 1 : (size_t) layer->h * layer->w) * layer->c;
  step->x.buffer = plan->values[again ? i : layer->inputs[0]];
  step->x2.buffer = LK_INFER_PICTURE; /* whoever does not read it may have it */
  plan->values[i] = plan->infer->n_steps++;
  return step;
}

/* The only layer that reads layer @i's output; 0: there are more, or it is the head. */
static int
get_next (const Plan *plan, int i)
{
  return plan->n_readers[i] == 1 && plan->readers[i] < plan->n ? plan->readers[i] : 0;
}

/* The batch norm right behind a layer that is linear, and nowhere else read. */
static const LkLayer *
get_norm (const Plan *plan, int i)
{
  int next = get_next (plan, i);

  return layer_at (plan, i)->activation == LK_ACTIVATION_LINEAR && next > 0 &&
                 layer_at (plan, next)->op == LK_OP_BATCHNORM
             ? layer_at (plan, next)
             : NULL;
}

/* Gives the step those layers behind layer @i that it can do on the way. */
static int
absorb (Plan *plan, LkStep *step, int i)
{
  int value = plan->values[i];

  for (int next = get_next (plan, i); next > 0; i = next, next = get_next (plan, i))
    {
      const LkLayer *layer = layer_at (plan, next);

      if (layer->flat) /* a norm's channels are others from here on */
        break;
      if (layer->op == LK_OP_RELU && step->scale == NULL)
        step->epilogue.relu = 1;
      else if (layer->op == LK_OP_BATCHNORM && layer->activation == LK_ACTIVATION_LINEAR)
        {
          if (!fold_behind (plan, step, layer))
            return 0;
        }
      else if (layer->op != LK_OP_DROPOUT)
        break;
      plan->values[next] = value;
    }
  step->epilogue.bias = step->bias;
  step->epilogue.scale = step->scale;
  step->epilogue.shift = step->shift;
  return 1;
}

static int
prepare_conv (Plan *plan, int i)
{
  const LkLayer *layer = layer_at (plan, i), *norm = get_norm (plan, i);
  LkStep *step = add_step (plan, LK_STEP_CONV, i);

  if (!add_conv (plan, step, layer_at (plan, layer->inputs[0]), layer, norm))
    return 0;
  if (norm != NULL)
    {
      step->epilogue.relu = norm->activation == LK_ACTIVATION_RELU;
      plan->values[get_next (plan, i)] = plan->values[i];
      i = get_next (plan, i);
    }
  if (layer->activation != LK_ACTIVATION_SIGMOID)
    return absorb (plan, step, i);
  step->epilogue.bias = step->bias;
  add_step (plan, LK_STEP_SIGMOID, i);
  return 1;
}

static int
prepare_dense (Plan *plan, int i)
{
  const LkLayer *layer = layer_at (plan, i), *norm = get_norm (plan, i), *map;
  const LkLayer *in = layer_at (plan, layer->inputs[0]);
  LkStep *step;

  for (map = in; map->flat && map != layer_at (plan, 0);)
    map = layer_at (plan, map->inputs[0]);
  if (!plan->constant)
    map = NULL;
  plan->constant = 0;
  step = add_step (plan, LK_STEP_DENSE, i);
  if (!add_dense (plan, step, in->c, map, layer, norm))
    return 0;
  if (norm != NULL)
    {
      plan->values[get_next (plan, i)] = plan->values[i];
      i = get_next (plan, i);
    }
  if ((norm != NULL ? norm : layer)->activation == LK_ACTIVATION_RELU)
    add_step (plan, LK_STEP_RELU, i);
  return 1;
}

static int
prepare_layer (Plan *plan, int i)
{
  const LkLayer *layer = layer_at (plan, i), *in = layer_at (plan, layer->inputs[0]);
  LkStep *step;

  switch (layer->op)
    {
    case LK_OP_CONV2D:
      return prepare_conv (plan, i);

    case LK_OP_DENSE:
      return prepare_dense (plan, i);

    case LK_OP_MAXPOOL:
      if (plan->constant) /* the maximum of what is the same */
        break;
      plan->constant = plan->chain && covers_all (layer, in) && stays_constant (plan, i);
      add_pool (plan, add_step (plan, LK_STEP_POOL, i), in, layer);
      return 1;

    case LK_OP_BATCHNORM:
      if (!fold_behind (plan, add_step (plan, LK_STEP_AFFINE, i), layer))
        return 0;
      if (layer->activation == LK_ACTIVATION_RELU)
        add_step (plan, LK_STEP_RELU, i);
      return 1;

    case LK_OP_RELU:
      add_step (plan, LK_STEP_RELU, i);
      return 1;

    case LK_OP_SIGMOID:
      add_step (plan, LK_STEP_SIGMOID, i);
      return 1;

    case LK_OP_NORMALIZE:
      add_step (plan, LK_STEP_NORMALIZE, i);
      return 1;

    case LK_OP_ADD:
      step = add_step (plan, LK_STEP_ADD, i);
      step->x2.buffer = plan->values[layer->inputs[1]];
      step->epilogue.relu = layer->activation == LK_ACTIVATION_RELU;
      return 1;

    case LK_OP_UPSAMPLE:
      step = add_step (plan, LK_STEP_UPSAMPLE, i);
      step->h = in->h;
      step->w = in->w;
      step->times = layer->window;
      return 1;

    case LK_OP_INPUT:
    case LK_OP_DROPOUT:
    case LK_OP_FLATTEN:
    case LK_OP_L1_HEAD:
    case LK_OP_MAPS:
      break;
    }
  plan->values[i] = plan->values[layer->inputs[0]]; /* nothing to be done */
  return 1;
}

static void
find_readers (Plan *plan)
{
  plan->chain = 1;
  for (int i = 1; i <= plan->n; i++)
    {
      const LkLayer *layer = layer_at (plan, i);

      for (int k = 0; k < layer->n_inputs; k++)
        {
          plan->n_readers[layer->inputs[k]]++;
          plan->readers[layer->inputs[k]] = i;
        }
      plan->chain &= layer->n_inputs == 1 && layer->inputs[0] == i - 1;
    }
}

int
lk_infer_prepare (LkInfer *self, const LkNetwork *network, const float *params)
{
  Plan plan = { .infer = self, .network = network, .params = params };
  const LkLayer *head;

  plan.n = lk_network_get_n_layers (network) - 1;
  self->steps = calloc ((size_t) plan.n * 2, sizeof *self->steps); /* at most two a layer */
  if (self->steps == NULL)
    return 0;
  self->memory += (size_t) plan.n * 2 * sizeof *self->steps;

  find_readers (&plan);
  plan.values[0] = LK_INFER_PICTURE;
  for (int i = 1; i < plan.n; i++)
    plan.values[i] = NONE;
  for (int i = 1; i < plan.n; i++)
    if (plan.values[i] == NONE && !prepare_layer (&plan, i))
      return 0;

  head = layer_at (&plan, plan.n);
  self->n_maps = head->op == LK_OP_MAPS ? head->n_inputs : 0;
  for (int i = 0; i < self->n_maps; i++)
    {
      const LkLayer *map = layer_at (&plan, head->inputs[i]);

      self->maps[i].buffer = plan.values[head->inputs[i]];
      self->maps[i].floats = (size_t) map->h * map->w * map->c;
    }
  return lk_infer_place (self);
}
