/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-adapt-card.h"
#include "lk-train-recipe.h"

G_BEGIN_DECLS

/*
 * LkTrainSetup: what to train on and how, before it begins.
 *
 * Passive.
 *
 * Signals
 *   "data-chosen" (GFile *folder)   NULL: one's own captures.  The owner answers with
 *                                   lk_train_setup_set_data().
 *   "preview-wanted" (void)         "Others": lk_train_setup_set_preview() with other pictures
 *   "start", "continue", "discard", "show-runs" (void)
 * Actions
 *   "train.start", "train.continue", "train.discard", "train.choose-folder",
 *   "train.own-captures", "train.preview", "train.show-runs"
 */
#define LK_TYPE_TRAIN_SETUP (lk_train_setup_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainSetup, lk_train_setup, LK, TRAIN_SETUP, AdwBin)

/* What is known of the data. */
typedef struct
{
  LkDatasetSummary summary;
  gint64 n_genuine, n_impostor; /* different pairs to train on; -1: too many to count */
} LkDataInfo;

GtkWidget *lk_train_setup_new (void);

/* (transfer none) */
LkTrainRecipe *lk_train_setup_get_recipe (LkTrainSetup *self);
LkAdaptCard *lk_train_setup_get_adapt_card (LkTrainSetup *self);

/* @folder: (nullable): NULL for one's own captures
 * @info: (nullable): NULL while it is not known, or when it will not do
 * @sentence: what is there, how it is split, what was left out and why; or why it will not do
 * @usable: whether training can start with it */
void lk_train_setup_set_data (LkTrainSetup *self, const char *folder, const LkDataInfo *info,
                              const char *sentence, gboolean usable);

/* Of these data: how many pictures a training has found so far that it cannot use, which only
 * looking at each of them tells; 0, also for other data: nothing is said. */
void lk_train_setup_set_n_unusable (LkTrainSetup *self, int n);

/* @crops: (nullable) (element-type LkImage): NULL when there are none to show */
void lk_train_setup_set_preview (LkTrainSetup *self, GPtrArray *crops);

/* @sentence: (nullable): which run was interrupted and can go on; NULL: none */
void lk_train_setup_set_interrupted (LkTrainSetup *self, const char *sentence);

/* Which model verifies now.  @sentence: (nullable): how it was trained */
void lk_train_setup_set_model (LkTrainSetup *self, const char *name, const char *sentence);

void lk_train_setup_set_n_runs (LkTrainSetup *self, int n);

/* The last try did not start: why.  NULL takes it away. */
void lk_train_setup_show_error (LkTrainSetup *self, const GError *error);

G_END_DECLS
