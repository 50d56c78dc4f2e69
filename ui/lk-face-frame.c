/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-face-frame.h"

/* On a picture, light or dark, in either style: bright, over a dark line. */
static const GdkRGBA frame_colours[] = {
  [LK_MARK_NEUTRAL] = { 1.00f, 1.00f, 1.00f, 1 },
  [LK_MARK_GOOD] = { 0.34f, 0.89f, 0.54f, 1 },
  [LK_MARK_BAD] = { 1.00f, 0.48f, 0.39f, 1 },
  [LK_MARK_ADVICE] = { 0.97f, 0.89f, 0.36f, 1 },
};

/* The frame's outline: corners alone, or all of it. */
static void
trace_frame (cairo_t *cr, double x, double y, double w, double h, double r, gboolean corners)
{
  double arm = corners ? MAX (r, MIN (w, h) * 0.18) : 0;
  const struct
  {
    double x, y, dx, dy; /* the corner, and which way is in */
  } at[] = { { x, y, 1, 1 }, { x + w, y, -1, 1 }, { x + w, y + h, -1, -1 }, { x, y + h, 1, -1 } };

  for (int i = 0; i < 4; i++)
    {
      double start = G_PI * (1 + i * 0.5);
      double out_x = i % 2 == 0 ? 0 : at[i].dx * arm, out_y = i % 2 == 0 ? at[i].dy * arm : 0;
      double in_x = i % 2 == 0 ? at[i].dx * arm : 0, in_y = i % 2 == 0 ? 0 : at[i].dy * arm;

      if (corners)
        cairo_move_to (cr, at[i].x + out_x, at[i].y + out_y);
      cairo_arc (cr, at[i].x + at[i].dx * r, at[i].y + at[i].dy * r, r, start, start + G_PI / 2);
      if (corners)
        cairo_line_to (cr, at[i].x + in_x, at[i].y + in_y);
    }
  if (!corners)
    cairo_close_path (cr);
}

/* A check mark, a cross or an exclamation mark on a disc. */
static void
draw_badge (cairo_t *cr, double x, double y, const GdkRGBA *colour, LkMark mark)
{
  cairo_arc (cr, x, y, 15, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.35);
  cairo_fill (cr);
  cairo_arc (cr, x, y, 13, 0, 2 * G_PI);
  gdk_cairo_set_source_rgba (cr, colour);
  cairo_fill (cr);

  cairo_set_source_rgb (cr, 0, 0, 0);
  cairo_set_line_width (cr, 3);
  if (mark == LK_MARK_GOOD)
    {
      cairo_move_to (cr, x - 5.5, y + 0.5);
      cairo_line_to (cr, x - 1.5, y + 4.5);
      cairo_line_to (cr, x + 5.5, y - 4);
    }
  else if (mark == LK_MARK_BAD)
    {
      cairo_move_to (cr, x - 4.5, y - 4.5);
      cairo_line_to (cr, x + 4.5, y + 4.5);
      cairo_move_to (cr, x + 4.5, y - 4.5);
      cairo_line_to (cr, x - 4.5, y + 4.5);
    }
  else
    {
      cairo_move_to (cr, x, y - 6.5);
      cairo_line_to (cr, x, y + 1.5);
      cairo_move_to (cr, x, y + 6.2);
      cairo_line_to (cr, x, y + 6.3);
    }
  cairo_stroke (cr);
}

static double
place_x (const LkFacePlace *place, double x)
{
  return place->x + (place->mirror ? place->width - x : x) * place->scale;
}

static void
trace_box (cairo_t *cr, const LkFacePlace *place, const LkFace *face, gboolean corners)
{
  double w = face->width * place->scale, h = face->height * place->scale;
  double x = place_x (place, place->mirror ? face->x + face->width : face->x);

  trace_frame (cr, x, place->y + face->y * place->scale, w, h, MIN (w, h) * 0.12, corners);
}

/* Dark below light: seen on any picture. */
static void
stroke (cairo_t *cr, const GdkRGBA *colour, double width)
{
  cairo_set_source_rgba (cr, 0, 0, 0, 0.4 * colour->alpha);
  cairo_set_line_width (cr, width + 2);
  cairo_stroke_preserve (cr);
  gdk_cairo_set_source_rgba (cr, colour);
  cairo_set_line_width (cr, width);
}

/* The points of a calibrated eye: small, so that they hide nothing. */
static void
draw_points (cairo_t *cr, const LkFacePlace *place, const LkFace *face, const GdkRGBA *colour)
{
  double r = CLAMP (face->width * place->scale / 60, 1.6, 3.2);

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      /* Points count from the middle of a pixel. */
      double x = place_x (place, face->points[k][0] + 0.5);
      double y = place->y + (face->points[k][1] + 0.5) * place->scale;

      cairo_arc (cr, x, y, r + 1, 0, 2 * G_PI);
      cairo_set_source_rgba (cr, 0, 0, 0, 0.4);
      cairo_fill (cr);
      cairo_arc (cr, x, y, r, 0, 2 * G_PI);
      gdk_cairo_set_source_rgba (cr, colour);
      cairo_fill (cr);
    }
}

void
lk_face_frame_draw_other (cairo_t *cr, const LkFacePlace *place, const LkFace *face)
{
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  trace_box (cr, place, face, TRUE);
  stroke (cr, &(GdkRGBA){ 1, 1, 1, 0.55f }, 1);
  cairo_stroke (cr);
}

void
lk_face_frame_draw (cairo_t *cr, const LkFacePlace *place, const LkFace *face, LkMark mark,
                    const GdkRGBA *accent)
{
  gboolean is_guide = face->score <= 0;
  GdkRGBA colour = frame_colours[mark];

  if (mark == LK_MARK_NEUTRAL && !is_guide)
    {
      /* Made brighter: it lies on a picture, not on the window. */
      colour.red = 0.65f * accent->red + 0.35f;
      colour.green = 0.65f * accent->green + 0.35f;
      colour.blue = 0.65f * accent->blue + 0.35f;
    }
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  trace_box (cr, place, face, mark == LK_MARK_NEUTRAL || mark == LK_MARK_ADVICE);
  stroke (cr, &colour, (is_guide ? 3 : 2) + (mark == LK_MARK_GOOD));
  if (mark == LK_MARK_BAD)
    cairo_set_dash (cr, (const double[]){ 10, 8 }, 2, 0);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  if (!is_guide)
    draw_points (cr, place, face, &colour);
  if (mark != LK_MARK_NEUTRAL)
    draw_badge (cr, place_x (place, face->x + face->width / 2), place->y + face->y * place->scale,
                &colour, mark);
}

const GdkRGBA *
lk_face_frame_get_colour (LkMark mark)
{
  return &frame_colours[mark];
}
