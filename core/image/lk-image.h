/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-recycler.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkImage: a picture that does not change any more.
 *
 * Pixels are R8G8B8, top row first, rows packed without padding (stride is
 * 3 * width).  The pixels live in a GBytes, which is what passes between the
 * threads and into GTK without a copy.  Reference counting is atomic; reading
 * from several threads is fine.
 */
typedef struct
{
  int width;     /* in pixels, 1 .. LK_IMAGE_MAX_SIDE */
  int height;    /* in pixels, 1 .. LK_IMAGE_MAX_SIDE */
  GBytes *bytes; /* (owned): 3 * width * height bytes */
} LkImage;

/* No picture with a longer side, or with more pixels, is taken from any source. */
#define LK_IMAGE_MAX_SIDE   16384
#define LK_IMAGE_MAX_PIXELS (64 * 1024 * 1024)

/**
 * lk_image_new_take:
 * @pixels: (transfer full): 3 * @width * @height bytes from g_malloc()
 */
LkImage *lk_image_new_take (int width, int height, guint8 *pixels);
LkImage *lk_image_new (int width, int height, GBytes *bytes); /* (transfer none) @bytes */

/**
 * lk_image_new_recycled:
 * @pixels: (out): 3 * @width * @height bytes, to be filled before anybody else sees them
 *
 * One whose memory, handle and all, goes back to @recycler when the picture and its bytes
 * are let go.  (GLib before 2.76 has the GBytes from its slices, which go round as well.)
 */
LkImage *lk_image_new_recycled (LkRecycler *recycler, int width, int height, guint8 **pixels);
LkImage *lk_image_ref (LkImage *self);
void lk_image_unref (LkImage *self);
const guint8 *lk_image_get_pixels (const LkImage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkImage, lk_image_unref)

/**
 * lk_image_load:
 * @path: a JPEG, PNG or BMP file, told apart by its first bytes, not its name
 *
 * Decodes the whole file and turns it as its EXIF orientation says; what is
 * transparent in a PNG or BMP shows white.  A damaged
 * or truncated file is an error, never a part of a picture.  A file that lk-vault.h
 * sealed is unsealed first.
 *
 * Returns: (transfer full): the picture, or %NULL with %G_FILE_ERROR (cannot be
 *   read), %LK_ERROR_FORMAT, %LK_ERROR_TOO_LARGE or %LK_ERROR_LOCKED
 */
LkImage *lk_image_load (const char *path, GError **error);

/* The same from memory; @name is for the error message. */
LkImage *lk_image_load_bytes (const guint8 *data, gsize size, const char *name, GError **error);

/* Whether a file's name ends in .jpg, .jpeg, .png or .bmp, in any case. */
gboolean lk_image_is_image_name (const char *name);

/**
 * lk_image_save:
 * @path: ends in .png, or else a JPEG of quality 95 (4:4:4) is written
 *
 * Written whole (temporary file, fsync, rename), mode 0600.
 */
gboolean lk_image_save (const LkImage *self, const char *path, GError **error);

/**
 * lk_image_crop:
 *
 * Returns: (transfer full): the rectangle; what lies outside of the picture
 *   repeats its edge
 */
LkImage *lk_image_crop (const LkImage *self, int x, int y, int width, int height);

/**
 * LkFilter:
 * @LK_FILTER_BILINEAR: two neighbours each way, centres of pixels at half
 *   units, no smoothing when it shrinks: what tf.image.resize does by default,
 *   which is what the networks of the documents were trained with
 * @LK_FILTER_AREA: the mean of the covered area when it shrinks (bilinear when
 *   it grows): what a picture should be made smaller with
 */
typedef enum
{
  LK_FILTER_BILINEAR,
  LK_FILTER_AREA,
} LkFilter;

LkImage *lk_image_resize (const LkImage *self, int width, int height, LkFilter filter);

/*
 * LkResizer: the memory of resizing, kept from one picture to the next, so that those of
 * one size after the other, as a camera sends them, take none.  For one thread; the pictures
 * that it makes may go to others, and may outlive it.
 */
typedef struct _LkResizer LkResizer;

LkResizer *lk_resizer_new (void);
void lk_resizer_free (LkResizer *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkResizer, lk_resizer_free)

/**
 * lk_resizer_run:
 * @region: x, y, width and height of what is resized, inside @image
 *
 * Returns: (transfer none): 3 * @width * @height bytes, as lk_image_resize() by area
 *   would give them; until the next call
 */
const guint8 *lk_resizer_run (LkResizer *self, const LkImage *image, const int region[4], int width,
                              int height);

/* Like lk_image_crop(), and lk_image_resize() without smoothing (%LK_FILTER_BILINEAR). */
LkImage *lk_resizer_crop (LkResizer *self, const LkImage *image, int x, int y, int width,
                          int height);
LkImage *lk_resizer_resize (LkResizer *self, const LkImage *image, int width, int height);

/* lk_image_new_recycled() with the resizer's own. */
LkImage *lk_resizer_new_image (LkResizer *self, int width, int height, guint8 **pixels);

/* Left and right exchanged. */
LkImage *lk_image_mirror (const LkImage *self);

/**
 * lk_image_warp:
 * @from_output: (array fixed-size=6): [a b c; d e f]: output pixel (u, v) shows
 *   the source at (a u + b v + c, d u + e v + f), both measured from the centre
 *   of the top left pixel
 *
 * Bilinear; where it shrinks by more than a quarter, what is needed of the source is
 * first made smaller by area until it does not.  Outside, the edge is repeated.
 */
LkImage *lk_image_warp (const LkImage *self, const double from_output[6], int width, int height);

/* The same into @out, 3 * @width * @height bytes, without taking memory. */
void lk_resizer_warp (LkResizer *self, const LkImage *image, const double from_output[6], int width,
                      int height, guint8 *out);

/**
 * lk_image_to_floats:
 * @out: (array) (out caller-allocates): [height, width, 3], each byte / 255
 *
 * The documents' preprocessing, after the picture has been brought to size.
 */
void lk_image_to_floats (const LkImage *self, float *out);

/* Mean of 0.299 R + 0.587 G + 0.114 B over the picture, 0 .. 255. */
double lk_image_mean_luma (const LkImage *self);

G_END_DECLS
