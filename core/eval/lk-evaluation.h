/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"
#include "model/lk-model.h"

#include "lk-measures.h"
#include "lk-protocol.h"

G_BEGIN_DECLS

/*
 * LkEvaluation: models run over a protocol.
 *
 * Every picture is read, its face found, and embedded once for each model, however many
 * pairs it is in.  A picture whose face cannot be had is a failure to acquire: it is
 * counted, and its pairs have no score (NAN).
 */

typedef struct
{
  int picture; /* of the protocol */
  char *why;   /* a sentence */
} LkFailure;

/* What one model made of a protocol. */
typedef struct
{
  LkModel *model;    /* (owned) (nullable): NULL is the baseline, below */
  char *name;        /* (owned) */
  float *scores;     /* [pairs]: the head's, 0 .. 1; NAN: a picture is missing */
  float *cosines;    /* [pairs]: of the embeddings, -1 .. 1 */
  gboolean *correct; /* [trials]: whether the right candidate had the highest score, alone */
  int n_correct;
  int size;          /* of an embedding */
  double embed_ms;   /* a picture's embedding on all threads together */
  float *embeddings; /* (nullable): [rows, size], where they were to be kept; wiped when freed */
  int n_embeddings;  /* there is room for: rows at least */
} LkModelRun;

typedef struct
{
  const LkProtocol *protocol; /* (not owned): must outlive the evaluation */
  int n_pictures;             /* looked at: those in a pair or a trial */
  int *rows;                  /* [pictures]: its embedding's row; -1: none */
  GArray *failures;           /* (element-type LkFailure) */
  GPtrArray *runs;            /* (element-type LkModelRun), in the order of the models */
} LkEvaluation;

typedef struct
{
  LkFaceRule rule; /* for LK_PICTURE_PHOTO */
  int n_threads;   /* 0: one a core */
  int nice;        /* of threads other than the caller's */
  gboolean keep;   /* the embeddings, in LkModelRun */
} LkEvaluationOptions;

/* @done of @total pictures: called in the thread of lk_evaluate(). */
typedef void (*LkEvaluationFunc) (int done, int total, gpointer data);

/* The side of what the baseline compares, in pixels. */
#define LK_BASELINE_SIDE 105

/**
 * lk_evaluate:
 * @models: (element-type LkModel) (array length=n_models): NULL among them is the
 *   baseline of nearest neighbours: grey pixels of 105x105 by their Euclidean distance,
 *   as a score 1 / (1 + distance); of drawings (LK_PICTURE_PLAIN) the cosine of their ink,
 *   which comes as near to the 21.7 % that G. Koch et al. 2015 (table 2) print for a nearest
 *   neighbour on Omniglot as can be; the paper does not say its distance
 * @progress: (nullable)
 *
 * Slow: it runs in the caller's thread and a pool of its own.
 *
 * Returns: (transfer full): or %NULL with %G_IO_ERROR_CANCELLED, %LK_ERROR_NO_DATA (not
 *   one picture could be used), %LK_ERROR_SHAPE (a model that does not compare) or
 *   %LK_ERROR_TOO_LARGE when memory is short
 */
LkEvaluation *lk_evaluate (LkModel *const *models, int n_models, const LkProtocol *protocol,
                           const LkEvaluationOptions *options, LkEvaluationFunc progress,
                           gpointer data, GCancellable *cancellable, GError **error);
void lk_evaluation_free (LkEvaluation *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkEvaluation, lk_evaluation_free)

/* The measures of a run's scores, or of its cosines. */
LkMeasures *lk_evaluation_measure (const LkEvaluation *self, const LkModelRun *run, gboolean cosine,
                                   LkPool *pool);

/* The crop that networks see of a picture of a protocol: what lk_evaluate() embeds, to
 * show or to embed elsewhere. */
LkImage *lk_evaluation_load (const LkProtocol *protocol, int picture,
                             const LkEvaluationOptions *options, GError **error);

G_END_DECLS
