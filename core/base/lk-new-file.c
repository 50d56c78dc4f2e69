/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

struct _LkNewFile
{
  char *folder;
  char *temporary; /* (nullable): NULL once it has its name */
  int fd;          /* -1 once it is flushed and closed */
};

void
lk_file_set_error (GError **error, int code, const char *verb, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);
  const char *hint = N_ ("Try again.");

  if (code == ENOSPC || code == EDQUOT)
    hint = N_ ("Make space on the disk and try again.");
  else if (code == EACCES || code == EPERM || code == EROFS)
    hint = N_ ("Check the permissions of the file and its folder.");
  else if (code == ENOENT || code == ENOTDIR)
    hint = N_ ("Check the name.");
  else if (code == ENAMETOOLONG)
    hint = N_ ("Choose a shorter name.");
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               _ ("“%s” could not be %s: %s.  %s"), shown, _ (verb), g_strerror (code), _ (hint));
}

LkNewFile *
lk_new_file_open (const char *folder, GError **error)
{
  g_autofree char *temporary = g_build_filename (folder, LK_NEW_FILE_PREFIX "XXXXXX", NULL);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600), code = errno;
  LkNewFile *self;

  if (fd < 0)
    {
      lk_file_set_error (error, code, "written to", folder);
      return NULL;
    }
  self = g_new0 (LkNewFile, 1);
  self->folder = g_strdup (folder);
  self->temporary = g_steal_pointer (&temporary);
  self->fd = fd;
  return self;
}

gboolean
lk_new_file_write (LkNewFile *self, const void *data, gsize size, GError **error)
{
  const char *p = data;

  g_return_val_if_fail (self->fd >= 0, FALSE);

  while (size > 0)
    {
      ssize_t written = write (self->fd, p, MIN (size, (gsize) 1 << 30));

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        {
          lk_file_set_error (error, errno, "written to", self->folder);
          return FALSE;
        }
      p += written;
      size -= (gsize) written;
    }
  return TRUE;
}

int
lk_rename_fresh (const char *from, const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return -1;

  /* A file system without that call: a link never replaces, but is for files only. */
  if (link (from, to) == 0)
    return unlink (from);
  if (errno != EPERM && errno != EOPNOTSUPP)
    return -1;
  if (access (to, F_OK) == 0)
    {
      errno = EEXIST;
      return -1;
    }
  return rename (from, to);
}

/* A name is on the disk when its folder is.  Some file systems cannot flush a folder
 * (EINVAL) and need not. */
static gboolean
flush_folder (const char *folder)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean done = fd >= 0 && (fsync (fd) == 0 || errno == EINVAL);
  int code = errno;

  if (fd >= 0)
    close (fd);
  errno = code;
  return done;
}

gboolean
lk_new_file_commit (LkNewFile *self, const char *path, gboolean replace, GError **error)
{
  g_return_val_if_fail (self->temporary != NULL, FALSE);

  if (self->fd >= 0)
    {
      gboolean flushed = fsync (self->fd) == 0;
      int code = errno;

      /* Some network file systems report a full disk only now. */
      if (close (self->fd) != 0 && flushed)
        {
          flushed = FALSE;
          code = errno;
        }
      self->fd = -1;
      if (!flushed)
        {
          lk_file_set_error (error, code, "written", path);
          return FALSE;
        }
    }
  if ((replace ? rename (self->temporary, path) : lk_rename_fresh (self->temporary, path)) != 0)
    {
      lk_file_set_error (error, errno, "written", path);
      return FALSE;
    }
  g_clear_pointer (&self->temporary, g_free);
  if (!flush_folder (self->folder))
    {
      lk_file_set_error (error, errno, "written", path);
      return FALSE;
    }
  return TRUE;
}

void
lk_new_file_free (LkNewFile *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  if (self->temporary != NULL)
    unlink (self->temporary);
  g_free (self->temporary);
  g_free (self->folder);
  g_free (self);
}
