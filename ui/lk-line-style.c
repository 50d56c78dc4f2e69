/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-line-style.h"

#include <adwaita.h>

static const struct
{
  const char *light, *dark;
  double dash[4];
  int n_dash;
  double width;
} styles[LK_N_LINE_STYLES] = {
  { "blue_3", "blue_2", { 0 }, 0, 2 },
  { "orange_4", "orange_2", { 7, 4 }, 2, 2 },
  /* Stands back: for what is many and restless. */
  { "dark_1", "light_5", { 0 }, 0, 0.7 },
  { "green_5", "green_2", { 9, 3, 2, 3 }, 4, 2 },
  { "red_3", "red_1", { 3, 2 }, 2, 2 },
  { "brown_3", "brown_1", { 12, 4 }, 2, 2 },
};

void
lk_line_style_use (cairo_t *cr, GtkWidget *widget, int i)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  GdkRGBA colour;

  i %= LK_N_LINE_STYLES;
  if (!gtk_style_context_lookup_color (context, dark ? styles[i].dark : styles[i].light, &colour))
    gtk_style_context_get_color (context, &colour);
  gdk_cairo_set_source_rgba (cr, &colour);
  cairo_set_line_width (cr, styles[i].width);
  cairo_set_dash (cr, styles[i].dash, styles[i].n_dash, 0);
}
