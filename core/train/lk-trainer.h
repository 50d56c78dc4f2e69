/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-dataset.h"
#include "model/lk-model.h"

G_BEGIN_DECLS

/*
 * LkTrainer: trains a model on a dataset, on threads of its own.
 *
 * Lower priority than the live view; can be paused, resumed and stopped at any
 * step.  Writes a checkpoint every checkpoint_epochs and when it stops, from which
 * it goes on.  Loading runs ahead of the network on its own thread.
 */
typedef struct _LkTrainer LkTrainer;

typedef enum
{
  LK_SCHEDULE_CONSTANT,
  LK_SCHEDULE_EXPONENTIAL, /* rate * 0.97 ^ (step / 200), as Keras' ExponentialDecay (not staircase)
                            */
} LkSchedule;

typedef struct
{
  char *network;       /* name or path, as lk_model_load(): where training starts */
  char *data;          /* folder, as lk_dataset_open() */
  char *output;        /* .safetensors to write; its checkpoint is OUTPUT.checkpoint */
  int epochs;          /* documents: 50 */
  int steps_per_epoch; /* 0: as many as cover the training pictures once as anchors */
  int batch_pairs;     /* documents: 16 or 32 */
  double rate;         /* Adam's learning rate: 1e-4, or 5e-5 with the schedule */
  LkSchedule schedule;
  double clip_value;     /* every gradient clipped to [-x, x]; 0: not */
  int checkpoint_epochs; /* documents: 10 */
  guint64 seed;
  int n_threads;   /* 0: one a core */
  gboolean resume; /* go on from OUTPUT.checkpoint if it is there and fits */
} LkTrainOptions;

/* The documents' recipe for a network: siamese-bn: 5e-5 with decay, clipping, batch 32;
 * others: Adam 1e-4, batch 16.  50 epochs, a checkpoint every 10. */
void lk_train_options_init (LkTrainOptions *self, const char *network);
void lk_train_options_clear (LkTrainOptions *self);

typedef enum
{
  LK_TRAIN_LOADING,
  LK_TRAIN_RUNNING,
  LK_TRAIN_PAUSED,
  LK_TRAIN_TESTING,
  LK_TRAIN_DONE,   /* finished or stopped: the model has been written */
  LK_TRAIN_FAILED, /* see error */
} LkTrainState;

#define LK_TRAIN_BINS 20

/* Counts on pairs never trained on, at a threshold chosen on other pairs (validation). */
typedef struct
{
  int n_pairs;
  double loss;
  double threshold;
  int true_positives, false_positives, true_negatives, false_negatives;
  int genuine[LK_TRAIN_BINS]; /* pairs by score, in equal parts of 0 .. 1 */
  int impostor[LK_TRAIN_BINS];
} LkTrainEvaluation;

/* A snapshot: copied out, at most 10 times a second and at each epoch's end. */
typedef struct
{
  LkTrainState state;
  int epoch, epochs;        /* epoch: 1 .. epochs, the one in hand */
  int step, steps;          /* in the whole run */
  double loss;              /* of the last step (with the L2 penalty) */
  double mean_loss;         /* of the epoch so far */
  gboolean epoch_ended;     /* the fields below are new */
  double precision, recall; /* on the validation part at threshold 0.5; NAN without pairs */
  double validation_loss;
  double pairs_per_s;
  double eta_s;           /* NAN while unknown */
  double waited;          /* share of time that the network waited for pictures, 0..1 */
  LkTrainEvaluation test; /* LK_TRAIN_DONE: the test part; n_pairs 0 if there is none */
} LkTrainProgress;

/* In the main context of lk_trainer_start().  @error for LK_TRAIN_FAILED. */
typedef void (*LkTrainFunc) (const LkTrainProgress *progress, const GError *error, gpointer data);

/* Checks options, reads the dataset's folder and starts.  @progress is called until
 * LK_TRAIN_DONE or LK_TRAIN_FAILED has been delivered. */
LkTrainer *lk_trainer_start (const LkTrainOptions *options, LkTrainFunc progress, gpointer data,
                             GError **error);
void lk_trainer_pause (LkTrainer *self);
void lk_trainer_resume (LkTrainer *self);
/* Ends after the step in hand, writes model and checkpoint, then reports DONE. */
void lk_trainer_stop (LkTrainer *self);
/* Stops, joins; no callback afterwards.  Accepts NULL. */
void lk_trainer_free (LkTrainer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkTrainer, lk_trainer_free)

G_END_DECLS
