/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"

#include "lk-dataset.h"

G_BEGIN_DECLS

/*
 * LkPictures: the crops of a dataset's pictures, decoded when first asked for.
 *
 * A picture is loaded, its face found and aligned where it is larger than a crop
 * (LK_FACE_AUTO), and made the 100x100 crop that networks see.  Those of an index are crops
 * already, and keep the margin that they have.  Crops stay in memory up to a limit; behind
 * it the same picture is decoded each time.  For any number of threads.
 */
typedef struct _LkPictures LkPictures;

/* @set: kept; must outlive the result.  @limit: of the crops in memory, in bytes */
LkPictures *lk_pictures_new (const LkDataset *set, gsize limit);
void lk_pictures_free (LkPictures *self);

/* The memory for crops where nobody says otherwise: 2 GiB, a quarter of what the machine
 * has where that is less.  A crop takes 30 kB, one of 120x120 43 kB. */
gsize lk_pictures_get_default_limit (void);

/* Returns: (transfer full): the crop of a sample, or %NULL with the error that it gave
 *   (always the same: what could not be read once is not tried again) */
LkImage *lk_pictures_get (LkPictures *self, int sample, GError **error);

/* Pixels at each side of a crop that the network does not see: 0 but for an index. */
int lk_pictures_get_margin (const LkImage *crop);

/* Returns: (transfer full): the same without its margin, or %NULL with the error */
LkImage *lk_pictures_get_middle (LkPictures *self, int sample, GError **error);

/* How many could not be used so far. */
int lk_pictures_get_n_bad (LkPictures *self);

G_END_DECLS
