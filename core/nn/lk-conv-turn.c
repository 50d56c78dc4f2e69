/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-conv-private.h"

LkConv
lk_conv_turn (const LkConv *cv)
{
  return (LkConv){
    .n = cv->n,
    .h = cv->oh,
    .w = cv->ow,
    .c = cv->o,
    .oh = cv->h,
    .ow = cv->w,
    .o = cv->c,
    .kh = cv->kh,
    .kw = cv->kw,
    .stride = 1,
    .pad_top = cv->kh - 1 - cv->pad_top,
    .pad_left = cv->kw - 1 - cv->pad_left,
  };
}

size_t
lk_conv_turned_size (const LkConv *cv)
{
  return ((size_t) cv->kh * cv->kw * cv->c * cv->o + 15) / 16 * 16;
}

typedef struct
{
  const LkConv *cv;
  const float *kernel;
  float *to;
} Job;

static void
turn_taps (int begin, int end, int thread, void *data)
{
  const Job *job = data;
  int c = job->cv->c, o = job->cv->o, last = job->cv->kh * job->cv->kw - 1;

  for (int tap = begin; tap < end; tap++)
    {
      const float *from = job->kernel + (size_t) tap * c * o;
      float *to = job->to + (size_t) (last - tap) * c * o;

      for (int j = 0; j < o; j++)
        for (int i = 0; i < c; i++)
          *to++ = from[(size_t) i * o + j];
    }
}

void
lk_conv_turn_kernel (const LkConv *cv, const float *kernel, float *turned, LkPool *pool)
{
  Job job = { .cv = cv, .kernel = kernel, .to = turned };

  lk_pool_run (pool, cv->kh * cv->kw, 1, turn_taps, &job);
}
