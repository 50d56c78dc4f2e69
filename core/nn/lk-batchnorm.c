/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-batchnorm.h"

#include "kernels/lk-norm.h"

#include <math.h>
#include <string.h>

#define CHUNK 256 /* rows that are summed up together */

/* The rows of all chunks, and places for what is worked out of them. */
typedef struct
{
  LkNormRows all;
  const LkNorm *norm;
  double *sums; /* [chunks, 2, c] */
} Job;

static int
n_chunks (size_t rows)
{
  return (int) ((rows + CHUNK - 1) / CHUNK);
}

/* The rows of chunks begin .. end-1. */
static LkNormRows
get_rows (const Job *job, int begin, int end)
{
  LkNormRows rows = job->all;
  size_t first = (size_t) begin * CHUNK, last = (size_t) end * CHUNK;
  size_t at = first * (size_t) rows.c;

  rows.rows = (last < rows.rows ? last : rows.rows) - first;
  rows.x += at;
  if (rows.add != NULL)
    rows.add += at;
  if (rows.dy != NULL)
    rows.dy += at;
  if (rows.out != NULL)
    rows.out += at;
  return rows;
}

/* Adds up the chunks' sums into the first one, in order. */
static void
add_chunks (const Job *job)
{
  size_t n = 2 * (size_t) job->all.c;

  for (int k = 1; k < n_chunks (job->all.rows); k++)
    for (size_t j = 0; j < n; j++)
      job->sums[j] += job->sums[(size_t) k * n + j];
}

/* Floats of scratch for a number a channel. */
static size_t
channel_floats (int c)
{
  return ((size_t) c + 15) & ~(size_t) 15;
}

/* The sums come first, as their type wants. */
static size_t
sums_size (size_t rows, int c)
{
  return (size_t) n_chunks (rows) * 2 * (size_t) c * (sizeof (double) / sizeof (float));
}

size_t
lk_batch_norm_scratch (size_t rows, int c)
{
  return sums_size (rows, c) + 3 * channel_floats (c);
}

static void
sum_x (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t c = (size_t) job->all.c;

  for (int k = begin; k < end; k++)
    {
      LkNormRows rows = get_rows (job, k, k + 1);
      double *sum = job->sums + (size_t) k * 2 * c;

      memset (sum, 0, 2 * c * sizeof *sum);
      job->norm->sum (&rows, sum, sum + c);
    }
}

/* The first row is what the sums are taken around: that of squares then is of the
 * variance's size, however far from 0 the numbers are. */
void
lk_batch_norm_statistics (size_t rows, int c, const float *x, float *mean, float *variance,
                          float *scratch, LkPool *pool)
{
  Job job = { .all = { .rows = rows, .c = c, .x = x, .mean = x },
              .norm = lk_norm_get (),
              .sums = (double *) (void *) scratch };

  lk_pool_run (pool, n_chunks (rows), 1, sum_x, &job);
  add_chunks (&job);
  for (int j = 0; j < c; j++)
    {
      double m = job.sums[j] / (double) rows, v = job.sums[c + j] / (double) rows - m * m;

      mean[j] = (float) ((double) x[j] + m);
      variance[j] = v > 0 ? (float) v : isnan (v) ? NAN : 0.0f; /* rounding can take it below 0 */
    }
}

/* gamma / sqrt (variance + epsilon) */
static void
take_scales (int c, const float *variance, float epsilon, const float *gamma, float *scale)
{
  for (int j = 0; j < c; j++)
    scale[j] = gamma[j] / sqrtf (variance[j] + epsilon);
}

static void
apply (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  LkNormRows rows = get_rows (job, begin, end);

  job->norm->apply (&rows);
}

void
lk_batch_norm_forward (size_t rows, int c, const float *x, const float *mean, const float *variance,
                       float epsilon, const float *gamma, const float *beta, const float *add,
                       int relu, float *y, float *scratch, LkPool *pool)
{
  Job job = { .all = { .rows = rows,
                       .c = c,
                       .x = x,
                       .mean = mean,
                       .scale = scratch,
                       .beta = beta,
                       .relu = relu,
                       .add = add,
                       .out = y },
              .norm = lk_norm_get () };

  take_scales (c, variance, epsilon, gamma, scratch);
  lk_pool_run (pool, n_chunks (rows), 1, apply, &job);
}

/* Sums of dy and of dy times x less its mean. */
static void
sum_dy (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t c = (size_t) job->all.c;

  for (int k = begin; k < end; k++)
    {
      LkNormRows rows = get_rows (job, k, k + 1);
      double *sum = job->sums + (size_t) k * 2 * c;

      memset (sum, 0, 2 * c * sizeof *sum);
      job->norm->sum_gradients (&rows, sum, sum + c);
    }
}

static void
gradient (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  LkNormRows rows = get_rows (job, begin, end);

  job->norm->gradient (&rows);
}

void
lk_batch_norm_backward (size_t rows, int c, const float *x, const float *mean,
                        const float *variance, float epsilon, const float *gamma, const float *beta,
                        int relu, const float *dy, float *dx, float *dgamma, float *dbeta,
                        float *scratch, LkPool *pool)
{
  float *scale = scratch + sums_size (rows, c), *mean_dy = scale + channel_floats (c);
  float *slope = mean_dy + channel_floats (c);
  Job job = { .all = { .rows = rows,
                       .c = c,
                       .x = x,
                       .mean = mean,
                       .scale = scale,
                       .beta = beta,
                       .relu = relu,
                       .dy = dy,
                       .mean_dy = mean_dy,
                       .slope = slope,
                       .out = dx },
              .norm = lk_norm_get (),
              .sums = (double *) (void *) scratch };

  take_scales (c, variance, epsilon, gamma, scale);
  lk_pool_run (pool, n_chunks (rows), 1, sum_dy, &job);
  add_chunks (&job);
  for (int j = 0; j < c; j++)
    {
      /* dx = gamma s (dy - mean dy - x-hat mean (dy x-hat)), x-hat = (x - mean) s */
      double s = 1 / sqrt ((double) variance[j] + (double) epsilon), x_hat = job.sums[c + j] * s;

      dbeta[j] += (float) job.sums[j];
      dgamma[j] += (float) x_hat;
      mean_dy[j] = (float) (job.sums[j] / (double) rows);
      slope[j] = (float) (x_hat / (double) rows * s);
    }
  if (dx != NULL)
    lk_pool_run (pool, n_chunks (rows), 1, gradient, &job);
}

void
lk_batch_norm_update (size_t rows, int c, const float *mean, const float *variance, float momentum,
                      float *running_mean, float *running_variance)
{
  double unbias = rows > 1 ? (double) rows / (double) (rows - 1) : 1;
  double keep = (double) momentum;

  for (int j = 0; j < c; j++)
    {
      running_mean[j] = (float) (keep * (double) running_mean[j] + (1 - keep) * (double) mean[j]);
      running_variance[j] = (float) (keep * (double) running_variance[j] +
                                     (1 - keep) * unbias * (double) variance[j]);
    }
}

/* Mean and 1 / sqrt (variance + epsilon) of channel j. */
static void
describe (size_t rows, int c, const float *x, double epsilon, int j, double *mean, double *scale)
{
  double sum = 0, squares = 0;

  for (size_t r = 0; r < rows; r++)
    sum += (double) x[r * (size_t) c + (size_t) j];
  *mean = sum / (double) rows;
  for (size_t r = 0; r < rows; r++)
    {
      double d = (double) x[r * (size_t) c + (size_t) j] - *mean;

      squares += d * d;
    }
  *scale = 1 / sqrt (squares / (double) rows + epsilon);
}

void
lk_batch_norm_forward_ref (size_t rows, int c, const float *x, float epsilon, const float *gamma,
                           const float *beta, float *y)
{
  for (int j = 0; j < c; j++)
    {
      double mean, scale;

      describe (rows, c, x, (double) epsilon, j, &mean, &scale);
      for (size_t r = 0; r < rows; r++)
        {
          size_t i = r * (size_t) c + (size_t) j;

          y[i] = (float) ((double) gamma[j] * ((double) x[i] - mean) * scale + (double) beta[j]);
        }
    }
}

void
lk_batch_norm_backward_ref (size_t rows, int c, const float *x, float epsilon, const float *gamma,
                            const float *dy, float *dx, float *dgamma, float *dbeta)
{
  for (int j = 0; j < c; j++)
    {
      double mean, scale, sum = 0, sum_x_hat = 0;

      describe (rows, c, x, (double) epsilon, j, &mean, &scale);
      for (size_t r = 0; r < rows; r++)
        {
          size_t i = r * (size_t) c + (size_t) j;

          sum += (double) dy[i];
          sum_x_hat += (double) dy[i] * ((double) x[i] - mean) * scale;
        }
      for (size_t r = 0; r < rows; r++)
        {
          size_t i = r * (size_t) c + (size_t) j;
          double x_hat = ((double) x[i] - mean) * scale;

          dx[i] = (float) ((double) gamma[j] * scale *
                           ((double) dy[i] - (sum + x_hat * sum_x_hat) / (double) rows));
        }
      dgamma[j] += (float) sum_x_hat;
      dbeta[j] += (float) sum;
    }
}
