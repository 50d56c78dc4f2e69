/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "lk-model-private.h"
#include "lk-safetensors.h"
#include "store/lk-paths.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <pthread.h> /* not GMutex: ThreadSanitizer understands pthreads only */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_NET_FILE (64 * 1024) /* bytes; what lk_network_parse() reads at most */

/* Checks before anything is opened that is not a file or too large to be one of ours. */
static gboolean
check_size (const char *path, guint64 max, GError **error)
{
  g_autofree char *shown = NULL;
  struct stat info;

  int code = stat (path, &info) != 0 ? errno : S_ISDIR (info.st_mode) ? EISDIR : 0;

  if (code != 0)
    {
      lk_file_set_error (error, code, "read", path);
      return FALSE;
    }
  if ((guint64) info.st_size <= max)
    return TRUE;
  shown = g_filename_display_basename (path);
  g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
               _ ("“%s” is too large for a model.  Choose another file."), shown);
  return FALSE;
}

/* (transfer full): the text of a .net file */
static char *
read_net (const char *path, GError **error)
{
  g_autofree char *text = g_malloc (MAX_NET_FILE + 1), *shown = NULL;
  int fd, code;
  gsize size = 0;
  ssize_t got;

  if (!check_size (path, MAX_NET_FILE, error))
    return NULL;
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  while (fd >= 0 && size < MAX_NET_FILE && (got = read (fd, text + size, MAX_NET_FILE - size)) != 0)
    {
      if (got < 0)
        {
          code = errno;
          close (fd);
          lk_file_set_error (error, code, "read", path);
          return NULL;
        }
      size += (gsize) got;
    }
  if (fd < 0)
    {
      lk_file_set_error (error, errno, "read", path);
      return NULL;
    }
  close (fd);
  text[size] = '\0';
  if (g_utf8_validate (text, (gssize) size, NULL)) /* which sees a NUL, too */
    return g_steal_pointer (&text);
  shown = g_filename_display_basename (path);
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("“%s” is not a text.  Choose another file."), shown);
  return NULL;
}

/* (transfer full): @path without folder and ending */
static char *
make_name (const char *path)
{
  static const char *const endings[] = { ".safetensors", ".net", ".checkpoint" };
  g_autofree char *name = g_path_get_basename (path);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (name, endings[i]) && strlen (name) > strlen (endings[i]))
      name[strlen (name) - strlen (endings[i])] = '\0';
  return g_steal_pointer (&name);
}

static gboolean
refuse (GError **error, LkError code, const char *name, const char *why)
{
  g_set_error (error, LK_ERROR, (int) code,
               _ ("The model “%s” cannot be used: %s.  Use another copy of it, or train it again."),
                  name, why);
  return FALSE;
}

/* Fills in @self from the tensors of @file. */
static gboolean
read_params (LkModel *self, LkSafetensors *file, gboolean checkpoint, GError **error)
{
  const LkNetwork *network = lk_model_get_network (self);
  int n = lk_network_get_n_params (network);
  gsize n_tensors;

  for (int i = 0; i < n; i++)
    {
      const LkParam *param = lk_network_get_param (network, i);
      const LkTensor *tensor = lk_safetensors_get (file, param->name);
      gboolean fits = tensor != NULL && tensor->n_dims == param->n_dims;
      g_autofree char *why = NULL;

      for (int d = 0; fits && d < param->n_dims; d++)
        fits = tensor->shape[d] == param->shape[d];
      if (fits && lk_tensor_to_floats (tensor, lk_model_get_blank (self) + param->offset, param->n))
        continue;
      why = g_strdup_printf (tensor == NULL ? _ ("“%s” is missing")
                                            : _ ("“%s” does not fit its network"), param->name);
      return refuse (error, LK_ERROR_SHAPE, lk_model_get_name (self), why);
    }

  lk_safetensors_get_all (file, &n_tensors);
  if (!checkpoint && n_tensors != (gsize) n)
    return refuse (error, LK_ERROR_SHAPE, lk_model_get_name (self),
                   "it has more in it than its network");
  return lk_model_check_params (self, error);
}

static LkModel *
load_safetensors (const char *path, const char *name, GError **error)
{
  g_autoptr (LkSafetensors) file = NULL;
  g_autoptr (LkModel) self = NULL;
  const char *format, *architecture;
  gboolean checkpoint;

  if (!check_size (path, LK_MODEL_MAX_SIZE, error))
    return NULL;
  file = lk_safetensors_open (path, error);
  if (file == NULL)
    return NULL;

  format = lk_safetensors_get_meta (file, "format");
  architecture = lk_safetensors_get_meta (file, "architecture");
  checkpoint = g_strcmp0 (format, LK_CHECKPOINT_FORMAT) == 0;
  if ((!checkpoint && g_strcmp0 (format, LK_MODEL_FORMAT) != 0) || architecture == NULL ||
      lk_safetensors_get_meta (file, "preprocessing") == NULL)
    {
      refuse (error, LK_ERROR_FORMAT, name,
              "it was not made by Likeness, or by a version that this one does not know");
      return NULL;
    }
  self = lk_model_new_blank (architecture, name, lk_safetensors_get_all_meta (file), error);
  if (self == NULL || !read_params (self, file, checkpoint, error))
    return NULL;
  lk_model_set_path (self, path);
  return g_steal_pointer (&self);
}

static LkModel *
load_net (const char *path, const char *name, GError **error)
{
  g_autofree char *text = read_net (path, error);

  return text != NULL ? lk_model_new_untrained (text, name, 0, error) : NULL;
}

/* (transfer full) (nullable): the file that the name of a model stands for */
static char *
find (const char *name, GError **error)
{
  g_autofree char *trained = g_strconcat (name, ".safetensors", NULL);
  g_autofree char *net = g_strconcat (name, ".net", NULL), *path = NULL;

  path = lk_paths_user ("models", trained, NULL);
  if (*name == '\0' || !g_file_test (path, G_FILE_TEST_EXISTS))
    g_clear_pointer (&path, g_free);
  if (path == NULL && *name != '\0')
    path = lk_paths_data (NULL, "models", trained, NULL);
  if (path == NULL && *name != '\0')
    path = lk_paths_data (NULL, "models", net, NULL);
  if (path == NULL)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_MODEL,
                 _ ("There is no model “%s”.  Train one, or choose a .safetensors file."), name);
  return g_steal_pointer (&path);
}

LkModel *
lk_model_load (const char *name, GError **error)
{
  g_autofree char *shown = make_name (name), *path = NULL;
  g_autofree char *base = g_path_get_basename (name);

  if (strchr (name, '/') != NULL || strcmp (base, shown) != 0)
    path = g_strdup (name);
  else
    path = find (name, error);
  if (path == NULL)
    return NULL;
  return g_str_has_suffix (path, ".net") ? load_net (path, shown, error)
                                         : load_safetensors (path, shown, error);
}

LkModel *
lk_model_load_to_train (const char *name, GError **error)
{
  g_autofree char *net = g_strconcat (name, ".net", NULL), *path = NULL;

  if (*name != '\0' && strchr (name, '/') == NULL)
    path = lk_paths_data (NULL, "models", net, NULL);
  return path != NULL ? load_net (path, name, error) : lk_model_load (name, error);
}

LkModel *
lk_model_load_own (const char *name, GError **error)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static GHashTable *loaded; /* (element-type utf8 LkModel): for good */
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL);
  g_autofree char *path = NULL;
  LkModel *model;

  pthread_mutex_lock (&lock);
  if (loaded == NULL)
    loaded = g_hash_table_new (g_str_hash, g_str_equal);
  model = g_hash_table_lookup (loaded, name);
  if (model == NULL && (path = lk_paths_data (error, "models", file, NULL)) != NULL &&
      (model = load_safetensors (path, name, error)) != NULL)
    g_hash_table_insert (loaded, g_strdup (name), model);
  pthread_mutex_unlock (&lock);
  return model != NULL ? lk_model_ref (model) : NULL;
}

gboolean
lk_model_save (LkModel *self, const char *path, gboolean half, GError **error)
{
  const LkNetwork *network = lk_model_get_network (self);
  const float *params = lk_model_get_params (self);
  int n = lk_network_get_n_params (network);
  g_autofree LkTensor *tensors = g_new0 (LkTensor, MAX (n, 1));

  for (int i = 0; i < n; i++)
    {
      const LkParam *param = lk_network_get_param (network, i);

      tensors[i].name = param->name;
      tensors[i].dtype = LK_DTYPE_F32;
      tensors[i].n_dims = param->n_dims;
      memcpy (tensors[i].shape, param->shape, sizeof param->shape);
      tensors[i].data = params + param->offset;
    }
  return (half ? lk_safetensors_write_half : lk_safetensors_write) (
      path, tensors, (gsize) n, lk_model_get_all_meta (self), error);
}
