/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-settings.h"
#include "app/lk-unlock.h"
#include "base/lk-error.h"
#include "base/lk-vault.h"
#include "lk-command.h"
#include "store/lk-archive.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

static int
list (LkStore *store, gboolean json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) people = lk_store_list_people (store, &error);

  if (people == NULL)
    return lk_command_fail (error);
  for (guint i = 0; i < people->len; i++)
    {
      const LkPerson *person = people->pdata[i];
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      if (!json)
        {
          printf ("%s\n", person->name);
          continue;
        }
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "person");
      json_builder_add_string_value (builder, person->name);
      for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
        {
          json_builder_set_member_name (builder, lk_capture_kind_to_string ((LkCaptureKind) kind));
          json_builder_add_int_value (builder, person->n[kind]);
        }
      json_builder_end_object (builder);
      lk_command_print_json (builder);
    }
  return LK_EXIT_OK;
}

/* As ordinary JPEG files, for other programs. */
static int
write_pictures (LkStore *store, const char *person, const char *folder)
{
  g_autoptr (GError) error = NULL;
  int n = 0;

  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autoptr (GPtrArray)
          captures = lk_store_list_captures (store, person, (LkCaptureKind) kind, &error);

      for (guint i = 0; captures != NULL && i < captures->len; i++, n++)
        {
          const LkCapture *capture = captures->pdata[i];
          g_autofree char *base = g_path_get_basename (capture->path);
          g_autofree char *parent = g_build_filename (
              folder, lk_capture_kind_to_string (capture->kind), capture->session, NULL);
          g_autofree char *path = g_build_filename (parent, base, NULL);
          g_autoptr (LkImage) image = lk_image_load (capture->path, &error);

          if (image == NULL)
            return lk_command_fail (error);
          g_mkdir_with_parents (parent, 0700);
          if (!lk_image_save (image, path, &error))
            return lk_command_fail (error);
        }
      if (captures == NULL)
        return lk_command_fail (error);
    }
  if (n == 0)
    return lk_command_fail_usage (_("Nobody is enrolled as “%s”."), person);
  printf (_("%d pictures written, for anyone to read who may read that folder\n"), n);
  return LK_EXIT_OK;
}

static int
export_or_import (LkStore *store, gboolean export, const char *person, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  char *passphrase = NULL;
  int n = -1;

  if (lk_vault_need (&error))
    passphrase = lk_unlock_read_passphrase (_("Passphrase of the file:"), &error);
  if (passphrase == NULL)
    return lk_command_fail (error);
  if (export)
    n = lk_store_export_person (store, person, file, passphrase, &error);
  else
    n = lk_store_import_person (store, file, passphrase, person, &name, &error);
  lk_unlock_free_passphrase (passphrase);
  if (n < 0)
    return lk_command_fail (error);
  if (export)
    printf (_("%d pictures of “%s” exported\n"), n, person);
  else
    printf (_("%d pictures of “%s” imported\n"), n, name);
  return LK_EXIT_OK;
}

int
lk_command_people (int argc, char *argv[])
{
  gboolean json = FALSE, plain = FALSE, done;
  const GOptionEntry options[] = {
    /* clang-format off */
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("With list: one JSON object a person"), NULL },
    { "pictures", 0, 0, G_OPTION_ARG_NONE, &plain, N_("With export: a folder of ordinary JPEG files, not encrypted"), NULL },
    { NULL },
      /* clang-format on */
    };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkStore) store = NULL;
  int status = lk_command_parse (
      &argc, &argv, options,
      "[list | rename OLD NEW | delete NAME | export NAME FILE | import FILE "
      "[NAME]]",
      _("Lists the people who are enrolled, or:\n\n"
        "  rename OLD NEW       give somebody another name\n"
        "  delete NAME          delete somebody with all pictures, for good\n"
        "  export NAME FILE     write somebody to one file, encrypted with a passphrase\n"
        "  import FILE [NAME]   bring somebody back from there, or under another name"));
  const char *what, *to = NULL;

  if (status >= 0)
    return status;
  what = argc > 1 ? argv[1] : "list";
  store = lk_command_open_store (&error);
  if (store == NULL)
    return lk_command_fail (error);
  if (g_str_equal (what, "list") && argc <= 2)
    return list (store, json);
  if (g_str_equal (what, "export") && argc == 4)
    return plain ? write_pictures (store, argv[2], argv[3])
                 : export_or_import (store, TRUE, argv[2], argv[3]);
  if (g_str_equal (what, "import") && (argc == 3 || argc == 4))
    return export_or_import (store, FALSE, argc == 4 ? argv[3] : NULL, argv[2]);
  if (g_str_equal (what, "rename") && argc == 4)
    done = lk_store_rename_person (store, argv[2], to = argv[3], &error);
  else if (g_str_equal (what, "delete") && argc == 3)
    done = lk_store_delete_person (store, argv[2], &error);
  else
    return lk_command_fail_usage (_("That is nothing that can be done with people."));
  if (!done)
    return lk_command_fail (error);
  lk_settings_rename_person (argv[2], to);
  return LK_EXIT_OK;
}
