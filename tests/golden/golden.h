/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/lk-safetensors.h"

#include <math.h>

/* A golden file, see make-golden.py. */
static inline LkSafetensors *
golden_open (const char *name)
{
  g_autofree char *file = g_strconcat (name, ".safetensors", NULL);
  g_autofree char *path = g_build_filename (LK_TEST_GOLDEN, file, NULL);
  g_autoptr (GError) error = NULL;
  LkSafetensors *golden = lk_safetensors_open (path, &error);

  g_assert_no_error (error);
  return golden;
}

static inline const LkTensor *
golden_get (LkSafetensors *golden, const char *name)
{
  const LkTensor *tensor = lk_safetensors_get (golden, name);

  if (tensor == NULL)
    g_error ("the golden file has no \"%s\"", name);
  return tensor;
}

/* Returns: (transfer full) */
static inline float *
golden_floats (LkSafetensors *golden, const char *name)
{
  const LkTensor *tensor = golden_get (golden, name);
  float *out = g_new (float, tensor->n);

  g_assert_true (lk_tensor_to_floats (tensor, out, tensor->n));
  return out;
}

/* Rows of three: pairs and triplets alike.  Returns: (transfer full) */
static inline int *
golden_ints (LkSafetensors *golden, const char *name, int *n_rows)
{
  const LkTensor *tensor = golden_get (golden, name);
  const guint8 *bytes = tensor->data;
  int *out = g_new (int, tensor->n);

  g_assert_cmpint (tensor->dtype, ==, LK_DTYPE_I64);
  g_assert_cmpuint (tensor->shape[1], ==, 3);
  for (gsize i = 0; i < tensor->n; i++)
    out[i] = bytes[8 * i];
  *n_rows = (int) tensor->shape[0];
  return out;
}

/* The largest difference must be within @tolerance of the root mean square of what is
 * expected (of one number: its size). */
static inline void
golden_compare (LkSafetensors *golden, const char *name, const float *is, gsize n, double tolerance)
{
  g_autofree float *expected = golden_floats (golden, name);
  double squares = 0, worst = 0, scale;
  gsize at = 0;

  g_assert_cmpuint (golden_get (golden, name)->n, ==, n);
  for (gsize i = 0; i < n; i++)
    {
      double off = fabs ((double) is[i] - (double) expected[i]);

      squares += (double) expected[i] * (double) expected[i];
      if (!(off <= worst))
        {
          worst = off;
          at = i;
        }
    }
  scale = sqrt (squares / (double) n);
  g_test_message ("%s: off by %.2g of its root mean square %.3g", name, worst / scale, scale);
  if (!(worst <= tolerance * scale))
    g_error ("%s[%" G_GSIZE_FORMAT "]: %.9g, expected %.9g, root mean square %g", name, at,
             (double) is[at], (double) expected[at], scale);
}
