/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-error.h"
#include "eval/lk-report.h"
#include "lk-models.h"
#include "lk-session-train.h"
#include "train/lk-loader.h"

#include <glib/gi18n.h>

#define N_SHOWN           4      /* pairs of a kind */
#define PROGRESS_INTERVAL 200000 /* microseconds */

/* What a comparison needs and makes; travels to a thread and back. */
typedef struct
{
  LkSession *session;
  char *folder;
  guint64 seed;
  int n_pairs;     /* as wished for the test; 0: the trainer's own number */
  char *split;     /* (nullable): how the pictures were split at the training */
  char *models[2]; /* (nullable) the second: the trained one, and that in use */
  LkProtocol *protocol;
  LkEvaluation *evaluation;
  LkReport *report;
  GPtrArray *pairs; /* of GPtrArray of LkShownPair */
  GCancellable *cancellable;
  gint64 told_us;
} Comparison;

/* The newest progress on its way to the main thread. */
typedef struct
{
  LkSession *session;
  GCancellable *cancellable; /* (owned) */
  int done, total;
} Told;

static const LkEvaluationOptions how = { .rule = LK_FACE_AUTO, .nice = 5 };

static void
comparison_free (gpointer data)
{
  Comparison *self = data;

  g_clear_pointer (&self->pairs, g_ptr_array_unref);
  lk_report_free (self->report);
  lk_evaluation_free (self->evaluation);
  lk_protocol_free (self->protocol);
  g_clear_object (&self->cancellable);
  g_free (self->models[0]);
  g_free (self->models[1]);
  g_free (self->folder);
  g_free (self->split);
  g_free (self);
}

/* ---- in the thread ---- */

static int
add_picture (LkProtocol *protocol, const LkDataset *set, int i)
{
  const LkSample *sample = lk_dataset_get_sample (set, i);
  g_autofree char *nobody = g_strdup_printf ("picture %d", i); /* shows whom nobody knows */
  const char *name = sample->person >= 0 ? lk_dataset_get_person (set, sample->person) : nobody;

  return lk_protocol_add_picture (protocol, sample->path, lk_protocol_add_person (protocol, name),
                                  sample->session);
}

/* Since then pictures may have come or gone, and what was trained on be in the test. */
static gboolean
check_split (const Comparison *self, const LkDataset *set, GError **error)
{
  g_autofree char *now = lk_dataset_get_digest (set);

  if (self->split == NULL || g_str_equal (now, self->split))
    return TRUE;
  g_set_error_literal (error, LK_ERROR, LK_ERROR_NO_DATA,
                       _("There are other pictures than at this training, so which of them it "
                         "never saw is not known: nothing is compared anew. The Evaluate tab can "
                         "measure the model on other pictures."));
  return FALSE;
}

/* The pairs of the training's own test, each once. */
static gboolean
make_protocol (Comparison *self, GError **error)
{
  g_autoptr (LkDataset) set = lk_dataset_open (self->folder, self->seed, error);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) drawn = NULL;
  LkDatasetSummary summary;
  int n = self->n_pairs > 0 ? self->n_pairs : LK_TRAIN_EVALUATION_PAIRS;

  if (set == NULL || !check_split (self, set, error))
    return FALSE;
  lk_dataset_get_summary (set, &summary);
  n = MIN (n, 4 * summary.n_pictures[LK_PART_TEST]) / 2 * 2;
  drawn = lk_dataset_pairs (set, LK_PART_TEST, n,
                            lk_stream_seed (self->seed, LK_STREAM_EVALUATION, LK_PART_TEST));
  self->protocol = lk_protocol_new (_("The training’s test"), lk_dataset_is_indexed (set) ? LK_PICTURE_ALIGNED : LK_PICTURE_PHOTO);
  self->protocol->about = g_strdup (_("Pairs of pictures that the new model was not trained on; "
                                      "another model may have been."));
  for (guint i = 0; i < drawn->len; i++)
    {
      LkSamplePair pair = g_array_index (drawn, LkSamplePair, i);
      gint64 key = ((gint64) MIN (pair.a, pair.b) << 32) | MAX (pair.a, pair.b);

      if (g_hash_table_add (seen, g_memdup2 (&key, sizeof key)))
        lk_protocol_add_pair (self->protocol, add_picture (self->protocol, set, pair.a),
                              add_picture (self->protocol, set, pair.b), pair.same, 0);
    }
  return TRUE;
}

static gboolean
on_told (gpointer data)
{
  Told *told = data;

  if (!g_cancellable_is_cancelled (told->cancellable))
    lk_train_result_show_comparing (lk_train_run_get_result (told->session->training->run),
                                    told->done, told->total);
  return G_SOURCE_REMOVE;
}

static void
told_free (gpointer data)
{
  g_object_unref (((Told *) data)->cancellable);
  g_free (data);
}

static void
on_compared (int done, int total, gpointer data)
{
  Comparison *self = data;
  gint64 now = g_get_monotonic_time ();
  Told *told;

  if (done < total && now - self->told_us < PROGRESS_INTERVAL)
    return;
  self->told_us = now;
  told = g_new (Told, 1);
  *told = (Told){ self->session, g_object_ref (self->cancellable), done, total };
  g_idle_add_full (G_PRIORITY_DEFAULT, on_told, told, told_free);
}

static void
add_shown (Comparison *self, const float *scores, const gboolean *kinds, gboolean same,
           gboolean highest, GPtrArray *shown)
{
  int found[N_SHOWN], n = lk_find_extremes (scores, kinds, (int) self->protocol->pairs->len, same,
                                            highest, found, N_SHOWN);

  for (int i = 0; i < n; i++)
    {
      const LkProtocolPair *pair = &g_array_index (self->protocol->pairs, LkProtocolPair, found[i]);
      g_autoptr (LkImage) a = lk_evaluation_load (self->protocol, pair->a, &how, NULL);
      g_autoptr (LkImage) b = lk_evaluation_load (self->protocol, pair->b, &how, NULL);
      g_autofree char *caption = g_strdup_printf (
          same ? _("%.4f: one person") : _("%.4f: two people"), (double) scores[found[i]]);

      if (a != NULL && b != NULL)
        g_ptr_array_add (shown, lk_shown_pair_new (a, b, caption));
    }
}

/* The pairs that each model judged worst, and best. */
static void
load_pairs (Comparison *self)
{
  g_autofree gboolean *kinds = g_new (gboolean, MAX (1, self->protocol->pairs->len));

  self->pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < self->protocol->pairs->len; i++)
    kinds[i] = g_array_index (self->protocol->pairs, LkProtocolPair, i).same;
  for (guint i = 0; i < self->report->models->len; i++)
    {
      const LkReportModel *model = self->report->models->pdata[i];
      GPtrArray *shown = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_shown_pair_free);

      for (int k = 0; k < 4; k++) /* worst genuine and impostors, then the best */
        add_shown (self, model->run->scores, kinds, k % 2 == 0, k == 1 || k == 2, shown);
      g_ptr_array_add (self->pairs, shown);
    }
}

static void
compare_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Comparison *self = data;
  LkModel *models[2] = { NULL, NULL };
  GError *error = NULL;
  int n = 0;

  if (make_protocol (self, &error))
    models[n] = lk_model_load (self->models[0], &error);
  if (models[0] != NULL)
    {
      n = 1;
      /* That the one in use is gone is no reason to tell nothing of the new one. */
      if (self->models[1] != NULL && (models[1] = lk_model_load (self->models[1], NULL)) != NULL)
        n = 2;
      self->evaluation = lk_evaluate (models, n, self->protocol, &how, on_compared, self,
                                      cancellable, &error);
    }
  for (int i = 0; i < n; i++)
    lk_model_unref (models[i]);
  if (self->evaluation == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  self->report = lk_report_new (self->evaluation, NULL,
                                _("Pictures are as the training saw them, unchanged."));
  load_pairs (self);
  g_task_return_boolean (task, TRUE);
}

/* ---- in the main thread ---- */

static void
on_done (GObject *object, GAsyncResult *result, gpointer data)
{
  Comparison *self = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);
  LkSessionTrain *train;
  LkTrainResult *shown;

  if (g_cancellable_is_cancelled (self->cancellable)) /* perhaps with the session */
    return;
  train = self->session->training;
  shown = lk_train_run_get_result (train->run);
  g_clear_object (&train->comparing);
  if (!done)
    {
      lk_train_result_show_no_report (shown, error);
      return;
    }
  g_set_object (&train->compared, G_OBJECT (result)); /* for an export */
  lk_train_result_show_report (shown, self->report, self->pairs);
}

void
lk_session_train_compare (LkSession *self, const LkTrainOptions *options, const char *model,
                          const char *split)
{
  LkSessionTrain *train = self->training;
  Comparison *comparison = g_new0 (Comparison, 1);
  g_autoptr (GTask) task = NULL;

  lk_session_train_stop_comparing (self);
  train->comparing = g_cancellable_new ();
  *comparison = (Comparison){ .session = self,
                              .folder = g_strdup (options->data),
                              .seed = options->seed,
                              .n_pairs = options->evaluation_pairs,
                              .split = g_strdup (split),
                              .models = { g_strdup (model), NULL },
                              .cancellable = g_object_ref (train->comparing) };
  if (g_strcmp0 (model, self->model) != 0)
    comparison->models[1] = g_strdup (self->model);
  lk_train_result_show_comparing (lk_train_run_get_result (train->run), 0, 0);
  task = g_task_new (NULL, train->comparing, on_done, NULL);
  g_task_set_source_tag (task, lk_session_train_compare);
  g_task_set_task_data (task, comparison, comparison_free);
  g_task_run_in_thread (task, compare_in_thread);
}

void
lk_session_train_stop_comparing (LkSession *self)
{
  LkSessionTrain *train = self->training;

  if (train->comparing != NULL)
    g_cancellable_cancel (train->comparing);
  g_clear_object (&train->comparing);
  g_clear_object (&train->compared);
}

static void
on_export (LkTrainResult *result, GFile *file, int what, gboolean faces, LkSession *self)
{
  LkSessionTrain *train = self->training;
  const Comparison *comparison = train->compared != NULL
                                     ? g_task_get_task_data (G_TASK (train->compared))
                                     : NULL;
  g_autofree char *path = g_file_get_path (file), *text = NULL, *sentence = NULL;
  g_autofree char *name = path != NULL ? g_filename_display_basename (path) : NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    {
      lk_window_toast (self->window, _("That place cannot be written to. Choose a folder of this "
                                       "computer."));
      return;
    }
  if (what == LK_EXPORT_CURVES)
    text = lk_session_train_curves_to_csv (self, &error);
  else if (comparison != NULL)
    text = what == LK_EXPORT_HTML ? lk_report_to_html (comparison->report, faces ? &how : NULL)
                                  : lk_report_to_csv (comparison->report);
  if (text == NULL && error == NULL)
    return;
  if (text != NULL && lk_report_save (text, path, &error))
    sentence = g_strdup_printf (_("Saved as %s"), name);
  lk_window_toast (self->window, sentence != NULL ? sentence : error->message);
}

void
lk_session_train_connect_result (LkSession *self)
{
  g_signal_connect (lk_train_run_get_result (self->training->run), "export", G_CALLBACK (on_export),
                    self);
}
