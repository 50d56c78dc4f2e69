/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mark.h"

static const struct
{
  const char *css_class, *icon_name, *colour;
  GdkRGBA fallback; /* where the style has no such name */
} marks[] = {
  [LK_MARK_NEUTRAL] = { "dim-label", "lk-verify-symbolic", NULL },
  [LK_MARK_GOOD] = { "success",
                     "lk-accepted-symbolic",
                     "success_color",
                     { 0.15f, 0.63f, 0.41f, 1 } },
  [LK_MARK_BAD] = { "error", "lk-refused-symbolic", "error_color", { 0.75f, 0.11f, 0.16f, 1 } },
  [LK_MARK_ADVICE] = { "warning",
                       "dialog-information-symbolic",
                       "warning_color",
                       { 0.9f, 0.65f, 0, 1 } },
};

const char *
lk_mark_get_css_class (LkMark mark)
{
  return marks[mark].css_class;
}

const char *
lk_mark_get_icon_name (LkMark mark)
{
  return marks[mark].icon_name;
}

void
lk_mark_get_colour (LkMark mark, GtkWidget *widget, GdkRGBA *colour)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  if (marks[mark].colour == NULL)
    gtk_style_context_get_color (context, colour);
  else if (!gtk_style_context_lookup_color (context, marks[mark].colour, colour))
    *colour = marks[mark].fallback;
}

void
lk_mark_get_accent (GtkWidget *widget, GdkRGBA *colour)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  if (!gtk_style_context_lookup_color (context, "accent_bg_color", colour))
    *colour = (GdkRGBA){ 0.21f, 0.52f, 0.89f, 1 };
}
