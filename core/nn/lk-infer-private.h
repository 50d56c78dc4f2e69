/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"
#include "lk-infer.h"
#include "lk-layer.h"
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
  LK_STEP_ADD,
  LK_STEP_UPSAMPLE,
} LkStepOp;

#define LK_INFER_PICTURE (-1) /* among buffers: what the caller gave */

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
  int x, x2, y;                /* buffers that it reads (x2: add) and writes */
} LkStep;

/* Where a map of the output lies when all steps are done. */
typedef struct
{
  int buffer;
  size_t n; /* floats of a picture */
} LkMap;

struct _LkInfer
{
  LkPool *pool;
  int max_batch;
  int n_steps;
  int n_single;   /* the first steps, done for one picture after the other: its maps then stay
                   * in the cache.  From a dense layer on the batch goes through as one, and
                   * the weights are read once. */
  LkStep *steps;  /* (owned) */
  size_t picture; /* floats */
  int size;       /* floats of an embedding */
  int n_buffers;
  float **buffers; /* (owned): activations */
  size_t *floats;  /* (owned): of each buffer, for one picture */
  int n_small;     /* buffers that hold one picture; the others hold a batch */
  int n_maps;      /* 0: a network for embeddings */
  LkMap maps[LK_LAYER_MAX_INPUTS];
  void *scratch; /* (owned) */
  float *alpha;  /* (owned): the head's weights */
  float bias;    /* the head's */
  size_t memory; /* bytes in all */
};

/* Aligned for any vector; large ones in large pages, where the system has them to give.
 * Counted in memory. */
void *lk_infer_take (LkInfer *self, size_t bytes);

/* Fills in steps and what they own, the number of buffers and their sizes.  Returns 0
 * when memory is short. */
int lk_infer_prepare (LkInfer *self, const LkNetwork *network, const float *params);

/* The same for a network of maps. */
int lk_infer_prepare_maps (LkInfer *self, const LkNetwork *network, const float *params);
