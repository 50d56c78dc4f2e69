/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkTurnHint: points out which way the head is to turn, for lying over a picture.
 *
 * Passive: three angle brackets at one side of the picture, along which a light runs where
 * animations are on.  To a screen reader it is nothing: the sentence beside it says the same.
 */
#define LK_TYPE_TURN_HINT (lk_turn_hint_get_type ())
G_DECLARE_FINAL_TYPE (LkTurnHint, lk_turn_hint, LK, TURN_HINT, GtkWidget)

GtkWidget *lk_turn_hint_new (void);

/* @turn: below 0 to the person's left, above 0 to their right, 0: nowhere, nothing is drawn
 * @mirror: whether the picture is as in a mirror: then their left is at the left */
void lk_turn_hint_set (LkTurnHint *self, int turn, gboolean mirror);

/* An angle bracket that points from (@x, @y) to (@dx, @dy), light over dark: seen on any picture.
 * @strength: 0 .. 1 */
void lk_turn_hint_draw_pointer (cairo_t *cr, double x, double y, double dx, double dy, double size,
                                double strength);

G_END_DECLS
