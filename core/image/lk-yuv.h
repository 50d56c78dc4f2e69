/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-image.h"

G_BEGIN_DECLS

/*
 * What cameras send, to RGB: BT.601, studio swing (16 .. 235), the V4L2 default
 * for YUYV and NV12; GREY is full range.
 *
 * @stride is the bytes from one row to the next (bytesperline).  Each function
 * checks @size against what the geometry needs, since drivers lie; odd widths
 * and heights are rounded down to what has whole chroma samples.
 *
 * Returns: (transfer full): the picture, or %NULL with %LK_ERROR_SHAPE
 */
LkImage *lk_image_from_yuyv (const guint8 *data, gsize size, int width, int height, int stride,
                             GError **error);
LkImage *lk_image_from_nv12 (const guint8 *data, gsize size, int width, int height, int stride,
                             GError **error);
LkImage *lk_image_from_grey (const guint8 *data, gsize size, int width, int height, int stride,
                             GError **error);
LkImage *lk_image_from_rgb24 (const guint8 *data, gsize size, int width, int height, int stride,
                              GError **error);

G_END_DECLS
