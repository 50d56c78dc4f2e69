/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-vault.h"
#include "scratch.h"
#include "store/lk-keys.h"
#include "store/lk-store.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * With the argument --keyring it runs the tests that want one, on the session bus that it is
 * given (see run-with-keyring); without, there is none.
 */

typedef struct
{
  char *folder; /* fresh, removed afterwards */
  char *key;    /* the file "key" in it */
  char *plain;  /* a path for a key in the clear */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_build_filename (scratch, "keys-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (f->folder));
  f->key = g_build_filename (f->folder, "key", NULL);
  f->plain = g_build_filename (f->folder, "plain", NULL);
  lk_vault_lock ();
  lk_vault_set_opener (NULL);
  g_unsetenv ("LIKENESS_KEY_FILE");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  scratch_remove (f->folder);
  g_free (f->folder);
  g_free (f->key);
  g_free (f->plain);
  g_unsetenv ("LIKENESS_KEY_FILE");
}

static void
unlock (Fixture *f, const char *passphrase)
{
  g_autoptr (GError) error = NULL;

  lk_vault_lock ();
  lk_keys_unlock (f->folder, passphrase, &error);
  g_assert_no_error (error);
  g_assert_true (lk_vault_is_open ());
}

static void
refuse (Fixture *f, const char *passphrase, int code, const char *part)
{
  g_autoptr (GError) error = NULL;

  lk_vault_lock ();
  g_assert_false (lk_keys_unlock (f->folder, passphrase, &error));
  g_assert_error (error, LK_ERROR, code);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_false (lk_vault_is_open ());
}

static LkKeyPlace
place_of (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  LkKeyPlace place = LK_KEY_NONE;

  g_assert_true (lk_keys_get_place (f->folder, &place, &error));
  g_assert_no_error (error);
  return place;
}

static void
move (Fixture *f, LkKeyPlace place, const char *detail)
{
  g_autoptr (GError) error = NULL;

  lk_keys_move (f->folder, place, detail, &error);
  g_assert_no_error (error);
  g_assert_cmpint (place_of (f), ==, place);
}

static GBytes *
seal (void)
{
  g_autoptr (GError) error = NULL;
  GBytes *sealed = lk_vault_seal ("face", 4, &error);

  g_assert_no_error (error);
  return sealed;
}

static gboolean
can_unseal (GBytes *sealed)
{
  gsize n = 0;
  g_autofree guint8 *plain = lk_vault_unseal (g_bytes_get_data (sealed, NULL),
                                              g_bytes_get_size (sealed), NULL, &n, NULL);

  return plain != NULL && n == 4 && memcmp (plain, "face", 4) == 0;
}

static void
check_private (const char *path)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
}

static void
test_nowhere (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (place_of (f), ==, LK_KEY_NONE);
  refuse (f, NULL, LK_ERROR_LOCKED, "passphrase");
  g_assert_cmpint (place_of (f), ==, LK_KEY_NONE);
  g_assert_false (lk_keys_has_keyring (NULL));
}

static void
test_file (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) sealed = NULL;

  g_setenv ("LIKENESS_KEY_FILE", f->plain, TRUE);
  unlock (f, NULL);
  g_assert_cmpint (place_of (f), ==, LK_KEY_FILE);
  check_private (f->plain);
  check_private (f->key);
  sealed = seal ();
  g_unsetenv ("LIKENESS_KEY_FILE"); /* it is remembered */
  unlock (f, NULL);
  g_assert_true (can_unseal (sealed));

  g_assert_true (g_file_set_contents (f->plain, "nonsense", -1, NULL));
  refuse (f, NULL, LK_ERROR_FORMAT, "no key");
  g_unlink (f->plain);
  lk_vault_lock ();
  g_assert_false (lk_keys_unlock (f->folder, NULL, NULL));
}

/* A second store takes the key that the setting names. */
static void
test_shared_file (Fixture *f, gconstpointer data)
{
  g_autofree char *second = g_build_filename (f->folder, "second", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) sealed = NULL;

  g_setenv ("LIKENESS_KEY_FILE", f->plain, TRUE);
  unlock (f, NULL);
  sealed = seal ();
  lk_vault_lock ();
  g_assert_true (lk_keys_unlock (second, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (can_unseal (sealed));
}

static void
test_passphrase (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) sealed = NULL;
  g_autofree char *text = NULL;

  g_assert_false (lk_keys_move (f->folder, LK_KEY_PASSPHRASE, "", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_assert_cmpint (place_of (f), ==, LK_KEY_NONE);
  move (f, LK_KEY_PASSPHRASE, "correct horse");
  sealed = seal ();
  check_private (f->key);
  g_assert_true (g_file_get_contents (f->key, &text, NULL, NULL));
  g_assert_null (strstr (text, "horse"));

  refuse (f, NULL, LK_ERROR_LOCKED, "passphrase");
  refuse (f, "correct hors", LK_ERROR_LOCKED, "not the passphrase");
  unlock (f, "correct horse");
  g_assert_true (can_unseal (sealed));

  /* Another passphrase, the same key; the old one is no good any more. */
  move (f, LK_KEY_PASSPHRASE, "staple");
  refuse (f, "correct horse", LK_ERROR_LOCKED, "not the passphrase");
  unlock (f, "staple");
  g_assert_true (can_unseal (sealed));

  move (f, LK_KEY_FILE, f->plain);
  unlock (f, NULL);
  g_assert_true (can_unseal (sealed));
  move (f, LK_KEY_PASSPHRASE, "staple");
  g_assert_false (g_file_test (f->plain, G_FILE_TEST_EXISTS));
  unlock (f, "staple");
  g_assert_true (can_unseal (sealed));
}

static void
test_back_up (Fixture *f, gconstpointer data)
{
  g_autofree char *backup = g_build_filename (f->folder, "backup", NULL);
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("LIKENESS_KEY_FILE", f->plain, TRUE);
  unlock (f, NULL);
  g_unsetenv ("LIKENESS_KEY_FILE");
  sealed = seal ();
  g_assert_true (lk_keys_back_up (f->folder, backup, "words", &error));
  check_private (backup);
  g_assert_false (lk_keys_back_up (f->folder, backup, "words", &error)); /* is there already */
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_EXIST);
  g_clear_error (&error);

  g_unlink (f->plain);
  lk_vault_lock ();
  g_assert_false (lk_keys_restore (f->folder, backup, "word", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_false (lk_keys_restore (f->folder, f->key, "words", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (lk_keys_restore (f->folder, backup, "words", &error));
  g_assert_no_error (error);
  g_assert_true (can_unseal (sealed));
  g_assert_cmpint (place_of (f), ==, LK_KEY_PASSPHRASE); /* there is no keyring here */
  unlock (f, "words");
  g_assert_true (can_unseal (sealed));
}

/* Encrypted pictures without a key never get a new key beside them by themselves. */
static void
test_lost (Fixture *f, gconstpointer data)
{
  g_autofree char *picture = g_build_filename (f->folder, "captures/anchor/Ada/s/1.jpg", NULL);
  g_autofree char *parent = g_path_get_dirname (picture), *aside = NULL, *moved = NULL;
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("LIKENESS_KEY_FILE", f->plain, TRUE);
  unlock (f, NULL);
  sealed = seal ();
  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (picture, g_bytes_get_data (sealed, NULL),
                                      (gssize) g_bytes_get_size (sealed), NULL));
  g_unlink (f->key);
  g_unlink (f->plain);
  refuse (f, NULL, LK_ERROR_LOCKED, "reset");
  g_assert_cmpint (place_of (f), ==, LK_KEY_NONE);

  aside = lk_keys_reset (f->folder, &error);
  g_assert_no_error (error);
  moved = g_build_filename (aside, "anchor/Ada/s/1.jpg", NULL);
  g_assert_true (g_file_test (moved, G_FILE_TEST_EXISTS));
  unlock (f, NULL);
  g_assert_false (can_unseal (sealed));
}

/* The file "key" is untrusted: no lines of it take a machine down or are believed. */
static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    "nonsense",
    "[Key]\nPlace=pocket\nId=0123456789abcdef\n",
    "[Key]\nPlace=keyring\nId=0123\n",
    "[Key]\nPlace=file\nId=0123456789abcdef\nPath=relative\n",
    "[Key]\nPlace=passphrase\nId=0123456789abcdef\nPasses=3\nMemory=268435456\nSalt=AAAA\n",
    "[Key]\nPlace=passphrase\nId=0123456789abcdef\nPasses=4000000000\nMemory=268435456\n"
    "Salt=AAAAAAAAAAAAAAAAAAAAAA==\nSealed="
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
    "[Key]\nPlace=passphrase\nId=0123456789abcdef\nPasses=3\nMemory=99999999999\n"
    "Salt=AAAAAAAAAAAAAAAAAAAAAA==\nSealed="
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      LkKeyPlace place;
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (f->key, texts[i], -1, NULL));
      refuse (f, "words", LK_ERROR_FORMAT, "damaged");
      g_assert_false (lk_keys_get_place (f->folder, &place, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
    }
}

/* Processes that begin at once have one key. */
static void
test_race (Fixture *f, gconstpointer data)
{
  pid_t children[6];

  g_setenv ("LIKENESS_KEY_FILE", f->plain, TRUE);
  for (int i = 0; i < 6; i++)
    if ((children[i] = fork ()) == 0)
      {
        g_autofree char *path = g_strdup_printf ("%s/sealed-%d", f->folder, i);
        g_autoptr (GBytes) sealed = NULL;

        unlock (f, NULL);
        sealed = seal ();
        g_file_set_contents (path, g_bytes_get_data (sealed, NULL),
                             (gssize) g_bytes_get_size (sealed), NULL);
        _exit (0);
      }
  for (int i = 0; i < 6; i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  unlock (f, NULL);
  for (int i = 0; i < 6; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/sealed-%d", f->folder, i), *data_read = NULL;
      g_autoptr (GBytes) sealed = NULL;
      gsize n;

      g_assert_true (g_file_get_contents (path, &data_read, &n, NULL));
      sealed = g_bytes_new (data_read, n);
      g_assert_true (can_unseal (sealed));
    }
}

static void
test_keyring (Fixture *f, gconstpointer data)
{
  g_autofree char *backup = g_build_filename (f->folder, "backup", NULL), *text = NULL;
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (lk_keys_has_keyring (&error));
  unlock (f, NULL);
  g_assert_cmpint (place_of (f), ==, LK_KEY_KEYRING);
  sealed = seal ();
  g_assert_true (g_file_get_contents (f->key, &text, NULL, NULL));
  g_assert_cmpuint (strlen (text), <, 250); /* no room for a key beside its name */
  unlock (f, NULL);
  g_assert_true (can_unseal (sealed));
  g_assert_true (lk_keys_back_up (f->folder, backup, "words", &error));

  /* To a passphrase and back; the keyring's is gone in between. */
  move (f, LK_KEY_PASSPHRASE, "words");
  g_assert_true (g_file_set_contents (f->key, text, -1, NULL));
  refuse (f, NULL, LK_ERROR_LOCKED, "not in your keyring");
  g_assert_true (lk_keys_restore (f->folder, backup, "words", &error));
  g_assert_no_error (error);
  g_assert_cmpint (place_of (f), ==, LK_KEY_KEYRING);
  unlock (f, NULL);
  g_assert_true (can_unseal (sealed));
}

#define ADD(name, function) g_test_add ("/keys/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  gboolean keyring = argc > 1 && strcmp (argv[1], "--keyring") == 0;
  int status;

  if (keyring)
    {
      argv[1] = argv[0];
      argv++, argc--;
    }
  else
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere", TRUE);
  g_test_init (&argc, &argv, NULL);
  scratch_begin ();
  if (keyring)
    ADD ("keyring", test_keyring);
  else
    {
      ADD ("nowhere", test_nowhere);
      ADD ("file", test_file);
      ADD ("shared-file", test_shared_file);
      ADD ("passphrase", test_passphrase);
      ADD ("back-up", test_back_up);
      ADD ("lost", test_lost);
      ADD ("damaged", test_damaged);
      ADD ("race", test_race);
    }
  status = g_test_run ();
  scratch_end ();
  return status;
}
