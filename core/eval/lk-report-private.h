/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-report.h"

G_BEGIN_DECLS

/* The drawings of a report, each appended as one SVG; curves have the models' numbers as
 * styles. */
void lk_report_draw_roc (const LkReport *self, GString *out);
void lk_report_draw_det (const LkReport *self, GString *out);
void lk_report_draw_histogram (const LkReportModel *model, GString *out);
/* Of the head's score and, where there is one, of the calibrated one. */
void lk_report_draw_reliability (const LkReportModel *model, GString *out);

/* The best and the worst pairs of each model, with their pictures. */
void lk_report_add_faces (const LkReport *self, const LkEvaluationOptions *faces, GString *out);

G_END_DECLS
