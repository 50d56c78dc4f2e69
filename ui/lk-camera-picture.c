/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera-picture.h"

#include "lk-face-frame.h"

#include <math.h>

#define CROP_MARGIN 12 /* of the crop from the picture's corner */
#define CROP_RADIUS 8
#define OPEN_FROM   48 /* below the upper edge: where the shade begins to open */

/* In an upper corner. */
static void
draw_crop (GtkSnapshot *snapshot, const graphene_rect_t *picture, GdkTexture *crop,
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

/* Towards 0 it opens from the middle of the upper edge. */
static void
draw_shade (GtkSnapshot *snapshot, const graphene_rect_t *picture, double from, double to,
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

void
lk_camera_picture_init (LkCameraPicture *self)
{
  *self = (LkCameraPicture){ .mirror = TRUE,
                             .others = g_array_new (FALSE, FALSE, sizeof (LkFace)) };
}

void
lk_camera_picture_clear (LkCameraPicture *self)
{
  g_clear_object (&self->texture);
  g_clear_object (&self->crop);
  g_clear_pointer (&self->others, g_array_unref);
}

static GdkTexture *
make_texture (const LkImage *image)
{
  return gdk_memory_texture_new (image->width, image->height, GDK_MEMORY_R8G8B8, image->bytes,
                                 (gsize) image->width * 3);
}

gboolean
lk_camera_picture_set_image (LkCameraPicture *self, const LkImage *image)
{
  gboolean resized = self->texture == NULL ||
                     gdk_texture_get_width (self->texture) != image->width ||
                     gdk_texture_get_height (self->texture) != image->height;

  g_clear_object (&self->texture);
  self->texture = make_texture (image);
  return resized;
}

void
lk_camera_picture_set_face (LkCameraPicture *self, const LkFace *face, const LkFace *others,
                            int n_others, LkMark mark)
{
  self->has_face = face != NULL;
  if (face != NULL)
    self->face = *face;
  g_array_set_size (self->others, 0);
  g_array_append_vals (self->others, others, (guint) n_others);
  self->mark = mark;
}

void
lk_camera_picture_set_crop (LkCameraPicture *self, const LkImage *crop)
{
  g_clear_object (&self->crop);
  if (crop != NULL)
    self->crop = make_texture (crop);
}

void
lk_camera_picture_set_shade (LkCameraPicture *self, double shade)
{
  self->shade_from += (self->shade - self->shade_from) * self->shade_done;
  self->shade = shade;
  self->shade_done = 0;
}

double
lk_camera_picture_get_ratio (const LkCameraPicture *self)
{
  if (self->texture == NULL)
    return 4.0 / 3.0;
  return gdk_paintable_get_intrinsic_aspect_ratio (GDK_PAINTABLE (self->texture));
}

void
lk_camera_picture_snapshot (const LkCameraPicture *self, GtkSnapshot *snapshot,
                            const graphene_rect_t *rect, const GskRoundedRect *clip,
                            gboolean is_old)
{
  gtk_snapshot_push_rounded_clip (snapshot, clip);
  if (self->mirror)
    {
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot,
                              &GRAPHENE_POINT_INIT (2 * rect->origin.x + rect->size.width, 0));
      gtk_snapshot_scale (snapshot, -1, 1);
      gtk_snapshot_append_texture (snapshot, self->texture, rect);
      gtk_snapshot_restore (snapshot);
    }
  else
    gtk_snapshot_append_texture (snapshot, self->texture, rect);
  if (is_old)
    gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 0, 0, 0, 0.6f }, rect);
  else
    draw_shade (snapshot, rect, self->shade_from, self->shade, self->shade_done);
  if (self->flash > 0)
    gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, (float) self->flash }, rect);
  gtk_snapshot_pop (snapshot);
}

static void
draw_faces (const LkCameraPicture *self, GtkSnapshot *snapshot, const graphene_rect_t *rect,
            GtkWidget *widget)
{
  const double width = gdk_texture_get_width (self->texture);
  const LkFacePlace place = { rect->origin.x, rect->origin.y, rect->size.width / width, width,
                              self->mirror };
  cairo_t *cr;

  if (!self->has_face && self->others->len == 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot, rect);
  for (guint i = 0; i < self->others->len; i++)
    lk_face_frame_draw_other (cr, &place, &g_array_index (self->others, LkFace, i));
  if (self->has_face)
    {
      GdkRGBA accent;

      lk_mark_get_accent (widget, &accent);
      lk_face_frame_draw (cr, &place, &self->face, self->mark, &accent);
    }
  cairo_destroy (cr);
}

/* In the upper corner that the face is farther from; near the middle, where it was. */
static void
place_crop (LkCameraPicture *self)
{
  double width = gdk_texture_get_width (self->texture);
  double at = (self->face.x + self->face.width / 2) / width;

  if (self->mirror)
    at = 1 - at;
  if (self->has_face && (at < 0.45 || at > 0.55))
    self->crop_at_left = at > 0.55;
}

void
lk_camera_picture_snapshot_faces (LkCameraPicture *self, GtkSnapshot *snapshot,
                                  const graphene_rect_t *rect, GtkWidget *widget)
{
  draw_faces (self, snapshot, rect, widget);
  if (self->crop == NULL)
    return;
  place_crop (self);
  draw_crop (snapshot, rect, self->crop, self->crop_at_left);
}
