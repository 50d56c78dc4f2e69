/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-error.h"
#include "base/lk-vault.h"
#include "lk-key-dialog.h"
#include "lk-session-private.h"
#include "store/lk-keys.h"
#include "store/lk-paths.h"

#include <glib/gi18n.h>

/*
 * The key of the pictures: opened on a thread when the program starts (a locked keyring asks
 * the person, and Argon2id takes most of a second); pictures of older versions are
 * encrypted there too.
 */
typedef struct
{
  LkSession *session;
  char *passphrase; /* (nullable) */
  LkKeyPlace place; /* where to keep a new key; LK_KEY_NONE: open the one there is */
  int n_sealed;
} Opening;

static void
opening_free (gpointer data)
{
  Opening *opening = data;

  if (opening->passphrase != NULL)
    g_free (memset (opening->passphrase, 0, strlen (opening->passphrase)));
  g_free (opening);
}

static void
on_sealed (int n_done, int n_all, gpointer data)
{
  ((Opening *) data)->n_sealed = n_done;
}

static void
open_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Opening *opening = data;
  GError *error = NULL;
  gboolean done;

  if (opening->place == LK_KEY_NONE)
    done = lk_keys_unlock (NULL, opening->passphrase, &error);
  else
    {
      g_autofree char *plain = lk_paths_user ("key.plain", NULL);

      done = lk_keys_move (NULL, opening->place,
                           opening->place == LK_KEY_FILE ? plain : opening->passphrase, &error);
    }
  if (done)
    {
      g_autoptr (LkStore) store = lk_store_open (NULL, &error);

      done = store != NULL && lk_store_seal (store, on_sealed, opening, cancellable, &error);
    }
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void open_key (LkSession *self, LkKeyPlace place, const char *passphrase);

static void
on_typed (const char *passphrase, gpointer data)
{
  open_key (data, LK_KEY_NONE, passphrase);
}

static void
on_chosen (const char *passphrase, gpointer data)
{
  open_key (data, passphrase != NULL ? LK_KEY_PASSPHRASE : LK_KEY_FILE, passphrase);
}

static void
on_dialog_closed (GtkWidget *dialog, LkSession *self)
{
  self->key_dialog = NULL;
}

/* @why: (nullable) */
static void
ask (LkSession *self, gboolean is_new, const char *why)
{
  if (self->key_dialog != NULL)
    return;
  self->key_dialog = lk_key_dialog_show (GTK_WINDOW (self->window), is_new, why,
                                         is_new ? on_chosen : on_typed, self);
  g_signal_connect (self->key_dialog, "destroy", G_CALLBACK (on_dialog_closed), self);
}

static void
on_opened (GObject *object, GAsyncResult *result, gpointer data)
{
  LkSession *self = data;
  Opening *opening = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  LkKeyPlace place = LK_KEY_NONE;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session is gone */
  lk_keys_get_place (NULL, &place, NULL);
  if (g_error_matches (error, LK_ERROR, LK_ERROR_LOCKED) && place == LK_KEY_PASSPHRASE)
    ask (self, FALSE, opening->passphrase != NULL ? error->message : NULL);
  else if (error != NULL)
    lk_session_report (self, error);
  if (opening->n_sealed > 0)
    {
      g_autofree char *sentence = g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%d picture of an older version is encrypted now",
                       "%d pictures of an older version are encrypted now", opening->n_sealed),
          opening->n_sealed);

      lk_window_toast (self->window, sentence);
    }
  if (lk_vault_is_open ())
    lk_session_refresh_people (self); /* pictures that could not be shown before */
}

static void
open_key (LkSession *self, LkKeyPlace place, const char *passphrase)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_opened, self);
  Opening *opening = g_new0 (Opening, 1);

  opening->session = self;
  opening->place = place;
  opening->passphrase = g_strdup (passphrase);
  g_task_set_source_tag (task, open_key);
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, open_in_thread);
}

void
lk_session_report (LkSession *self, const GError *error)
{
  LkKeyPlace place;

  if (g_error_matches (error, LK_ERROR, LK_ERROR_LOCKED) &&
      lk_keys_get_place (NULL, &place, NULL) &&
      (place == LK_KEY_NONE || place == LK_KEY_PASSPHRASE))
    ask (self, place == LK_KEY_NONE, NULL);
  else
    lk_window_toast (self->window, error->message);
}

void
lk_session_start_keys (LkSession *self)
{
  g_autoptr (GError) error = NULL;
  LkKeyPlace place;

  if (self->store == NULL)
    return;
  if (!lk_keys_get_place (NULL, &place, &error))
    lk_window_toast (self->window, error->message);
  /* Whoever has no picture yet is asked nothing: the first one asks for a key. */
  else if (place != LK_KEY_NONE || lk_store_count_plain (self->store, NULL) > 0)
    open_key (self, LK_KEY_NONE, NULL);
}

void
lk_session_stop_keys (LkSession *self)
{
  if (self->key_dialog == NULL)
    return;
  g_signal_handlers_disconnect_by_func (self->key_dialog, on_dialog_closed, self);
  gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&self->key_dialog)));
}
