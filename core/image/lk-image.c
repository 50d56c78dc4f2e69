/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image.h"

#include <stddef.h>
#include <string.h>

typedef struct
{
  LkImage image; /* first: it is what others see */
  gatomicrefcount count;
  gboolean is_recycled; /* it lies before the pixels, in their block */
  max_align_t pixels[]; /* of a recycled one */
} Handle;

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

/* @bytes: (transfer full) */
static LkImage *
fill_handle (Handle *self, int width, int height, GBytes *bytes, gboolean is_recycled)
{
  self->image = (LkImage){ width, height, bytes };
  g_atomic_ref_count_init (&self->count);
  self->is_recycled = is_recycled;
  return &self->image;
}

LkImage *
lk_image_new (int width, int height, GBytes *bytes)
{
  g_return_val_if_fail (size_is_sane (width, height), NULL);
  g_return_val_if_fail (g_bytes_get_size (bytes) == byte_size (width, height), NULL);

  return fill_handle (g_new (Handle, 1), width, height, g_bytes_ref (bytes), FALSE);
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
lk_image_new_recycled (LkRecycler *recycler, int width, int height, guint8 **pixels)
{
  gsize size = byte_size (width, height);
  Handle *handle;

  g_return_val_if_fail (size_is_sane (width, height), NULL);

  handle = lk_recycler_take (recycler, sizeof *handle + size);
  *pixels = (guint8 *) handle->pixels;
  return fill_handle (handle, width, height,
                      g_bytes_new_with_free_func (*pixels, size, lk_recycler_give, handle), TRUE);
}

LkImage *
lk_image_ref (LkImage *self)
{
  g_atomic_ref_count_inc (&((Handle *) self)->count);
  return self;
}

void
lk_image_unref (LkImage *self)
{
  Handle *handle = (Handle *) self;
  GBytes *bytes = self->bytes;

  if (!g_atomic_ref_count_dec (&handle->count))
    return;
  if (!handle->is_recycled)
    g_free (handle);
  g_bytes_unref (bytes); /* a texture may hold them still */
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

/* @out: 3 * @width * @height bytes */
static void
crop (const LkImage *self, int x, int y, int width, int height, guint8 *out)
{
  const guint8 *in = lk_image_get_pixels (self);
  gint64 right = (gint64) x + width; /* may be beyond an int */
  int before, after, inside, first;

  before = CLAMP (-(gint64) x, 0, width);
  after = CLAMP (right - self->width, 0, width);
  inside = width - before - after;
  first = MAX (x, 0);
  for (int v = 0; v < height; v++, out += (gsize) 3 * width)
    {
      gint64 source = CLAMP ((gint64) y + v, 0, self->height - 1);
      const guint8 *row = in + (gsize) source * self->width * 3;

      repeat_pixel (out, row, before);
      if (inside > 0)
        memcpy (out + (gsize) 3 * before, row + (gsize) 3 * first, (gsize) 3 * inside);
      repeat_pixel (out + (gsize) 3 * (width - after), row + (gsize) 3 * (self->width - 1), after);
    }
}

LkImage *
lk_image_crop (const LkImage *self, int x, int y, int width, int height)
{
  guint8 *pixels;

  g_return_val_if_fail (size_is_sane (width, height), NULL);

  pixels = g_malloc (byte_size (width, height));
  crop (self, x, y, width, height, pixels);
  return lk_image_new_take (width, height, pixels);
}

LkImage *
lk_resizer_crop (LkResizer *self, const LkImage *image, int x, int y, int width, int height)
{
  guint8 *pixels;
  LkImage *out;

  g_return_val_if_fail (size_is_sane (width, height), NULL);

  out = lk_resizer_new_image (self, width, height, &pixels);
  crop (image, x, y, width, height, pixels);
  return out;
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
  /* In doubles, the weights' sum times 255 can come out a hair above 255. */
  return MIN (255, (0.299 * (double) red + 0.587 * (double) green + 0.114 * (double) blue) /
                       ((double) self->width * self->height));
}
