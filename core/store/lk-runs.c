/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-runs.h"

#include "base/lk-error.h"
#include "lk-database-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static const char *const states[] = { "running", "finished", "stopped", "failed", "interrupted" };

const char *
lk_run_state_to_string (LkRunState state)
{
  return states[state];
}

/* A word of another program's database is none that we know: it is over, somehow. */
static LkRunState
state_from_string (const char *word)
{
  for (int i = 0; i < (int) G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (word, states[i]) == 0)
      return (LkRunState) i;
  return LK_RUN_INTERRUPTED;
}

LkRun *
lk_run_new (const char *name, const char *network)
{
  LkRun *self = g_new0 (LkRun, 1);

  self->name = g_strdup (name);
  self->network = g_strdup (network);
  self->began = g_get_real_time () / G_USEC_PER_SEC;
  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->figures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
lk_run_free (LkRun *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->network);
  g_free (self->model);
  g_hash_table_unref (self->options);
  g_hash_table_unref (self->figures);
  g_free (self);
}

void
lk_run_set_option (LkRun *self, const char *name, const char *value)
{
  g_hash_table_replace (self->options, g_strdup (name), g_strdup (value));
}

void
lk_run_set_figure (LkRun *self, const char *name, double value)
{
  if (isfinite (value))
    g_hash_table_replace (self->figures, g_strdup (name), g_memdup2 (&value, sizeof value));
  else
    g_hash_table_remove (self->figures, name);
}

const char *
lk_run_get_option (const LkRun *self, const char *name)
{
  return g_hash_table_lookup (self->options, name);
}

gboolean
lk_run_get_figure (const LkRun *self, const char *name, double *value)
{
  const double *found = g_hash_table_lookup (self->figures, name);

  if (found != NULL)
    *value = *found;
  return found != NULL;
}

/* Ends the transaction: COMMIT when all went well, else ROLLBACK with the first error
 * kept.  Returns: whether it is stored */
static gboolean
end (LkDatabase *self, gboolean ok, GError **error)
{
  if (ok && lk_database_execute (self, "COMMIT", error))
    return TRUE;
  sqlite3_exec (self->db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

static gboolean
write_details (LkDatabase *self, const LkRun *run, GError **error)
{
  GHashTableIter iter;
  gpointer name, value;

  if (!lk_database_run (self, error, "DELETE FROM run_option WHERE run = ?", "i", run->id) ||
      !lk_database_run (self, error, "DELETE FROM run_figure WHERE run = ?", "i", run->id))
    return FALSE;
  g_hash_table_iter_init (&iter, run->options);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!lk_database_run (self, error, "INSERT INTO run_option VALUES (?, ?, ?)", "iss", run->id,
                          (const char *) name, (const char *) value))
      return FALSE;
  g_hash_table_iter_init (&iter, run->figures);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!lk_database_run (self, error, "INSERT INTO run_figure VALUES (?, ?, ?)", "isd", run->id,
                          (const char *) name, *(const double *) value))
      return FALSE;
  return TRUE;
}

gboolean
lk_database_add_run (LkDatabase *self, LkRun *run, GError **error)
{
  gint64 before = run->id;
  gboolean ok = lk_database_execute (self, "BEGIN IMMEDIATE", error);

  if (!ok)
    return FALSE;
  ok = lk_database_run (self, error,
                        "INSERT INTO run (name, network, state, began, ended, model) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
                        "sssiis", run->name, run->network, states[run->state], run->began,
                        run->ended, run->model);
  if (ok)
    run->id = sqlite3_last_insert_rowid (self->db);
  ok = end (self, ok && write_details (self, run, error), error);
  if (!ok)
    run->id = before;
  return ok;
}

static gboolean
set_gone (GError **error)
{
  g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
               _ ("There is no such training run any more.  It may have been deleted elsewhere."));
  return FALSE;
}

gboolean
lk_database_update_run (LkDatabase *self, LkRun *run, GError **error)
{
  gboolean ok;

  if (run->state != LK_RUN_RUNNING && run->ended == 0)
    run->ended = g_get_real_time () / G_USEC_PER_SEC;
  if (!lk_database_execute (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  ok = lk_database_run (self, error,
                        "UPDATE run SET network = ?, state = ?, began = ?, ended = ?, model = ? "
                        "WHERE id = ?",
                        "ssiisi", run->network, states[run->state], run->began, run->ended,
                        run->model, run->id);
  if (ok && sqlite3_changes (self->db) == 0)
    ok = set_gone (error);
  return end (self, ok && write_details (self, run, error), error);
}

gboolean
lk_database_add_points (LkDatabase *self, gint64 run, gint64 step, const char *const names[],
                        const double values[], int n, GError **error)
{
  gboolean ok = lk_database_execute (self, "BEGIN IMMEDIATE", error);

  if (!ok)
    return FALSE;
  for (int i = 0; ok && i < n; i++)
    ok = lk_database_run (self, error,
                          "DELETE FROM run_point WHERE run = ? AND name = ? AND step >= ?", "isi",
                          run, names[i], step);
  for (int i = 0; ok && i < n; i++)
    if (isfinite (values[i]))
      ok = lk_database_run (self, error, "INSERT INTO run_point VALUES (?, ?, ?, ?)", "isid", run,
                            names[i], step, values[i]);
  return end (self, ok, error);
}

static gboolean
read_details (LkDatabase *self, LkRun *run, GError **error)
{
  g_autoptr (LkStatement) options = NULL, figures = NULL;
  g_autoptr (GError) local = NULL;

  options = lk_database_prepare (self, &local, "SELECT name, value FROM run_option WHERE run = ?",
                                 "i", run->id);
  while (options != NULL && lk_database_step (self, options, &local))
    g_hash_table_replace (run->options, lk_database_get_text (options, 0),
                          lk_database_get_text (options, 1));
  if (local == NULL)
    figures = lk_database_prepare (self, &local, "SELECT name, value FROM run_figure WHERE run = ?",
                                   "i", run->id);
  while (figures != NULL && lk_database_step (self, figures, &local))
    {
      g_autofree char *name = lk_database_get_text (figures, 0);

      lk_run_set_figure (run, name, sqlite3_column_double (figures, 1));
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

GPtrArray *
lk_database_list_runs (LkDatabase *self, GError **error)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_run_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (LkStatement) rows = lk_database_prepare (
      self, &local,
      "SELECT id, name, network, state, began, ended, model FROM run ORDER BY began DESC, id DESC",
      "");

  while (rows != NULL && lk_database_step (self, rows, &local))
    {
      g_autofree char *name = lk_database_get_text (rows, 1),
                      *network = lk_database_get_text (rows, 2);
      LkRun *run = lk_run_new (name, network);

      g_ptr_array_add (runs, run);
      run->id = sqlite3_column_int64 (rows, 0);
      run->state = state_from_string ((const char *) sqlite3_column_text (rows, 3));
      run->began = sqlite3_column_int64 (rows, 4);
      run->ended = sqlite3_column_int64 (rows, 5);
      run->model = sqlite3_column_text (rows, 6) != NULL ? lk_database_get_text (rows, 6) : NULL;
      if (!read_details (self, run, &local))
        break;
    }
  if (local == NULL)
    return g_steal_pointer (&runs);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

GArray *
lk_database_list_points (LkDatabase *self, gint64 run, const char *name, GError **error)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (LkRunPoint));
  g_autoptr (GError) local = NULL;
  g_autoptr (LkStatement) rows = lk_database_prepare (
      self, &local, "SELECT step, value FROM run_point WHERE run = ? AND name = ? ORDER BY step",
      "is", run, name);

  while (rows != NULL && lk_database_step (self, rows, &local))
    {
      LkRunPoint point = { sqlite3_column_int64 (rows, 0), sqlite3_column_double (rows, 1) };

      g_array_append_val (points, point);
    }
  if (local == NULL)
    return g_steal_pointer (&points);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

GPtrArray *
lk_database_list_curves (LkDatabase *self, gint64 run, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  g_autoptr (LkStatement) rows = lk_database_prepare (
      self, &local, "SELECT DISTINCT name FROM run_point WHERE run = ? ORDER BY name", "i", run);

  while (rows != NULL && lk_database_step (self, rows, &local))
    g_ptr_array_add (names, lk_database_get_text (rows, 0));
  if (local == NULL)
    return g_steal_pointer (&names);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

gboolean
lk_database_rename_run (LkDatabase *self, gint64 run, const char *name, GError **error)
{
  return lk_database_run (self, error, "UPDATE run SET name = ? WHERE id = ?", "si", name, run) &&
         (sqlite3_changes (self->db) > 0 || set_gone (error));
}

gboolean
lk_database_delete_run (LkDatabase *self, gint64 run, GError **error)
{
  return lk_database_run (self, error, "DELETE FROM run WHERE id = ?", "i", run) &&
         (sqlite3_changes (self->db) > 0 || set_gone (error));
}
