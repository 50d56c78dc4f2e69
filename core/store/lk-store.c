/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-store-private.h"

#include "base/lk-new-file.h"
#include "base/lk-vault.h"
#include "image/lk-jpeg.h"
#include "lk-paths.h"

#include <errno.h>
#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define QUALITY          95
#define MAX_PERSON       200  /* bytes of a folder's name; file systems allow 143 to 255 */
#define LEFT_BEHIND_S    3600 /* a temporary file this old belongs to a run that crashed */
#define MAX_OPEN_FOLDERS 16

const char *
lk_capture_kind_to_string (LkCaptureKind kind)
{
  static const char *const names[LK_N_CAPTURE_KINDS] = { "anchor", "positive", "negative" };

  return names[kind];
}

char *
lk_store_name_session (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return g_date_time_format (now, "%Y-%m-%dT%H-%M-%S");
}

char *
lk_store_encode_person (const char *person, GError **error)
{
  g_autofree char *stripped = NULL, *file_name = NULL;

  if (g_utf8_validate (person, -1, NULL))
    stripped = g_strstrip (g_strdup (person));
  if (stripped == NULL || *stripped == '\0')
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("A person needs a name.  Type one."));
      return NULL;
    }
  file_name = lk_paths_encode (person);
  if (strlen (file_name) > MAX_PERSON)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
                   _ ("The person's name is too long for a folder.  Choose a shorter one."));
      return NULL;
    }
  return g_steal_pointer (&file_name);
}

char *
lk_store_person_folder (LkStore *self, LkCaptureKind kind, const char *file_name)
{
  return g_build_filename (self->captures, lk_capture_kind_to_string (kind), file_name, NULL);
}

static __thread guint n_mended; /* nftw() takes no argument for its function */

/* For nftw(). */
static int
mend (const char *path, const struct stat *info, int type, struct FTW *where)
{
  if (type == FTW_F && g_str_has_prefix (path + where->base, LK_NEW_FILE_PREFIX) &&
      info->st_mtime < time (NULL) - LEFT_BEHIND_S)
    unlink (path);
  else if ((type == FTW_F || type == FTW_D || type == FTW_DNR) && (info->st_mode & 077) != 0)
    {
      /* What cannot be mended is not ours, and no reason to stop. */
      if (chmod (path, type == FTW_F ? 0600 : 0700) == 0)
        n_mended++;
    }
  return 0;
}

static void
add_notice (LkStore *self, const char *sentence)
{
  char *before = self->notice;

  if (sentence == NULL)
    return;
  self->notice = before != NULL ? g_strconcat (before, "  ", sentence, NULL) : g_strdup (sentence);
  g_free (before);
}

/* What lies under these shall be the user's alone. */
static void
mend_permissions (LkStore *self, const char *const roots[])
{
  g_autofree char *sentence = NULL;

  n_mended = 0;
  for (int i = 0; roots[i] != NULL; i++)
    nftw (roots[i], mend, MAX_OPEN_FOLDERS, FTW_PHYS);
  if (n_mended == 0)
    return;
  sentence = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                           "Other users could have read or changed %u file or "
                                           "folder of Likeness.  They cannot any more.",
                                           "Other users could have read or changed %u files and "
                                           "folders of Likeness.  They cannot any more.",
                                           n_mended),
                              n_mended);
  add_notice (self, sentence);
}

/* People can be verified and enrolled without it. */
static void
open_database (LkStore *self, const char *root)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *notice = NULL;

  self->database = lk_database_open (root, &notice, &error);
  add_notice (self, self->database != NULL ? notice : error->message);
}

LkStore *
lk_store_open (const char *folder, GError **error)
{
  g_autoptr (LkStore) self = g_new0 (LkStore, 1);
  g_autofree char *root = folder != NULL ? g_strdup (folder) : lk_paths_user (NULL, NULL);

  self->own_trash_lock = -1;
  self->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_move_free);
  self->session = lk_store_name_session ();
  self->captures = g_build_filename (root, "captures", NULL);
  self->trash = g_build_filename (root, "trash", NULL);
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autofree char *path = lk_store_person_folder (self, (LkCaptureKind) kind, NULL);

      if (!lk_paths_make_folder (path, error))
        return NULL;
    }
  if (!lk_paths_make_folder (self->trash, error))
    return NULL;

  lk_store_sweep_trash (self, FALSE);
  /* A folder that somebody chose may hold other things: only what is in it is ours. */
  if (folder == NULL)
    {
      g_autofree char *settings = g_build_filename (g_get_user_config_dir (), "likeness", NULL);

      mend_permissions (self, (const char *const[]){ root, settings, NULL });
    }
  else
    mend_permissions (self, (const char *const[]){ self->captures, self->trash, NULL });
  open_database (self, root);
  if (self->database != NULL) /* of a run that crashed, whose trash was swept */
    lk_database_drop_attempts_aside (self->database, self->trash, NULL);
  return g_steal_pointer (&self);
}

LkDatabase *
lk_store_get_database (LkStore *self)
{
  return self->database;
}

const char *
lk_store_get_notice (LkStore *self)
{
  return self->notice;
}

void
lk_store_close (LkStore *self)
{
  if (self == NULL)
    return;
  if (self->captures != NULL && self->trash != NULL)
    lk_store_sweep_trash (self, TRUE);
  lk_database_close (self->database);
  g_ptr_array_unref (self->undo);
  g_free (self->undo_person);
  g_free (self->undo_key);
  g_free (self->notice);
  g_free (self->own_trash);
  g_free (self->captures);
  g_free (self->trash);
  g_free (self->session);
  g_free (self);
}

/* The folder of a session, and a file begun in it.  Another process that deletes its
 * last picture there removes the folder, at the worst between two of these steps. */
static LkNewFile *
begin (const char *folder, GError **error)
{
  for (int attempt = 0;; attempt++)
    {
      g_autoptr (GError) local = NULL;
      LkNewFile *file = NULL;

      if (lk_paths_make_folder (folder, &local))
        file = lk_new_file_open (folder, &local);
      if (file != NULL)
        return file;
      if (attempt == 100 || !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
}

LkCapture *
lk_store_add (LkStore *self, const char *person, LkCaptureKind kind, const LkImage *face,
              GError **error)
{
  g_autofree char *file_name = lk_store_encode_person (person, error), *folder = NULL;
  g_autofree char *parent = NULL, *path = NULL;
  g_autoptr (GBytes) jpeg = NULL, sealed = NULL;
  g_autoptr (LkNewFile) file = NULL;
  LkCapture *capture;

  if (file_name == NULL)
    return NULL;
  jpeg = lk_jpeg_encode (face, QUALITY, error);
  if (jpeg == NULL)
    return NULL;
  sealed = lk_vault_seal (g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg), error);
  if (sealed == NULL)
    return NULL;
  parent = lk_store_person_folder (self, kind, file_name);
  folder = g_build_filename (parent, self->session, NULL);
  file = begin (folder, error);
  if (file == NULL ||
      !lk_new_file_write (file, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed), error))
    {
      /* Should they have been made for this picture, they go; others are not empty. */
      g_clear_pointer (&file, lk_new_file_free);
      if (rmdir (folder) == 0)
        rmdir (parent);
      return NULL;
    }

  for (;;)
    {
      g_autofree char *name = g_strdup_printf ("%06u.jpg", ++self->n_pictures);
      g_autoptr (GError) local = NULL;

      g_free (path);
      path = g_build_filename (folder, name, NULL);
      if (lk_new_file_commit (file, path, FALSE, &local))
        break;
      /* Another process, started in the same second, has that number. */
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_EXIST))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }

  capture = g_new0 (LkCapture, 1);
  capture->path = g_steal_pointer (&path);
  capture->person = g_strdup (person);
  capture->session = g_strdup (self->session);
  capture->kind = kind;
  return capture;
}
