/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-layer.h"

LkConv
lk_layer_get_conv (const LkLayer *self, const LkLayer *in, int n)
{
  return (LkConv){
    .n = n,
    .h = in->h,
    .w = in->w,
    .c = in->c,
    .oh = self->h,
    .ow = self->w,
    .o = self->c,
    .kh = self->window,
    .kw = self->window,
    .stride = self->stride,
    .pad_top = self->pad_top,
    .pad_left = self->pad_left,
  };
}

LkMaxPool
lk_layer_get_max_pool (const LkLayer *self, const LkLayer *in, int n)
{
  return (LkMaxPool){
    .n = n,
    .h = in->h,
    .w = in->w,
    .c = in->c,
    .oh = self->h,
    .ow = self->w,
    .window = self->window,
    .stride = self->stride,
    .pad_top = self->pad_top,
    .pad_left = self->pad_left,
  };
}
