/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-command.h"

#include "app/lk-models.h"
#include "base/lk-error.h"

#include <glib/gi18n.h>
#include <stdio.h>

static const struct
{
  const char *name;
  const char *summary;
  LkCommandFunc run;
} commands[] = {
  /* One line each, so that a new one is one line more.  clang-format would build stairs. */
  /* clang-format off */
  { "bench", N_("Measure how fast the networks are on this computer"), lk_command_bench },
  { "calibrate", N_("Learn what a model's scores mean, and write it into the model"), lk_command_calibrate },
  { "demo", N_("Write the frames of a moving portrait, to play as a camera"), lk_command_demo },
  { "detect", N_("Find the faces of pictures"), lk_command_detect },
  { "doctor", N_("Look at everything that is needed, and say what to do"), lk_command_doctor },
  { "embed", N_("Write the embeddings of a list of pictures to a NumPy file"), lk_command_embed },
  { "enrol", N_("Store pictures of a person, from files or a camera"), lk_command_enrol },
  { "evaluate", N_("Measure models on pictures they have not seen"), lk_command_evaluate },
  { "key", N_("Say where the key of the pictures is, or keep it elsewhere"), lk_command_key },
  { "people", N_("List, rename, delete, export and import people"), lk_command_people },
  { "service", N_("Serve other programs on the session bus"), lk_command_service },
  { "summary", N_("Print the layers of a network"), lk_command_summary },
  { "train", N_("Train a network on folders of pictures"), lk_command_train },
  { "unlock", N_("Look through the camera until a face is accepted or refused"), lk_command_unlock },
  { "verify", N_("Say whether two pictures show the same person"), lk_command_verify },
  { "watch", N_("Verify live, a line a frame, without a window"), lk_command_watch },
};
/* clang-format on */

LkCommandFunc
lk_command_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return commands[i].run;
  return NULL;
}

char *
lk_command_list (void)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "  %-10s %s\n", commands[i].name, _(commands[i].summary));
  return g_string_free (text, FALSE);
}

int
lk_command_parse (int *argc, char ***argv, const GOptionEntry *options, const char *usage,
                  const char *about)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry help_options[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_("Show this text"), NULL }, { NULL },
  };

  /* Our own --help: GOption's would exit() in the middle of things. */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, about);
  g_option_context_add_main_entries (context, options, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, help_options, GETTEXT_PACKAGE);
  if (!g_option_context_parse (context, argc, argv, &error))
    return lk_command_fail_usage ("%s", error->message);
  if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);

      fputs (text, stdout);
      return LK_EXIT_OK;
    }
  return -1;
}

int
lk_command_fail (const GError *error)
{
  fprintf (stderr, "likeness: %s\n", error->message);
  return LK_EXIT_ERROR;
}

int
lk_command_fail_usage (const char *format, ...)
{
  va_list args;

  fputs ("likeness: ", stderr);
  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fprintf (stderr, "\n%s\n", _("Try --help."));
  return LK_EXIT_ERROR;
}

LkModel *
lk_command_load_model (const char *name, GError **error)
{
  g_autofree char *in_use = NULL;
  LkModel *model;

  if (name == NULL)
    {
      in_use = lk_models_get_in_use (error);
      if (in_use == NULL)
        return NULL;
    }
  model = lk_model_load (name != NULL ? name : in_use, error);
  if (model != NULL && !lk_model_is_trained (model))
    fprintf (stderr,
             _("likeness: warning: the network “%s” has never been trained; its scores say "
                "nothing about who is in the pictures.\n"),
                lk_model_get_name (model));
  return model;
}

LkStore *
lk_command_open_store (GError **error)
{
  LkStore *store = lk_store_open (NULL, error);

  if (store != NULL && lk_store_get_notice (store) != NULL)
    fprintf (stderr, "likeness: %s\n", lk_store_get_notice (store));
  return store;
}

gboolean
lk_command_parse_crop (const char *text, LkFaceRule *rule, GError **error)
{
  if (text == NULL || g_str_equal (text, "auto"))
    *rule = LK_FACE_AUTO;
  else if (g_str_equal (text, "detect"))
    *rule = LK_FACE_DETECT;
  else if (g_str_equal (text, "guide"))
    *rule = LK_FACE_GUIDE;
  else if (g_str_equal (text, "whole"))
    *rule = LK_FACE_WHOLE;
  else
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("“%s” is not a way to crop: use auto, detect, guide or whole."), text);
      return FALSE;
    }
  return TRUE;
}

LkImage *
lk_command_load_face (LkFinder *finder, const char *path, LkFaceRule rule, GError **error)
{
  g_autoptr (LkImage) image = lk_image_load (path, error);
  LkImage *face;

  if (image == NULL)
    return NULL;
  face = lk_finder_extract (finder, image, rule, NULL, error);
  if (face == NULL)
    g_prefix_error (error, "%s: ", path);
  return face;
}

void
lk_command_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);

  puts (text);
  fflush (stdout);
}
