/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-face.h"

void
lk_face_to_input (const LkImage *crop, int height, int width, int channels, float *out)
{
  g_autoptr (LkImage) resized = NULL;
  const guint8 *pixels;

  g_return_if_fail (channels == 1 || channels == 3);

  if (crop->width != width || crop->height != height)
    crop = resized = lk_image_resize (crop, width, height, LK_FILTER_BILINEAR);
  if (channels == 3)
    {
      lk_image_to_floats (crop, out);
      return;
    }
  pixels = lk_image_get_pixels (crop);
  for (gsize i = 0; i < (gsize) width * (gsize) height; i++, pixels += 3)
    out[i] = (0.299f * pixels[0] + 0.587f * pixels[1] + 0.114f * pixels[2]) / 255.0f;
}
