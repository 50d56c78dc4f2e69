/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-elementwise.h"

#include <math.h>
#include <string.h>

#define CHUNK 8192 /* floats that a thread takes at a time; divisible by 2 for dropout */

typedef struct
{
  size_t n;
  const float *a, *b;
  float *out;
  float scale;
  uint32_t threshold;
  uint64_t key;
} Job;

static void
run (Job *job, LkPoolFunc func, LkPool *pool)
{
  lk_pool_run (pool, (int) ((job->n + CHUNK - 1) / CHUNK), 1, func, job);
}

/* The floats of chunks begin .. end-1. */
static void
span (const Job *job, int begin, int end, size_t *from, size_t *to)
{
  *from = (size_t) begin * CHUNK;
  *to = (size_t) end * CHUNK < job->n ? (size_t) end * CHUNK : job->n;
}

static void
relu_forward (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t from, to;

  span (job, begin, end, &from, &to);
  for (size_t i = from; i < to; i++)
    job->out[i] = job->a[i] < 0.0f ? 0.0f : job->a[i]; /* NaN stays, to be noticed */
}

static void
relu_backward (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t from, to;

  span (job, begin, end, &from, &to);
  for (size_t i = from; i < to; i++)
    {
      float dy = job->b[i]; /* read in any case: the compiler can then do without branches */

      job->out[i] = job->a[i] > 0.0f ? dy : 0.0f;
    }
}

static void
add_forward (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t from, to;

  span (job, begin, end, &from, &to);
  for (size_t i = from; i < to; i++)
    {
      float sum = job->a[i] + job->b[i];

      job->out[i] = sum < job->scale ? job->scale : sum; /* NaN stays */
    }
}

static void
sigmoid_forward (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t from, to;

  span (job, begin, end, &from, &to);
  for (size_t i = from; i < to; i++)
    job->out[i] = 1.0f / (1.0f + expf (-job->a[i]));
}

static void
sigmoid_backward (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t from, to;

  span (job, begin, end, &from, &to);
  for (size_t i = from; i < to; i++)
    job->out[i] = job->b[i] * job->a[i] * (1.0f - job->a[i]);
}

static void
dropout (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const uint32_t threshold = job->threshold;
  size_t from, to;

  span (job, begin, end, &from, &to);
  for (size_t i = from; i < to; i += 2)
    {
      /* 64 random bits serve two neighbours. */
      uint64_t z = job->key + (i >> 1) * 0x9e3779b97f4a7c15u;

      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      z ^= z >> 31;
      job->out[i] = (uint32_t) z < threshold ? 0.0f : job->a[i] * job->scale;
      if (i + 1 < to)
        job->out[i + 1] = (uint32_t) (z >> 32) < threshold ? 0.0f : job->a[i + 1] * job->scale;
    }
}

void
lk_relu_forward (size_t n, const float *x, float *y, LkPool *pool)
{
  run (&(Job){ .n = n, .a = x, .out = y }, relu_forward, pool);
}

void
lk_relu_backward (size_t n, const float *y, const float *dy, float *dx, LkPool *pool)
{
  run (&(Job){ .n = n, .a = y, .b = dy, .out = dx }, relu_backward, pool);
}

void
lk_add_forward (size_t n, const float *a, const float *b, int relu, float *y, LkPool *pool)
{
  Job job = { .n = n, .a = a, .b = b, .out = y, .scale = relu ? 0.0f : -INFINITY };

  run (&job, add_forward, pool);
}

void
lk_upsample_forward (int n, int h, int w, int c, int times, const float *x, float *y)
{
  size_t pixel = (size_t) c, row = pixel * (size_t) w * (size_t) times;

  for (size_t i = 0; i < (size_t) n * (size_t) h; i++)
    {
      const float *first = y;

      for (int j = 0; j < w; j++, x += pixel)
        for (int k = 0; k < times; k++, y += pixel)
          memcpy (y, x, pixel * sizeof *y);
      for (int k = 1; k < times; k++, y += row)
        memcpy (y, first, row * sizeof *y);
    }
}

void
lk_sigmoid_forward (size_t n, const float *x, float *y, LkPool *pool)
{
  run (&(Job){ .n = n, .a = x, .out = y }, sigmoid_forward, pool);
}

void
lk_sigmoid_backward (size_t n, const float *y, const float *dy, float *dx, LkPool *pool)
{
  run (&(Job){ .n = n, .a = y, .b = dy, .out = dx }, sigmoid_backward, pool);
}

void
lk_dropout (size_t n, float rate, uint64_t key, const float *x, float *y, LkPool *pool)
{
  Job job = { .n = n, .a = x, .out = y, .key = key };

  job.scale = 1.0f / (1.0f - rate);
  job.threshold = (uint32_t) ((double) rate * 0x1p32);
  run (&job, dropout, pool);
}
