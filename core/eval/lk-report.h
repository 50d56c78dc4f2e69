/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-calibration.h"
#include "lk-evaluation.h"
#include "lk-lfw.h"

G_BEGIN_DECLS

/*
 * LkReport: an evaluation in numbers, for text, JSON, HTML, CSV and the window alike.
 */

/* Where a model's threshold is from, a sentence's part: see lk_report_new(). */
typedef struct
{
  double value;
  char *from; /* "chosen on pairsDevTrain.txt" */
} LkThreshold;

#define LK_REPORT_BINS 10

/* Whether probabilities are what they say, both kinds of pairs weighing the same. */
typedef struct
{
  LkReliabilityBin bins[LK_REPORT_BINS];
  double error; /* lk_reliability(); NAN: there is none */
} LkReportReliability;

typedef struct
{
  const LkModelRun *run;
  LkMeasures *measures; /* of the head's scores */
  LkMeasures *cosine;   /* of the embeddings' cosines, for reference */
  LkLfwResult accuracy; /* by LFW's protocol: every pair counts, without a score as no match */
  LkThreshold threshold;
  LkConfusion counts;                   /* of pairs with a score, at threshold.value */
  LkReportReliability head, calibrated; /* of the head's score, and by Platt's curve of the
                                         * model's calibration, where it has one */
} LkReportModel;

typedef struct
{
  const LkEvaluation *evaluation; /* (not owned): must outlive the report */
  char *pictures;                 /* (nullable): a sentence on how they were made crops */
  char *date;                     /* ISO 8601, local time */
  GPtrArray *models;              /* (element-type LkReportModel), as the evaluation's runs */
} LkReport;

/**
 * lk_report_new:
 * @thresholds: [runs] (transfer none) (nullable): for a model whose `from` is NULL, and for
 *   all when it is NULL, the threshold is the model's calibration's for an FMR of 1e-2 (with
 *   too few pairs behind it the balanced one), else the one of its metadata, else 0.5.  Where
 *   the protocol has folds, each fold's comes from the others, and the mean is told.
 * @pictures: (nullable)
 *
 * Slow where there are many pairs: intervals are resampled.
 *
 * Returns: (transfer full)
 */
LkReport *lk_report_new (const LkEvaluation *evaluation, const LkThreshold *thresholds,
                         const char *pictures);
void lk_report_free (LkReport *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkReport, lk_report_free)

/* A rate from 0.01 % to 60 % on an axis of normal deviates, as 0 .. 1; rates beyond lie on its
 * ends.  And the ticks of such an axis. */
double lk_det_place (double rate);
#define LK_DET_HIGHEST 0.6
#define LK_N_DET_TICKS 7
typedef struct
{
  double rate;
  const char *text;
} LkDetTick;
extern const LkDetTick lk_det_ticks[LK_N_DET_TICKS];

/* How many pairs have no score. */
int lk_report_get_n_failed_pairs (const LkReport *self);

/* (transfer full): a sentence: how many pictures could not be used. */
char *lk_report_describe_failures (const LkReport *self);

/**
 * lk_report_to_csv:
 *
 * Lines of "kind,model,...", each kind with a line that names its columns before it:
 * `summary`, `curve` (thinned to some 1000 points a model), `histogram`, `pair` (scores of
 * every pair, with its pictures), `trial` and `failure`.
 *
 * Returns: (transfer full): UTF-8, lines end in \n, fields quoted where needed (RFC 4180)
 */
char *lk_report_to_csv (const LkReport *self);

/**
 * lk_report_to_html:
 * @faces: (nullable): how pictures are made crops: the best and the worst pairs are then
 *   shown.  They are faces of people, and whoever gets the file gets them.
 *
 * One file that needs nothing beside it: no script, no font, no address outside.
 *
 * Returns: (transfer full)
 */
char *lk_report_to_html (const LkReport *self, const LkEvaluationOptions *faces);

/* Writes @text whole, mode 0600. */
gboolean lk_report_save (const char *text, const char *path, GError **error);

G_END_DECLS
