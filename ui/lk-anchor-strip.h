/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkAnchorStrip: a row of the anchors' pictures, each with its score of the last
 * check and whether it matched.  Scrolls sideways.
 *
 * Passive.  Its tiles are made once for a set of anchors; scores only change what
 * they draw, so that 200 anchors at 30 checks a second cost no layout.
 */
#define LK_TYPE_ANCHOR_STRIP (lk_anchor_strip_get_type ())
G_DECLARE_FINAL_TYPE (LkAnchorStrip, lk_anchor_strip, LK, ANCHOR_STRIP, AdwBin)

GtkWidget *lk_anchor_strip_new (void);

/* @images: (element-type LkImage): in the order of the gallery; pixels are not copied */
void lk_anchor_strip_set_anchors (LkAnchorStrip *self, GPtrArray *images);
int lk_anchor_strip_get_n_anchors (LkAnchorStrip *self);

/* @scores: (array length=n) (nullable): NULL when there are none now; when @n is not
 *   the number of anchors (a check from before a change), nothing is shown
 * @threshold: a score above it is a match */
void lk_anchor_strip_set_scores (LkAnchorStrip *self, const float *scores, int n, double threshold);

G_END_DECLS
