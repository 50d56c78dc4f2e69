/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv.h"

#include "lk-conv-private.h"

/* ---- Which way. ---- */

#define GAIN 0.9 /* of the direct way's time at most, or that is gone, which is sure to work */

static LkConvWay
choose (const LkConv *cv, double fft, double winograd)
{
  double direct = (double) cv->oh * cv->ow * cv->kh * cv->kw * cv->c * cv->o;

  if (winograd < GAIN * direct) /* where it can be, it is faster than Fourier transforms */
    return LK_CONV_WINOGRAD;
  return fft < GAIN * direct ? LK_CONV_FFT : LK_CONV_DIRECT;
}

LkConvWay
lk_conv_choose_forward (const LkConv *cv)
{
  return choose (cv, lk_conv_fft_cost_forward (cv), lk_conv_winograd_cost_forward (cv));
}

LkConvWay
lk_conv_choose_data (const LkConv *cv)
{
  return choose (cv, lk_conv_fft_cost_data (cv), lk_conv_winograd_cost_data (cv));
}

LkConvWay
lk_conv_choose_kernel (const LkConv *cv)
{
  return choose (cv, lk_conv_fft_cost_kernel (cv), lk_conv_winograd_cost_kernel (cv));
}

static size_t
larger (size_t a, size_t b)
{
  return a > b ? a : b;
}

/* ---- Forward. ---- */

static size_t
packed_size (const LkConv *cv)
{
  switch (lk_conv_choose_forward (cv))
    {
    case LK_CONV_FFT:
      return lk_conv_fft_packed_size (cv);
    case LK_CONV_WINOGRAD:
      return lk_conv_winograd_packed_size (cv);
    case LK_CONV_DIRECT:
    default:
      return lk_conv_direct_packed_size (cv);
    }
}

void
lk_conv_pack (const LkConv *cv, const float *kernel, float *packed, LkPool *pool)
{
  switch (lk_conv_choose_forward (cv))
    {
    case LK_CONV_FFT:
      lk_conv_fft_pack (cv, kernel, packed, pool);
      break;
    case LK_CONV_WINOGRAD:
      lk_conv_winograd_pack (cv, kernel, packed, pool);
      break;
    case LK_CONV_DIRECT:
      lk_conv_direct_pack (cv, kernel, packed, pool);
      break;
    }
}

static size_t
forward_scratch (const LkConv *cv, const LkPool *pool)
{
  switch (lk_conv_choose_forward (cv))
    {
    case LK_CONV_FFT:
      return lk_conv_fft_scratch (cv, pool);
    case LK_CONV_WINOGRAD:
      return lk_conv_winograd_scratch (cv, pool);
    case LK_CONV_DIRECT:
    default:
      return 0;
    }
}

/* One picture may go another way than several. */
static LkConv
make_single (const LkConv *cv)
{
  LkConv one = *cv;

  one.n = 1;
  return one;
}

size_t
lk_conv_packed_size (const LkConv *cv)
{
  LkConv one = make_single (cv);

  return larger (packed_size (cv), packed_size (&one));
}

size_t
lk_conv_scratch (const LkConv *cv, const LkPool *pool)
{
  LkConv one = make_single (cv);

  return larger (forward_scratch (cv, pool), forward_scratch (&one, pool));
}

void
lk_conv_forward (const LkConv *cv, const float *x, const float *packed, const LkEpilogue *epilogue,
                 float *y, float *scratch, LkPool *pool)
{
  switch (lk_conv_choose_forward (cv))
    {
    case LK_CONV_FFT:
      lk_conv_fft_forward (cv, x, packed, epilogue, y, scratch, pool);
      break;
    case LK_CONV_WINOGRAD:
      lk_conv_winograd_forward (cv, x, packed, epilogue, y, scratch, pool);
      break;
    case LK_CONV_DIRECT:
      lk_conv_direct_forward (cv, x, packed, epilogue, y, pool);
      break;
    }
}

/* ---- Backward. ---- */

static size_t
data_scratch (const LkConv *cv, const LkPool *pool)
{
  switch (lk_conv_choose_data (cv))
    {
    case LK_CONV_FFT:
      return lk_conv_fft_data_scratch (cv, pool);
    case LK_CONV_WINOGRAD:
      return lk_conv_winograd_data_scratch (cv, pool);
    case LK_CONV_DIRECT:
    default:
      return lk_conv_direct_data_scratch (cv);
    }
}

static size_t
kernel_scratch (const LkConv *cv, const LkPool *pool)
{
  switch (lk_conv_choose_kernel (cv))
    {
    case LK_CONV_FFT:
      return lk_conv_fft_kernel_scratch (cv, pool);
    case LK_CONV_WINOGRAD:
      return lk_conv_winograd_kernel_scratch (cv);
    case LK_CONV_DIRECT:
    default:
      return lk_conv_direct_kernel_scratch (cv, pool);
    }
}

size_t
lk_conv_backward_scratch (const LkConv *cv, const LkPool *pool)
{
  return larger (data_scratch (cv, pool), kernel_scratch (cv, pool));
}

void
lk_conv_backward_data (const LkConv *cv, const float *dy, const float *kernel, float *dx,
                       float *scratch, LkPool *pool)
{
  switch (lk_conv_choose_data (cv))
    {
    case LK_CONV_FFT:
      lk_conv_fft_backward_data (cv, dy, kernel, dx, scratch, pool);
      break;
    case LK_CONV_WINOGRAD:
      lk_conv_winograd_backward_data (cv, dy, kernel, dx, scratch, pool);
      break;
    case LK_CONV_DIRECT:
      lk_conv_direct_backward_data (cv, dy, kernel, dx, scratch, pool);
      break;
    }
}

void
lk_conv_backward_kernel (const LkConv *cv, const float *x, const float *dy, float *dkernel,
                         float *dbias, float *scratch, LkPool *pool)
{
  switch (lk_conv_choose_kernel (cv))
    {
    case LK_CONV_FFT:
      lk_conv_fft_backward_kernel (cv, x, dy, dkernel, dbias, scratch, pool);
      break;
    case LK_CONV_WINOGRAD:
      lk_conv_winograd_backward_kernel (cv, x, dy, dkernel, dbias, scratch, pool);
      break;
    case LK_CONV_DIRECT:
      lk_conv_direct_backward_kernel (cv, x, dy, dkernel, dbias, scratch, pool);
      break;
    }
}
