/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-augment.h"
#include "lk-dataset.h"
#include "model/lk-model.h"

G_BEGIN_DECLS

/*
 * LkTrainer: trains a model on a dataset, on threads of its own.
 *
 * Lower priority than the live view; can be paused, resumed and stopped at any
 * step.  Writes a checkpoint every checkpoint_epochs and when it ends, from which
 * it goes on: the same numbers come out as without the interruption, on the same
 * machine with the same number of threads.  Loading runs ahead of the network on its
 * own thread.  Files appear whole; a process that is killed leaves the checkpoint
 * before.
 *
 * Pairs are balanced and drawn anew each epoch.  With a loss on distances the head is
 * trained beside it, by cross-entropy that does not reach the embedding, so that every
 * model gives scores.  After each epoch the validation part is scored, and in the end, at the
 * threshold that has the best F1 there, the test part: up to LK_TRAIN_EVALUATION_PAIRS pairs each.
 *
 * The model's metadata: `trained`, a sentence; `threshold`; and the run's numbers:
 * epochs, steps, batch_pairs, rate, seed, loss, test_pairs, test_accuracy,
 * test_precision, test_recall where there are any.
 */
typedef struct _LkTrainer LkTrainer;

typedef enum
{
  LK_SCHEDULE_CONSTANT,
  LK_SCHEDULE_EXPONENTIAL, /* rate * 0.97 ^ (step / 200), Keras' ExponentialDecay */
  LK_SCHEDULE_PAPER,       /* rate * 0.99 ^ epoch */
  LK_SCHEDULE_COSINE,      /* down to 0 at the last step */
} LkSchedule;

/* LK_TRAIN_CROSS_ENTROPY of the head's score; LK_TRAIN_CONTRASTIVE and LK_TRAIN_TRIPLET on
 * the embeddings' Euclidean distances: see lk-loss.h */
typedef enum
{
  LK_TRAIN_CROSS_ENTROPY,
  LK_TRAIN_CONTRASTIVE,
  LK_TRAIN_TRIPLET,
} LkTrainLoss;

/* Which triplets of a batch: see lk_mine_triplets() */
typedef enum
{
  LK_MINING_RANDOM,
  LK_MINING_SEMI_HARD,
  LK_MINING_BATCH_HARD,
} LkMining;

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
  gboolean resume; /* go on from OUTPUT.checkpoint if it is there; an error if it does not fit */

  LkTrainLoss loss;
  double margin;     /* contrastive and triplet loss */
  LkMining mining;   /* triplet loss */
  LkAugment augment; /* of training pictures; all 0: none */
  gboolean sgd;      /* instead of Adam */
  double momentum;   /* SGD */
  double clip_norm;  /* of all gradients together; 0: not */
  int warmup_steps;  /* the rate rises first */
  int patience;      /* stop after so many epochs without a better validation EER, and keep the
                      * parameters of the best epoch; 0: not */
} LkTrainOptions;

/* The documents' recipe for a network: siamese-bn: 5e-5 with decay, clipping, batch 32;
 * others: Adam 1e-4, batch 16.  50 epochs, a checkpoint every 10.  koch: with the
 * paper's augmentation.  Margin 1, momentum 0.5. */
void lk_train_options_init (LkTrainOptions *self, const char *network);
void lk_train_options_clear (LkTrainOptions *self);

#define LK_TRAIN_EVALUATION_PAIRS 400

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
  double eer;     /* on the validation part; NAN without pairs */
  int best_epoch; /* that with the lowest EER (then loss) so far; 0: none yet */
  double pairs_per_s;
  double eta_s;           /* NAN while unknown */
  double waited;          /* share of time that the network waited for pictures, 0..1 */
  int n_unusable;         /* pictures so far that could not be read or have no face */
  LkTrainEvaluation test; /* LK_TRAIN_DONE: the test part; n_pairs 0 if there is none */
} LkTrainProgress;

/* In the main context of lk_trainer_start().  @error for LK_TRAIN_FAILED. */
typedef void (*LkTrainFunc) (const LkTrainProgress *progress, const GError *error, gpointer data);

/**
 * lk_trainer_start:
 * @options: copied
 *
 * Checks options, reads the names in the dataset's folder and starts.  @progress is
 * called until LK_TRAIN_DONE or LK_TRAIN_FAILED has been delivered, in the
 * thread-default main context of this call; it may free the trainer.
 *
 * Returns: (transfer full): or %NULL with the errors of lk_dataset_open(),
 *   %LK_ERROR_TOO_LARGE for options out of range, or %G_FILE_ERROR
 *   when the output's folder cannot be written to.  What shows later comes as
 *   LK_TRAIN_FAILED: those, errors of lk_model_load(), %LK_ERROR_DIVERGED (what was
 *   written before is kept), %LK_ERROR_FORMAT and %LK_ERROR_SHAPE for a checkpoint that
 *   is damaged or of another run, and %G_IO_ERROR_CANCELLED after a stop before the
 *   first step (nothing is written).
 */
LkTrainer *lk_trainer_start (const LkTrainOptions *options, LkTrainFunc progress, gpointer data,
                             GError **error);
/* After the step in hand; nothing while testing. */
void lk_trainer_pause (LkTrainer *self);
void lk_trainer_resume (LkTrainer *self);
/* Ends after the step in hand, writes the checkpoint, tests, writes the model, then
 * reports DONE.  While it tests: leaves the rest of the test out. */
void lk_trainer_stop (LkTrainer *self);
/* The dataset in use, until the trainer is freed. */
const LkDataset *lk_trainer_get_dataset (LkTrainer *self);
/* Stops, writes, joins; no callback afterwards.  Accepts NULL. */
void lk_trainer_free (LkTrainer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkTrainer, lk_trainer_free)

G_END_DECLS
