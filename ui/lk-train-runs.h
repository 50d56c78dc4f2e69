/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkTrainRuns: the trainings that there were; two that are chosen are compared.
 *
 * Passive.
 *
 * Signals
 *   "open" (gint64 id)
 *   "rename" (gint64 id, const char *name)
 *   "delete" (gint64 id)
 *   "compare" (gint64 first, gint64 second)  the owner answers with
 *                                            lk_train_runs_show_comparison()
 *   "back" (void)
 * Actions
 *   "runs.back"
 */
#define LK_TYPE_TRAIN_RUNS (lk_train_runs_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainRuns, lk_train_runs, LK, TRAIN_RUNS, AdwBin)

typedef struct
{
  gint64 id;
  char *name;
  char *sentence; /* when, how it ended, loss, EER, accuracy with its interval */
} LkRunInfo;

/* One curve of one run. */
typedef struct
{
  double x, y;
} LkRunSpot;

GtkWidget *lk_train_runs_new (void);

/* @runs: (array length=n): copied; the newest first.  What was chosen stays so. */
void lk_train_runs_set_runs (LkTrainRuns *self, const LkRunInfo *runs, int n);

/* @names: of the two
 * @loss, @eer: (element-type LkRunSpot) of each
 * @rows: (array zero-terminated=1): what, first, second, what, ...: where they differ */
void lk_train_runs_show_comparison (LkTrainRuns *self, const char *const names[2],
                                    GArray *const loss[2], GArray *const eer[2],
                                    const char *const *rows);

G_END_DECLS
