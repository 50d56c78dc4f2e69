/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LkSvg: a chart as inline SVG, drawn into a page that holds its style (classes `axis`,
 * `grid`, `label`, `line s0` .. `line s5`, `bar s0`, `mark`).
 *
 * Axes go from 0 to 1 of the chart's own scale; the caller brings values there.
 */
typedef struct
{
  GString *out;
  double width, height, left, top; /* of the field between the axes, in pixels */
} LkSvg;

#define LK_SVG_N_STYLES 6

/* @title and @about (nullable) are what assistive technology reads.  Ends with the field
 * empty. */
void lk_svg_begin (LkSvg *self, GString *out, const char *title, const char *about, double width,
                   double height);
void lk_svg_end (LkSvg *self);

/* A line of the grid with its number at @place, 0 .. 1 */
void lk_svg_add_x_tick (LkSvg *self, double place, const char *text);
void lk_svg_add_y_tick (LkSvg *self, double place, const char *text);
void lk_svg_add_names (LkSvg *self, const char *x, const char *y);

/* A line through points, added one by one; what lies outside is drawn on the edge. */
void lk_svg_begin_line (LkSvg *self, int style);
void lk_svg_add_point (LkSvg *self, double x, double y);
void lk_svg_end_line (LkSvg *self);

void lk_svg_add_bar (LkSvg *self, int style, double x0, double x1, double y0, double y1);
void lk_svg_add_dot (LkSvg *self, int style, double x, double y);
/* A thin line, from point to point: an interval, a threshold, the diagonal. */
void lk_svg_add_mark (LkSvg *self, double x0, double y0, double x1, double y1);
void lk_svg_add_label (LkSvg *self, double x, double y, const char *text);

/* Appends a number with a point, whatever the locale. */
void lk_svg_append_number (GString *out, double value, int decimals);
void lk_svg_append_text (GString *out, const char *text); /* escaped for HTML */

G_END_DECLS
