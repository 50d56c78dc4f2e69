/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-conv.h"
#include "lk-maxpool.h"
#include "lk-network.h"

/*
 * The layers of a network, for what computes with it (lk-infer, lk-pass): not for
 * the rest of the program, which knows a network by lk-network.h alone.
 */
typedef enum
{
  LK_OP_INPUT,
  LK_OP_CONV2D,
  LK_OP_BATCHNORM,
  LK_OP_MAXPOOL,
  LK_OP_RELU,
  LK_OP_SIGMOID,
  LK_OP_DROPOUT,
  LK_OP_FLATTEN,
  LK_OP_DENSE,
  LK_OP_NORMALIZE,
  LK_OP_UPSAMPLE,
  LK_OP_ADD,
  LK_OP_L1_HEAD,
  LK_OP_MAPS,
} LkOp;

typedef enum
{
  LK_ACTIVATION_LINEAR,
  LK_ACTIVATION_RELU,
  LK_ACTIVATION_SIGMOID,
} LkActivation;

/* How numbers are drawn: Glorot uniform, or normal with a mean and a deviation. */
typedef struct
{
  int glorot;
  double mean, deviation;
} LkInit;

#define LK_NETWORK_MAX_LAYERS 256
#define LK_LAYER_MAX_INPUTS   4

typedef struct
{
  char name[32];
  LkOp op;
  int line;                        /* of the text, from 1 */
  int n_inputs;                    /* 0 for the input, 2 for add, 1 .. for maps, else 1 */
  int inputs[LK_LAYER_MAX_INPUTS]; /* indices of earlier layers */
  int h, w, c;                     /* the output of one picture; flat: 1, 1, c */
  int flat;                        /* the output is a vector */

  int mirrored;            /* input: see lk-mirror.h */
  int window;              /* conv2d: the kernel's rows and columns; maxpool; upsample: times */
  int stride;              /* conv2d, maxpool */
  int pad_top, pad_left;   /* conv2d, maxpool: what padding puts before the first row, column */
  LkActivation activation; /* conv2d, dense, batchnorm, add: at the end */
  int shared;              /* conv2d: its numbers are an earlier layer's */
  int no_bias;             /* conv2d, dense */
  float rate;              /* dropout: the share that is dropped, 0 <= rate < 1 */
  float momentum, epsilon; /* batchnorm */
  float l2;                /* conv2d, dense, l1-head: of the kernel */
  LkInit kernel_init, bias_init;

  /* Where the layer's numbers begin in the array of parameters, in floats. */
  size_t kernel, bias;                /* conv2d, dense, l1-head */
  size_t gamma, beta, mean, variance; /* batchnorm */
} LkLayer;

/* In topological order: layer 0 is the input, the last is the head.  In a network for
 * embeddings the head's input gives the embedding.  Every layer but the last is the input
 * of one or more later layers. */
int lk_network_get_n_layers (const LkNetwork *self);
const LkLayer *lk_network_get_layer (const LkNetwork *self, int i);

/* "conv2d", as in the text. */
const char *lk_op_to_string (LkOp op);

/* What conv2d and maxpool layers are to the code that computes them, for @n pictures. */
LkConv lk_layer_get_conv (const LkLayer *self, const LkLayer *in, int n);
LkMaxPool lk_layer_get_max_pool (const LkLayer *self, const LkLayer *in, int n);
