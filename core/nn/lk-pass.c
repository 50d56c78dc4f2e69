/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-pass.h"

#include "lk-batchnorm.h"
#include "lk-conv.h"
#include "lk-dense.h"
#include "lk-elementwise.h"
#include "lk-layer.h"
#include "lk-maxpool.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* What the backward pass of a buffer's writers reads in it. */
typedef enum
{
  NEED_NOTHING,
  NEED_SIGN, /* where it is positive: ReLU */
  NEED_VALUE,
} Need;

typedef struct
{
  const LkLayer *layer;
  int in;           /* the layer it reads */
  int root;         /* the layer whose buffer it writes: its own, or that of an earlier one */
  int relu_by_pool; /* the pool behind applies this ReLU's gradient, see plan_storage() */
  int wants_dy;     /* it or a layer before it has parameters */

  /* Of a root: */
  Need need;
  int keep;      /* until the backward pass */
  int slot;      /* where not kept: 0 or 1 */
  size_t y;      /* where kept: offset into the arena, in floats */
  size_t floats; /* of one picture */

  size_t use[2];  /* floats of either slot that the layer's work goes over */
  size_t scratch; /* floats that it wants beside */
  size_t packed;  /* conv2d: of scratch, for the kernel */
  size_t where;   /* maxpool; offset */
  size_t stats;   /* batchnorm: [towers, 2, c]; offset */
  uint64_t key;   /* dropout: of the last forward pass */
} Step;

struct _LkPass
{
  const LkNetwork *network;
  LkPool *pool;
  int max_batch, n_steps; /* steps: the layers without the head */
  Step *steps;

  float *arena;
  size_t size;     /* floats */
  size_t slots[2]; /* offsets; last is the one behind which nothing lies */
  int last;
  int first_slot; /* of the embedding's gradient */

  const float *images; /* of the last forward pass */
  int n, n_towers, training;
};

static int
is_in_place (const Step *self, Need need, int is_input)
{
  switch (self->layer->op)
    {
    case LK_OP_FLATTEN:
      return 1;
    case LK_OP_RELU:
    case LK_OP_DROPOUT: /* either leaves what is positive positive, or stops its gradient */
      return need != NEED_VALUE && !is_input;
    case LK_OP_SIGMOID:
      return need == NEED_NOTHING && !is_input;
    default:
      return 0;
    }
}

static Need
get_need (const LkLayer *layer)
{
  if (layer->op == LK_OP_SIGMOID)
    return NEED_VALUE;
  if (layer->op == LK_OP_RELU)
    return NEED_SIGN;
  if (layer->op == LK_OP_CONV2D || layer->op == LK_OP_DENSE)
    return layer->activation == LK_ACTIVATION_SIGMOID ? NEED_VALUE
           : layer->activation == LK_ACTIVATION_RELU  ? NEED_SIGN
                                                      : NEED_NOTHING;
  return NEED_NOTHING;
}

static int
has_params (const LkLayer *layer)
{
  return layer->op == LK_OP_CONV2D || layer->op == LK_OP_DENSE || layer->op == LK_OP_BATCHNORM;
}

/* Which layer writes where, and what must outlive the forward pass.
 *
 * A ReLU right before a pool needs no mask of its own: a pool's gradient reaches only
 * the places that it took, and one of those was positive just when the pool's output
 * is.  So the map before the pool, the largest of all, need not be kept. */
static void
plan_storage (LkPass *self)
{
  Step *steps = self->steps;

  steps[0].keep = 1; /* the pictures, which are the caller's */
  for (int i = 1; i < self->n_steps; i++)
    {
      Step *step = &steps[i], *in = &steps[step->in];
      Need need = get_need (step->layer);

      if (step->layer->op == LK_OP_MAXPOOL && in->layer->op == LK_OP_CONV2D &&
          in->layer->activation == LK_ACTIVATION_RELU)
        {
          in->relu_by_pool = 1;
          in->need = NEED_NOTHING;
          in->keep = 0;
          need = NEED_SIGN;
        }
      step->root = is_in_place (step, steps[in->root].need, in->root == 0) ? in->root : i;
      if (need > steps[step->root].need)
        steps[step->root].need = need;
      if (has_params (step->layer))
        steps[in->root].keep = 1; /* they read their input again */
      step->wants_dy = in->wants_dy || has_params (step->layer);
    }
  for (int i = 0; i < self->n_steps; i++)
    if (steps[i].need != NEED_NOTHING)
      steps[i].keep = 1;
  steps[steps[self->n_steps - 1].root].keep = 1; /* the caller reads it */
}

static size_t
round_up (size_t floats)
{
  return (floats + 15) & ~(size_t) 15; /* 64 bytes */
}

static size_t
take (LkPass *self, size_t floats)
{
  size_t offset = self->size;

  self->size += round_up (floats);
  return offset;
}

static void
grow (size_t *size, size_t floats)
{
  if (*size < round_up (floats))
    *size = round_up (floats);
}

/* What the layers use of the two slots if the gradients begin in slot @first. */
static void
plan_use (LkPass *self, int first)
{
  size_t n = (size_t) self->max_batch;
  int slot = first;

  for (int i = 0; i < self->n_steps; i++)
    self->steps[i].use[0] = self->steps[i].use[1] = 0;
  for (int i = 1; i < self->n_steps; i++)
    {
      Step *step = &self->steps[i];
      const Step *in = &self->steps[self->steps[step->in].root], *root = &self->steps[step->root];

      if (!in->keep)
        grow (&step->use[in->slot], in->floats * n);
      if (!root->keep)
        grow (&step->use[root->slot], root->floats * n);
    }
  for (int i = self->n_steps - 1; i > 0; i--)
    {
      Step *step = &self->steps[i];
      const Step *in = &self->steps[step->in];

      grow (&step->use[slot], step->floats * n);
      if (!in->wants_dy)
        break;
      slot ^= step->root != in->root;
      grow (&step->use[slot], in->floats * n);
    }
}

/* Sizes of the slots.  The scratch of a layer lies behind what it uses of slot @last: in
 * the first layers the maps are large, in the others the scratch. */
static size_t
plan_slots (const LkPass *self, int last, size_t sizes[2])
{
  sizes[0] = sizes[1] = 0;
  for (int i = 1; i < self->n_steps; i++)
    {
      const Step *step = &self->steps[i];

      grow (&sizes[!last], step->use[!last]);
      grow (&sizes[last], step->use[last] + step->scratch);
    }
  return sizes[0] + sizes[1];
}

static LkConv
get_conv (const LkPass *self, const Step *step, int n)
{
  const LkLayer *layer = step->layer, *in = self->steps[step->in].layer;

  return (LkConv){
    .n = n,
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
}

static LkMaxPool
get_max_pool (const LkPass *self, const Step *step, int n)
{
  const LkLayer *layer = step->layer, *in = self->steps[step->in].layer;

  return (LkMaxPool){
    .n = n,
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
}

static size_t
larger (size_t a, size_t b)
{
  return a > b ? a : b;
}

static void
plan_arena (LkPass *self)
{
  size_t n = (size_t) self->max_batch, smallest = SIZE_MAX, sizes[2];

  for (int i = 1; i < self->n_steps; i++)
    {
      Step *step = &self->steps[i];
      const Step *in = &self->steps[self->steps[step->in].root];
      const LkLayer *layer = step->layer;

      if (step->root == i && step->keep)
        step->y = take (self, n * step->floats);
      else if (step->root == i)
        step->slot = in->keep ? 0 : !in->slot;
      if (layer->op == LK_OP_CONV2D)
        {
          LkConv cv = get_conv (self, step, self->max_batch);

          step->packed = round_up (lk_conv_packed_size (&cv));
          step->scratch = larger (step->packed + lk_conv_scratch (&cv, self->pool),
                                  lk_conv_backward_scratch (&cv, self->pool));
        }
      else if (layer->op == LK_OP_MAXPOOL)
        {
          LkMaxPool mp = get_max_pool (self, step, self->max_batch);

          step->where = take (self, n * step->floats);
          step->scratch = lk_max_pool_scratch (&mp, self->pool);
        }
      else if (layer->op == LK_OP_BATCHNORM)
        {
          size_t rows = n * (size_t) layer->h * (size_t) layer->w;

          step->stats = take (self, (size_t) LK_PASS_MAX_TOWERS * 2 * (size_t) layer->c);
          step->scratch = lk_batch_norm_scratch (rows, layer->c);
        }
    }

  for (int way = 0; way < 4; way++)
    {
      plan_use (self, way & 1);
      if (plan_slots (self, way >> 1, sizes) < smallest)
        {
          smallest = sizes[0] + sizes[1];
          self->first_slot = way & 1;
          self->last = way >> 1;
        }
    }
  plan_use (self, self->first_slot);
  plan_slots (self, self->last, sizes);
  self->slots[!self->last] = take (self, sizes[!self->last]);
  self->slots[self->last] = take (self, sizes[self->last]);
}

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
  self->steps = calloc ((size_t) self->n_steps, sizeof *self->steps);
  if (self->steps == NULL)
    {
      lk_pass_free (self);
      return NULL;
    }
  for (int i = 0; i < self->n_steps; i++)
    {
      Step *step = &self->steps[i];

      step->layer = lk_network_get_layer (network, i);
      step->in = i > 0 ? step->layer->inputs[0] : 0;
      assert (i == 0 || step->in == i - 1); /* a chain: all that the parser lets through */
      step->floats = (size_t) step->layer->h * (size_t) step->layer->w * (size_t) step->layer->c;
    }
  plan_storage (self);
  plan_arena (self);
  if (self->size > PTRDIFF_MAX / sizeof (float) ||
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
  free (self->steps);
  free (self);
}

size_t
lk_pass_get_memory (const LkPass *self)
{
  return sizeof *self + (size_t) self->n_steps * sizeof *self->steps + self->size * sizeof (float);
}

/* Where layer @i puts its output. */
static float *
get_output (LkPass *self, int i)
{
  const Step *root = &self->steps[self->steps[i].root];

  return self->arena + (root->keep ? root->y : self->slots[root->slot]);
}

/* The output of layer @i, to be read. */
static const float *
get_input (LkPass *self, int i)
{
  return self->steps[i].root == 0 ? self->images : get_output (self, i);
}

static float *
get_scratch (LkPass *self, const Step *step)
{
  return self->arena + self->slots[self->last] + step->use[self->last];
}

static void
forward_conv2d (LkPass *self, const Step *step, const float *params, const float *x, float *y)
{
  LkConv cv = get_conv (self, step, self->n);
  const LkLayer *layer = step->layer;
  LkEpilogue epilogue = { .bias = params + layer->bias,
                          .relu = layer->activation == LK_ACTIVATION_RELU };

  float *packed = get_scratch (self, step);

  lk_conv_pack (&cv, params + layer->kernel, packed, self->pool);
  lk_conv_forward (&cv, x, packed, &epilogue, y, packed + step->packed, self->pool);
}

static void
forward_batch_norm (LkPass *self, const Step *step, float *params, const float *x, float *y)
{
  const LkLayer *layer = step->layer;
  size_t c = (size_t) layer->c;
  size_t rows = (size_t) (self->n / self->n_towers) * (size_t) layer->h * (size_t) layer->w;

  for (int tower = 0; tower < self->n_towers; tower++, x += rows * c, y += rows * c)
    {
      float *mean = params + layer->mean, *variance = params + layer->variance;

      if (self->training)
        {
          mean = self->arena + step->stats + (size_t) tower * 2 * c;
          variance = mean + c;
          lk_batch_norm_statistics (rows, layer->c, x, mean, variance, get_scratch (self, step),
                                    self->pool);
          lk_batch_norm_update (rows, layer->c, mean, variance, layer->momentum,
                                params + layer->mean, params + layer->variance);
        }
      lk_batch_norm_forward (rows, layer->c, x, mean, variance, layer->epsilon,
                             params + layer->gamma, params + layer->beta, y, self->pool);
    }
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
    {
      Step *step = &self->steps[i];
      const LkLayer *layer = step->layer, *in = self->steps[step->in].layer;
      const float *x = get_input (self, step->in);
      float *y = get_output (self, i);
      size_t floats = step->floats * (size_t) n;

      switch (layer->op)
        {
        case LK_OP_CONV2D:
          forward_conv2d (self, step, params, x, y);
          break;
        case LK_OP_DENSE:
          lk_dense_forward (n, in->c, layer->c, x, params + layer->kernel, params + layer->bias, y,
                            self->pool);
          if (layer->activation == LK_ACTIVATION_RELU)
            lk_relu_forward (floats, y, y, self->pool);
          break;
        case LK_OP_BATCHNORM:
          forward_batch_norm (self, step, params, x, y);
          break;
        case LK_OP_MAXPOOL:
          {
            LkMaxPool mp = get_max_pool (self, step, n);

            lk_max_pool_forward (&mp, x, y,
                                 training ? (int32_t *) (void *) (self->arena + step->where) : NULL,
                                 get_scratch (self, step), self->pool);
            break;
          }
        case LK_OP_RELU:
          lk_relu_forward (floats, x, y, self->pool);
          break;
        case LK_OP_SIGMOID:
          lk_sigmoid_forward (floats, x, y, self->pool);
          break;
        case LK_OP_DROPOUT:
          if (training && layer->rate > 0)
            {
              step->key = lk_random_next (random);
              lk_dropout (floats, layer->rate, step->key, x, y, self->pool);
            }
          else if (y != x)
            memcpy (y, x, floats * sizeof *y);
          break;
        default: /* flatten: the same numbers in the same order */
          break;
        }
      if (layer->activation == LK_ACTIVATION_SIGMOID)
        lk_sigmoid_forward (floats, y, y, self->pool);
    }
  return get_input (self, self->n_steps - 1);
}

static void
backward_conv2d (LkPass *self, const Step *step, const float *params, const float *dy, float *dx,
                 float *grads)
{
  LkConv cv = get_conv (self, step, self->n);
  const LkLayer *layer = step->layer;
  float *scratch = get_scratch (self, step);

  lk_conv_backward_kernel (&cv, get_input (self, step->in), dy, grads + layer->kernel,
                           grads + layer->bias, scratch, self->pool);
  if (dx != NULL)
    lk_conv_backward_data (&cv, dy, params + layer->kernel, dx, scratch, self->pool);
}

static void
backward_batch_norm (LkPass *self, const Step *step, const float *params, const float *dy,
                     float *dx, float *grads)
{
  const LkLayer *layer = step->layer;
  size_t c = (size_t) layer->c;
  size_t rows = (size_t) (self->n / self->n_towers) * (size_t) layer->h * (size_t) layer->w;
  const float *x = get_input (self, step->in);

  for (int tower = 0; tower < self->n_towers; tower++)
    {
      const float *mean = self->arena + step->stats + (size_t) tower * 2 * c;
      size_t at = (size_t) tower * rows * c;

      lk_batch_norm_backward (rows, layer->c, x + at, mean, mean + c, layer->epsilon,
                              params + layer->gamma, dy + at, dx != NULL ? dx + at : NULL,
                              grads + layer->gamma, grads + layer->beta, get_scratch (self, step),
                              self->pool);
    }
}

void
lk_pass_backward (LkPass *self, const float *params, const float *d_embedding, float *grads)
{
  int slot = self->first_slot;
  size_t n = (size_t) self->n;

  assert (self->training);
  memcpy (self->arena + self->slots[slot], d_embedding,
          self->steps[self->n_steps - 1].floats * n * sizeof *d_embedding);
  for (int i = self->n_steps - 1; i > 0 && self->steps[i].wants_dy; i--)
    {
      const Step *step = &self->steps[i], *in = &self->steps[step->in];
      const LkLayer *layer = step->layer;
      size_t floats = step->floats * n;
      float *dy = self->arena + self->slots[slot], *dx = NULL;
      const float *y = get_input (self, i);

      /* A layer that works in place does so with gradients as well. */
      slot ^= step->root != in->root;
      if (in->wants_dy)
        dx = self->arena + self->slots[slot];

      if (layer->activation == LK_ACTIVATION_SIGMOID)
        lk_sigmoid_backward (floats, y, dy, dy, self->pool);
      else if (layer->activation == LK_ACTIVATION_RELU && !step->relu_by_pool)
        lk_relu_backward (floats, y, dy, dy, self->pool);

      switch (layer->op)
        {
        case LK_OP_CONV2D:
          backward_conv2d (self, step, params, dy, dx, grads);
          break;
        case LK_OP_DENSE:
          lk_dense_backward (self->n, in->layer->c, layer->c, get_input (self, step->in),
                             params + layer->kernel, dy, dx, grads + layer->kernel,
                             grads + layer->bias, self->pool);
          break;
        case LK_OP_BATCHNORM:
          backward_batch_norm (self, step, params, dy, dx, grads);
          break;
        case LK_OP_MAXPOOL:
          {
            LkMaxPool mp = get_max_pool (self, step, self->n);

            if (in->relu_by_pool)
              lk_relu_backward (floats, y, dy, dy, self->pool);
            lk_max_pool_backward (&mp, dy, (const int32_t *) (void *) (self->arena + step->where),
                                  dx, self->pool);
            break;
          }
        case LK_OP_RELU:
          lk_relu_backward (floats, y, dy, dx, self->pool);
          break;
        case LK_OP_SIGMOID:
          lk_sigmoid_backward (floats, y, dy, dx, self->pool);
          break;
        case LK_OP_DROPOUT:
          if (layer->rate > 0)
            lk_dropout (floats, layer->rate, step->key, dy, dx, self->pool);
          else if (dx != dy)
            memcpy (dx, dy, floats * sizeof *dx);
          break;
        default:
          break;
        }
    }
}
