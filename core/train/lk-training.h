/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nn/lk-loss-arcface.h"
#include "nn/lk-optimizer.h"
#include "nn/lk-pass.h"
#include "nn/lk-rate.h"

#include "lk-loader.h"
#include "lk-npy.h"
#include "lk-trainer.h"

G_BEGIN_DECLS

/*
 * LkCentres: a person's centre each for ArcFace, trained beside the network and kept in
 * the checkpoint alone.  People with two pictures for training have one.
 */
typedef struct
{
  int n, d;
  int *classes; /* by person of the dataset: 0 .. n-1, or -1 */
  LkClassLists similar;
  float *values, *grads; /* [n, d] */
  LkOptimizer *optimizer;
} LkCentres;

/* @teacher: (nullable): centres start at the mean of its rows of a person's pictures, else
 * at random.  NULL with %LK_ERROR_NO_DATA (fewer than two people) or
 * %LK_ERROR_TOO_LARGE. */
LkCentres *lk_centres_new (const LkDataset *set, int d, const LkNpy *teacher, LkOptimizerKind kind,
                           guint64 seed, GError **error);
void lk_centres_free (LkCentres *self); /* accepts NULL */

/*
 * LkTraining: a network in training, its optimiser and all that a checkpoint holds.
 * No thread of its own; belongs to the one that uses it.
 */
typedef struct
{
  char *architecture;
  char *preprocessing; /* as in the model's metadata */
  const LkDataset *set;
  LkNetwork *network;
  LkPool *pool; /* (nullable) */
  LkPass *pass;
  LkOptimizer *optimizer;
  LkOptimizerKind kind;
  float *params, *grads, *d_embeddings, *scores, *pictures;
  float *distances;    /* (nullable): for losses on distances */
  LkTriplet *triplets; /* (nullable) */
  LkPair *pairs;       /* (nullable): of a batch of people */
  float *targets;      /* (nullable): distillation: the batch's rows of the teacher */
  float *identity;     /* (nullable): the gradient of the loss beside distillation */
  float *scratch;      /* (nullable): circle and ArcFace loss */
  int *people;         /* [batch] */
  LkNpy *teacher;      /* (nullable) */
  LkCentres *centres;  /* (nullable) */
  float *average;      /* (nullable): of the parameters, batch norms' statistics and all */
  float *good;         /* parameters to go back to */
  int good_step;       /* 0: there has been none */
  float *best;         /* (nullable): parameters of the best epoch, with patience */
  float *start;        /* (nullable): parameters that it began with, with blend */
  double blend;        /* of what was learnt in what use_best() leaves; the rest is start's */
  int batch;           /* pictures */
  int n_towers;
  LkRate rate;
  LkTrainLoss loss;
  LkDistillation distillation;
  double margin, scale, identity_weight;
  LkMining mining;
  LkBatchPairs pair_kind;
  LkScoring scoring;
  gboolean freeze;
  double whiten; /* 0: not */
  double decay;  /* of the average */
  guint64 seed;

  /* In the checkpoint, beside the parameters and the moments: */
  LkRandom random;            /* for dropout and random triplets */
  int step;                   /* steps taken */
  double epoch_loss;          /* sum of the losses of the epoch in hand */
  int n_validated;            /* epochs */
  int best_epoch;             /* from 1; 0: none yet */
  double best_eer, best_loss; /* best_eer: what lk_training_note() was told: see there */
} LkTraining;

/**
 * lk_training_new:
 * @model: where it starts; not kept.  Parameters are drawn from the options' seed when
 *   it was never trained.
 * @set: (nullable): kept; must outlive the result; %NULL will do for steps of a loss on the
 *   batch's own pairs
 *
 * Returns: (transfer full): or %NULL with %LK_ERROR_TOO_LARGE when memory is short, and
 *   for distillation the errors of lk_npy_load(), or %LK_ERROR_SHAPE when the teacher's
 *   matrix does not fit the network or the pictures
 */
LkTraining *lk_training_new (LkModel *model, const LkTrainOptions *options, const LkDataset *set,
                             GError **error);
void lk_training_free (LkTraining *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkTraining, lk_training_free)

/* The loss of a batch's embeddings, with its gradients in d_embeddings and (of the head) in
 * grads and (of centres) in theirs. */
double lk_training_loss (LkTraining *self, const LkBatch *batch, const float *embeddings);

/* Whether the loss in use trains the head as well. */
gboolean lk_training_trains_head (const LkTraining *self);

/**
 * lk_training_fit_head:
 * @cancelled: asked between batches
 *
 * Fits the head to the embeddings as they are, by cross-entropy on pairs of training
 * pictures without augmentation: genuine pairs of up to 4000 pictures, and as many
 * impostor pairs, of which every other one is the most alike of four by its cosine (or all are
 * random, where those would teach the opposite).  With the option whiten the embedding is mapped
 * first (lk-whiten.h), by the same pictures; else, and in networks that end in another way, the
 * other parameters stay.
 *
 * Returns: FALSE when it was cancelled or there are no such pairs; the head is as it was
 */
gboolean lk_training_fit_head (LkTraining *self, LkPictures *pictures,
                               gboolean (*cancelled) (gpointer data), gpointer data);

/* Embeds samples without augmentation, dropout and batch statistics into @out [n, d].
 * FALSE when cancelled, or when one of them cannot be read. */
gboolean lk_training_embed (LkTraining *self, LkPictures *pictures, const int *samples, int n,
                            gboolean (*cancelled) (gpointer data), gpointer data, float *out);

/* One step; @loss with the L2 penalty.  FALSE with %LK_ERROR_DIVERGED: the parameters
 * are of no use then. */
gboolean lk_training_step (LkTraining *self, const LkBatch *batch, double *loss, GError **error);

/* Notes an epoch's validation: whether it is the best one so far.  @error: the EER, or the
 * share of one-shot trials that were lost. */
void lk_training_note (LkTraining *self, int epoch, double error, double loss);

/* Keeps the parameters as those to go back to, where they are finite. */
void lk_training_keep (LkTraining *self);

/* FALSE when there is nothing to go back to.  The optimiser's state is not taken back: the run
 * is over. */
gboolean lk_training_go_back (LkTraining *self);

/* Exchanges the parameters and their average, where there is one: for validation. */
void lk_training_swap_average (LkTraining *self);

/* Puts the best epoch's parameters in place of the last ones, where they were kept, else the
 * average, where there is one; with blend less than 1 mixed with those that it began with. */
void lk_training_use_best (LkTraining *self);

/* FALSE with %LK_ERROR_DIVERGED when a parameter is not a number. */
gboolean lk_training_check (const LkTraining *self, GError **error);

typedef struct
{
  GArray *scores; /* float */
  GArray *same;   /* gboolean */
  double loss;    /* mean, without the L2 penalty: of distillation, else of the head; NAN
                   * without pairs, and where the head is not trained */
} LkScores;

void lk_scores_clear (LkScores *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LkScores, lk_scores_clear)

/**
 * lk_training_score:
 * @n_pairs: so many of the part's pairs are drawn from @seed, as many genuine as impostor
 *   ones; of the test part each counts once, however often it was drawn
 * @cancelled: asked between batches
 * @scoring: by the head or by the cosine
 * @scores: (out): each pair's score; those with a picture that cannot be read are left out
 *
 * Embeds each picture once, without dropout and with running statistics.
 *
 * Returns: FALSE when it was cancelled; @scores is empty then
 */
gboolean lk_training_score (LkTraining *self, const LkDataset *set, LkPictures *pictures,
                            LkPart part, int n_pairs, guint64 seed, LkScoring scoring,
                            gboolean (*cancelled) (gpointer data), gpointer data, LkScores *scores);

/**
 * lk_training_one_shot:
 *
 * Plays trials (lk_dataset_trials()) with pictures of @part, always the same for @seed;
 * those with a picture that cannot be read are left out.  A trial is won when the right
 * candidate's score is the highest, alone.
 *
 * Returns: the share that was won; NAN when cancelled or without trials
 */
double lk_training_one_shot (LkTraining *self, LkPictures *pictures, LkPart part, int ways,
                             int n_trials, guint64 seed, LkScoring scoring,
                             gboolean (*cancelled) (gpointer data), gpointer data);

/*
 * Checkpoints: safetensors as lk-model.h says, format "likeness-checkpoint-1", so that
 * one can be loaded as a model.  Beside the parameters: tensors moment1.NAME and
 * moment2.NAME, with ArcFace centres and moment1.centres and so on, and in the metadata step,
 * epoch_loss, random, and what must agree for the run to go on: architecture, settings
 * (lk_checkpoint_describe_settings()) and data (a hash of the pictures' names and of the split).
 * With patience the tensors best.NAME, and best_epoch, best_eer, best_loss.
 */

/* FALSE with %LK_ERROR_DIVERGED or %G_FILE_ERROR; an older file is kept then. */
gboolean lk_checkpoint_save (LkTraining *self, const char *path, const char *settings,
                             const char *data, GError **error);

/* FALSE with %LK_ERROR_FORMAT (damaged), %LK_ERROR_SHAPE (of another run) or
 * %G_FILE_ERROR; nothing has changed then. */
gboolean lk_checkpoint_load (LkTraining *self, const char *path, const char *settings,
                             const char *data, GError **error);

/* (transfer full): what the metadata says of the run. */
char *lk_checkpoint_describe_settings (const LkTrainOptions *options);

G_END_DECLS
