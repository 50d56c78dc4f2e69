/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-infer.h"

#include "lk-dense-packed.h"
#include "lk-elementwise.h"
#include "lk-infer-private.h"
#include "lk-layer.h"
#include "lk-mirror.h"
#include "lk-normalize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE       64 /* bytes: a cache line, a vector of AVX-512 */
#define LARGE_PAGE ((size_t) 2 << 20)

void *
lk_infer_take (LkInfer *self, size_t bytes)
{
  size_t align = bytes >= 2 * LARGE_PAGE ? LARGE_PAGE : LINE;
  void *memory;

  bytes = bytes / align * align + align; /* never nothing, so that NULL says one thing */
  memory = aligned_alloc (align, bytes);
  if (memory != NULL && align == LARGE_PAGE)
    madvise (memory, bytes, MADV_HUGEPAGE); /* a wish; nothing is lost without */
  self->memory += bytes;
  return memory;
}

/* After the steps are known. */
static int
take_buffers (LkInfer *self)
{
  size_t scratch = 0;

  for (int i = 0; i < self->n_steps; i++)
    {
      LkStep *step = &self->steps[i];
      size_t bytes = 0;

      if (step->op == LK_STEP_POOL)
        bytes = lk_max_pool_scratch (&step->mp, self->pool) * sizeof (float);
      else if (step->op == LK_STEP_CONV)
        bytes = lk_conv_scratch (&step->cv, self->pool) * sizeof (float);
      else if (step->op == LK_STEP_DENSE)
        bytes = lk_dense_packed_scratch ((int) step->in, self->pool);
      if (bytes > scratch)
        scratch = bytes;
    }
  self->buffers = calloc ((size_t) self->n_buffers, sizeof *self->buffers);
  if (self->buffers == NULL)
    return 0;
  for (int i = 0; i < self->n_buffers; i++)
    {
      size_t n = (size_t) (self->whole[i] ? self->max_batch : 1) * (size_t) self->looks;

      self->buffers[i] = lk_infer_take (self, self->floats[i] * n * sizeof (float));
      if (self->buffers[i] == NULL)
        return 0;
    }
  self->scratch = lk_infer_take (self, scratch);
  return self->scratch != NULL;
}

/* Of a network that looks twice. */
static int
take_looks (LkInfer *self)
{
  size_t n = (size_t) self->max_batch * (size_t) self->looks * sizeof (float);

  self->twice = lk_infer_take (self, self->picture * n);
  self->both = lk_infer_take (self, (size_t) self->size * n);
  return self->twice != NULL && self->both != NULL;
}

LkInfer *
lk_infer_new (const LkNetwork *network, const float *params, int max_batch, LkPool *pool)
{
  LkInfer *self = calloc (1, sizeof *self);
  const LkLayer *input = lk_network_get_layer (network, 0);
  const LkLayer *head = lk_network_get_layer (network, lk_network_get_n_layers (network) - 1);

  if (self == NULL)
    return NULL;
  self->memory = sizeof *self;
  self->pool = pool;
  self->max_batch = max_batch;
  self->looks = lk_network_is_mirrored (network) ? 2 : 1;
  self->height = input->h;
  self->width = input->w;
  self->channels = input->c;
  self->picture = (size_t) input->h * input->w * input->c;
  self->size = lk_network_get_embedding_size (network);
  if (!lk_infer_prepare (self, network, params) || !take_buffers (self) ||
      (self->looks > 1 && !take_looks (self)))
    {
      lk_infer_free (self);
      return NULL;
    }
  if (lk_network_has_maps (network))
    return self;
  self->bias = params[head->bias];
  self->alpha = lk_infer_take (self, self->size * sizeof (float));
  if (self->alpha == NULL)
    {
      lk_infer_free (self);
      return NULL;
    }
  memcpy (self->alpha, params + head->kernel, self->size * sizeof (float));
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
  for (int i = 0; self->buffers != NULL && i < self->n_buffers; i++)
    free (self->buffers[i]);
  free (self->buffers);
  free (self->floats);
  free (self->whole);
  free (self->scratch);
  free (self->twice);
  free (self->both);
  free (self->alpha);
  free (self);
}

static void
do_affine (const LkStep *step, const float *x, int n, float *y)
{
  for (size_t i = 0; i < n * step->out; i += step->c)
    for (int k = 0; k < step->c; k++)
      y[i + k] = x[i + k] * step->scale[k] + step->shift[k];
}

static void
do_step (LkInfer *self, const LkStep *step, const float *x, const float *x2, int n, float *y)
{
  switch (step->op)
    {
    case LK_STEP_CONV:
      lk_conv_forward (&step->cv, x, step->kernel, &step->epilogue, y, self->scratch, self->pool);
      break;
    case LK_STEP_POOL:
      lk_max_pool_forward (&step->mp, x, y, NULL, self->scratch, self->pool);
      break;
    case LK_STEP_DENSE:
      lk_dense_packed_forward (n, (int) step->in, (int) step->out, x, step->kernel, step->bias,
                               step->sigmoid, y, self->scratch, self->pool);
      break;
    case LK_STEP_AFFINE:
      do_affine (step, x, n, y);
      break;
    case LK_STEP_RELU:
      lk_relu_forward (n * step->out, x, y, self->pool);
      break;
    case LK_STEP_SIGMOID:
      lk_sigmoid_forward (n * step->out, x, y, self->pool);
      break;
    case LK_STEP_NORMALIZE:
      lk_normalize_forward (n, step->c, x, y);
      break;
    case LK_STEP_ADD:
      lk_add_forward (n * step->out, x, x2, step->epilogue.relu, y, self->pool);
      break;
    case LK_STEP_UPSAMPLE:
      lk_upsample_forward (n, step->h, step->w, step->c, step->times, x, y);
      break;
    }
}

/* What picture @first of the batch, whose input is @images, has in a buffer. */
static const float *
read_buffer (const LkInfer *self, LkInferInput input, const float *images, int first)
{
  if (input.buffer == LK_INFER_PICTURE)
    return images;
  return self->buffers[input.buffer] +
         (self->whole[input.buffer] ? (size_t) first * input.floats : 0);
}

static void
gather_maps (const LkInfer *self, const float *picture, float *out)
{
  for (int i = 0; i < self->n_maps; i++)
    {
      memcpy (out, read_buffer (self, self->maps[i], picture, 0),
              self->maps[i].floats * sizeof *out);
      out += self->maps[i].floats;
    }
}

/* Steps begin .. end-1 for n pictures, of which the first is number @first of its batch. */
static void
do_steps (LkInfer *self, int begin, int end, const float *images, int first, int n, float *out)
{
  for (int i = begin; i < end; i++)
    {
      const LkStep *step = &self->steps[i];
      float *y = out;

      if (step->y != LK_INFER_OUT)
        y = self->buffers[step->y] + (self->whole[step->y] ? (size_t) first * step->out : 0);
      do_step (self, step, read_buffer (self, step->x, images, first),
               read_buffer (self, step->x2, images, first), n, y);
    }
}

/* Each picture and its mirror image, side by side: both go through a layer while its weights
 * are at hand. */
static const float *
look_twice (LkInfer *self, const float *images, int n)
{
  float *to = self->twice;

  for (int k = 0; k < n; k++, images += self->picture, to += 2 * self->picture)
    {
      memcpy (to, images, self->picture * sizeof *to);
      lk_mirror_pictures (images, 1, self->height, self->width, self->channels, to + self->picture);
    }
  return self->twice;
}

/* At most a batch. */
static void
embed_batch (LkInfer *self, const float *images, int n, float *out)
{
  float *to = self->looks > 1 ? self->both : out;

  if (self->looks > 1)
    images = look_twice (self, images, n);
  for (int k = 0; k < n * self->looks; k += self->looks)
    {
      const float *picture = images + (size_t) k * self->picture;

      do_steps (self, 0, self->n_single, picture, k, self->looks, to + (size_t) k * self->size);
      if (self->n_maps > 0)
        gather_maps (self, picture, to + (size_t) k * self->size);
      else if (self->n_steps == 0) /* the picture is its own embedding */
        memcpy (to + (size_t) k * self->size, picture, (size_t) self->size * sizeof *to);
    }
  do_steps (self, self->n_single, self->n_steps, images, 0, n * self->looks, to);
  if (self->looks > 1)
    lk_mirror_join (n, self->size, to, out);
}

void
lk_infer_embed (LkInfer *self, const float *images, int n, float *out)
{
  for (int done = 0; done < n; done += self->max_batch)
    {
      int now = n - done < self->max_batch ? n - done : self->max_batch;

      embed_batch (self, images, now, out);
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

void
lk_infer_set_head (LkInfer *self, const float *alpha, float bias)
{
  memcpy (self->alpha, alpha, self->size * sizeof (float));
  self->bias = bias;
}

size_t
lk_infer_get_memory (const LkInfer *self)
{
  return self->memory;
}
