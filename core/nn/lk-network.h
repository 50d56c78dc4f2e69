/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"

#include <stddef.h>

/*
 * LkNetwork: what a network computes, without its numbers.
 *
 * Built from a text, one line a layer, in topological order:
 *
 *     # seeds/001
 *     network siamese
 *     image     input    size=100x100x3
 *     conv1     conv2d   image  filters=64 kernel=10 activation=relu
 *     pool1     maxpool  conv1  window=2 stride=2 padding=same
 *     ...
 *     embedding dense    flat   units=4096 activation=sigmoid
 *     score     l1-head  embedding
 *
 * A line is NAME OP INPUT... KEY=VALUE...; '#' begins a comment.  The last line is
 * the head; its input is the embedding.  Networks may branch, by naming a layer more
 * than once, and join, by `add`.  A network whose head is `maps` is one that looks at a
 * whole picture, for finding things in it: its outputs are the maps that the head names,
 * it may enlarge (`upsample`) and share (`weights=`), and it is for LkInfer alone.
 * Shapes are height x width x channels
 * (NHWC) and known when the text has been read, so that nothing later can fail
 * for its size.
 *
 * Parameters of all layers lie in one array of floats, in the order of
 * lk_network_get_param(); gradients and each of the optimiser's moments have the
 * same layout.  Names are LAYER.kernel ([kh, kw, in, out], dense: [in, out]),
 * LAYER.bias (unless bias=none), LAYER.gamma, LAYER.beta, LAYER.mean, LAYER.variance.
 *
 * Immutable after it has been parsed; may be read by any number of threads.
 */
typedef struct _LkNetwork LkNetwork;

typedef struct
{
  const char *name;
  int n_dims;
  size_t shape[4];
  size_t offset; /* in floats, into the array of parameters */
  size_t n;      /* floats */
  int trainable; /* 0: running statistics of a batch norm */
  float l2;      /* weight of the L2 penalty l2 * sum (w^2), 0 for none (Keras' meaning) */
} LkParam;

/**
 * lk_network_parse:
 * @why: (out caller-allocates): on failure, a sentence with the line's number
 *
 * Returns: (transfer full) (nullable): the network, or NULL with @why set
 */
LkNetwork *lk_network_parse (const char *text, char *why, size_t why_size);

/* The same for pictures of another height and width than the text's: for networks of
 * maps, whose parameters do not depend on it. */
LkNetwork *lk_network_parse_sized (const char *text, int height, int width, char *why,
                                   size_t why_size);
void lk_network_free (LkNetwork *self); /* accepts NULL */

const char *lk_network_get_name (const LkNetwork *self);
void lk_network_get_input (const LkNetwork *self, int *height, int *width, int *channels);
/* Whether its embedding is that of two looks, the second one at the mirror image: where an input
 * line says mirrored=yes.  LkInfer does so by itself; a training's steps look once. */
int lk_network_is_mirrored (const LkNetwork *self);
/* Floats that come out for a picture: of the embedding, or of all maps. */
int lk_network_get_embedding_size (const LkNetwork *self);

/* Whether the network is one of maps: nothing for the verifier or the trainer.  Map @i
 * (NULL pointers where not wanted), or 0 when there is none of that number. */
int lk_network_has_maps (const LkNetwork *self);
int lk_network_get_map (const LkNetwork *self, int i, int *height, int *width, int *channels);

int lk_network_get_n_params (const LkNetwork *self); /* arrays, the head's among them */
const LkParam *lk_network_get_param (const LkNetwork *self, int i);
const LkParam *lk_network_find_param (const LkNetwork *self, const char *name); /* (nullable) */
size_t lk_network_get_size (const LkNetwork *self);                             /* floats in all */
size_t lk_network_get_trainable (const LkNetwork *self); /* of them trained */

/* Draws initial parameters into @params (lk_network_get_size() floats): Glorot
 * uniform kernels, zero biases, batch norm 1, 0, 0, 1 (Keras' defaults) unless the
 * layer's line says otherwise (koch: normal).
 *
 * Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep
 * feedforward neural networks", AISTATS 2010, eq. 16. */
void lk_network_init (const LkNetwork *self, float *params, LkRandom *random);

/* The table of layers, output shapes and parameters, as Keras prints it.
 * Returns: (transfer full): text from malloc() */
char *lk_network_summary (const LkNetwork *self);
