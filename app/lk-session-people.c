/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-session-private.h"
#include "lk-settings.h"

#include <glib/gi18n.h>

/* A frame older than this is not what the person at the keyboard sees. */
#define FRESH_US (G_USEC_PER_SEC / 2)

/* Adds the anchors of @name to the list. */
static void
add_anchors (LkSession *self, const char *name, GPtrArray *anchors)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *captures = lk_store_list_captures (self->store, name, LK_CAPTURE_ANCHOR, &error);

  if (captures != NULL)
    g_ptr_array_extend_and_steal (anchors, captures);
  else
    lk_session_report (self, error);
}

/* The anchors of the person to be verified, or of all, go to the inference thread. */
void
lk_session_send_anchors (LkSession *self)
{
  const char *chosen = lk_verify_page_get_person (self->verify);
  g_autoptr (GPtrArray) all = lk_store_list_people (self->store, NULL);
  g_autoptr (GPtrArray) anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      const LkPerson *person = all->pdata[i];

      if (person->n[LK_CAPTURE_ANCHOR] == 0 ||
          (chosen != NULL && !g_str_equal (person->name, chosen)))
        continue;
      add_anchors (self, person->name, anchors);
      g_ptr_array_add (names, person->name);
    }
  g_ptr_array_add (names, NULL);
  self->has_new_anchors = FALSE;
  lk_session_set_can_unlock (self, FALSE);
  lk_keeper_set_people (self->keeper, (const char *const *) names->pdata);
  lk_verify_page_set_preparing (self->verify, TRUE);
  lk_inference_set_captures (self->inference, anchors);
}

static void
show_captures (LkSession *self)
{
  const char *person = lk_enrol_page_get_person (self->enrol);

  for (LkCaptureKind kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autoptr (GPtrArray) captures = NULL;

      if (person != NULL)
        captures = lk_store_list_captures (self->store, person, kind, NULL);
      if (captures == NULL) /* nobody, or nothing yet */
        captures = g_ptr_array_new ();
      lk_enrol_page_set_captures (self->enrol, kind, captures);
    }
}

/* (transfer full): whom the Verify page compares with.  Of somebody who was deleted no name stays
 * in the settings. */
static char *
get_chosen (LkSession *self, GPtrArray *people)
{
  char *chosen = g_settings_get_string (lk_settings_get (), "person");

  for (guint i = 0; i < people->len; i++)
    if (g_str_equal (((LkPerson *) people->pdata[i])->name, chosen))
      return chosen;
  if (*chosen != '\0' && lk_settings_rename_person (chosen, NULL))
    {
      g_free (self->gone);
      self->gone = g_strdup (chosen);
    }
  return chosen;
}

static void
list_people (LkSession *self)
{
  g_autofree char *person = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) people = lk_store_list_people (self->store, &error);

  if (people == NULL)
    {
      lk_session_report (self, error);
      return;
    }
  person = get_chosen (self, people);
  lk_verify_page_set_people (self->verify, people, person);
  lk_enrol_page_set_people (self->enrol, people, NULL);
  lk_session_show_adaptable (self, people);
}

void
lk_session_refresh_people (LkSession *self)
{
  if (self->store == NULL)
    return;
  list_people (self);
  show_captures (self);
  lk_session_send_anchors (self);
  lk_session_refresh_data (self);
}

void
lk_session_show_new_anchors (LkSession *self)
{
  list_people (self);
  show_captures (self);
  self->has_new_anchors = TRUE;
}

static void
on_verify_person (LkVerifyPage *page, const char *name, LkSession *self)
{
  g_settings_set_string (lk_settings_get (), "person", name != NULL ? name : "");
  lk_verify_page_show_waiting (page);
  lk_session_send_anchors (self);
}

static void
on_enrol_person (LkEnrolPage *page, const char *name, LkSession *self)
{
  self->n_asked = 0;
  show_captures (self);
}

static void
on_capture (LkEnrolPage *page, int kind, LkSession *self)
{
  self->asked = (LkCaptureKind) kind;
  self->n_asked = 1;
  if (self->frame != NULL && g_get_monotonic_time () - self->frame->when_us < FRESH_US)
    lk_session_look_at (self, self->frame);
}

void
lk_session_offer_face (LkSession *self, const LkSighting *seen, const GError *advice)
{
  const char *person = lk_enrol_page_get_person (self->enrol);
  g_autoptr (LkCapture) capture = NULL;
  g_autoptr (GError) error = NULL;

  lk_enrol_page_show_sighting (self->enrol, seen, advice);
  if (advice != NULL || self->n_asked == 0 || person == NULL || self->store == NULL)
    return;

  self->n_asked = 0;
  capture = lk_store_add (self->store, person, self->asked, seen->image, &error);
  if (capture == NULL)
    {
      lk_session_report (self, error);
      return;
    }
  lk_enrol_page_add_capture (self->enrol, capture);
  list_people (self);
  /* To embed them all after each would leave no time for frames: when the page is left. */
  if (self->asked == LK_CAPTURE_ANCHOR)
    self->has_new_anchors = TRUE;
}

static void
undo_deletion (LkSession *self)
{
  g_autoptr (GError) error = NULL;

  if (!lk_store_undo (self->store, &error))
    lk_session_report (self, error);
  else if (self->gone != NULL) /* who, if it was somebody else, is not there again either */
    g_settings_set_string (lk_settings_get (), "person", self->gone);
  g_clear_pointer (&self->gone, g_free);
  lk_session_refresh_people (self);
}

void
lk_session_toast_undo (LkSession *self, const char *sentence, void (*undo) (LkSession *self))
{
  self->undo = undo;
  lk_window_toast_undo (self->window, sentence);
}

static void
on_delete_captures (LkEnrolPage *page, GPtrArray *captures, LkSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;

  if (!lk_store_delete_captures (self->store, captures, &error))
    lk_session_report (self, error);
  else
    {
      sentence = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%u picture deleted", "%u pictures deleted", captures->len),
          captures->len);
      lk_session_toast_undo (self, sentence, undo_deletion);
    }
  lk_session_refresh_people (self);
}

static void
on_delete_person (LkEnrolPage *page, const char *name, LkSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = g_strdup_printf (_("“%s” deleted"), name);

  if (!lk_store_delete_person (self->store, name, &error))
    lk_session_report (self, error);
  else
    lk_session_toast_undo (self, sentence, undo_deletion);
  lk_session_refresh_people (self);
}

static void
on_undo (LkWindow *window, LkSession *self)
{
  if (self->undo != NULL)
    self->undo (self);
}

void
lk_session_start_people (LkSession *self)
{
  g_autoptr (GError) error = NULL;

  self->store = lk_store_open (NULL, &error);
  lk_session_start_unlock (self);
  if (self->store == NULL)
    {
      lk_window_show_trouble (self->window, error->message);
      gtk_widget_set_sensitive (GTK_WIDGET (self->enrol), FALSE); /* nothing could be kept */
      lk_verify_page_set_preparing (self->verify, FALSE);
      return;
    }
  if (lk_store_get_notice (self->store) != NULL)
    lk_window_toast (self->window, lk_store_get_notice (self->store));
  g_signal_connect (self->verify, "person-chosen", G_CALLBACK (on_verify_person), self);
  g_signal_connect (self->enrol, "person-chosen", G_CALLBACK (on_enrol_person), self);
  g_signal_connect (self->enrol, "capture", G_CALLBACK (on_capture), self);
  g_signal_connect (self->enrol, "delete-captures", G_CALLBACK (on_delete_captures), self);
  g_signal_connect (self->enrol, "delete-person", G_CALLBACK (on_delete_person), self);
  g_signal_connect (self->window, "undo", G_CALLBACK (on_undo), self);
  lk_session_start_enrolling (self);
  lk_session_start_refining (self);
  lk_session_start_archive (self);
  lk_session_refresh_people (self);
}
