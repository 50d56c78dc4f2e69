/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-vault.h"
#include "lk-enroller.h"
#include "lk-session-private.h"

#include <glib/gi18n.h>

/* An enrolment that is led in the window, and what the last one stored. */
struct _LkSessionEnrol
{
  LkEnroller *enroller; /* (nullable): one goes on */
  char *person;         /* (nullable): whose; NULL: asked for at the end */
  gboolean replaces;    /* the anchors that there were */
  gboolean is_waiting;  /* for the person's answer, or name */

  char *stored_person, *stored_session;
  gboolean has_replaced;
};

static LkEnrolRing *
get_ring (LkSession *self)
{
  return lk_camera_view_get_ring (lk_enrol_page_get_view (self->enrol));
}

static void
end (LkSession *self)
{
  LkSessionEnrol *enrol = self->enrolling;

  g_clear_pointer (&enrol->enroller, lk_enroller_free);
  lk_enrol_page_set_guiding (self->enrol, FALSE);
}

void
lk_session_drop_sitting (LkSession *self, const char *person, const char *session)
{
  g_autoptr (GPtrArray) stored = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  g_autoptr (GError) error = NULL;

  for (LkCaptureKind kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autoptr (GPtrArray) captures = lk_store_list_captures (self->store, person, kind, NULL);

      for (guint i = 0; captures != NULL && i < captures->len; i++)
        if (g_strcmp0 (((LkCapture *) captures->pdata[i])->session, session) == 0)
          g_ptr_array_add (stored, lk_capture_copy (captures->pdata[i]));
    }
  if (stored->len > 0 && !lk_store_delete_captures (self->store, stored, &error))
    lk_session_report (self, error);
}

static void
undo (LkSession *self)
{
  LkSessionEnrol *enrol = self->enrolling;
  g_autoptr (GError) error = NULL;

  if (enrol->has_replaced && !lk_store_undo (self->store, &error))
    lk_session_report (self, error);
  lk_session_drop_sitting (self, enrol->stored_person, enrol->stored_session);
  lk_session_refresh_people (self);
}

/* The new ones are there first: whatever happens, the person stays enrolled. */
static gboolean
store (LkSession *self, const char *person, GError **error)
{
  LkSessionEnrol *enrol = self->enrolling;
  g_autoptr (GPtrArray) old = NULL;
  g_autofree char *session = NULL;

  if (enrol->replaces)
    old = lk_store_list_captures (self->store, person, LK_CAPTURE_ANCHOR, NULL);
  if (!lk_enroller_save (enrol->enroller, self->store, person, &session, error))
    return FALSE;
  g_free (enrol->stored_person);
  g_free (enrol->stored_session);
  enrol->stored_person = g_strdup (person);
  enrol->stored_session = g_steal_pointer (&session);
  enrol->has_replaced = old != NULL && old->len > 0 &&
                        lk_store_delete_captures (self->store, old, NULL);
  return TRUE;
}

static void
save (LkSession *self, const char *name)
{
  LkSessionEnrol *enrol = self->enrolling;
  guint n = lk_enroller_get_faces (enrol->enroller, LK_CAPTURE_ANCHOR)->len +
            lk_enroller_get_faces (enrol->enroller, LK_CAPTURE_POSITIVE)->len;
  g_autofree char *person = g_strdup (name), *sentence = NULL;
  g_autoptr (GPtrArray) people = NULL;
  g_autoptr (GError) error = NULL;

  if (!store (self, person, &error))
    {
      lk_session_report (self, error); /* and it can be tried again */
      return;
    }
  end (self);
  people = lk_store_list_people (self->store, NULL);
  if (people != NULL)
    lk_enrol_page_set_people (self->enrol, people, person);
  lk_session_refresh_people (self);
  sentence = g_strdup_printf (
      ngettext ("“%s” is enrolled: %u new picture", "“%s” is enrolled: %u new pictures", n), person,
      n);
  lk_session_toast_undo (self, sentence, undo);
}

static void
on_news (LkEnrollerNews news, const GError *error, gpointer data)
{
  LkSession *self = data;
  LkSessionEnrol *enrol = self->enrolling;
  LkGuide *guide = lk_enrol_page_get_guide (self->enrol);
  g_autoptr (GPtrArray) people = NULL;

  enrol->is_waiting = TRUE;
  switch (news)
    {
    case LK_ENROLLER_DUPLICATE:
      lk_guide_ask (guide, lk_enroller_get_duplicate (enrol->enroller));
      break;
    case LK_ENROLLER_FAILED:
      lk_guide_show_failure (guide, error->message);
      break;
    case LK_ENROLLER_READY:
      lk_enrol_ring_close (get_ring (self));
      people = lk_store_list_people (self->store, NULL);
      lk_guide_ask_name (guide, lk_enroller_get_faces (enrol->enroller, LK_CAPTURE_ANCHOR), people);
      if (enrol->person != NULL)
        save (self, enrol->person);
      break;
    }
}

static void
begin (LkSession *self)
{
  LkSessionEnrol *enrol = self->enrolling;
  const LkEnrollerOptions options = { .person = enrol->person,
                                      .threshold = -1,
                                      .n_anchors = LK_ENROLLER_ANCHORS,
                                      .n_positives = LK_ENROLLER_POSITIVES };

  lk_enroller_free (enrol->enroller);
  enrol->enroller = lk_enroller_new (&options, on_news, self);
  enrol->is_waiting = FALSE;
  lk_enrol_ring_show (get_ring (self), lk_enroller_get_enrolment (enrol->enroller));
  lk_guide_show (lk_enrol_page_get_guide (self->enrol), lk_enroller_get_enrolment (enrol->enroller),
                 lk_enroller_get_sentence (enrol->enroller));
  lk_enrol_page_set_guiding (self->enrol, TRUE);
}

static void
on_guide (LkEnrolPage *page, const char *person, gboolean replaces, LkSession *self)
{
  LkSessionEnrol *enrol = self->enrolling;
  g_autoptr (GError) error = NULL;

  if (!lk_vault_need (&error)) /* before, not after, somebody has turned their head */
    {
      lk_session_report (self, error);
      return;
    }
  g_free (enrol->person);
  enrol->person = g_strdup (person);
  enrol->replaces = replaces;
  begin (self);
}

static void
on_skip (LkGuide *guide, LkSession *self)
{
  if (self->enrolling->enroller != NULL)
    lk_enrolment_skip (lk_enroller_get_enrolment (self->enrolling->enroller));
}

static void
on_answer (LkSession *self)
{
  self->enrolling->is_waiting = FALSE;
  lk_enroller_go_on (self->enrolling->enroller);
}

static void
on_add (LkSession *self)
{
  LkSessionEnrol *enrol = self->enrolling;

  g_free (enrol->person);
  enrol->person = g_strdup (lk_enroller_get_duplicate (enrol->enroller));
  enrol->replaces = FALSE;
  on_answer (self);
}

static void
on_save (LkGuide *guide, const char *name, LkSession *self)
{
  save (self, name);
}

gboolean
lk_session_lead (LkSession *self, const LkFrame *frame, const LkSighting *seen,
                 const GError *advice)
{
  LkSessionEnrol *enrol = self->enrolling;
  LkGuide *guide = lk_enrol_page_get_guide (self->enrol);
  const LkEnrolment *enrolment;

  if (enrol == NULL || enrol->enroller == NULL)
    return FALSE;
  if (enrol->is_waiting)
    return TRUE;
  enrolment = lk_enroller_get_enrolment (enrol->enroller);
  if (lk_enroller_offer (enrol->enroller, frame->when_us, seen, advice) == LK_ENROL_TIMED_OUT)
    {
      enrol->is_waiting = TRUE;
      lk_guide_show_failure (guide, _("No face was seen that could be used. Sit in front of the "
                                      "camera, with light on your face, and begin again."));
      return TRUE;
    }
  lk_enrol_ring_show (get_ring (self), enrolment);
  lk_guide_show (guide, enrolment, lk_enroller_get_sentence (enrol->enroller));
  return TRUE;
}

void
lk_session_start_enrolling (LkSession *self)
{
  LkGuide *guide = lk_enrol_page_get_guide (self->enrol);

  self->enrolling = g_new0 (LkSessionEnrol, 1);
  g_signal_connect (self->enrol, "guide", G_CALLBACK (on_guide), self);
  g_signal_connect (guide, "skip", G_CALLBACK (on_skip), self);
  g_signal_connect_swapped (guide, "cancel", G_CALLBACK (end), self);
  g_signal_connect_swapped (guide, "again", G_CALLBACK (begin), self);
  g_signal_connect_swapped (guide, "go-on", G_CALLBACK (on_answer), self);
  g_signal_connect_swapped (guide, "add", G_CALLBACK (on_add), self);
  g_signal_connect (guide, "save", G_CALLBACK (on_save), self);
}

void
lk_session_stop_enrolling (LkSession *self)
{
  LkSessionEnrol *enrol = self->enrolling;

  if (enrol == NULL)
    return;
  g_signal_handlers_disconnect_by_data (lk_enrol_page_get_guide (self->enrol), self);
  g_signal_handlers_disconnect_by_data (lk_enrol_page_get_chooser (self->enrol), self);
  lk_enroller_free (enrol->enroller);
  g_free (enrol->person);
  g_free (enrol->stored_person);
  g_free (enrol->stored_session);
  g_clear_pointer (&self->enrolling, g_free);
}
