/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-database.h"

#include <sqlite3.h>

struct _LkDatabase
{
  sqlite3 *db;
  char *path;
  char *captures; /* the folder beside it */
  int lock;       /* shared as long as it is open */
};

typedef sqlite3_stmt LkStatement;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkStatement, sqlite3_finalize)

/* Sets the error of a call that failed, with what the person can do.  Returns: FALSE */
gboolean lk_database_fail (sqlite3 *db, const char *path, GError **error);

/* One or more statements without results. */
gboolean lk_database_execute (LkDatabase *self, const char *sql, GError **error);

/* A statement with its parameters bound: @types has a character each, 's' (const char *,
 * nullable), 'i' (gint64), 'd' (double), 'b' (GBytes *, nullable). */
LkStatement *lk_database_prepare (LkDatabase *self, GError **error, const char *sql,
                                  const char *types, ...);

/* The next row: TRUE; none any more: FALSE without @error. */
gboolean lk_database_step (LkDatabase *self, LkStatement *statement, GError **error);

/* A statement without results; @types as above. */
gboolean lk_database_run (LkDatabase *self, GError **error, const char *sql, const char *types,
                          ...);

/* (transfer full): a column's text as people can be shown it, whatever the file holds */
char *lk_database_get_text (LkStatement *statement, int column);

/* How long copies of the file that nobody asked for are kept: backups before a migration, and what
 * was damaged. */
#define LK_DATABASE_COPY_DAYS 7

/* Deletes those of the database at @path that are older than @days; 0: all. */
void lk_database_delete_copies (const char *path, int days);

/* Makes what was deleted vanish from the WAL and from all copies too.  While another process
 * reads, that waits for its end. */
gboolean lk_database_scrub (LkDatabase *self, GError **error);

/* Brings a database from @version (0: empty) to LK_DATABASE_VERSION, in one transaction. */
gboolean lk_database_migrate (sqlite3 *db, int version, const char *path, GError **error);

/* Copies what can be read of the database at @path into a new one that takes its name; the
 * old one stays beside it.  Returns: (transfer full): a sentence about it */
char *lk_database_recover (const char *path, GError **error);

/* Makes an empty database of the newest version at @path, which no file has. */
gboolean lk_database_create (const char *path, GError **error);
