/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-batchnorm.h"

#include <math.h>
#include <string.h>

#define CHUNK 256 /* rows that are summed up together */
#define BLOCK 64  /* channels whose factors are worked out together */

typedef struct
{
  size_t rows;
  int c;
  const float *x, *dy, *mean, *variance, *gamma, *beta;
  float epsilon;
  int relu;
  float *out;
  double *sums; /* [chunks, 2, c] */
} Job;

static int
n_chunks (size_t rows)
{
  return (int) ((rows + CHUNK - 1) / CHUNK);
}

static size_t
chunk_end (const Job *job, int chunk)
{
  size_t end = ((size_t) chunk + 1) * CHUNK;

  return end < job->rows ? end : job->rows;
}

/* Adds up the chunks' sums into the first one, in order. */
static void
add_chunks (const Job *job)
{
  size_t n = 2 * (size_t) job->c;

  for (int k = 1; k < n_chunks (job->rows); k++)
    for (size_t j = 0; j < n; j++)
      job->sums[j] += job->sums[(size_t) k * n + j];
}

size_t
lk_batch_norm_scratch (size_t rows, int c)
{
  return (size_t) n_chunks (rows) * 2 * (size_t) c * (sizeof (double) / sizeof (float));
}

static void
sum_x (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t c = (size_t) job->c;

  for (int k = begin; k < end; k++)
    {
      double *sum = job->sums + (size_t) k * 2 * c, *sum2 = sum + c;

      memset (sum, 0, 2 * c * sizeof *sum);
      for (size_t r = (size_t) k * CHUNK; r < chunk_end (job, k); r++)
        for (size_t j = 0; j < c; j++)
          {
            double x = (double) job->x[r * c + j];

            sum[j] += x;
            sum2[j] += x * x;
          }
    }
}

void
lk_batch_norm_statistics (size_t rows, int c, const float *x, float *mean, float *variance,
                          float *scratch, LkPool *pool)
{
  Job job = { .rows = rows, .c = c, .x = x, .sums = (double *) (void *) scratch };

  lk_pool_run (pool, n_chunks (rows), 1, sum_x, &job);
  add_chunks (&job);
  for (int j = 0; j < c; j++)
    {
      double m = job.sums[j] / (double) rows, v = job.sums[c + j] / (double) rows - m * m;

      mean[j] = (float) m;
      variance[j] = v > 0 ? (float) v : isnan (v) ? NAN : 0.0f; /* rounding can take it below 0 */
    }
}

/* 1 / sqrt (variance + epsilon) of the channels from @j on; returns how many. */
static size_t
take_scales (const Job *job, size_t j, float scale[BLOCK])
{
  size_t n = (size_t) job->c - j < BLOCK ? (size_t) job->c - j : BLOCK;

  for (size_t i = 0; i < n; i++)
    scale[i] = 1.0f / sqrtf (job->variance[j + i] + job->epsilon);
  return n;
}

static void
apply (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  size_t c = (size_t) job->c, n;
  float scale[BLOCK];

  for (size_t j = 0; j < c; j += n)
    {
      const float *mean = job->mean + j, *beta = job->beta + j;

      n = take_scales (job, j, scale);
      for (size_t i = 0; i < n; i++)
        scale[i] *= job->gamma[j + i];
      for (size_t r = (size_t) begin * CHUNK; r < chunk_end (job, end - 1); r++)
        {
          const float *x = job->x + r * c + j;
          float *y = job->out + r * c + j;

          if (job->relu)
            for (size_t i = 0; i < n; i++)
              {
                float v = (x[i] - mean[i]) * scale[i] + beta[i];

                y[i] = v < 0.0f ? 0.0f : v; /* NaN stays */
              }
          else
            for (size_t i = 0; i < n; i++)
              y[i] = (x[i] - mean[i]) * scale[i] + beta[i];
        }
    }
}

void
lk_batch_norm_forward (size_t rows, int c, const float *x, const float *mean, const float *variance,
                       float epsilon, const float *gamma, const float *beta, int relu, float *y,
                       LkPool *pool)
{
  Job job = { .rows = rows,
              .c = c,
              .x = x,
              .mean = mean,
              .variance = variance,
              .gamma = gamma,
              .beta = beta,
              .epsilon = epsilon,
              .relu = relu,
              .out = y };

  lk_pool_run (pool, n_chunks (rows), 1, apply, &job);
}

/* The gradient before the ReLU, if there is one: @scale is gamma / sqrt (variance +
 * epsilon). */
static inline float
mask (int relu, float x, float mean, float scale, float beta, float dy)
{
  return relu && !((x - mean) * scale + beta > 0.0f) ? 0.0f : dy;
}

/* Sums of dy and of dy times x-hat, x normalised. */
static inline void
sum_rows (const Job *job, int relu, int begin, int end)
{
  size_t c = (size_t) job->c, n;
  float scale[BLOCK], slope[BLOCK];

  for (int k = begin; k < end; k++)
    for (size_t j = 0; j < c; j += n)
      {
        double *sum = job->sums + (size_t) k * 2 * c + j, *sum_x_hat = sum + c;

        n = take_scales (job, j, scale);
        for (size_t i = 0; i < n; i++)
          slope[i] = scale[i] * job->gamma[j + i];
        memset (sum, 0, n * sizeof *sum);
        memset (sum_x_hat, 0, n * sizeof *sum);
        for (size_t r = (size_t) k * CHUNK; r < chunk_end (job, k); r++)
          {
            const float *x = job->x + r * c + j, *dy = job->dy + r * c + j;

            for (size_t i = 0; i < n; i++)
              {
                float m = job->mean[j + i];
                float d = mask (relu, x[i], m, slope[i], relu ? job->beta[j + i] : 0.0f, dy[i]);

                sum[i] += (double) d;
                sum_x_hat[i] += (double) d * (double) (x[i] - m);
              }
          }
        for (size_t i = 0; i < n; i++)
          sum_x_hat[i] *= (double) scale[i];
      }
}

static void
sum_dy (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  if (job->relu)
    sum_rows (job, 1, begin, end);
  else
    sum_rows (job, 0, begin, end);
}

static inline void
gradient_rows (const Job *job, int relu, int begin, int end)
{
  size_t c = (size_t) job->c, n;
  float scale[BLOCK], mean_dy[BLOCK], slope[BLOCK];

  for (size_t j = 0; j < c; j += n)
    {
      const float *mean = job->mean + j, *beta = job->beta + j;

      /* dx = gamma scale (dy - mean dy - x-hat mean (dy x-hat)) */
      n = take_scales (job, j, scale);
      for (size_t i = 0; i < n; i++)
        {
          mean_dy[i] = (float) (job->sums[j + i] / (double) job->rows);
          slope[i] = (float) (job->sums[c + j + i] / (double) job->rows) * scale[i];
          scale[i] *= job->gamma[j + i];
        }
      for (size_t r = (size_t) begin * CHUNK; r < chunk_end (job, end - 1); r++)
        {
          const float *x = job->x + r * c + j, *dy = job->dy + r * c + j;
          float *dx = job->out + r * c + j;

          for (size_t i = 0; i < n; i++)
            {
              float d = mask (relu, x[i], mean[i], scale[i], relu ? beta[i] : 0.0f, dy[i]);

              dx[i] = scale[i] * (d - mean_dy[i] - (x[i] - mean[i]) * slope[i]);
            }
        }
    }
}

static void
gradient (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  if (job->relu)
    gradient_rows (job, 1, begin, end);
  else
    gradient_rows (job, 0, begin, end);
}

void
lk_batch_norm_backward (size_t rows, int c, const float *x, const float *mean,
                        const float *variance, float epsilon, const float *gamma, const float *beta,
                        int relu, const float *dy, float *dx, float *dgamma, float *dbeta,
                        float *scratch, LkPool *pool)
{
  Job job = { .rows = rows,
              .c = c,
              .x = x,
              .dy = dy,
              .mean = mean,
              .variance = variance,
              .gamma = gamma,
              .beta = beta,
              .epsilon = epsilon,
              .relu = relu,
              .out = dx,
              .sums = (double *) (void *) scratch };

  lk_pool_run (pool, n_chunks (rows), 1, sum_dy, &job);
  add_chunks (&job);
  for (int j = 0; j < c; j++)
    {
      dbeta[j] += (float) job.sums[j];
      dgamma[j] += (float) job.sums[c + j];
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
