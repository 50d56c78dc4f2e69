/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv.h"

#include "lk-conv-private.h"

size_t
lk_conv_packed_size (const LkConv *cv)
{
  return lk_conv_fft_suits_forward (cv) ? lk_conv_fft_packed_size (cv)
                                        : lk_conv_direct_packed_size (cv);
}

void
lk_conv_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool)
{
  if (lk_conv_fft_suits_forward (cv))
    lk_conv_fft_pack (cv, kernel, packed, pool);
  else
    lk_conv_direct_pack (cv, kernel, packed);
}

size_t
lk_conv_scratch (const LkConv *cv, const LkPool *pool)
{
  return lk_conv_fft_suits_forward (cv) ? lk_conv_fft_scratch (cv, pool) : 0;
}

void
lk_conv_forward (const LkConv *cv, const float *x, const float *packed, const LkEpilogue *epilogue,
                 float *y, float *scratch, LkPool *pool)
{
  if (lk_conv_fft_suits_forward (cv))
    lk_conv_fft_forward (cv, x, packed, epilogue, y, scratch, pool);
  else
    lk_conv_direct_forward (cv, x, packed, epilogue, y, pool);
}

size_t
lk_conv_backward_scratch (const LkConv *cv, const LkPool *pool)
{
  size_t data, kernel;

  data = lk_conv_fft_suits_data (cv) ? lk_conv_fft_data_scratch (cv, pool)
                                     : lk_conv_direct_data_scratch (cv);
  kernel = lk_conv_fft_suits_kernel (cv) ? lk_conv_fft_kernel_scratch (cv, pool)
                                         : lk_conv_direct_kernel_scratch (cv, pool);
  return data > kernel ? data : kernel;
}

void
lk_conv_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                       float *scratch, LkPool *pool)
{
  if (lk_conv_fft_suits_data (cv))
    lk_conv_fft_backward_data (cv, dy, kernel, dx, scratch, pool);
  else
    lk_conv_direct_backward_data (cv, dy, kernel, dx, scratch, pool);
}

void
lk_conv_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                         float *dbias, float *scratch, LkPool *pool)
{
  if (lk_conv_fft_suits_kernel (cv))
    lk_conv_fft_backward_kernel (cv, x, dy, dkernel, dbias, scratch, pool);
  else
    lk_conv_direct_backward_kernel (cv, x, dy, dkernel, dbias, scratch, pool);
}
