/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "eval/lk-metrics.h"
#include "lk-models.h"
#include "lk-session-train.h"
#include "lk-training-record.h"
#include "train/lk-recipe.h"

#include <glib/gi18n.h>
#include <math.h>

static LkDatabase *
get_database (LkSession *self)
{
  return self->store != NULL ? lk_store_get_database (self->store) : NULL;
}

/* A record is worth a sentence when it fails, and no more: training goes on without. */
static void
tell (LkSession *self, const GError *error)
{
  if (error != NULL)
    lk_window_toast (self->window, error->message);
}

void
lk_session_train_begin_record (LkSession *self, const LkTrainOptions *options, const char *preset)
{
  LkSessionTrain *train = self->training;
  LkDatabase *database = get_database (self);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&train->record, lk_run_free);
  if (database == NULL)
    return;
  train->record = lk_training_record_begin (
      database, options, lk_trainer_get_dataset (train->trainer), preset, &error);
  tell (self, error);
}

void
lk_session_train_record (LkSession *self, const LkTrainProgress *p)
{
  LkRun *run = self->training->record;
  LkDatabase *database = get_database (self);
  g_autoptr (GError) error = NULL;

  if (run == NULL || database == NULL)
    return;
  lk_training_record_add (database, run, p, &error);
  tell (self, error);
  if (p->state == LK_TRAIN_DONE || p->state == LK_TRAIN_FAILED)
    lk_session_train_refresh_runs (self);
}

static char *
describe_interrupted (const LkRun *run)
{
  g_autoptr (GDateTime) began = g_date_time_new_from_unix_local (run->began);
  g_autofree char *when = g_date_time_format (began, "%x %H:%M");
  const char *epochs = lk_run_get_option (run, "epochs");
  double done;

  if (lk_run_get_figure (run, "epochs", &done) && epochs != NULL)
    return g_strdup_printf (
        _("“%s”, begun %s, came to epoch %.0f of %s. It can go on from its last "
                              "checkpoint."),
           run->name, when, done, epochs);
  return g_strdup_printf (_("“%s”, begun %s, did not end. It can go on from its last checkpoint."),
                             run->name, when);
}

static const char *
describe_state (LkRunState state)
{
  switch (state)
    {
    case LK_RUN_RUNNING:
      return _("running");
    case LK_RUN_FINISHED:
      return _("finished");
    case LK_RUN_STOPPED:
      return _("stopped");
    case LK_RUN_FAILED:
      return _("failed");
    case LK_RUN_INTERRUPTED:
    default:
      return _("interrupted");
    }
}

/* "03/01/26 18:30, finished. Loss 0.12, EER 9.2 %, accuracy 94 % (91–96)." */
static char *
describe_run (const LkRun *run)
{
  g_autoptr (GDateTime) began = g_date_time_new_from_unix_local (run->began);
  g_autofree char *when = g_date_time_format (began, "%x %H:%M");
  GString *text = g_string_new (NULL);
  double value, pairs, low, high;

  g_string_printf (text, _("%s, %s, %s"), run->network, when, describe_state (run->state));
  if (lk_run_get_figure (run, "loss", &value))
    g_string_append_printf (text, _(", loss %.3f"), value);
  if (lk_run_get_figure (run, "best eer", &value))
    g_string_append_printf (text, _(", EER %.1f %%"), 100 * value);
  if (lk_run_get_figure (run, "test right", &value) &&
      lk_run_get_figure (run, "test pairs", &pairs) && pairs > 0)
    {
      lk_wilson ((int) value, (int) pairs, &low, &high);
      g_string_append_printf (text, _(", accuracy %.0f %% (%.0f–%.0f)"), 100 * value / pairs,
                                       100 * low, 100 * high);
    }
  return g_string_free (text, FALSE);
}

static void
show_list (LkSession *self, GPtrArray *runs)
{
  g_autofree LkRunInfo *infos = g_new0 (LkRunInfo, runs->len + 1);

  for (guint i = 0; i < runs->len; i++)
    {
      const LkRun *run = runs->pdata[i];

      infos[i] = (LkRunInfo){ run->id, run->name, describe_run (run) };
    }
  lk_train_runs_set_runs (lk_train_page_get_runs (self->train), infos, (int) runs->len);
  for (guint i = 0; i < runs->len; i++)
    g_free (infos[i].sentence);
}

/* (transfer full) (nullable): without the one that is being deleted */
static GPtrArray *
list_runs (LkSession *self)
{
  LkDatabase *database = get_database (self);
  g_autoptr (GPtrArray) runs = database != NULL ? lk_database_list_runs (database, NULL) : NULL;

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    if (((LkRun *) runs->pdata[i])->id == self->training->deleted_id)
      g_ptr_array_remove_index (runs, i--);
  return g_steal_pointer (&runs);
}

/* (transfer full) (nullable) */
static LkRun *
find_run (LkSession *self, gint64 id)
{
  g_autoptr (GPtrArray) runs = list_runs (self);

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    if (((LkRun *) runs->pdata[i])->id == id)
      {
        LkRun *run = runs->pdata[i];

        g_ptr_array_set_free_func (runs, NULL);
        for (guint k = 0; k < runs->len; k++)
          if (k != i)
            lk_run_free (runs->pdata[k]);
        return run;
      }
  return NULL;
}

void
lk_session_train_refresh_runs (LkSession *self)
{
  LkSessionTrain *train = self->training;
  g_autoptr (GPtrArray) runs = list_runs (self);
  g_autofree char *sentence = NULL;

  g_clear_pointer (&train->interrupted, lk_run_free);
  for (guint i = 0; runs != NULL && i < runs->len && train->interrupted == NULL; i++)
    {
      const LkRun *run = runs->pdata[i];

      if ((run->state == LK_RUN_INTERRUPTED || run->state == LK_RUN_STOPPED) &&
          run->model != NULL && lk_models_is_interrupted (run->model))
        train->interrupted = find_run (self, run->id);
    }
  if (train->interrupted != NULL)
    sentence = describe_interrupted (train->interrupted);
  lk_train_setup_set_interrupted (train->setup, sentence);
  lk_train_setup_set_n_runs (train->setup, runs != NULL ? (int) runs->len : 0);
  if (runs != NULL)
    show_list (self, runs);
}

gboolean
lk_session_train_get_interrupted (LkSession *self, LkTrainOptions *options)
{
  const LkRun *run = self->training->interrupted;

  if (run == NULL)
    return FALSE;
  lk_training_record_get_options (run, options);
  options->resume = TRUE;
  return TRUE;
}

static void
on_discard (LkTrainSetup *setup, LkSession *self)
{
  LkRun *run = self->training->interrupted;
  g_autofree char *model = NULL, *checkpoint = NULL;
  g_autoptr (GFile) file = NULL;

  if (run == NULL)
    return;
  model = lk_models_get_path (run->model);
  checkpoint = g_strconcat (model, ".checkpoint", NULL);
  file = g_file_new_for_path (checkpoint);
  g_file_delete (file, NULL, NULL);
  lk_session_train_refresh_runs (self);
}

/* ---- the list ---- */

static void
on_rename (LkTrainRuns *runs, gint64 id, const char *name, LkSession *self)
{
  LkDatabase *database = get_database (self);
  g_autoptr (GError) error = NULL;

  if (database != NULL && !lk_database_rename_run (database, id, name, &error))
    tell (self, error);
  lk_session_train_refresh_runs (self);
}

void
lk_session_train_finish_delete (LkSession *self)
{
  LkDatabase *database = get_database (self);

  if (self->training->deleted_id != 0 && database != NULL)
    lk_database_delete_run (database, self->training->deleted_id, NULL);
  self->training->deleted_id = 0;
}

static void
undo_delete (LkSession *self)
{
  self->training->deleted_id = 0;
  lk_session_train_refresh_runs (self);
}

/* It is gone from the list at once, and for good when nobody can undo that any more. */
static void
on_delete (LkTrainRuns *runs, gint64 id, LkSession *self)
{
  g_autoptr (LkRun) run = find_run (self, id);
  g_autofree char *sentence = NULL;

  if (run == NULL)
    return;
  lk_session_train_finish_delete (self);
  self->training->deleted_id = id;
  sentence = g_strdup_printf (_("“%s” deleted; its model stays"), run->name);
  lk_session_toast_undo (self, sentence, undo_delete);
  lk_session_train_refresh_runs (self);
}

static GArray *
load_curve (LkSession *self, gint64 id, const char *name)
{
  GArray *spots = g_array_new (FALSE, FALSE, sizeof (LkRunSpot));
  g_autoptr (GArray) points = lk_database_list_points (get_database (self), id, name, NULL);

  for (guint i = 0; points != NULL && i < points->len; i++)
    {
      const LkRunPoint *point = &g_array_index (points, LkRunPoint, i);
      LkRunSpot spot = { (double) point->step, point->value };

      g_array_append_val (spots, spot);
    }
  return spots;
}

static void
add_difference (GPtrArray *rows, const char *what, const char *first, const char *second)
{
  if (g_strcmp0 (first, second) == 0)
    return;
  g_ptr_array_add (rows, g_strdup (what));
  g_ptr_array_add (rows, g_strdup (first != NULL ? first : "–"));
  g_ptr_array_add (rows, g_strdup (second != NULL ? second : "–"));
}

static char *
format_figure (const LkRun *run, const char *name)
{
  double value;

  return lk_run_get_figure (run, name, &value) ? g_strdup_printf ("%.4g", value) : NULL;
}

static void
on_compare (LkTrainRuns *page, gint64 first, gint64 second, LkSession *self)
{
  static const struct
  {
    const char *name, *title;
  } figures[] = { { "loss", N_("Loss") },
                    { "best eer", N_("Best EER") },
                      { "best epoch", N_("Best epoch") },
                        { "epochs", N_("Epochs done") },
                          { "test right", N_("Test pairs right") },
                            { "test pairs", N_("Test pairs") } };
  g_autoptr (LkRun) a = find_run (self, first), b = find_run (self, second);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_free);
  GArray *loss[2], *eer[2];

  if (a == NULL || b == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      g_autofree char *x = format_figure (a, figures[i].name),
                      *y = format_figure (b, figures[i].name);

      add_difference (rows, _(figures[i].title), x, y);
    }
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    add_difference (rows, key->key, lk_run_get_option (a, key->key),
                    lk_run_get_option (b, key->key));
  g_ptr_array_add (rows, NULL);
  for (int i = 0; i < 2; i++)
    {
      loss[i] = load_curve (self, i == 0 ? first : second, "loss");
      eer[i] = load_curve (self, i == 0 ? first : second, "eer");
    }
  lk_train_runs_show_comparison (page, (const char *const[]){ a->name, b->name }, loss, eer,
                                 (const char *const *) rows->pdata);
  for (int i = 0; i < 2; i++)
    {
      g_array_unref (loss[i]);
      g_array_unref (eer[i]);
    }
}

static const char *const curve_names[] = { "loss", "validation loss", "eer", "tar", "one-shot" };
#define N_CURVES ((int) G_N_ELEMENTS (curve_names))

/* (element-type double[1 + N_CURVES]): an epoch and its numbers, NAN where there is none */
static GArray *
load_epochs (LkSession *self, gint64 id, GError **error)
{
  GArray *epochs = g_array_new (FALSE, FALSE, sizeof (double) * (1 + N_CURVES));
  LkDatabase *database = get_database (self);

  for (int c = 0; c < N_CURVES && database != NULL; c++)
    {
      g_autoptr (GArray) points = lk_database_list_points (database, id, curve_names[c], error);
      guint at = 0;

      if (points == NULL)
        break;
      for (guint i = 0; i < points->len; i++)
        {
          const LkRunPoint *point = &g_array_index (points, LkRunPoint, i);
          double *row;

          while (at < epochs->len &&
                 ((double *) (gpointer) epochs->data)[at * (1 + N_CURVES)] < (double) point->step)
            at++;
          row = (double *) (gpointer) epochs->data + at * (1 + N_CURVES);
          if (at == epochs->len || row[0] > (double) point->step)
            {
              double fresh[1 + N_CURVES] = { (double) point->step };

              for (int k = 1; k <= N_CURVES; k++)
                fresh[k] = (double) NAN;
              g_array_insert_vals (epochs, at, fresh, 1);
              row = (double *) (gpointer) epochs->data + at * (1 + N_CURVES);
            }
          row[1 + c] = point->value;
        }
    }
  return epochs;
}

char *
lk_session_train_curves_to_csv (LkSession *self, GError **error)
{
  gint64 id = self->training->record_id;
  g_autoptr (GArray) epochs = load_epochs (self, id, error);
  GString *text = g_string_new ("epoch");

  for (int c = 0; c < N_CURVES; c++)
    g_string_append_printf (text, ",%s", curve_names[c]);
  g_string_append_c (text, '\n');
  for (guint i = 0; i < epochs->len; i++)
    {
      const double *row = (const double *) (gpointer) epochs->data + i * (1 + N_CURVES);

      g_string_append_printf (text, "%.0f", row[0]);
      for (int c = 1; c <= N_CURVES; c++)
        {
          char number[G_ASCII_DTOSTR_BUF_SIZE];

          g_string_append_printf (
              text, ",%s",
              isfinite (row[c]) ? g_ascii_formatd (number, sizeof number, "%.9g", row[c]) : "");
        }
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

void
lk_session_train_show_curves (LkSession *self, const LkRun *run)
{
  g_autoptr (GArray) epochs = load_epochs (self, run->id, NULL);
  LkTrainRun *shown = self->training->run;
  double best;

  for (guint i = 0; i < epochs->len; i++)
    {
      const double *row = (const double *) (gpointer) epochs->data + i * (1 + N_CURVES);

      lk_train_run_add_epoch (shown, (int) row[0],
                              &(LkEpochNumbers){ row[1], row[2], row[3], row[4], row[5] });
    }
  if (lk_run_get_figure (run, "best epoch", &best))
    lk_train_run_mark_best (shown, (int) best);
}

/* The test as it was counted; compared anew with the model that is in use today. */
static void
show_report (LkSession *self, const LkRun *run, const char *sentence)
{
  LkSessionTrain *train = self->training;
  gboolean usable = run->model != NULL && lk_models_has_network (run->model), tested;
  LkTrainEvaluation test;
  LkTrainOptions options;

  tested = lk_training_record_get_test (run, &test);
  lk_session_train_stop_comparing (self);
  lk_train_run_show_record (train->run, run->name, sentence, usable, tested ? &test : NULL);
  if (!tested || test.n_pairs == 0 || !usable)
    return;
  lk_training_record_get_options (run, &options);
  lk_session_train_compare (self, &options, run->model, lk_run_get_option (run, "split"));
  lk_train_options_clear (&options);
}

static void
on_open (LkTrainRuns *runs, gint64 id, LkSession *self)
{
  LkSessionTrain *train = self->training;
  g_autoptr (LkRun) run = find_run (self, id);
  g_autofree char *sentence = NULL;

  if (run == NULL)
    return;
  lk_train_run_begin (train->run, run->name);
  lk_session_train_show_curves (self, run);
  sentence = describe_run (run);
  g_free (train->shown);
  train->shown = g_strdup (run->model);
  train->record_id = id;
  train->from_list = TRUE;
  show_report (self, run, sentence);
  lk_train_run_set_in_use (train->run,
                           run->model != NULL && g_strcmp0 (run->model, self->model) == 0);
  lk_train_page_show (self->train, "run");
}

static void
on_back (LkTrainRuns *runs, LkSession *self)
{
  lk_train_page_show (self->train, "setup");
}

static void
on_show_runs (LkTrainSetup *setup, LkSession *self)
{
  lk_session_train_refresh_runs (self);
  lk_train_page_show (self->train, "runs");
}

void
lk_session_train_connect_runs (LkSession *self)
{
  LkTrainRuns *runs = lk_train_page_get_runs (self->train);

  g_signal_connect (self->training->setup, "discard", G_CALLBACK (on_discard), self);
  g_signal_connect (self->training->setup, "show-runs", G_CALLBACK (on_show_runs), self);
  g_signal_connect (runs, "rename", G_CALLBACK (on_rename), self);
  g_signal_connect (runs, "delete", G_CALLBACK (on_delete), self);
  g_signal_connect (runs, "compare", G_CALLBACK (on_compare), self);
  g_signal_connect (runs, "open", G_CALLBACK (on_open), self);
  g_signal_connect (runs, "back", G_CALLBACK (on_back), self);
  lk_session_train_refresh_runs (self);
}
