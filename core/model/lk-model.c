/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-model-private.h"

#include "base/lk-error.h"
#include "lk-half.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct _LkModel
{
  int ref_count; /* atomic */
  char *name;
  char *path; /* (nullable) */
  LkNetwork *network;
  float *params;
  GHashTable *meta;

  pthread_mutex_t lock; /* guards hash */
  char *hash;           /* (nullable): NULL until it is asked for */
};

static char *
describe_preprocessing (const LkNetwork *network)
{
  int height, width, channels;

  lk_network_get_input (network, &height, &width, &channels);
  if (channels != 1 && channels != 3)
    return NULL;
  return g_strdup_printf ("%s %dx%d /255", channels == 3 ? "rgb" : "grey", height, width);
}

LkModel *
lk_model_new_blank (const char *architecture, const char *name, GHashTable *meta, GError **error)
{
  g_autoptr (LkModel) self = g_new0 (LkModel, 1);
  g_autofree char *preprocessing = NULL;
  const char *wanted;
  char why[256];
  void *memory;

  self->ref_count = 1;
  pthread_mutex_init (&self->lock, NULL);
  self->name = g_filename_display_name (name);
  self->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->network = lk_network_parse (architecture, why, sizeof why);
  if (self->network == NULL)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("The network of “%s” cannot be used.  %s"), self->name, why);
      return NULL;
    }
  preprocessing = describe_preprocessing (self->network);
  wanted = meta != NULL ? g_hash_table_lookup (meta, "preprocessing") : NULL;
  if (preprocessing == NULL || (wanted != NULL && strcmp (wanted, preprocessing) != 0))
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("“%s” wants pictures prepared in a way that Likeness does not know.  Choose "
                      "another model."),
                      self->name);
      return NULL;
    }
  if (posix_memalign (&memory, 64, MAX (lk_network_get_size (self->network), 1) * sizeof (float)) !=
      0)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("There is not enough memory for the model “%s”.  Close other programs, or choose "
             "a smaller model."),
             self->name);
      return NULL;
    }
  self->params = memory;

  if (meta != NULL)
    {
      GHashTableIter iter;
      gpointer key, value;

      g_hash_table_iter_init (&iter, meta);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (self->meta, g_strdup (key), g_strdup (value));
    }
  g_hash_table_insert (self->meta, g_strdup ("format"), g_strdup (LK_MODEL_FORMAT));
  g_hash_table_insert (self->meta, g_strdup ("architecture"), g_strdup (architecture));
  g_hash_table_insert (self->meta, g_strdup ("preprocessing"), g_steal_pointer (&preprocessing));
  return g_steal_pointer (&self);
}

float *
lk_model_get_blank (LkModel *self)
{
  return self->params;
}

gboolean
lk_model_check_params (LkModel *self, GError **error)
{
  int n = lk_network_get_n_params (self->network);

  for (int i = 0; i < n; i++)
    {
      const LkParam *param = lk_network_get_param (self->network, i);
      const float *values = self->params + param->offset;
      gboolean variance = g_str_has_suffix (param->name, ".variance");
      guint32 bad = 0;

      for (size_t k = 0; k < param->n; k++)
        {
          guint32 bits;

          memcpy (&bits, &values[k], sizeof bits);
          bad |= (bits & 0x7f800000) == 0x7f800000;      /* infinite or not a number */
          bad |= variance && bits > 0x80000000 ? 1u : 0; /* negative; its root is taken */
        }
      if (bad)
        {
          g_set_error (
              error, LK_ERROR, LK_ERROR_FORMAT,
              _ ("The model “%s” cannot be used: “%s” has numbers that no training gives.  "
                 "Use another copy of it, or train it again."),
                 self->name, param->name);
          return FALSE;
        }
    }
  return TRUE;
}

LkModel *
lk_model_new (const char *architecture, const char *name, const float *params, GHashTable *meta,
              GError **error)
{
  g_autoptr (LkModel) self = lk_model_new_blank (architecture, name, meta, error);

  if (self == NULL)
    return NULL;
  memcpy (self->params, params, lk_network_get_size (self->network) * sizeof *params);
  return lk_model_check_params (self, error) ? g_steal_pointer (&self) : NULL;
}

LkModel *
lk_model_new_untrained (const char *architecture, const char *name, guint64 seed, GError **error)
{
  g_autoptr (LkModel) self = lk_model_new_blank (architecture, name, NULL, error);
  LkRandom random;

  if (self == NULL)
    return NULL;
  lk_random_seed (&random, seed);
  lk_network_init (self->network, self->params, &random);
  return lk_model_check_params (self, error) ? g_steal_pointer (&self) : NULL;
}

LkModel *
lk_model_to_half (LkModel *self, GError **error)
{
  g_autoptr (LkModel) rounded = lk_model_new_blank (lk_model_get_architecture (self), self->name,
                                                    self->meta, error);

  if (rounded == NULL)
    return NULL;
  for (size_t i = 0; i < lk_network_get_size (self->network); i++)
    rounded->params[i] = lk_half_to_float (lk_half_from_float (self->params[i]));
  if (lk_model_check_params (rounded, NULL))
    return g_steal_pointer (&rounded);
  g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
               _ ("The model “%s” has numbers that are too large for 16 bits.  Write it with 32."),
                  self->name);
  return NULL;
}

LkModel *
lk_model_ref (LkModel *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

void
lk_model_unref (LkModel *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  lk_network_free (self->network);
  free (self->params);
  g_clear_pointer (&self->meta, g_hash_table_unref);
  pthread_mutex_destroy (&self->lock);
  g_free (self->hash);
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

const LkNetwork *
lk_model_get_network (const LkModel *self)
{
  return self->network;
}

const char *
lk_model_get_architecture (const LkModel *self)
{
  return lk_model_get_meta (self, "architecture");
}

const float *
lk_model_get_params (const LkModel *self)
{
  return self->params;
}

const char *
lk_model_get_name (const LkModel *self)
{
  return self->name;
}

const char *
lk_model_get_path (const LkModel *self)
{
  return self->path;
}

void
lk_model_set_path (LkModel *self, const char *path)
{
  self->path = g_strdup (path);
}

gboolean
lk_model_is_trained (const LkModel *self)
{
  return lk_model_get_meta (self, "trained") != NULL;
}

double
lk_model_get_threshold (const LkModel *self)
{
  const char *text = lk_model_get_meta (self, "threshold");
  char *end;
  double threshold = text != NULL ? g_ascii_strtod (text, &end) : 0.5;

  if (text != NULL && (end == text || !(threshold >= 0 && threshold <= 1)))
    return 0.5; /* no number, or none that a score could reach: also NaN */
  return threshold;
}

const char *
lk_model_get_hash (LkModel *self)
{
  pthread_mutex_lock (&self->lock);
  if (self->hash == NULL)
    {
      const char *architecture = lk_model_get_architecture (self);
      const char *bytes = (const char *) self->params;
      gsize left = lk_network_get_size (self->network) * sizeof (float);
      GChecksum *checksum = g_checksum_new (G_CHECKSUM_SHA256);

      /* With its NUL, so that no text runs on into the numbers. */
      g_checksum_update (checksum, (const guchar *) architecture,
                         (gssize) strlen (architecture) + 1);
      g_checksum_update (checksum, (const guchar *) bytes, (gssize) left);
      self->hash = g_strdup (g_checksum_get_string (checksum));
      g_checksum_free (checksum);
    }
  pthread_mutex_unlock (&self->lock);
  return self->hash;
}

const char *
lk_model_get_meta (const LkModel *self, const char *key)
{
  return g_hash_table_lookup (self->meta, key);
}

GHashTable *
lk_model_get_all_meta (const LkModel *self)
{
  return self->meta;
}
