/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-vault.h"
#include "lk-adapter.h"
#include "lk-session-private.h"

#include <glib/gi18n.h>

/* What this topic keeps of the session. */
struct _LkSessionAdapt
{
  LkAdaptCard *card;
  LkModel *model;       /* (nullable): in use */
  LkMeaning *meaning;   /* (nullable): of its thresholds */
  guint measure_serial; /* counts wishes; an older answer is dropped */
  char *adapted;        /* (nullable): who was, last */
  GBytes *previous;     /* (nullable): what was kept of them before */
};

/* For a thread of its own, which sees nothing of the session. */
typedef struct
{
  LkModel *model;
  char *person;
  double threshold;
  guint serial;
  GBytes *previous; /* (nullable): out */
} Job;

static Job *
job_new (LkSession *self, const char *person)
{
  Job *job = g_new0 (Job, 1);

  job->model = lk_model_ref (self->adapting->model);
  job->person = g_strdup (person);
  job->threshold = self->policy.detection;
  return job;
}

static void
job_free (gpointer data)
{
  Job *job = data;

  lk_model_unref (job->model);
  g_free (job->person);
  g_clear_pointer (&job->previous, g_bytes_unref);
  g_free (job);
}

/* ---- what thresholds mean for the person who is verified ---- */

static void
measure_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  LkOwnScores *scores = lk_adapter_measure (job->model, job->person, cancellable, &error);

  if (scores != NULL)
    g_task_return_pointer (task, scores, (GDestroyNotify) lk_own_scores_free);
  else
    g_task_return_error (task, error);
}

static void
on_measured (GObject *object, GAsyncResult *result, gpointer data)
{
  LkSession *self = data;
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (LkOwnScores) scores = g_task_propagate_pointer (G_TASK (result), &error);

  /* Without strangers beside the model, or without a key, there are no rates of one's own: nobody
   * asked for them, so nobody is told. */
  if (scores == NULL || job->serial != self->adapting->measure_serial)
    return;
  lk_meaning_set_own (self->adapting->meaning, job->person, g_steal_pointer (&scores));
  lk_verify_page_set_meaning (self->verify, self->adapting->meaning);
}

static void
measure_person (LkSession *self)
{
  const char *person = lk_verify_page_get_person (self->verify);
  LkSessionAdapt *adapting = self->adapting;
  g_autoptr (GTask) task = NULL;
  Job *job;

  adapting->measure_serial++;
  if (adapting->meaning == NULL)
    return;
  lk_meaning_set_own (adapting->meaning, NULL, NULL);
  lk_verify_page_set_meaning (self->verify, adapting->meaning);
  if (person == NULL || !lk_meaning_is_measured (adapting->meaning))
    return;
  job = job_new (self, person);
  job->serial = adapting->measure_serial;
  task = g_task_new (NULL, self->cancellable, on_measured, self);
  g_task_set_source_tag (task, measure_person);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, measure_in_thread);
}

void
lk_session_take_up_model (LkSession *self, LkModel *model)
{
  LkSessionAdapt *adapting = self->adapting;

  g_clear_pointer (&adapting->model, lk_model_unref);
  g_clear_pointer (&adapting->meaning, lk_meaning_unref);
  adapting->model = model != NULL ? lk_model_ref (model) : NULL;
  adapting->meaning = lk_meaning_new (model);
  measure_person (self);
}

/* ---- adapting ---- */

static void
show_kept (LkSession *self)
{
  const char *person = lk_adapt_card_get_person (self->adapting->card);
  g_autoptr (GBytes) kept = person != NULL && self->store != NULL && lk_vault_is_open ()
                                ? lk_store_get_personal (self->store, person)
                                : NULL;

  lk_adapt_card_set_kept (self->adapting->card, kept != NULL);
}

void
lk_session_show_adaptable (LkSession *self, GPtrArray *people)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < people->len; i++)
    if (((LkPerson *) people->pdata[i])->n[LK_CAPTURE_ANCHOR] > 0)
      g_ptr_array_add (names, ((LkPerson *) people->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  lk_adapt_card_set_people (self->adapting->card, (const char *const *) names->pdata);
  show_kept (self);
}

/* Another head, or none: the gallery is taken up with it. */
static void
put (LkSession *self, const char *person, GBytes *personal)
{
  g_autoptr (GError) error = NULL;

  if (!lk_store_set_personal (self->store, person, personal, &error))
    lk_session_report (self, error);
  lk_session_send_anchors (self); /* which measures the person anew, too */
  show_kept (self);
}

static void
undo_adapting (LkSession *self)
{
  if (self->adapting->adapted != NULL)
    put (self, self->adapting->adapted, self->adapting->previous);
  g_clear_pointer (&self->adapting->adapted, g_free);
}

static void
adapt_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  LkAdaptation *adaptation = lk_adapter_adapt (job->model, job->person, job->threshold,
                                               &job->previous, cancellable, &error);

  if (adaptation != NULL)
    g_task_return_pointer (task, adaptation, (GDestroyNotify) lk_adaptation_free);
  else
    g_task_return_error (task, error);
}

static void
on_adapted (GObject *object, GAsyncResult *result, gpointer data)
{
  LkSession *self = data;
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (LkAdaptation) adaptation = g_task_propagate_pointer (G_TASK (result), &error);
  LkSessionAdapt *adapting;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session is gone */
  adapting = self->adapting;
  if (adaptation == NULL)
    {
      lk_adapt_card_show_error (adapting->card, error);
      return;
    }
  lk_adapt_card_show_result (adapting->card, adaptation, job->person);
  if (!adaptation->better)
    return;
  g_free (adapting->adapted);
  adapting->adapted = g_strdup (job->person);
  g_clear_pointer (&adapting->previous, g_bytes_unref);
  adapting->previous = g_steal_pointer (&job->previous);
  lk_session_send_anchors (self); /* which measures the person anew, too */
  show_kept (self);
  lk_session_toast_undo (self, _("The network is adapted"), undo_adapting);
}

static void
on_adapt (LkAdaptCard *card, const char *person, LkSession *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->adapting->model == NULL || self->store == NULL)
    return;
  lk_adapt_card_begin (card);
  task = g_task_new (NULL, self->cancellable, on_adapted, self);
  g_task_set_source_tag (task, on_adapt);
  g_task_set_task_data (task, job_new (self, person), job_free);
  g_task_run_in_thread (task, adapt_in_thread);
}

static void
on_forget (LkAdaptCard *card, const char *person, LkSession *self)
{
  LkSessionAdapt *adapting = self->adapting;

  if (self->store == NULL)
    return;
  g_free (adapting->adapted);
  adapting->adapted = g_strdup (person);
  g_clear_pointer (&adapting->previous, g_bytes_unref);
  adapting->previous = lk_store_get_personal (self->store, person);
  put (self, person, NULL);
  lk_session_toast_undo (self, _("What was learnt of this person is forgotten"), undo_adapting);
}

static void
on_person_chosen (LkAdaptCard *card, const char *person, LkSession *self)
{
  show_kept (self);
}

void
lk_session_start_adapting (LkSession *self)
{
  LkSessionAdapt *adapting = g_new0 (LkSessionAdapt, 1);

  self->adapting = adapting;
  adapting->card = lk_train_setup_get_adapt_card (lk_train_page_get_setup (self->train));
  g_signal_connect (adapting->card, "adapt", G_CALLBACK (on_adapt), self);
  g_signal_connect (adapting->card, "forget", G_CALLBACK (on_forget), self);
  g_signal_connect (adapting->card, "person-chosen", G_CALLBACK (on_person_chosen), self);
}

void
lk_session_stop_adapting (LkSession *self)
{
  LkSessionAdapt *adapting = self->adapting;

  g_signal_handlers_disconnect_by_data (adapting->card, self);
  g_clear_pointer (&adapting->model, lk_model_unref);
  g_clear_pointer (&adapting->meaning, lk_meaning_unref);
  g_clear_pointer (&adapting->previous, g_bytes_unref);
  g_free (adapting->adapted);
  g_clear_pointer (&self->adapting, g_free);
}
