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

typedef enum
{
  EXPORT,        /* a person to an encrypted file, */
  IMPORT,        /* and back */
  IMPORT_FOLDER, /* pictures of a person */
} Way;

/* On the way: for the dialog, then for the thread. */
typedef struct
{
  LkSession *session;
  Way way;
  char *person; /* (nullable): IMPORT: who it was, afterwards */
  char *path;
  char *passphrase; /* (nullable): IMPORT_FOLDER: none */
  int n, n_skipped;
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

  transfer->n = -1;
  if (store != NULL && transfer->way == EXPORT)
    transfer->n = export_over (store, transfer, &error);
  else if (store != NULL && transfer->way == IMPORT)
    transfer->n = lk_store_import_person (store, transfer->path, transfer->passphrase, NULL,
                                          &transfer->person, &error);
  else if (store != NULL)
    transfer->n = lk_store_import (store, transfer->person, transfer->path, cancellable,
                                   &transfer->n_skipped, &error);
  if (transfer->n < 0)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* (transfer full): what came of it */
static char *
tell (const Transfer *transfer)
{
  if (transfer->way == EXPORT)
    return g_strdup_printf (
        ngettext ("“%s” exported: %d picture", "“%s” exported: %d pictures", transfer->n),
        transfer->person, transfer->n);
  if (transfer->way == IMPORT)
    return g_strdup_printf (
        ngettext ("“%s” imported: %d picture", "“%s” imported: %d pictures", transfer->n),
        transfer->person, transfer->n);
  if (transfer->n_skipped == 0)
    return g_strdup_printf (_("%d pictures imported"), transfer->n);
  return g_strdup_printf (_("%d pictures imported, %d could not be read"), transfer->n,
                             transfer->n_skipped);
}

static void
on_transferred (GObject *object, GAsyncResult *result, gpointer data)
{
  LkSession *self = data;
  Transfer *transfer = g_task_get_task_data (G_TASK (result));
  g_autofree char *sentence = NULL;
  g_autoptr (GPtrArray) people = NULL;
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
  if (transfer->way == IMPORT)
    people = lk_store_list_people (self->store, NULL);
  if (people != NULL)
    lk_enrol_page_set_people (self->enrol, people, transfer->person);
  if (transfer->way != EXPORT)
    lk_session_refresh_people (self);
  sentence = tell (transfer);
  lk_window_toast (self->window, sentence);
}

/* @transfer: (transfer full) */
static void
begin (LkSession *self, Transfer *transfer)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_transferred, self);

  g_task_set_source_tag (task, begin);
  g_task_set_task_data (task, transfer, transfer_free);
  lk_person_chooser_set_importing (lk_enrol_page_get_chooser (self->enrol), TRUE);
  g_task_run_in_thread (task, transfer_in_thread);
}

static void
on_passphrase (const char *passphrase, gpointer data)
{
  const Transfer *asked = data;
  Transfer *transfer = g_new0 (Transfer, 1);

  transfer->way = asked->way;
  transfer->person = g_strdup (asked->person);
  transfer->path = g_strdup (asked->path);
  transfer->passphrase = g_strdup (passphrase);
  begin (asked->session, transfer);
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
  transfer->way = person != NULL ? EXPORT : IMPORT;
  transfer->person = g_strdup (person);
  transfer->path = g_steal_pointer (&path);
  self->key_dialog = lk_key_dialog_show_file (GTK_WINDOW (self->window), person != NULL,
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

static void
on_import_folder (LkPersonChooser *chooser, GFile *folder, LkSession *self)
{
  const char *person = lk_person_chooser_get_person (chooser);
  g_autofree char *path = g_file_get_path (folder);
  Transfer *transfer;

  if (person == NULL || path == NULL)
    {
      lk_window_toast (self->window,
                       person == NULL ? _("Name the person first whose pictures these are.")
                                      : _("Only folders on this computer can be imported."));
      return;
    }
  transfer = g_new0 (Transfer, 1);
  transfer->way = IMPORT_FOLDER;
  transfer->person = g_strdup (person);
  transfer->path = g_steal_pointer (&path);
  begin (self, transfer);
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
  g_signal_connect (chooser, "import-folder", G_CALLBACK (on_import_folder), self);
}
