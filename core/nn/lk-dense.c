/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-dense.h"

#include "lk-blas.h"

#include <cblas.h>

#define SLICE 128 /* columns or rows a thread takes at a time: four cache lines a row at least */

typedef struct
{
  int n, in, out;
  const float *x, *kernel, *bias, *dy;
  float *y, *dx, *dkernel;
} Job;

static void
forward_columns (int begin, int end, int thread, void *data)
{
  const Job *job = data;

  for (int i = 0; i < job->n; i++)
    for (int o = begin; o < end; o++)
      job->y[(size_t) i * job->out + o] = job->bias != NULL ? job->bias[o] : 0.0f;
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, job->n, end - begin, job->in, 1.0f,
               job->x, job->in, job->kernel + begin, job->out, 1.0f, job->y + begin, job->out);
}

void
lk_dense_forward (int n, int in, int out, const float *x, const float *kernel, const float *bias,
                  float *y, LkPool *pool)
{
  Job job = { .n = n, .in = in, .out = out, .x = x, .kernel = kernel, .bias = bias, .y = y };

  lk_blas_init ();
  lk_pool_run (pool, out, SLICE, forward_columns, &job);
}

static void
backward_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int rows = end - begin;

  if (job->dx != NULL)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, job->n, rows, job->out, 1.0f, job->dy,
                 job->out, job->kernel + (size_t) begin * job->out, job->out, 0.0f, job->dx + begin,
                 job->in);
  cblas_sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, rows, job->out, job->n, 1.0f,
               job->x + begin, job->in, job->dy, job->out, 1.0f,
               job->dkernel + (size_t) begin * job->out, job->out);
}

void
lk_dense_backward (int n, int in, int out, const float *x, const float *kernel, const float *dy,
                   float *dx, float *dkernel, float *dbias, LkPool *pool)
{
  Job job = {
    .n = n, .in = in, .out = out, .x = x, .kernel = kernel, .dy = dy, .dx = dx, .dkernel = dkernel
  };

  lk_blas_init ();
  lk_pool_run (pool, in, SLICE, backward_rows, &job);
  for (int i = 0; i < n; i++)
    for (int o = 0; o < out; o++)
      dbias[o] += dy[(size_t) i * out + o];
}

void
lk_dense_forward_ref (int n, int in, int out, const float *x, const float *kernel,
                      const float *bias, float *y)
{
  for (int i = 0; i < n; i++)
    for (int o = 0; o < out; o++)
      {
        double sum = bias != NULL ? (double) bias[o] : 0.0;

        for (int k = 0; k < in; k++)
          sum += (double) x[(size_t) i * in + k] * (double) kernel[(size_t) k * out + o];
        *y++ = (float) sum;
      }
}
