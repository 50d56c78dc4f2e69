/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nn/lk-loss.h"

#include "lk-augment.h"
#include "lk-pictures.h"
#include "lk-sampler.h"

G_BEGIN_DECLS

/*
 * LkLoader: prepares the batches of a run on a thread of its own, ahead of the network.
 *
 * Which pictures a step gets depends on seed and step alone, so that a run that goes on
 * from a checkpoint sees what it would have seen.
 */
typedef struct _LkLoader LkLoader;

typedef struct
{
  float *images; /* [n, height, width, channels] */
  int *samples;  /* [n] */
  int n;
  LkPair *pairs;     /* [n_pairs]: rows of images */
  int n_pairs;       /* 0 where no pairs are drawn */
  guint8 *relations; /* [n, n]: LkRelation of two rows; NULL if not asked for */
} LkBatch;

typedef struct
{
  const LkDataset *set;
  LkPictures *pictures;
  int height, width, channels; /* of the network's input */
  LkSampler sampler;
  int steps_per_epoch;
  guint64 seed;
  LkAugment augment;
  gboolean alone;           /* its priority stays as it is */
  gboolean relations;       /* whether the batches have them */
  int first_step, end_step; /* steps of the run to prepare: first_step .. end_step - 1 */
} LkLoaderOptions;

/* A number of its own for each use of a run's seed. */
typedef enum
{
  LK_STREAM_PARAMETERS,
  LK_STREAM_PAIRS,
  LK_STREAM_SUBSTITUTES,
  LK_STREAM_EVALUATION,
  LK_STREAM_DROPOUT,
  LK_STREAM_AUGMENT,
  LK_STREAM_CENTRES,
  LK_STREAM_HEAD,
  LK_STREAM_TRIALS,
} LkStream;
guint64 lk_stream_seed (guint64 seed, LkStream stream, guint64 n);

/* What @options names must outlive the result.  NULL with %LK_ERROR_TOO_LARGE when
 * memory is short. */
LkLoader *lk_loader_new (const LkLoaderOptions *options, GError **error);
void lk_loader_free (LkLoader *self); /* accepts NULL */

/**
 * lk_loader_take:
 *
 * Waits for the next step's batch; the one before is given back.  A picture that
 * cannot be read is replaced: with its pair by another of the same kind, by another of
 * the same person, or by any other, as the sampling wants it.
 *
 * Returns: (transfer none): the batch; %NULL with %LK_ERROR_NO_DATA when hardly any
 *   picture can be read.  Not to be called more often than there are steps.
 */
const LkBatch *lk_loader_take (LkLoader *self, GError **error);

G_END_DECLS
