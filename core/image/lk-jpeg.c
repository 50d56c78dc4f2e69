/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-jpeg.h"

#include "base/lk-error.h"
#include "lk-image-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <turbojpeg.h>

/* A block of 8x8 pixels takes at least one bit of a JPEG file, so a file with
 * fewer than a byte for so many pixels cannot be whole.  It is refused before
 * memory is found for its picture. */
#define MAX_PIXELS_PER_BYTE 512

static void
set_damaged (GError **error, const char *why)
{
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("The JPEG picture is damaged or not whole (%s). Try another copy of it."), why);
}

static void
set_too_large (GError **error, int width, int height)
{
  g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
               _ ("The picture has %d by %d pixels, which is too large. Make it smaller first."),
                  width, height);
}

gboolean
lk_image_check_size (gint64 width, gint64 height, GError **error)
{
  if (width < 1 || height < 1)
    {
      g_set_error_literal (error, LK_ERROR, LK_ERROR_FORMAT,
                           _ ("The picture is damaged: it says that it has no pixels. "
                              "Try another copy of it."));
      return FALSE;
    }
  if (width > LK_IMAGE_MAX_SIDE || height > LK_IMAGE_MAX_SIDE ||
      width * height > LK_IMAGE_MAX_PIXELS)
    {
      set_too_large (error, width, height);
      return FALSE;
    }
  return TRUE;
}

guint8 *
lk_image_try_alloc (int width, int height, int channels, GError **error)
{
  guint8 *pixels = g_try_malloc ((gsize) width * height * channels);

  if (pixels == NULL)
    g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                 _ ("There is not enough memory for a picture of %d by %d pixels. "
                    "Close other programs or make it smaller."),
                    width, height);
  return pixels;
}

/* The scales that libjpeg-turbo has fast code for; at the others (3/8, 5/8 ...)
 * it takes longer than for the full size. */
static tjscalingfactor
choose_scale (int width, int min_width)
{
  tjscalingfactor scale = { 1, 8 };

  if (min_width <= 0)
    return (tjscalingfactor){ 1, 1 };
  while (scale.denom > 1 && TJSCALED (width, scale) < min_width)
    scale.denom /= 2;
  return scale;
}

/* Ink to light.  Adobe's programs, which made nearly all of these files, store
 * how much ink there is not. */
static void
cmyk_to_rgb (const guint8 *cmyk, guint8 *rgb, gsize n, gboolean inverted)
{
  guint8 flip = inverted ? 0 : 255;

  for (gsize i = 0; i < n; i++)
    {
      guint key = cmyk[4 * i + 3] ^ flip;

      for (int c = 0; c < 3; c++)
        rgb[3 * i + c] = ((cmyk[4 * i + c] ^ flip) * key + 127) / 255;
    }
}

/* Some cameras pad the last byte of a frame, and libjpeg warns about what it
 * skipped before the end marker.  Nothing is missing then, if the picture is
 * one sequential scan: its rows have all been written when that marker is
 * looked for. */
static gboolean
is_only_padding (tjhandle handle, const guint8 *data, gsize size)
{
  return tjGetErrorCode (handle) == TJERR_WARNING &&
         g_str_has_suffix (tjGetErrorStr2 (handle), "extraneous bytes before marker 0xd9") &&
         lk_jpeg_is_one_scan (data, size);
}

static LkImage *
decode (tjhandle handle, const guint8 *data, gsize size, int min_width, GError **error)
{
  g_autofree guint8 *pixels = NULL;
  g_autofree guint8 *inks = NULL;
  int width = 0, height = 0, subsampling, space;
  gboolean is_cmyk;
  tjscalingfactor scale;

  if (size == 0 ||
      tjDecompressHeader3 (handle, data, size, &width, &height, &subsampling, &space) != 0)
    {
      set_damaged (error, size == 0 ? _ ("it is empty") : tjGetErrorStr2 (handle));
      return NULL;
    }
  if (!lk_image_check_size (width, height, error))
    return NULL;
  if ((guint64) width * height / MAX_PIXELS_PER_BYTE > size)
    {
      set_damaged (error, _ ("most of it is missing"));
      return NULL;
    }

  is_cmyk = space == TJCS_CMYK || space == TJCS_YCCK;
  scale = choose_scale (width, min_width);
  width = TJSCALED (width, scale);
  height = TJSCALED (height, scale);
  pixels = lk_image_try_alloc (width, height, 3, error);
  if (pixels == NULL)
    return NULL;
  if (is_cmyk && (inks = lk_image_try_alloc (width, height, 4, error)) == NULL)
    return NULL;

  if (tjDecompress2 (handle, data, size, is_cmyk ? inks : pixels, width, 0, height,
                     is_cmyk ? TJPF_CMYK : TJPF_RGB,
                     TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT) != 0 &&
      !is_only_padding (handle, data, size))
    {
      set_damaged (error, tjGetErrorStr2 (handle));
      return NULL;
    }
  if (is_cmyk)
    cmyk_to_rgb (inks, pixels, (gsize) width * height, lk_jpeg_is_adobe (data, size));
  return lk_image_new_take (width, height, g_steal_pointer (&pixels));
}

LkImage *
lk_jpeg_decode (const guint8 *data, gsize size, int min_width, GError **error)
{
  /* A new one for each picture: libjpeg keeps the tables of one for the next, so that a
   * damaged one that lacks them would show something all the same, and one without Huffman
   * tables (Motion JPEG) would take another's instead of the standard ones.  It costs 2 us. */
  tjhandle handle = tjInitDecompress ();
  LkImage *image;

  if (handle == NULL)
    {
      set_damaged (error, _ ("out of memory"));
      return NULL;
    }
  image = decode (handle, data, size, min_width, error);
  tjDestroy (handle);
  return image;
}

GBytes *
lk_jpeg_encode (const LkImage *image, int quality, GError **error)
{
  tjhandle handle = tjInitCompress ();
  unsigned char *file = NULL;
  unsigned long size = 0;
  GBytes *bytes = NULL;

  if (handle != NULL &&
      tjCompress2 (handle, lk_image_get_pixels (image), image->width, 0, image->height, TJPF_RGB,
                   &file, &size, TJSAMP_444, CLAMP (quality, 1, 100), TJFLAG_ACCURATEDCT) == 0)
    bytes = g_bytes_new_with_free_func (file, size, (GDestroyNotify) tjFree, file);
  else
    {
      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("The picture could not be written as JPEG (%s). Close other programs and try "
                      "again."),
                      handle != NULL ? tjGetErrorStr2 (handle) : _ ("out of memory"));
      tjFree (file);
    }
  if (handle != NULL)
    tjDestroy (handle);
  return bytes;
}
