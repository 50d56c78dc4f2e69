/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-infer-private.h"
#include "lk-layer.h"

#include <stdlib.h>
#include <string.h>

/* A network of maps made ready: it may branch, so each layer's output stays in its buffer
 * until the last layer that reads it is done. */
typedef struct
{
  LkInfer *infer;
  const LkNetwork *network;
  int n;                              /* layers before the head */
  int last[LK_NETWORK_MAX_LAYERS];    /* the last layer that reads this one's output */
  int buffers[LK_NETWORK_MAX_LAYERS]; /* where the output is */
  int free_[LK_NETWORK_MAX_LAYERS];   /* of each buffer, whether it may be written */
} Plan;

static void
find_last_readers (Plan *plan)
{
  for (int i = 1; i <= plan->n; i++) /* the head too: its inputs stay to the end */
    {
      const LkLayer *layer = lk_network_get_layer (plan->network, i);

      for (int k = 0; k < layer->n_inputs; k++)
        plan->last[layer->inputs[k]] = i;
    }
}

/* The free buffer that fits best, or a new one. */
static int
take_buffer (Plan *plan, size_t floats)
{
  LkInfer *infer = plan->infer;
  int best = -1;

  for (int i = 0; i < infer->n_buffers; i++)
    if (plan->free_[i] && (best < 0 || infer->floats[i] > infer->floats[best]))
      best = i;
  if (best < 0)
    best = infer->n_buffers++;
  if (floats > infer->floats[best])
    infer->floats[best] = floats;
  plan->free_[best] = 0;
  return best;
}

static int
add_conv (const Plan *plan, LkStep *step, const LkLayer *in, const LkLayer *layer,
          const float *params)
{
  step->op = LK_STEP_CONV;
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
  step->kernel = lk_infer_take (plan->infer, lk_conv_packed_size (&step->cv) * sizeof (float));
  step->bias = lk_infer_take (plan->infer, (size_t) layer->c * sizeof (float));
  if (step->kernel == NULL || step->bias == NULL)
    return 0;
  lk_conv_pack (&step->cv, params + layer->kernel, step->kernel, plan->infer->pool);
  memcpy (step->bias, params + layer->bias, (size_t) layer->c * sizeof (float));
  step->epilogue.bias = step->bias;
  step->epilogue.relu = layer->activation == LK_ACTIVATION_RELU;
  return 1;
}

static int
add_layer (Plan *plan, int i, const float *params)
{
  const LkLayer *layer = lk_network_get_layer (plan->network, i);
  const LkLayer *in = lk_network_get_layer (plan->network, layer->inputs[0]);
  LkStep *step = &plan->infer->steps[plan->infer->n_steps++];

  step->c = layer->c;
  step->in = (size_t) in->h * (size_t) in->w * (size_t) in->c;
  step->out = (size_t) layer->h * (size_t) layer->w * (size_t) layer->c;
  step->x = plan->buffers[layer->inputs[0]];
  step->y = plan->buffers[i] = take_buffer (plan, step->out);
  switch (layer->op)
    {
    case LK_OP_CONV2D:
      if (!add_conv (plan, step, in, layer, params))
        return 0;
      break;
    case LK_OP_MAXPOOL:
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
      break;
    case LK_OP_ADD:
      step->op = LK_STEP_ADD;
      step->x2 = plan->buffers[layer->inputs[1]];
      step->epilogue.relu = layer->activation == LK_ACTIVATION_RELU;
      break;
    case LK_OP_UPSAMPLE:
      step->op = LK_STEP_UPSAMPLE;
      step->h = in->h;
      step->w = in->w;
      step->times = layer->window;
      break;
    default: /* nothing else: check_maps() of lk-network-parse.c */
      step->op = layer->op == LK_OP_RELU ? LK_STEP_RELU : LK_STEP_SIGMOID;
      break;
    }
  if (layer->op == LK_OP_CONV2D && layer->activation == LK_ACTIVATION_SIGMOID)
    {
      LkStep *behind = &plan->infer->steps[plan->infer->n_steps++];

      *behind = (LkStep){ .op = LK_STEP_SIGMOID, .c = step->c, .x = step->y, .y = step->y };
      behind->in = behind->out = step->out;
    }
  for (int k = 0; k < layer->n_inputs; k++)
    if (plan->last[layer->inputs[k]] == i && plan->buffers[layer->inputs[k]] != LK_INFER_PICTURE)
      plan->free_[plan->buffers[layer->inputs[k]]] = 1;
  return 1;
}

int
lk_infer_prepare_maps (LkInfer *self, const LkNetwork *network, const float *params)
{
  Plan plan = { .infer = self, .network = network };
  const LkLayer *head;

  plan.n = lk_network_get_n_layers (network) - 1;
  head = lk_network_get_layer (network, plan.n);
  self->steps = calloc ((size_t) plan.n * 2, sizeof *self->steps); /* at most two a layer */
  self->floats = calloc ((size_t) plan.n, sizeof *self->floats);
  if (self->steps == NULL || self->floats == NULL)
    return 0;
  self->memory += (size_t) plan.n * (2 * sizeof *self->steps + sizeof *self->floats);

  find_last_readers (&plan);
  plan.buffers[0] = LK_INFER_PICTURE;
  for (int i = 1; i < plan.n; i++)
    if (!add_layer (&plan, i, params))
      return 0;
  self->n_single = self->n_steps;
  self->n_small = self->n_buffers;
  self->n_maps = head->n_inputs;
  for (int i = 0; i < head->n_inputs; i++)
    {
      const LkLayer *map = lk_network_get_layer (network, head->inputs[i]);

      self->maps[i].buffer = plan.buffers[head->inputs[i]];
      self->maps[i].n = (size_t) map->h * (size_t) map->w * (size_t) map->c;
    }
  return 1;
}
