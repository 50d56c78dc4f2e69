/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/lk-jpeg.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any bytes are a picture or an error, and a picture can be read to its end. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) small_error = NULL;
  g_autoptr (LkImage) image = lk_image_load_bytes (data, size, "fuzz", &error);
  g_autoptr (LkImage) small = lk_jpeg_decode (data, size, 64, &small_error);

  g_assert_true ((image == NULL) == (error != NULL));
  g_assert_true ((small == NULL) == (small_error != NULL));
  if (image != NULL)
    g_assert_cmpfloat (lk_image_mean_luma (image), <=, 255);
  if (small != NULL)
    g_assert_cmpfloat (lk_image_mean_luma (small), <=, 255);
  return 0;
}
