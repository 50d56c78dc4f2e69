/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-attack-page.h"
#include "lk-model-row.h"

G_BEGIN_DECLS

/*
 * LkEvaluatePage: choose models and a test, run it, see what it says, export it.
 *
 * Passive.
 *
 * Signals
 *   "start" (void)    see the getters; the owner answers with set_running() and what follows
 *   "cancel" (void)
 *   "attacks-shown" (gboolean)   the page of one's own attacks is shown now, or not any more
 *   "export" (GFile *file, gboolean html, gboolean faces): html or CSV; faces: with pictures
 * Actions
 *   "evaluate.start", "evaluate.cancel", "evaluate.choose-folder", "evaluate.choose-pairs",
 *   "evaluate.choose-root", "evaluate.export-html", "evaluate.export-csv", "evaluate.attacks"
 */
#define LK_TYPE_EVALUATE_PAGE (lk_evaluate_page_get_type ())
G_DECLARE_FINAL_TYPE (LkEvaluatePage, lk_evaluate_page, LK, EVALUATE_PAGE, AdwBin)

/* What models are measured on. */
typedef enum
{
  LK_MEASURE_OWN,    /* the people who are enrolled here, and their sessions */
  LK_MEASURE_FOLDER, /* a folder a person */
  LK_MEASURE_PAIRS,  /* a list of pairs as LFW has it, and where the pictures are */
} LkMeasureOn;

typedef struct
{
  const char *name;     /* as lk_model_load() takes it */
  const char *sentence; /* (nullable): how it was trained */
} LkModelInfo;

GtkWidget *lk_evaluate_page_new (void);

LkAttackPage *lk_evaluate_page_get_attacks (LkEvaluatePage *self); /* (transfer none) */

/* @models: (array length=n): copied.  What was chosen stays chosen as far as it is still
 * there; else @in_use (nullable) is. */
void lk_evaluate_page_set_models (LkEvaluatePage *self, const LkModelInfo *models, int n,
                                  const char *in_use);
/* (transfer full) (array zero-terminated=1): those that are chosen */
char **lk_evaluate_page_get_models (LkEvaluatePage *self);
/* Whether nearest neighbours are measured beside them. */
gboolean lk_evaluate_page_get_baseline (LkEvaluatePage *self);

/* @sentence: what there is of own people, or why it will not do */
void lk_evaluate_page_set_own (LkEvaluatePage *self, const char *sentence, gboolean usable);

/* @path: (out) (nullable) (transfer full): of the folder or list.  @root: (out) (nullable)
 * (transfer full): of the list's pictures */
LkMeasureOn lk_evaluate_page_get_test (LkEvaluatePage *self, char **path, char **root);
/* As if the user had chosen it: for tests, and to come back to what was chosen last. */
void lk_evaluate_page_set_test (LkEvaluatePage *self, LkMeasureOn on, const char *path,
                                const char *root);

/* Between "start" and a report, an error or a cancel.  @total 0: it gets ready. */
void lk_evaluate_page_show_progress (LkEvaluatePage *self, int done, int total);

/* @pairs: (element-type GPtrArray) (nullable): for each model LkShownPairs, or NULL.  Nothing
 * is kept of @report. */
void lk_evaluate_page_show_report (LkEvaluatePage *self, const LkReport *report, GPtrArray *pairs);
void lk_evaluate_page_show_error (LkEvaluatePage *self, const GError *error);
/* What there was before is shown again. */
void lk_evaluate_page_show_cancelled (LkEvaluatePage *self);

G_END_DECLS
