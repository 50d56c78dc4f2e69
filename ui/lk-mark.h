/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * LkMark: how things stand, in colour, in shape and in words
 * @LK_MARK_NEUTRAL: nothing is known yet
 * @LK_MARK_GOOD: it matches
 * @LK_MARK_BAD: it does not match
 * @LK_MARK_ADVICE: the person should do something about it
 *
 * Each has a colour, and something else beside it (a line style, an icon), so that
 * nobody has to tell red from green.
 */
typedef enum
{
  LK_MARK_NEUTRAL,
  LK_MARK_GOOD,
  LK_MARK_BAD,
  LK_MARK_ADVICE,
} LkMark;

/* "success", "error", "warning" or "dim-label": never %NULL */
const char *lk_mark_get_css_class (LkMark mark);
/* A symbolic icon's name, of the program's own or of the icon theme. */
const char *lk_mark_get_icon_name (LkMark mark);
/* The colour that @widget's style has for it now (light, dark, high contrast). */
void lk_mark_get_colour (LkMark mark, GtkWidget *widget, GdkRGBA *colour);

/* The style's accent. */
void lk_mark_get_accent (GtkWidget *widget, GdkRGBA *colour);

G_END_DECLS
