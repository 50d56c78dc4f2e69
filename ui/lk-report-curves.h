/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-report.h"
#include "lk-curves.h"

G_BEGIN_DECLS

/* Makes two drawings one of ROC and one of DET. */
void lk_report_curves_prepare (LkCurves *roc, LkCurves *det);

/* Adds model @i of a report to both; nothing of it is kept. */
void lk_report_curves_add (LkCurves *roc, LkCurves *det, const LkReport *report, guint i);

/* The style of model @i's lines (lk-line-style.h). */
int lk_report_curves_get_style (guint i);

G_END_DECLS
