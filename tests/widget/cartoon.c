/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cartoon.h"

#include <cairo.h>
#include <math.h>

static const double skins[][3] = {
  { 0.96, 0.80, 0.69 }, { 0.55, 0.38, 0.26 }, { 0.85, 0.65, 0.48 }, { 0.98, 0.87, 0.78 }
};
static const double hairs[][3] = {
  { 0.25, 0.15, 0.10 }, { 0.08, 0.07, 0.07 }, { 0.72, 0.45, 0.20 }, { 0.60, 0.62, 0.66 }
};
static const double shirts[][3] = {
  { 0.20, 0.45, 0.75 }, { 0.80, 0.35, 0.30 }, { 0.30, 0.55, 0.40 }, { 0.55, 0.40, 0.65 }
};

static void
ellipse (cairo_t *cr, double x, double y, double rx, double ry)
{
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, rx, ry);
  cairo_arc (cr, 0, 0, 1, 0, 2 * G_PI);
  cairo_restore (cr);
  cairo_fill (cr);
}

static void
draw (cairo_t *cr, int width, int height, int person, int pose)
{
  double s = MIN (width, height), sway = sin (pose * 0.9) * 0.03, look = sin (pose * 1.7) * 0.02;
  const double *skin = skins[person % 4], *hair = hairs[person % 4], *shirt = shirts[person % 4];
  cairo_pattern_t *wall = cairo_pattern_create_linear (0, 0, width, height);

  cairo_pattern_add_color_stop_rgb (wall, 0, 0.80, 0.82, 0.82);
  cairo_pattern_add_color_stop_rgb (wall, 1, 0.58, 0.62, 0.66);
  cairo_set_source (cr, wall);
  cairo_paint (cr);
  cairo_pattern_destroy (wall);

  cairo_translate (cr, width / 2.0 + sway * s, height / 2.0);
  cairo_scale (cr, s, s);
  cairo_rotate (cr, sin (pose * 0.7) * 0.05);
  cairo_set_source_rgb (cr, shirt[0], shirt[1], shirt[2]);
  ellipse (cr, 0, 0.52, 0.34, 0.26);
  cairo_set_source_rgb (cr, hair[0], hair[1], hair[2]);
  ellipse (cr, 0, -0.06, 0.205, 0.23);
  if (person % 2)
    ellipse (cr, 0, 0.08, 0.21, 0.22);
  cairo_set_source_rgb (cr, skin[0] * 0.9, skin[1] * 0.9, skin[2] * 0.9);
  cairo_rectangle (cr, -0.06, 0.12, 0.12, 0.18);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, skin[0], skin[1], skin[2]);
  ellipse (cr, 0, 0.01, 0.165, 0.205);
  for (int side = -1; side <= 1; side += 2)
    {
      cairo_set_source_rgb (cr, 1, 1, 1);
      ellipse (cr, side * 0.065 + look, -0.02, 0.03, 0.018);
      cairo_set_source_rgb (cr, 0.2, 0.15, 0.1);
      ellipse (cr, side * 0.065 + look * 1.5, -0.02, 0.013, 0.015);
      cairo_set_source_rgb (cr, hair[0], hair[1], hair[2]);
      ellipse (cr, side * 0.065 + look, -0.055, 0.035, 0.008);
    }
  cairo_set_source_rgb (cr, skin[0] * 0.85, skin[1] * 0.8, skin[2] * 0.8);
  ellipse (cr, look * 1.5, 0.04, 0.018, 0.03);
  cairo_set_source_rgb (cr, 0.75, 0.35, 0.35);
  ellipse (cr, look, 0.11, 0.055, 0.014 + 0.006 * (pose % 3));
}

LkImage *
cartoon_new (int width, int height, int person, int pose)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (surface);
  guint8 *pixels = g_malloc ((gsize) width * height * 3);
  const guint8 *data;
  int stride;

  draw (cr, width, height, person, pose);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint32 p = *(const guint32 *) (data + y * stride + 4 * x);
        guint8 *out = pixels + 3 * (y * width + x);

        out[0] = p >> 16 & 0xff;
        out[1] = p >> 8 & 0xff;
        out[2] = p & 0xff;
      }
  cairo_surface_destroy (surface);
  return lk_image_new_take (width, height, pixels);
}
