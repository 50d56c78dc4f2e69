/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"
#include "lk-infer.h"
#include "lk-maxpool.h"

/* Shared by lk-infer.c, which runs the steps, and lk-infer-prepare.c, which makes them. */

typedef enum
{
  LK_STEP_CONV,
  LK_STEP_POOL,
  LK_STEP_DENSE,
  LK_STEP_AFFINE, /* x * scale[c] + shift[c] */
  LK_STEP_RELU,
  LK_STEP_SIGMOID,
} LkStepOp;

typedef struct
{
  LkStepOp op;
  size_t in, out; /* floats of a picture */
  int c;          /* channels of the output */
  LkConv cv;
  LkMaxPool mp;
  LkEpilogue epilogue;         /* conv; points to the arrays below */
  void *kernel;                /* (owned): conv, dense: packed */
  float *bias, *scale, *shift; /* (owned) (nullable) */
  int sigmoid;                 /* dense: after the bias */
} LkStep;

struct _LkInfer
{
  LkPool *pool;
  int max_batch;
  int n_steps;
  LkStep *steps;     /* (owned) */
  size_t picture;    /* floats */
  int size;          /* floats of an embedding */
  float *buffers[2]; /* (owned): activations, in turn */
  void *scratch;     /* (owned) */
  float *alpha;      /* (owned): the head's weights */
  float bias;        /* the head's */
  size_t memory;     /* bytes in all */
};

/* Aligned for any vector; large ones in large pages, where the system has them to give.
 * Counted in memory. */
void *lk_infer_take (LkInfer *self, size_t bytes);

/* Fills in steps and what they own.  Returns 0 when memory is short. */
int lk_infer_prepare (LkInfer *self, const LkNetwork *network, const float *params);
