/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LK_N_LINE_STYLES 6

/* Sets colour (light or dark, as @widget is shown), width and dashes of line @i of a
 * drawing: nobody has to tell lines apart by colour. */
void lk_line_style_use (cairo_t *cr, GtkWidget *widget, int i);

G_END_DECLS
