/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-embeddings.h"

#include "base/lk-secret.h"
#include "base/lk-vault.h"
#include "lk-database-private.h"

#include <string.h>
#include <sys/stat.h>

/* What is sealed: model, NUL, name, NUL, floats.  A vector that was moved to another row by
 * somebody who can write to the file is not taken for that row's. */

/* (nullable): the name of a picture below captures/ */
static const char *
get_name (LkDatabase *self, const char *path)
{
  gsize n = strlen (self->captures);

  return strncmp (path, self->captures, n) == 0 && path[n] == '/' ? path + n + 1 : NULL;
}

/* (transfer full) (nullable): changes with the file */
static char *
get_stamp (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld", (gint64) info.st_size,
                          (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

gboolean
lk_database_get_embedding (LkDatabase *self, const char *path, const char *model, float *out,
                           int size)
{
  const char *name = get_name (self, path);
  g_autofree char *stamp = name != NULL ? get_stamp (path) : NULL;
  g_autoptr (LkStatement) row = NULL;
  gsize n = 0, head, bytes = sizeof *out * (gsize) size;
  guint8 *plain;
  gboolean found;

  if (stamp == NULL)
    return FALSE;
  row = lk_database_prepare (
      self, NULL, "SELECT vector FROM embedding WHERE model = ? AND capture = ? AND stamp = ?",
      "sss", model, name, stamp);
  if (row == NULL || !lk_database_step (self, row, NULL) ||
      sqlite3_column_type (row, 0) != SQLITE_BLOB)
    return FALSE;
  plain = lk_vault_unseal (sqlite3_column_blob (row, 0), (gsize) sqlite3_column_bytes (row, 0),
                           NULL, &n, NULL);
  head = strlen (model) + strlen (name) + 2;
  found = plain != NULL && n == head + bytes && memcmp (plain, model, strlen (model) + 1) == 0 &&
          memcmp (plain + strlen (model) + 1, name, strlen (name) + 1) == 0;
  if (found)
    memcpy (out, plain + head, bytes);
  if (plain != NULL)
    lk_secret_wipe (plain, n);
  g_free (plain);
  return found;
}

gboolean
lk_database_put_embedding (LkDatabase *self, const char *path, const char *model,
                           const float *embedding, int size, GError **error)
{
  const char *name = get_name (self, path);
  g_autofree char *stamp = name != NULL ? get_stamp (path) : NULL;
  g_autoptr (GBytes) sealed = NULL;
  gsize model_size = strlen (model) + 1, name_size, n;
  guint8 *plain;

  if (stamp == NULL)
    return TRUE;
  name_size = strlen (name) + 1;
  n = model_size + name_size + sizeof *embedding * (gsize) size;
  plain = g_malloc (n);
  memcpy (plain, model, model_size);
  memcpy (plain + model_size, name, name_size);
  memcpy (plain + model_size + name_size, embedding, sizeof *embedding * (gsize) size);
  sealed = lk_vault_seal (plain, n, error);
  lk_secret_wipe (plain, n);
  g_free (plain);
  return sealed != NULL &&
         lk_database_run (self, error,
                          "INSERT OR REPLACE INTO embedding (model, capture, stamp, vector) "
                          "VALUES (?, ?, ?, ?)",
                          "sssb", model, name, stamp, sealed);
}

gboolean
lk_database_drop_models (LkDatabase *self, const char *in_use, GError **error)
{
  return lk_database_run (self, error,
                          "DELETE FROM embedding WHERE model <> ?1 AND model <> (SELECT model FROM "
                          "embedding WHERE model <> ?1 ORDER BY rowid DESC LIMIT 1)",
                          "s", in_use);
}

gboolean
lk_database_forget_path (LkDatabase *self, const char *path, GError **error)
{
  const char *name = get_name (self, path);
  g_autofree char *folder = name != NULL ? g_strconcat (name, "/", NULL) : NULL;

  return name == NULL || (lk_database_run (self, error,
                                           "DELETE FROM embedding WHERE capture = ? OR "
                                           "substr (capture, 1, length (?)) = ?",
                                           "sss", name, folder, folder) &&
                          lk_database_scrub (self, error));
}
