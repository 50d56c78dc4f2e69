/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"

/* Pictures that the tests draw themselves. */

/* Smooth in all three colours, and no two corners alike. */
static inline LkImage *
draw_gradient (int width, int height)
{
  guint8 *pixels = g_malloc ((gsize) 3 * width * height), *p = pixels;

  for (int v = 0; v < height; v++)
    for (int u = 0; u < width; u++, p += 3)
      {
        p[0] = (guint8) (255 * u / MAX (width - 1, 1));
        p[1] = (guint8) (255 * v / MAX (height - 1, 1));
        p[2] = (guint8) (64 + 127 * (u + v) / MAX (width + height - 2, 1));
      }
  return lk_image_new_take (width, height, pixels);
}

/* A light disc on a dark ground, off the middle. */
static inline LkImage *
draw_disc (int width, int height)
{
  guint8 *pixels = g_malloc ((gsize) 3 * width * height), *p = pixels;
  int x = width / 3, y = height / 2, r = MIN (width, height) / 4;

  for (int v = 0; v < height; v++)
    for (int u = 0; u < width; u++, p += 3)
      {
        gboolean in = (u - x) * (u - x) + (v - y) * (v - y) < r * r;

        p[0] = in ? 230 : 30;
        p[1] = in ? 180 : 50;
        p[2] = in ? 150 : 90;
      }
  return lk_image_new_take (width, height, pixels);
}

/* No two neighbours alike: what a mistake by one pixel shows in. */
static inline LkImage *
draw_noise (int width, int height, guint32 seed)
{
  gsize n = (gsize) 3 * width * height;
  guint8 *pixels = g_malloc (n);

  for (gsize i = 0; i < n; i++)
    {
      seed = seed * 1664525 + 1013904223;
      pixels[i] = seed >> 24;
    }
  return lk_image_new_take (width, height, pixels);
}

static inline const guint8 *
pixel_at (const LkImage *image, int x, int y)
{
  return lk_image_get_pixels (image) + 3 * ((gsize) CLAMP (y, 0, image->height - 1) * image->width +
                                            CLAMP (x, 0, image->width - 1));
}

static inline void
assert_same (const LkImage *a, const LkImage *b)
{
  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  g_assert_cmpmem (lk_image_get_pixels (a), g_bytes_get_size (a->bytes), lk_image_get_pixels (b),
                   g_bytes_get_size (b->bytes));
}

/* The largest difference of two pictures of one size. */
static inline int
distance (const LkImage *a, const LkImage *b)
{
  gsize n = g_bytes_get_size (a->bytes);
  int most = 0;

  g_assert_cmpint (a->width, ==, b->width);
  g_assert_cmpint (a->height, ==, b->height);
  for (gsize i = 0; i < n; i++)
    most = MAX (most, ABS (lk_image_get_pixels (a)[i] - lk_image_get_pixels (b)[i]));
  return most;
}
