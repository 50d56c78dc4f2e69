/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv.h"

#include "lk-blas.h"

#include <cblas.h>
#include <string.h>

size_t
lk_conv_packed_size (const LkConv *cv)
{
  return (size_t) cv->kh * cv->kw * cv->c * cv->o;
}

void
lk_conv_pack (const LkConv *cv, const float *kernel, float *packed)
{
  memcpy (packed, kernel, lk_conv_packed_size (cv) * sizeof *packed);
}

/* Output columns begin .. end-1 are those whose source column under kx is in the picture. */
static void
valid_columns (const LkConv *cv, int kx, int *begin, int *end)
{
  int offset = kx - cv->pad_left, last = cv->w - 1 - offset;

  *begin = offset < 0 ? (-offset + cv->stride - 1) / cv->stride : 0;
  *end = last < 0 ? 0 : last / cv->stride + 1;
  if (*end > cv->ow)
    *end = cv->ow;
}

typedef struct
{
  const LkConv *cv;
  const float *x, *kernel, *dy;
  const LkEpilogue *epilogue;
  float *out;
} Job;

static void
finish (const LkEpilogue *e, float *y, int n, int o)
{
  for (int i = 0; i < n; i++, y += o)
    for (int k = 0; k < o; k++)
      {
        float s = y[k];

        if (e->bias != NULL)
          s += e->bias[k];
        if (e->relu && s < 0.0f)
          s = 0.0f;
        if (e->scale != NULL)
          s = s * e->scale[k] + e->shift[k];
        y[k] = s;
      }
}

static void
forward_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;

  for (int row = begin; row < end; row++)
    {
      int n = row / cv->oh, oy = row % cv->oh;
      float *y = job->out + (size_t) row * cv->ow * cv->o;

      memset (y, 0, (size_t) cv->ow * cv->o * sizeof *y);
      for (int ky = 0; ky < cv->kh; ky++)
        for (int kx = 0; kx < cv->kw; kx++)
          {
            int iy = oy * cv->stride + ky - cv->pad_top, from, to;
            ptrdiff_t ix;

            valid_columns (cv, kx, &from, &to);
            if (iy < 0 || iy >= cv->h || from >= to)
              continue;
            ix = (ptrdiff_t) from * cv->stride + kx - cv->pad_left;
            cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, to - from, cv->o, cv->c, 1.0f,
                         job->x + (((ptrdiff_t) n * cv->h + iy) * cv->w + ix) * cv->c,
                         cv->stride * cv->c,
                         job->kernel + ((size_t) ky * cv->kw + kx) * cv->c * cv->o, cv->o, 1.0f,
                         y + (size_t) from * cv->o, cv->o);
          }
      if (job->epilogue != NULL)
        finish (job->epilogue, y, cv->ow, cv->o);
    }
}

void
lk_conv_forward (const LkConv *cv, const float *x, const float *packed, const LkEpilogue *epilogue,
                 float *y, LkPool *pool)
{
  Job job = { .cv = cv, .x = x, .kernel = packed, .epilogue = epilogue, .out = y };

  lk_blas_init ();
  lk_pool_run (pool, cv->n * cv->oh, 1, forward_rows, &job);
}

size_t
lk_conv_backward_scratch (const LkConv *cv, const LkPool *pool)
{
  return 0;
}

static void
data_rows (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;

  for (int row = begin; row < end; row++)
    {
      int n = row / cv->h, iy = row % cv->h;
      float *dx = job->out + (size_t) row * cv->w * cv->c;

      memset (dx, 0, (size_t) cv->w * cv->c * sizeof *dx);
      for (int ky = 0; ky < cv->kh; ky++)
        for (int kx = 0; kx < cv->kw; kx++)
          {
            int sy = iy + cv->pad_top - ky, oy = sy / cv->stride, from, to;
            ptrdiff_t ix;

            valid_columns (cv, kx, &from, &to);
            if (sy < 0 || sy % cv->stride != 0 || oy >= cv->oh || from >= to)
              continue;
            ix = (ptrdiff_t) from * cv->stride + kx - cv->pad_left;
            cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasTrans, to - from, cv->c, cv->o, 1.0f,
                         job->dy + (((size_t) n * cv->oh + oy) * cv->ow + from) * cv->o, cv->o,
                         job->kernel + ((size_t) ky * cv->kw + kx) * cv->c * cv->o, cv->o, 1.0f,
                         dx + ix * cv->c, cv->stride * cv->c);
          }
    }
}

void
lk_conv_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                       float *scratch, LkPool *pool)
{
  Job job = { .cv = cv, .dy = dy, .kernel = kernel, .out = dx };

  lk_blas_init ();
  lk_pool_run (pool, cv->n * cv->h, 1, data_rows, &job);
}

static void
kernel_taps (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  const LkConv *cv = job->cv;

  for (int tap = begin; tap < end; tap++)
    {
      int ky = tap / cv->kw, kx = tap % cv->kw, from, to;
      ptrdiff_t ix;

      valid_columns (cv, kx, &from, &to);
      ix = (ptrdiff_t) from * cv->stride + kx - cv->pad_left;
      for (int row = 0; from < to && row < cv->n * cv->oh; row++)
        {
          int n = row / cv->oh, iy = row % cv->oh * cv->stride + ky - cv->pad_top;

          if (iy >= 0 && iy < cv->h)
            cblas_sgemm (CblasRowMajor, CblasTrans, CblasNoTrans, cv->c, cv->o, to - from, 1.0f,
                         job->x + (((ptrdiff_t) n * cv->h + iy) * cv->w + ix) * cv->c,
                         cv->stride * cv->c, job->dy + ((size_t) row * cv->ow + from) * cv->o,
                         cv->o, 1.0f, job->out + (size_t) tap * cv->c * cv->o, cv->o);
        }
    }
}

void
lk_conv_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                         float *dbias, float *scratch, LkPool *pool)
{
  Job job = { .cv = cv, .x = x, .dy = dy, .out = dkernel };

  lk_blas_init ();
  lk_pool_run (pool, cv->kh * cv->kw, 1, kernel_taps, &job);
  for (size_t p = 0; p < (size_t) cv->n * cv->oh * cv->ow; p++)
    for (int o = 0; o < cv->o; o++)
      dbias[o] += dy[p * cv->o + o];
}
