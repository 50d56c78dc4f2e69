/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-train-result.h"
#include "train/lk-trainer.h"

G_BEGIN_DECLS

/*
 * LkTrainRun: one training: as it runs, when it has ended, and later out of the records.
 *
 * Passive.
 *
 * Signals
 *   "pause", "resume", "stop", "use-model" (void)
 *   "back" (void)         to the setup; offered when nothing runs
 * Actions
 *   "train.pause" (pauses or resumes), "train.stop", "train.use-model", "train.back"
 */
#define LK_TYPE_TRAIN_RUN (lk_train_run_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainRun, lk_train_run, LK, TRAIN_RUN, AdwBin)

GtkWidget *lk_train_run_new (void);

/* What the test of the model is shown in. */
LkTrainResult *lk_train_run_get_result (LkTrainRun *self);

/* Another run: empty curves.  @name: of the model that comes of it */
void lk_train_run_begin (LkTrainRun *self, const char *name);

/* One epoch's end, as recorded: what lk_train_run_show_progress() adds by itself.  A run that
 * went back to its checkpoint comes to an epoch again, which then counts anew. */
typedef struct
{
  double loss, validation_loss, eer, tar, one_shot; /* NAN: not known */
} LkEpochNumbers;
void lk_train_run_add_epoch (LkTrainRun *self, int epoch, const LkEpochNumbers *numbers);
void lk_train_run_mark_best (LkTrainRun *self, int epoch);

/* Every snapshot of the trainer. */
void lk_train_run_show_progress (LkTrainRun *self, const LkTrainProgress *progress);

/* It could not start, or failed: a sentence on the page. */
void lk_train_run_show_error (LkTrainRun *self, const GError *error);

/* An earlier run: its curves have been added, it is as it ended.
 * @usable: its model is still there
 * @test: (nullable): what its test counted */
void lk_train_run_show_record (LkTrainRun *self, const char *title, const char *sentence,
                               gboolean usable, const LkTrainEvaluation *test);

/* Whether the model is the one that verifies: it is not offered then. */
void lk_train_run_set_in_use (LkTrainRun *self, gboolean in_use);
gboolean lk_train_run_is_running (LkTrainRun *self);

G_END_DECLS
