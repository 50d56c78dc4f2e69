/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-personal.h"

#include "base/lk-secret.h"

#include <math.h>

#define TYPE       "(ssaddadadb)"
#define FORMAT     "likeness-personal-1"
#define MAX_SCORES 1000000

void
lk_personal_free (LkPersonal *self)
{
  if (self == NULL)
    return;
  lk_head_free (self->head);
  lk_own_scores_free (self->scores);
  g_free (self);
}

static GVariant *
pack (const float *values, int n)
{
  g_autofree double *wide = g_new (double, MAX (1, n)); /* GVariant has no floats */

  for (int i = 0; i < n; i++)
    wide[i] = (double) values[i];
  return g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, wide, (gsize) n, sizeof *wide);
}

/* (transfer full) (nullable): NULL unless there are at most @max finite numbers, or @exactly */
static float *
unpack (GVariant *variant, gsize exactly, gsize max, int *n)
{
  gsize count;
  const double *wide = g_variant_get_fixed_array (variant, &count, sizeof *wide);
  float *values;

  if (count > max || (exactly > 0 && count != exactly))
    return NULL;
  values = g_new (float, MAX (1, count));
  for (gsize i = 0; i < count; i++)
    {
      values[i] = (float) wide[i];
      if (!isfinite (values[i]))
        {
          g_free (values);
          return NULL;
        }
    }
  *n = (int) count;
  return values;
}

GBytes *
lk_personal_to_bytes (LkModel *model, const LkHead *head, const LkOwnScores *scores)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new (
      "(ss@add@ad@adb)", FORMAT, lk_model_get_hash (model), pack (head->alpha, head->size),
      (double) head->bias, pack (scores->genuine, scores->n_genuine),
      pack (scores->strangers, scores->n_strangers), scores->across_sessions));

  if (G_BYTE_ORDER == G_BIG_ENDIAN)
    {
      g_autoptr (GVariant) turned = g_variant_byteswap (variant);

      return g_variant_get_data_as_bytes (turned);
    }
  return g_variant_get_data_as_bytes (variant);
}

LkPersonal *
lk_personal_parse (LkModel *model, GBytes *bytes)
{
  g_autoptr (GVariant)
      raw = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (TYPE), bytes, FALSE));
  g_autoptr (GVariant) variant = NULL, alpha = NULL, genuine = NULL, strangers = NULL;
  g_autofree float *weights = NULL, *looks = NULL, *others = NULL;
  int size = lk_network_get_embedding_size (lk_model_get_network (model)), n, n_looks, n_others;
  const char *format, *hash;
  LkPersonal *self;
  gboolean across;
  double bias;

  if (!g_variant_is_normal_form (raw))
    return NULL;
  variant = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (raw) : g_variant_ref (raw);
  g_variant_get (variant, "(&s&s@add@ad@adb)", &format, &hash, &alpha, &bias, &genuine, &strangers,
                 &across);
  if (g_strcmp0 (format, FORMAT) != 0 || g_strcmp0 (hash, lk_model_get_hash (model)) != 0 ||
      !isfinite ((float) bias) ||
      (weights = unpack (alpha, (gsize) size, (gsize) size, &n)) == NULL ||
      (looks = unpack (genuine, 0, MAX_SCORES, &n_looks)) == NULL ||
      (others = unpack (strangers, 0, MAX_SCORES, &n_others)) == NULL)
    return NULL;
  self = g_new0 (LkPersonal, 1);
  self->head = lk_head_new (weights, size, (float) bias);
  lk_secret_wipe (weights, sizeof *weights * (gsize) size);
  self->scores = lk_own_scores_new (looks, n_looks, others, n_others, across);
  return self;
}
