/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "model/lk-safetensors.h"

#include "lk-training.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define FORMAT "likeness-checkpoint-1"

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

/* Sets of tensors: the parameters, each moment, the average and the best epoch's parameters. */
static int
count_sets (const LkTraining *self)
{
  return 1 + lk_optimizer_get_n_moments (self->optimizer) + (self->average != NULL) +
         (self->best != NULL);
}

static gboolean
is_average (const LkTraining *self, int set)
{
  return self->average != NULL && set == lk_optimizer_get_n_moments (self->optimizer) + 1;
}

static char *
set_name (const LkTraining *self, int set, const char *name)
{
  if (set == 0)
    return g_strdup (name);
  if (set <= lk_optimizer_get_n_moments (self->optimizer))
    return g_strdup_printf ("moment%d.%s", set, name);
  return g_strconcat (is_average (self, set) ? "average." : "best.", name, NULL);
}

static float *
set_data (LkTraining *self, int set)
{
  if (set == 0)
    return self->params;
  if (set <= lk_optimizer_get_n_moments (self->optimizer))
    return lk_optimizer_get_moment (self->optimizer, set - 1);
  return is_average (self, set) ? self->average : self->best;
}

/* Everything that is kept, as tensors whose names @names owns. */
static GArray *
list_tensors (LkTraining *self, GPtrArray *names)
{
  GArray *tensors = g_array_new (FALSE, TRUE, sizeof (LkTensor));

  for (int set = 0; set < count_sets (self); set++)
    for (int i = 0; i < lk_network_get_n_params (self->network); i++)
      {
        const LkParam *param = lk_network_get_param (self->network, i);
        LkTensor tensor = { .dtype = LK_DTYPE_F32, .n_dims = param->n_dims, .n = param->n };

        g_ptr_array_add (names, set_name (self, set, param->name));
        tensor.name = g_ptr_array_index (names, names->len - 1);
        tensor.data = set_data (self, set) + param->offset;
        for (int k = 0; k < param->n_dims; k++)
          tensor.shape[k] = param->shape[k];
        g_array_append_val (tensors, tensor);
      }
  for (int set = 0;
       self->centres != NULL && set <= lk_optimizer_get_n_moments (self->centres->optimizer); set++)
    {
      const LkCentres *c = self->centres;
      LkTensor tensor = { .dtype = LK_DTYPE_F32,
                          .n_dims = 2,
                          .shape = { (gsize) c->n, (gsize) c->d },
                          .n = (gsize) c->n * (gsize) c->d };

      g_ptr_array_add (names, set_name (self, set, "centres"));
      tensor.name = g_ptr_array_index (names, names->len - 1);
      tensor.data = set == 0 ? c->values : lk_optimizer_get_moment (c->optimizer, set - 1);
      g_array_append_val (tensors, tensor);
    }
  return tensors;
}

char *
lk_checkpoint_describe_settings (const LkTrainOptions *options)
{
  static const char *const losses[LK_N_TRAIN_LOSSES] = { "cross-entropy", "contrastive",
                                                         "triplet",       "circle",
                                                         "arcface",       "distillation" };
  static const char *const samplings[] = { "pairs", "pictures", "people" };
  static const char *const optimizers[] = { "Adam", "SGD", "Muon" };

  return g_strdup_printf (
      "seed %" G_GUINT64_FORMAT ", %d pictures a step by %s, %d steps an epoch, %s%s, %s%s%s%s%s",
      options->seed, lk_train_options_get_sampler (options).batch, samplings[options->sampling],
      options->steps_per_epoch, losses[options->loss],
      options->loss == LK_TRAIN_DISTILLATION && options->identity_weight > 0 ? " and arcface" : "",
      optimizers[options->optimizer], options->freeze ? ", head alone" : "",
      options->patience > 0 ? ", best epoch kept" : "", options->average > 0 ? ", averaged" : "",
      options->judge == LK_JUDGE_ONE_SHOT ? ", judged by one-shot trials" : "");
}

static void
set_number (GHashTable *meta, const char *key, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_hash_table_insert (meta, (gpointer) key, g_strdup (g_ascii_dtostr (text, sizeof text, value)));
}

static gboolean
get_number (LkSafetensors *file, const char *key, double low, double high, double *value)
{
  const char *text = lk_safetensors_get_meta (file, key);
  char *end;

  if (text == NULL)
    return FALSE;
  *value = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && *value >= low && *value <= high;
}

gboolean
lk_checkpoint_save (LkTraining *self, const char *path, const char *settings, const char *data,
                    GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) tensors = NULL;
  g_autoptr (GHashTable) meta = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  if (!lk_training_check (self, error))
    return FALSE;
  tensors = list_tensors (self, names);
  g_hash_table_insert (meta, (gpointer) "format", g_strdup (FORMAT));
  g_hash_table_insert (meta, (gpointer) "architecture", g_strdup (self->architecture));
  g_hash_table_insert (meta, (gpointer) "preprocessing", g_strdup (self->preprocessing));
  g_hash_table_insert (meta, (gpointer) "settings", g_strdup (settings));
  g_hash_table_insert (meta, (gpointer) "data", g_strdup (data));
  g_hash_table_insert (meta, (gpointer) "random", random_to_string (&self->random));
  set_number (meta, "step", self->step);
  set_number (meta, "epoch_loss", self->epoch_loss);
  set_number (meta, "n_validated", self->n_validated);
  set_number (meta, "best_epoch", self->best_epoch);
  set_number (meta, "best_eer", self->best_eer);
  set_number (meta, "best_loss", self->best_loss);
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
               _ ("%s is not a checkpoint, or it is damaged. Start without it to train from the "
                  "beginning."),
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
               _ ("The checkpoint %s is of a run with %s, so training cannot go on from it. Start "
                  "without it to train from the beginning, which replaces it."),
                  path, what);
  return FALSE;
}

gboolean
lk_checkpoint_load (LkTraining *self, const char *path, const char *settings, const char *data,
                    GError **error)
{
  g_autoptr (LkSafetensors) file = lk_safetensors_open (path, error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) tensors = NULL;
  double step, epoch_loss, n_validated, best_epoch, best_eer, best_loss;
  LkRandom random;

  if (file == NULL)
    return FALSE;
  if (g_strcmp0 (lk_safetensors_get_meta (file, "format"), FORMAT) != 0)
    return refuse_damaged (path, error);
  if (!check_same (file, path, "architecture", self->architecture, "another network", error) ||
      !check_same (file, path, "settings", settings, "other settings", error) ||
      !check_same (file, path, "data", data, "other pictures", error))
    return FALSE;

  if (!get_number (file, "step", 0, G_MAXINT, &step) ||
      !get_number (file, "epoch_loss", -G_MAXDOUBLE, G_MAXDOUBLE, &epoch_loss) ||
      !get_number (file, "n_validated", 0, G_MAXINT, &n_validated) ||
      !get_number (file, "best_epoch", 0, G_MAXINT, &best_epoch) ||
      !get_number (file, "best_eer", 0, 1, &best_eer) ||
      !get_number (file, "best_loss", -G_MAXDOUBLE, G_MAXDOUBLE, &best_loss) ||
      !random_from_string (lk_safetensors_get_meta (file, "random"), &random))
    return refuse_damaged (path, error);

  /* Everything is looked at before anything is changed. */
  tensors = list_tensors (self, names);
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < tensors->len; i++)
      {
        const LkTensor *own = &g_array_index (tensors, LkTensor, i);
        const LkTensor *tensor = lk_safetensors_get (file, own->name);

        if (tensor == NULL || tensor->n != own->n || tensor->dtype != LK_DTYPE_F32)
          return refuse_damaged (path, error);
        if (pass == 1 && !lk_tensor_to_floats (tensor, (float *) own->data, own->n))
          return refuse_damaged (path, error);
      }
  if (!lk_training_check (self, NULL))
    return refuse_damaged (path, error);
  self->random = random;
  self->step = (int) step;
  self->epoch_loss = epoch_loss;
  self->n_validated = (int) n_validated;
  self->best_epoch = (int) best_epoch;
  self->best_eer = best_eer;
  self->best_loss = best_loss;
  lk_optimizer_set_step (self->optimizer, self->step);
  if (self->centres != NULL)
    lk_optimizer_set_step (self->centres->optimizer, self->step);
  return TRUE;
}
