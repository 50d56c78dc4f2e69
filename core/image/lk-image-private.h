/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-image.h"

G_BEGIN_DECLS

/* What the files of core/image share; nobody else includes this. */

/* Whether a picture that says it has this size is taken: %LK_ERROR_FORMAT for an
 * empty one, %LK_ERROR_TOO_LARGE over the limits of lk-image.h. */
gboolean lk_image_check_size (gint64 width, gint64 height, GError **error);

/* (transfer full): for a size that was checked; %LK_ERROR_TOO_LARGE without memory. */
guint8 *lk_image_try_alloc (int width, int height, int channels, GError **error);

/* From a header that libjpeg has read: whether the file is one sequential scan of
 * all its components, and whether it carries Adobe's marker. */
gboolean lk_jpeg_is_one_scan (const guint8 *data, gsize size);
gboolean lk_jpeg_is_adobe (const guint8 *data, gsize size);

/**
 * lk_jpeg_orientation:
 *
 * Returns: EXIF orientation 1 .. 8 as in the first APP1 Exif segment; 1 where
 *   there is none or it makes no sense
 *
 * Source: Exif 2.32 (CIPA DC-008-2019), 4.6.4 A: tag 0x0112 of IFD 0.
 */
int lk_jpeg_orientation (const guint8 *data, gsize size);

/* (transfer full): the picture turned so that one with this EXIF orientation is
 * upright. */
LkImage *lk_image_upright (const LkImage *self, int orientation);

/* (transfer full): a PNG or BMP file; what is transparent shows white. */
LkImage *lk_image_from_png (const guint8 *data, gsize size, GError **error);
LkImage *lk_image_from_bmp (const guint8 *data, gsize size, GError **error);

G_END_DECLS
