/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-paths.h"

#include "base/lk-new-file.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

/* (transfer full): @root/@part/... */
static char *
join (const char *root, const char *part, va_list rest)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new ();

  g_ptr_array_add (parts, (gpointer) root);
  for (; part != NULL; part = va_arg (rest, const char *))
    g_ptr_array_add (parts, (gpointer) part);
  g_ptr_array_add (parts, NULL);
  return g_build_filenamev ((char **) parts->pdata);
}

char *
lk_paths_user (const char *part, ...)
{
  g_autofree char *root = g_build_filename (g_get_user_data_dir (), "likeness", NULL);
  va_list rest;
  char *path;

  va_start (rest, part);
  path = join (root, part, rest);
  va_end (rest);
  return path;
}

/* (transfer full) (nullable): the data folder of the source tree that holds the
 * running program. */
static char *
find_uninstalled (void)
{
  g_autofree char *folder = g_file_read_link ("/proc/self/exe", NULL);

  while (folder != NULL && strcmp (folder, "/") != 0)
    {
      g_autofree char *parent = g_path_get_dirname (folder);
      g_autofree char *build = g_build_filename (parent, "meson.build", NULL);
      g_autofree char *models = g_build_filename (parent, "data", "models", NULL);

      if (g_file_test (build, G_FILE_TEST_IS_REGULAR) && g_file_test (models, G_FILE_TEST_IS_DIR))
        return g_build_filename (parent, "data", NULL);
      if (strcmp (parent, ".") == 0)
        break;
      g_free (folder);
      folder = g_steal_pointer (&parent);
    }
  return NULL;
}

char *
lk_paths_data (GError **error, const char *part, ...)
{
  const char *chosen = g_getenv ("LIKENESS_DATA_DIR");
  g_autofree char *root = NULL, *path = NULL, *shown = NULL;
  va_list rest;

  if (chosen != NULL && *chosen != '\0')
    root = g_strdup (chosen);
  else
    root = find_uninstalled ();
  if (root == NULL)
    root = g_strdup (LK_INSTALLED_DATA_DIR);

  va_start (rest, part);
  path = join (root, part, rest);
  va_end (rest);
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_steal_pointer (&path);

  shown = g_filename_display_name (path);
  g_set_error (
      error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
      _ ("“%s” is not there.  Install Likeness again, or set LIKENESS_DATA_DIR to its data "
         "folder."),
         shown);
  return NULL;
}

/* 0 or an errno.  (g_mkdir_with_parents() says "not a directory" of what it may not
 * look into.) */
static int
make_with_parents (const char *path)
{
  g_autofree char *parent = NULL;
  int code;

  if (g_mkdir (path, 0700) == 0)
    return 0;
  if (errno == EEXIST)
    return g_file_test (path, G_FILE_TEST_IS_DIR) ? 0 : ENOTDIR;
  if (errno != ENOENT)
    return errno;
  parent = g_path_get_dirname (path);
  if (strlen (parent) >= strlen (path)) /* "." or "/" */
    return ENOENT;
  code = make_with_parents (parent);
  if (code != 0)
    return code;
  /* Another process may have been quicker. */
  return g_mkdir (path, 0700) == 0 || errno == EEXIST ? 0 : errno;
}

gboolean
lk_paths_make_folder (const char *path, GError **error)
{
  int code = make_with_parents (path);

  if (code != 0)
    lk_file_set_error (error, code, "made", path);
  return code == 0;
}

char *
lk_paths_encode (const char *name)
{
  GString *out = g_string_new (NULL);
  const char *p = name;

  while (*p != '\0')
    {
      gunichar c = g_utf8_get_char_validated (p, -1);
      gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
      gsize length = valid ? (gsize) (g_utf8_next_char (p) - p) : 1;

      if (!valid || g_unichar_iscntrl (c) || c == '/' || c == '%' || (c == '.' && p == name))
        for (gsize i = 0; i < length; i++)
          g_string_append_printf (out, "%%%02X", (guint8) p[i]);
      else
        g_string_append_len (out, p, (gssize) length);
      p += length;
    }
  return g_string_free (out, FALSE);
}

char *
lk_paths_decode (const char *file_name)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autofree char *again = NULL;

  for (const char *p = file_name; *p != '\0'; p++)
    {
      int high, low;

      if (*p != '%')
        {
          g_string_append_c (out, *p);
          continue;
        }
      high = g_ascii_xdigit_value (p[1]);
      low = high < 0 ? -1 : g_ascii_xdigit_value (p[2]);
      if (low < 0 || high * 16 + low == 0)
        return NULL;
      g_string_append_c (out, (char) (high * 16 + low));
      p += 2;
    }

  /* One name has one file name, or two folders could claim to be one person. */
  again = lk_paths_encode (out->str);
  if (strcmp (again, file_name) != 0)
    return NULL;
  return g_strdup (out->str);
}
