/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-cohort.h"

#include "base/lk-error.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define FORMAT "likeness-cohort-1"
#define TENSOR "cohort"

void
lk_cohort_free (LkCohort *self)
{
  if (self == NULL)
    return;
  g_free (self->embeddings);
  g_free (self->about);
  g_free (self);
}

char *
lk_cohort_path_of (const char *model_path)
{
  static const char ending[] = ".safetensors";
  gsize n = strlen (model_path);

  if (g_str_has_suffix (model_path, ending))
    n -= strlen (ending);
  return g_strdup_printf ("%.*s.cohort", (int) n, model_path);
}

char *
lk_cohort_get_path (const LkModel *model)
{
  const char *path = lk_model_get_path (model);

  return path != NULL ? lk_cohort_path_of (path) : NULL;
}

static gboolean
refuse (GError **error, LkError code, const char *why, const LkModel *model)
{
  g_autofree char *advice = g_strdup_printf (
      _ ("“likeness calibrate --cohort” makes the file of the model “%s”."),
         lk_model_get_name (model));

  g_set_error (error, LK_ERROR, (int) code, "%s  %s", why, advice);
  return FALSE;
}

static gboolean
refuse_damaged (GError **error, const LkModel *model)
{
  return refuse (error, LK_ERROR_FORMAT,
                 _ ("The strangers to measure against are in a file that is damaged, or of another "
                    "version of this program."),
                    model);
}

static gboolean
read_file (LkCohort *self, LkSafetensors *file, LkModel *model, GError **error)
{
  const LkTensor *tensor = lk_safetensors_get (file, TENSOR);
  const char *about = lk_safetensors_get_meta (file, "about");

  if (g_strcmp0 (lk_safetensors_get_meta (file, "format"), FORMAT) != 0 || tensor == NULL)
    return refuse_damaged (error, model);
  if (g_strcmp0 (lk_safetensors_get_meta (file, "model"), lk_model_get_hash (model)) != 0)
    return refuse (error, LK_ERROR_SHAPE,
                   _ ("The strangers to measure against belong to another version of the model."),
                      model);
  self->size = lk_network_get_embedding_size (lk_model_get_network (model));
  if (tensor->n_dims != 2 || tensor->shape[0] < 1 || tensor->shape[0] > LK_COHORT_MAX ||
      tensor->shape[1] != (gsize) self->size)
    return refuse_damaged (error, model);
  self->n = (int) tensor->shape[0];
  self->embeddings = g_new (float, tensor->n);
  if (!lk_tensor_to_floats (tensor, self->embeddings, tensor->n))
    return refuse_damaged (error, model);
  for (gsize i = 0; i < tensor->n; i++)
    if (!isfinite (self->embeddings[i]))
      return refuse_damaged (error, model);
  self->about = g_strdup (about != NULL ? about : "");
  return TRUE;
}

LkCohort *
lk_cohort_parse (LkSafetensors *file, LkModel *model, GError **error)
{
  g_autoptr (LkCohort) self = g_new0 (LkCohort, 1);

  return read_file (self, file, model, error) ? g_steal_pointer (&self) : NULL;
}

LkCohort *
lk_cohort_load (LkModel *model, GError **error)
{
  g_autofree char *path = lk_cohort_get_path (model);
  g_autoptr (LkSafetensors) file = NULL;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      refuse (error, LK_ERROR_NO_DATA, _ ("The strangers to measure against are missing."), model);
      return NULL;
    }
  file = lk_safetensors_open (path, error);
  return file != NULL ? lk_cohort_parse (file, model, error) : NULL;
}

gboolean
lk_cohort_save (const char *path, LkModel *model, const float *embeddings, int n, const char *about,
                GError **error)
{
  g_autoptr (GHashTable) meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  LkTensor tensor = {
    .name = TENSOR,
    .dtype = LK_DTYPE_F32,
    .n_dims = 2,
    .shape = { (gsize) n, (gsize) lk_network_get_embedding_size (lk_model_get_network (model)) },
    .data = embeddings,
  };

  g_return_val_if_fail (n > 0 && n <= LK_COHORT_MAX, FALSE);

  g_hash_table_insert (meta, g_strdup ("format"), g_strdup (FORMAT));
  g_hash_table_insert (meta, g_strdup ("model"), g_strdup (lk_model_get_hash (model)));
  g_hash_table_insert (meta, g_strdup ("about"), g_strdup (about));
  return lk_safetensors_write_half (path, &tensor, 1, meta, error);
}
