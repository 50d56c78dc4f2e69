/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-store.h"

G_BEGIN_DECLS

/*
 * A person as one encrypted file, to take to another computer or to keep.
 *
 *     "LKPERSON1\n" | salt 16 | passes u32 | memory u32, MiB | head 24 |
 *     records, each: length u32 | ciphertext
 *
 * Numbers are little-endian.  The records are libsodium's secretstream (XChaCha20-Poly1305)
 * under a key that Argon2id derives from the passphrase: first the name; then for each
 * picture "KIND/SESSION/FILE" and its bytes; the last is empty and final, so that a file
 * that was cut is noticed.
 *
 * Errors: %LK_ERROR_LOCKED (not the passphrase, or damaged: nobody can tell which),
 * %LK_ERROR_FORMAT, %LK_ERROR_NO_DATA, %G_FILE_ERROR.
 */

/* Writes everything of @person to @path, which no file has yet, whole, mode 0600.
 * Returns: how many pictures, or -1 */
int lk_store_export_person (LkStore *self, const char *person, const char *path,
                            const char *passphrase, GError **error);

/**
 * lk_store_import_person:
 * @name: (nullable): what the person is to be called here; NULL for the name in the file
 * @out_name: (out) (transfer full): what it is
 *
 * All of it or, after an error, nothing.  Pictures of somebody who has that name already are
 * kept: these become further sessions.
 *
 * Returns: how many pictures, or -1
 */
int lk_store_import_person (LkStore *self, const char *path, const char *passphrase,
                            const char *name, char **out_name, GError **error);

/* The same of a file in memory, without storing: whether it could be imported; for tests.
 * @key: (nullable): in place of the passphrase's, 32 bytes */
gboolean lk_archive_check (const void *data, gsize size, const guint8 *key, GError **error);

G_END_DECLS
