/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Takes a file of concatenated JPEGs apart, reading on as it goes: memory holds
 * one picture, however long the file.  What lies between the pictures (the
 * headers of a multipart stream) is passed over.  Private to core/camera.
 */
typedef struct _LkMjpegReader LkMjpegReader;

/* A picture that is larger than this is taken for damage. */
#define LK_MJPEG_MAX_BYTES (32 * 1024 * 1024)

/**
 * LkMjpegResult:
 * @LK_MJPEG_PICTURE: from SOI to EOI, whole by its markers
 * @LK_MJPEG_BROKEN: a picture that another interrupts, that is cut off by the end
 *   of the file, or that is over the limit; the next call goes on behind it
 * @LK_MJPEG_END: no more pictures
 */
typedef enum
{
  LK_MJPEG_PICTURE,
  LK_MJPEG_BROKEN,
  LK_MJPEG_END,
} LkMjpegResult;

/* Returns: (transfer full): the reader, or %NULL with %G_FILE_ERROR: no regular
 * file, or it may not be read. */
LkMjpegReader *lk_mjpeg_reader_new (const char *path, GError **error);
void lk_mjpeg_reader_free (LkMjpegReader *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkMjpegReader, lk_mjpeg_reader_free)

/* @data: (out) (transfer none): valid until the next call. */
LkMjpegResult lk_mjpeg_reader_next (LkMjpegReader *self, const guint8 **data, gsize *size);

G_END_DECLS
