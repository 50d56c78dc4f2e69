/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"
#include "verify/lk-verifier.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkAnchorStrip: a row of the anchors' pictures, each with its score of the last
 * check and whether it matched.  Scrolls sideways.  Of several people's anchors, those of
 * who is most alike are shown, unless that changes from frame to frame.
 *
 * Passive.  Its tiles are made once for a set of anchors; scores only change what
 * they draw, so that 200 anchors at 30 checks a second cost no layout.
 */
#define LK_TYPE_ANCHOR_STRIP (lk_anchor_strip_get_type ())
G_DECLARE_FINAL_TYPE (LkAnchorStrip, lk_anchor_strip, LK, ANCHOR_STRIP, AdwBin)

GtkWidget *lk_anchor_strip_new (void);

/* @images: (element-type LkImage): the gallery, in its order; pixels are not copied */
void lk_anchor_strip_set_anchors (LkAnchorStrip *self, GPtrArray *images);
/* That are shown. */
int lk_anchor_strip_get_n_anchors (LkAnchorStrip *self);

/* @check: (nullable): NULL when there is none now; of one with another number of anchors than
 *   the gallery has (from before a change) no scores are shown */
void lk_anchor_strip_show_check (LkAnchorStrip *self, const LkCheck *check);

G_END_DECLS
