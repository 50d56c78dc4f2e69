/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkDatabase: what folders cannot hold, in one SQLite file, likeness.db.
 *
 * The folders of LkStore stay the truth about who is enrolled and of which pictures
 * there are: a lost database loses no picture.  Here is what belongs to them
 * (embeddings, which can be computed again) and what stands beside (training runs,
 * attempts).
 *
 * WAL, secure_delete and foreign keys are on.  Opening checks the file (quick_check),
 * brings an older schema up to date after a backup (likeness.db.before-vN), and replaces a
 * damaged file: what can be read of it is copied to a new one, and the damaged one is kept beside
 * it (likeness.db.damaged-TIME).  Both are deleted after a week, or when anything else is.
 *
 * One thread each; several of them, in several processes too, may share a file.  Only
 * bringing up to date and repairing want to be alone, and say so.
 */
typedef struct _LkDatabase LkDatabase;

/* The version of the schema that this program writes (SQLite's user_version). */
#define LK_DATABASE_VERSION 3

/**
 * lk_database_open:
 * @folder: that likeness.db is in, or is made in; exists
 * @notice: (out) (optional) (nullable) (transfer full): what happened that the person
 *   should know, in whole sentences: a repair; NULL when there is nothing to tell
 *
 * Returns: %NULL with %LK_ERROR_STORE_BUSY (another process is in the way),
 *   %LK_ERROR_FORMAT (written by a newer program, or not repairable) or %G_FILE_ERROR
 */
LkDatabase *lk_database_open (const char *folder, char **notice, GError **error);
void lk_database_close (LkDatabase *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkDatabase, lk_database_close)

G_END_DECLS
