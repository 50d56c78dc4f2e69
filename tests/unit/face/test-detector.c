/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "face/lk-align.h"
#include "face/lk-detector.h"

#include <math.h>
#include <string.h>

static LkFace
make_face (double x, double y, double side, double score)
{
  LkFace face = { .x = x, .y = y, .width = side, .height = side, .score = score };

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      face.points[k][0] = x + k;
      face.points[k][1] = y - k;
    }
  return face;
}

/* A group is one box with all others that overlap its surest by more than 0.45; what
 * overlaps only a lesser one of the group stays. */
static void
test_join (void)
{
  LkFace faces[] = {
    make_face (200, 0, 10, 0.9),   make_face (104, 100, 40, 0.6), make_face (100, 100, 40, 0.9),
    make_face (117, 100, 40, 0.7), make_face (300, 300, 5, 0.95),
  };
  int n = lk_detector_join (faces, G_N_ELEMENTS (faces));

  /* 104 overlaps 100 by 36 / 44; 117 overlaps 100 by 23 / 57 = 0.40 and 104 by 27 / 53. */
  g_assert_cmpint (n, ==, 4);
  g_assert_cmpfloat (faces[0].score, ==, 0.95);
  g_assert_cmpfloat (faces[1].score, ==, 0.9);
  g_assert_cmpfloat (faces[2].score, ==, 0.9);
  g_assert_cmpfloat (faces[3].score, ==, 0.7);
  g_assert_cmpfloat_with_epsilon (faces[3].x, 117, 1e-9);
  for (int i = 1; i < 3; i++)
    if (faces[i].x < 150) /* of equal scores, either may be first */
      {
        double mean = (100 * 0.9 + 104 * 0.6) / 1.5;

        g_assert_cmpfloat_with_epsilon (faces[i].x, mean, 1e-9);
        g_assert_cmpfloat_with_epsilon (faces[i].width, 40, 1e-9);
        g_assert_cmpfloat_with_epsilon (faces[i].points[4][0], mean + 4, 1e-9);
        g_assert_cmpfloat_with_epsilon (faces[i].points[4][1], 96, 1e-9);
      }
    else
      g_assert_cmpfloat_with_epsilon (faces[i].x, 200, 1e-9);
  g_assert_cmpint (lk_detector_join (faces, 0), ==, 0);
}

static void
test_decode (void)
{
  enum
  {
    WIDTH = 64,
    HEIGHT = 32,
    CELLS = 8 * 4 + 4 * 2 + 2
  };
  float maps[CELLS][15];
  LkFace faces[CELLS];

  for (int i = 0; i < CELLS; i++)
    for (int k = 0; k < 15; k++)
      maps[i][k] = k == 0 ? -20.0f : 0.0f;
  g_assert_cmpint (lk_detector_decode (maps[0], WIDTH, HEIGHT, 0.5, faces, CELLS), ==, 0);

  maps[8 + 3][0] = 0.1f; /* stride 8, row 1, column 3 */
  maps[8 + 3][1] = 0.5f;
  maps[8 + 3][2] = -0.25f;
  maps[8 + 3][3] = (float) log (2);
  maps[8 + 3][7] = 1.0f;             /* the eye at the right */
  maps[32 + 4][0] = 2.0f;            /* stride 16, row 1, column 0 */
  maps[32 + 8 + 1][0] = (float) NAN; /* stride 32: no face */
  maps[32 + 8][0] = 3.0f;
  maps[32 + 8][3] = 1e30f; /* no infinite box */
  g_assert_cmpint (lk_detector_decode (maps[0], WIDTH, HEIGHT, 0.5, faces, CELLS), ==, 3);
  g_assert_cmpfloat_with_epsilon (faces[0].score, 1 / (1 + exp (-0.1)), 1e-6);
  g_assert_cmpfloat_with_epsilon (faces[0].width, 64, 1e-4); /* 2 x 4 x stride */
  g_assert_cmpfloat_with_epsilon (faces[0].height, 32, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[0].x, 28 + 4 - 32, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[0].y, 12 - 2 - 16, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[0].points[LK_POINT_EYE_RIGHT][0], 36, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[0].points[LK_POINT_EYE_RIGHT][1], 12, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[1].x + faces[1].width / 2, 8, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[1].y + faces[1].height / 2, 24, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[2].y + faces[2].height / 2, 16, 1e-4);
  g_assert_true (isfinite (faces[2].width));
  /* 0.7 is a logit of 0.85; and no more than fit. */
  g_assert_cmpint (lk_detector_decode (maps[0], WIDTH, HEIGHT, 0.7, faces, CELLS), ==, 2);
  g_assert_cmpint (lk_detector_decode (maps[0], WIDTH, HEIGHT, 0.5, faces, 1), ==, 1);
}

/* A face at the left is one at the right of the mirrored picture: the same face comes out,
 * and of what they disagree on, the mean. */
static void
test_mirror (void)
{
  enum
  {
    WIDTH = 96,
    HEIGHT = 64,
    CELLS = 12 * 8 + 6 * 4 + 3 * 2
  };
  static const int other[] = { 1, 0, 2, 4, 3 };
  static const int offsets[] = { 0, 12 * 8, 12 * 8 + 6 * 4 };
  float maps[CELLS][15], mirrored[CELLS][15], wanted[CELLS][15];

  for (int i = 0; i < CELLS; i++)
    for (int k = 0; k < 15; k++)
      wanted[i][k] = (float) g_random_double_range (-2, 2);
  for (int m = 0; m < 3; m++)
    for (int y = 0; y < 8 >> m; y++)
      for (int x = 0; x < 12 >> m; x++)
        {
          float *cell = wanted[offsets[m] + y * (12 >> m) + x];
          float *there = mirrored[offsets[m] + (y + 1) * (12 >> m) - 1 - x];

          memcpy (there, cell, 15 * sizeof (float));
          there[0] += 0.5f;
          there[1] = -cell[1];
          for (int k = 0; k < 5; k++)
            {
              there[5 + 2 * k] = -cell[5 + 2 * other[k]];
              there[6 + 2 * k] = cell[6 + 2 * other[k]];
            }
        }
  memcpy (maps, wanted, sizeof maps);
  lk_detector_add_mirrored (maps[0], mirrored[0], WIDTH, HEIGHT);
  for (int i = 0; i < CELLS; i++)
    for (int k = 0; k < 15; k++)
      g_assert_cmpfloat_with_epsilon (maps[i][k], wanted[i][k] + (k == 0 ? 0.25f : 0), 1e-6);
}

/* Umeyama's estimate finds a similarity exactly, and the least squares otherwise. */
static void
test_estimate (void)
{
  static const double from[4][2] = { { 0, 0 }, { 4, 0 }, { 4, 2 }, { -1, 3 } };
  static const double square[4][2] = { { 1, 1 }, { -1, 1 }, { -1, -1 }, { 1, -1 } };
  static const double pulled[4][2] = { { 1, 1 }, { -1, 1 }, { -1, -1 }, { 5, -5 } };
  static const double mirrored[4][2] = { { -1, 1 }, { 1, 1 }, { 1, -1 }, { -1, -1 } };
  static const double one[4][2] = { { 3, 3 }, { 3, 3 }, { 3, 3 }, { 3, 3 } };
  static const double bad[4][2] = { { 3, 3 }, { 3, (double) NAN }, { 3, 3 }, { 3, 3 } };
  double to[4][2], map[6], c = 1.5 * cos (0.4), s = 1.5 * sin (0.4);

  for (int i = 0; i < 4; i++)
    {
      to[i][0] = c * from[i][0] - s * from[i][1] + 7;
      to[i][1] = s * from[i][0] + c * from[i][1] - 9;
    }
  g_assert_true (lk_align_estimate (from, to, 4, map));
  g_assert_cmpfloat_with_epsilon (map[0], c, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[1], -s, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[2], 7, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[3], s, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[4], c, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[5], -9, 1e-12);

  /* By hand: one corner of four moved by (4, -4): scale (2 + 2 + 2 + 10) / 8, shift (1, -1). */
  g_assert_true (lk_align_estimate (square, pulled, 4, map));
  g_assert_cmpfloat_with_epsilon (map[0], 2, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[1], 0, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[2], 1, 1e-12);
  g_assert_cmpfloat_with_epsilon (map[5], -1, 1e-12);

  /* Only a reflection would do: no similarity is better than none. */
  g_assert_false (lk_align_estimate (square, mirrored, 4, map));
  g_assert_false (lk_align_estimate (one, square, 4, map));
  g_assert_false (lk_align_estimate (square, one, 4, map));
  g_assert_false (lk_align_estimate (square, bad, 4, map));
}

/* A dot at each of a face's points lands at the template's. */
static void
test_align (void)
{
  enum
  {
    WIDTH = 640,
    HEIGHT = 480
  };
  const double angle = 0.35, scale = 1.7;
  guint8 *pixels = g_malloc0 (3 * WIDTH * HEIGHT);
  LkFace face = { .score = 1 }, none = { .score = 1 };
  g_autoptr (LkImage) frame = NULL, crop = NULL;
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  const guint8 *out;

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      double x = (lk_align_template[k][0] - 50) * scale, y = (lk_align_template[k][1] - 50) * scale;

      face.points[k][0] = 300 + x * cos (angle) - y * sin (angle);
      face.points[k][1] = 200 + x * sin (angle) + y * cos (angle);
      for (int v = 0; v < HEIGHT; v++)
        for (int u = 0; u < WIDTH; u++)
          {
            double d = hypot (u - face.points[k][0], v - face.points[k][1]);

            if (d < 12)
              memset (pixels + 3 * (v * WIDTH + u), (int) (240 * exp (-d * d / 18)), 3);
          }
    }
  frame = lk_image_new_take (WIDTH, HEIGHT, pixels);
  crop = lk_align_face (resizer, frame, &face);
  g_assert_nonnull (crop);
  g_assert_cmpint (crop->width, ==, LK_FACE_CROP_SIDE);
  g_assert_cmpint (crop->height, ==, LK_FACE_CROP_SIDE);
  out = lk_image_get_pixels (crop);
  for (int k = 0; k < LK_N_POINTS; k++)
    {
      double sum = 0, mx = 0, my = 0;
      int cx = (int) lround (lk_align_template[k][0]), cy = (int) lround (lk_align_template[k][1]);

      for (int v = cy - 6; v <= cy + 6; v++)
        for (int u = cx - 6; u <= cx + 6; u++)
          {
            double p = out[3 * (v * crop->width + u)];

            sum += p;
            mx += p * u;
            my += p * v;
          }
      g_assert_cmpfloat_with_epsilon (mx / sum, lk_align_template[k][0], 0.15);
      g_assert_cmpfloat_with_epsilon (my / sum, lk_align_template[k][1], 0.15);
    }
  g_assert_null (lk_align_face (resizer, frame, &none));
}

/* Other networks are refused. */
static void
test_refused (void)
{
  static const char *const texts[] = {
    "network a\ni input size=64x64x3\nc conv2d i filters=15 kernel=8 stride=8\nm maps c\n",
    "network a\ni input size=64x64x1\nc conv2d i filters=15 kernel=8 stride=8\n"
    "d maxpool c window=2\ne maxpool d window=2\nm maps c d e\n",
    "network a\ni input size=64x64x3\nc conv2d i filters=14 kernel=8 stride=8\n"
    "d maxpool c window=2\ne maxpool d window=2\nm maps c d e\n",
    "network a\ni input size=64x64x3\nf flatten i\nh l1-head f\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkModel) model = lk_model_new_untrained (texts[i], "other", 1, &error);
      g_autoptr (LkDetector) detector = NULL;

      g_assert_no_error (error);
      detector = lk_detector_new (model, 64, &error);
      g_assert_null (detector);
      g_assert_error (error, LK_ERROR, LK_ERROR_SHAPE);
    }
}

/* Random weights find something or nothing, but whatever the picture's size, what they
 * find is finite and in pixels of that picture. */
static void
test_sizes (void)
{
  static const char text[] = "network a\ni input size=64x64x3\n"
                             "c conv2d i filters=15 kernel=8 stride=8\n"
                             "d maxpool c window=2\ne maxpool d window=2\nm maps c d e\n";
  static const int sizes[][2] = { { 320, 240 }, { 1, 1 }, { 3000, 2 }, { 2, 3000 }, { 641, 479 } };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = lk_model_new_untrained (text, "other", 1, &error);
  g_autoptr (LkDetector) detector = lk_detector_new (model, 320, &error);
  LkFace faces[LK_DETECTOR_MAX_FACES];

  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint8 *pixels = g_malloc (3 * sizes[i][0] * sizes[i][1]);
      g_autoptr (LkImage) image = NULL;
      int n;

      for (int k = 0; k < 3 * sizes[i][0] * sizes[i][1]; k++)
        pixels[k] = (guint8) g_random_int ();
      image = lk_image_new_take (sizes[i][0], sizes[i][1], pixels);
      n = lk_detector_find (detector, image, 0.01, faces, LK_DETECTOR_MAX_FACES, &error);
      g_assert_no_error (error);
      g_assert_cmpint (n, >, 0);
      g_assert_cmpint (n, <=, LK_DETECTOR_MAX_FACES);
      for (int k = 0; k < n; k++)
        {
          g_assert_true (isfinite (faces[k].x) && isfinite (faces[k].height));
          g_assert_cmpfloat (faces[k].width, >, 0);
          g_assert_true (k == 0 || faces[k].score <= faces[k - 1].score);
        }
    }
}

/* Of a network that is as sure of every cell: what is not sure is looked at again where that is
 * asked for, and a wall is no face; what is sure stays. */
static void
test_closer (void)
{
  static const char text[] = "network a\ni input size=64x64x3\n"
                             "c conv2d i filters=15 kernel=8 stride=8\n"
                             "d maxpool c window=2\ne maxpool d window=2\nm maps c d e\n";
  const int all[4] = { 0, 0, 320, 240 };
  guint8 *pixels = g_malloc (3 * 320 * 240);
  g_autoptr (LkImage) image = NULL;

  memset (pixels, 120, 3 * 320 * 240);
  image = lk_image_new_take (320, 240, pixels);
  for (int i = 0; i < 3; i++)
    {
      static const double scores[] = { 0.2, 0.5, 0.7 };
      gsize n = 8 * 8 * 3 * 15;
      g_autofree float *params = g_new0 (float, n + 15);
      g_autoptr (GError) error = NULL;
      g_autoptr (LkModel) model = NULL;
      g_autoptr (LkDetector) detector = NULL;
      LkFace faces[LK_DETECTOR_MAX_FACES];

      params[n] = (float) log (scores[i] / (1 - scores[i]));
      model = lk_model_new (text, "even", params, NULL, &error);
      g_assert_no_error (error);
      detector = lk_detector_new (model, 320, &error);
      g_assert_no_error (error);
      g_assert_cmpint (lk_detector_find_in (detector, image, all, 0.4, faces, 16, &error), ==,
                       i > 0 ? 16 : 0);
      g_assert_cmpint (lk_detector_find (detector, image, 0.4, faces, 16, &error), ==,
                       i > 1 ? 16 : 0);
      g_assert_cmpint (lk_detector_find_live (detector, image, 0.4, faces, 16, &error), ==,
                       i > 1 ? 16 : 0);
      g_assert_cmpint (lk_detector_find (detector, image, 0.75, faces, 16, &error), ==, 0);
      g_assert_no_error (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/detector/join", test_join);
  g_test_add_func ("/detector/decode", test_decode);
  g_test_add_func ("/detector/mirror", test_mirror);
  g_test_add_func ("/detector/refused", test_refused);
  g_test_add_func ("/detector/sizes", test_sizes);
  g_test_add_func ("/detector/closer", test_closer);
  g_test_add_func ("/align/estimate", test_estimate);
  g_test_add_func ("/align/face", test_align);
  return g_test_run ();
}
