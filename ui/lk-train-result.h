/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-report.h"
#include "lk-model-row.h"
#include "train/lk-trainer.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkTrainResult: how good a trained model is: what the test at the training's end counted, and
 * on the same pairs the model that was in use before.
 *
 * Passive.
 *
 * Signals
 *   "export" (GFile *file, LkExport what, gboolean faces)
 * Actions
 *   "result.export-html", "result.export-csv", "result.export-curves"
 */
#define LK_TYPE_TRAIN_RESULT (lk_train_result_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainResult, lk_train_result, LK, TRAIN_RESULT, AdwBin)

typedef enum
{
  LK_EXPORT_HTML,   /* the report */
  LK_EXPORT_CSV,    /* its numbers */
  LK_EXPORT_CURVES, /* the training's, by epoch */
} LkExport;

/* Takes an old report away.  n_pairs 0: says that nothing is known. */
void lk_train_result_show_test (LkTrainResult *self, const LkTrainEvaluation *test);

/* While the models are compared. */
void lk_train_result_show_comparing (LkTrainResult *self, int done, int total);

/* @pairs: (element-type GPtrArray): for each model of the report LkShownPairs.  Nothing is kept
 * of @report. */
void lk_train_result_show_report (LkTrainResult *self, const LkReport *report, GPtrArray *pairs);

/* There is none: why, or NULL when nobody asked for one. */
void lk_train_result_show_no_report (LkTrainResult *self, const GError *error);

G_END_DECLS
