/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-database-private.h"

/*
 * migrations[i] brings version i to i + 1.  They are history: what has been released is
 * never changed, what is new is added at the end (and to tests/unit/store/schema-vN.sql).
 */
static const char *const migrations[LK_DATABASE_VERSION] = {
  /* Training runs: what was asked for, how it went, how good it is. */
  "CREATE TABLE run ("
  "  id INTEGER PRIMARY KEY,"
  "  name TEXT NOT NULL,"
  "  network TEXT NOT NULL,"
  "  state TEXT NOT NULL,"    /* lk_run_state_to_string() */
  "  began INTEGER NOT NULL," /* Unix time, s */
  "  ended INTEGER NOT NULL," /* 0: not yet */
  "  model TEXT);"            /* file name below models/ */
  "CREATE TABLE run_option ("
  "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
  "  name TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (run, name));"
  "CREATE TABLE run_figure ("
  "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
  "  name TEXT NOT NULL, value REAL NOT NULL, UNIQUE (run, name));"
  "CREATE TABLE run_point ("
  "  run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
  "  name TEXT NOT NULL, step INTEGER NOT NULL, value REAL NOT NULL);"
  "CREATE INDEX run_point_of ON run_point (run, name, step);",
  /* Embeddings and attempts, sealed by lk-vault.h. */
  "CREATE TABLE embedding ("
  "  model TEXT NOT NULL,"   /* lk_model_get_hash() */
  "  capture TEXT NOT NULL," /* path below captures/ */
  "  stamp TEXT NOT NULL,"   /* of the file that was embedded */
  "  vector BLOB NOT NULL,"
  "  UNIQUE (model, capture));"
  "CREATE TABLE attempt ("
  "  id INTEGER PRIMARY KEY,"
  "  moment INTEGER NOT NULL," /* Unix time, s */
  "  person TEXT NOT NULL,"
  "  accepted INTEGER NOT NULL,"
  "  score REAL NOT NULL,"
  "  threshold REAL NOT NULL,"
  "  picture BLOB);",
  /* The tries of the attack bench (lk-tries.h). */
  "CREATE TABLE presentation ("
  "  id INTEGER PRIMARY KEY,"
  "  moment INTEGER NOT NULL," /* Unix time, s */
  "  model TEXT NOT NULL,"     /* its name */
  "  shown TEXT NOT NULL,"     /* lk_shown_to_string() */
  "  matched INTEGER NOT NULL,"
  "  opened INTEGER NOT NULL);",
};

gboolean
lk_database_migrate (sqlite3 *db, int version, const char *path, GError **error)
{
  g_autofree char *done = g_strdup_printf ("PRAGMA user_version = %d; COMMIT", LK_DATABASE_VERSION);
  gboolean ok = sqlite3_exec (db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;

  for (int i = version; ok && i < LK_DATABASE_VERSION; i++)
    ok = sqlite3_exec (db, migrations[i], NULL, NULL, NULL) == SQLITE_OK;
  if (ok && sqlite3_exec (db, done, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  lk_database_fail (db, path, error);
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}
