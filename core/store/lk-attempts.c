/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-attempts.h"

#include "base/lk-error.h"
#include "base/lk-vault.h"
#include "image/lk-jpeg.h"
#include "lk-database-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define QUALITY 85
#define DAY_S   (24 * 3600)
#define NOBODY  "" /* no name is empty */

void
lk_attempt_free (LkAttempt *self)
{
  if (self == NULL)
    return;
  g_free (self->person);
  g_free (self);
}

static double
tame (double score)
{
  return isfinite (score) ? score : -1;
}

gboolean
lk_database_add_attempt (LkDatabase *self, const char *person, gboolean accepted, double score,
                         double threshold, const LkImage *picture, GError **error)
{
  g_autoptr (GBytes) sealed = NULL;

  if (picture != NULL)
    {
      g_autoptr (GBytes) jpeg = lk_jpeg_encode (picture, QUALITY, error);

      sealed = jpeg == NULL
                   ? NULL
                   : lk_vault_seal (g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg), error);
      if (sealed == NULL)
        return FALSE;
    }
  return lk_database_run (
             self, error,
             "INSERT INTO attempt (moment, person, accepted, score, threshold, picture)"
             " VALUES (?, ?, ?, ?, ?, ?)",
             "isiddb", g_get_real_time () / G_USEC_PER_SEC, person != NULL ? person : NOBODY,
             (gint64) (accepted != FALSE), tame (score), tame (threshold), sealed) &&
         lk_database_run (self, error,
                          "DELETE FROM attempt WHERE id NOT IN "
                          "(SELECT id FROM attempt ORDER BY id DESC LIMIT ?)",
                          "i", (gint64) LK_ATTEMPTS_MAX);
}

GPtrArray *
lk_database_list_attempts (LkDatabase *self, GError **error)
{
  g_autoptr (GPtrArray)
      attempts = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_attempt_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (LkStatement) rows = lk_database_prepare (
      self, &local,
      "SELECT id, moment, person, accepted, score, threshold, picture IS NOT NULL FROM attempt "
      "WHERE typeof (person) = 'text' ORDER BY id DESC",
      "");

  while (rows != NULL && lk_database_step (self, rows, &local))
    {
      LkAttempt *attempt = g_new0 (LkAttempt, 1);

      g_ptr_array_add (attempts, attempt);
      attempt->id = sqlite3_column_int64 (rows, 0);
      attempt->when = sqlite3_column_int64 (rows, 1);
      attempt->person = lk_database_get_text (rows, 2);
      if (g_strcmp0 (attempt->person, NOBODY) == 0)
        g_clear_pointer (&attempt->person, g_free);
      attempt->accepted = sqlite3_column_int (rows, 3) != 0;
      attempt->score = sqlite3_column_double (rows, 4);
      attempt->threshold = sqlite3_column_double (rows, 5);
      attempt->has_picture = sqlite3_column_int (rows, 6) != 0;
    }
  if (local == NULL)
    return g_steal_pointer (&attempts);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

LkImage *
lk_database_load_attempt (LkDatabase *self, gint64 id, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (LkStatement) row = lk_database_prepare (
      self, &local, "SELECT picture FROM attempt WHERE id = ? AND picture IS NOT NULL", "i", id);
  g_autofree guint8 *plain = NULL;
  gsize n = 0;

  if (row == NULL || !lk_database_step (self, row, &local))
    {
      if (local == NULL)
        g_set_error (&local, LK_ERROR, LK_ERROR_NO_DATA,
                     _ ("There is no picture of this attempt (any more)."));
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  plain = lk_vault_unseal (sqlite3_column_blob (row, 0), (gsize) sqlite3_column_bytes (row, 0),
                           "The picture", &n, error);
  return plain != NULL ? lk_image_load_bytes (plain, n, "The picture", error) : NULL;
}

int
lk_lockout_get_wait (gint64 n_refused, int n_free)
{
  gint64 over = n_refused - n_free;

  return over < 0 ? 0 : MIN (LK_LOCKOUT_FIRST_S << MIN (over, 20), LK_LOCKOUT_MAX_S);
}

gint64
lk_database_count_refused (LkDatabase *self, const char *person, gint64 *last)
{
  g_autoptr (LkStatement) row = lk_database_prepare (
      self, NULL,
      "SELECT count (*), max (moment) FROM attempt WHERE accepted = 0 AND "
      "(person = ?1 AND id > "
      " coalesce ((SELECT max (id) FROM attempt WHERE person = ?1 AND accepted = 1), 0) OR "
      " person = '" NOBODY "' AND id > "
      " coalesce ((SELECT max (id) FROM attempt WHERE accepted = 1), 0))",
      "s", person);

  if (row == NULL || !lk_database_step (self, row, NULL))
    return 0;
  if (last != NULL)
    *last = sqlite3_column_int64 (row, 1);
  return sqlite3_column_int64 (row, 0);
}

int
lk_database_get_lockout (LkDatabase *self, const char *person, int n_free)
{
  gint64 last = 0;
  int wait = lk_lockout_get_wait (lk_database_count_refused (self, person, &last), n_free);

  if (wait == 0)
    return 0;
  return (int) CLAMP (last + wait - g_get_real_time () / G_USEC_PER_SEC, 0, LK_LOCKOUT_MAX_S);
}

gboolean
lk_database_delete_attempt (LkDatabase *self, gint64 id, GError **error)
{
  return lk_database_run (self, error, "DELETE FROM attempt WHERE id = ?", "i", id) &&
         lk_database_scrub (self, error);
}

/* A blob is nobody's name: no text equals it.  The rows keep their numbers, by which others count.
 */
gboolean
lk_database_set_attempts_aside (LkDatabase *self, const char *person, const char *key,
                                GError **error)
{
  return lk_database_run (self, error,
                          "UPDATE attempt SET person = CAST (? AS BLOB) WHERE person = ?", "ss",
                          key, person) &&
         lk_database_run (self, error,
                          "UPDATE attempt SET picture = NULL WHERE person = '" NOBODY "'", "");
}

gboolean
lk_database_bring_attempts_back (LkDatabase *self, const char *key, const char *person,
                                 GError **error)
{
  return lk_database_run (self, error,
                          "UPDATE attempt SET person = ? WHERE person = CAST (? AS BLOB)", "ss",
                          person, key);
}

gboolean
lk_database_drop_attempts_aside (LkDatabase *self, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (LkStatement) keys = lk_database_prepare (
      self, error, "SELECT DISTINCT person FROM attempt WHERE typeof (person) = 'blob'", "");

  if (keys == NULL)
    return FALSE;
  while (lk_database_step (self, keys, NULL))
    {
      g_autofree char *key = g_strndup (sqlite3_column_blob (keys, 0),
                                        (gsize) sqlite3_column_bytes (keys, 0));
      g_autofree char *path = g_build_filename (folder, key, NULL);

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        g_ptr_array_add (gone, g_steal_pointer (&key));
    }
  sqlite3_reset (keys);
  for (guint i = 0; i < gone->len; i++)
    if (!lk_database_run (self, error, "DELETE FROM attempt WHERE person = CAST (? AS BLOB)", "s",
                          gone->pdata[i]))
      return FALSE;
  return gone->len == 0 || lk_database_scrub (self, error);
}

gboolean
lk_database_rename_attempts (LkDatabase *self, const char *from, const char *to, GError **error)
{
  return lk_database_run (self, error, "UPDATE attempt SET person = ? WHERE person = ?", "ss", to,
                          from);
}

gboolean
lk_database_expire_attempts (LkDatabase *self, int days, GError **error)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC, since = now - (gint64) days * DAY_S;
  int before = sqlite3_total_changes (self->db);

  if (!lk_database_run (
          self, error,
          "UPDATE attempt SET picture = NULL WHERE picture IS NOT NULL AND moment <= ?", "i",
          since) ||
      !lk_database_run (self, error, "DELETE FROM attempt WHERE moment < ?", "i",
                        now - (gint64) 365 * DAY_S))
    return FALSE;
  lk_database_delete_copies (self->path, LK_DATABASE_COPY_DAYS);
  return sqlite3_total_changes (self->db) == before || lk_database_scrub (self, error);
}
