/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-models.h"
#include "lk-session-train.h"
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
lk_session_train_begin_record (LkSession *self, const LkTrainOptions *options, const char *model,
                               const char *preset)
{
  LkSessionTrain *train = self->training;
  LkDatabase *database = get_database (self);
  g_autoptr (GError) error = NULL;

  if (train->interrupted != NULL && g_strcmp0 (train->interrupted->model, model) == 0)
    {
      g_clear_pointer (&train->record, lk_run_free);
      train->record = g_steal_pointer (&train->interrupted);
      train->record->state = LK_RUN_RUNNING;
      train->record->ended = 0;
      if (database != NULL && !lk_database_update_run (database, train->record, &error))
        tell (self, error);
      return;
    }
  g_clear_pointer (&train->record, lk_run_free);
  train->record = lk_run_new (model, options->network);
  train->record->model = g_strdup (model);
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      g_autofree char *value = lk_recipe_get (options, key->key);

      if (value != NULL && !g_str_equal (key->key, "output"))
        lk_run_set_option (train->record, key->key, value);
    }
  if (preset != NULL)
    lk_run_set_option (train->record, "preset", preset);
  if (database == NULL || !lk_database_add_run (database, train->record, &error))
    {
      tell (self, error);
      g_clear_pointer (&train->record, lk_run_free);
    }
}

static void
record_test (LkRun *run, const LkTrainEvaluation *test)
{
  int right = test->true_positives + test->true_negatives;

  if (test->n_pairs == 0)
    return;
  lk_run_set_figure (run, "test pairs", test->n_pairs);
  lk_run_set_figure (run, "test right", right);
  lk_run_set_figure (run, "test threshold", test->threshold);
}

void
lk_session_train_record (LkSession *self, const LkTrainProgress *p)
{
  static const char *const names[] = { "loss", "validation loss", "eer", "auc", "tar", "one-shot" };
  const double values[] = { p->mean_loss, p->validation_loss, p->eer, p->auc, p->tar, p->one_shot };
  LkRun *run = self->training->record;
  LkDatabase *database = get_database (self);
  g_autoptr (GError) error = NULL;

  if (run == NULL || database == NULL)
    return;
  if (p->epoch_ended)
    {
      if (!lk_database_add_points (database, run->id, p->epoch, names, values,
                                   G_N_ELEMENTS (values), &error))
        tell (self, error);
      lk_run_set_figure (run, "epochs", p->epoch);
      lk_run_set_figure (run, "loss", p->mean_loss);
      lk_run_set_figure (run, "best epoch", p->best_epoch);
      if (p->best_epoch == p->epoch)
        lk_run_set_figure (run, "best eer", p->eer);
    }
  if (p->state != LK_TRAIN_DONE && p->state != LK_TRAIN_FAILED)
    return;
  run->state = p->state == LK_TRAIN_FAILED             ? LK_RUN_FAILED
               : p->diverged                           ? LK_RUN_FAILED
               : lk_models_is_interrupted (run->model) ? LK_RUN_STOPPED
                                                       : LK_RUN_FINISHED;
  if (p->state == LK_TRAIN_DONE)
    record_test (run, &p->test);
  g_clear_error (&error);
  if (!lk_database_update_run (database, run, &error))
    tell (self, error);
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

void
lk_session_train_refresh_runs (LkSession *self)
{
  LkSessionTrain *train = self->training;
  LkDatabase *database = get_database (self);
  g_autoptr (GPtrArray) runs = database != NULL ? lk_database_list_runs (database, NULL) : NULL;
  g_autofree char *sentence = NULL;

  g_clear_pointer (&train->interrupted, lk_run_free);
  for (guint i = 0; runs != NULL && i < runs->len && train->interrupted == NULL; i++)
    {
      LkRun *run = runs->pdata[i];

      if ((run->state == LK_RUN_INTERRUPTED || run->state == LK_RUN_STOPPED) &&
          run->model != NULL && lk_models_is_interrupted (run->model))
        {
          train->interrupted = run;
          runs->pdata[i] = NULL;
        }
    }
  if (train->interrupted != NULL)
    sentence = describe_interrupted (train->interrupted);
  lk_train_setup_set_interrupted (train->setup, sentence);
  lk_train_setup_set_n_runs (train->setup, runs != NULL ? (int) runs->len : 0);
}

gboolean
lk_session_train_get_interrupted (LkSession *self, LkTrainOptions *options)
{
  const LkRun *run = self->training->interrupted;

  if (run == NULL)
    return FALSE;
  lk_train_options_init (options, run->network);
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      const char *value = lk_run_get_option (run, key->key);

      if (value != NULL)
        lk_recipe_set (options, key->key, value, NULL);
    }
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

void
lk_session_train_connect_runs (LkSession *self)
{
  g_signal_connect (self->training->setup, "discard", G_CALLBACK (on_discard), self);
  lk_session_train_refresh_runs (self);
}
