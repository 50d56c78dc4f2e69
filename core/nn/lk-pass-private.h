/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"
#include "lk-layer.h"
#include "lk-maxpool.h"
#include "lk-pass.h"

#include <stdint.h>

/* Shared by lk-pass.c, which runs the steps, and lk-pass-plan.c, which says where each
 * finds and leaves its numbers. */

#define LK_PASS_NONE (-1) /* among buffers */

/* A stretch of the arena, in use from one time to another.  Layer i is gone through
 * forward at time i, and backward at time 2 n_steps - i. */
typedef struct
{
  size_t floats, offset;
  int begin, end;
} LkPassBuffer;

/* What a layer's gradient by one of its inputs becomes. */
typedef struct
{
  int to;  /* the buffer that it is put in; NONE: nobody wants it */
  int add; /* what other readers of that input left, added to it; NONE: nothing */
} LkPassGradient;

typedef struct
{
  const LkLayer *layer;
  int relu_by_pool; /* the pool behind applies this ReLU's gradient, see plan_outputs() */
  int y;            /* the buffer of its output; NONE: the pictures, which are the caller's */
  int dy;           /* of the gradient by its output; NONE: nobody wants it */
  int dz;           /* of the gradient before its activation; may be dy */
  LkPassGradient dx[2];
  int scratch, backward_scratch; /* buffers */
  size_t packed;                 /* conv2d: of scratch, floats for the kernel */
  size_t unread;                 /* of backward_scratch, floats for a bias that is not */
  int where;                     /* maxpool */
  int stats;                     /* batchnorm: [towers, 2, c] */
  uint64_t key;                  /* dropout: of the last forward pass */
} LkPassStep;

struct _LkPass
{
  const LkNetwork *network;
  LkPool *pool;
  int max_batch, n_steps; /* steps: the layers without the head */
  LkPassStep *steps;      /* (owned) */
  LkPassBuffer *buffers;  /* (owned) */
  int n_buffers;

  float *arena; /* (owned) */
  size_t size;  /* floats */

  const float *images; /* of the last forward pass */
  int n, n_towers, training;
};

/* Fills in steps, buffers and the arena's size.  Returns 0 when memory is short. */
int lk_pass_plan (LkPass *self);

LkConv lk_pass_get_conv (const LkPass *self, const LkPassStep *step, int n);
LkMaxPool lk_pass_get_max_pool (const LkPass *self, const LkPassStep *step, int n);
