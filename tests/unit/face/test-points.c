/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "face/lk-align.h"
#include "face/lk-points.h"

#include <math.h>
#include <string.h>

#define BLIND "network a\ni input size=64x64x3\nc conv2d i filters=10 kernel=64\nm maps c\n"

/* A network that says the same whatever it sees: the points, in halves of the crop. */
static LkPoints *
make_blind (const double points[LK_N_POINTS][2])
{
  gsize n = 64 * 64 * 3 * 10;
  g_autofree float *params = g_new0 (float, n + 10);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  LkPoints *self;

  for (int i = 0; i < 10; i++)
    params[n + (gsize) i] = (float) points[i / 2][i % 2];
  model = lk_model_new (BLIND, "blind", params, NULL, &error);
  g_assert_no_error (error);
  self = lk_points_new (model, &error);
  g_assert_no_error (error);
  return self;
}

/* A face as a child would draw it, turned by @angle, the eyes 40 * @scale pixels apart. */
static LkImage *
draw_face (int width, int height, double x0, double y0, double scale, double angle)
{
  static const double spots[][7] = {
    /* x, y, its half axes, red, green, blue */
    { 0, 0, 62, 84, 230, 180, 155 },  { -20, -18, 9, 5, 250, 250, 250 },
    { 20, -18, 9, 5, 250, 250, 250 }, { -20, -18, 4, 4, 40, 30, 25 },
    { 20, -18, 4, 4, 40, 30, 25 },    { -20, -30, 12, 2.5, 80, 50, 30 },
    { 20, -30, 12, 2.5, 80, 50, 30 }, { 0, 8, 7, 9, 205, 145, 120 },
    { 0, 38, 20, 6, 180, 70, 70 },
  };
  guint8 *pixels = g_malloc (3 * (gsize) width * (gsize) height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint8 *p = pixels + 3 * (y * width + x);
        double dx = (x + 0.5 - x0) / scale, dy = (y + 0.5 - y0) / scale;
        double u = cos (angle) * dx + sin (angle) * dy, v = cos (angle) * dy - sin (angle) * dx;

        p[0] = p[1] = p[2] = 90;
        for (guint i = 0; i < G_N_ELEMENTS (spots); i++)
          if (hypot ((u - spots[i][0]) / spots[i][2], (v - spots[i][1]) / spots[i][3]) < 1)
            for (int k = 0; k < 3; k++)
              p[k] = (guint8) spots[i][4 + k];
      }
  return lk_image_new_take (width, height, pixels);
}

static void
map_point (const double map[6], const double p[2], double out[2])
{
  out[0] = map[0] * p[0] + map[1] * p[1] + map[2];
  out[1] = map[3] * p[0] + map[4] * p[1] + map[5];
}

/* The first crop: the box's middle in its middle, upright, 1.32 of the box's mean side. */
static void
test_map (void)
{
  LkFace face = { .x = 100, .y = 50, .width = 40, .height = 90 };
  const double middle[2] = { 120, 95 }, edge[2] = { 120 + 0.66 * 60, 95 };
  double map[6], out[2];

  lk_points_get_map (&face, map);
  map_point (map, middle, out);
  g_assert_cmpfloat_with_epsilon (out[0], 32, 1e-9);
  g_assert_cmpfloat_with_epsilon (out[1], 32, 1e-9);
  map_point (map, edge, out);
  g_assert_cmpfloat_with_epsilon (out[0], 64, 1e-9);
  g_assert_cmpfloat_with_epsilon (out[1], 32, 1e-9);
}

/* What the network says is brought back through both crops, and from the mirror: of one that
 * always says the same, the second crop is known from the first, and the mean from both. */
static void
test_steps (void)
{
  static const double says[LK_N_POINTS][2] = {
    { -0.3, -0.2 }, { 0.35, -0.1 }, { 0.0, 0.1 }, { -0.3, 0.5 }, { 0.2, 0.55 }
  };
  /* With what it says of the mirrored crop, where a left eye is a right one. */
  static const double mean[LK_N_POINTS][2] = {
    { -0.325, -0.15 }, { 0.325, -0.15 }, { 0.0, 0.1 }, { -0.25, 0.525 }, { 0.25, 0.525 }
  };
  g_autoptr (LkPoints) points = make_blind (says);
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  g_autoptr (LkImage) image = draw_face (320, 240, 160, 120, 1, 0);
  LkFace face = { .x = 110, .y = 60, .width = 90, .height = 110, .score = 0.5 };
  double first[LK_N_POINTS][2], template[LK_N_POINTS][2], there[6];
  double side = 1.32 * sqrt (90 * 110) / 2;

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      first[k][0] = 155 + mean[k][0] * side;
      first[k][1] = 115 + mean[k][1] * side;
      template[k][0] = 32 + 0.6 * (lk_align_template[k][0] - 50);
      template[k][1] = 33 + 0.6 * (lk_align_template[k][1] - 62);
    }
  g_assert_true (lk_align_estimate (first, template, LK_N_POINTS, there));
  g_assert_true (lk_points_place (points, resizer, image, &face));
  for (int k = 0; k < LK_N_POINTS; k++)
    {
      /* The second answer is twice the mean less the first. */
      const double second[2] = { 2 * face.points[k][0] - first[k][0],
                                 2 * face.points[k][1] - first[k][1] };
      double out[2];

      map_point (there, second, out);
      g_assert_cmpfloat_with_epsilon (out[0], 32 + 32 * mean[k][0], 1e-4);
      g_assert_cmpfloat_with_epsilon (out[1], 32 + 32 * mean[k][1], 1e-4);
    }
  g_assert_cmpfloat (face.x, ==, 110);
  g_assert_cmpfloat (face.score, ==, 0.5);
}

/* The detector's points stay when the network's are no face's, or there is none to see. */
static void
test_kept (void)
{
  static const double far[LK_N_POINTS][2] = {
    { -0.3, -0.2 }, { 0.3, -0.2 }, { 0.0, 3 }, { -0.3, 0.5 }, { 0.2, 0.55 }
  };
  static const double one[LK_N_POINTS][2] = {
    { 0.1, 0.1 }, { 0.1, 0.1 }, { 0.1, 0.1 }, { 0.1, 0.1 }, { 0.1, 0.1 }
  };
  static const double good[LK_N_POINTS][2] = {
    { -0.3, -0.2 }, { 0.3, -0.2 }, { 0.0, 0.1 }, { -0.3, 0.5 }, { 0.2, 0.55 }
  };
  static const double sides[][2] = { { 1, 40 }, { 40, 1.5 }, { 1.5, 1.5 },
                                     { 0, 0 },  { -5, 40 },  { (double) NAN, 40 } };
  g_autoptr (LkPoints) a = make_blind (far), b = make_blind (one), c = make_blind (good);
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  g_autoptr (LkImage) image = draw_face (100, 80, 50, 40, 0.4, 0);
  LkFace face = { .x = 20, .y = 10, .width = 50, .height = 60, .points = { { 7, 8 } } };

  g_assert_false (lk_points_place (a, resizer, image, &face));
  g_assert_false (lk_points_place (b, resizer, image, &face));
  for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
    {
      LkFace small = face;

      small.width = sides[i][0];
      small.height = sides[i][1];
      g_assert_false (lk_points_place (c, resizer, image, &small));
    }
  g_assert_cmpfloat (face.points[0][0], ==, 7);
  g_assert_true (lk_points_place (c, resizer, image, &face));
  g_assert_cmpfloat (face.points[0][0], !=, 7);
}

/* The program's own network on a drawn face: the points lie on it, and go where it goes when
 * it is shifted, made larger or turned. */
static void
test_drawn (void)
{
  static const double ways[][4] = {
    { 160, 120, 1, 0 }, { 131.5, 101.5, 1, 0 }, { 320, 250, 2, 0 },
    { 90, 80, 0.4, 0 }, { 160, 120, 1, 0.3 },
  };
  static const double eyes[2][2] = { { -20, -18 }, { 20, -18 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkPoints) points = lk_points_new (NULL, &error);
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  double first[LK_N_POINTS][2];

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      const double *w = ways[i];
      int times = w[2] > 1 ? 2 : 1;
      g_autoptr (LkImage) image = draw_face (320 * times, 240 * times, w[0], w[1], w[2], w[3]);
      LkFace face = {
        .x = w[0] - 50 * w[2], .y = w[1] - 58 * w[2], .width = 100 * w[2], .height = 130 * w[2]
      };

      g_assert_true (lk_points_place (points, resizer, image, &face));
      for (int k = 0; k < LK_N_POINTS; k++)
        {
          double dx = (face.points[k][0] - w[0]) / w[2], dy = (face.points[k][1] - w[1]) / w[2];
          double u = cos (w[3]) * dx + sin (w[3]) * dy, v = cos (w[3]) * dy - sin (w[3]) * dx;

          g_test_message ("way %u point %d: %.2f %.2f", i, k, u, v);
          if (i == 0)
            {
              first[k][0] = u;
              first[k][1] = v;
            }
          if (k < 2) /* of an eye distance of 40; a drawing is not what it was trained on */
            g_assert_cmpfloat (hypot (u - eyes[k][0], v - eyes[k][1]), <, 14);
          g_assert_cmpfloat (hypot (u - first[k][0], v - first[k][1]),
                             <, w[3]> 0 || w[2] < 1 ? 5 : 1.5);
        }
    }
}

/* The program's own weights are in memory once. */
static void
test_shared (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) a = lk_model_load_own ("points", &error), b = NULL, other = NULL;

  g_assert_no_error (error);
  b = lk_model_load_own ("points", &error);
  other = lk_model_load_own ("detector", &error);
  g_assert_no_error (error);
  g_assert_true (a == b);
  g_assert_true (other != a);
  for (int i = 0; i < 2; i++)
    {
      g_assert_null (lk_model_load_own ("no-such-model", &error));
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
      g_clear_error (&error);
    }
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "network a\ni input size=64x64x3\nc conv2d i filters=15 kernel=64\nm maps c\n",
    "network a\ni input size=64x64x1\nc conv2d i filters=10 kernel=64\nm maps c\n",
    "network a\ni input size=65x64x3\nc conv2d i filters=10 kernel=64\nm maps c\n",
    "network a\ni input size=64x64x3\nc conv2d i filters=10 kernel=64\nd relu c\nm maps c d\n",
    "network a\ni input size=64x64x3\nf flatten i\nh l1-head f\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkModel) model = lk_model_new_untrained (texts[i], "other", 1, &error);

      g_assert_no_error (error);
      g_assert_null (lk_points_new (model, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_SHAPE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/points/map", test_map);
  g_test_add_func ("/points/steps", test_steps);
  g_test_add_func ("/points/kept", test_kept);
  g_test_add_func ("/points/drawn", test_drawn);
  g_test_add_func ("/points/shared", test_shared);
  g_test_add_func ("/points/refused", test_refused);
  return g_test_run ();
}
