/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-infer.h"

#include "lk-conv.h"
#include "lk-dense.h"
#include "lk-layer.h"
#include "lk-maxpool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN 64 /* bytes: a cache line, a vector of AVX-512 */

typedef enum
{
  STEP_CONV,
  STEP_POOL,
  STEP_DENSE,
  STEP_AFFINE, /* x * scale[c] + shift[c], then as below */
  STEP_RELU,
  STEP_SIGMOID,
} StepOp;

typedef struct
{
  StepOp op;
  size_t in, out; /* floats of a picture */
  int c;          /* channels of the output */
  LkConv cv;
  LkMaxPool mp;
  LkEpilogue epilogue;         /* conv; points to the arrays below */
  float *kernel;               /* (owned): conv: packed */
  float *bias, *scale, *shift; /* (owned) (nullable) */
  LkActivation activation;     /* dense */
} Step;

struct _LkInfer
{
  LkPool *pool;
  int max_batch, n_steps, size; /* size: of an embedding */
  Step *steps;                  /* (owned) */
  float *buffers[2];            /* (owned): activations, in turn */
  float *scratch;               /* (owned) */
  float *alpha;                 /* (owned): the head's weights */
  float bias;                   /* the head's */
  size_t picture;               /* floats */
  size_t memory;
};

/* Never an empty allocation, so that NULL says one thing. */
static float *
take_floats (LkInfer *self, size_t n)
{
  size_t bytes = (n * sizeof (float) + ALIGN) / ALIGN * ALIGN;

  self->memory += bytes;
  return aligned_alloc (ALIGN, bytes);
}

static float *
copy_floats (LkInfer *self, const float *from, size_t n)
{
  float *to = take_floats (self, n);

  if (to != NULL)
    memcpy (to, from, n * sizeof *to);
  return to;
}

/* ---- Making ready. ---- */

/* A batch norm of fixed statistics is x * scale + shift. */
static void
get_affine (const LkLayer *norm, const float *params, int i, double *scale, double *shift)
{
  double variance = (double) params[norm->variance + i], mean = (double) params[norm->mean + i];

  *scale = (double) params[norm->gamma + i] / sqrt (variance + (double) norm->epsilon);
  *shift = (double) params[norm->beta + i] - mean * *scale;
}

/* Multiplies the columns of kernel [n, c] and bends the bias, before it is packed. */
static void
fold_into_kernel (const LkLayer *norm, const float *params, float *kernel, size_t n, float *bias)
{
  for (int i = 0; i < norm->c; i++)
    {
      double scale, shift;

      get_affine (norm, params, i, &scale, &shift);
      for (size_t k = 0; k < n; k++)
        kernel[k * norm->c + i] = (float) ((double) kernel[k * norm->c + i] * scale);
      bias[i] = (float) ((double) bias[i] * scale + shift);
    }
}

/* Puts the batch norm behind what the step does already. */
static int
fold_behind (LkInfer *self, Step *step, const LkLayer *norm, const float *params)
{
  int fresh = step->scale == NULL;

  if (fresh)
    {
      step->scale = take_floats (self, norm->c);
      step->shift = take_floats (self, norm->c);
      if (step->scale == NULL || step->shift == NULL)
        return 0;
    }
  for (int i = 0; i < norm->c; i++)
    {
      double scale, shift;

      get_affine (norm, params, i, &scale, &shift);
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

static int
add_conv (LkInfer *self, Step *step, const LkLayer *in, const LkLayer *layer, const LkLayer *norm,
          const float *params)
{
  size_t sums = (size_t) layer->window * layer->window * in->c;
  float *kernel = copy_floats (self, params + layer->kernel, sums * layer->c);

  step->op = STEP_CONV;
  step->cv = (LkConv){
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
  step->bias = copy_floats (self, params + layer->bias, layer->c);
  step->kernel = take_floats (self, lk_conv_packed_size (&step->cv));
  if (kernel != NULL && step->bias != NULL && step->kernel != NULL)
    {
      if (norm != NULL)
        fold_into_kernel (norm, params, kernel, sums, step->bias);
      lk_conv_pack (&step->cv, kernel, step->kernel);
    }
  free (kernel);
  self->memory -= sums * layer->c * sizeof *kernel;
  step->epilogue.relu = layer->activation == LK_ACTIVATION_RELU;
  return kernel != NULL && step->bias != NULL && step->kernel != NULL;
}

static void
add_pool (Step *step, const LkLayer *in, const LkLayer *layer)
{
  step->op = STEP_POOL;
  step->mp = (LkMaxPool){
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

static int
add_dense (LkInfer *self, Step *step, const LkLayer *in, const LkLayer *layer, const LkLayer *norm,
           const float *params)
{
  step->op = STEP_DENSE;
  step->kernel = copy_floats (self, params + layer->kernel, (size_t) in->c * layer->c);
  step->bias = copy_floats (self, params + layer->bias, layer->c);
  step->activation = layer->activation;
  if (step->kernel == NULL || step->bias == NULL)
    return 0;
  if (norm != NULL)
    fold_into_kernel (norm, params, step->kernel, in->c, step->bias);
  return 1;
}

/* The layers behind @i that the step can do on the way; returns the last of them. */
static int
absorb (LkInfer *self, Step *step, const LkNetwork *network, const float *params, int i)
{
  for (int last = lk_network_get_n_layers (network) - 2; i < last; i++)
    {
      const LkLayer *next = lk_network_get_layer (network, i + 1);

      if (next->op == LK_OP_DROPOUT || next->op == LK_OP_FLATTEN)
        continue;
      if (next->op == LK_OP_RELU && step->op == STEP_CONV && step->scale == NULL)
        step->epilogue.relu = 1;
      else if (next->op == LK_OP_BATCHNORM && (step->op == STEP_CONV || step->op == STEP_AFFINE))
        {
          if (!fold_behind (self, step, next, params))
            return -1;
        }
      else
        break;
    }
  return i;
}

static int
prepare (LkInfer *self, const LkNetwork *network, const float *params)
{
  int n_layers = lk_network_get_n_layers (network);
  size_t largest = 1;

  /* Every layer but the last feeds the next one: the network is a chain. */
  for (int i = 1; i < n_layers - 1; i++)
    {
      const LkLayer *layer = lk_network_get_layer (network, i);
      const LkLayer *in = lk_network_get_layer (network, i - 1);
      const LkLayer *next = lk_network_get_layer (network, i + 1), *norm = NULL;
      Step *step = &self->steps[self->n_steps];
      int ok = 1, activation = layer->activation;

      if (layer->op == LK_OP_DROPOUT || layer->op == LK_OP_FLATTEN)
        continue;
      self->n_steps++;
      step->in = (size_t) in->h * in->w * in->c;
      step->out = (size_t) layer->h * layer->w * layer->c;
      step->c = layer->c;
      if (next->op == LK_OP_BATCHNORM && activation == LK_ACTIVATION_LINEAR)
        norm = next; /* used by conv and dense */
      switch (layer->op)
        {
        case LK_OP_CONV2D:
          ok = add_conv (self, step, in, layer, norm, params);
          i += ok && norm != NULL;
          break;
        case LK_OP_MAXPOOL:
          add_pool (step, in, layer);
          break;
        case LK_OP_DENSE:
          ok = add_dense (self, step, in, layer, norm, params);
          i += ok && norm != NULL;
          break;
        case LK_OP_BATCHNORM:
          step->op = STEP_AFFINE;
          ok = fold_behind (self, step, layer, params);
          break;
        case LK_OP_RELU:
          step->op = STEP_RELU;
          break;
        case LK_OP_SIGMOID:
        default:
          step->op = STEP_SIGMOID;
          break;
        }
      if (ok && (layer->op != LK_OP_CONV2D || activation != LK_ACTIVATION_SIGMOID))
        i = absorb (self, step, network, params, i);
      if (!ok || i < 0)
        return 0;
      step->epilogue.bias = step->bias;
      step->epilogue.scale = step->scale;
      step->epilogue.shift = step->shift;
      if (layer->op == LK_OP_CONV2D && activation == LK_ACTIVATION_SIGMOID)
        {
          Step *squash = &self->steps[self->n_steps++];

          squash->op = STEP_SIGMOID;
          squash->in = squash->out = step->out;
        }
      if (step->out > largest)
        largest = step->out;
    }

  for (int i = 0; i < 2; i++)
    {
      self->buffers[i] = take_floats (self, largest * self->max_batch);
      if (self->buffers[i] == NULL)
        return 0;
    }
  return 1;
}

/* After the steps are known. */
static int
take_scratch (LkInfer *self)
{
  size_t most = 0;

  for (int i = 0; i < self->n_steps; i++)
    if (self->steps[i].op == STEP_POOL)
      {
        size_t n;

        self->steps[i].mp.n = self->max_batch;
        n = lk_max_pool_scratch (&self->steps[i].mp, self->pool);
        if (n > most)
          most = n;
      }
  self->scratch = take_floats (self, most);
  return self->scratch != NULL;
}

LkInfer *
lk_infer_new (const LkNetwork *network, const float *params, int max_batch, LkPool *pool)
{
  LkInfer *self = calloc (1, sizeof *self);
  int n_layers = lk_network_get_n_layers (network);
  const LkLayer *input = lk_network_get_layer (network, 0);
  const LkLayer *head = lk_network_get_layer (network, n_layers - 1);

  if (self == NULL)
    return NULL;
  self->pool = pool;
  self->max_batch = max_batch;
  self->size = lk_network_get_embedding_size (network);
  self->picture = (size_t) input->h * input->w * input->c;
  self->bias = params[head->bias];
  self->alpha = copy_floats (self, params + head->kernel, self->size);
  self->steps = calloc ((size_t) n_layers * 2, sizeof *self->steps);
  self->memory += sizeof *self + (size_t) n_layers * 2 * sizeof *self->steps;
  if (self->alpha == NULL || self->steps == NULL || !prepare (self, network, params) ||
      !take_scratch (self))
    {
      lk_infer_free (self);
      return NULL;
    }
  return self;
}

void
lk_infer_free (LkInfer *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < self->n_steps; i++)
    {
      free (self->steps[i].kernel);
      free (self->steps[i].bias);
      free (self->steps[i].scale);
      free (self->steps[i].shift);
    }
  free (self->steps);
  free (self->buffers[0]);
  free (self->buffers[1]);
  free (self->scratch);
  free (self->alpha);
  free (self);
}

/* ---- Embedding. ---- */

static void
apply (const Step *step, LkActivation activation, const float *x, float *y, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      float s = x[i];

      if (step->op == STEP_AFFINE)
        s = s * step->scale[i % step->c] + step->shift[i % step->c];
      if (activation == LK_ACTIVATION_RELU)
        s = s < 0.0f ? 0.0f : s;
      if (activation == LK_ACTIVATION_SIGMOID)
        s = 1.0f / (1.0f + expf (-s));
      y[i] = s;
    }
}

static void
do_step (LkInfer *self, Step *step, const float *x, int n, float *y)
{
  switch (step->op)
    {
    case STEP_CONV:
      step->cv.n = n;
      lk_conv_forward (&step->cv, x, step->kernel, &step->epilogue, y, self->pool);
      break;
    case STEP_POOL:
      step->mp.n = n;
      lk_max_pool_forward (&step->mp, x, y, NULL, self->scratch, self->pool);
      break;
    case STEP_DENSE:
      lk_dense_forward (n, (int) step->in, (int) step->out, x, step->kernel, step->bias, y,
                        self->pool);
      if (step->activation != LK_ACTIVATION_LINEAR)
        apply (step, step->activation, y, y, n * step->out);
      break;
    case STEP_AFFINE:
      apply (step, LK_ACTIVATION_LINEAR, x, y, n * step->out);
      break;
    case STEP_RELU:
      apply (step, LK_ACTIVATION_RELU, x, y, n * step->out);
      break;
    case STEP_SIGMOID:
      apply (step, LK_ACTIVATION_SIGMOID, x, y, n * step->out);
      break;
    }
}

void
lk_infer_embed (LkInfer *self, const float *images, int n, float *out)
{
  for (int done = 0; done < n; done += self->max_batch)
    {
      int now = n - done < self->max_batch ? n - done : self->max_batch;
      const float *x = images;

      for (int i = 0; i < self->n_steps; i++)
        {
          float *y = i == self->n_steps - 1 ? out : self->buffers[i % 2];

          do_step (self, &self->steps[i], x, now, y);
          x = y;
        }
      if (self->n_steps == 0) /* the picture is its own embedding */
        memcpy (out, images, (size_t) now * self->size * sizeof *out);
      images += now * self->picture;
      out += (size_t) now * self->size;
    }
}

void
lk_infer_score (const LkInfer *self, const float *embedding, const float *others, int n,
                float *scores)
{
  enum
  {
    LANES = 16 /* sums side by side, for the compiler to put in vectors */
  };

  for (int i = 0; i < n; i++, others += self->size)
    {
      float sum[LANES] = { 0 };
      double total = (double) self->bias;
      int j = 0;

      for (; j + LANES <= self->size; j += LANES)
        for (int k = 0; k < LANES; k++)
          sum[k] += self->alpha[j + k] * (fabsf (embedding[j + k] - others[j + k]) + 1e-6f);
      for (; j < self->size; j++)
        sum[0] += self->alpha[j] * (fabsf (embedding[j] - others[j]) + 1e-6f);
      for (int k = 0; k < LANES; k++)
        total += (double) sum[k];
      scores[i] = (float) (1.0 / (1.0 + exp (-total)));
    }
}

size_t
lk_infer_get_memory (const LkInfer *self)
{
  return self->memory;
}
