/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-trainer.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkTrainPage: choose network, data and recipe; start, pause and stop; watch.
 *
 * Passive.
 *
 * Signals
 *   "recipe-wanted" (const char *network)  another network was chosen, or the user wants its
 *                                          defaults back.  The owner answers with
 *                                          lk_train_page_set_options().
 *   "data-chosen" (GFile *folder)          NULL: one's own captures.  The owner answers
 *                                          with lk_train_page_set_data().
 *   "start" (void)                         see lk_train_page_get_options()
 *   "pause", "resume", "stop" (void)
 *   "use-model" (void)                     use what was trained from now on
 * Actions
 *   "train.start", "train.pause" (pauses or resumes), "train.stop", "train.use-model",
 *   "train.choose-folder", "train.own-captures", "train.reset-recipe"
 */
#define LK_TYPE_TRAIN_PAGE (lk_train_page_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainPage, lk_train_page, LK, TRAIN_PAGE, AdwBin)

typedef struct
{
  const char *name;        /* as lk_model_load() takes it */
  const char *description; /* one line */
  guint64 n_parameters;    /* trainable; 0 when unknown */
} LkNetworkInfo;

GtkWidget *lk_train_page_new (void);

/* @networks: (array length=n): copied.  Emits nothing. */
void lk_train_page_set_networks (LkTrainPage *self, const LkNetworkInfo *networks, int n,
                                 const char *selected);

/* @folder: (nullable): NULL for one's own captures
 * @sentence: what is there ("3 people, 412 pictures"), or why it will not do
 * @usable: whether training can start with it */
void lk_train_page_set_data (LkTrainPage *self, const char *folder, const char *sentence,
                             gboolean usable);

/* Shows @options' epochs, batch, rate, schedule, clipping, steps, checkpoint, seed, threads,
 * resume; network and data are left alone. */
void lk_train_page_set_options (LkTrainPage *self, const LkTrainOptions *options);

/* What the user set.  @options: (out caller-allocates): network and data (NULL: one's own
 * captures) are g_strdup()ed, output is NULL; lk_train_options_clear() it. */
void lk_train_page_get_options (LkTrainPage *self, LkTrainOptions *options);

/* Whether OUTPUT.checkpoint is there, so that "Continue" can be offered. */
void lk_train_page_set_can_resume (LkTrainPage *self, gboolean can_resume);

/* Every snapshot of the trainer.  The first after "start" clears the curves.
 * LK_TRAIN_DONE shows the test and offers "Use This Model". */
void lk_train_page_show_progress (LkTrainPage *self, const LkTrainProgress *progress);

/* Training could not start, or failed: a sentence on the page. */
void lk_train_page_show_error (LkTrainPage *self, const GError *error);

/* Scores of the test's pairs: see lk_histogram_set_counts().  After LK_TRAIN_DONE. */
void lk_train_page_show_histogram (LkTrainPage *self, const int *genuine, const int *impostor,
                                   int n_bins, double threshold);

/* Which model verification uses now.  @sentence: (nullable): how it was trained
 * @is_trained_here: it is the one that the last run wrote: "Use" is not offered */
void lk_train_page_set_model (LkTrainPage *self, const char *name, const char *sentence,
                              gboolean is_trained_here);

G_END_DECLS
