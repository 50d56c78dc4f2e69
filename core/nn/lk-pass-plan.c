/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-batchnorm.h"
#include "lk-pass-private.h"

#include <stdlib.h>

#define MAX_BUFFERS (8 * LK_NETWORK_MAX_LAYERS) /* see the calls of add_buffer() */

/* What the backward pass of a buffer's writers reads in it. */
typedef enum
{
  NEED_NOTHING,
  NEED_SIGN, /* where it is positive: ReLU */
  NEED_VALUE,
} Need;

typedef struct
{
  LkPass *pass;
  int n_readers[LK_NETWORK_MAX_LAYERS]; /* of a layer's output */
  int wants_dy[LK_NETWORK_MAX_LAYERS];  /* it or a layer before it has parameters */
  int grads[LK_NETWORK_MAX_LAYERS];     /* the buffer with what its readers have left so far */
  Need needs[MAX_BUFFERS];
  int users[MAX_BUFFERS]; /* layers whose gradient, in this buffer, is still to be gone through */
} Plan;

LkConv
lk_pass_get_conv (const LkPass *self, const LkPassStep *step, int n)
{
  return lk_layer_get_conv (step->layer, self->steps[step->layer->inputs[0]].layer, n);
}

LkMaxPool
lk_pass_get_max_pool (const LkPass *self, const LkPassStep *step, int n)
{
  return lk_layer_get_max_pool (step->layer, self->steps[step->layer->inputs[0]].layer, n);
}

static size_t
round_up (size_t floats)
{
  return (floats + 15) & ~(size_t) 15; /* 64 bytes */
}

static int
add_buffer (Plan *plan, size_t floats, int begin, int end)
{
  LkPass *pass = plan->pass;

  pass->buffers[pass->n_buffers] = (LkPassBuffer){
    .floats = round_up (floats),
    .begin = begin,
    .end = end,
  };
  return pass->n_buffers++;
}

static void
use_buffer (Plan *plan, int buffer, int time)
{
  if (buffer != LK_PASS_NONE && plan->pass->buffers[buffer].end < time)
    plan->pass->buffers[buffer].end = time;
}

/* Floats of a layer's output for a whole batch. */
static size_t
get_floats (const Plan *plan, const LkLayer *layer)
{
  return (size_t) plan->pass->max_batch * (size_t) layer->h * (size_t) layer->w * (size_t) layer->c;
}

static int
has_params (const LkLayer *layer)
{
  return layer->op == LK_OP_CONV2D || layer->op == LK_OP_DENSE || layer->op == LK_OP_BATCHNORM;
}

/* Whether the backward pass reads the layer's input. */
static int
reads_again (const LkLayer *layer)
{
  return has_params (layer) || layer->op == LK_OP_NORMALIZE;
}

/* ---- Forward: which layer writes where, and what must outlive the forward pass. ---- */

static Need
get_need (const LkLayer *layer)
{
  switch (layer->op)
    {
    case LK_OP_SIGMOID:
    case LK_OP_NORMALIZE:
      return NEED_VALUE;
    case LK_OP_RELU:
      return NEED_SIGN;
    case LK_OP_CONV2D:
    case LK_OP_DENSE:
    case LK_OP_ADD:
      return layer->activation == LK_ACTIVATION_SIGMOID ? NEED_VALUE
             : layer->activation == LK_ACTIVATION_RELU  ? NEED_SIGN
                                                        : NEED_NOTHING;
    default: /* a batch norm's ReLU is worked out again from its input */
      return NEED_NOTHING;
    }
}

/* Whether the layer may write over an input whose writers have that @need. */
static int
may_overwrite (const LkLayer *layer, Need need)
{
  switch (layer->op)
    {
    case LK_OP_FLATTEN:
      return 1;
    case LK_OP_RELU:
    case LK_OP_DROPOUT: /* either leaves what is positive positive, or stops its gradient */
      return need != NEED_VALUE;
    case LK_OP_SIGMOID:
    case LK_OP_ADD:
      return need == NEED_NOTHING;
    default:
      return 0;
    }
}

/* The buffer of layer @i's output: that of an input which nobody else reads, or its own. */
static int
place_output (Plan *plan, int i)
{
  const LkLayer *layer = plan->pass->steps[i].layer;

  for (int k = 0; k < layer->n_inputs; k++)
    {
      int in = layer->inputs[k], y = plan->pass->steps[in].y;

      if (y != LK_PASS_NONE && plan->n_readers[in] == 1 && may_overwrite (layer, plan->needs[y]))
        return y;
    }
  return add_buffer (plan, get_floats (plan, layer), i, i);
}

/* A ReLU right before a pool needs no mask of its own: a pool's gradient reaches only
 * the places that it took, and one of those was positive just when the pool's output
 * is.  So the map before the pool, the largest of all, need not be kept. */
static int
masks_for_input (const Plan *plan, const LkLayer *layer)
{
  const LkLayer *in = plan->pass->steps[layer->inputs[0]].layer;

  return layer->op == LK_OP_MAXPOOL && in->op == LK_OP_CONV2D &&
         in->activation == LK_ACTIVATION_RELU && plan->n_readers[layer->inputs[0]] == 1;
}

static void
plan_outputs (Plan *plan)
{
  LkPass *pass = plan->pass;
  int last = 2 * pass->n_steps;

  for (int i = 0; i < pass->n_steps; i++)
    for (int k = 0; k < pass->steps[i].layer->n_inputs; k++)
      plan->n_readers[pass->steps[i].layer->inputs[k]]++;
  pass->steps[0].y = LK_PASS_NONE;
  for (int i = 1; i < pass->n_steps; i++)
    {
      LkPassStep *step = &pass->steps[i];
      const LkLayer *layer = step->layer;
      Need need = get_need (layer);

      if (masks_for_input (plan, layer))
        {
          pass->steps[layer->inputs[0]].relu_by_pool = 1;
          plan->needs[pass->steps[layer->inputs[0]].y] = NEED_NOTHING;
          need = NEED_SIGN;
        }
      step->y = place_output (plan, i);
      if (need > plan->needs[step->y])
        plan->needs[step->y] = need;
      use_buffer (plan, step->y, i);
      plan->wants_dy[i] = has_params (layer);
      for (int k = 0; k < layer->n_inputs; k++)
        {
          use_buffer (plan, pass->steps[layer->inputs[k]].y, reads_again (layer) ? last - i : i);
          plan->wants_dy[i] |= plan->wants_dy[layer->inputs[k]];
        }
    }
  for (int i = 1; i < pass->n_steps; i++)
    if (plan->needs[pass->steps[i].y] != NEED_NOTHING)
      use_buffer (plan, pass->steps[i].y, last - i);
  use_buffer (plan, pass->steps[pass->n_steps - 1].y, last); /* the caller reads it */
}

/* ---- Backward: whose gradient is where.  A buffer may hold the gradient of several
 * layers, those that a sum adds up; it is written over by the last of them alone. ---- */

static int
has_activation (const LkPassStep *step)
{
  const LkLayer *layer = step->layer;

  return layer->activation == LK_ACTIVATION_SIGMOID ||
         (layer->activation == LK_ACTIVATION_RELU && layer->op != LK_OP_BATCHNORM &&
          !step->relu_by_pool);
}

/* A buffer for a gradient of the size of a layer's output. */
static int
add_gradient (Plan *plan, const LkLayer *layer, int time)
{
  int buffer = add_buffer (plan, get_floats (plan, layer), time, time);

  plan->users[buffer] = 1;
  return buffer;
}

/* What layer @i's backward pass leaves for its input @k. */
static void
plan_gradient (Plan *plan, int i, int k, int time)
{
  LkPassStep *step = &plan->pass->steps[i];
  int in = step->layer->inputs[k], before = plan->grads[in];
  int passes_on = step->layer->op == LK_OP_ADD || step->layer->op == LK_OP_FLATTEN;
  int in_place = step->layer->op != LK_OP_CONV2D && step->layer->op != LK_OP_DENSE &&
                 step->layer->op != LK_OP_MAXPOOL && plan->users[step->dz] == 1;
  LkPassGradient *dx = &step->dx[k];

  dx->add = before;
  if (passes_on ? before == LK_PASS_NONE : in_place)
    {
      dx->to = step->dz;
      plan->users[step->dz]++;
    }
  else
    dx->to = add_gradient (plan, plan->pass->steps[in].layer, time);
  if (before != LK_PASS_NONE)
    {
      use_buffer (plan, before, time);
      plan->users[before]--;
    }
  plan->grads[in] = dx->to;
}

static void
plan_gradients (Plan *plan)
{
  LkPass *pass = plan->pass;
  int end = pass->n_steps - 1;

  for (int i = 0; i < pass->n_steps; i++)
    plan->grads[i] = LK_PASS_NONE;
  plan->grads[end] = add_gradient (plan, pass->steps[end].layer, pass->n_steps);
  for (int i = end; i > 0; i--)
    {
      LkPassStep *step = &pass->steps[i];
      int time = 2 * pass->n_steps - i;

      step->dy = step->dz = step->dx[0].to = step->dx[1].to = LK_PASS_NONE;
      if (!plan->wants_dy[i])
        continue;
      step->dy = step->dz = plan->grads[i];
      use_buffer (plan, step->dy, time);
      if (has_activation (step) && plan->users[step->dy] > 1)
        {
          plan->users[step->dy]--;
          step->dz = add_gradient (plan, step->layer, time);
        }
      for (int k = 0; k < step->layer->n_inputs; k++)
        if (plan->wants_dy[step->layer->inputs[k]])
          plan_gradient (plan, i, k, time);
      plan->users[step->dz]--;
    }
}

/* ---- What layers want beside. ---- */

static size_t
larger (size_t a, size_t b)
{
  return a > b ? a : b;
}

static void
plan_extras (Plan *plan)
{
  LkPass *pass = plan->pass;

  for (int i = 1; i < pass->n_steps; i++)
    {
      LkPassStep *step = &pass->steps[i];
      const LkLayer *layer = step->layer;
      int back = 2 * pass->n_steps - i;
      size_t forward = 0, backward = 0;

      if (layer->op == LK_OP_CONV2D)
        {
          LkConv cv = lk_pass_get_conv (pass, step, pass->max_batch);

          step->packed = round_up (lk_conv_packed_size (&cv));
          forward = step->packed + lk_conv_scratch (&cv, pass->pool);
          step->unread = layer->no_bias ? round_up ((size_t) layer->c) : 0;
          backward = step->unread + lk_conv_backward_scratch (&cv, pass->pool);
        }
      else if (layer->op == LK_OP_DENSE)
        {
          backward = (size_t) layer->c;
        }
      else if (layer->op == LK_OP_MAXPOOL)
        {
          LkMaxPool mp = lk_pass_get_max_pool (pass, step, pass->max_batch);

          step->where = add_buffer (plan, get_floats (plan, layer), i, back);
          forward = lk_max_pool_scratch (&mp, pass->pool);
        }
      else if (layer->op == LK_OP_BATCHNORM)
        {
          size_t rows = get_floats (plan, layer) / (size_t) layer->c;

          step->stats = add_buffer (plan, (size_t) LK_PASS_MAX_TOWERS * 2 * (size_t) layer->c, i,
                                    back);
          forward = backward = lk_batch_norm_scratch (rows, layer->c);
        }
      step->scratch = add_buffer (plan, forward, i, i);
      step->backward_scratch = add_buffer (plan, backward, back, back);
    }
}

/* ---- The arena.  The largest buffers come first, each as far down as those allow that
 * are in use at the same time.
 *
 * Source: Y. Pisarchyk and J. Lee, "Efficient Memory Management for Deep Neural Net
 * Inference", 2020, section 5.2. ---- */

static int
compare_sizes (const void *a, const void *b)
{
  const LkPassBuffer *x = *(const LkPassBuffer *const *) a, *y = *(const LkPassBuffer *const *) b;

  if (x->floats != y->floats)
    return x->floats > y->floats ? -1 : 1;
  return x < y ? -1 : x > y; /* qsort() alone keeps no order */
}

static int
compare_offsets (const void *a, const void *b)
{
  const LkPassBuffer *x = *(const LkPassBuffer *const *) a, *y = *(const LkPassBuffer *const *) b;

  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void
plan_arena (LkPass *pass, LkPassBuffer **order, LkPassBuffer **beside)
{
  for (int i = 0; i < pass->n_buffers; i++)
    order[i] = &pass->buffers[i];
  qsort (order, (size_t) pass->n_buffers, sizeof *order, compare_sizes);
  for (int i = 0; i < pass->n_buffers; i++)
    {
      LkPassBuffer *buffer = order[i];
      int n = 0;

      for (int k = 0; k < i; k++)
        if (order[k]->begin <= buffer->end && buffer->begin <= order[k]->end)
          beside[n++] = order[k];
      qsort (beside, (size_t) n, sizeof *beside, compare_offsets);
      buffer->offset = 0;
      for (int k = 0; k < n && beside[k]->offset < buffer->offset + buffer->floats; k++)
        buffer->offset = larger (buffer->offset, beside[k]->offset + beside[k]->floats);
      pass->size = larger (pass->size, buffer->offset + buffer->floats);
    }
}

int
lk_pass_plan (LkPass *self)
{
  Plan *plan = calloc (1, sizeof *plan);
  LkPassBuffer **order = calloc ((size_t) MAX_BUFFERS * 2, sizeof *order);

  self->steps = calloc ((size_t) self->n_steps, sizeof *self->steps);
  self->buffers = calloc ((size_t) MAX_BUFFERS, sizeof *self->buffers);
  if (plan != NULL && order != NULL && self->steps != NULL && self->buffers != NULL)
    {
      plan->pass = self;
      for (int i = 0; i < self->n_steps; i++)
        self->steps[i].layer = lk_network_get_layer (self->network, i);
      plan_outputs (plan);
      plan_gradients (plan);
      plan_extras (plan);
      plan_arena (self, order, order + MAX_BUFFERS);
    }
  free (plan);
  free (order);
  return self->size > 0;
}
