/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-augment.h"
#include "lk-batch-pairs.h"
#include "lk-dataset.h"
#include "lk-sampler.h"
#include "model/lk-model.h"
#include "nn/lk-loss-metric.h"
#include "nn/lk-optimizer.h"

G_BEGIN_DECLS

/*
 * LkTrainer: trains a model on a dataset, on threads of its own.
 *
 * Lower priority than the live view, if there is one; can be paused, resumed and stopped at any
 * step.  Writes a checkpoint every checkpoint_epochs and when it ends, from which
 * it goes on: the same numbers come out as without the interruption, on the same
 * machine with the same number of threads.  Loading runs ahead of the network on its
 * own thread.  Files appear whole; a process that is killed leaves the checkpoint
 * before.
 *
 * Pairs are balanced and drawn anew each epoch; or batches are made of people, each picture
 * is embedded once, and pairs or triplets are formed of what is there.  With a loss on distances
 * the head is trained beside it, by cross-entropy that does not reach the embedding, so that every
 * model gives scores.  After each epoch the validation part is scored, and in the end, at the
 * threshold that has the best F1 there, the test part, with the head's score.  After a loss
 * that has no pairs the head is fitted in the end, on the embeddings as they are then.
 *
 * The model's metadata: `trained`, a sentence; `threshold`; and the run's numbers:
 * epochs, steps, batch_pictures, rate, seed, loss, test_pairs, test_accuracy,
 * test_precision, test_recall where there are any.
 */
typedef struct _LkTrainer LkTrainer;

typedef enum
{
  LK_SCHEDULE_CONSTANT,
  LK_SCHEDULE_EXPONENTIAL, /* rate * 0.97 ^ (step / 200), Keras' ExponentialDecay */
  LK_SCHEDULE_PAPER,       /* rate * 0.99 ^ epoch */
  LK_SCHEDULE_COSINE,      /* down to 0 at the last step */
  LK_SCHEDULE_LEVEL,       /* level, and down to 0 over the last fall_epochs */
} LkSchedule;

/* LK_TRAIN_CROSS_ENTROPY of the head's score; LK_TRAIN_CONTRASTIVE and LK_TRAIN_TRIPLET on
 * the embeddings' Euclidean distances: see lk-loss.h.  LK_TRAIN_CIRCLE and
 * LK_TRAIN_ARCFACE (lk-loss-arcface.h) on their cosines; LK_TRAIN_DISTILLATION to a
 * teacher's embeddings, with identity_weight times ArcFace's loss added: lk-loss-metric.h */
typedef enum
{
  LK_TRAIN_CROSS_ENTROPY,
  LK_TRAIN_CONTRASTIVE,
  LK_TRAIN_TRIPLET,
  LK_TRAIN_CIRCLE,
  LK_TRAIN_ARCFACE,
  LK_TRAIN_DISTILLATION,
} LkTrainLoss;
#define LK_N_TRAIN_LOSSES 6

/* By what validation scores two pictures: the head, or the cosine of their embeddings. */
typedef enum
{
  LK_SCORING_HEAD,
  LK_SCORING_COSINE,
} LkScoring;

/* Which triplets of a batch: see lk_mine_triplets() */
typedef enum
{
  LK_MINING_RANDOM,
  LK_MINING_SEMI_HARD,
  LK_MINING_BATCH_HARD,
} LkMining;

/* What an epoch is judged by: the one with the lowest validation EER is the best, or that
 * with the most one-shot trials won; the loss decides among equals. */
typedef enum
{
  LK_JUDGE_EER,
  LK_JUDGE_ONE_SHOT,
} LkJudge;

/**
 * LkTrainWarning: what looks wrong at an epoch's end
 * @LK_TRAIN_WARNING_GUESSING: cross-entropy has stayed within 3 % of ln 2, what guessing
 *   costs, for two epochs or more, and validation's has not fallen
 * @LK_TRAIN_WARNING_ALIKE: all pictures of the validation part score nearly the same
 */
typedef enum
{
  LK_TRAIN_WARNING_NONE,
  LK_TRAIN_WARNING_GUESSING,
  LK_TRAIN_WARNING_ALIKE,
} LkTrainWarning;

typedef struct
{
  char *network;       /* name or path, as lk_model_load(): where training starts */
  char *data;          /* folder, as lk_dataset_open() */
  char *output;        /* .safetensors to write; its checkpoint is OUTPUT.checkpoint */
  int epochs;          /* documents: 50 */
  int steps_per_epoch; /* 0: as many as cover the training pictures once (pairs: as anchors) */
  LkSampling sampling;
  int batch_pairs;    /* LK_SAMPLING_PAIRS; documents: 16 or 32 */
  int batch_pictures; /* LK_SAMPLING_PICTURES */
  int batch_people;   /* LK_SAMPLING_PEOPLE: P */
  int per_person;     /* and K of each */
  double rate;        /* Adam's learning rate: 1e-4, or 5e-5 with the schedule */
  LkSchedule schedule;
  double clip_value;     /* every gradient clipped to [-x, x]; 0: not */
  int checkpoint_epochs; /* documents: 10 */
  guint64 seed;
  int n_threads;   /* 0: one a core */
  gboolean alone;  /* there is no live view to leave the processor to: priority stays as it is */
  gboolean resume; /* go on from OUTPUT.checkpoint if it is there; an error if it does not fit */

  LkTrainLoss loss;
  double margin;               /* contrastive, triplet, circle and ArcFace loss */
  double scale;                /* circle and ArcFace loss */
  LkDistillation distillation; /* kind */
  double identity_weight;      /* distillation: of ArcFace's loss beside it; 0: none */
  double blend;                /* how much of what was learnt the model gets, above 0 .. 1; the
                                * rest is the trained network that it began with. Source:
                                * M. Wortsman et al., "Robust fine-tuning of zero-shot models",
                                * CVPR 2022, section 3 */
  double whiten;               /* where the head is fitted by Newton's way: how much the scatter
                                * within people counts in the embedding's metric, 0 .. 1 */
  char *teacher;               /* distillation: .npy with a row a picture; %NULL: teacher.npy in
                                * the folder of the data */
  gboolean freeze;             /* cross-entropy: train the head alone */
  LkMining mining;             /* triplet loss */
  LkBatchPairs pairs;          /* cross-entropy and contrastive loss, LK_SAMPLING_PEOPLE */
  LkAugment augment;           /* of training pictures; all 0: none */
  LkOptimizerKind optimizer;
  double decay;     /* Muon: of the weights; times the rate */
  double momentum;  /* SGD */
  double clip_norm; /* of all gradients together; 0: not */
  int warmup_steps; /* the rate rises first */
  int fall_epochs;  /* LK_SCHEDULE_LEVEL */
  LkScoring scoring;
  int evaluation_pairs; /* of validation and test each, as many genuine as impostor ones; 0:
                         * LK_TRAIN_EVALUATION_PAIRS */
  int patience;         /* stop after so many epochs without a better validation EER, and keep the
                         * parameters of the best epoch; 0: not */
  double average; /* 0: none; else validate and write not the parameters of the last step but their
                   * mean over the steps, in which a step counts this
                   * share of what the one after it counts: 0.999, say.  B. Polyak, A. Juditsky,
                   * "Acceleration of Stochastic Approximation by Averaging", 1992; exponential as
                   * in K. He et al., "Momentum Contrast", CVPR 2020, equation 2 */
  LkJudge judge;
  int one_shot_ways;   /* candidates of a trial, 2 or more; the paper: 20; 0: no trials */
  int one_shot_trials; /* 0: LK_TRAIN_ONE_SHOT_TRIALS */
} LkTrainOptions;

/* The documents' recipe for a network: siamese-bn: 5e-5 with decay, clipping, batch 32;
 * others: Adam 1e-4, batch 16.  50 epochs, a checkpoint every 10.  koch: with the
 * paper's augmentation.  Margin 1, momentum 0.5. */
void lk_train_options_init (LkTrainOptions *self, const char *network);
void lk_train_options_clear (LkTrainOptions *self);

/* Sets the loss, and what goes with it where nothing else is wished: margin, scale,
 * sampling and scoring. */
void lk_train_options_set_loss (LkTrainOptions *self, LkTrainLoss loss);

/* What a step is made of; its batch is in pictures. */
LkSampler lk_train_options_get_sampler (const LkTrainOptions *self);

/* From how many pairs a step of a loss on pairs learns, as far as nobody of the batch is unknown or
 * similar; 0 for other losses.  Each picture is embedded once, which nearly all of a step's time
 * goes to: a pair of a batch of people costs as much less as there are more of them. */
int lk_train_options_get_pairs (const LkTrainOptions *self);

#define LK_TRAIN_ONE_SHOT_TRIALS  400
#define LK_TRAIN_EVALUATION_PAIRS 400 /* where nothing else is wished */

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
  double eer; /* on the validation part; NAN without pairs, as the next two */
  double auc;
  double tar;      /* at FAR 1e-2 */
  double one_shot; /* share of the trials on the validation part that were won; NAN without */
  LkTrainWarning warning;
  int best_epoch;     /* that with the lowest EER (then loss) so far; 0: none yet */
  double pairs_per_s; /* two pictures are a pair, whatever is done with them */
  double pictures_per_s;
  double eta_s;           /* NAN while unknown */
  double waited;          /* share of time that the network waited for pictures, 0..1 */
  gboolean diverged;      /* numbers ran away: the run ended with what it was at an epoch's end
                           * or when it was resumed */
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
 *   LK_TRAIN_FAILED: those, errors of lk_model_load(), %LK_ERROR_DIVERGED (before there
 *   was an epoch's end or a checkpoint to go back to; else the run is DONE, with
 *   `diverged`; the checkpoint is kept as it was),
 *   %LK_ERROR_FORMAT and %LK_ERROR_SHAPE for a checkpoint that is damaged or of another run,
 *   and %G_IO_ERROR_CANCELLED after a stop before the first step (nothing is written).
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
