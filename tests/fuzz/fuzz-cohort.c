/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/lk-cohort.h"

#include <math.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define TINY                                                                                       \
  "network tiny\n"                                                                                 \
  "image     input   size=4x4x3\n"                                                                 \
  "flat      flatten image\n"                                                                      \
  "embedding dense   flat units=3 activation=sigmoid\n"                                            \
  "score     l1-head embedding\n"

/* Any bytes are the strangers of a model, or an error. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static LkModel *model;
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (LkSafetensors) file = lk_safetensors_parse (bytes, "fuzz", NULL);
  g_autoptr (LkCohort) cohort = NULL;
  g_autoptr (GError) error = NULL;

  if (model == NULL)
    model = lk_model_new_untrained (TINY, "tiny", 1, NULL);
  if (file == NULL)
    return 0;
  cohort = lk_cohort_parse (file, model, &error);
  g_assert_true ((cohort == NULL) == (error != NULL));
  if (cohort == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert_cmpint (cohort->size, ==, 3);
  g_assert_cmpint (cohort->n, >, 0);
  for (int i = 0; i < cohort->n * cohort->size; i++)
    g_assert_true (isfinite (cohort->embeddings[i]));
  g_assert_nonnull (cohort->about);
  return 0;
}
