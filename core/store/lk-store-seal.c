/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-new-file.h"
#include "base/lk-vault.h"
#include "lk-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE (256 * 1024 * 1024) /* bytes: of an import */

/* Whether a file begins like one that is sealed; FALSE for one that cannot be read. */
static gboolean
is_plain (const char *path)
{
  guint8 head[LK_VAULT_OVERHEAD];
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  gssize n = fd >= 0 ? read (fd, head, sizeof head) : -1;

  if (fd >= 0)
    close (fd);
  return n > 0 && !lk_vault_is_sealed (head, (gsize) n);
}

/* (transfer full) (element-type utf8): the paths of pictures that are not sealed */
static GPtrArray *
list_plain (LkStore *self, GError **error)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autoptr (GPtrArray)
          captures = lk_store_list_captures (self, NULL, (LkCaptureKind) kind, error);

      if (captures == NULL)
        return NULL;
      for (guint i = 0; i < captures->len; i++)
        if (is_plain (((LkCapture *) captures->pdata[i])->path))
          g_ptr_array_add (paths, g_strdup (((LkCapture *) captures->pdata[i])->path));
    }
  return g_steal_pointer (&paths);
}

int
lk_store_count_plain (LkStore *self, GError **error)
{
  g_autoptr (GPtrArray) paths = list_plain (self, error);

  return paths != NULL ? (int) paths->len : -1;
}

/* A picture that another process deletes meanwhile is not brought back. */
static gboolean
seal_file (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path), *data = NULL;
  g_autoptr (LkNewFile) file = NULL;
  g_autoptr (GBytes) sealed = NULL;
  struct stat info;
  gsize size;

  if (lstat (path, &info) != 0 && errno == ENOENT)
    return TRUE;
  if (info.st_size > MAX_FILE || !g_file_get_contents (path, &data, &size, NULL))
    {
      lk_file_set_error (error, info.st_size > MAX_FILE ? EFBIG : EIO, "encrypted", path);
      return FALSE;
    }
  if (lk_vault_is_sealed (data, size))
    return TRUE;
  sealed = lk_vault_seal (data, size, error);
  if (sealed == NULL || (file = lk_new_file_open (folder, error)) == NULL ||
      !lk_new_file_write (file, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed), error))
    return FALSE;
  if (access (path, F_OK) != 0)
    return TRUE;
  return lk_new_file_commit (file, path, TRUE, error);
}

gboolean
lk_store_seal (LkStore *self, LkStoreProgress progress, gpointer data, GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GPtrArray) paths = list_plain (self, error);

  for (guint i = 0; paths != NULL && i < paths->len; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !seal_file (paths->pdata[i], error))
        return FALSE;
      if (progress != NULL)
        progress ((int) i + 1, (int) paths->len, data);
    }
  return paths != NULL;
}
