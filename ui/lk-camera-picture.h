/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What LkCameraView draws over its picture. */

/* The face as the network sees it, in an upper corner. */
void lk_camera_draw_crop (GtkSnapshot *snapshot, const graphene_rect_t *picture, GdkTexture *crop,
                          gboolean at_left);

/* How dark it is, on the way @from a shade @to another, @done of it; towards 0 it opens from the
 * middle of the upper edge. */
void lk_camera_draw_shade (GtkSnapshot *snapshot, const graphene_rect_t *picture, double from,
                           double to, double done);

G_END_DECLS
