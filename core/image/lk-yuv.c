/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-yuv.h"

#include "base/lk-error.h"
#include "lk-image-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define BLOCK 256 /* pixels that are converted together: their planes stay in the L1 cache */

/* BT.601, studio swing to full range, times 2^13 so that each factor fits 16
 * bits and each sum 32: what SSE2 multiplies without detours.
 * Source: ITU-R BT.601-7, 2.5.1 to 2.5.3 (0.299, 0.587, 0.114; 219 and 224 steps). */
#define BITS 13
enum
{
  LUMA = 9539,           /* 255 / 219 */
  RED_FROM_CR = 13075,   /* 255 / 224 * 2 * (1 - 0.299) */
  GREEN_FROM_CB = -3209, /* -255 / 224 * 2 * (1 - 0.114) * 0.114 / 0.587 */
  GREEN_FROM_CR = -6660, /* -255 / 224 * 2 * (1 - 0.299) * 0.299 / 0.587 */
  BLUE_FROM_CB = 16525,  /* 255 / 224 * 2 * (1 - 0.114) */
};

static inline guint8
to_byte (gint32 sum)
{
  sum = (sum + (1 << (BITS - 1))) >> BITS;
  sum = sum < 0 ? 0 : sum;
  return sum > 255 ? 255 : sum;
}

/* @n pixels from three planes, the chroma already one sample a pixel. */
static void
convert_block (const gint16 *restrict y, const gint16 *restrict cb, const gint16 *restrict cr,
               int n, guint8 *restrict out)
{
  guint8 red[BLOCK], green[BLOCK], blue[BLOCK];

  for (int i = 0; i < n; i++)
    {
      gint32 luma = y[i] * LUMA;

      red[i] = to_byte (luma + cr[i] * RED_FROM_CR);
      green[i] = to_byte (luma + cb[i] * GREEN_FROM_CB + cr[i] * GREEN_FROM_CR);
      blue[i] = to_byte (luma + cb[i] * BLUE_FROM_CB);
    }
  for (int i = 0; i < n; i++)
    {
      out[3 * i] = red[i];
      out[3 * i + 1] = green[i];
      out[3 * i + 2] = blue[i];
    }
}

/* One row: @luma every @luma_step bytes; a pair of @chroma (Cb first) every
 * @chroma_step bytes for two pixels. */
static inline void
convert_row (const guint8 *luma, int luma_step, const guint8 *chroma, int cr_offset,
             int chroma_step, int width, guint8 *out)
{
  gint16 y[BLOCK], cb[BLOCK], cr[BLOCK];

  for (int done = 0; done < width; done += BLOCK)
    {
      int n = MIN (BLOCK, width - done);

      for (int i = 0; i < n; i++)
        y[i] = luma[(done + i) * luma_step] - 16;
      for (int i = 0; i < n / 2; i++)
        {
          const guint8 *pair = chroma + (done / 2 + i) * chroma_step;

          cb[2 * i] = cb[2 * i + 1] = pair[0] - 128;
          cr[2 * i] = cr[2 * i + 1] = pair[cr_offset] - 128;
        }
      convert_block (y, cb, cr, n, out + 3 * done);
    }
}

/* Whether @size holds @rows of @row_bytes, each @stride after the one before,
 * the last without padding. */
static gboolean
is_enough (gsize size, int rows, int row_bytes, int stride)
{
  return row_bytes <= stride && (guint64) stride * (rows - 1) + row_bytes <= size;
}

static gboolean
check (gboolean fits, const guint8 *data, int width, int height, GError **error)
{
  if (fits && data != NULL)
    return TRUE;
  g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
               _ ("The camera sent a picture that does not have the %d by %d pixels it announced. "
                  "Choose another size or format."),
                  width, height);
  return FALSE;
}

static gboolean
is_size (int width, int height)
{
  return width >= 1 && height >= 1 && width <= LK_IMAGE_MAX_SIDE && height <= LK_IMAGE_MAX_SIDE &&
         (gint64) width * height <= LK_IMAGE_MAX_PIXELS;
}

LkImage *
lk_image_from_yuyv (const guint8 *data, gsize size, int width, int height, int stride,
                    GError **error)
{
  int even = width & ~1;
  guint8 *pixels;

  if (!check (is_size (even, height) && is_enough (size, height, 2 * even, stride), data, width,
              height, error) ||
      (pixels = lk_image_try_alloc (even, height, 3, error)) == NULL)
    return NULL;
  for (int v = 0; v < height; v++)
    {
      const guint8 *row = data + (gsize) v * stride;

      convert_row (row, 2, row + 1, 2, 4, even, pixels + (gsize) 3 * even * v);
    }
  return lk_image_new_take (even, height, pixels);
}

LkImage *
lk_image_from_nv12 (const guint8 *data, gsize size, int width, int height, int stride,
                    GError **error)
{
  int even = width & ~1, rows = height & ~1;
  gsize luma_size = (gsize) MAX (stride, 0) * MAX (height, 0);
  guint8 *pixels;

  if (!check (is_size (even, rows) && size > luma_size &&
                  is_enough (luma_size, height, even, stride) &&
                  is_enough (size - luma_size, rows / 2, even, stride),
              data, width, height, error) ||
      (pixels = lk_image_try_alloc (even, rows, 3, error)) == NULL)
    return NULL;
  for (int v = 0; v < rows; v++)
    convert_row (data + (gsize) v * stride, 1, data + luma_size + (gsize) (v / 2) * stride, 1, 2,
                 even, pixels + (gsize) 3 * even * v);
  return lk_image_new_take (even, rows, pixels);
}

LkImage *
lk_image_from_grey (const guint8 *data, gsize size, int width, int height, int stride,
                    GError **error)
{
  guint8 *pixels, *out;

  if (!check (is_size (width, height) && is_enough (size, height, width, stride), data, width,
              height, error) ||
      (pixels = out = lk_image_try_alloc (width, height, 3, error)) == NULL)
    return NULL;
  for (int v = 0; v < height; v++, out += (gsize) 3 * width)
    {
      const guint8 *row = data + (gsize) v * stride;

      for (int u = 0; u < width; u++)
        out[3 * u] = out[3 * u + 1] = out[3 * u + 2] = row[u];
    }
  return lk_image_new_take (width, height, pixels);
}

LkImage *
lk_image_from_rgb24 (const guint8 *data, gsize size, int width, int height, int stride,
                     GError **error)
{
  guint8 *pixels;

  if (!check (is_size (width, height) && is_enough (size, height, 3 * width, stride), data, width,
              height, error) ||
      (pixels = lk_image_try_alloc (width, height, 3, error)) == NULL)
    return NULL;
  for (int v = 0; v < height; v++)
    memcpy (pixels + (gsize) 3 * width * v, data + (gsize) v * stride, (gsize) 3 * width);
  return lk_image_new_take (width, height, pixels);
}
