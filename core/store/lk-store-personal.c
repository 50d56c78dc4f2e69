/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-new-file.h"
#include "base/lk-secret.h"
#include "base/lk-vault.h"
#include "lk-paths.h"
#include "lk-store-private.h"

#include <errno.h>
#include <unistd.h>

#define PERSONAL ".personal" /* hidden: no picture */
#define MAX_SIZE (64u << 20) /* bytes: of one that is ours some hundred thousand */

gboolean
lk_store_set_personal (LkStore *self, const char *person, GBytes *data, GError **error)
{
  g_autofree char *file_name = lk_store_encode_person (person, error), *folder = NULL, *path = NULL;
  g_autoptr (LkNewFile) file = NULL;
  g_autoptr (GBytes) sealed = NULL;

  if (file_name == NULL)
    return FALSE;
  folder = lk_store_person_folder (self, LK_CAPTURE_ANCHOR, file_name);
  path = g_build_filename (folder, PERSONAL, NULL);
  if (data == NULL)
    {
      if (unlink (path) == 0 || errno == ENOENT || errno == ENOTDIR)
        return TRUE;
      lk_file_set_error (error, errno, "deleted", path);
      return FALSE;
    }
  sealed = lk_vault_seal (g_bytes_get_data (data, NULL), g_bytes_get_size (data), error);
  file = sealed != NULL ? lk_new_file_open (folder, error) : NULL;
  return file != NULL &&
         lk_new_file_write (file, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed),
                            error) &&
         lk_new_file_commit (file, path, TRUE, error);
}

typedef struct
{
  guint8 *data;
  gsize size;
} Plain;

static void
plain_free (gpointer data)
{
  Plain *plain = data;

  lk_secret_wipe (plain->data, plain->size);
  g_free (plain->data);
  g_free (plain);
}

static GBytes *
read_sealed (const char *path)
{
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);
  Plain *plain;

  if (file == NULL || g_mapped_file_get_length (file) > MAX_SIZE)
    return NULL;
  plain = g_new0 (Plain, 1);
  plain->data = lk_vault_unseal (g_mapped_file_get_contents (file), g_mapped_file_get_length (file),
                                 NULL, &plain->size, NULL);
  if (plain->data != NULL)
    return g_bytes_new_with_free_func (plain->data, plain->size, plain_free, plain);
  g_free (plain);
  return NULL;
}

GBytes *
lk_store_get_personal (LkStore *self, const char *person)
{
  g_autofree char *file_name = lk_store_encode_person (person, NULL), *folder = NULL, *path = NULL;

  if (file_name == NULL)
    return NULL;
  folder = lk_store_person_folder (self, LK_CAPTURE_ANCHOR, file_name);
  path = g_build_filename (folder, PERSONAL, NULL);
  return read_sealed (path);
}

GBytes *
lk_store_find_personal (const char *person)
{
  g_autofree char *file_name = lk_store_encode_person (person, NULL), *path = NULL;

  if (file_name == NULL)
    return NULL;
  path = lk_paths_user ("captures", lk_capture_kind_to_string (LK_CAPTURE_ANCHOR), file_name,
                        PERSONAL, NULL);
  return read_sealed (path);
}
