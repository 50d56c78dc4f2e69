/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-new-file.h"
#include "base/lk-vault.h"
#include "image/lk-jpeg.h"
#include "lk-paths.h"
#include "lk-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define QUALITY 95

gboolean
lk_store_write_staged (const char *path, GBytes *bytes, GError **error)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), code = errno;

  while (fd >= 0 && size > 0)
    {
      ssize_t written = write (fd, data, size);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        break;
      data += written;
      size -= (gsize) written;
    }
  if (fd >= 0)
    {
      code = size > 0 ? errno : 0;
      if (close (fd) != 0 && code == 0)
        code = errno;
    }
  if (fd >= 0 && code == 0)
    return TRUE;
  lk_file_set_error (error, code, "written", path);
  return FALSE;
}

static gboolean
flush (const char *folder, GError **error)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;

  if (fd >= 0 && syncfs (fd) == 0)
    {
      close (fd);
      return TRUE;
    }
  code = errno;
  if (fd >= 0)
    close (fd);
  lk_file_set_error (error, code, "written", folder);
  return FALSE;
}

gboolean
lk_store_publish (LkStore *self, const char *staging, const char *file_name, const char *suffix,
                  const int *n, char **out_session, GError **error)
{
  g_autofree char *now = lk_store_name_session ();

  if (!flush (staging, error))
    return FALSE;

  for (int attempt = 1;; attempt++)
    {
      g_autofree char *session = attempt == 1 ? g_strconcat (now, suffix, NULL)
                                              : g_strdup_printf ("%s%s-%d", now, suffix, attempt);
      char *from[LK_N_CAPTURE_KINDS], *to[LK_N_CAPTURE_KINDS];
      int kind, code = 0;
      gboolean made = TRUE;

      for (kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
        {
          g_autofree char *person = lk_store_person_folder (self, (LkCaptureKind) kind, file_name);

          from[kind] = g_build_filename (staging, lk_capture_kind_to_string ((LkCaptureKind) kind),
                                         NULL);
          to[kind] = g_build_filename (person, session, NULL);
          if (made && n[kind] > 0)
            made = lk_paths_make_folder (person, error);
          if (code == 0 && access (to[kind], F_OK) == 0)
            code = EEXIST;
        }
      for (kind = 0; made && code == 0 && kind < LK_N_CAPTURE_KINDS; kind++)
        if (n[kind] > 0 && lk_rename_fresh (from[kind], to[kind]) != 0)
          {
            code = errno;
            for (int back = kind - 1; back >= 0; back--)
              if (n[back] > 0)
                lk_rename_fresh (to[back], from[back]);
          }
      if (code != 0 && code != EEXIST)
        lk_file_set_error (error, code, "written", self->captures);
      for (kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
        {
          g_free (from[kind]);
          g_free (to[kind]);
        }
      if (made && code == 0 && out_session != NULL)
        *out_session = g_steal_pointer (&session);
      if (!made || code != EEXIST)
        return made && code == 0;
    }
}

/* Writes the pictures of one kind to @staging/KIND. */
static gboolean
stage_kind (const char *staging, LkCaptureKind kind, GPtrArray *faces, GError **error)
{
  g_autofree char *folder = g_build_filename (staging, lk_capture_kind_to_string (kind), NULL);

  if (!lk_paths_make_folder (folder, error))
    return FALSE;
  for (guint i = 0; i < faces->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("%06u.jpg", i + 1);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GBytes) jpeg = lk_jpeg_encode (faces->pdata[i], QUALITY, error), sealed = NULL;

      if (jpeg == NULL)
        return FALSE;
      sealed = lk_vault_seal (g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg), error);
      if (sealed == NULL || !lk_store_write_staged (path, sealed, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lk_store_add_session (LkStore *self, const char *person, GPtrArray *const faces[LK_N_CAPTURE_KINDS],
                      char **out_session, GError **error)
{
  g_autofree char *file_name = lk_store_encode_person (person, error), *staging = NULL;
  int n[LK_N_CAPTURE_KINDS] = { 0 };
  gboolean done = TRUE;

  if (file_name == NULL || (staging = lk_store_make_trash (self, "session", error)) == NULL)
    return FALSE;
  for (int kind = 0; done && kind < LK_N_CAPTURE_KINDS; kind++)
    if (faces[kind] != NULL && faces[kind]->len > 0)
      {
        n[kind] = (int) faces[kind]->len;
        done = stage_kind (staging, (LkCaptureKind) kind, faces[kind], error);
      }
  done = done && lk_store_publish (self, staging, file_name, "", n, out_session, error);
  lk_store_remove_tree (staging);
  return done;
}
