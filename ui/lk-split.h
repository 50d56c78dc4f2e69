/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkSplit: two children, side by side where there is room, else one below the other.
 *
 * In a .ui file the child of type "side" has a fixed width beside the other one, and
 * lies below it when the whole is narrow.  Then the main child gets the height that it
 * asks for, but leaves nearly half to the side, which is expected to scroll.  When the side is
 * hidden, all is the main child's.
 *
 * Properties
 *   "flow" (gboolean, FALSE)          both get their natural height: for a split that
 *                                     lies itself in a scrolled window
 *   "narrow" (gboolean, read-only)    one below the other now; told after the layout
 */
#define LK_TYPE_SPLIT (lk_split_get_type ())
G_DECLARE_FINAL_TYPE (LkSplit, lk_split, LK, SPLIT, GtkWidget)

gboolean lk_split_get_narrow (LkSplit *self);

G_END_DECLS
