/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-database-private.h"

#include "base/lk-error.h"
#include "base/lk-new-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * A damaged page takes the rows in it, not those behind it: rows are read in the order of
 * their numbers, and after one that cannot be read the next number is tried, until rows
 * come again.
 *
 * What is not in a table of tables[] is computed again by whoever needs it.
 */

static const struct
{
  const char *name;
  const char *columns;
} tables[] = {
  { "run", "id, name, network, state, began, ended, model" },
  { "run_option", "run, name, value" },
  { "run_figure", "run, name, value" },
  { "run_point", "run, name, step, value" },
  { "attempt", "id, moment, person, accepted, score, threshold, picture" },
  { "presentation", "id, moment, model, shown, matched, opened" },
};

#define PATIENCE 10000 /* numbers tried one by one before the steps grow */

/* The largest row number; where that cannot be read, the largest there can be. */
static gint64
get_last (sqlite3 *db, const char *table)
{
  g_autofree char *sql = g_strdup_printf ("SELECT max (rowid) FROM %s", table);
  g_autoptr (LkStatement) statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_ROW)
    return G_MAXINT64 / 4;
  return sqlite3_column_int64 (statement, 0);
}

/* Copies rows with a number above @from until one cannot be read.
 * Returns: the last number that was read, or @from; @ended: (out) */
static gint64
copy_rows (sqlite3 *db, LkStatement *rows, LkStatement *insert, gint64 from, gboolean *ended,
           int *n)
{
  int code, n_columns = sqlite3_column_count (rows);
  gint64 last = from;

  sqlite3_reset (rows);
  sqlite3_bind_int64 (rows, 1, from);
  while ((code = sqlite3_step (rows)) == SQLITE_ROW)
    {
      last = sqlite3_column_int64 (rows, 0);
      sqlite3_reset (insert);
      for (int i = 1; i < n_columns; i++)
        sqlite3_bind_value (insert, i, sqlite3_column_value (rows, i));
      /* A row of nonsense breaks a rule of the table, and is left out. */
      *n += sqlite3_step (insert) == SQLITE_DONE;
    }
  *ended = code == SQLITE_DONE;
  return last;
}

static int
copy_table (sqlite3 *from, sqlite3 *to, const char *name, const char *columns)
{
  g_autofree char *read = g_strdup_printf (
      "SELECT rowid, %s FROM %s WHERE rowid > ? ORDER BY rowid", columns, name);
  g_autoptr (GString) write = g_string_new (NULL);
  g_autoptr (LkStatement) rows = NULL, insert = NULL;
  gint64 last = get_last (from, name), at = 0, skip = 1;
  gboolean ended = FALSE;
  int n = 0, n_failed = 0;

  g_string_printf (write, "INSERT INTO %s (%s) VALUES (?", name, columns);
  for (const char *c = columns; *c != '\0'; c++)
    if (*c == ',')
      g_string_append (write, ", ?");
  g_string_append_c (write, ')');
  if (sqlite3_prepare_v2 (from, read, -1, &rows, NULL) != SQLITE_OK ||
      sqlite3_prepare_v2 (to, write->str, -1, &insert, NULL) != SQLITE_OK)
    return 0;
  for (;;)
    {
      gint64 reached = copy_rows (from, rows, insert, at, &ended, &n);

      if (ended)
        break;
      n_failed = reached > at ? 1 : n_failed + 1;
      skip = n_failed <= PATIENCE ? 1 : 2 * skip;
      at = reached + skip;
      if (at >= last)
        break;
    }
  return n;
}

/* "likeness.db.damaged-2026-03-01T18-30-05", of which there is none yet */
static char *
name_aside (const char *path)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%dT%H-%M-%S");
  char *aside = g_strdup_printf ("%s.damaged-%s", path, when);

  for (int i = 2; access (aside, F_OK) == 0; i++)
    {
      g_free (aside);
      aside = g_strdup_printf ("%s.damaged-%s-%d", path, when, i);
    }
  return aside;
}

/* The WAL goes with its database: beside another one it would be taken for that one's. */
static gboolean
put_aside (const char *path, const char *aside, GError **error)
{
  static const char *const parts[] = { "-wal", "" };
  g_autofree char *index = g_strconcat (path, "-shm", NULL);

  g_unlink (index); /* of the WAL: made anew from it */
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *from = g_strconcat (path, parts[i], NULL);
      g_autofree char *to = g_strconcat (aside, parts[i], NULL);
      GStatBuf info;

      if (i == 0 && g_stat (from, &info) == 0 && info.st_size == 0)
        g_unlink (from);
      else if (lk_rename_fresh (from, to) == 0)
        utimensat (AT_FDCWD, to, NULL, 0); /* it is kept from now on for a while */
      else if (errno != ENOENT)
        {
          lk_file_set_error (error, errno, "kept aside", from);
          return FALSE;
        }
    }
  return TRUE;
}

static void
copy_all (sqlite3 *damaged, sqlite3 *fresh, int n[])
{
  sqlite3_exec (fresh, "PRAGMA foreign_keys = OFF; BEGIN", NULL, NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    n[i] = copy_table (damaged, fresh, tables[i].name, tables[i].columns);
  /* Details of a run that is lost say nothing. */
  sqlite3_exec (fresh,
                "DELETE FROM run_option WHERE run NOT IN (SELECT id FROM run);"
                "DELETE FROM run_figure WHERE run NOT IN (SELECT id FROM run);"
                "DELETE FROM run_point WHERE run NOT IN (SELECT id FROM run);"
                "COMMIT",
                NULL, NULL, NULL);
}

char *
lk_database_recover (const char *path, GError **error)
{
  g_autofree char *temporary = g_strdup_printf ("%s.repaired", path);
  g_autofree char *aside = name_aside (path);
  g_autofree char *shown = g_filename_display_basename (aside);
  sqlite3 *damaged = NULL, *fresh = NULL;
  int n[G_N_ELEMENTS (tables)] = { 0 };
  gboolean written = FALSE;

  g_unlink (temporary); /* of a repair that was cut short */
  if (!lk_database_create (temporary, error))
    return NULL;
  if (sqlite3_open_v2 (temporary, &fresh, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK)
    {
      /* What cannot even be opened has nothing that could be copied. */
      if (sqlite3_open_v2 (path, &damaged, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) ==
          SQLITE_OK)
        copy_all (damaged, fresh, n);
      written = sqlite3_get_autocommit (fresh);
    }
  if (!written)
    lk_database_fail (fresh, temporary, error);
  sqlite3_close (fresh);
  /* Closing would fold its WAL into a file that is to be kept as it is. */
  if (damaged != NULL)
    sqlite3_db_config (damaged, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  sqlite3_close (damaged);
  if (!written || !put_aside (path, aside, error))
    {
      g_unlink (temporary);
      return NULL;
    }
  if (rename (temporary, path) != 0)
    {
      lk_file_set_error (error, errno, "written", path);
      return NULL;
    }
  return g_strdup_printf (_ ("The database was damaged and has been repaired: %d training runs "
                             "and %d attempts could be read.  The damaged file is kept as “%s” for "
                             "a week, or until something is deleted.  Enrolled people and their "
                             "pictures are not in it and are as they were."),
                             n[0], n[4], shown);
}
