/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "model/lk-safetensors.h"

#include "lk-training.h"

#include <math.h>
#include <string.h>

#define FORMAT "likeness-checkpoint-1"

char *
lk_checkpoint_describe_data (const LkDataset *set, const char *folder)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize skip = strlen (folder);

  /* Names below the folder: it may have been moved, or be called by another path. */
  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    {
      const LkSample *sample = lk_dataset_get_sample (set, i);
      g_autofree char *line = g_strdup_printf ("%d %s\n", sample->part, sample->path + skip);

      g_checksum_update (sum, (const guchar *) line, -1);
    }
  return g_strdup (g_checksum_get_string (sum));
}

static char *
random_to_string (const LkRandom *random)
{
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER
                          "x %016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x",
                          random->s[0], random->s[1], random->s[2], random->s[3]);
}

static gboolean
random_from_string (const char *text, LkRandom *random)
{
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, " ", 5) : NULL;

  if (words == NULL || g_strv_length (words) != 4)
    return FALSE;
  for (int i = 0; i < 4; i++)
    {
      char *end;

      random->s[i] = g_ascii_strtoull (words[i], &end, 16);
      if (end == words[i] || *end != '\0')
        return FALSE;
    }
  return (random->s[0] | random->s[1] | random->s[2] | random->s[3]) != 0;
}

/* The name of tensor @i of @moment, which is -1 for the parameters themselves. */
static char *
tensor_name (const LkTraining *self, int moment, int i)
{
  const char *name = lk_network_get_param (self->network, i)->name;

  return moment < 0 ? g_strdup (name) : g_strdup_printf ("moment%d.%s", moment + 1, name);
}

static float *
tensor_data (LkTraining *self, int moment, int i)
{
  float *base = moment < 0 ? self->params : lk_optimizer_get_moment (self->optimizer, moment);

  return base + lk_network_get_param (self->network, i)->offset;
}

gboolean
lk_checkpoint_save (LkTraining *self, const char *path, const char *pairs, const char *data,
                    GError **error)
{
  g_autoptr (GArray) tensors = g_array_new (FALSE, TRUE, sizeof (LkTensor));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) meta = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (!lk_training_check (self, error))
    return FALSE;
  for (int m = -1; m < lk_optimizer_get_n_moments (self->optimizer); m++)
    for (int i = 0; i < lk_network_get_n_params (self->network); i++)
      {
        const LkParam *param = lk_network_get_param (self->network, i);
        LkTensor tensor = { .dtype = LK_DTYPE_F32, .n_dims = param->n_dims, .n = param->n };

        g_ptr_array_add (names, tensor_name (self, m, i));
        tensor.name = g_ptr_array_index (names, names->len - 1);
        tensor.data = tensor_data (self, m, i);
        for (int k = 0; k < param->n_dims; k++)
          tensor.shape[k] = param->shape[k];
        g_array_append_val (tensors, tensor);
      }
  g_ascii_dtostr (number, sizeof number, self->epoch_loss);
  g_hash_table_insert (meta, (gpointer) "format", g_strdup (FORMAT));
  g_hash_table_insert (meta, (gpointer) "architecture", g_strdup (self->architecture));
  g_hash_table_insert (meta, (gpointer) "preprocessing", g_strdup (self->preprocessing));
  g_hash_table_insert (meta, (gpointer) "pairs", g_strdup (pairs));
  g_hash_table_insert (meta, (gpointer) "data", g_strdup (data));
  g_hash_table_insert (meta, (gpointer) "random", random_to_string (&self->random));
  g_hash_table_insert (meta, (gpointer) "step", g_strdup_printf ("%d", self->step));
  g_hash_table_insert (meta, (gpointer) "epoch_loss", g_strdup (number));
  g_hash_table_insert (
      meta, (gpointer) "trained",
      g_strdup_printf ("Checkpoint of a training run, after step %d.", self->step));
  return lk_safetensors_write (path, (const LkTensor *) (gpointer) tensors->data, tensors->len,
                               meta, error);
}

static gboolean
refuse_damaged (const char *path, GError **error)
{
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               "%s is not a checkpoint, or it is damaged. Start without it to train from the "
               "beginning.",
               path);
  return FALSE;
}

/* Whether a value of the metadata is what this run has; @what names it. */
static gboolean
check_same (LkSafetensors *file, const char *path, const char *key, const char *wanted,
            const char *what, GError **error)
{
  if (g_strcmp0 (lk_safetensors_get_meta (file, key), wanted) == 0)
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
               "The checkpoint %s is of a run with %s, so training cannot go on from it. Start "
               "without it to train from the beginning, which replaces it.",
               path, what);
  return FALSE;
}

gboolean
lk_checkpoint_load (LkTraining *self, const char *path, const char *pairs, const char *data,
                    GError **error)
{
  g_autoptr (LkSafetensors) file = lk_safetensors_open (path, error);
  int n_moments = lk_optimizer_get_n_moments (self->optimizer);
  const char *step_text, *loss_text;
  char *end = NULL;
  double epoch_loss;
  LkRandom random;
  gint64 step;

  if (file == NULL)
    return FALSE;
  if (g_strcmp0 (lk_safetensors_get_meta (file, "format"), FORMAT) != 0)
    return refuse_damaged (path, error);
  if (!check_same (file, path, "architecture", self->architecture, "another network", error) ||
      !check_same (file, path, "pairs", pairs,
                   "another seed, another batch or other steps an epoch", error) ||
      !check_same (file, path, "data", data, "other pictures", error))
    return FALSE;

  step_text = lk_safetensors_get_meta (file, "step");
  loss_text = lk_safetensors_get_meta (file, "epoch_loss");
  if (step_text == NULL || loss_text == NULL ||
      !g_ascii_string_to_signed (step_text, 10, 0, G_MAXINT, &step, NULL) ||
      !random_from_string (lk_safetensors_get_meta (file, "random"), &random))
    return refuse_damaged (path, error);
  epoch_loss = g_ascii_strtod (loss_text, &end);
  if (end == loss_text || *end != '\0' || !isfinite (epoch_loss))
    return refuse_damaged (path, error);

  /* Everything is looked at before anything is changed. */
  for (int pass = 0; pass < 2; pass++)
    for (int m = -1; m < n_moments; m++)
      for (int i = 0; i < lk_network_get_n_params (self->network); i++)
        {
          g_autofree char *name = tensor_name (self, m, i);
          const LkTensor *tensor = lk_safetensors_get (file, name);
          gsize n = lk_network_get_param (self->network, i)->n;

          if (tensor == NULL || tensor->n != n || tensor->dtype != LK_DTYPE_F32)
            return refuse_damaged (path, error);
          if (pass == 1 && !lk_tensor_to_floats (tensor, tensor_data (self, m, i), n))
            return refuse_damaged (path, error);
        }
  if (!lk_training_check (self, NULL))
    return refuse_damaged (path, error);
  self->random = random;
  self->step = (int) step;
  self->epoch_loss = epoch_loss;
  lk_optimizer_set_step (self->optimizer, step);
  return TRUE;
}
