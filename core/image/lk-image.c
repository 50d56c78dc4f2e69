/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image.h"

#include <string.h>

static gsize
byte_size (int width, int height)
{
  return (gsize) width * height * 3;
}

static gboolean
size_is_sane (int width, int height)
{
  return width >= 1 && height >= 1 && width <= LK_IMAGE_MAX_SIDE && height <= LK_IMAGE_MAX_SIDE;
}

LkImage *
lk_image_new (int width, int height, GBytes *bytes)
{
  LkImage *self;

  g_return_val_if_fail (size_is_sane (width, height), NULL);
  g_return_val_if_fail (g_bytes_get_size (bytes) == byte_size (width, height), NULL);

  self = g_atomic_rc_box_new (LkImage);
  self->width = width;
  self->height = height;
  self->bytes = g_bytes_ref (bytes);
  return self;
}

LkImage *
lk_image_new_take (int width, int height, guint8 *pixels)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (size_is_sane (width, height), NULL);

  bytes = g_bytes_new_take (pixels, byte_size (width, height));
  return lk_image_new (width, height, bytes);
}

LkImage *
lk_image_ref (LkImage *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  g_bytes_unref (((LkImage *) data)->bytes);
}

void
lk_image_unref (LkImage *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

const guint8 *
lk_image_get_pixels (const LkImage *self)
{
  return g_bytes_get_data (self->bytes, NULL);
}

static void
repeat_pixel (guint8 *to, const guint8 pixel[3], int n)
{
  for (int i = 0; i < n; i++)
    memcpy (to + 3 * i, pixel, 3);
}

LkImage *
lk_image_crop (const LkImage *self, int x, int y, int width, int height)
{
  const guint8 *in = lk_image_get_pixels (self);
  guint8 *pixels, *out;
  gint64 right = (gint64) x + width; /* may be beyond an int */
  int before, after, inside, first;

  g_return_val_if_fail (size_is_sane (width, height), NULL);

  before = CLAMP (-(gint64) x, 0, width);
  after = CLAMP (right - self->width, 0, width);
  inside = width - before - after;
  first = MAX (x, 0);
  pixels = out = g_malloc (byte_size (width, height));
  for (int v = 0; v < height; v++, out += (gsize) 3 * width)
    {
      gint64 source = CLAMP ((gint64) y + v, 0, self->height - 1);
      const guint8 *row = in + (gsize) source * self->width * 3;

      repeat_pixel (out, row, before);
      if (inside > 0)
        memcpy (out + (gsize) 3 * before, row + (gsize) 3 * first, (gsize) 3 * inside);
      repeat_pixel (out + (gsize) 3 * (width - after), row + (gsize) 3 * (self->width - 1), after);
    }
  return lk_image_new_take (width, height, pixels);
}

LkImage *
lk_image_mirror (const LkImage *self)
{
  const guint8 *in = lk_image_get_pixels (self);
  gsize stride = (gsize) 3 * self->width;
  guint8 *pixels = g_malloc (byte_size (self->width, self->height));

  for (int v = 0; v < self->height; v++)
    {
      guint8 *out = pixels + v * stride;

      for (const guint8 *p = in + (v + 1) * stride - 3; p >= in + v * stride; p -= 3, out += 3)
        {
          out[0] = p[0];
          out[1] = p[1];
          out[2] = p[2];
        }
    }
  return lk_image_new_take (self->width, self->height, pixels);
}

void
lk_image_to_floats (const LkImage *self, float *out)
{
  const guint8 *in = lk_image_get_pixels (self);
  gsize n = byte_size (self->width, self->height);

  for (gsize i = 0; i < n; i++)
    out[i] = in[i] / 255.0f; /* not times 1 / 255: the last bit would differ */
}

double
lk_image_mean_luma (const LkImage *self)
{
  const guint8 *in = lk_image_get_pixels (self);
  guint64 red = 0, green = 0, blue = 0;

  for (int v = 0; v < self->height; v++)
    {
      guint32 r = 0, g = 0, b = 0; /* a row cannot overflow them */

      for (int u = 0; u < self->width; u++, in += 3)
        {
          r += in[0];
          g += in[1];
          b += in[2];
        }
      red += r;
      green += g;
      blue += b;
    }
  return (0.299 * (double) red + 0.587 * (double) green + 0.114 * (double) blue) /
         ((double) self->width * self->height);
}
