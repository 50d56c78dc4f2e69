/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-image.h"

G_BEGIN_DECLS

/* JPEG through libjpeg-turbo.  Any thread. */

/**
 * lk_jpeg_decode:
 * @data: one whole JPEG file
 * @min_width: 0 for the full size; otherwise the picture is decoded at the
 *   smallest of 1/8, 1/4, 1/2 and 1 whose width is not below it
 *
 * Any warning of the decoder (damaged data, premature end) is an error: a
 * picture is whole or it is not there.  Bytes that a camera adds before or after
 * the end marker are none.  Greyscale and CMYK come out as RGB.  EXIF orientation is left alone
 * (lk_image_load() applies it; cameras do not send it).
 *
 * Beside the picture it takes memory 13 times, 16 KiB at most each: libjpeg's own pools, which
 * it makes anew for every picture (9 times with a handle that is kept, 7 through libjpeg's own
 * interface), for 3 us of the 490 that a 640x480 picture takes.
 *
 * Returns: (transfer full): the picture, or %NULL with %LK_ERROR_FORMAT or
 *   %LK_ERROR_TOO_LARGE
 */
LkImage *lk_jpeg_decode (const guint8 *data, gsize size, int min_width, GError **error);

/* Returns: (transfer full): the file; @quality 1 .. 100, chroma not subsampled. */
GBytes *lk_jpeg_encode (const LkImage *image, int quality, GError **error);

G_END_DECLS
