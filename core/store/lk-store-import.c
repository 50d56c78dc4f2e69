/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "base/lk-vault.h"
#include "image/lk-jpeg.h"
#include "lk-paths.h"
#include "lk-store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUALITY   95
#define MAX_DEPTH 16
#define MAX_FILE  (256 * 1024 * 1024) /* bytes */

/* Adds the paths of all pictures below @folder: of one folder by name, then its
 * subfolders'.  Folders that cannot be read, and links to folders (they may go round in
 * a circle), are passed over. */
static void
collect (GPtrArray *out, const char *folder, int depth)
{
  g_autoptr (GPtrArray) files = lk_store_list_names (folder, LK_LIST_FILES_AND_LINKS, NULL);
  g_autoptr (GPtrArray) folders = lk_store_list_names (folder, LK_LIST_FOLDERS, NULL);

  for (guint i = 0; files != NULL && i < files->len; i++)
    if (lk_image_is_image_name (files->pdata[i]))
      g_ptr_array_add (out, g_build_filename (folder, files->pdata[i], NULL));
  for (guint i = 0; folders != NULL && depth < MAX_DEPTH && i < folders->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, folders->pdata[i], NULL);

      collect (out, path, depth + 1);
    }
}

/* (transfer full) (nullable): the picture as the JPEG file to be stored: its own bytes
 * where it is one already, so that nothing is lost to a second compression. */
static GBytes *
read_picture (const char *path)
{
  g_autoptr (LkImage) image = NULL;
  g_autofree char *data = NULL;
  struct stat info;
  gsize size;

  if (stat (path, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size > MAX_FILE ||
      !g_file_get_contents (path, &data, &size, NULL))
    return NULL;
  image = lk_image_load_bytes ((const guint8 *) data, size, path, NULL);
  if (image == NULL)
    return NULL;
  if (memcmp (data, "\xff\xd8", 2) == 0)
    return g_bytes_new_take (g_steal_pointer (&data), size);
  return lk_jpeg_encode (image, QUALITY, NULL);
}

/* Copies the pictures of one kind to @folder/KIND.  Returns: how many, or -1 */
static int
copy_kind (const char *source, const char *folder, const char *kind, GCancellable *cancellable,
           int *n_skipped, GError **error)
{
  g_autofree char *from = g_build_filename (source, kind, NULL);
  g_autofree char *to = g_build_filename (folder, kind, NULL);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  int n = 0;

  collect (paths, from, 0);
  for (guint i = 0; i < paths->len; i++)
    {
      g_autoptr (GBytes) picture = NULL, sealed = NULL;
      g_autofree char *name = g_strdup_printf ("%06d.jpg", n + 1), *path = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return -1;
      picture = read_picture (paths->pdata[i]);
      if (picture == NULL)
        {
          (*n_skipped)++;
          continue;
        }
      sealed = lk_vault_seal (g_bytes_get_data (picture, NULL), g_bytes_get_size (picture), error);
      if (sealed == NULL)
        return -1;
      path = g_build_filename (to, name, NULL);
      if ((n == 0 && !lk_paths_make_folder (to, error)) ||
          !lk_store_write_staged (path, sealed, error))
        return -1;
      n++;
    }
  return n;
}

int
lk_store_import (LkStore *self, const char *person, const char *folder, GCancellable *cancellable,
                 int *n_skipped, GError **error)
{
  g_autofree char *file_name = lk_store_encode_person (person, error), *staging = NULL;
  g_autofree char *shown = g_filename_display_basename (folder);
  int n[LK_N_CAPTURE_KINDS] = { 0 }, total = 0, skipped = 0, n_folders = 0;
  gboolean done = TRUE;

  if (file_name == NULL)
    return -1;
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autofree char *path = g_build_filename (
          folder, lk_capture_kind_to_string ((LkCaptureKind) kind), NULL);

      n_folders += g_file_test (path, G_FILE_TEST_IS_DIR);
    }
  if (n_folders == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                   _ ("“%s” holds no folder “anchor”, “positive” or “negative”.  Choose the folder "
                      "that they are in."),
                      shown);
      return -1;
    }
  staging = lk_store_make_trash (self, "import", error);
  if (staging == NULL)
    return -1;

  for (int kind = 0; done && kind < LK_N_CAPTURE_KINDS; kind++)
    {
      n[kind] = copy_kind (folder, staging, lk_capture_kind_to_string ((LkCaptureKind) kind),
                           cancellable, &skipped, error);
      done = n[kind] >= 0;
      total += n[kind];
    }
  if (done && total == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                   _ ("No picture in “%s” could be read.  It needs JPEG, PNG or BMP files."),
                      shown);
      done = FALSE;
    }
  done = done && lk_store_publish (self, staging, file_name, "-import", n, NULL, error);
  lk_store_remove_tree (staging);
  if (done && n_skipped != NULL)
    *n_skipped = skipped;
  return done ? total : -1;
}
