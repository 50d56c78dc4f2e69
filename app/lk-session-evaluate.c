/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-error.h"
#include "eval/lk-report.h"
#include "lk-models.h"
#include "lk-session-private.h"

#include <glib/gi18n.h>

#define N_SHOWN           4 /* pairs of a kind */
#define MAX_GENUINE       50
#define MAX_IMPOSTORS     200000
#define PROGRESS_INTERVAL 100000 /* microseconds */

/* What a run needs and makes; travels to a thread and back. */
typedef struct
{
  LkSession *session;
  char **models;
  gboolean baseline;
  LkMeasureOn on;
  char *path, *root; /* (nullable) */
  LkProtocol *protocol;
  GCancellable *cancellable;
  LkEvaluation *evaluation;
  LkReport *report;
  GPtrArray *pairs; /* of GPtrArray of LkShownPair */
  gint64 told_us;
} Run;

/* The newest progress on its way to the main thread. */
typedef struct
{
  LkSession *session;
  GCancellable *cancellable; /* (owned): of the run that it is of */
  int done, total;
} Progress;

static void
run_free (gpointer data)
{
  Run *run = data;

  g_strfreev (run->models);
  g_free (run->path);
  g_free (run->root);
  g_clear_pointer (&run->pairs, g_ptr_array_unref);
  lk_report_free (run->report);
  lk_evaluation_free (run->evaluation);
  lk_protocol_free (run->protocol);
  g_clear_object (&run->cancellable);
  g_free (run);
}

/* ---- one's own people ---- */

static int
add_capture (LkProtocol *protocol, const LkCapture *capture, GHashTable *sessions)
{
  gboolean negative = capture->kind == LK_CAPTURE_NEGATIVE;
  /* Whom a negative shows is not known, and two of them are never compared. */
  g_autofree char *person = negative ? g_strconcat ("not ", capture->person, NULL)
                                     : g_strdup (capture->person);
  g_autofree char *key = g_strconcat (capture->person, "/", capture->session, NULL);
  gpointer number;

  if (!g_hash_table_lookup_extended (sessions, key, NULL, &number))
    {
      number = GINT_TO_POINTER ((int) g_hash_table_size (sessions));
      g_hash_table_insert (sessions, g_steal_pointer (&key), number);
    }
  return lk_protocol_add_picture (
      protocol, capture->path, lk_protocol_add_person (protocol, person), GPOINTER_TO_INT (number));
}

static gboolean
has_two_sessions (GPtrArray *captures, const char *person)
{
  const char *first = NULL;

  for (guint i = 0; i < captures->len; i++)
    {
      const LkCapture *capture = captures->pdata[i];

      if (capture->kind == LK_CAPTURE_NEGATIVE || g_strcmp0 (capture->person, person) != 0)
        continue;
      if (first == NULL)
        first = capture->session;
      else if (g_strcmp0 (first, capture->session) != 0)
        return TRUE;
    }
  return FALSE;
}

/* As the program verifies: each anchor against the same person's positives, of another
 * sitting where there are two, and against everybody else. */
static LkProtocol *
make_own_protocol (LkStore *store, GError **error)
{
  g_autoptr (LkProtocol) self = lk_protocol_new (_ ("My people"), LK_PICTURE_PHOTO);
  g_autoptr (GHashTable) sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  int n_genuine = 0, n_impostor = 0;

  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autoptr (GPtrArray)
          some = lk_store_list_captures (store, NULL, (LkCaptureKind) kind, error);

      if (some == NULL)
        return NULL;
      g_ptr_array_extend_and_steal (all, g_steal_pointer (&some));
    }
  for (guint i = 0; i < all->len; i++)
    {
      const LkCapture *a = all->pdata[i];
      gboolean two = a->kind == LK_CAPTURE_ANCHOR && has_two_sessions (all, a->person);

      for (guint j = 0; a->kind == LK_CAPTURE_ANCHOR && j < all->len; j++)
        {
          const LkCapture *b = all->pdata[j];
          gboolean own = g_strcmp0 (a->person, b->person) == 0;
          gboolean same = own && b->kind != LK_CAPTURE_NEGATIVE;

          if (i == j || (b->kind == LK_CAPTURE_ANCHOR && j < i) ||
              (!own && b->kind == LK_CAPTURE_NEGATIVE) || /* might be this very person */
              (same && two && g_strcmp0 (a->session, b->session) == 0) ||
              (!same && n_impostor >= MAX_IMPOSTORS))
            continue;
          *(same ? &n_genuine : &n_impostor) += 1;
          lk_protocol_add_pair (self, add_capture (self, a, sessions),
                                add_capture (self, b, sessions), same, 0);
        }
    }
  if (n_genuine == 0 || n_impostor == 0)
    {
      g_set_error_literal (error, LK_ERROR, LK_ERROR_NO_DATA,
                           _ ("It takes two captures of one person, and one of somebody else. "
                              "Capture more in the Enrol tab."));
      return NULL;
    }
  self->about = g_strdup_printf (
      _ ("Anchors against positives (%d genuine pairs, of two sessions where "
                                    "there are two) and against others (%d impostor pairs)."),
         n_genuine, n_impostor);
  return g_steal_pointer (&self);
}

/* ---- in the thread ---- */

static gboolean
on_progress_idle (gpointer data)
{
  Progress *progress = data;

  if (!g_cancellable_is_cancelled (progress->cancellable))
    lk_evaluate_page_show_progress (progress->session->evaluate, progress->done, progress->total);
  return G_SOURCE_REMOVE;
}

static void
progress_free (gpointer data)
{
  Progress *progress = data;

  g_object_unref (progress->cancellable);
  g_free (progress);
}

static void
on_progress (int done, int total, gpointer data)
{
  Run *run = data;
  gint64 now = g_get_monotonic_time ();
  Progress *progress;

  if (done < total && now - run->told_us < PROGRESS_INTERVAL)
    return;
  run->told_us = now;
  progress = g_new (Progress, 1);
  *progress = (Progress){ run->session, g_object_ref (run->cancellable), done, total };
  g_idle_add_full (G_PRIORITY_DEFAULT, on_progress_idle, progress, progress_free);
}

static gboolean
load_protocol (Run *run, GError **error)
{
  if (run->on == LK_MEASURE_PAIRS)
    run->protocol = lk_protocol_load_pairs (run->path, run->root, error);
  else if (run->on == LK_MEASURE_FOLDER)
    {
      run->protocol = lk_protocol_load_folders (run->path, error);
      if (run->protocol != NULL &&
          !lk_protocol_make_pairs (run->protocol, MAX_GENUINE, MAX_IMPOSTORS, 0, error))
        return FALSE;
    }
  return run->protocol != NULL;
}

static void
add_shown (Run *run, const LkReportModel *model, const LkEvaluationOptions *how, gboolean same,
           gboolean highest, const gboolean *kinds, GPtrArray *shown)
{
  const LkProtocol *protocol = run->protocol;
  int found[N_SHOWN], n = lk_find_extremes (model->run->scores, kinds, (int) protocol->pairs->len,
                                            same, highest, found, N_SHOWN);

  for (int i = 0; i < n; i++)
    {
      const LkProtocolPair *pair = &g_array_index (protocol->pairs, LkProtocolPair, found[i]);
      g_autoptr (LkImage) a = lk_evaluation_load (protocol, pair->a, how, NULL);
      g_autoptr (LkImage) b = lk_evaluation_load (protocol, pair->b, how, NULL);
      g_autofree char *caption = NULL;

      if (a == NULL || b == NULL)
        continue;
      caption = g_strdup_printf (same
                                 ? _ ("%.4f: one person")
                                 : _ ("%.4f: two people"), (double) model->run->scores[found[i]]);
      g_ptr_array_add (shown, lk_shown_pair_new (a, b, caption));
    }
}

/* The pairs that the models judged worst, and best. */
static void
load_pairs (Run *run, const LkEvaluationOptions *how)
{
  const LkProtocol *protocol = run->protocol;
  g_autofree gboolean *kinds = g_new (gboolean, MAX (1, protocol->pairs->len));

  run->pairs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < protocol->pairs->len; i++)
    kinds[i] = g_array_index (protocol->pairs, LkProtocolPair, i).same;
  for (guint i = 0; i < run->report->models->len; i++)
    {
      const LkReportModel *model = run->report->models->pdata[i];
      GPtrArray *shown = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_shown_pair_free);

      for (int k = 0; k < 4; k++) /* worst genuine and impostors, then the best */
        add_shown (run, model, how, k % 2 == 0, k == 1 || k == 2, kinds, shown);
      g_ptr_array_add (run->pairs, shown);
    }
}

static GPtrArray *
load_models (char **names, gboolean baseline, GError **error)
{
  g_autoptr (GPtrArray) models = g_ptr_array_new ();

  for (int i = 0; names[i] != NULL; i++)
    {
      LkModel *model = lk_model_load (names[i], error);

      if (model == NULL)
        {
          for (guint m = 0; m < models->len; m++)
            lk_model_unref (models->pdata[m]);
          return NULL;
        }
      g_ptr_array_add (models, model);
    }
  if (baseline)
    g_ptr_array_add (models, NULL);
  return g_steal_pointer (&models);
}

static const LkEvaluationOptions how_photos = { .rule = LK_FACE_DETECT, .nice = 5 };
static const LkEvaluationOptions how_own = { .rule = LK_FACE_WHOLE, .nice = 5 };

static void
run_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Run *run = data;
  const LkEvaluationOptions *how = run->on == LK_MEASURE_OWN ? &how_own : &how_photos;
  g_autoptr (GPtrArray) models = NULL;
  GError *error = NULL;

  if (run->protocol != NULL || load_protocol (run, &error))
    models = load_models (run->models, run->baseline, &error);
  if (models != NULL)
    {
      run->evaluation = lk_evaluate ((LkModel *const *) models->pdata, (int) models->len,
                                     run->protocol, how, on_progress, run, cancellable, &error);
      for (guint i = 0; i < models->len; i++)
        g_clear_pointer (&models->pdata[i], lk_model_unref);
    }
  if (run->evaluation == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  run->report = lk_report_new (run->evaluation, NULL,
                               run->on == LK_MEASURE_OWN
                               ? _ ("Pictures are the faces that were captured.")
                               : _ ("Faces were found and aligned by the detector."));
  load_pairs (run, how);
  g_task_return_boolean (task, TRUE);
}

/* ---- in the main thread ---- */

static void
on_done (GObject *object, GAsyncResult *result, gpointer data)
{
  Run *run = g_task_get_task_data (G_TASK (result));
  LkSession *self = run->session;
  g_autoptr (GError) error = NULL;
  gboolean done = g_task_propagate_boolean (G_TASK (result), &error);

  if (g_cancellable_is_cancelled (run->cancellable)) /* perhaps with the session */
    return;
  g_clear_object (&self->measuring);
  if (!done)
    {
      lk_evaluate_page_show_error (self->evaluate, error);
      return;
    }
  g_clear_object (&self->measured);
  self->measured = g_object_ref (G_OBJECT (result)); /* for an export */
  lk_evaluate_page_show_report (self->evaluate, run->report, run->pairs);
}

static void
on_start (LkEvaluatePage *page, LkSession *self)
{
  Run *run = g_new0 (Run, 1);
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;

  self->measuring = g_cancellable_new ();
  run->session = self;
  run->cancellable = g_object_ref (self->measuring);
  run->models = lk_evaluate_page_get_models (page);
  run->baseline = lk_evaluate_page_get_baseline (page);
  run->on = lk_evaluate_page_get_test (page, &run->path, &run->root);
  task = g_task_new (NULL, self->measuring, on_done, NULL);
  g_task_set_source_tag (task, on_start);
  g_task_set_task_data (task, run, run_free);
  if (run->on == LK_MEASURE_OWN)
    {
      /* The store belongs to this thread. */
      run->protocol = self->store != NULL ? make_own_protocol (self->store, &error) : NULL;
      if (run->protocol == NULL)
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
    }
  g_task_run_in_thread (task, run_in_thread);
}

static void
on_cancel (LkEvaluatePage *page, LkSession *self)
{
  g_cancellable_cancel (self->measuring);
  g_clear_object (&self->measuring);
  lk_evaluate_page_show_cancelled (page);
}

static void
on_export (LkEvaluatePage *page, GFile *file, gboolean html, gboolean faces, LkSession *self)
{
  const Run *run = g_task_get_task_data (G_TASK (self->measured));
  const LkEvaluationOptions *how = run->on == LK_MEASURE_OWN ? &how_own : &how_photos;
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *text = html ? lk_report_to_html (run->report, faces ? how : NULL)
                               : lk_report_to_csv (run->report);
  g_autofree char *shown = path != NULL ? g_filename_display_basename (path) : NULL;
  g_autofree char *sentence = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    {
      lk_window_toast (self->window, _ ("That place cannot be written to. Choose a folder of this "
                                        "computer."));
      return;
    }
  if (lk_report_save (text, path, &error))
    sentence = g_strdup_printf (_ ("Saved as %s"), shown);
  lk_window_toast (self->window, sentence != NULL ? sentence : error->message);
}

void
lk_session_refresh_evaluate_page (LkSession *self)
{
  g_auto (GStrv) names = lk_models_list ();
  g_autofree LkModelInfo *models = g_new0 (LkModelInfo, MAX (1, g_strv_length (names)));
  g_autofree char *in_use = lk_models_get_in_use (NULL), *sentence = NULL;
  g_autoptr (GPtrArray) people = self->store != NULL ? lk_store_list_people (self->store, NULL)
                                                     : NULL;
  int n_people = 0, n_pictures = 0;

  for (int i = 0; names[i] != NULL; i++)
    models[i].name = names[i];
  lk_evaluate_page_set_models (self->evaluate, models, (int) g_strv_length (names), in_use);
  for (guint i = 0; people != NULL && i < people->len; i++)
    {
      const LkPerson *person = people->pdata[i];

      n_people += person->n[LK_CAPTURE_ANCHOR] > 0;
      for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
        n_pictures += person->n[kind];
    }
  if (n_people == 0)
    sentence = g_strdup (_ ("Nobody is enrolled yet"));
  else
    sentence = g_strdup_printf (_ ("%d enrolled, %d captures"), n_people, n_pictures);
  lk_evaluate_page_set_own (self->evaluate, sentence, n_people > 0);
}

void
lk_session_start_evaluate_page (LkSession *self)
{
  g_signal_connect (self->evaluate, "start", G_CALLBACK (on_start), self);
  g_signal_connect (self->evaluate, "cancel", G_CALLBACK (on_cancel), self);
  g_signal_connect (self->evaluate, "export", G_CALLBACK (on_export), self);
  lk_session_refresh_evaluate_page (self);
}

void
lk_session_stop_evaluation (LkSession *self)
{
  if (self->measuring != NULL)
    g_cancellable_cancel (self->measuring);
  g_clear_object (&self->measuring);
  g_clear_object (&self->measured);
}
