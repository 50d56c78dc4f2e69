/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-tries.h"

#include "lk-database-private.h"

gboolean
lk_database_add_try (LkDatabase *self, const char *model, const char *shown, gboolean matched,
                     gboolean opened, GError **error)
{
  return lk_database_run (self, error,
                          "INSERT INTO presentation (moment, model, shown, matched, opened)"
                          " VALUES (?, ?, ?, ?, ?)",
                          "issii", g_get_real_time () / G_USEC_PER_SEC, model, shown,
                          (gint64) (matched != FALSE), (gint64) (opened != FALSE)) &&
         lk_database_run (self, error,
                          "DELETE FROM presentation WHERE id NOT IN "
                          "(SELECT id FROM presentation ORDER BY id DESC LIMIT ?)",
                          "i", (gint64) LK_TRIES_MAX);
}

gboolean
lk_database_list_tries (LkDatabase *self, const char *model, LkTryFunc found, gpointer data,
                        GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (LkStatement) rows = lk_database_prepare (
      self, &local,
      "SELECT shown, matched, opened FROM presentation WHERE model = ? AND matched >= opened "
      "ORDER BY id",
      "s", model);

  while (rows != NULL && lk_database_step (self, rows, &local))
    {
      g_autofree char *shown = lk_database_get_text (rows, 0);

      found (shown, sqlite3_column_int (rows, 1) != 0, sqlite3_column_int (rows, 2) != 0, data);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
lk_database_delete_tries (LkDatabase *self, const char *model, GError **error)
{
  return lk_database_run (self, error, "DELETE FROM presentation WHERE model = ?", "s", model) &&
         lk_database_scrub (self, error);
}
