/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-report-curves.h"

#include "lk-line-style.h"
#include "lk-model-row.h"

#include <glib/gi18n.h>

#define MAX_POINTS 400

/* Line styles of the models: without the one that stands back. */
int
lk_report_curves_get_style (guint i)
{
  static const int styles[] = { 0, 1, 3, 4, 5 };

  return styles[i % G_N_ELEMENTS (styles)];
}

void
lk_report_curves_prepare (LkCurves *roc, LkCurves *det)
{
  static const LkCurvesTick even[] = { { 0, "0" },     { 0.2, "0.2" }, { 0.4, "0.4" },
                                       { 0.6, "0.6" }, { 0.8, "0.8" }, { 1, "1" } };
  LkCurvesTick rates[LK_N_DET_TICKS];

  for (int i = 0; i < LK_N_DET_TICKS; i++)
    rates[i] = (LkCurvesTick){ lk_det_place (lk_det_ticks[i].rate), lk_det_ticks[i].text };
  lk_curves_set_axes (roc, _("ROC"), _("False match rate"), _("True match rate"), even,
                                                                 G_N_ELEMENTS (even));
  lk_curves_set_axes (det, _("DET"), _("False match rate"), _("False non-match rate"), rates,
                                                                 LK_N_DET_TICKS);
}

typedef double Place[2]; /* x, y */

void
lk_report_curves_add (LkCurves *roc_curves, LkCurves *det_curves, const LkReport *report, guint i)
{
  const LkReportModel *model = report->models->pdata[i];
  g_autoptr (GArray) thin = lk_roc_thin (model->measures->roc, MAX_POINTS);
  g_autofree char *summary = lk_model_row_summarise (report, model);
  Place *roc = g_new (Place, thin->len + 1), *det = g_new (Place, thin->len + 1);
  int n_roc = 1, n_det = 0;

  roc[0][0] = roc[0][1] = 0;
  for (guint k = 0; k < thin->len; k++)
    {
      const LkRocPoint *point = &g_array_index (thin, LkRocPoint, k);

      roc[n_roc][0] = point->fmr;
      roc[n_roc++][1] = 1 - point->fnmr;
      if (point->fmr <= 0 || point->fnmr <= 0 || point->fmr >= LK_DET_HIGHEST ||
          point->fnmr >= LK_DET_HIGHEST)
        continue;
      det[n_det][0] = lk_det_place (point->fmr);
      det[n_det++][1] = lk_det_place (point->fnmr);
    }
  lk_curves_add (roc_curves, model->run->name, summary, lk_report_curves_get_style (i),
                 (const Place *) roc, n_roc);
  lk_curves_add (det_curves, model->run->name, summary, lk_report_curves_get_style (i),
                 (const Place *) det, n_det);
  g_free (roc);
  g_free (det);
}
