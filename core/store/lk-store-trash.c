/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "lk-paths.h"
#include "lk-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * trash/lock               held while a store's own trash is made or swept
 * trash/XXXXXX/lock        held as long as that store is open: what lies in a trash
 *                          that nobody holds was left by a run that crashed
 * trash/XXXXXX/NAME-1/...  the first deletion, as it lay below captures
 */

#define MAX_OPEN_FOLDERS 16

void
lk_move_free (LkMove *self)
{
  g_free (self->from);
  g_free (self->to);
  g_free (self);
}

void
lk_store_forget_undo (LkStore *self)
{
  g_ptr_array_set_size (self->undo, 0);
  g_clear_pointer (&self->undo_person, g_free);
  g_clear_pointer (&self->undo_key, g_free);
}

static int
remove_entry (const char *path, const struct stat *info, int type, struct FTW *where)
{
  remove (path);
  return 0;
}

void
lk_store_remove_tree (const char *path)
{
  nftw (path, remove_entry, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

/* Returns: the lock, or -1 where there is none to be had */
static int
lock (const char *folder, gboolean create, gboolean wait)
{
  g_autofree char *path = g_build_filename (folder, "lock", NULL);
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0), 0600), code;

  if (fd >= 0 && flock (fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0)
    {
      code = errno;
      close (fd);
      errno = code;
      fd = -1;
    }
  return fd;
}

static void
unlock (int fd)
{
  if (fd >= 0)
    close (fd);
}

char *
lk_store_make_trash (LkStore *self, const char *name, GError **error)
{
  g_autofree char *path = NULL;

  if (self->own_trash == NULL)
    {
      g_autofree char *own = g_build_filename (self->trash, "XXXXXX", NULL);
      int all;

      if (!lk_paths_make_folder (self->trash, error))
        return NULL;
      all = lock (self->trash, TRUE, TRUE);
      if (g_mkdtemp (own) == NULL)
        {
          lk_file_set_error (error, errno, "written to", self->trash);
          unlock (all);
          return NULL;
        }
      self->own_trash_lock = lock (own, TRUE, FALSE);
      self->own_trash = g_steal_pointer (&own);
      unlock (all);
    }
  path = g_strdup_printf ("%s/%s-%u", self->own_trash, name, ++self->n_deletions);
  return lk_paths_make_folder (path, error) ? g_steal_pointer (&path) : NULL;
}

void
lk_store_sweep_trash (LkStore *self, gboolean all)
{
  int whole = lock (self->trash, FALSE, TRUE);
  g_autoptr (GPtrArray) names = lk_store_list_names (self->trash, LK_LIST_FOLDERS, NULL);

  lk_store_forget_undo (self);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (self->trash, names->pdata[i], NULL);

      if (g_strcmp0 (path, self->own_trash) == 0)
        {
          /* The lock stays as long as the store does. */
          g_autoptr (GPtrArray) parts = lk_store_list_names (path, LK_LIST_FOLDERS, NULL);

          for (guint k = 0; parts != NULL && k < parts->len; k++)
            {
              g_autofree char *part = g_build_filename (path, parts->pdata[k], NULL);

              lk_store_remove_tree (part);
            }
          if (all)
            lk_store_remove_tree (path);
        }
      else
        {
          int other = lock (path, FALSE, FALSE);

          if (other >= 0 || errno != EWOULDBLOCK)
            lk_store_remove_tree (path);
          unlock (other);
        }
    }
  if (all)
    {
      unlock (self->own_trash_lock);
      self->own_trash_lock = -1;
    }
  unlock (whole);
  if (self->database != NULL)
    lk_database_drop_attempts_aside (self->database, self->trash, NULL);
}

void
lk_store_empty_trash (LkStore *self)
{
  lk_store_sweep_trash (self, FALSE);
}

static gboolean
is_folder (const char *path)
{
  struct stat info;

  return lstat (path, &info) == 0 && S_ISDIR (info.st_mode);
}

/* (transfer full): "a/000001.jpg" and 2 give "a/000001-2.jpg" */
static char *
number (const char *path, int n)
{
  const char *dot = strrchr (path, '.'), *slash = strrchr (path, '/');

  if (dot == NULL || dot < slash)
    dot = path + strlen (path);
  return g_strdup_printf ("%.*s-%d%s", (int) (dot - path), path, n, dot);
}

/* Moves a file or a folder; what is there already stays: folders are joined, a file
 * takes a name beside it. */
static gboolean
move (const char *from, const char *to, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (to);
  int code;

  if (!lk_paths_make_folder (parent, error))
    return FALSE;
  if (lk_rename_fresh (from, to) == 0)
    return TRUE;
  code = errno;
  if (code == EEXIST && is_folder (from) && is_folder (to))
    for (int folders = 0; folders < 2; folders++)
      {
        g_autoptr (GPtrArray)
            names = lk_store_list_names (from, folders ? LK_LIST_FOLDERS : LK_LIST_FILES, error);

        for (guint i = 0; names != NULL && i < names->len; i++)
          {
            g_autofree char *part = g_build_filename (from, names->pdata[i], NULL);
            g_autofree char *target = g_build_filename (to, names->pdata[i], NULL);

            if (!move (part, target, error))
              return FALSE;
          }
        if (names == NULL)
          return FALSE;
        if (folders)
          return TRUE;
      }
  for (int n = 2; code == EEXIST && n < 10000; n++)
    {
      g_autofree char *beside = number (to, n);

      if (lk_rename_fresh (from, beside) == 0)
        return TRUE;
      code = errno;
    }
  lk_file_set_error (error, code, "moved", from);
  return FALSE;
}

/* Moves @path, which lies below captures, into @trash and notes how to undo it.  What
 * is not there any more is as good as deleted. */
static gboolean
discard (LkStore *self, const char *path, const char *trash, GError **error)
{
  g_autofree char *to = g_build_filename (trash, path + strlen (self->captures), NULL);
  LkMove *done;

  if (access (path, F_OK) != 0 && errno == ENOENT)
    return TRUE;
  if (!move (path, to, error))
    return FALSE;
  done = g_new0 (LkMove, 1);
  done->from = g_strdup (path);
  done->to = g_steal_pointer (&to);
  g_ptr_array_add (self->undo, done);
  return TRUE;
}

/* Whether a path is one below captures, and no detour. */
static gboolean
is_ours (LkStore *self, const char *path)
{
  return g_str_has_prefix (path, self->captures) && path[strlen (self->captures)] == '/' &&
         strstr (path, "/../") == NULL;
}

/* Until @person, who is in @trash, is brought back. */
static void
set_attempts_aside (LkStore *self, const char *person, const char *trash)
{
  self->undo_person = g_strdup (person);
  self->undo_key = g_strdup (trash + strlen (self->trash) + 1);
  if (self->database != NULL)
    lk_database_set_attempts_aside (self->database, person, self->undo_key, NULL);
}

static gboolean
bring_attempts_back (LkStore *self, GError **error)
{
  return self->database == NULL || self->undo_key == NULL ||
         lk_database_bring_attempts_back (self->database, self->undo_key, self->undo_person, error);
}

static gboolean
has_a_folder (LkStore *self, const char *person)
{
  g_autofree char *file_name = lk_store_encode_person (person, NULL);
  gboolean any = file_name == NULL;

  for (int kind = 0; !any && kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autofree char *folder = lk_store_person_folder (self, (LkCaptureKind) kind, file_name);

      any = is_folder (folder);
    }
  return any;
}

gboolean
lk_store_delete_captures (LkStore *self, GPtrArray *captures, GError **error)
{
  g_autofree char *trash = lk_store_make_trash (self, "pictures", error);

  if (trash == NULL)
    return FALSE;
  lk_store_forget_undo (self);
  for (guint i = 0; i < captures->len; i++)
    {
      const LkCapture *capture = captures->pdata[i];
      g_autofree char *session = g_path_get_dirname (capture->path);
      g_autofree char *person = g_path_get_dirname (session);

      if (!is_ours (self, capture->path))
        {
          lk_file_set_error (error, EINVAL, "deleted", capture->path);
          return FALSE;
        }
      if (!discard (self, capture->path, trash, error))
        return FALSE;
      if (self->database != NULL)
        lk_database_forget_path (self->database, capture->path, NULL);
      if (!lk_store_set_personal (self, capture->person, NULL, error))
        return FALSE;
      /* Folders are the truth: one without pictures is nobody's.  These fail for others,
       * and for the folder of a kind, which rmdir() is not asked about. */
      if (*capture->session == '\0')
        rmdir (session);
      else if (rmdir (session) == 0)
        rmdir (person);
    }
  if (captures->len > 0)
    {
      const char *person = ((LkCapture *) captures->pdata[0])->person;

      if (!has_a_folder (self, person))
        {
          set_attempts_aside (self, person, trash);
          if (self->database != NULL)
            lk_database_scrub (self->database, NULL);
        }
    }
  return TRUE;
}

gboolean
lk_store_delete_person (LkStore *self, const char *person, GError **error)
{
  g_autofree char *file_name = lk_store_encode_person (person, error), *trash = NULL;

  if (file_name == NULL)
    return FALSE;
  trash = lk_store_make_trash (self, "person", error);
  if (trash == NULL)
    return FALSE;
  lk_store_forget_undo (self);
  /* Before the pictures: whoever is in the trash after a crash has no attempts either. */
  set_attempts_aside (self, person, trash);
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autofree char *folder = lk_store_person_folder (self, (LkCaptureKind) kind, file_name);

      if (!discard (self, folder, trash, error))
        {
          bring_attempts_back (self, NULL);
          return FALSE;
        }
    }
  lk_store_forget_embeddings (self, file_name);
  return TRUE;
}

gboolean
lk_store_undo (LkStore *self, GError **error)
{
  if (self->undo->len == 0)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("There is nothing to bring back: nothing was deleted, or the trash is empty."));
      return FALSE;
    }
  while (self->undo->len > 0)
    {
      const LkMove *last = self->undo->pdata[self->undo->len - 1];

      if (!move (last->to, last->from, error))
        return FALSE;
      g_ptr_array_remove_index (self->undo, self->undo->len - 1);
    }
  /* Or who was locked out would delete the person, and bring them back. */
  if (!bring_attempts_back (self, error))
    return FALSE;
  lk_store_forget_undo (self);
  return TRUE;
}
