/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Where the key of the vault (base/lk-vault.h) is kept: 32 random bytes, made when they are
 * first needed.
 *
 *   keyring      the desktop's keyring, through libsecret: unlocked with the login
 *   passphrase   in the file "key", encrypted with a key that Argon2id derives (RFC 9106;
 *                libsodium's crypto_pwhash, "moderate": 256 MiB, 3 passes)
 *   file         in the clear, in a file of mode 0600: for tests and for computers without
 *                keyring and person; who can read that file can read everything
 *
 * The file "key" beside the database says which, and names the key (lk_vault_name_key()).
 * @folder, everywhere: the store's; NULL for the user's own.
 *
 * A new key goes to the file that LIKENESS_KEY_FILE names, where that is set, else to the
 * keyring.  Without either it is not made, and the person is asked (%LK_ERROR_LOCKED).
 *
 * Any thread, though one at a time for one folder; they may wait for the keyring to ask
 * the person.
 */
typedef enum
{
  LK_KEY_NONE, /* there is no key yet */
  LK_KEY_KEYRING,
  LK_KEY_PASSPHRASE,
  LK_KEY_FILE,
} LkKeyPlace;

/* "none", "keyring", "passphrase", "file" */
const char *lk_key_place_to_string (LkKeyPlace place);

/* Returns: FALSE with %G_FILE_ERROR or %LK_ERROR_FORMAT when that cannot be told */
gboolean lk_keys_get_place (const char *folder, LkKeyPlace *place, GError **error);

/* Whether a keyring answers (it may still be locked).  Waits for D-Bus: some ms. */
gboolean lk_keys_has_keyring (GError **error);

/**
 * lk_keys_unlock:
 * @passphrase: (nullable): for a key that is kept behind one
 *
 * Finds the key, or makes the first one, and opens the vault with it.
 *
 * Returns: FALSE with %LK_ERROR_LOCKED (a passphrase is needed or wrong; the keyring or the
 *   key file has lost the key; nowhere to keep a new one): the message says which
 */
gboolean lk_keys_unlock (const char *folder, const char *passphrase, GError **error);

/* Keeps the open vault's key, or the first one, in another place and forgets it in the old
 * one.  @detail: the passphrase, or the path of the file, or NULL. */
gboolean lk_keys_move (const char *folder, LkKeyPlace place, const char *detail, GError **error);

/* Writes the open vault's key to a file of its own, behind a passphrase. */
gboolean lk_keys_back_up (const char *folder, const char *path, const char *passphrase,
                          GError **error);

/* Takes the key of a backup for this store's: into the keyring, or behind the same
 * passphrase where there is none; opens the vault. */
gboolean lk_keys_restore (const char *folder, const char *path, const char *passphrase,
                          GError **error);

/* When the key is lost: puts the pictures that nobody can read any more, and what is known of
 * their key, aside (nothing is deleted), so that a new key can be made.
 * Returns: (transfer full): the folder that the pictures are in now */
char *lk_keys_reset (const char *folder, GError **error);

G_END_DECLS
