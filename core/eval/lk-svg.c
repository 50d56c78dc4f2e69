/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-svg.h"

#define LEFT   56.0 /* room for the numbers and names of the axes, in pixels */
#define BOTTOM 44.0
#define TOP    10.0
#define RIGHT  14.0

void
lk_svg_append_number (GString *out, double value, int decimals)
{
  char format[8] = { '%', '.', (char) ('0' + CLAMP (decimals, 0, 9)), 'f', 0 };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (out, g_ascii_formatd (buffer, sizeof buffer, format, value));
}

void
lk_svg_append_text (GString *out, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  g_string_append (out, escaped);
}

static void
add_attribute (LkSvg *self, const char *name, double value)
{
  g_string_append_printf (self->out, " %s=\"", name);
  lk_svg_append_number (self->out, value, 1);
  g_string_append_c (self->out, '"');
}

static double
place_x (const LkSvg *self, double x)
{
  return self->left + CLAMP (x, 0, 1) * self->width;
}

static double
place_y (const LkSvg *self, double y)
{
  return self->top + (1 - CLAMP (y, 0, 1)) * self->height;
}

static void
add_segment (LkSvg *self, const char *class, double x0, double y0, double x1, double y1)
{
  g_string_append_printf (self->out, "<line class=\"%s\"", class);
  add_attribute (self, "x1", place_x (self, x0));
  add_attribute (self, "y1", place_y (self, y0));
  add_attribute (self, "x2", place_x (self, x1));
  add_attribute (self, "y2", place_y (self, y1));
  g_string_append (self->out, "/>\n");
}

/* @anchor: start, middle or end of the text */
static void
add_words (LkSvg *self, double x, double y, const char *anchor, const char *text)
{
  g_string_append_printf (self->out, "<text class=\"label\" text-anchor=\"%s\"", anchor);
  add_attribute (self, "x", x);
  add_attribute (self, "y", y);
  g_string_append_c (self->out, '>');
  lk_svg_append_text (self->out, text);
  g_string_append (self->out, "</text>\n");
}

void
lk_svg_begin (LkSvg *self, GString *out, const char *title, const char *about, double width,
              double height)
{
  *self = (LkSvg){ out, width - LEFT - RIGHT, height - TOP - BOTTOM, LEFT, TOP };
  g_string_append_printf (out, "<svg role=\"img\" viewBox=\"0 0 %d %d\"><title>", (int) width,
                          (int) height);
  lk_svg_append_text (out, title);
  g_string_append (out, "</title>");
  if (about != NULL)
    {
      g_string_append (out, "<desc>");
      lk_svg_append_text (out, about);
      g_string_append (out, "</desc>");
    }
  g_string_append_c (out, '\n');
}

void
lk_svg_end (LkSvg *self)
{
  add_segment (self, "axis", 0, 0, 1, 0);
  add_segment (self, "axis", 0, 0, 0, 1);
  g_string_append (self->out, "</svg>\n");
}

void
lk_svg_add_x_tick (LkSvg *self, double place, const char *text)
{
  add_segment (self, "grid", place, 0, place, 1);
  add_words (self, place_x (self, place), self->top + self->height + 16, "middle", text);
}

void
lk_svg_add_y_tick (LkSvg *self, double place, const char *text)
{
  add_segment (self, "grid", 0, place, 1, place);
  add_words (self, self->left - 6, place_y (self, place) + 4, "end", text);
}

void
lk_svg_add_names (LkSvg *self, const char *x, const char *y)
{
  double middle = self->top + self->height / 2;

  add_words (self, self->left + self->width / 2, self->top + self->height + 36, "middle", x);
  g_string_append (self->out,
                   "<text class=\"label\" text-anchor=\"middle\" transform=\"rotate(-90 12 ");
  lk_svg_append_number (self->out, middle, 1);
  g_string_append (self->out, ")\" x=\"12\"");
  add_attribute (self, "y", middle);
  g_string_append_c (self->out, '>');
  lk_svg_append_text (self->out, y);
  g_string_append (self->out, "</text>\n");
}

void
lk_svg_begin_line (LkSvg *self, int style)
{
  g_string_append_printf (self->out, "<polyline class=\"line s%d\" points=\"",
                          style % LK_SVG_N_STYLES);
}

void
lk_svg_add_point (LkSvg *self, double x, double y)
{
  lk_svg_append_number (self->out, place_x (self, x), 1);
  g_string_append_c (self->out, ',');
  lk_svg_append_number (self->out, place_y (self, y), 1);
  g_string_append_c (self->out, ' ');
}

void
lk_svg_end_line (LkSvg *self)
{
  g_string_append (self->out, "\"/>\n");
}

void
lk_svg_add_bar (LkSvg *self, int style, double x0, double x1, double y0, double y1)
{
  g_string_append_printf (self->out, "<rect class=\"bar s%d\"", style % LK_SVG_N_STYLES);
  add_attribute (self, "x", place_x (self, x0));
  add_attribute (self, "y", place_y (self, y1));
  add_attribute (self, "width", place_x (self, x1) - place_x (self, x0));
  add_attribute (self, "height", place_y (self, y0) - place_y (self, y1));
  g_string_append (self->out, "/>\n");
}

void
lk_svg_add_dot (LkSvg *self, int style, double x, double y)
{
  g_string_append_printf (self->out, "<circle class=\"dot s%d\" r=\"3.5\"",
                          style % LK_SVG_N_STYLES);
  add_attribute (self, "cx", place_x (self, x));
  add_attribute (self, "cy", place_y (self, y));
  g_string_append (self->out, "/>\n");
}

void
lk_svg_add_mark (LkSvg *self, double x0, double y0, double x1, double y1)
{
  add_segment (self, "mark", x0, y0, x1, y1);
}

void
lk_svg_add_label (LkSvg *self, double x, double y, const char *text)
{
  add_words (self, place_x (self, x) + (x < 0.7 ? 5 : -5), place_y (self, y),
             x < 0.7 ? "start" : "end", text);
}
