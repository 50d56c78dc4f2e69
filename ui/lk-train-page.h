/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-train-run.h"
#include "lk-train-runs.h"
#include "lk-train-setup.h"

G_BEGIN_DECLS

/*
 * LkTrainPage: the Train tab: what to train, the run, earlier runs, one shown at a time.
 *
 * Passive; what its parts tell and are told is in their headers.
 */
#define LK_TYPE_TRAIN_PAGE (lk_train_page_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainPage, lk_train_page, LK, TRAIN_PAGE, AdwBin)

GtkWidget *lk_train_page_new (void);

/* (transfer none) */
LkTrainSetup *lk_train_page_get_setup (LkTrainPage *self);
LkTrainRun *lk_train_page_get_run (LkTrainPage *self);
LkTrainRuns *lk_train_page_get_runs (LkTrainPage *self);

/* @part: "setup", "run" or "runs" */
void lk_train_page_show (LkTrainPage *self, const char *part);
const char *lk_train_page_get_shown (LkTrainPage *self);

G_END_DECLS
