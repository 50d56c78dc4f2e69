/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-archive.h"

#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "base/lk-secret.h"
#include "base/lk-vault.h"
#include "lk-paths.h"
#include "lk-store-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sodium.h>
#include <string.h>

#define MAGIC      "LKPERSON1\n"
#define MAGIC_SIZE 10
#define SALT_SIZE  crypto_pwhash_SALTBYTES
#define HEAD_SIZE  crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define TAG_SIZE   crypto_secretstream_xchacha20poly1305_ABYTES
#define KEY_SIZE   crypto_secretstream_xchacha20poly1305_KEYBYTES
#define FINAL      crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define START_SIZE (MAGIC_SIZE + SALT_SIZE + 4 + 4 + HEAD_SIZE)
#define MAX_RECORD (64u << 20)
#define MAX_PASSES 20
#define MAX_MIB    1024
#define MAX_NAME   255

/* Reading: a file in memory, record by record. */
typedef struct
{
  const guint8 *data; /* what is left */
  gsize size;
  crypto_secretstream_xchacha20poly1305_state state;
  gboolean ended;
} Reader;

static void
put_u32 (guint8 *out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (out, &value, 4);
}

static guint32
get_u32 (const guint8 *in)
{
  guint32 value;

  memcpy (&value, in, 4);
  return GUINT32_FROM_LE (value);
}

static gboolean
set_bad (GError **error, int code)
{
  g_set_error (error, LK_ERROR, code, "%s",
               code == LK_ERROR_LOCKED
               ? _ ("That is not the passphrase, or the file is damaged.  Try again.")
               : _ ("This is no file that Likeness exported a person to, or it is damaged."));
  return FALSE;
}

static gboolean
derive (const char *passphrase, const guint8 *salt, guint32 passes, guint32 mib, guint8 *key,
        GError **error)
{
  if (crypto_pwhash (key, KEY_SIZE, passphrase, strlen (passphrase), salt, passes,
                     (size_t) mib << 20, crypto_pwhash_ALG_ARGON2ID13) == 0)
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
               _ ("There is not enough memory for the passphrase: it takes %u MB."), mib);
  return FALSE;
}

/* Writing */

static gboolean
write_record (LkNewFile *file, crypto_secretstream_xchacha20poly1305_state *state, const void *data,
              gsize size, guint8 tag, GError **error)
{
  g_autofree guint8 *sealed = g_malloc (4 + size + TAG_SIZE);

  put_u32 (sealed, (guint32) (size + TAG_SIZE));
  crypto_secretstream_xchacha20poly1305_push (state, sealed + 4, NULL, data, size, NULL, 0, tag);
  return lk_new_file_write (file, sealed, 4 + size + TAG_SIZE, error);
}

/* (transfer full): the picture's own bytes */
static guint8 *
read_capture (const LkCapture *capture, gsize *size, GError **error)
{
  g_autofree char *data = NULL;
  gsize n;

  if (!g_file_get_contents (capture->path, &data, &n, error))
    return NULL;
  if (lk_vault_is_sealed (data, n))
    return lk_vault_unseal (data, n, capture->path, size, error);
  *size = n;
  return (guint8 *) g_steal_pointer (&data);
}

static gboolean
write_capture (LkNewFile *file, crypto_secretstream_xchacha20poly1305_state *state,
               const LkCapture *capture, GError **error)
{
  g_autofree char *base = g_path_get_basename (capture->path);
  g_autofree char *label = g_strdup_printf ("%s/%s/%s", lk_capture_kind_to_string (capture->kind),
                                            capture->session, base);
  gsize size = 0;
  g_autofree guint8 *data = read_capture (capture, &size, error);

  if (data != NULL && size <= MAX_RECORD)
    return write_record (file, state, label, strlen (label), 0, error) &&
           write_record (file, state, data, size, 0, error);
  if (data != NULL)
    lk_file_set_error (error, EFBIG, "exported", capture->path);
  return FALSE;
}

static int
write_all (LkStore *self, const char *person, LkNewFile *file, const char *passphrase,
           GError **error)
{
  guint8 start[START_SIZE] = MAGIC;
  crypto_secretstream_xchacha20poly1305_state state;
  guint32 mib = (guint32) (crypto_pwhash_MEMLIMIT_MODERATE >> 20);
  guint8 *key = lk_secret_alloc (KEY_SIZE);
  gboolean done;
  int n = 0;

  randombytes_buf (start + MAGIC_SIZE, SALT_SIZE);
  put_u32 (start + MAGIC_SIZE + SALT_SIZE, crypto_pwhash_OPSLIMIT_MODERATE);
  put_u32 (start + MAGIC_SIZE + SALT_SIZE + 4, mib);
  done = derive (passphrase, start + MAGIC_SIZE, crypto_pwhash_OPSLIMIT_MODERATE, mib, key, error);
  if (done)
    crypto_secretstream_xchacha20poly1305_init_push (&state, start + START_SIZE - HEAD_SIZE, key);
  lk_secret_free (key, KEY_SIZE);
  done = done && lk_new_file_write (file, start, sizeof start, error) &&
         write_record (file, &state, person, strlen (person), 0, error);
  for (int kind = 0; done && kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autoptr (GPtrArray)
          captures = lk_store_list_captures (self, person, (LkCaptureKind) kind, error);

      done = captures != NULL;
      for (guint i = 0; done && i < captures->len; i++, n++)
        done = write_capture (file, &state, captures->pdata[i], error);
    }
  if (done && n == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA, _ ("Nobody is enrolled as “%s”."), person);
      done = FALSE;
    }
  done = done && write_record (file, &state, "", 0, FINAL, error);
  lk_secret_wipe (&state, sizeof state);
  return done ? n : -1;
}

int
lk_store_export_person (LkStore *self, const char *person, const char *path, const char *passphrase,
                        GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (LkNewFile) file = NULL;
  int n;

  if (*passphrase == '\0' || sodium_init () < 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                   _ ("A passphrase cannot be empty.  Type one."));
      return -1;
    }
  file = lk_new_file_open (folder, error);
  n = file != NULL ? write_all (self, person, file, passphrase, error) : -1;
  return n >= 0 && lk_new_file_commit (file, path, FALSE, error) ? n : -1;
}

/* Reading */

/* @key: (nullable): else @passphrase's */
static gboolean
reader_begin (Reader *self, const void *data, gsize size, const char *passphrase, const guint8 *key,
              GError **error)
{
  const guint8 *start = data;
  guint32 passes, mib;
  guint8 *derived;
  gboolean done;

  if (size < START_SIZE || memcmp (data, MAGIC, MAGIC_SIZE) != 0)
    return set_bad (error, LK_ERROR_FORMAT);
  passes = get_u32 (start + MAGIC_SIZE + SALT_SIZE);
  mib = get_u32 (start + MAGIC_SIZE + SALT_SIZE + 4);
  if (passes < crypto_pwhash_OPSLIMIT_MIN || passes > MAX_PASSES || mib < 1 || mib > MAX_MIB)
    return set_bad (error, LK_ERROR_FORMAT);
  derived = lk_secret_alloc (KEY_SIZE);
  if (key != NULL)
    memcpy (derived, key, KEY_SIZE);
  done = key != NULL || derive (passphrase, start + MAGIC_SIZE, passes, mib, derived, error);
  if (done && crypto_secretstream_xchacha20poly1305_init_pull (
                  &self->state, start + START_SIZE - HEAD_SIZE, derived) != 0)
    done = set_bad (error, LK_ERROR_FORMAT);
  lk_secret_free (derived, KEY_SIZE);
  self->data = start + START_SIZE;
  self->size = size - START_SIZE;
  self->ended = FALSE;
  return done;
}

/* (transfer full): the next record, NUL-terminated; NULL with an error, or at the end */
static guint8 *
reader_next (Reader *self, gsize *size, GError **error)
{
  g_autofree guint8 *plain = NULL;
  unsigned char tag;
  guint32 n;

  if (self->size < 4 || (n = get_u32 (self->data)) < TAG_SIZE || n > MAX_RECORD + TAG_SIZE ||
      n > self->size - 4)
    {
      set_bad (error, LK_ERROR_FORMAT);
      return NULL;
    }
  plain = g_malloc (n - TAG_SIZE + 1);
  if (crypto_secretstream_xchacha20poly1305_pull (&self->state, plain, NULL, &tag, self->data + 4,
                                                  n, NULL, 0) != 0)
    {
      set_bad (error, LK_ERROR_LOCKED);
      return NULL;
    }
  self->data += 4 + n;
  self->size -= 4 + n;
  self->ended = tag == FINAL;
  *size = n - TAG_SIZE;
  plain[*size] = '\0';
  if (!self->ended)
    return g_steal_pointer (&plain);
  if (*size != 0 || self->size != 0)
    set_bad (error, LK_ERROR_FORMAT);
  return NULL;
}

/* A name of one file or folder that a listing would show: nothing of it leads elsewhere. */
static gboolean
is_plain_name (const char *name)
{
  return *name != '\0' && *name != '.' && strchr (name, '/') == NULL && strlen (name) <= MAX_NAME;
}

/* "anchor/SESSION/FILE" into its parts; the session may be empty */
static char **
parse_label (const char *label, gsize size, LkCaptureKind *kind)
{
  g_auto (GStrv) parts = NULL;

  if (strlen (label) != size || !g_utf8_validate (label, -1, NULL))
    return NULL;
  parts = g_strsplit (label, "/", 4);
  if (g_strv_length (parts) != 3 || (*parts[1] != '\0' && !is_plain_name (parts[1])) ||
      !is_plain_name (parts[2]) || !lk_image_is_image_name (parts[2]))
    return NULL;
  for (int i = 0; i < LK_N_CAPTURE_KINDS; i++)
    if (strcmp (parts[0], lk_capture_kind_to_string ((LkCaptureKind) i)) == 0)
      {
        *kind = (LkCaptureKind) i;
        return g_steal_pointer (&parts);
      }
  return NULL;
}

/* (transfer full): the name, which comes first */
static char *
read_name (Reader *reader, GError **error)
{
  gsize size = 0;
  guint8 *name = reader_next (reader, &size, error);

  if (name != NULL && strlen ((char *) name) == size && g_utf8_validate ((char *) name, -1, NULL))
    return (char *) name;
  if (name != NULL || (error != NULL && *error == NULL))
    set_bad (error, LK_ERROR_FORMAT);
  g_free (name);
  return NULL;
}

/* The next picture: TRUE; the end: FALSE without @error. */
static gboolean
read_picture (Reader *reader, LkCaptureKind *kind, char ***parts, guint8 **data, gsize *size,
              GError **error)
{
  g_autoptr (GError) local = NULL;
  gsize n = 0;
  g_autofree char *label = (char *) reader_next (reader, &n, &local);
  g_auto (GStrv) found = label != NULL ? parse_label (label, n, kind) : NULL;

  if (found != NULL)
    *data = reader_next (reader, size, &local);
  if (found != NULL && *data != NULL)
    {
      g_autoptr (LkImage) image = lk_image_load_bytes (*data, *size, found[2], &local);

      if (image == NULL)
        g_clear_pointer (data, g_free);
      else
        {
          *parts = g_steal_pointer (&found);
          return TRUE;
        }
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (label != NULL)
    set_bad (error, LK_ERROR_FORMAT);
  return FALSE;
}

gboolean
lk_archive_check (const void *data, gsize size, const guint8 *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  Reader reader;
  g_autofree char *name = NULL;
  LkCaptureKind kind;
  char **parts;
  guint8 *picture;
  gsize n;

  if (reader_begin (&reader, data, size, NULL, key, &local))
    name = read_name (&reader, &local);
  while (name != NULL && read_picture (&reader, &kind, &parts, &picture, &n, &local))
    {
      g_strfreev (parts);
      g_free (picture);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Writes the pictures below @staging, sealed.  Returns: how many, or -1 */
static int
unpack (Reader *reader, const char *staging, GError **error)
{
  g_autoptr (GError) local = NULL;
  LkCaptureKind kind;
  char **parts;
  guint8 *data;
  gsize size;
  int n = 0;

  while (read_picture (reader, &kind, &parts, &data, &size, &local))
    {
      /* Pictures beside the sessions become one. */
      g_autofree char *folder = g_build_filename (staging, lk_capture_kind_to_string (kind),
                                                  *parts[1] != '\0' ? parts[1] : "import", NULL);
      g_autofree char *path = g_build_filename (folder, parts[2], NULL);
      g_autoptr (GBytes) sealed = lk_vault_seal (data, size, &local);
      g_autoptr (LkNewFile) file = NULL;

      g_strfreev (parts);
      g_free (data);
      if (sealed == NULL || !lk_paths_make_folder (folder, &local) ||
          (file = lk_new_file_open (folder, &local)) == NULL ||
          !lk_new_file_write (file, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed),
                              &local) ||
          !lk_new_file_commit (file, path, FALSE, &local))
        break;
      n++;
    }
  if (local == NULL && n > 0)
    return n;
  if (local == NULL)
    set_bad (&local, LK_ERROR_FORMAT);
  g_propagate_error (error, g_steal_pointer (&local));
  return -1;
}

/* Gives the sessions of @staging to the person, each whole. */
static gboolean
publish (LkStore *self, const char *staging, const char *file_name, GError **error)
{
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autofree char *from = g_build_filename (
          staging, lk_capture_kind_to_string ((LkCaptureKind) kind), NULL);
      g_autofree char *to = lk_store_person_folder (self, (LkCaptureKind) kind, file_name);
      g_autoptr (GPtrArray) sessions = lk_store_list_names (from, LK_LIST_FOLDERS, error);

      if (sessions == NULL || (sessions->len > 0 && !lk_paths_make_folder (to, error)))
        return FALSE;
      for (guint i = 0; i < sessions->len; i++)
        {
          g_autofree char *source = g_build_filename (from, sessions->pdata[i], NULL);
          g_autofree char *target = g_build_filename (to, sessions->pdata[i], NULL);

          for (int k = 2; lk_rename_fresh (source, target) != 0; k++)
            {
              if (errno != EEXIST || k > 1000)
                {
                  lk_file_set_error (error, errno, "written", target);
                  return FALSE;
                }
              g_free (target);
              target = g_strdup_printf ("%s/%s-%d", to, (const char *) sessions->pdata[i], k);
            }
        }
    }
  return TRUE;
}

int
lk_store_import_person (LkStore *self, const char *path, const char *passphrase, const char *name,
                        char **out_name, GError **error)
{
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *own = NULL, *file_name = NULL, *staging = NULL;
  Reader reader;
  int n = -1;

  if (sodium_init () < 0 || !lk_vault_need (error))
    return -1;
  file = g_mapped_file_new (path, FALSE, &local);
  if (file == NULL)
    {
      lk_file_set_error (error, ENOENT, "read", path);
      return -1;
    }
  if (!reader_begin (&reader, g_mapped_file_get_contents (file), g_mapped_file_get_length (file),
                     passphrase, NULL, error) ||
      (own = read_name (&reader, error)) == NULL ||
      (file_name = lk_store_encode_person (name != NULL ? name : own, error)) == NULL ||
      (staging = lk_store_make_trash (self, "person", error)) == NULL)
    return -1;
  n = unpack (&reader, staging, error);
  if (n >= 0 && !publish (self, staging, file_name, error))
    n = -1;
  lk_store_remove_tree (staging);
  if (n >= 0)
    *out_name = g_strdup (name != NULL ? name : own);
  return n;
}
