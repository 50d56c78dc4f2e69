/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv.h"

/* Plain loops on purpose: this file is the definition, not the program. */

/* Where output (y, x) of picture n looks at under (ky, kx), or -1 outside of the picture. */
static ptrdiff_t
source (const LkConv *cv, int n, int y, int x, int ky, int kx)
{
  int iy = y * cv->stride + ky - cv->pad_top, ix = x * cv->stride + kx - cv->pad_left;

  if (iy < 0 || iy >= cv->h || ix < 0 || ix >= cv->w)
    return -1;
  return (((ptrdiff_t) n * cv->h + iy) * cv->w + ix) * cv->c;
}

void
lk_conv_forward_ref (const LkConv *cv, const float *x, const float *kernel,
                     const LkEpilogue *epilogue, float *y)
{
  for (int n = 0; n < cv->n; n++)
    for (int oy = 0; oy < cv->oh; oy++)
      for (int ox = 0; ox < cv->ow; ox++)
        for (int o = 0; o < cv->o; o++)
          {
            double sum = 0.0;

            for (int ky = 0; ky < cv->kh; ky++)
              for (int kx = 0; kx < cv->kw; kx++)
                {
                  ptrdiff_t at = source (cv, n, oy, ox, ky, kx);

                  for (int c = 0; at >= 0 && c < cv->c; c++)
                    sum += (double) x[at + c] *
                           (double) kernel[(((size_t) ky * cv->kw + kx) * cv->c + c) * cv->o + o];
                }
            if (epilogue != NULL && epilogue->bias != NULL)
              sum += (double) epilogue->bias[o];
            if (epilogue != NULL && epilogue->relu && sum < 0.0)
              sum = 0.0;
            if (epilogue != NULL && epilogue->scale != NULL)
              sum = sum * (double) epilogue->scale[o] + (double) epilogue->shift[o];
            *y++ = (float) sum;
          }
}

void
lk_conv_backward_data_ref (const LkConv *cv, const float *dy, const float *kernel, float *dx)
{
  /* Gathered, not scattered, so that each sum can be a double. */
  for (int n = 0; n < cv->n; n++)
    for (int iy = 0; iy < cv->h; iy++)
      for (int ix = 0; ix < cv->w; ix++)
        for (int c = 0; c < cv->c; c++)
          {
            double sum = 0.0;

            for (int ky = 0; ky < cv->kh; ky++)
              for (int kx = 0; kx < cv->kw; kx++)
                {
                  int sy = iy + cv->pad_top - ky, sx = ix + cv->pad_left - kx;
                  int oy = sy / cv->stride, ox = sx / cv->stride;
                  const float *row, *k;

                  if (sy < 0 || sx < 0 || sy % cv->stride != 0 || sx % cv->stride != 0 ||
                      oy >= cv->oh || ox >= cv->ow)
                    continue;
                  row = dy + (((size_t) n * cv->oh + oy) * cv->ow + ox) * cv->o;
                  k = kernel + (((size_t) ky * cv->kw + kx) * cv->c + c) * cv->o;
                  for (int o = 0; o < cv->o; o++)
                    sum += (double) row[o] * (double) k[o];
                }
            *dx++ = (float) sum;
          }
}

void
lk_conv_backward_kernel_ref (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                             float *dbias)
{
  for (int ky = 0; ky < cv->kh; ky++)
    for (int kx = 0; kx < cv->kw; kx++)
      for (int c = 0; c < cv->c; c++)
        for (int o = 0; o < cv->o; o++)
          {
            double sum = 0.0;

            for (int n = 0; n < cv->n; n++)
              for (int oy = 0; oy < cv->oh; oy++)
                for (int ox = 0; ox < cv->ow; ox++)
                  {
                    ptrdiff_t at = source (cv, n, oy, ox, ky, kx);

                    if (at >= 0)
                      sum += (double) x[at + c] *
                             (double) dy[(((size_t) n * cv->oh + oy) * cv->ow + ox) * cv->o + o];
                  }
            *dkernel++ += (float) sum;
          }

  for (int o = 0; o < cv->o; o++)
    {
      double sum = 0.0;

      for (size_t p = 0; p < (size_t) cv->n * cv->oh * cv->ow; p++)
        sum += (double) dy[p * cv->o + o];
      dbias[o] += (float) sum;
    }
}
