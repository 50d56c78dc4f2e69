/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-keys-private.h"

#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "base/lk-secret.h"
#include "lk-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <libsecret/secret.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define MAX_OPEN_FOLDERS 16

static const SecretSchema schema = {
  .name = "app.likeness.Likeness.Key",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { "id", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

static char *
find (const char *folder, const char *name)
{
  return folder != NULL ? g_build_filename (folder, name, NULL) : lk_paths_user (name, NULL);
}

static gboolean
begin (GError **error)
{
  if (sodium_init () >= 0)
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_LOCKED, _ ("This system gives no random numbers."));
  return FALSE;
}

/* The keyring */

static gboolean
keyring_put (const char *id, const guint8 *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  char text[2 * LK_VAULT_KEY_SIZE + 1];
  gboolean done;

  sodium_bin2hex (text, sizeof text, key, LK_VAULT_KEY_SIZE);
  done = secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT,
                                     "Likeness: pictures of enrolled people", text, NULL, &local,
                                     "id", id, NULL);
  lk_secret_wipe (text, sizeof text);
  if (!done)
    g_set_error (error, LK_ERROR, LK_ERROR_LOCKED,
                 _ ("There is no keyring here that keeps the key of the pictures (%s).  Choose a "
                    "passphrase: “likeness key passphrase”; or keep it in a file that only you can "
                    "read: “likeness key file”."),
                    local != NULL ? local->message : _ ("it did not answer"));
  return done;
}

static gboolean
keyring_get (const char *id, guint8 *key, GError **error)
{
  g_autoptr (GError) local = NULL;
  char *text = secret_password_lookup_sync (&schema, NULL, &local, "id", id, NULL);
  gsize size = 0;
  gboolean done = text != NULL && strlen (text) == 2 * LK_VAULT_KEY_SIZE &&
                  sodium_hex2bin (key, LK_VAULT_KEY_SIZE, text, strlen (text), NULL, &size, NULL) ==
                      0 &&
                  size == LK_VAULT_KEY_SIZE;

  secret_password_free (text);
  if (!done && local != NULL)
    g_set_error (
        error, LK_ERROR, LK_ERROR_LOCKED,
        _ ("The key of the pictures is in your keyring, which cannot be asked: %s.  Log in to "
           "the desktop, or unlock the keyring, and try again."),
           local->message);
  else if (!done)
    g_set_error (
        error, LK_ERROR, LK_ERROR_LOCKED,
        _ ("The key of the pictures is not in your keyring any more.  “likeness key restore” "
           "brings it back from a backup; “likeness key reset” begins anew without the old "
           "pictures."));
  return done;
}

gboolean
lk_keys_has_keyring (GError **error)
{
  g_autoptr (SecretService)
      service = secret_service_get_sync (SECRET_SERVICE_OPEN_SESSION, NULL, error);

  return service != NULL;
}

/* The file "key" */

static gboolean
save_info (LkKeyInfo *info, const char *folder, gboolean replace, GError **error)
{
  g_autofree char *path = find (folder, "key");
  g_autofree char *parent = g_path_get_dirname (path);

  return lk_paths_make_folder (parent, error) && lk_key_info_save (info, path, replace, error);
}

/* Puts @key where @info says. */
static gboolean
put (LkKeyInfo *info, const guint8 *key, const char *detail, GError **error)
{
  g_free (info->id);
  info->id = lk_vault_name_key (key);
  switch (info->place)
    {
    case LK_KEY_KEYRING:
      return keyring_put (info->id, key, error);
    case LK_KEY_PASSPHRASE:
      return lk_key_info_wrap (info, key, detail, error);
    default:
      g_free (info->path);
      info->path = g_canonicalize_filename (detail, NULL);
      return lk_key_write_plain (info->path, key, error);
    }
}

/* Forgets the key in its old place, when nothing points there any more. */
static void
forget (const LkKeyInfo *info)
{
  if (info->place == LK_KEY_KEYRING)
    secret_password_clear_sync (&schema, NULL, NULL, "id", info->id, NULL);
  else if (info->place == LK_KEY_FILE)
    g_unlink (info->path);
}

static gboolean
get (const LkKeyInfo *info, const char *passphrase, guint8 *key, GError **error)
{
  const char *chosen = g_getenv ("LIKENESS_KEY_FILE");
  g_autofree char *id = NULL;

  if (chosen != NULL && lk_key_read_plain (chosen, key, NULL))
    {
      id = lk_vault_name_key (key);
      if (strcmp (id, info->id) == 0)
        return TRUE;
      g_clear_pointer (&id, g_free);
    }
  if (info->place == LK_KEY_KEYRING)
    {
      if (!keyring_get (info->id, key, error))
        return FALSE;
    }
  else if (info->place == LK_KEY_FILE)
    {
      if (!lk_key_read_plain (info->path, key, error))
        return FALSE;
    }
  else if (passphrase == NULL)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_LOCKED,
                   _ ("The pictures of enrolled people are behind a passphrase.  Type it."));
      return FALSE;
    }
  else if (!lk_key_info_unwrap (info, passphrase, key, error))
    return FALSE;
  id = lk_vault_name_key (key);
  if (strcmp (id, info->id) == 0)
    return TRUE;
  g_set_error (
      error, LK_ERROR, LK_ERROR_LOCKED,
      _ ("What was found as the key of the pictures is another key.  “likeness key restore” "
         "brings the right one back from a backup."));
  return FALSE;
}

static __thread gboolean found_sealed; /* nftw() takes no argument for its function */

static int
look_for_sealed (const char *path, const struct stat *info, int type, struct FTW *where)
{
  guint8 head[LK_VAULT_OVERHEAD];
  int fd = type == FTW_F ? open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;

  if (fd < 0)
    return 0;
  found_sealed = read (fd, head, sizeof head) == (gssize) sizeof head &&
                 lk_vault_is_sealed (head, sizeof head);
  close (fd);
  return found_sealed;
}

/* Makes the first key and keeps it as @place says. */
static gboolean
make (const char *folder, LkKeyPlace place, const char *detail, guint8 *key, GError **error)
{
  g_autofree char *captures = find (folder, "captures");
  g_autoptr (LkKeyInfo) info = g_new0 (LkKeyInfo, 1);
  g_autoptr (GError) local = NULL;

  found_sealed = FALSE;
  nftw (captures, look_for_sealed, MAX_OPEN_FOLDERS, FTW_PHYS);
  if (found_sealed)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_LOCKED,
          _ ("There are encrypted pictures, but the file “key” beside them is gone.  Bring it "
             "back from a backup (or “likeness key restore”); “likeness key reset” begins "
             "anew without them."));
      return FALSE;
    }
  info->place = place;
  randombytes_buf (key, LK_VAULT_KEY_SIZE);
  if (place == LK_KEY_FILE && g_file_test (detail, G_FILE_TEST_EXISTS))
    {
      /* A key that is there already is the one that is meant. */
      if (!lk_key_read_plain (detail, key, error))
        return FALSE;
      info->path = g_canonicalize_filename (detail, NULL);
      info->id = lk_vault_name_key (key);
    }
  else if (!put (info, key, detail, &local))
    {
      /* Another process made that file just now. */
      if (!g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_EXIST) ||
          !lk_key_read_plain (detail, key, NULL))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      g_clear_error (&local);
      g_free (info->id);
      info->id = lk_vault_name_key (key);
    }
  if (save_info (info, folder, FALSE, &local))
    return TRUE;
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_EXIST))
    {
      /* Another process was quicker: its key is the one. */
      g_autofree char *path = find (folder, "key");
      g_autoptr (LkKeyInfo) theirs = lk_key_info_load (path, error);

      if (theirs != NULL && strcmp (theirs->id, info->id) != 0 && place == LK_KEY_KEYRING)
        forget (info);
      return theirs != NULL && get (theirs, detail, key, error);
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
lk_keys_get_place (const char *folder, LkKeyPlace *place, GError **error)
{
  g_autofree char *path = find (folder, "key");
  g_autoptr (GError) local = NULL;
  g_autoptr (LkKeyInfo) info = lk_key_info_load (path, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  *place = info != NULL ? info->place : LK_KEY_NONE;
  return TRUE;
}

gboolean
lk_keys_unlock (const char *folder, const char *passphrase, GError **error)
{
  g_autofree char *path = find (folder, "key");
  g_autoptr (GError) local = NULL;
  g_autoptr (LkKeyInfo) info = lk_key_info_load (path, &local);
  const char *chosen = g_getenv ("LIKENESS_KEY_FILE");
  guint8 *key;
  gboolean done;

  if (local != NULL || !begin (&local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  key = lk_secret_alloc (LK_VAULT_KEY_SIZE);
  if (info != NULL)
    done = get (info, passphrase, key, error);
  else
    done = make (folder, chosen != NULL ? LK_KEY_FILE : LK_KEY_KEYRING, chosen, key, error);
  done = done && lk_vault_unlock (key, error);
  lk_secret_free (key, LK_VAULT_KEY_SIZE);
  return done;
}

/* Runs with the open vault's key in hand. */
static gboolean
move_key (const char *folder, const guint8 *key, LkKeyPlace place, const char *detail,
          GError **error)
{
  g_autofree char *path = find (folder, "key");
  g_autoptr (LkKeyInfo) before = lk_key_info_load (path, NULL);
  g_autoptr (LkKeyInfo) info = g_new0 (LkKeyInfo, 1);

  info->place = place;
  if (!put (info, key, detail, error) || !save_info (info, folder, TRUE, error))
    return FALSE;
  if (before != NULL && (before->place != place || g_strcmp0 (before->path, info->path) != 0))
    forget (before);
  return TRUE;
}

gboolean
lk_keys_move (const char *folder, LkKeyPlace place, const char *detail, GError **error)
{
  LkKeyPlace now;
  guint8 *key;
  gboolean done;

  if (!begin (error) || !lk_keys_get_place (folder, &now, error))
    return FALSE;
  key = lk_secret_alloc (LK_VAULT_KEY_SIZE);
  if (now == LK_KEY_NONE)
    done = make (folder, place, detail, key, error) && lk_vault_unlock (key, error);
  else
    done = lk_vault_need (error) && lk_vault_copy_key (key) &&
           move_key (folder, key, place, detail, error);
  lk_secret_free (key, LK_VAULT_KEY_SIZE);
  return done;
}

gboolean
lk_keys_back_up (const char *folder, const char *path, const char *passphrase, GError **error)
{
  g_autoptr (LkKeyInfo) info = g_new0 (LkKeyInfo, 1);
  guint8 *key;
  gboolean done;

  if (!begin (error))
    return FALSE;
  key = lk_secret_alloc (LK_VAULT_KEY_SIZE);
  info->place = LK_KEY_PASSPHRASE;
  done = lk_vault_need (error) && lk_vault_copy_key (key) && put (info, key, passphrase, error) &&
         lk_key_info_save (info, path, FALSE, error);
  lk_secret_free (key, LK_VAULT_KEY_SIZE);
  return done;
}

gboolean
lk_keys_restore (const char *folder, const char *path, const char *passphrase, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (LkKeyInfo) backup = lk_key_info_load (path, &local);
  guint8 *key;
  gboolean done;

  if (!begin (error))
    return FALSE;
  if (backup == NULL && local == NULL)
    lk_file_set_error (&local, ENOENT, "read", path);
  if (local == NULL && backup->place != LK_KEY_PASSPHRASE)
    g_set_error (&local, LK_ERROR, LK_ERROR_FORMAT, _ ("“%s” is no backup of a key."), path);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  key = lk_secret_alloc (LK_VAULT_KEY_SIZE);
  done = lk_key_info_unwrap (backup, passphrase, key, error) &&
         (move_key (folder, key, LK_KEY_KEYRING, NULL, NULL) ||
          move_key (folder, key, LK_KEY_PASSPHRASE, passphrase, error)) &&
         lk_vault_unlock (key, error);
  lk_secret_free (key, LK_VAULT_KEY_SIZE);
  return done;
}

char *
lk_keys_reset (const char *folder, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%dT%H-%M-%S");
  g_autofree char *captures = find (folder, "captures"), *key = find (folder, "key");
  g_autofree char *aside = g_strdup_printf ("%s.lost-%s", captures, when);
  g_autofree char *key_aside = g_strdup_printf ("%s.lost-%s", key, when);

  /* The key's file last: without it, encrypted pictures would keep a new key from being made. */
  if (lk_rename_fresh (captures, aside) != 0 && errno != ENOENT)
    {
      lk_file_set_error (error, errno, "put aside", captures);
      return NULL;
    }
  if (lk_rename_fresh (key, key_aside) != 0 && errno != ENOENT)
    {
      lk_file_set_error (error, errno, "put aside", key);
      return NULL;
    }
  lk_vault_lock ();
  return g_steal_pointer (&aside);
}
