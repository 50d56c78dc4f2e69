/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-unlock.h"
#include "base/lk-error.h"
#include "base/lk-vault.h"
#include "lk-command.h"
#include "store/lk-keys.h"
#include "store/lk-paths.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

static int
show_status (gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkStore) store = NULL;
  gboolean keyring = lk_keys_has_keyring (NULL);
  LkKeyPlace place;
  int n_plain;

  if (!lk_keys_get_place (NULL, &place, &error) ||
      (store = lk_command_open_store (&error)) == NULL ||
      (n_plain = lk_store_count_plain (store, &error)) < 0)
    return lk_command_fail (error);
  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "place");
      json_builder_add_string_value (builder, lk_key_place_to_string (place));
      json_builder_set_member_name (builder, "keyring");
      json_builder_add_boolean_value (builder, keyring);
      json_builder_set_member_name (builder, "unencrypted");
      json_builder_add_int_value (builder, n_plain);
      json_builder_end_object (builder);
      lk_command_print_json (builder);
      return LK_EXIT_OK;
    }
  switch (place)
    {
    case LK_KEY_NONE:
      printf ("%s\n", keyring ? _("There is no key yet. It will be kept in the keyring.")
                              : _("There is no key yet, and no keyring to keep it in: choose "
                                  "“likeness key passphrase” or “likeness key file”."));
      break;
    case LK_KEY_KEYRING:
      printf ("%s\n", _("The key is in your keyring."));
      break;
    case LK_KEY_PASSPHRASE:
      printf ("%s\n", _("The key is behind a passphrase."));
      break;
    case LK_KEY_FILE:
      printf ("%s\n",
              _("The key is in a file. Whoever can read that file can read the pictures."));
    }
  if (n_plain > 0)
    printf (_("%d pictures are not encrypted yet: “likeness key encrypt” does that.\n"), n_plain);
  return LK_EXIT_OK;
}

/* (transfer full): a new passphrase, asked for twice on a terminal; NULL with @error */
static char *
read_new_passphrase (GError **error)
{
  char *one = lk_unlock_read_passphrase (_("New passphrase:"), error), *two;

  if (one == NULL || g_getenv ("LIKENESS_PASSPHRASE_FD") != NULL)
    return one;
  two = lk_unlock_read_passphrase (_("Once more:"), error);
  if (two != NULL && strcmp (one, two) == 0)
    {
      lk_unlock_free_passphrase (two);
      return one;
    }
  if (two != NULL)
    g_set_error_literal (error, LK_ERROR, LK_ERROR_LOCKED,
                         _("The two passphrases differ. Nothing was changed."));
  lk_unlock_free_passphrase (one);
  lk_unlock_free_passphrase (two);
  return NULL;
}

static void
on_sealed (int n_done, int n_all, gpointer data)
{
  if (n_done == n_all || n_done % 100 == 0)
    fprintf (stderr, _("%d of %d pictures encrypted\n"), n_done, n_all);
}

static gboolean
encrypt (GError **error)
{
  g_autoptr (LkStore) store = lk_command_open_store (error);

  return store != NULL && lk_store_seal (store, on_sealed, NULL, NULL, error);
}

/* Runs with a passphrase in hand. */
static gboolean
do_with_passphrase (const char *what, const char *file, GError **error)
{
  gboolean restore = g_str_equal (what, "restore"), done;
  char *passphrase;

  /* The old one first, where there is one. */
  if (!restore)
    {
      LkKeyPlace place;

      if (!lk_keys_get_place (NULL, &place, error) ||
          ((place != LK_KEY_NONE || g_str_equal (what, "back-up")) && !lk_vault_need (error)))
        return FALSE;
    }
  passphrase = restore ? lk_unlock_read_passphrase (_("Passphrase of the backup:"), error)
                       : read_new_passphrase (error);
  if (passphrase == NULL)
    return FALSE;
  if (restore)
    done = lk_keys_restore (NULL, file, passphrase, error);
  else if (g_str_equal (what, "back-up"))
    done = lk_keys_back_up (NULL, file, passphrase, error);
  else
    done = lk_keys_move (NULL, LK_KEY_PASSPHRASE, passphrase, error);
  lk_unlock_free_passphrase (passphrase);
  return done;
}

static gboolean
reset (GError **error)
{
  g_autofree char *aside = lk_keys_reset (NULL, error);

  if (aside != NULL)
    printf (_("The pictures that cannot be read are kept in “%s”. A new key is made when somebody "
              "is enrolled.\n"),
               aside);
  return aside != NULL;
}

int
lk_command_key (int argc, char *argv[])
{
  gboolean json = FALSE, done = FALSE;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("With status: print one JSON object"), NULL },
      { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *plain = lk_paths_user ("key.plain", NULL);
  int status = lk_command_parse (
      &argc, &argv, options, "[WHAT [FILE]]",
      _("Says where the key is that the pictures of enrolled people are encrypted with, or:\n\n"
        "  keyring           keep it in the desktop's keyring\n"
        "  passphrase        keep it behind a passphrase, or change that\n"
        "  file [FILE]       keep it in a file: whoever can read that can read the pictures\n"
        "  encrypt           encrypt pictures of older versions now\n"
        "  back-up FILE      write it to a file, behind a passphrase of its own\n"
        "  restore FILE      bring it back from there\n"
        "  reset             when it is lost: put the pictures aside, begin anew\n\n"
        "A passphrase is asked for on the terminal, or read from the file descriptor that "
        "LIKENESS_PASSPHRASE_FD names. LIKENESS_KEY_FILE names a file to keep a new key in."));
  const char *what, *file;

  if (status >= 0)
    return status;
  what = argc > 1 ? argv[1] : "status";
  file = argc > 2 ? argv[2] : NULL;
  if (argc > 3 || (json && !g_str_equal (what, "status")))
    return lk_command_fail_usage (_("Too many arguments."));
  if (g_str_equal (what, "status"))
    return show_status (json);
  if ((g_str_equal (what, "back-up") || g_str_equal (what, "restore")) && file == NULL)
    return lk_command_fail_usage (_("A file is missing."));

  if (g_str_equal (what, "keyring"))
    done = lk_keys_move (NULL, LK_KEY_KEYRING, NULL, &error);
  else if (g_str_equal (what, "file"))
    done = lk_keys_move (NULL, LK_KEY_FILE, file != NULL ? file : plain, &error);
  else if (g_str_equal (what, "encrypt"))
    done = encrypt (&error);
  else if (g_str_equal (what, "reset"))
    done = reset (&error);
  else if (g_str_equal (what, "passphrase") || g_str_equal (what, "back-up") ||
           g_str_equal (what, "restore"))
    done = do_with_passphrase (what, file, &error);
  else
    return lk_command_fail_usage (_("“%s” is nothing that can be done with the key."), what);
  return done ? LK_EXIT_OK : lk_command_fail (error);
}
