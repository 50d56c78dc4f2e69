/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/lk-yuv.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Width, height and stride as a driver may announce them, and then its bytes. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  LkImage *(*const convert[]) (const guint8 *, gsize, int, int, int,
                               GError **) = { lk_image_from_yuyv, lk_image_from_nv12,
                                              lk_image_from_grey, lk_image_from_rgb24 };
  gint32 geometry[3];

  if (size < sizeof geometry)
    return 0;
  memcpy (geometry, data, sizeof geometry);
  for (guint i = 0; i < G_N_ELEMENTS (convert); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkImage) image = convert[i](data + sizeof geometry, size - sizeof geometry,
                                             geometry[0], geometry[1], geometry[2], &error);

      g_assert_true ((image == NULL) == (error != NULL));
      if (image != NULL)
        g_assert_cmpfloat (lk_image_mean_luma (image), <=, 255);
    }
  return 0;
}
