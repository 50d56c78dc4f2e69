/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-report.h"
#include <adwaita.h>

G_BEGIN_DECLS

/* A pair to show, with its pictures. */
typedef struct
{
  LkImage *a, *b; /* (owned) */
  char *caption;  /* (owned): "0.0312: one person" */
} LkShownPair;

LkShownPair *lk_shown_pair_new (const LkImage *a, const LkImage *b, const char *caption);
void lk_shown_pair_free (LkShownPair *self);

/* What was measured of one model: a row that opens to its scores, thresholds, and the pairs
 * that it judged worst and best; nothing of @report is kept.
 *
 * @style: of its line in the curves (lk-line-style.h)
 * @pairs: (nullable) (element-type LkShownPair): in the order in which they are shown
 *
 * Returns: (transfer floating): an AdwExpanderRow */
GtkWidget *lk_model_row_new (const LkReport *report, const LkReportModel *model, int style,
                             GPtrArray *pairs);

/* (transfer full): "EER 2.6 % (1.9–3.4)" and the like, for a line or a screen reader */
char *lk_model_row_summarise (const LkReport *report, const LkReportModel *model);

G_END_DECLS
