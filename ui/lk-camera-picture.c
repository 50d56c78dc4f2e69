/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera-draw.h"

#include <math.h>

#define CROP_MARGIN 12 /* of the crop from the picture's corner */
#define CROP_RADIUS 8
#define OPEN_FROM   48 /* below the upper edge: where the shade begins to open */

void
lk_camera_draw_crop (GtkSnapshot *snapshot, const graphene_rect_t *picture, GdkTexture *crop,
                     gboolean at_left)
{
  double side = CLAMP (picture->size.width * 0.15, 48, 100);
  double left = picture->origin.x + CROP_MARGIN;
  double right = picture->origin.x + picture->size.width - CROP_MARGIN - side;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (at_left ? left : right,
                                             picture->origin.y + CROP_MARGIN, side, side);
  const float thin[] = { 1, 1, 1, 1 };
  const GdkRGBA line = { 1, 1, 1, 0.7f }, lines[] = { line, line, line, line };
  GskRoundedRect clip;

  gsk_rounded_rect_init_from_rect (&clip, &rect, CROP_RADIUS);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_texture (snapshot, crop, &rect);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (snapshot, &clip, thin, lines);
}

void
lk_camera_draw_shade (GtkSnapshot *snapshot, const graphene_rect_t *picture, double from, double to,
                      double done)
{
  double alpha = from + (to - from) * done;
  double reach = hypot (picture->size.width, picture->size.height);
  cairo_t *cr;

  if (to > 0 || done >= 1)
    {
      if (alpha > 0)
        gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0, 0, 0, (float) alpha }, picture);
      return;
    }
  cr = gtk_snapshot_append_cairo (snapshot, picture);
  cairo_set_fill_rule (cr, CAIRO_FILL_RULE_EVEN_ODD);
  gdk_cairo_rectangle (cr,
                       &(GdkRectangle){ (int) picture->origin.x, (int) picture->origin.y,
                                        (int) picture->size.width, (int) picture->size.height });
  cairo_new_sub_path (cr);
  cairo_arc (cr, picture->origin.x + picture->size.width / 2, picture->origin.y + OPEN_FROM,
             reach * done, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, from);
  cairo_fill (cr);
  cairo_destroy (cr);
}
