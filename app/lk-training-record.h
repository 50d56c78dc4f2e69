/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/lk-runs.h"
#include "train/lk-trainer.h"

G_BEGIN_DECLS

/*
 * What a training leaves in the database, whether the window or the command line runs it:
 * its options by the names of lk_recipe_get_keys() ("preset" and, the dataset's digest, "split"
 * beside them), its curves by epoch, its figures, the test's counts among them.
 *
 * One thread, that of the database.  Errors as of lk_runs.h; training can go on without.
 */

/**
 * lk_training_record_begin:
 * @options: as given to lk_trainer_start(), with an output
 * @set: what is trained on
 * @preset: (nullable): the recipe that they are, unchanged
 *
 * A new run; or the one before of this output, when the options say to resume and its
 * checkpoint is there.
 */
LkRun *lk_training_record_begin (LkDatabase *database, const LkTrainOptions *options,
                                 const LkDataset *set, const char *preset, GError **error);

/* Every snapshot of the trainer.  Its last one ends the run. */
gboolean lk_training_record_add (LkDatabase *database, LkRun *run, const LkTrainProgress *progress,
                                 GError **error);

/* @options: (out): for lk_train_options_clear(); without an output */
void lk_training_record_get_options (const LkRun *run, LkTrainOptions *options);

/* Returns: FALSE, and nothing set, when the run never came to its test */
gboolean lk_training_record_get_test (const LkRun *run, LkTrainEvaluation *test);

G_END_DECLS
