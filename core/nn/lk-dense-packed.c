/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-dense-packed.h"

#include "kernels/lk-kernels.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define DEPTH   96 /* rows that are made floats at a time: a slice of them stays in the cache */
#define LARGEST 32767

/*
 * The layer: float scales[columns], int16_t slices[columns / slice][in][slice], where columns
 * is out rounded up to whole slices.
 *
 * The scratch, for one picture: int32_t rows[in], float values[in], the inputs that are not 0;
 * for several, some rows of a slice as floats for each thread.
 */

static int
smaller (int a, int b)
{
  return a < b ? a : b;
}

static size_t
round_up (size_t n, size_t to)
{
  return (n + to - 1) / to * to;
}

size_t
lk_dense_packed_size (int in, int out)
{
  size_t columns = round_up (out, lk_kernels_get ()->slice);

  return columns * sizeof (float) + columns * in * sizeof (int16_t);
}

void
lk_dense_pack (int in, int out, const float *kernel, void *packed)
{
  int slice = lk_kernels_get ()->slice;
  size_t columns = round_up (out, slice);
  float *scales = packed;
  int16_t *weights = (int16_t *) (scales + columns);

  memset (scales, 0, columns * sizeof *scales);
  for (int k = 0; k < in; k++)
    for (int o = 0; o < out; o++)
      {
        float size = fabsf (kernel[(size_t) k * out + o]);

        scales[o] = size > scales[o] ? size : scales[o];
      }
  for (int o = 0; o < out; o++)
    scales[o] /= LARGEST;

  for (int first = 0; first < out; first += slice)
    for (int k = 0; k < in; k++)
      for (int o = first; o < first + slice; o++)
        if (o < out && scales[o] > 0.0f)
          {
            float weight = rintf (kernel[(size_t) k * out + o] / scales[o]);

            /* A scale rounded down lets the largest weight come out too large. */
            weight = weight > LARGEST ? LARGEST : weight < -LARGEST ? -LARGEST : weight;
            *weights++ = (int16_t) weight;
          }
        else
          *weights++ = 0;
}

size_t
lk_dense_packed_scratch (int in, const LkPool *pool)
{
  const LkKernels *kernels = lk_kernels_get ();
  size_t lists = (size_t) in * (sizeof (int32_t) + sizeof (float));
  size_t panels = (size_t) lk_pool_get_n_threads (pool) * DEPTH * kernels->slice * sizeof (float);

  return round_up (lists > panels ? lists : panels, 64);
}

typedef struct
{
  const LkKernels *kernels;
  int n, in, out, sigmoid;
  const float *x, *scales, *bias;
  const int16_t *weights;
  float *y;
  void *scratch;
  int n_rows; /* of one picture, that are not 0 */
} Job;

static void
squash (float *y, int n)
{
  for (int i = 0; i < n; i++)
    y[i] = 1.0f / (1.0f + expf (-y[i]));
}

static void
single_slices (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int slice = job->kernels->slice;
  const int32_t *rows = job->scratch;
  const float *values = (const float *) (rows + job->in);

  for (int i = begin; i < end; i++)
    {
      int first = i * slice, columns = job->out - first < slice ? job->out - first : slice;
      float sums[LK_KERNELS_MAX_SLICE];

      job->kernels->slice_sums (job->n_rows, rows, values, job->weights + (size_t) first * job->in,
                                sums);
      for (int k = 0; k < columns; k++)
        sums[k] = sums[k] * job->scales[first + k] +
                  (job->bias != NULL ? job->bias[first + k] : 0.0f);
      if (job->sigmoid)
        squash (sums, columns);
      memcpy (job->y + first, sums, columns * sizeof *sums);
    }
}

/* @run rows from @k on of a panel for all pictures, by the tiles of the convolution. */
static void
do_panel (const Job *job, int first, int k, int run, const float *panel)
{
  const float zeros[LK_KERNELS_MAX_WIDTH] = { 0 };
  int n_tiles = (job->n + job->kernels->max_rows - 1) / job->kernels->max_rows;
  LkTile tile = {
    .columns = smaller (job->out - first, job->kernels->width),
    .n_runs = 1,
    .run = run,
    .b = panel,
    .y_step = job->out,
    .add = k > 0,
  };

  if (k + run == job->in)
    {
      tile.scale = job->scales + first;
      tile.shift = job->bias != NULL ? job->bias + first : zeros;
    }
  for (int t = 0; t < n_tiles; t++)
    {
      int begin = (int) ((long) job->n * t / n_tiles);
      int end = (int) ((long) job->n * (t + 1) / n_tiles);

      tile.rows = end - begin;
      for (int r = 0; r < tile.rows; r++)
        tile.a[r] = job->x + (size_t) (begin + r) * job->in + k;
      tile.y = job->y + (size_t) begin * job->out + first;
      job->kernels->tile (&tile);
    }
}

/* A few rows of a whole slice at a time: memory is read as it lies. */
static void
batch_slices (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int slice = job->kernels->slice, width = job->kernels->width;
  float *panels = (float *) job->scratch + (size_t) thread * DEPTH * slice;

  for (int i = begin; i < end; i++)
    {
      int first = i * slice, last = smaller (first + slice, job->out);

      for (int k = 0; k < job->in; k += DEPTH)
        {
          int run = smaller (job->in - k, DEPTH);

          job->kernels->widen (run, job->weights + (size_t) first * job->in + (size_t) k * slice,
                               panels, (size_t) DEPTH * width);
          for (int p = 0; first + p * width < last; p++)
            do_panel (job, first + p * width, k, run, panels + (size_t) p * DEPTH * width);
        }
      for (int r = 0; job->sigmoid && r < job->n; r++)
        squash (job->y + (size_t) r * job->out + first, last - first);
    }
}

void
lk_dense_packed_forward (int n, int in, int out, const float *x, const void *packed,
                         const float *bias, int sigmoid, float *y, void *scratch, LkPool *pool)
{
  const LkKernels *kernels = lk_kernels_get ();
  size_t columns = round_up (out, kernels->slice);
  const float *scales = packed;
  Job job = {
    .kernels = kernels,
    .n = n,
    .in = in,
    .out = out,
    .sigmoid = sigmoid,
    .x = x,
    .scales = scales,
    .bias = bias,
    .weights = (const int16_t *) (scales + columns),
    .y = y,
    .scratch = scratch,
  };

  if (n == 1)
    {
      int32_t *rows = scratch;
      float *values = (float *) (rows + in);

      for (int k = 0; k < in; k++)
        {
          rows[job.n_rows] = k;
          values[job.n_rows] = x[k];
          job.n_rows += x[k] != 0.0f;
        }
      lk_pool_run (pool, (int) (columns / kernels->slice), 1, single_slices, &job);
    }
  else
    lk_pool_run (pool, (int) (columns / kernels->slice), 1, batch_slices, &job);
}
