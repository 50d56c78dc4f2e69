/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LkNewFile: a file that appears whole or not at all.
 *
 * Written under a hidden name (LK_NEW_FILE_PREFIX and six letters) in the folder that
 * it is for, mode 0600; committing flushes it to the disk, gives it its name in one
 * step and flushes the folder.  One thread.  Errors are %G_FILE_ERROR.
 */
typedef struct _LkNewFile LkNewFile;

#define LK_NEW_FILE_PREFIX ".likeness-"

/* @folder: exists */
LkNewFile *lk_new_file_open (const char *folder, GError **error);

/* Adds @size bytes.  After a failure only lk_new_file_free() makes sense. */
gboolean lk_new_file_write (LkNewFile *self, const void *data, gsize size, GError **error);

/**
 * lk_new_file_commit:
 * @path: the name it gets, in the folder of lk_new_file_open()
 * @replace: whether a file of that name may be replaced; otherwise
 *   %G_FILE_ERROR_EXIST is set, and another name can be tried
 */
gboolean lk_new_file_commit (LkNewFile *self, const char *path, gboolean replace, GError **error);

/* Removes what has not been committed.  Accepts NULL. */
void lk_new_file_free (LkNewFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkNewFile, lk_new_file_free)

/* Renames within one file system, never over something that is there (then errno is
 * EEXIST).  Returns: 0, or -1 with errno */
int lk_rename_fresh (const char *from, const char *to);

/* Sets %G_FILE_ERROR for @code, an errno: "“path” could not be VERB: ...", with what
 * the person can do about it. */
void lk_file_set_error (GError **error, int code, const char *verb, const char *path);

G_END_DECLS
