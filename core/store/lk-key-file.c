/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-keys-private.h"

#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "base/lk-secret.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP    "Key"
#define MAX_SIZE 4096
/* More than any backup of ours asks for, and less than takes a machine down. */
#define MAX_PASSES 20
#define MAX_MEMORY ((guint64) 1 << 30)
#define ID_DIGITS  16

G_STATIC_ASSERT (LK_SALT_SIZE == crypto_pwhash_SALTBYTES);
G_STATIC_ASSERT (LK_SEALED_SIZE ==
                 crypto_secretbox_NONCEBYTES + LK_VAULT_KEY_SIZE + crypto_secretbox_MACBYTES);

static const char *const places[] = { "none", "keyring", "passphrase", "file" };

const char *
lk_key_place_to_string (LkKeyPlace place)
{
  return places[place];
}

void
lk_key_info_free (LkKeyInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->path);
  lk_secret_wipe (self, sizeof *self);
  g_free (self);
}

/* Returns: the bytes read, at most MAX_SIZE; -1 with errno */
static gssize
read_small (const char *path, char buffer[MAX_SIZE + 1])
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), code;
  struct stat info;
  gssize n = -1;

  if (fd < 0)
    return -1;
  if (fstat (fd, &info) != 0)
    code = errno;
  else if (!S_ISREG (info.st_mode) || info.st_size > MAX_SIZE)
    code = EINVAL;
  else
    {
      n = read (fd, buffer, MAX_SIZE);
      code = errno;
    }
  close (fd);
  if (n >= 0)
    buffer[n] = '\0';
  errno = code;
  return n;
}

static gboolean
get_bytes (GKeyFile *file, const char *name, guint8 *out, gsize size)
{
  g_autofree char *text = g_key_file_get_string (file, GROUP, name, NULL);
  gsize n = 0;

  return text != NULL &&
         sodium_base642bin (out, size, text, strlen (text), NULL, &n, NULL,
                            sodium_base64_VARIANT_ORIGINAL) == 0 &&
         n == size;
}

static gboolean
is_id (const char *text)
{
  return text != NULL && strlen (text) == ID_DIGITS &&
         strspn (text, "0123456789abcdef") == ID_DIGITS;
}

static gboolean
parse (LkKeyInfo *self, GKeyFile *file)
{
  g_autofree char *place = g_key_file_get_string (file, GROUP, "Place", NULL);

  for (guint i = LK_KEY_KEYRING; i < G_N_ELEMENTS (places); i++)
    if (g_strcmp0 (place, places[i]) == 0)
      self->place = (LkKeyPlace) i;
  self->id = g_key_file_get_string (file, GROUP, "Id", NULL);
  if (self->place == LK_KEY_NONE || !is_id (self->id))
    return FALSE;
  if (self->place == LK_KEY_FILE)
    {
      self->path = g_key_file_get_string (file, GROUP, "Path", NULL);
      return self->path != NULL && g_path_is_absolute (self->path);
    }
  if (self->place == LK_KEY_KEYRING)
    return TRUE;
  self->passes = g_key_file_get_uint64 (file, GROUP, "Passes", NULL);
  self->memory = g_key_file_get_uint64 (file, GROUP, "Memory", NULL);
  return get_bytes (file, "Salt", self->salt, sizeof self->salt) &&
         get_bytes (file, "Sealed", self->sealed, sizeof self->sealed) &&
         self->passes >= crypto_pwhash_OPSLIMIT_MIN && self->passes <= MAX_PASSES &&
         self->memory >= crypto_pwhash_MEMLIMIT_MIN && self->memory <= MAX_MEMORY;
}

LkKeyInfo *
lk_key_info_load (const char *path, GError **error)
{
  g_autoptr (LkKeyInfo) self = g_new0 (LkKeyInfo, 1);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *shown = g_filename_display_name (path);
  char text[MAX_SIZE + 1];
  gssize n = read_small (path, text);

  if (n < 0)
    {
      if (errno != ENOENT)
        lk_file_set_error (error, errno, "read", path);
      return NULL;
    }
  if (g_key_file_load_from_data (file, text, (gsize) n, G_KEY_FILE_NONE, NULL) &&
      parse (self, file))
    return g_steal_pointer (&self);
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("“%s” is damaged, or no key of Likeness.  Bring it back with “likeness key "
                  "restore” if you have a backup of the key; see “likeness key --help”."),
                  shown);
  return NULL;
}

static void
set_bytes (GKeyFile *file, const char *name, const guint8 *bytes, gsize size)
{
  char text[256];

  sodium_bin2base64 (text, sizeof text, bytes, size, sodium_base64_VARIANT_ORIGINAL);
  g_key_file_set_string (file, GROUP, name, text);
}

static gboolean
write_file (const char *path, const void *data, gsize size, gboolean replace, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (LkNewFile) file = lk_new_file_open (folder, error);

  return file != NULL && lk_new_file_write (file, data, size, error) &&
         lk_new_file_commit (file, path, replace, error);
}

gboolean
lk_key_info_save (const LkKeyInfo *self, const char *path, gboolean replace, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  gsize size;

  g_key_file_set_comment (file, NULL, NULL,
                          " Where Likeness keeps the key of the enrolled people's pictures.\n"
                          " Without this file they cannot be read.",
                          NULL);
  g_key_file_set_string (file, GROUP, "Place", places[self->place]);
  g_key_file_set_string (file, GROUP, "Id", self->id);
  if (self->path != NULL)
    g_key_file_set_string (file, GROUP, "Path", self->path);
  if (self->place == LK_KEY_PASSPHRASE)
    {
      g_key_file_set_uint64 (file, GROUP, "Passes", self->passes);
      g_key_file_set_uint64 (file, GROUP, "Memory", self->memory);
      set_bytes (file, "Salt", self->salt, sizeof self->salt);
      set_bytes (file, "Sealed", self->sealed, sizeof self->sealed);
    }
  text = g_key_file_to_data (file, &size, NULL);
  return write_file (path, text, size, replace, error);
}

/* @wrapping: (out): derived from the passphrase */
static gboolean
derive (const LkKeyInfo *self, const char *passphrase, guint8 *wrapping, GError **error)
{
  if (crypto_pwhash (wrapping, crypto_secretbox_KEYBYTES, passphrase, strlen (passphrase),
                     self->salt, self->passes, self->memory, crypto_pwhash_ALG_ARGON2ID13) == 0)
    return TRUE;
  g_set_error (
      error, LK_ERROR, LK_ERROR_TOO_LARGE,
      _ ("There is not enough memory to check the passphrase: it takes %d MB.  Close other "
         "programs and try again."),
         (int) (self->memory >> 20));
  return FALSE;
}

gboolean
lk_key_info_wrap (LkKeyInfo *self, const guint8 *key, const char *passphrase, GError **error)
{
  guint8 *wrapping;
  gboolean done;

  if (*passphrase == '\0')
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                   _ ("A passphrase cannot be empty.  Type one."));
      return FALSE;
    }
  self->passes = crypto_pwhash_OPSLIMIT_MODERATE;
  self->memory = crypto_pwhash_MEMLIMIT_MODERATE;
  randombytes_buf (self->salt, sizeof self->salt);
  randombytes_buf (self->sealed, crypto_secretbox_NONCEBYTES);
  wrapping = lk_secret_alloc (crypto_secretbox_KEYBYTES);
  done = derive (self, passphrase, wrapping, error);
  if (done)
    crypto_secretbox_easy (self->sealed + crypto_secretbox_NONCEBYTES, key, LK_VAULT_KEY_SIZE,
                           self->sealed, wrapping);
  lk_secret_free (wrapping, crypto_secretbox_KEYBYTES);
  return done;
}

gboolean
lk_key_info_unwrap (const LkKeyInfo *self, const char *passphrase, guint8 *key, GError **error)
{
  guint8 *wrapping = lk_secret_alloc (crypto_secretbox_KEYBYTES);
  gboolean done = derive (self, passphrase, wrapping, error);

  if (done && crypto_secretbox_open_easy (key, self->sealed + crypto_secretbox_NONCEBYTES,
                                          LK_SEALED_SIZE - crypto_secretbox_NONCEBYTES,
                                          self->sealed, wrapping) != 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_LOCKED, _ ("That is not the passphrase.  Try again."));
      done = FALSE;
    }
  lk_secret_free (wrapping, crypto_secretbox_KEYBYTES);
  return done;
}

gboolean
lk_key_read_plain (const char *path, guint8 *key, GError **error)
{
  char text[MAX_SIZE + 1];
  gssize n = read_small (path, text);
  gsize size = 0;
  int code = errno;
  gboolean done = n >= 2 * LK_VAULT_KEY_SIZE &&
                  sodium_hex2bin (key, LK_VAULT_KEY_SIZE, text, 2 * LK_VAULT_KEY_SIZE, NULL, &size,
                                  NULL) == 0 &&
                  size == LK_VAULT_KEY_SIZE;

  lk_secret_wipe (text, sizeof text);
  if (n < 0)
    lk_file_set_error (error, code, "read", path);
  else if (!done)
    g_set_error (error, LK_ERROR, LK_ERROR_FORMAT, _ ("“%s” holds no key: 64 hex digits."), path);
  return done;
}

gboolean
lk_key_write_plain (const char *path, const guint8 *key, GError **error)
{
  char text[2 * LK_VAULT_KEY_SIZE + 1];
  gboolean done;

  sodium_bin2hex (text, sizeof text, key, LK_VAULT_KEY_SIZE);
  text[2 * LK_VAULT_KEY_SIZE] = '\n';
  done = write_file (path, text, sizeof text, FALSE, error);
  lk_secret_wipe (text, sizeof text);
  return done;
}
