/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-secret.h"
#include "lk-embedder.h"
#include "lk-session-private.h"
#include "lk-settings.h"
#include "verify/lk-choice.h"
#include "verify/lk-enrolment.h"

#include <glib/gi18n.h>

/* Further pictures of who was verified: while it is open, frames that are accepted are gathered;
 * those that show something new are offered.  Nothing is stored unless the person agrees. */

#define SPACING_US  (300 * 1000) /* between two frames: the next one shows the same */
#define N_GATHERED  12
#define N_OFFERED   3
#define MAX_ANCHORS 200 /* who has so many needs no more */

struct _LkSessionRefine
{
  char *person; /* (nullable): who opened it; NULL: it is not open */
  GPtrArray *faces, *crops;
  GArray *rates; /* of double */
  gint64 last_us;
  GCancellable *cancellable; /* (nullable): a choice is being made */
  GPtrArray *offered;        /* (nullable): (element-type LkImage) */
  char *offered_person;
  char *stored_person, *stored_session;
};

/* What the thread works on; its own. */
typedef struct
{
  char *person, *model;
  GPtrArray *faces, *crops;
  double *rates;
  GPtrArray *chosen; /* (element-type LkImage) */
} Work;

static GPtrArray *
new_images (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_free (work->person);
  g_free (work->model);
  g_ptr_array_unref (work->faces);
  g_ptr_array_unref (work->crops);
  g_ptr_array_unref (work->chosen);
  g_free (work->rates);
  g_free (work);
}

/* Embeds the anchors, then what was gathered; returns how many of each there are. */
static int
embed (Work *work, LkVerifier *verifier, LkStore *store, GPtrArray *anchors, float *out)
{
  g_autoptr (LkFinder) finder = lk_finder_new ();
  int size = lk_verifier_get_size (verifier), n = 0;

  for (guint i = 0; i < anchors->len; i++)
    {
      g_autoptr (LkImage)
          image = lk_embedder_embed (verifier, finder, lk_store_get_database (store),
                                     ((LkCapture *) anchors->pdata[i])->path, out + n * size);

      n += image != NULL;
    }
  for (guint i = 0; i < work->crops->len; i++)
    lk_verifier_embed (verifier, work->crops->pdata[i], out + (n + (int) i) * size);
  return n;
}

static void
choose (Work *work, LkVerifier *verifier, LkStore *store, GPtrArray *anchors)
{
  int size = lk_verifier_get_size (verifier), n_new = (int) work->crops->len;
  gsize bytes = sizeof (float) * (gsize) size * (anchors->len + work->crops->len);
  g_autofree double *rates = g_new (double, anchors->len + work->crops->len);
  float *embeddings = lk_secret_alloc (bytes);
  int chosen[N_OFFERED], n_old, n;

  if (embeddings == NULL)
    return;
  n_old = embed (work, verifier, store, anchors, embeddings);
  for (int i = 0; i < n_old + n_new; i++)
    rates[i] = i < n_old ? 1 : work->rates[i - n_old];
  n = lk_choose_new (embeddings, n_old, n_old + n_new, size, rates, chosen, N_OFFERED);
  for (int i = 0; i < n; i++)
    g_ptr_array_add (work->chosen, lk_image_ref (work->faces->pdata[chosen[i] - n_old]));
  lk_secret_free (embeddings, bytes);
}

/* Whatever is missing, there is nothing to offer: nobody asked. */
static void
choose_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Work *work = data;
  g_autoptr (LkStore) store = lk_store_open (NULL, NULL);
  g_autoptr (LkModel) model = lk_model_load (work->model, NULL);
  g_autoptr (LkVerifier) verifier = model != NULL ? lk_verifier_new (model, 1, NULL) : NULL;
  g_autoptr (GPtrArray) anchors = NULL;

  if (store != NULL && verifier != NULL)
    anchors = lk_store_list_captures (store, work->person, LK_CAPTURE_ANCHOR, NULL);
  if (anchors != NULL && anchors->len > 0 && anchors->len < MAX_ANCHORS)
    choose (work, verifier, store, anchors);
  g_task_return_boolean (task, TRUE);
}

static void
on_chosen (GObject *source, GAsyncResult *result, gpointer data)
{
  LkSession *self = data;
  Work *work = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), NULL))
    return; /* cancelled: somebody else, or the session is gone */
  g_clear_object (&self->refining->cancellable);
  if (work->chosen->len == 0)
    return;
  self->refining->offered = g_ptr_array_ref (work->chosen);
  g_free (self->refining->offered_person);
  self->refining->offered_person = g_strdup (work->person);
  lk_verify_page_offer_pictures (self->verify, work->person, work->chosen);
}

static void
begin_choice (LkSession *self)
{
  LkSessionRefine *refine = self->refining;
  g_autoptr (GTask) task = NULL;
  Work *work = g_new0 (Work, 1);

  refine->cancellable = g_cancellable_new ();
  work->person = g_strdup (refine->person);
  work->model = g_strdup (self->model);
  work->faces = g_ptr_array_ref (refine->faces);
  work->crops = g_ptr_array_ref (refine->crops);
  work->rates = g_memdup2 (refine->rates->data, refine->rates->len * sizeof (double));
  work->chosen = new_images ();
  task = g_task_new (NULL, refine->cancellable, on_chosen, self);
  g_task_set_source_tag (task, begin_choice);
  g_task_set_task_data (task, work, work_free);
  g_task_run_in_thread (task, choose_in_thread);
}

/* Nothing was gathered, nothing is offered. */
static void
forget (LkSession *self)
{
  LkSessionRefine *refine = self->refining;

  if (refine->cancellable != NULL)
    g_cancellable_cancel (refine->cancellable);
  g_clear_object (&refine->cancellable);
  g_clear_pointer (&refine->offered, g_ptr_array_unref);
  g_clear_pointer (&refine->faces, g_ptr_array_unref);
  g_clear_pointer (&refine->crops, g_ptr_array_unref);
  g_array_set_size (refine->rates, 0);
  refine->faces = new_images ();
  refine->crops = new_images ();
  lk_verify_page_offer_pictures (self->verify, NULL, NULL);
}

/* Who it is open for; another opening begins anew.  What is offered stays when it locks: the
 * person may just have leant back. */
static void
follow_lock (LkSession *self)
{
  LkSessionRefine *refine = self->refining;
  LkLockStatus status;
  const char *person = NULL;

  lk_keeper_get_status (self->keeper, &status);
  if (status.state == LK_LOCK_ACCEPTED)
    person = status.tally.name;
  if (g_strcmp0 (person, refine->person) == 0)
    return;
  if (person != NULL)
    forget (self);
  g_free (refine->person);
  refine->person = g_strdup (person);
}

void
lk_session_refine (LkSession *self, const LkSighting *seen, const LkCheck *check)
{
  LkSessionRefine *refine = self->refining;
  gint64 now_us = g_get_monotonic_time ();
  double rate;

  if (refine == NULL || self->model == NULL ||
      !g_settings_get_boolean (lk_settings_get (), "offer-pictures"))
    return;
  follow_lock (self);
  if (refine->person == NULL || check == NULL || !check->accepted || check->best < 0 ||
      g_strcmp0 (check->people[check->best].name, refine->person) != 0 || seen->warning >= 0 ||
      seen->image == NULL || seen->crop == NULL || refine->crops->len >= N_GATHERED ||
      now_us - refine->last_us < SPACING_US)
    return;
  refine->last_us = now_us;
  rate = lk_enrolment_rate (&seen->quality, seen->warning);
  g_ptr_array_add (refine->faces, lk_image_ref (seen->image));
  g_ptr_array_add (refine->crops, lk_image_ref (seen->crop));
  g_array_append_val (refine->rates, rate);
  if (refine->crops->len == N_GATHERED)
    begin_choice (self);
}

static void
undo (LkSession *self)
{
  lk_session_drop_sitting (self, self->refining->stored_person, self->refining->stored_session);
  lk_session_refresh_people (self);
}

/* They may have been deleted, or have another name, since it was offered. */
static gboolean
is_enrolled (LkSession *self, const char *person)
{
  g_autoptr (GPtrArray)
      captures = lk_store_list_captures (self->store, person, LK_CAPTURE_ANCHOR, NULL);

  return captures != NULL && captures->len > 0;
}

static void
on_add (LkVerifyPage *page, LkSession *self)
{
  LkSessionRefine *refine = self->refining;
  g_autoptr (GPtrArray) offered = g_steal_pointer (&refine->offered);
  GPtrArray *faces[LK_N_CAPTURE_KINDS] = { [LK_CAPTURE_ANCHOR] = offered };
  g_autofree char *session = NULL, *sentence = NULL;
  g_autoptr (GError) error = NULL;

  lk_verify_page_offer_pictures (page, NULL, NULL);
  if (offered == NULL || !is_enrolled (self, refine->offered_person))
    return;
  if (!lk_store_add_session (self->store, refine->offered_person, faces, &session, &error))
    {
      lk_session_report (self, error);
      return;
    }
  g_free (refine->stored_person);
  g_free (refine->stored_session);
  refine->stored_person = g_strdup (refine->offered_person);
  refine->stored_session = g_steal_pointer (&session);
  lk_session_show_new_anchors (self);
  sentence = g_strdup_printf (
      ngettext ("%u picture added to %s's", "%u pictures added to %s's", offered->len),
      offered->len, refine->stored_person);
  lk_session_toast_undo (self, sentence, undo);
}

static void
on_forget (LkVerifyPage *page, LkSession *self)
{
  g_clear_pointer (&self->refining->offered, g_ptr_array_unref);
  lk_verify_page_offer_pictures (page, NULL, NULL);
}

void
lk_session_start_refining (LkSession *self)
{
  self->refining = g_new0 (LkSessionRefine, 1);
  self->refining->rates = g_array_new (FALSE, FALSE, sizeof (double));
  forget (self);
  g_signal_connect (self->verify, "add-pictures", G_CALLBACK (on_add), self);
  g_signal_connect (self->verify, "forget-pictures", G_CALLBACK (on_forget), self);
}

void
lk_session_stop_refining (LkSession *self)
{
  LkSessionRefine *refine = self->refining;

  if (refine == NULL)
    return;
  forget (self);
  g_ptr_array_unref (refine->faces);
  g_ptr_array_unref (refine->crops);
  g_array_unref (refine->rates);
  g_free (refine->person);
  g_free (refine->offered_person);
  g_free (refine->stored_person);
  g_free (refine->stored_session);
  g_clear_pointer (&self->refining, g_free);
}
