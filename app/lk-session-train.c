/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-models.h"
#include "lk-session-private.h"
#include "lk-settings.h"
#include "store/lk-paths.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/* The part of the screen that a training may take: one core stays for the live view
 * where there are more than two. */
static int
training_threads (void)
{
  int cores = (int) g_get_num_processors ();

  return cores > 2 ? cores - 1 : cores;
}

static char *
data_folder (LkSession *self)
{
  return self->folder != NULL ? g_strdup (self->folder) : lk_paths_user ("captures", NULL);
}

typedef struct
{
  LkSession *session;
  guint serial;
  char *folder;
  gboolean usable;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_free (look->folder);
  g_free (look);
}

static void
look_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LkDataset) dataset = lk_dataset_open (look->folder, 0, &error);

  look->usable = dataset != NULL;
  g_task_return_pointer (
      task, dataset != NULL ? lk_dataset_get_report (dataset) : g_strdup (error->message), g_free);
}

static void
on_looked (GObject *object, GAsyncResult *result, gpointer data)
{
  Look *look = g_task_get_task_data (G_TASK (result));
  g_autofree char *sentence = g_task_propagate_pointer (G_TASK (result), NULL);

  if (sentence == NULL || look->serial != look->session->data_serial)
    return; /* the session is gone, or a newer look is on its way */
  lk_train_page_set_data (look->session->train, look->session->folder, sentence, look->usable);
}

void
lk_session_refresh_data (LkSession *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_looked, NULL);
  Look *look = g_new0 (Look, 1);

  look->session = self;
  look->serial = ++self->data_serial;
  look->folder = data_folder (self);
  g_task_set_source_tag (task, lk_session_refresh_data);
  g_task_set_task_data (task, look, look_free);
  g_task_run_in_thread (task, look_in_thread);
}

static void
on_data_chosen (LkTrainPage *page, GFile *folder, LkSession *self)
{
  g_free (self->folder);
  self->folder = folder != NULL ? g_file_get_path (folder) : NULL;
  lk_session_refresh_data (self);
}

static void
on_recipe_wanted (LkTrainPage *page, const char *network, LkSession *self)
{
  g_autofree char *interrupted = lk_models_find_interrupted (network);
  LkTrainOptions options;

  lk_train_options_init (&options, network);
  options.n_threads = training_threads ();
  lk_train_page_set_options (page, &options);
  lk_train_page_set_can_resume (page, interrupted != NULL);
  lk_train_options_clear (&options);
}

static void
on_progress (const LkTrainProgress *progress, const GError *error, gpointer data)
{
  LkSession *self = data;

  if (progress->state == LK_TRAIN_FAILED)
    {
      lk_train_page_show_error (self->train, error);
      return;
    }
  lk_train_page_show_progress (self->train, progress);
  if (progress->state != LK_TRAIN_DONE)
    return;
  if (progress->step >= progress->steps)
    {
      /* Nothing is left to go on with: give the space of three networks back. */
      g_autofree char *model = lk_models_get_path (self->training);
      g_autofree char *checkpoint = g_strconcat (model, ".checkpoint", NULL);

      g_unlink (checkpoint);
    }
  lk_train_page_set_can_resume (self->train, progress->step < progress->steps);
  if (progress->test.n_pairs > 0)
    lk_train_page_show_histogram (self->train, progress->test.genuine, progress->test.impostor,
                                  LK_TRAIN_BINS, progress->test.threshold);
}

static void
on_start (LkTrainPage *page, LkSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *models = lk_paths_user ("models", NULL), *interrupted = NULL;
  LkTrainOptions options;

  g_clear_pointer (&self->trainer, lk_trainer_free);
  g_clear_pointer (&self->training, g_free);

  lk_train_page_get_options (page, &options);
  interrupted = options.resume ? lk_models_find_interrupted (options.network) : NULL;
  self->training = interrupted != NULL ? g_steal_pointer (&interrupted)
                                       : lk_models_new_name (options.network);
  g_free (options.output);
  options.output = lk_models_get_path (self->training);
  if (options.data == NULL)
    options.data = data_folder (self);

  if (lk_paths_make_folder (models, &error))
    self->trainer = lk_trainer_start (&options, on_progress, self, &error);
  if (self->trainer == NULL)
    lk_train_page_show_error (page, error);
  lk_train_options_clear (&options);
}

static void
on_pause (LkTrainPage *page, LkSession *self)
{
  if (self->trainer != NULL)
    lk_trainer_pause (self->trainer);
}

static void
on_resume (LkTrainPage *page, LkSession *self)
{
  if (self->trainer != NULL)
    lk_trainer_resume (self->trainer);
}

static void
on_stop (LkTrainPage *page, LkSession *self)
{
  if (self->trainer != NULL)
    lk_trainer_stop (self->trainer);
}

static void
on_use_model (LkTrainPage *page, LkSession *self)
{
  if (self->training == NULL)
    return;
  g_settings_set_string (lk_settings_get (), "model", self->training);
  /* The new model has a threshold of its own. */
  g_settings_reset (lk_settings_get (), "detection-threshold");
  lk_verify_page_set_preparing (self->verify, TRUE);
  lk_inference_set_model (self->inference, self->training);
  lk_window_toast (self->window, _("The trained model is in use from now on."));
}

void
lk_session_show_model (LkSession *self, LkModel *model)
{
  const char *name = model != NULL ? lk_model_get_name (model) : NULL;

  g_free (self->model);
  self->model = g_strdup (name);
  lk_train_page_set_model (self->train, name,
                           model != NULL ? lk_model_get_meta (model, "trained") : NULL,
                           name != NULL && g_strcmp0 (name, self->training) == 0);
}

void
lk_session_start_training_page (LkSession *self)
{
  int n;
  const LkBuiltinNetwork *builtin = lk_models_get_builtin (&n);
  g_autofree LkNetworkInfo *networks = g_new0 (LkNetworkInfo, n);

  for (int i = 0; i < n; i++)
    {
      /* Reading the text is quick; drawing 39 million parameters is not. */
      networks[i].name = builtin[i].name;
      networks[i].description = _(builtin[i].description);
      networks[i].n_parameters = lk_models_count_parameters (builtin[i].name);
    }
  g_signal_connect (self->train, "recipe-wanted", G_CALLBACK (on_recipe_wanted), self);
  g_signal_connect (self->train, "data-chosen", G_CALLBACK (on_data_chosen), self);
  g_signal_connect (self->train, "start", G_CALLBACK (on_start), self);
  g_signal_connect (self->train, "pause", G_CALLBACK (on_pause), self);
  g_signal_connect (self->train, "resume", G_CALLBACK (on_resume), self);
  g_signal_connect (self->train, "stop", G_CALLBACK (on_stop), self);
  g_signal_connect (self->train, "use-model", G_CALLBACK (on_use_model), self);
  lk_train_page_set_networks (self->train, networks, n, networks[0].name);
  on_recipe_wanted (self->train, networks[0].name, self);
}
