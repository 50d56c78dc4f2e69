/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Where things are.
 *
 * The user's: $XDG_DATA_HOME/likeness (folders 0700, files 0600), made on first use.
 * The program's `data/`: $LIKENESS_DATA_DIR, else beside an uninstalled program
 * (a `data/models` beside a `meson.build` in a folder above the program), else where
 * it was installed.
 *
 * Any thread.
 */

/* (transfer full): $XDG_DATA_HOME/likeness/PART/..., NULL-terminated; makes no
 * folder. */
char *lk_paths_user (const char *part, ...) G_GNUC_NULL_TERMINATED;

/* (transfer full) (nullable): the program's data/PART/..., or NULL with
 * %G_FILE_ERROR_NOENT and a sentence that names LIKENESS_DATA_DIR. */
char *lk_paths_data (GError **error, const char *part, ...) G_GNUC_NULL_TERMINATED;

/* Makes @path and its parents, 0700. */
gboolean lk_paths_make_folder (const char *path, GError **error);

/* (transfer full): @name as a single, safe, visible file name, reversible:
 * '/', '%', control characters, a leading dot and invalid UTF-8 become %XX.  An empty
 * name stays empty, and the length is the caller's to check: up to three times
 * @name's. */
char *lk_paths_encode (const char *name);

/* (transfer full) (nullable): the name, or NULL when lk_paths_encode() would never
 * have made @file_name. */
char *lk_paths_decode (const char *file_name);

G_END_DECLS
