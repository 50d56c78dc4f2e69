/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "face/lk-align.h"
#include "face/lk-detector.h"
#include "lk-command.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void
add_number (JsonBuilder *builder, const char *name, double value)
{
  if (name != NULL)
    json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, round (value * 1e4) / 1e4);
}

static void
add_face (JsonBuilder *builder, const LkFace *face)
{
  const double box[] = { face->x, face->y, face->width, face->height };

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "box");
  json_builder_begin_array (builder);
  for (int i = 0; i < 4; i++)
    add_number (builder, NULL, box[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "points");
  json_builder_begin_array (builder);
  for (int k = 0; k < LK_N_POINTS; k++)
    {
      json_builder_begin_array (builder);
      add_number (builder, NULL, face->points[k][0]);
      add_number (builder, NULL, face->points[k][1]);
      json_builder_end_array (builder);
    }
  json_builder_end_array (builder);
  add_number (builder, "score", face->score);
  json_builder_end_object (builder);
}

static void
print_json (const char *path, const LkImage *image, const LkFace *faces, int n, double ms)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *shown = g_filename_display_name (path);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, shown);
  json_builder_set_member_name (builder, "width");
  json_builder_add_int_value (builder, image->width);
  json_builder_set_member_name (builder, "height");
  json_builder_add_int_value (builder, image->height);
  json_builder_set_member_name (builder, "faces");
  json_builder_begin_array (builder);
  for (int i = 0; i < n; i++)
    add_face (builder, &faces[i]);
  json_builder_end_array (builder);
  add_number (builder, "ms", ms);
  json_builder_end_object (builder);
  lk_command_print_json (builder);
}

static void
print_text (const char *path, const LkFace *faces, int n)
{
  g_autofree char *shown = g_filename_display_name (path);

  printf (ngettext ("%s: %d face\n", "%s: %d faces\n", (gulong) n), shown, n);
  for (int i = 0; i < n; i++)
    printf (_ ("  %.0f x %.0f at %.0f, %.0f, score %.2f\n"), faces[i].width, faces[i].height,
               faces[i].x, faces[i].y, faces[i].score);
}

/* ---- --draw ---- */

static const guint8 box_colour[3] = { 255, 220, 0 }, point_colour[3] = { 0, 230, 255 };

static void
fill_box (guint8 *pixels, const LkImage *image, double x0, double y0, double x1, double y1,
          const guint8 colour[3])
{
  int left = (int) CLAMP (x0, 0, image->width), right = (int) CLAMP (x1, 0, image->width);
  int top = (int) CLAMP (y0, 0, image->height), bottom = (int) CLAMP (y1, 0, image->height);

  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++)
      memcpy (pixels + 3 * ((gsize) y * (gsize) image->width + (gsize) x), colour, 3);
}

static LkImage *
draw_faces (const LkImage *image, const LkFace *faces, int n)
{
  gsize size = (gsize) 3 * (gsize) image->width * (gsize) image->height;
  guint8 *pixels = g_memdup2 (lk_image_get_pixels (image), size);
  double pen = MAX (1, MAX (image->width, image->height) / 320);

  for (int i = 0; i < n; i++)
    {
      const LkFace *f = &faces[i];
      double right = f->x + f->width, bottom = f->y + f->height;

      fill_box (pixels, image, f->x, f->y, right, f->y + pen, box_colour);
      fill_box (pixels, image, f->x, bottom - pen, right, bottom, box_colour);
      fill_box (pixels, image, f->x, f->y, f->x + pen, bottom, box_colour);
      fill_box (pixels, image, right - pen, f->y, right, bottom, box_colour);
      for (int k = 0; k < LK_N_POINTS; k++)
        fill_box (pixels, image, f->points[k][0] - pen + 0.5, f->points[k][1] - pen + 0.5,
                  f->points[k][0] + pen + 0.5, f->points[k][1] + pen + 0.5, point_colour);
    }
  return lk_image_new_take (image->width, image->height, pixels);
}

/* Returns: the number of faces, or -1 */
static int
detect_file (LkDetector *detector, const char *path, double threshold, gboolean json,
             const char *draw, GError **error)
{
  g_autoptr (LkImage) image = lk_image_load (path, error), drawn = NULL;
  LkFace faces[LK_DETECTOR_MAX_FACES];
  gint64 begun;
  int n;

  if (image == NULL)
    return -1;
  begun = g_get_monotonic_time ();
  n = lk_detector_find (detector, image, threshold, faces, LK_DETECTOR_MAX_FACES, error);
  begun = g_get_monotonic_time () - begun;
  if (n < 0)
    return -1;
  if (json)
    print_json (path, image, faces, n, (double) begun * 1e-3);
  else
    print_text (path, faces, n);
  if (draw == NULL)
    return n;
  drawn = draw_faces (image, faces, n);
  return lk_image_save (drawn, draw, error) ? n : -1;
}

int
lk_command_detect (int argc, char *argv[])
{
  g_autofree char *model_name = NULL, *draw = NULL;
  double threshold = LK_DETECTOR_THRESHOLD;
  gboolean json = FALSE;
  const GOptionEntry options[] = {
    { "model", 'm', 0, G_OPTION_ARG_STRING, &model_name,
      N_ ("Model that finds faces (name or file; default: the program's own)"), N_ ("MODEL") },
      { "threshold", 't', 0, G_OPTION_ARG_DOUBLE, &threshold,
        N_ ("Score from which it is a face (default: 0.6)"), N_ ("0..1") },
        { "draw", 0, 0, G_OPTION_ARG_FILENAME, &draw,
          N_ ("Picture to write with boxes and points (of one FILE)"), N_ ("OUT") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object a picture"), NULL },
            { NULL },
         };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkDetector) detector = NULL;
  gboolean all = TRUE;
  int status = lk_command_parse (&argc, &argv, options, "FILE...",
                                 _ ("Finds the faces of pictures: box, score and five points. Exit "
                                    "status: 0 a face in each, 1 none in some, 2 error."));

  if (status >= 0)
    return status;
  if (argc < 2)
    return lk_command_fail_usage (_ ("detect takes one or more pictures."));
  if (draw != NULL && argc > 2)
    return lk_command_fail_usage (_ ("--draw takes one picture."));
  if (!(threshold > 0 && threshold < 1))
    return lk_command_fail_usage (_ ("--threshold must lie between 0 and 1."));
  if (model_name != NULL && (model = lk_model_load (model_name, &error)) == NULL)
    return lk_command_fail (error);
  detector = lk_detector_new (model, LK_DETECTOR_SIDE, &error);
  if (detector == NULL)
    return lk_command_fail (error);

  for (int i = 1; i < argc; i++)
    {
      int n = detect_file (detector, argv[i], threshold, json, draw, &error);

      if (n < 0)
        return lk_command_fail (error);
      all = all && n > 0;
    }
  return all ? LK_EXIT_OK : LK_EXIT_NO_MATCH;
}
