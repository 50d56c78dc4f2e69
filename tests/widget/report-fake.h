/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"
#include "eval/lk-report.h"

#include <adwaita.h>
#include <math.h>

/* A report of three models, one better than the other, on pictures that are not there. */
typedef struct
{
  LkProtocol *protocol;
  LkEvaluation *evaluation;
  LkReport *report;
} FakeReport;

static inline LkModelRun *
fake_run_new (const LkProtocol *protocol, const char *name, double apart, guint64 seed)
{
  LkModelRun *run = g_new0 (LkModelRun, 1);
  guint n = protocol->pairs->len;
  LkRandom random;

  lk_random_seed (&random, seed);
  run->name = g_strdup (name);
  run->scores = g_new (float, n);
  run->cosines = g_new (float, n);
  run->correct = g_new0 (gboolean, 1);
  run->embed_ms = 3.4;
  for (guint i = 0; i < n; i++)
    {
      gboolean same = g_array_index (protocol->pairs, LkProtocolPair, i).same;
      double z = apart * (same ? 1 : -1) + 1.3 * lk_random_normal (&random);

      run->scores[i] = i == 7 ? NAN : (float) (1 / (1 + exp (-z)));
      run->cosines[i] = i == 7 ? NAN : (float) tanh (z / 4);
    }
  return run;
}

static inline void
fake_run_free (gpointer data)
{
  LkModelRun *run = data;

  g_free (run->name);
  g_free (run->scores);
  g_free (run->cosines);
  g_free (run->correct);
  g_free (run);
}

static inline FakeReport *
fake_report_new (void)
{
  FakeReport *self = g_new0 (FakeReport, 1);
  LkFailure failure = { 3, g_strdup ("No face was found in the picture.") };

  self->protocol = lk_protocol_new ("pairs.txt", LK_PICTURE_PHOTO);
  for (int i = 0; i < 200; i++)
    {
      g_autofree char *person = g_strdup_printf ("p%d", i / 2),
                      *path = g_strdup_printf ("%d.jpg", i);

      lk_protocol_add_picture (self->protocol, path,
                               lk_protocol_add_person (self->protocol, person), -1);
    }
  g_assert_true (lk_protocol_make_pairs (self->protocol, 50, 2000, 1, NULL));
  self->evaluation = g_new0 (LkEvaluation, 1);
  self->evaluation->protocol = self->protocol;
  self->evaluation->n_pictures = 200;
  self->evaluation->failures = g_array_new (FALSE, FALSE, sizeof (LkFailure));
  g_array_append_val (self->evaluation->failures, failure);
  self->evaluation->runs = g_ptr_array_new_with_free_func (fake_run_free);
  g_ptr_array_add (self->evaluation->runs, fake_run_new (self->protocol, "likeness", 3.2, 1));
  g_ptr_array_add (self->evaluation->runs,
                   fake_run_new (self->protocol, "siamese-2026-03-01-1830", 1.2, 2));
  g_ptr_array_add (self->evaluation->runs,
                   fake_run_new (self->protocol, "siamese-bn-2026-03-02-0900", 0.8, 3));
  self->report = lk_report_new (self->evaluation, NULL, "Faces were found and aligned.");
  return self;
}

static inline void
fake_report_free (FakeReport *self)
{
  lk_report_free (self->report);
  g_free (g_array_index (self->evaluation->failures, LkFailure, 0).why);
  lk_evaluation_free (self->evaluation);
  lk_protocol_free (self->protocol);
  g_free (self);
}

/* Opens the first of the rows that open, below @root. */
static inline gboolean
fake_report_open_rows (GtkWidget *root)
{
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (ADW_IS_EXPANDER_ROW (child))
        {
          adw_expander_row_set_expanded (ADW_EXPANDER_ROW (child), TRUE);
          return TRUE;
        }
      if (fake_report_open_rows (child))
        return TRUE;
    }
  return FALSE;
}
