/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "face/lk-align.h"
#include "face/lk-detector.h"
#include "face/lk-face-quality.h"
#include "face/lk-tracker.h"
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

/* What was found in a picture. */
typedef struct
{
  LkFace faces[LK_DETECTOR_MAX_FACES]; /* the surest first */
  int n;
  int chosen; /* the one that is taken, or -1 */
  LkQuality quality;
  int refusal, warning; /* LkQualityKind, or -1 */
  double ms;
} Found;

/* A sentence for a person, or NULL when nothing is wrong. */
static const char *
get_reason (const Found *found)
{
  if (found->refusal >= 0)
    return lk_quality_get_info ((LkQualityKind) found->refusal)->sentence;
  if (found->warning >= 0)
    return lk_quality_get_info ((LkQualityKind) found->warning)->sentence;
  return found->chosen < 0 ? _ ("There is no face to be seen.") : NULL;
}

static gboolean
is_usable (const Found *found)
{
  return found->chosen >= 0 && found->refusal < 0;
}

static void
add_quality (JsonBuilder *builder, const Found *found)
{
  json_builder_set_member_name (builder, "quality");
  json_builder_begin_object (builder);
  for (int i = 0; i < LK_N_QUALITIES; i++)
    if (isfinite (found->quality.values[i]))
      add_number (builder, lk_quality_get_info (i)->id, found->quality.values[i]);
  json_builder_end_object (builder);
}

static void
print_json (const char *path, const LkImage *image, const Found *found)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree char *shown = g_filename_display_name (path);
  int kind = found->refusal >= 0 ? found->refusal : found->warning;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "file");
  json_builder_add_string_value (builder, shown);
  json_builder_set_member_name (builder, "width");
  json_builder_add_int_value (builder, image->width);
  json_builder_set_member_name (builder, "height");
  json_builder_add_int_value (builder, image->height);
  json_builder_set_member_name (builder, "faces");
  json_builder_begin_array (builder);
  for (int i = 0; i < found->n; i++)
    add_face (builder, &found->faces[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "usable");
  json_builder_add_boolean_value (builder, is_usable (found));
  if (found->chosen >= 0)
    {
      json_builder_set_member_name (builder, "chosen");
      json_builder_add_int_value (builder, found->chosen);
      add_quality (builder, found);
    }
  json_builder_set_member_name (builder, "wrong");
  if (kind >= 0)
    json_builder_add_string_value (builder, lk_quality_get_info ((LkQualityKind) kind)->id);
  else if (found->chosen < 0)
    json_builder_add_string_value (builder, "no-face");
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "reason");
  if (get_reason (found) != NULL)
    json_builder_add_string_value (builder, get_reason (found));
  else
    json_builder_add_null_value (builder);
  add_number (builder, "ms", found->ms);
  json_builder_end_object (builder);
  lk_command_print_json (builder);
}

static void
print_quality (const Found *found)
{
  LkQualityLimits limits;

  lk_quality_limits_init (&limits);
  for (int i = 0; i < LK_N_QUALITIES; i++)
    {
      const LkQualityInfo *info = lk_quality_get_info (i);
      const char *verdict = lk_quality_is_beyond (i, found->quality.values[i], limits.refuse[i])
          ? _ ("refused")
          : lk_quality_is_beyond (i, found->quality.values[i], info->warn)
          ? _ ("doubtful")
          : "";
      g_autofree char *value = lk_quality_format (i, found->quality.values[i]);

      printf ("    %-26s %s%*s %s\n", info->name, value,
              (int) MAX (0, 20 - g_utf8_strlen (value, -1)), "", verdict);
    }
}

static void
print_text (const char *path, const Found *found)
{
  g_autofree char *shown = g_filename_display_name (path);

  printf (ngettext ("%s: %d face\n", "%s: %d faces\n", (gulong) found->n), shown, found->n);
  for (int i = 0; i < found->n; i++)
    {
      const LkFace *face = &found->faces[i];

      printf (_ ("  %.0f x %.0f at %.0f, %.0f, score %.2f; points"), face->width, face->height,
                 face->x, face->y, face->score);
      for (int k = 0; k < LK_N_POINTS; k++)
        printf (" %.0f,%.0f", face->points[k][0], face->points[k][1]);
      puts (i == found->chosen && found->n > 1 ? _ (" (the one that is taken)") : "");
    }
  if (found->chosen >= 0)
    print_quality (found);
  printf ("  %s%s%s\n",
          is_usable (found) ? _ ("usable")
                            : _ ("not usable"), get_reason (found) != NULL ? ": " : "",
                                 get_reason (found) != NULL ? get_reason (found) : "");
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

/* As LkFinder does it for a single picture. */
static void
measure (LkResizer *resizer, const LkImage *image, Found *found)
{
  LkFace others[LK_DETECTOR_MAX_FACES];
  g_autoptr (LkImage) crop = NULL;
  LkQualityLimits limits;
  int n_others = 0;

  found->refusal = found->warning = -1;
  found->chosen = lk_tracker_choose (found->faces, found->n, image->width, image->height);
  if (found->chosen < 0 ||
      (crop = lk_align_face (resizer, image, &found->faces[found->chosen])) == NULL)
    {
      found->chosen = -1;
      found->refusal = lk_quality_find_blindness (image);
      return;
    }
  for (int i = 0; i < found->n; i++)
    if (i != found->chosen)
      others[n_others++] = found->faces[i];
  lk_quality_measure (&found->quality, crop, &found->faces[found->chosen], others, n_others,
                      image->width, image->height);
  lk_quality_limits_init (&limits);
  found->refusal = lk_quality_find_refusal (&found->quality, &limits);
  found->warning = lk_quality_find_warning (&found->quality);
}

static gboolean
detect_file (LkDetector *detector, LkResizer *resizer, const char *path, double threshold,
             gboolean json, const char *draw, Found *found, GError **error)
{
  g_autoptr (LkImage) image = lk_image_load (path, error), drawn = NULL;
  gint64 begun;

  if (image == NULL)
    return FALSE;
  begun = g_get_monotonic_time ();
  found->n = lk_detector_find (detector, image, threshold, found->faces, LK_DETECTOR_MAX_FACES,
                               error);
  found->ms = (double) (g_get_monotonic_time () - begun) * 1e-3;
  if (found->n < 0)
    return FALSE;
  measure (resizer, image, found);
  if (json)
    print_json (path, image, found);
  else
    print_text (path, found);
  if (draw == NULL)
    return TRUE;
  drawn = draw_faces (image, found->faces, found->n);
  return lk_image_save (drawn, draw, error);
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
        N_ ("Score from which it is a face (default: 0.65)"), N_ ("0..1") },
        { "draw", 0, 0, G_OPTION_ARG_FILENAME, &draw,
          N_ ("Picture to write with boxes and points (of one FILE)"), N_ ("OUT") },
          { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object a picture"), NULL },
            { NULL },
         };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  g_autoptr (LkDetector) detector = NULL;
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  gboolean all = TRUE;
  int status = lk_command_parse (
      &argc, &argv, options, "FILE...",
      _ ("Finds the faces of pictures: box, score and five points; how good the picture of the "
                                    "largest is, and why it would not be used. Exit "
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
      Found found = { 0 };

      if (!detect_file (detector, resizer, argv[i], threshold, json, draw, &found, &error))
        return lk_command_fail (error);
      all = all && found.n > 0;
    }
  return all ? LK_EXIT_OK : LK_EXIT_NO_MATCH;
}
