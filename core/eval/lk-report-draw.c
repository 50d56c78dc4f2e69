/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-report-private.h"
#include "lk-svg.h"

#include <math.h>

#define MAX_POINTS 400

void
lk_report_draw_roc (const LkReport *self, GString *out)
{
  static const char *const ticks[] = { "0", "0.2", "0.4", "0.6", "0.8", "1" };
  LkSvg svg;

  lk_svg_begin (
      &svg, out, "ROC",
      "True match rate over false match rate, from 0 to 1: the nearer a curve comes to the "
      "upper left corner, the better.",
      440, 400);
  for (guint i = 0; i < G_N_ELEMENTS (ticks); i++)
    {
      lk_svg_add_x_tick (&svg, i / 5.0, ticks[i]);
      lk_svg_add_y_tick (&svg, i / 5.0, ticks[i]);
    }
  lk_svg_add_names (&svg, "False match rate", "True match rate");
  lk_svg_add_mark (&svg, 0, 0, 1, 1);
  for (guint m = 0; m < self->models->len; m++)
    {
      const LkReportModel *model = self->models->pdata[m];
      g_autoptr (GArray) roc = lk_roc_thin (model->measures->roc, MAX_POINTS);

      lk_svg_begin_line (&svg, (int) m);
      lk_svg_add_point (&svg, 0, 0);
      for (guint i = 0; i < roc->len; i++)
        {
          const LkRocPoint *point = &g_array_index (roc, LkRocPoint, i);

          lk_svg_add_point (&svg, point->fmr, 1 - point->fnmr);
        }
      lk_svg_end_line (&svg);
    }
  lk_svg_end (&svg);
}

#define DET_LOW 0.0001 /* a rate of 0 is drawn here */

const LkDetTick lk_det_ticks[LK_N_DET_TICKS] = {
  { 0.0001, "0.01 %" }, { 0.001, "0.1 %" }, { 0.01, "1 %" }, { 0.05, "5 %" },
  { 0.1, "10 %" },      { 0.2, "20 %" },    { 0.4, "40 %" },
};

double
lk_det_place (double rate)
{
  double low = lk_probit (DET_LOW), high = lk_probit (LK_DET_HIGHEST);

  return (lk_probit (CLAMP (rate, DET_LOW, LK_DET_HIGHEST)) - low) / (high - low);
}

void
lk_report_draw_det (const LkReport *self, GString *out)
{
  LkSvg svg;

  lk_svg_begin (&svg, out, "DET",
                "False non-match rate over false match rate, on the axes of normal deviates: the "
                "nearer a curve comes to the lower left corner, the better.",
                440, 400);
  for (guint i = 0; i < LK_N_DET_TICKS; i++)
    {
      lk_svg_add_x_tick (&svg, lk_det_place (lk_det_ticks[i].rate), lk_det_ticks[i].text);
      lk_svg_add_y_tick (&svg, lk_det_place (lk_det_ticks[i].rate), lk_det_ticks[i].text);
    }
  lk_svg_add_names (&svg, "False match rate", "False non-match rate");
  lk_svg_add_mark (&svg, 0, 0, 1, 1);
  for (guint m = 0; m < self->models->len; m++)
    {
      const LkReportModel *model = self->models->pdata[m];
      g_autoptr (GArray) roc = lk_roc_thin (model->measures->roc, MAX_POINTS);

      lk_svg_begin_line (&svg, (int) m);
      for (guint i = 0; i < roc->len; i++)
        {
          const LkRocPoint *point = &g_array_index (roc, LkRocPoint, i);

          /* Only what there are pairs for (a rate of none is not one of 0.01 %), and not
           * along the edge. */
          if (point->fmr > 0 && point->fnmr > 0 && point->fmr < LK_DET_HIGHEST &&
              point->fnmr < LK_DET_HIGHEST)
            lk_svg_add_point (&svg, lk_det_place (point->fmr), lk_det_place (point->fnmr));
        }
      lk_svg_end_line (&svg);
    }
  lk_svg_end (&svg);
}

static void
draw_bins (LkSvg *svg, const LkReportReliability *reliability, int style)
{
  const LkReliabilityBin *bins = reliability->bins;

  lk_svg_begin_line (svg, style);
  for (int k = 0; k < LK_REPORT_BINS; k++)
    if (isfinite (bins[k].predicted))
      lk_svg_add_point (svg, bins[k].predicted, bins[k].observed.value);
  lk_svg_end_line (svg);
  for (int k = 0; k < LK_REPORT_BINS; k++)
    if (isfinite (bins[k].predicted))
      {
        lk_svg_add_mark (svg, bins[k].predicted, bins[k].observed.low, bins[k].predicted,
                         bins[k].observed.high);
        lk_svg_add_dot (svg, style, bins[k].predicted, bins[k].observed.value);
      }
}

void
lk_report_draw_reliability (const LkReportModel *model, GString *out)
{
  static const char *const ticks[] = { "0", "0.2", "0.4", "0.6", "0.8", "1" };
  g_autofree char *title = g_strdup_printf ("Reliability of %s", model->run->name);
  LkSvg svg;

  lk_svg_begin (&svg, out, title,
                "Share of genuine pairs over the probability that was told, in ten parts, with "
                "intervals at 95 %: on the diagonal a probability is what it says.",
                440, 300);
  for (guint i = 0; i < G_N_ELEMENTS (ticks); i++)
    {
      lk_svg_add_x_tick (&svg, i / 5.0, ticks[i]);
      lk_svg_add_y_tick (&svg, i / 5.0, ticks[i]);
    }
  lk_svg_add_names (&svg, "Told probability", "Share of genuine pairs");
  lk_svg_add_mark (&svg, 0, 0, 1, 1);
  draw_bins (&svg, &model->head, 1);
  if (isfinite (model->calibrated.error))
    draw_bins (&svg, &model->calibrated, 0);
  lk_svg_end (&svg);
}

void
lk_report_draw_histogram (const LkReportModel *model, GString *out)
{
  const LkMeasures *m = model->measures;
  double most = 1e-9, at = (model->threshold.value - m->low) / (m->high - m->low);
  g_autofree char *about = NULL, *title = g_strdup_printf ("Scores of %s", model->run->name);
  LkSvg svg;

  about = g_strdup_printf (
      "Shares of %d genuine pairs, upwards, and of %d impostor pairs, downwards, "
      "by score from %g to %g.",
      m->n_genuine, m->n_impostor, m->low, m->high);
  lk_svg_begin (&svg, out, title, about, 440, 300);
  for (int b = 0; b < LK_MEASURES_BINS; b++)
    most = MAX (most, MAX ((double) m->genuine[b] / MAX (1, m->n_genuine),
                           (double) m->impostor[b] / MAX (1, m->n_impostor)));
  for (int i = 0; i <= 5; i++)
    {
      g_autofree char *text = g_strdup_printf ("%.1f", m->low + (m->high - m->low) * i / 5);

      lk_svg_add_x_tick (&svg, i / 5.0, text);
    }
  lk_svg_add_names (&svg, "Score", "Impostors      Genuine");
  for (int b = 0; b < LK_MEASURES_BINS; b++)
    {
      double x0 = (double) b / LK_MEASURES_BINS, x1 = (b + 1.0) / LK_MEASURES_BINS;
      double up = m->genuine[b] / most / MAX (1, m->n_genuine);
      double down = m->impostor[b] / most / MAX (1, m->n_impostor);

      if (m->genuine[b] > 0)
        lk_svg_add_bar (&svg, 0, x0, x1, 0.5, 0.5 + 0.48 * up);
      if (m->impostor[b] > 0)
        lk_svg_add_bar (&svg, 1, x0, x1, 0.5 - 0.48 * down, 0.5);
    }
  lk_svg_add_mark (&svg, 0, 0.5, 1, 0.5);
  if (at >= 0 && at <= 1)
    {
      lk_svg_add_mark (&svg, at, 0, at, 1);
      lk_svg_add_label (&svg, at, 0.94, "threshold");
    }
  lk_svg_end (&svg);
}
