/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-command.h"
#include "verify/lk-verifier.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* NumPy's format, version 1.0: magic, version, length of the header, the header as the text
 * of a Python dictionary padded to 64 bytes, then the rows.
 *
 * Source: NumPy's own documentation of numpy.lib.format. */
static gboolean
write_npy_header (FILE *file, guint n_rows, int n_columns)
{
  char header[128];
  int n = g_snprintf (header + 10, sizeof header - 10,
                      "{'descr': '<f4', 'fortran_order': False, 'shape': (%u, %d), }", n_rows,
                      n_columns);

  memset (header + 10 + n, ' ', sizeof header - 10 - (gsize) n);
  header[sizeof header - 1] = '\n';
  memcpy (header, "\x93NUMPY\x01\x00", 8);
  header[8] = (char) (sizeof header - 10);
  header[9] = 0;
  return fwrite (header, sizeof header, 1, file) == 1;
}

/* One path a line; blank lines do not count.  Paths are taken as they are. */
static GPtrArray *
read_list (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *list;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  list = g_ptr_array_new_with_free_func (g_free);
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_strchomp (*line); /* a carriage return; spaces before a name may belong to it */
      if (**line != '\0')
        g_ptr_array_add (list, g_strdup (*line));
    }
  return list;
}

/* Embeds every picture and writes the rows to @file, NaN where there is no face. */
static gboolean
embed_all (LkVerifier *verifier, GPtrArray *list, LkFaceRule rule, FILE *file, guint *n_missing)
{
  int d = lk_verifier_get_size (verifier);
  g_autofree float *row = g_new (float, d);
  g_autoptr (LkFinder) finder = lk_finder_new ();
  gboolean tell = isatty (STDERR_FILENO);

  for (guint i = 0; i < list->len; i++)
    {
      const char *path = list->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (LkImage) face = lk_command_load_face (finder, path, rule, &error);

      if (face != NULL)
        lk_verifier_embed (verifier, face, row);
      else
        {
          fprintf (stderr, "likeness: %s\n", error->message);
          for (int j = 0; j < d; j++)
            row[j] = NAN;
          ++*n_missing;
        }
      if (fwrite (row, sizeof *row, (gsize) d, file) != (gsize) d)
        return FALSE;
      if (tell && (i + 1 == list->len || i % 16 == 15))
        fprintf (stderr, "\r%u / %u%s", i + 1, list->len, i + 1 == list->len ? "\n" : "");
    }
  return TRUE;
}

int
lk_command_embed (int argc, char *argv[])
{
  g_autofree char *model_name = NULL, *crop = NULL, *list_path = NULL, *output = NULL;
  g_autofree char *temporary = NULL;
  gboolean json = FALSE, written;
  const GOptionEntry options[] = {
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model_name,
      N_("Model to use (name or file)"), N_("MODEL") },
      { "list", 'l', 0, G_OPTION_ARG_FILENAME, &list_path,
        N_("Text file, a picture's path a line"), N_("FILE") },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &output,
          N_("NumPy file to write: float32, a row a picture"), N_("FILE.npy") },
          { "crop", 'c', 0, G_OPTION_ARG_STRING, &crop, LK_COMMAND_CROP_HELP, N_("WAY") },
            { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object"), NULL },
              { NULL },
          };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkVerifier) verifier = NULL;
  g_autoptr (GPtrArray) list = NULL;
  LkFaceRule rule;
  FILE *file;
  guint n_missing = 0;
  int status = lk_command_parse (&argc, &argv, options, "--list FILE --output FILE.npy",
                                 _("Writes one embedding a picture. Where a picture cannot be "
                                    "read or shows no face, its row is NaN."));

  if (status >= 0)
    return status;
  if (argc != 1 || list_path == NULL || output == NULL)
    return lk_command_fail_usage (_("embed needs --list and --output."));
  if (!lk_command_parse_crop (crop, &rule, &error) ||
      (list = read_list (list_path, &error)) == NULL ||
      (model = lk_command_load_model (model_name, &error)) == NULL ||
      (verifier = lk_verifier_new (model, 0, &error)) == NULL)
    return lk_command_fail (error);
  if (list->len == 0)
    return lk_command_fail_usage (_("%s names no picture."), list_path);

  temporary = g_strdup_printf ("%s.%d", output, (int) getpid ());
  file = g_fopen (temporary, "wbe");
  written = file != NULL && write_npy_header (file, list->len, lk_verifier_get_size (verifier)) &&
            embed_all (verifier, list, rule, file, &n_missing) && fflush (file) == 0 &&
            fsync (fileno (file)) == 0;
  if (file != NULL && fclose (file) != 0)
    written = FALSE;
  if (!written || g_rename (temporary, output) != 0)
    {
      int code = errno;

      g_unlink (temporary);
      return lk_command_fail_usage (_("%s could not be written: %s."), output, g_strerror (code));
    }

  if (json)
    {
      g_autoptr (JsonBuilder) builder = json_builder_new ();

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "pictures");
      json_builder_add_int_value (builder, list->len);
      json_builder_set_member_name (builder, "without_face");
      json_builder_add_int_value (builder, n_missing);
      json_builder_set_member_name (builder, "size");
      json_builder_add_int_value (builder, lk_verifier_get_size (verifier));
      json_builder_set_member_name (builder, "model");
      json_builder_add_string_value (builder, lk_model_get_name (model));
      json_builder_end_object (builder);
      lk_command_print_json (builder);
    }
  else
    printf (_("%u embeddings of %d numbers, %u pictures without a face\n"), list->len,
               lk_verifier_get_size (verifier), n_missing);
  return LK_EXIT_OK;
}
