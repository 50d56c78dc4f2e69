/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LkVault: the one key of this process, and what it seals.
 *
 *     "LKSEAL1\n" | id of the key, 8 bytes | nonce, 24 bytes | ciphertext and tag
 *
 * XChaCha20-Poly1305 with a random nonce (libsodium's IETF construction: RFC 8439 with the
 * nonce of draft-irtf-cfrg-xchacha); what stands before the ciphertext is authenticated
 * with it.  Pictures and embeddings are kept so.  Whoever reads a picture's file need not
 * know: lk_image_load() unseals.
 *
 * The vault begins locked.  Where the key comes from is the affair of store/lk-keys.h; it
 * registers an opener, which is asked the first time that the key is needed.
 *
 * Any thread.  Errors: %LK_ERROR_LOCKED (there is no key, or it is another one),
 * %LK_ERROR_FORMAT (damaged or changed).
 */
#define LK_VAULT_KEY_SIZE 32
#define LK_VAULT_OVERHEAD (8 + 8 + 24 + 16) /* bytes that sealing adds */

/* Gets the key from wherever it is and calls lk_vault_unlock(); FALSE with an error.  It
 * is called by one thread at a time, and not again when the vault has been opened
 * meanwhile. */
typedef gboolean (*LkVaultOpener) (GError **error);
void lk_vault_set_opener (LkVaultOpener opener); /* @opener: (nullable) */

/* @key: LK_VAULT_KEY_SIZE bytes, copied into locked memory */
gboolean lk_vault_unlock (const guint8 *key, GError **error);
/* Forgets and wipes the key. */
void lk_vault_lock (void);
gboolean lk_vault_is_open (void);
/* Opens the vault if it is locked. */
gboolean lk_vault_need (GError **error);

/* @key: (out caller-allocates): for whoever keeps it elsewhere: in memory of lk-secret.h.
 * Returns: FALSE when the vault is locked */
gboolean lk_vault_copy_key (guint8 *key);

/* (transfer full): 16 hex digits that name a key and tell nothing about it */
char *lk_vault_name_key (const guint8 *key);

gboolean lk_vault_is_sealed (const void *data, gsize size);

/* Whether the open vault's key sealed this.  FALSE when it is locked. */
gboolean lk_vault_is_own (const void *data, gsize size);

/* (transfer full): @size + LK_VAULT_OVERHEAD bytes */
GBytes *lk_vault_seal (const void *data, gsize size, GError **error);

/* (transfer full): @size - LK_VAULT_OVERHEAD bytes, with g_free(); NULL with an error.
 * @name: (nullable): what it is, for the message */
guint8 *lk_vault_unseal (const void *data, gsize size, const char *name, gsize *out_size,
                         GError **error);

G_END_DECLS
