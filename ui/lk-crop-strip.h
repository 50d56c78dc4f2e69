/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkCropStrip: pictures as the network sees them, some in a row, as many rows as the width
 * wants.
 *
 * Passive.
 */
#define LK_TYPE_CROP_STRIP (lk_crop_strip_get_type ())
G_DECLARE_FINAL_TYPE (LkCropStrip, lk_crop_strip, LK, CROP_STRIP, AdwBin)

GtkWidget *lk_crop_strip_new (void);

/* @crops: (element-type LkImage): pixels are not copied */
void lk_crop_strip_set_crops (LkCropStrip *self, GPtrArray *crops);
/* What a screen reader calls them, with a number behind; for those that are set next. */
void lk_crop_strip_set_noun (LkCropStrip *self, const char *noun);
int lk_crop_strip_get_n_crops (LkCropStrip *self);

G_END_DECLS
