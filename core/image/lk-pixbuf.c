/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image-private.h"

#include "base/lk-error.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <string.h>

/* gdk-pixbuf shows the rows that it has when a file ends early, without an
 * error.  So the files are walked through here first: they must be whole, and
 * their size one that is taken, before it sees them. */

#define PNG_SIGNATURE 8 /* bytes */
#define BMP_HEADER    14

static gboolean
set_damaged (GError **error, const char *kind, const char *why)
{
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("The %s picture is damaged or not whole (%s). Try another copy of it."), kind,
                  why);
  return FALSE;
}

static guint32
get_be32 (const guint8 *p)
{
  return (guint32) p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static guint32
get_le32 (const guint8 *p)
{
  return (guint32) p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

static guint
get_le16 (const guint8 *p)
{
  return p[1] << 8 | p[0];
}

static gboolean
check_png (const guint8 *data, gsize size, GError **error)
{
  const gsize around = 12; /* length, type and checksum of a chunk */
  gsize at = PNG_SIGNATURE;

  if (size < at + around + 13 || memcmp (data + at + 4, "IHDR", 4) != 0)
    return set_damaged (error, "PNG", _ ("it has no header"));
  if (!lk_image_check_size (get_be32 (data + at + 8), get_be32 (data + at + 12), error))
    return FALSE;
  while (size - at >= around)
    {
      guint32 length = get_be32 (data + at);

      if (length > size - at - around)
        break;
      if (memcmp (data + at + 4, "IEND", 4) == 0)
        return TRUE;
      at += around + length;
    }
  return set_damaged (error, "PNG", _ ("it ends early"));
}

static gboolean
check_bmp (const guint8 *data, gsize size, GError **error)
{
  const guint bi_rgb = 0, bi_bitfields = 3;
  gint64 width, height;
  guint32 header, offset, compression = bi_rgb, n_colours = 0;
  gsize stride;
  guint depth;

  if (size < BMP_HEADER + 12)
    return set_damaged (error, "BMP", _ ("it has no header"));
  offset = get_le32 (data + 10);
  header = get_le32 (data + BMP_HEADER);
  if (header == 12) /* OS/2 */
    {
      width = get_le16 (data + 18);
      height = get_le16 (data + 20);
      depth = get_le16 (data + 24);
    }
  else
    {
      if (header < 40 || header > 124 || size < BMP_HEADER + 40)
        return set_damaged (error, "BMP", _ ("it has no header"));
      width = (gint32) get_le32 (data + 18);
      height = ABS ((gint64) (gint32) get_le32 (data + 22)); /* negative: top row first */
      depth = get_le16 (data + 28);
      compression = get_le32 (data + 30);
      n_colours = get_le32 (data + 46);
    }
  if (!lk_image_check_size (width, height, error))
    return FALSE;
  if ((compression != bi_rgb && compression != bi_bitfields) || depth < 1 || depth > 32)
    {
      g_set_error_literal (error, LK_ERROR, LK_ERROR_FORMAT,
                           _ ("BMP pictures of this kind are not read. Save it as PNG or JPEG."));
      return FALSE;
    }
  if (n_colours > 256) /* the loader would find memory for any number */
    return set_damaged (error, "BMP", _ ("it has too many colours"));
  stride = ((gsize) width * depth + 31) / 32 * 4;
  if (offset < BMP_HEADER + header || offset > size || (size - offset) / stride < (gsize) height)
    return set_damaged (error, "BMP", _ ("it ends early"));
  return TRUE;
}

static guint8
over_white (guint8 value, guint8 alpha)
{
  return (value * alpha + 255 * (255 - alpha) + 127) / 255;
}

static LkImage *
from_pixbuf (GdkPixbuf *pixbuf, GError **error)
{
  const guint8 *in = gdk_pixbuf_read_pixels (pixbuf);
  int width = gdk_pixbuf_get_width (pixbuf), height = gdk_pixbuf_get_height (pixbuf);
  int stride = gdk_pixbuf_get_rowstride (pixbuf);
  gboolean has_alpha = gdk_pixbuf_get_has_alpha (pixbuf);
  guint8 *pixels = lk_image_try_alloc (width, height, 3, error), *out = pixels;

  if (pixels == NULL)
    return NULL;
  for (int v = 0; v < height; v++)
    {
      const guint8 *row = in + (gsize) v * stride;

      if (!has_alpha)
        memcpy (out, row, (gsize) 3 * width);
      else
        for (int u = 0; u < width; u++)
          for (int c = 0; c < 3; c++)
            out[3 * u + c] = over_white (row[4 * u + c], row[4 * u + 3]);
      out += (gsize) 3 * width;
    }
  return lk_image_new_take (width, height, pixels);
}

static LkImage *
load (const guint8 *data, gsize size, const char *type, const char *kind, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GdkPixbufLoader) loader = gdk_pixbuf_loader_new_with_type (type, &local);
  GdkPixbuf *pixbuf = NULL; /* the loader's */

  if (loader == NULL)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("%s pictures cannot be read: %s. Reinstall gdk-pixbuf, or save it as JPEG."),
                      kind, local->message);
      return NULL;
    }
  /* A loader has to be closed, also after an error. */
  if (gdk_pixbuf_loader_write (loader, data, size, &local))
    gdk_pixbuf_loader_close (loader, &local);
  else
    gdk_pixbuf_loader_close (loader, NULL);
  if (local == NULL)
    pixbuf = gdk_pixbuf_loader_get_pixbuf (loader);
  if (pixbuf == NULL)
    {
      set_damaged (error, kind, local != NULL ? local->message : _ ("it holds no picture"));
      return NULL;
    }
  return from_pixbuf (pixbuf, error);
}

LkImage *
lk_image_from_png (const guint8 *data, gsize size, GError **error)
{
  return check_png (data, size, error) ? load (data, size, "png", "PNG", error) : NULL;
}

LkImage *
lk_image_from_bmp (const guint8 *data, gsize size, GError **error)
{
  return check_bmp (data, size, error) ? load (data, size, "bmp", "BMP", error) : NULL;
}
