/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-vault.h"
#include "lk-key-dialog.h"
#include "lk-session-private.h"
#include "lk-settings.h"
#include "store/lk-archive.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/* A person on the way to a file, or back: for the dialog, then for the thread. */
typedef struct
{
  LkSession *session;
  gboolean exports;
  char *person; /* (nullable): importing: who it was, afterwards */
  char *path;
  char *passphrase;
  int n;
} Transfer;

static void
transfer_free (gpointer data)
{
  Transfer *transfer = data;

  g_free (transfer->person);
  g_free (transfer->path);
  if (transfer->passphrase != NULL)
    explicit_bzero (transfer->passphrase, strlen (transfer->passphrase));
  g_free (transfer->passphrase);
  g_free (transfer);
}

/* In place of a file of that name, which the person has agreed to, but not before there is a
 * whole one. */
static int
export_over (LkStore *store, const Transfer *transfer, GError **error)
{
  g_autofree char *part = g_strdup_printf ("%s.%08x", transfer->path, g_random_int ());
  int n = lk_store_export_person (store, transfer->person, part, transfer->passphrase, error);

  if (n >= 0 && g_rename (part, transfer->path) != 0)
    {
      int code = errno;

      g_unlink (part);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
                   _("“%s” cannot be written: %s. Choose another name or folder."), transfer->path,
                      g_strerror (code));
      return -1;
    }
  return n;
}

/* A store of its own: a store belongs to one thread, and two may share a folder. */
static void
transfer_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Transfer *transfer = data;
  GError *error = NULL;
  g_autoptr (LkStore) store = lk_store_open (NULL, &error);

  if (store == NULL)
    transfer->n = -1;
  else if (transfer->exports)
    transfer->n = export_over (store, transfer, &error);
  else
    transfer->n = lk_store_import_person (store, transfer->path, transfer->passphrase, NULL,
                                          &transfer->person, &error);
  if (transfer->n < 0)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_transferred (GObject *object, GAsyncResult *result, gpointer data)
{
  LkSession *self = data;
  Transfer *transfer = g_task_get_task_data (G_TASK (result));
  g_autofree char *sentence = NULL;
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* the session is gone */
  lk_person_chooser_set_importing (lk_enrol_page_get_chooser (self->enrol), FALSE);
  if (error != NULL)
    {
      lk_session_report (self, error);
      return;
    }
  if (transfer->exports)
    sentence = g_strdup_printf (
        ngettext ("“%s” exported: %d picture", "“%s” exported: %d pictures", transfer->n),
        transfer->person, transfer->n);
  else
    {
      g_autoptr (GPtrArray) people = lk_store_list_people (self->store, NULL);

      if (people != NULL)
        lk_enrol_page_set_people (self->enrol, people, transfer->person);
      lk_session_refresh_people (self);
      sentence = g_strdup_printf (
          ngettext ("“%s” imported: %d picture", "“%s” imported: %d pictures", transfer->n),
          transfer->person, transfer->n);
    }
  lk_window_toast (self->window, sentence);
}

static void
on_passphrase (const char *passphrase, gpointer data)
{
  Transfer *transfer = data;
  LkSession *self = transfer->session;
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_transferred, self);
  Transfer *copy = g_new0 (Transfer, 1);

  copy->exports = transfer->exports;
  copy->person = g_strdup (transfer->person);
  copy->path = g_strdup (transfer->path);
  copy->passphrase = g_strdup (passphrase);
  g_task_set_source_tag (task, on_passphrase);
  g_task_set_task_data (task, copy, transfer_free);
  lk_person_chooser_set_importing (lk_enrol_page_get_chooser (self->enrol), TRUE);
  g_task_run_in_thread (task, transfer_in_thread);
}

static void
on_dialog_closed (GtkWidget *dialog, LkSession *self)
{
  self->key_dialog = NULL;
}

/* @person: (nullable): to export; NULL to import */
static void
ask_passphrase (LkSession *self, const char *person, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autoptr (GError) error = NULL;
  Transfer *transfer;

  if (path == NULL)
    {
      lk_window_toast (self->window, _("Only files on this computer can be used for that."));
      return;
    }
  if (!lk_vault_need (&error))
    {
      lk_session_report (self, error);
      return;
    }
  if (self->key_dialog != NULL)
    return;
  transfer = g_new0 (Transfer, 1);
  transfer->session = self;
  transfer->exports = person != NULL;
  transfer->person = g_strdup (person);
  transfer->path = g_steal_pointer (&path);
  self->key_dialog = lk_key_dialog_show_file (GTK_WINDOW (self->window), transfer->exports,
                                              on_passphrase, transfer);
  g_object_set_data_full (G_OBJECT (self->key_dialog), "transfer", transfer, transfer_free);
  g_signal_connect (self->key_dialog, "destroy", G_CALLBACK (on_dialog_closed), self);
}

static void
on_export (LkPersonChooser *chooser, const char *person, GFile *file, LkSession *self)
{
  ask_passphrase (self, person, file);
}

static void
on_import (LkPersonChooser *chooser, GFile *file, LkSession *self)
{
  ask_passphrase (self, NULL, file);
}

static gboolean
rename_to (LkSession *self, const char *from, const char *to)
{
  g_autoptr (GPtrArray) people = NULL;
  g_autoptr (GError) error = NULL;

  if (!lk_store_rename_person (self->store, from, to, &error))
    {
      lk_session_report (self, error);
      return FALSE;
    }
  lk_settings_rename_person (from, to);
  people = lk_store_list_people (self->store, NULL);
  if (people != NULL)
    lk_enrol_page_set_people (self->enrol, people, to);
  lk_session_refresh_people (self);
  return TRUE;
}

static void
undo_rename (LkSession *self)
{
  rename_to (self, self->renamed[1], self->renamed[0]);
}

static void
on_rename (LkPersonChooser *chooser, const char *from, const char *to, LkSession *self)
{
  g_autofree char *old = g_strdup (from), *new = g_strdup (to), *sentence = NULL;

  if (!rename_to (self, old, new))
    return;
  sentence = g_strdup_printf (_("“%s” is called “%s” now"), old, new);
  g_free (self->renamed[0]);
  g_free (self->renamed[1]);
  self->renamed[0] = g_steal_pointer (&old);
  self->renamed[1] = g_steal_pointer (&new);
  lk_session_toast_undo (self, sentence, undo_rename);
}

void
lk_session_start_archive (LkSession *self)
{
  LkPersonChooser *chooser = lk_enrol_page_get_chooser (self->enrol);

  g_signal_connect (chooser, "rename", G_CALLBACK (on_rename), self);
  g_signal_connect (chooser, "export", G_CALLBACK (on_export), self);
  g_signal_connect (chooser, "import-person", G_CALLBACK (on_import), self);
}
