/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-report-private.h"
#include "lk-svg.h"

#include <math.h>

/* The page's own style: light, dark and paper.  Curves differ in dashes as well as in
 * colour. */
static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1c1c1e;--dim:#5e5c64;--rule:#d5d3d8;"
    "--s0:#1a5fb4;--s1:#b5500b;--s2:#1b7a4b;--s3:#813d9c;--s4:#865e3c;--s5:#5e5c64}\n"
    "@media (prefers-color-scheme:dark){:root{--bg:#1e1e20;--fg:#f2f2f2;--dim:#b0afb4;"
    "--rule:#48464d;--s0:#78aeed;--s1:#ffa348;--s2:#57e389;--s3:#dc8add;--s4:#cdab8f;--s5:#c0bfbc}}"
    "\n"
    "@media print{:root{--bg:#fff;--fg:#000;--dim:#444;--rule:#bbb;--s0:#1a5fb4;--s1:#b5500b;"
    "--s2:#1b7a4b;--s3:#813d9c;--s4:#865e3c;--s5:#5e5c64}figure,tr,h2{break-inside:avoid}"
    "h2{break-after:avoid}}\n"
    "body{background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif;"
    "max-width:62rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.6rem;margin-bottom:0}h2{font-size:1.2rem;margin-top:2rem}"
    ".dim,figcaption,caption{color:var(--dim)}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}caption{text-align:left}"
    "th,td{padding:.25rem .8rem .25rem 0;text-align:right;border-bottom:1px solid var(--rule);"
    "vertical-align:top}th:first-child,td:first-child{text-align:left}th{font-weight:600}"
    ".scroll{overflow-x:auto}small{color:var(--dim);display:block}\n"
    ".row{display:flex;flex-wrap:wrap;gap:1.5rem}figure{margin:0;flex:1 1 20rem;max-width:30rem}"
    "svg{width:100%;height:auto}.pairs figure{flex:0 0 auto}.pairs img{width:100px;height:100px;"
    "image-rendering:auto}\n"
    ".axis{stroke:var(--fg);stroke-width:1}.grid{stroke:var(--rule);stroke-width:.7}"
    ".mark{stroke:var(--dim);stroke-width:1;stroke-dasharray:3 3}"
    ".label{fill:var(--dim);font-size:12px;paint-order:stroke;"
    "stroke:var(--bg);stroke-width:3px}\n"
    ".line{fill:none;stroke-width:2;stroke-linejoin:round}.bar{opacity:.85}"
    ".line.s0{stroke:var(--s0)}.line.s1{stroke:var(--s1);stroke-dasharray:7 3}"
    ".line.s2{stroke:var(--s2);stroke-dasharray:2 3}.line.s3{stroke:var(--s3);"
    "stroke-dasharray:9 3 2 3}.line.s4{stroke:var(--s4);stroke-dasharray:4 2}"
    ".line.s5{stroke:var(--s5);stroke-dasharray:1 2}\n"
    ".bar.s0,.dot.s0{fill:var(--s0)}.bar.s1,.dot.s1{fill:var(--s1)}.dot.s2{fill:var(--s2)}"
    ".dot.s3{fill:var(--s3)}.dot.s4{fill:var(--s4)}.dot.s5{fill:var(--s5)}\n"
    ".key{display:inline-block;width:2.2rem;height:.7rem;vertical-align:middle}\n";

static void
add_words (GString *out, const char *tag, const char *text)
{
  g_string_append_printf (out, "<%s>", tag);
  lk_svg_append_text (out, text);
  g_string_append_printf (out, "</%s>\n", tag);
}

/* A cell with a number, and below it what it rests on. */
static void add_cell (GString *out, const char *number, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
add_cell (GString *out, const char *number, const char *format, ...)
{
  va_list args;

  g_string_append (out, "<td>");
  lk_svg_append_text (out, number);
  if (format != NULL)
    {
      g_autofree char *below = NULL;

      va_start (args, format);
      below = g_strdup_vprintf (format, args);
      va_end (args);
      g_string_append (out, "<small>");
      lk_svg_append_text (out, below);
      g_string_append (out, "</small>");
    }
  g_string_append (out, "</td>");
}

static char *
percent (double share)
{
  return isfinite (share) ? g_strdup_printf ("%.2f %%", 100 * share) : g_strdup ("–");
}

static void
add_share (GString *out, const LkInterval *share)
{
  g_autofree char *number = percent (share->value);

  if (isfinite (share->low))
    add_cell (out, number, "%.2f to %.2f %%", 100 * share->low, 100 * share->high);
  else
    add_cell (out, number, NULL);
}

/* The line with which a model is drawn, and its name. */
static void
add_name (GString *out, const LkReportModel *model, guint style_number)
{
  g_string_append_printf (out,
                          "<th scope=\"row\"><svg class=\"key\" viewBox=\"0 0 36 10\" "
                          "aria-hidden=\"true\"><polyline class=\"line s%u\" points=\"0,5 36,5\"/>"
                          "</svg> ",
                          style_number % LK_SVG_N_STYLES);
  lk_svg_append_text (out, model->run->name);
  g_string_append (out, "</th>");
}

static void
add_header (GString *out, const char *caption, const char *const *columns)
{
  g_string_append (out, "<div class=\"scroll\"><table><caption>");
  lk_svg_append_text (out, caption);
  g_string_append (out, "</caption>\n<thead><tr>");
  for (; *columns != NULL; columns++)
    {
      g_string_append (out, "<th scope=\"col\">");
      lk_svg_append_text (out, *columns);
      g_string_append (out, "</th>");
    }
  g_string_append (out, "</tr></thead>\n<tbody>\n");
}

static void
end_table (GString *out)
{
  g_string_append (out, "</tbody></table></div>\n");
}

static void
add_summary (const LkReport *self, GString *out)
{
  static const char *const columns[] = {
    "Model",           "Accuracy",        "Threshold", "AUC",          "EER",
    "TAR at FAR 1e-2", "TAR at FAR 1e-3", "Best F1",   "An embedding", NULL
  };

  add_header (
      out,
      "Accuracy counts every pair, one without a face as refused; the other measures are of "
      "pairs with a score. Small print: intervals at 95 %, by drawing people anew.",
      columns);
  for (guint i = 0; i < self->models->len; i++)
    {
      const LkReportModel *model = self->models->pdata[i];
      const LkMeasures *m = model->measures;
      g_autofree char *accuracy = percent (model->accuracy.accuracy);
      g_autofree char *threshold = g_strdup_printf ("%.4f", model->threshold.value);
      g_autofree char *f1 = g_strdup_printf ("%.4f", m->f1);
      g_autofree char *time = g_strdup_printf ("%.2f ms", model->run->embed_ms);

      g_string_append (out, "<tr>");
      add_name (out, model, i);
      add_cell (out, accuracy, "± %.2f; %.2f to %.2f %%", 100 * model->accuracy.accuracy_se,
                100 * model->accuracy.low, 100 * model->accuracy.high);
      add_cell (out, threshold, "%s", model->threshold.from);
      add_share (out, &m->auc);
      add_share (out, &m->eer);
      for (int k = 1; k <= 2; k++)
        if (m->at_fmr[k].supported)
          add_share (out, &m->at_fmr[k].tar);
        else
          add_cell (out, "–", "too few impostors");
      add_cell (out, f1, "at %.4f", m->f1_threshold);
      add_cell (out, time, NULL);
      g_string_append (out, "</tr>\n");
    }
  end_table (out);
}

static void
add_thresholds (const LkReportModel *model, GString *out)
{
  static const char *const columns[] = { "Wished FMR", "Threshold",      "Impostors matched",
                                         "FMR",        "Genuine missed", "FNMR",
                                         NULL };
  const LkMeasures *m = model->measures;
  g_autofree char *caption = NULL;

  caption = g_strdup_printf ("Thresholds of %s on these %d genuine and %d impostor pairs",
                             model->run->name, m->n_genuine, m->n_impostor);
  add_header (out, caption, columns);
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      const LkOperatingPoint *point = &m->at_fmr[i];
      LkInterval fnmr = { 1 - point->tar.value, 1 - point->tar.high, 1 - point->tar.low };
      g_autofree char *threshold = g_strdup_printf ("%.4f", point->threshold);
      g_autofree char *matched = g_strdup_printf ("%d", point->n_false_matches);
      g_autofree char *missed = g_strdup_printf ("%d", point->n_missed);

      g_string_append_printf (out, "<tr><th scope=\"row\">1e-%d</th>", i + 1);
      if (!point->supported)
        {
          g_string_append (out, "<td colspan=\"5\">Too few impostor pairs to say: ");
          g_string_append_printf (out, "it takes %.0f.</td></tr>\n", 3 / point->wished);
          continue;
        }
      add_cell (out, threshold, NULL);
      add_cell (out, matched, NULL);
      add_share (out, &point->fmr);
      add_cell (out, missed, NULL);
      add_share (out, &fnmr);
      g_string_append (out, "</tr>\n");
    }
  end_table (out);
}

static void
add_confusion (const LkReportModel *model, GString *out)
{
  static const char *const columns[] = { "", "Said alike", "Said different", NULL };
  g_autofree char *caption = g_strdup_printf ("%s at threshold %.4f", model->run->name,
                                              model->threshold.value);
  const LkConfusion *c = &model->counts;

  add_header (out, caption, columns);
  g_string_append_printf (out, "<tr><th scope=\"row\">Genuine</th><td>%d</td><td>%d</td></tr>\n",
                          c->true_positives, c->false_negatives);
  g_string_append_printf (out, "<tr><th scope=\"row\">Impostors</th><td>%d</td><td>%d</td></tr>\n",
                          c->false_positives, c->true_negatives);
  end_table (out);
}

static void
add_reliability (const LkReportModel *model, GString *out)
{
  if (!isfinite (model->head.error))
    return;
  g_string_append (out, "<figure>");
  lk_report_draw_reliability (model, out);
  g_string_append (out, "<figcaption>Reliability, if both answers were equally likely: the head’s "
                        "score (dashed), off by ");
  lk_svg_append_number (out, model->head.error, 3);
  g_string_append (out, " in the mean");
  if (isfinite (model->calibrated.error))
    {
      g_string_append (out, "; calibrated (solid), off by ");
      lk_svg_append_number (out, model->calibrated.error, 3);
    }
  g_string_append (out, "</figcaption></figure>\n");
}

static void
add_pairs (const LkReport *self, GString *out)
{
  add_summary (self, out);
  g_string_append (out, "<h2>Curves</h2>\n<div class=\"row\">\n<figure>");
  lk_report_draw_roc (self, out);
  g_string_append (out, "<figcaption>ROC</figcaption></figure>\n<figure>");
  lk_report_draw_det (self, out);
  g_string_append (out,
                   "<figcaption>DET, on axes of normal deviates</figcaption></figure>\n</div>\n");
  for (guint i = 0; i < self->models->len; i++)
    {
      const LkReportModel *model = self->models->pdata[i];

      add_words (out, "h2", model->run->name);
      g_string_append (out, "<div class=\"row\"><figure>");
      lk_report_draw_histogram (model, out);
      g_string_append (out, "<figcaption>Scores, each side to its own number of pairs</figcaption>"
                            "</figure>\n");
      add_reliability (model, out);
      g_string_append (out, "</div>\n");
      add_confusion (model, out);
      add_thresholds (model, out);
    }
}

static void
add_trials (const LkReport *self, GString *out)
{
  static const char *const columns[] = { "Model", "Right", "One-shot accuracy", NULL };
  int n = (int) self->evaluation->protocol->trials->len;
  g_autofree char *caption = g_strdup_printf (
      "%d trials, each among %d", n,
      g_array_index (self->evaluation->protocol->trials, LkProtocolTrial, 0).n);

  add_header (out, caption, columns);
  for (guint i = 0; i < self->models->len; i++)
    {
      const LkReportModel *model = self->models->pdata[i];
      LkInterval share = lk_interval_of_share (model->run->n_correct, n);

      g_string_append (out, "<tr>");
      add_name (out, model, i);
      g_string_append_printf (out, "<td>%d of %d</td>", model->run->n_correct, n);
      add_share (out, &share);
      g_string_append (out, "</tr>\n");
    }
  end_table (out);
}

static void
add_failures (const LkReport *self, GString *out)
{
  const LkEvaluation *evaluation = self->evaluation;
  g_autofree char *text = lk_report_describe_failures (self);

  g_string_append (out, "<h2>Failures to acquire</h2>\n");
  add_words (out, "p", text);
  if (evaluation->failures->len == 0)
    return;
  g_string_append (out, "<ul>\n");
  for (guint i = 0; i < MIN (evaluation->failures->len, 50); i++)
    {
      const LkFailure *failure = &g_array_index (evaluation->failures, LkFailure, i);
      g_autofree char *name = g_filename_display_basename (
          g_array_index (evaluation->protocol->pictures, LkProtocolPicture, failure->picture).path);
      g_autofree char *line = g_strdup_printf ("%s: %s", name, failure->why);

      add_words (out, "li", line);
    }
  if (evaluation->failures->len > 50)
    g_string_append_printf (out, "<li>and %u more</li>\n", evaluation->failures->len - 50);
  g_string_append (out, "</ul>\n");
}

char *
lk_report_to_html (const LkReport *self, const LkEvaluationOptions *faces)
{
  const LkProtocol *protocol = self->evaluation->protocol;
  GString *out = g_string_new (
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>");

  lk_svg_append_text (out, protocol->name);
  g_string_append_printf (out, " – Likeness</title>\n<style>\n%s</style></head>\n<body><main>\n",
                          style);
  add_words (out, "h1", protocol->name);
  g_string_append_printf (out, "<p class=\"dim\">Measured by Likeness on %s</p>\n", self->date);
  if (protocol->about != NULL)
    add_words (out, "p", protocol->about);
  if (self->pictures != NULL)
    add_words (out, "p", self->pictures);
  if (protocol->pairs->len > 0)
    add_pairs (self, out);
  if (protocol->trials->len > 0)
    add_trials (self, out);
  add_failures (self, out);
  if (faces != NULL && protocol->pairs->len > 0)
    lk_report_add_faces (self, faces, out);
  g_string_append (out, "</main></body></html>\n");
  return g_string_free (out, FALSE);
}
