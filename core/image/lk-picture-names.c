/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-picture-names.h"

#include "lk-image.h"

#include <string.h>

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
lk_picture_names_list (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (dir == NULL)
    return NULL;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (name[0] != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

char *
lk_picture_name_get_session (const char *name)
{
  const char *dot = strrchr (name, '.');
  gsize length = dot != NULL ? (gsize) (dot - name) : strlen (name);

  while (length > 0 && g_ascii_isdigit (name[length - 1]))
    length--;
  if (length > 0 && strchr ("_- ", name[length - 1]) != NULL)
    length--;
  return g_strndup (name, length);
}

gboolean
lk_picture_names_have_sessions (const GPtrArray *names)
{
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer count;

  for (guint i = 0; i < names->len; i++)
    if (lk_image_is_image_name (names->pdata[i]))
      {
        char *session = lk_picture_name_get_session (names->pdata[i]);
        int n = GPOINTER_TO_INT (g_hash_table_lookup (counts, session));

        g_hash_table_insert (counts, session, GINT_TO_POINTER (n + 1));
      }
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, NULL, &count))
    if (GPOINTER_TO_INT (count) < 2)
      return FALSE;
  return g_hash_table_size (counts) > 1;
}
