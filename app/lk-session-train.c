/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-session-train.h"

#include "lk-models.h"
#include "lk-presets.h"
#include "lk-settings.h"
#include "store/lk-paths.h"
#include "train/lk-train-options.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* The part of the machine that a training may take: one core stays for the live view
 * where there are more than two. */
static int
training_threads (void)
{
  int cores = (int) g_get_num_processors ();

  return cores > 2 ? cores - 1 : cores;
}

static void
on_preset_wanted (LkTrainRecipe *recipe, const char *id, LkSession *self)
{
  g_autoptr (GError) error = NULL;
  LkTrainOptions options;

  if (lk_preset_load (id, &options, &error))
    {
      options.n_threads = training_threads ();
      lk_train_recipe_set_options (recipe, id, &options);
    }
  else
    lk_window_toast (self->window, error->message);
  lk_train_options_clear (&options);
}

/* ---- a training ---- */

/* Nothing is left to go on with: give the space of three networks back. */
static void
delete_checkpoint (const char *name)
{
  g_autofree char *model = lk_models_get_path (name);
  g_autofree char *checkpoint = g_strconcat (model, ".checkpoint", NULL);

  g_unlink (checkpoint);
}

static void
on_progress (const LkTrainProgress *progress, const GError *error, gpointer data)
{
  LkSession *self = data;
  LkSessionTrain *train = self->training;
  g_autofree char *folder = lk_session_train_get_folder (self);

  if (g_strcmp0 (folder, train->options.data) == 0)
    lk_train_setup_set_n_unusable (train->setup, progress->n_unusable);
  if (progress->state == LK_TRAIN_DONE && progress->step >= progress->steps)
    delete_checkpoint (train->shown);
  lk_session_train_record (self, progress);
  if (progress->state == LK_TRAIN_FAILED)
    lk_train_run_show_error (train->run, error);
  else
    lk_train_run_show_progress (train->run, progress);
  /* A run that went on has written the file anew that is in use since. */
  if (progress->state == LK_TRAIN_DONE && g_strcmp0 (train->shown, self->model) == 0)
    lk_inference_set_model (self->inference, train->shown);
  if (progress->state == LK_TRAIN_DONE && progress->test.n_pairs > 0)
    lk_session_train_compare (self, &train->options, train->shown, NULL);
}

/* Takes @options over. */
static void
start (LkSession *self, LkTrainOptions *options, char *name)
{
  LkSessionTrain *train = self->training;
  g_autofree char *models = lk_paths_user ("models", NULL);
  g_autofree char *chosen = g_settings_get_string (lk_settings_get (), "model");
  g_autoptr (GError) error = NULL;

  lk_session_train_stop_comparing (self);
  g_clear_pointer (&train->trainer, lk_trainer_free);
  g_free (train->shown);
  train->shown = name;
  g_free (options->output);
  options->output = lk_models_get_path (name);
  /* A model is used from the time when somebody says so, not because it is the newest. */
  if (*chosen == '\0' && self->model != NULL)
    g_settings_set_string (lk_settings_get (), "model", self->model);

  if (lk_paths_make_folder (models, &error))
    train->trainer = lk_trainer_start (options, on_progress, self, &error);
  if (train->trainer == NULL)
    lk_train_setup_show_error (train->setup, error);
  else
    {
      lk_train_run_begin (train->run, name);
      lk_session_train_begin_record (self, options,
                                     lk_train_recipe_is_changed (train->recipe)
                                         ? NULL
                                         : lk_train_recipe_get_preset (train->recipe));
      train->record_id = train->record != NULL ? train->record->id : 0;
      train->from_list = FALSE;
      if (train->record != NULL && options->resume)
        lk_session_train_show_curves (self, train->record);
      lk_train_page_show (self->train, "run");
    }
  lk_train_options_clear (&train->options);
  train->options = *options;
}

static void
on_start (LkTrainSetup *setup, LkSession *self)
{
  LkTrainOptions options;

  lk_train_options_copy (lk_train_recipe_get_options (self->training->recipe), &options);
  options.data = lk_session_train_get_folder (self);
  start (self, &options, lk_models_new_name (options.network));
}

static void
on_continue (LkTrainSetup *setup, LkSession *self)
{
  LkTrainOptions options;

  if (lk_session_train_get_interrupted (self, &options))
    start (self, &options, g_strdup (self->training->interrupted->model));
}

static void
on_pause (LkTrainRun *run, LkSession *self)
{
  if (self->training->trainer != NULL)
    lk_trainer_pause (self->training->trainer);
}

static void
on_resume (LkTrainRun *run, LkSession *self)
{
  if (self->training->trainer != NULL)
    lk_trainer_resume (self->training->trainer);
}

static void
on_stop (LkTrainRun *run, LkSession *self)
{
  if (self->training->trainer != NULL)
    lk_trainer_stop (self->training->trainer);
}

static void
on_back (LkTrainRun *run, LkSession *self)
{
  lk_session_train_stop_comparing (self);
  lk_session_refresh_data (self);
  lk_session_train_refresh_runs (self);
  lk_train_page_show (self->train, self->training->from_list ? "runs" : "setup");
}

/* ---- which model verifies ---- */

static void
use_model (LkSession *self, const char *name)
{
  g_settings_set_string (lk_settings_get (), "model", name);
  lk_verify_page_set_preparing (self->verify, TRUE);
  lk_inference_set_model (self->inference, name);
}

static void
undo_use_model (LkSession *self)
{
  LkSessionTrain *train = self->training;

  if (train->replaced == NULL)
    return;
  lk_settings_restore_thresholds (&train->replaced_thresholds);
  use_model (self, train->replaced);
  g_clear_pointer (&train->replaced, g_free);
}

static void
on_use_model (LkTrainRun *run, LkSession *self)
{
  LkSessionTrain *train = self->training;
  const char *sentence = _("The trained model is in use from now on");

  if (train->shown == NULL)
    return;
  g_free (train->replaced);
  train->replaced = g_strdup (self->model);
  lk_settings_take_thresholds (&train->replaced_thresholds); /* the new model has its own */
  use_model (self, train->shown);
  if (train->replaced != NULL)
    lk_session_toast_undo (self, sentence, undo_use_model);
  else
    lk_window_toast (self->window, sentence);
}

void
lk_session_show_model (LkSession *self, LkModel *model)
{
  const char *name = model != NULL ? lk_model_get_name (model) : NULL;

  g_free (self->model);
  self->model = g_strdup (name);
  lk_train_setup_set_model (self->training->setup, name,
                            model != NULL ? lk_model_get_meta (model, "trained") : NULL);
  lk_train_run_set_in_use (self->training->run,
                           name != NULL && g_strcmp0 (name, self->training->shown) == 0);
}

/* ---- life ---- */

static void
offer_presets (LkSession *self)
{
  LkTrainRecipe *recipe = self->training->recipe;
  g_autoptr (GArray) offered = g_array_new (FALSE, FALSE, sizeof (LkPresetInfo));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  int n;
  const LkBuiltinNetwork *builtin = lk_models_get_builtin (&n);

  for (int i = 0; i < n; i++)
    g_ptr_array_add (names, (gpointer) builtin[i].name);
  g_ptr_array_add (names, NULL);
  lk_train_recipe_set_networks (recipe, (const char *const *) names->pdata);
  for (const LkPreset *preset = lk_presets_get (); preset->id != NULL; preset++)
    {
      LkPresetInfo info = { preset->id, _(preset->title), _(preset->description) };
      LkTrainOptions options;

      if (lk_preset_load (preset->id, &options, NULL))
        g_array_append_val (offered, info);
      lk_train_options_clear (&options);
    }
  lk_train_recipe_set_presets (recipe, (const LkPresetInfo *) (gpointer) offered->data,
                               (int) offered->len);
  if (offered->len > 0)
    on_preset_wanted (recipe, g_array_index (offered, LkPresetInfo, 0).id, self);
}

void
lk_session_start_training_page (LkSession *self)
{
  LkSessionTrain *train = self->training = g_new0 (LkSessionTrain, 1);

  train->setup = lk_train_page_get_setup (self->train);
  train->recipe = lk_train_setup_get_recipe (train->setup);
  train->run = lk_train_page_get_run (self->train);
  g_signal_connect (train->recipe, "preset-wanted", G_CALLBACK (on_preset_wanted), self);
  g_signal_connect (train->setup, "start", G_CALLBACK (on_start), self);
  g_signal_connect (train->setup, "continue", G_CALLBACK (on_continue), self);
  g_signal_connect (train->run, "pause", G_CALLBACK (on_pause), self);
  g_signal_connect (train->run, "resume", G_CALLBACK (on_resume), self);
  g_signal_connect (train->run, "stop", G_CALLBACK (on_stop), self);
  g_signal_connect (train->run, "back", G_CALLBACK (on_back), self);
  g_signal_connect (train->run, "use-model", G_CALLBACK (on_use_model), self);
  offer_presets (self);
  lk_session_train_connect_data (self);
  lk_session_train_connect_runs (self);
  lk_session_train_connect_result (self);
  lk_session_refresh_data (self);
}

gboolean
lk_session_is_training (LkSession *self)
{
  return lk_train_run_is_running (self->training->run);
}

void
lk_session_stop_training (LkSession *self)
{
  LkSessionTrain *train = self->training;
  gboolean running = lk_train_run_is_running (train->run);

  for (gsize i = 0; i < 5; i++)
    g_signal_handlers_disconnect_by_data (((gpointer[]){ train->setup, train->recipe, train->run,
                                                         lk_train_run_get_result (train->run),
                                                         lk_train_page_get_runs (self->train) })[i],
                                          self);
  lk_session_train_stop_comparing (self);
  lk_session_train_finish_delete (self);
  lk_train_options_clear (&train->options);
  g_clear_handle_id (&train->preview_timeout, g_source_remove);
  g_clear_pointer (&train->trainer, lk_trainer_free); /* writes its checkpoint */
  if (running && train->record != NULL && self->store != NULL)
    {
      train->record->state = LK_RUN_INTERRUPTED;
      lk_database_update_run (lk_store_get_database (self->store), train->record, NULL);
    }
  lk_training_data_unref (train->data);
  lk_run_free (train->record);
  lk_run_free (train->interrupted);
  g_free (train->shown);
  g_free (train->folder);
  g_free (train->replaced);
  g_clear_pointer (&self->training, g_free);
}
