/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-report.h"

#include <math.h>
#include <string.h>

/* Points of a curve: as many as a drawing of a page can show. */
#define MAX_POINTS 1000

/* Every field but the first is begun by a comma. */
static void
add_text (GString *out, const char *text)
{
  g_string_append_c (out, ',');
  if (strpbrk (text, ",\"\r\n") == NULL)
    {
      g_string_append (out, text);
      return;
    }
  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    {
      if (*text == '"')
        g_string_append_c (out, '"');
      g_string_append_c (out, *text);
    }
  g_string_append_c (out, '"');
}

/* Nothing where there is no number. */
static void
add_number (GString *out, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (out, ',');
  if (isfinite (value))
    g_string_append (out, g_ascii_formatd (buffer, sizeof buffer, "%.8g", value));
}

static void
add_summary (GString *out, const LkReportModel *model, const char *score, const LkMeasures *m)
{
  const double numbers[] = { m->n_genuine, m->n_impostor, m->n_genuine_failed, m->n_impostor_failed,
                             m->auc.value, m->auc.low,    m->auc.high,         m->eer.value,
                             m->eer.low,   m->eer.high,   m->f1_threshold,     m->f1 };

  g_string_append (out, "summary");
  add_text (out, model->run->name);
  add_text (out, score);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    add_number (out, numbers[i]);
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      const LkOperatingPoint *point = &m->at_fmr[i];

      add_number (out, point->threshold);
      add_number (out, point->n_false_matches);
      add_number (out, point->tar.value);
      add_number (out, point->tar.low);
      add_number (out, point->tar.high);
      add_number (out, point->supported);
    }
  g_string_append_c (out, '\n');
}

static void
add_curves (GString *out, const LkReportModel *model, const char *score, const LkMeasures *m)
{
  g_autoptr (GArray) thin = lk_roc_thin (m->roc, MAX_POINTS);

  for (guint i = 0; i < thin->len; i++)
    {
      const LkRocPoint *point = &g_array_index (thin, LkRocPoint, i);

      g_string_append (out, "curve");
      add_text (out, model->run->name);
      add_text (out, score);
      add_number (out, point->threshold);
      add_number (out, point->fmr);
      add_number (out, point->fnmr);
      g_string_append_c (out, '\n');
    }
}

static void
add_histogram (GString *out, const LkReportModel *model, const char *score, const LkMeasures *m)
{
  for (int bin = 0; bin < LK_MEASURES_BINS; bin++)
    {
      g_string_append (out, "histogram");
      add_text (out, model->run->name);
      add_text (out, score);
      add_number (out, m->low + (m->high - m->low) * bin / LK_MEASURES_BINS);
      add_number (out, m->low + (m->high - m->low) * (bin + 1) / LK_MEASURES_BINS);
      add_number (out, m->genuine[bin]);
      add_number (out, m->impostor[bin]);
      g_string_append_c (out, '\n');
    }
}

static void
add_picture (GString *out, const LkProtocol *protocol, int i)
{
  g_autofree char *shown = g_filename_display_name (
      g_array_index (protocol->pictures, LkProtocolPicture, i).path);

  add_text (out, shown);
}

static void
add_pairs (GString *out, const LkReport *self)
{
  const LkProtocol *protocol = self->evaluation->protocol;

  for (guint m = 0; m < self->models->len; m++)
    for (guint i = 0; i < protocol->pairs->len; i++)
      {
        const LkModelRun *run = ((LkReportModel *) self->models->pdata[m])->run;
        const LkProtocolPair *pair = &g_array_index (protocol->pairs, LkProtocolPair, i);

        g_string_append (out, "pair");
        add_text (out, run->name);
        add_number (out, pair->fold);
        add_number (out, pair->same);
        add_number (out, (double) run->scores[i]);
        add_number (out, (double) run->cosines[i]);
        add_picture (out, protocol, pair->a);
        add_picture (out, protocol, pair->b);
        g_string_append_c (out, '\n');
      }
}

static void
add_trials (GString *out, const LkReport *self)
{
  const LkProtocol *protocol = self->evaluation->protocol;

  for (guint m = 0; m < self->models->len; m++)
    for (guint i = 0; i < protocol->trials->len; i++)
      {
        const LkModelRun *run = ((LkReportModel *) self->models->pdata[m])->run;
        const LkProtocolTrial *trial = &g_array_index (protocol->trials, LkProtocolTrial, i);

        g_string_append (out, "trial");
        add_text (out, run->name);
        add_number (out, trial->n);
        add_number (out, run->correct[i]);
        add_picture (out, protocol, trial->probe);
        g_string_append_c (out, '\n');
      }
}

char *
lk_report_to_csv (const LkReport *self)
{
  GString *out = g_string_new (NULL);
  void (*const add[]) (GString *, const LkReportModel *, const char *,
                       const LkMeasures *) = { add_summary, add_curves, add_histogram };
  const LkEvaluation *evaluation = self->evaluation;

  for (guint kind = 0; kind < G_N_ELEMENTS (add); kind++)
    {
      if (evaluation->protocol->pairs->len == 0)
        break;
      if (kind == 0)
        {
          g_string_append (out, "summary,model,score,genuine,impostor,genuine_failed,"
                                "impostor_failed,auc,auc_low,auc_high,eer,eer_low,eer_high,"
                                "f1_threshold,f1");
          for (int i = 0; i < LK_N_FMRS; i++)
            g_string_append_printf (out,
                                    ",threshold_%d,false_matches_%d,tar_%d,tar_low_%d,tar_high_%d,"
                                    "supported_%d",
                                    i + 1, i + 1, i + 1, i + 1, i + 1, i + 1);
          g_string_append_c (out, '\n');
        }
      else
        g_string_append (out, kind == 1 ? "curve,model,score,threshold,fmr,fnmr\n"
                                        : "histogram,model,score,low,high,genuine,impostor\n");
      for (guint i = 0; i < self->models->len; i++)
        {
          const LkReportModel *model = self->models->pdata[i];

          add[kind](out, model, "head", model->measures);
          add[kind](out, model, "cosine", model->cosine);
        }
    }
  if (evaluation->protocol->pairs->len > 0)
    g_string_append (out, "pair,model,fold,same,score,cosine,a,b\n");
  add_pairs (out, self);
  if (evaluation->protocol->trials->len > 0)
    g_string_append (out, "trial,model,candidates,correct,probe\n");
  add_trials (out, self);
  g_string_append (out, "failure,picture,why\n");
  for (guint i = 0; i < evaluation->failures->len; i++)
    {
      const LkFailure *failure = &g_array_index (evaluation->failures, LkFailure, i);

      g_string_append (out, "failure");
      add_picture (out, evaluation->protocol, failure->picture);
      add_text (out, failure->why);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}
