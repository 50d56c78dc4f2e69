/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-vault.h"

#include "lk-error.h"
#include "lk-secret.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>

#define MAGIC      "LKSEAL1\n"
#define MAGIC_SIZE 8
#define ID_SIZE    8
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define HEAD_SIZE  (MAGIC_SIZE + ID_SIZE + NONCE_SIZE)

G_STATIC_ASSERT (LK_VAULT_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
G_STATIC_ASSERT (LK_VAULT_OVERHEAD == HEAD_SIZE + TAG_SIZE);

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER; /* guards the key and its id */
static guint8 *own_key;                                    /* NULL: locked */
static guint8 own_id[ID_SIZE];

static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER; /* guards the opener */
static LkVaultOpener own_opener;

static gboolean
begin (GError **error)
{
  if (sodium_init () >= 0)
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_LOCKED,
               _ ("This system gives no random numbers, without which nothing can be encrypted."));
  return FALSE;
}

/* An id is a hash of the key: it lets a wrong key be told from a damaged file. */
static void
identify (const guint8 *key, guint8 id[ID_SIZE])
{
  static const guint8 what[] = "likeness key id";
  guint8 hash[crypto_generichash_BYTES_MIN];

  crypto_generichash (hash, sizeof hash, what, sizeof what, key, LK_VAULT_KEY_SIZE);
  memcpy (id, hash, ID_SIZE);
}

void
lk_vault_set_opener (LkVaultOpener opener)
{
  pthread_mutex_lock (&opening);
  own_opener = opener;
  pthread_mutex_unlock (&opening);
}

gboolean
lk_vault_unlock (const guint8 *key, GError **error)
{
  guint8 *copy;

  if (!begin (error))
    return FALSE;
  copy = lk_secret_alloc (LK_VAULT_KEY_SIZE);
  if (copy == NULL)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("There is not enough memory.  Close other programs and try again."));
      return FALSE;
    }
  memcpy (copy, key, LK_VAULT_KEY_SIZE);
  pthread_rwlock_wrlock (&lock);
  lk_secret_free (own_key, LK_VAULT_KEY_SIZE);
  own_key = copy;
  identify (copy, own_id);
  pthread_rwlock_unlock (&lock);
  return TRUE;
}

void
lk_vault_lock (void)
{
  pthread_rwlock_wrlock (&lock);
  lk_secret_free (own_key, LK_VAULT_KEY_SIZE);
  own_key = NULL;
  pthread_rwlock_unlock (&lock);
}

gboolean
lk_vault_is_open (void)
{
  gboolean is_open;

  pthread_rwlock_rdlock (&lock);
  is_open = own_key != NULL;
  pthread_rwlock_unlock (&lock);
  return is_open;
}

gboolean
lk_vault_need (GError **error)
{
  gboolean is_open;

  if (lk_vault_is_open ())
    return TRUE;
  pthread_mutex_lock (&opening);
  if (lk_vault_is_open ())
    is_open = TRUE;
  else if (own_opener != NULL)
    is_open = own_opener (error);
  else
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_LOCKED,
          _ ("The pictures of enrolled people are encrypted, and the key is not at hand."));
      is_open = FALSE;
    }
  pthread_mutex_unlock (&opening);
  return is_open;
}

gboolean
lk_vault_copy_key (guint8 *key)
{
  gboolean is_open;

  pthread_rwlock_rdlock (&lock);
  is_open = own_key != NULL;
  if (is_open)
    memcpy (key, own_key, LK_VAULT_KEY_SIZE);
  pthread_rwlock_unlock (&lock);
  return is_open;
}

char *
lk_vault_name_key (const guint8 *key)
{
  guint8 id[ID_SIZE];
  char *name = g_malloc (2 * ID_SIZE + 1);

  identify (key, id);
  return sodium_bin2hex (name, 2 * ID_SIZE + 1, id, ID_SIZE);
}

gboolean
lk_vault_is_sealed (const void *data, gsize size)
{
  return size >= LK_VAULT_OVERHEAD && memcmp (data, MAGIC, MAGIC_SIZE) == 0;
}

gboolean
lk_vault_is_own (const void *data, gsize size)
{
  gboolean own;

  pthread_rwlock_rdlock (&lock);
  own = own_key != NULL && lk_vault_is_sealed (data, size) &&
        memcmp ((const guint8 *) data + MAGIC_SIZE, own_id, ID_SIZE) == 0;
  pthread_rwlock_unlock (&lock);
  return own;
}

GBytes *
lk_vault_seal (const void *data, gsize size, GError **error)
{
  guint8 *sealed;

  if (!lk_vault_need (error))
    return NULL;
  sealed = g_malloc (size + LK_VAULT_OVERHEAD);
  memcpy (sealed, MAGIC, MAGIC_SIZE);
  randombytes_buf (sealed + MAGIC_SIZE + ID_SIZE, NONCE_SIZE);
  pthread_rwlock_rdlock (&lock);
  if (own_key == NULL) /* locked again meanwhile */
    {
      pthread_rwlock_unlock (&lock);
      g_free (sealed);
      g_set_error (error, LK_ERROR, LK_ERROR_LOCKED, _ ("The store was locked.  Unlock it again."));
      return NULL;
    }
  memcpy (sealed + MAGIC_SIZE, own_id, ID_SIZE);
  crypto_aead_xchacha20poly1305_ietf_encrypt (sealed + HEAD_SIZE, NULL, data, size, sealed,
                                              HEAD_SIZE, NULL, sealed + MAGIC_SIZE + ID_SIZE,
                                              own_key);
  pthread_rwlock_unlock (&lock);
  return g_bytes_new_take (sealed, size + LK_VAULT_OVERHEAD);
}

guint8 *
lk_vault_unseal (const void *data, gsize size, const char *name, gsize *out_size, GError **error)
{
  const guint8 *sealed = data;
  const char *shown = name != NULL ? name : "This";
  guint8 *plain;
  gboolean own, done;

  if (!lk_vault_is_sealed (data, size))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("“%s” is not an encrypted file of Likeness."), shown);
      return NULL;
    }
  if (!lk_vault_need (error))
    return NULL;
  plain = g_malloc (size - LK_VAULT_OVERHEAD + 1);
  pthread_rwlock_rdlock (&lock);
  own = own_key != NULL && memcmp (sealed + MAGIC_SIZE, own_id, ID_SIZE) == 0;
  done = own && crypto_aead_xchacha20poly1305_ietf_decrypt (
                    plain, NULL, NULL, sealed + HEAD_SIZE, size - HEAD_SIZE, sealed, HEAD_SIZE,
                    sealed + MAGIC_SIZE + ID_SIZE, own_key) == 0;
  pthread_rwlock_unlock (&lock);
  if (done)
    {
      *out_size = size - LK_VAULT_OVERHEAD;
      return plain;
    }
  g_free (plain);
  if (own)
    g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                 _ ("“%s” is damaged, or somebody has changed it.  Delete it and enrol again."),
                    shown);
  else
    g_set_error (
        error, LK_ERROR, LK_ERROR_LOCKED,
        _ ("“%s” was encrypted with another key.  “likeness key restore” brings back a key "
           "that was backed up."),
           shown);
  return NULL;
}
