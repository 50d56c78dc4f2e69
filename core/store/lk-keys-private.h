/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-vault.h"
#include "lk-keys.h"

/* Between lk-keys.c (where the key is) and lk-key-file.c (what the file “key” says). */

#define LK_SALT_SIZE   16
#define LK_SEALED_SIZE (24 + LK_VAULT_KEY_SIZE + 16) /* nonce, key, tag */

/* What the file "key", or a backup, says. */
typedef struct
{
  LkKeyPlace place;
  char *id;   /* of the key */
  char *path; /* (nullable): LK_KEY_FILE */
  guint8 salt[LK_SALT_SIZE];
  guint64 passes, memory; /* of Argon2id */
  guint8 sealed[LK_SEALED_SIZE];
} LkKeyInfo;

void lk_key_info_free (LkKeyInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkKeyInfo, lk_key_info_free)

/* (nullable): NULL without @error when there is no such file */
LkKeyInfo *lk_key_info_load (const char *path, GError **error);
/* @replace: or else %G_FILE_ERROR_EXIST */
gboolean lk_key_info_save (const LkKeyInfo *self, const char *path, gboolean replace,
                           GError **error);

/* Puts @key behind a passphrase. */
gboolean lk_key_info_wrap (LkKeyInfo *self, const guint8 *key, const char *passphrase,
                           GError **error);
/* @key: (out caller-allocates) */
gboolean lk_key_info_unwrap (const LkKeyInfo *self, const char *passphrase, guint8 *key,
                             GError **error);

/* A key in the clear: 64 hex digits. */
gboolean lk_key_read_plain (const char *path, guint8 *key, GError **error);
gboolean lk_key_write_plain (const char *path, const guint8 *key, GError **error);
