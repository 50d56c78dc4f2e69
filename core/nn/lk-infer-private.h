/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"
#include "lk-infer.h"
#include "lk-layer.h"
#include "lk-maxpool.h"

/* Shared by lk-infer.c, which runs the steps, lk-infer-prepare.c, which makes them, and
 * lk-infer-place.c, which says where each puts its output. */

typedef enum
{
  LK_STEP_CONV,
  LK_STEP_POOL,
  LK_STEP_DENSE,
  LK_STEP_AFFINE, /* x * scale[c] + shift[c] */
  LK_STEP_RELU,
  LK_STEP_SIGMOID,
  LK_STEP_NORMALIZE,
  LK_STEP_ADD,
  LK_STEP_UPSAMPLE,
} LkStepOp;

#define LK_INFER_PICTURE (-1) /* among buffers: what the caller gave */
#define LK_INFER_OUT     (-2) /* among buffers: where the caller wants the embedding */

typedef struct
{
  int buffer;    /* while the steps are made: the step whose output it is */
  size_t floats; /* of a picture */
} LkInferInput;

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
  int h, w, times;             /* upsample: of the input */
  LkInferInput x, x2;          /* what it reads (x2: add) */
  int y;                       /* the buffer that it writes */
} LkStep;

struct _LkInfer
{
  LkPool *pool;
  int max_batch;
  int n_steps;
  int n_single;   /* the first steps, done for one picture (all looks) after the other: its maps
                   * then stay in the cache.  From a dense layer on the batch goes through as one, and
                   * the weights are read once. */
  LkStep *steps;  /* (owned) */
  size_t picture; /* floats */
  int size;       /* floats of an embedding */
  int n_buffers;
  float **buffers; /* (owned): activations */
  size_t *floats;  /* (owned): of each buffer, for one picture */
  char *whole;     /* (owned): of each buffer, whether it holds a batch, or one picture */
  int n_maps;      /* 0: a network for embeddings */
  LkInferInput maps[LK_LAYER_MAX_INPUTS]; /* what the output is made of */
  void *scratch;                          /* (owned) */
  int looks;                              /* at a picture: 1, or 2 with its mirror image */
  float *twice;                           /* (owned) (nullable): [max_batch, 2] pictures */
  float *both;                            /* (owned) (nullable): their embeddings */
  int height, width, channels;            /* of a picture */
  float *alpha;                           /* (owned): the head's weights */
  float bias;                             /* the head's */
  size_t memory;                          /* bytes in all */
};

/* Aligned for any vector; large ones in large pages, where the system has them to give.
 * Counted in memory. */
void *lk_infer_take (LkInfer *self, size_t bytes);

/* Fills in steps and what they own, maps, the number of buffers and their sizes.  Returns
 * 0 when memory is short. */
int lk_infer_prepare (LkInfer *self, const LkNetwork *network, const float *params);

/* The buffers' part of it. */
int lk_infer_place (LkInfer *self);
