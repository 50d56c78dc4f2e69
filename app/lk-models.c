/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-models"

#include "lk-models.h"

#include "base/lk-error.h"
#include "lk-settings.h"
#include "nn/lk-network.h"
#include "store/lk-paths.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#define DEFAULT_MODEL "likeness" /* the one that comes with the program */

const LkBuiltinNetwork *
lk_models_get_builtin (int *n)
{
  static const LkBuiltinNetwork networks[] = {
    { "siamese", N_("Four convolutions and a dense layer of 4096, after Koch et al.") },
      { "siamese-bn", N_("With batch normalisation and dropout") },
        { "siamese-pool64", N_("The tutorial’s pools of 64 × 64 pixels, to see what they cost") },
          { "koch", N_("The paper’s own: 105 × 105 pixels in grey") },
            { "likeness", N_("Our own: small, quick, residual, 192 numbers of unit length") },
          };

  *n = G_N_ELEMENTS (networks);
  return networks;
}

static LkNetwork *
read_network (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".net", NULL);
  g_autofree char *path = lk_paths_data (NULL, "models", file, NULL), *text = NULL;
  char why[256];

  if (path == NULL || !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return lk_network_parse (text, why, sizeof why);
}

gboolean
lk_models_get_input (const char *name, int *height, int *width, int *channels)
{
  LkNetwork *network = read_network (name);
  gboolean found = network != NULL;

  if (found)
    lk_network_get_input (network, height, width, channels);
  lk_network_free (network);
  return found;
}

/* The newest file of the user's models with this suffix and prefix, without the suffix. */
static char *
find_newest (const char *prefix, const char *suffix)
{
  g_autofree char *folder = lk_paths_user ("models", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  char *newest = NULL;
  gint64 newest_time = G_MININT64;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;

      if (!g_str_has_suffix (name, suffix) || !g_str_has_prefix (name, prefix) ||
          g_stat (path, &info) != 0 || (gint64) info.st_mtime < newest_time)
        continue;
      newest_time = info.st_mtime;
      g_free (newest);
      newest = g_strndup (name, strlen (name) - strlen (suffix));
    }
  return newest;
}

static gboolean
is_there (const char *name)
{
  g_autofree char *own = lk_models_get_path (name), *file = NULL, *shipped = NULL;

  if (strchr (name, '/') != NULL)
    return g_file_test (name, G_FILE_TEST_IS_REGULAR);
  file = g_strconcat (name, ".safetensors", NULL);
  shipped = lk_paths_data (NULL, "models", file, NULL);
  return g_file_test (own, G_FILE_TEST_IS_REGULAR) ||
         (shipped != NULL && g_file_test (shipped, G_FILE_TEST_IS_REGULAR));
}

gboolean
lk_models_has_network (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".net", NULL);
  g_autofree char *path = lk_paths_data (NULL, "models", file, NULL);

  return (path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR)) || is_there (name);
}

char *
lk_models_get_in_use (GError **error)
{
  g_autofree char *chosen = g_settings_get_string (lk_settings_get (), "model");
  char *newest;

  if (*chosen != '\0' && is_there (chosen))
    return g_steal_pointer (&chosen);
  if (is_there (
          DEFAULT_MODEL)) /* knows strangers: what was trained here is used when it is chosen */
    return g_strdup (DEFAULT_MODEL);
  newest = find_newest ("", ".safetensors");
  if (newest != NULL)
    return newest;
  g_set_error_literal (error, LK_ERROR, LK_ERROR_NO_MODEL,
                       _("No network has been trained on this computer yet. Train one first, in "
                          "the Train tab or with “likeness train”."));
  return NULL;
}

typedef struct
{
  char *name;
  gint64 time;
} Found;

static int
compare_newest (gconstpointer a, gconstpointer b)
{
  const Found *x = a, *y = b;

  return x->time != y->time ? (x->time < y->time) - (x->time > y->time) : strcmp (x->name, y->name);
}

char **
lk_models_list (void)
{
  g_autofree char *folder = lk_paths_user ("models", NULL);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *names = g_ptr_array_new ();
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      Found one;
      GStatBuf info;

      if (!g_str_has_suffix (name, ".safetensors") || name[0] == '.' || g_stat (path, &info) != 0)
        continue;
      one = (Found){ g_strndup (name, strlen (name) - strlen (".safetensors")), info.st_mtime };
      g_array_append_val (found, one);
    }
  g_array_sort (found, compare_newest);
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (names, g_array_index (found, Found, i).name);
  if (is_there (DEFAULT_MODEL))
    g_ptr_array_add (names, g_strdup (DEFAULT_MODEL));
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

char *
lk_models_get_path (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL);

  if (strchr (name, '/') != NULL)
    return g_strdup (name);
  return lk_paths_user ("models", file, NULL);
}

char *
lk_models_name_of_file (const char *path)
{
  g_autofree char *whole = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = lk_paths_user ("models", NULL);
  g_autofree char *models = g_strconcat (folder, "/", NULL);
  char *name;

  if (!g_str_has_prefix (whole, models) || strchr (whole + strlen (models), '/') != NULL ||
      !g_str_has_suffix (whole, ".safetensors"))
    return g_steal_pointer (&whole);
  name = g_strdup (whole + strlen (models));
  name[strlen (name) - strlen (".safetensors")] = '\0';
  return name;
}

char *
lk_models_new_name (const char *network)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d-%H%M");
  char *name = g_strdup_printf ("%s-%s", network, when);

  for (int i = 2; is_there (name); i++)
    {
      g_free (name);
      name = g_strdup_printf ("%s-%s-%d", network, when, i);
    }
  return name;
}

char *
lk_models_find_interrupted (const char *network)
{
  g_autofree char *prefix = g_strconcat (network, "-2", NULL); /* a year: not another network */

  return find_newest (prefix, ".safetensors.checkpoint");
}

gboolean
lk_models_is_interrupted (const char *name)
{
  g_autofree char *model = lk_models_get_path (name);
  g_autofree char *checkpoint = g_strconcat (model, ".checkpoint", NULL);

  return g_file_test (checkpoint, G_FILE_TEST_IS_REGULAR);
}
