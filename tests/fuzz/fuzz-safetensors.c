/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/lk-safetensors.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any bytes are a file or an error, and every tensor of a file can be read to its end. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkSafetensors) file = lk_safetensors_parse (bytes, "fuzz", &error);
  const LkTensor *tensors;
  gsize n, total = 0;

  g_assert_true ((file == NULL) == (error != NULL));
  if (file == NULL)
    {
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  tensors = lk_safetensors_get_all (file, &n);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree guint64 *room = g_new (guint64, tensors[i].n);

      g_assert_true (lk_safetensors_get (file, tensors[i].name) == &tensors[i]);
      g_assert_true (lk_tensor_to_floats (&tensors[i], (float *) room, tensors[i].n) ||
                     lk_tensor_to_uint64s (&tensors[i], room, tensors[i].n));
      total += tensors[i].n;
    }
  g_assert_cmpuint (total, <=, size);
  return 0;
}
