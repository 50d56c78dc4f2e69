/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../image/draw.h"
#include "base/lk-error.h"
#include "face/lk-finder.h"

static void
assert_box (const LkFace *face, double x, double y, double side)
{
  g_assert_cmpfloat (face->x, ==, x);
  g_assert_cmpfloat (face->y, ==, y);
  g_assert_cmpfloat (face->width, ==, side);
  g_assert_cmpfloat (face->height, ==, side);
}

/* 250 of 480, and of 1080: 562.5; the same both ways round. */
static void
test_guide (void)
{
  LkFace face;

  lk_face_guide (640, 480, &face);
  assert_box (&face, 195, 115, 250);
  lk_face_guide (480, 640, &face);
  assert_box (&face, 115, 195, 250);
  lk_face_guide (1920, 1080, &face);
  assert_box (&face, 679, 259, 562);
  lk_face_guide (16384, 16384, &face);
  assert_box (&face, 3925, 3925, 8533);
  lk_face_guide (1, 1, &face);
  assert_box (&face, 0, 0, 1);
}

/* What is larger than a crop, or not square, is searched for a face. */
static void
test_resolve (void)
{
  g_assert_cmpint (lk_face_resolve_rule (LK_FACE_AUTO, 100, 100), ==, LK_FACE_WHOLE);
  g_assert_cmpint (lk_face_resolve_rule (LK_FACE_AUTO, 128, 128), ==, LK_FACE_WHOLE);
  g_assert_cmpint (lk_face_resolve_rule (LK_FACE_AUTO, 129, 129), ==, LK_FACE_DETECT);
  g_assert_cmpint (lk_face_resolve_rule (LK_FACE_AUTO, 100, 99), ==, LK_FACE_DETECT);
  g_assert_cmpint (lk_face_resolve_rule (LK_FACE_DOCUMENTS, 250, 250), ==, LK_FACE_WHOLE);
  g_assert_cmpint (lk_face_resolve_rule (LK_FACE_DOCUMENTS, 640, 480), ==, LK_FACE_GUIDE);
  for (LkFaceRule rule = LK_FACE_DETECT; rule <= LK_FACE_WHOLE; rule++)
    g_assert_cmpint (lk_face_resolve_rule (rule, 50, 50), ==, rule);
}

static void
test_rules (void)
{
  static const struct
  {
    int width, height;
    LkFaceRule rule;
    int x, y, side;
  } cases[] = {
    { 64, 48, LK_FACE_GUIDE, 19, 11, 25 },     { 64, 48, LK_FACE_DOCUMENTS, 19, 11, 25 },
    { 64, 48, LK_FACE_WHOLE, 8, 0, 48 },       { 48, 64, LK_FACE_WHOLE, 0, 8, 48 },
    { 50, 50, LK_FACE_AUTO, 0, 0, 50 },        { 50, 50, LK_FACE_GUIDE, 12, 12, 26 },
    { 50, 49, LK_FACE_DOCUMENTS, 12, 12, 25 }, { 250, 250, LK_FACE_DOCUMENTS, 0, 0, 250 },
    { 128, 128, LK_FACE_AUTO, 0, 0, 128 },
  };

  g_autoptr (LkFinder) finder = lk_finder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LkImage) frame = draw_gradient (cases[i].width, cases[i].height);
      g_autoptr (LkImage)
          wanted = lk_image_crop (frame, cases[i].x, cases[i].y, cases[i].side, cases[i].side);
      g_autoptr (GError) error = NULL;
      g_autoptr (LkImage) extract = NULL;
      LkFace face;

      extract = lk_finder_extract (finder, frame, cases[i].rule, &face, &error);
      g_assert_no_error (error);
      assert_box (&face, cases[i].x, cases[i].y, cases[i].side);
      assert_same (extract, wanted);
    }
}

/* As the documents: the 250 pixels of the frame to 100 by tf.image.resize. */
static void
test_to_crop (void)
{
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (LkImage) frame = draw_noise (640, 480, 3);
  g_autoptr (LkImage) extract = lk_finder_extract (finder, frame, LK_FACE_GUIDE, NULL, NULL);
  g_autoptr (LkImage) crop = lk_face_to_crop (extract);

  g_assert_cmpint (crop->width, ==, LK_FACE_CROP_SIDE);
  g_assert_cmpint (crop->height, ==, LK_FACE_CROP_SIDE);
  for (int c = 0; c < 3; c++)
    {
      /* Output 10 lies at 10.5 * 2.5 - 0.5 = 25.75, output 21 at 53.25. */
      double top = 0.25 * pixel_at (frame, 195 + 25, 115 + 53)[c] +
                   0.75 * pixel_at (frame, 195 + 26, 115 + 53)[c];
      double bottom = 0.25 * pixel_at (frame, 195 + 25, 115 + 54)[c] +
                      0.75 * pixel_at (frame, 195 + 26, 115 + 54)[c];

      g_assert_cmpfloat_with_epsilon (pixel_at (crop, 10, 21)[c], 0.75 * top + 0.25 * bottom,
                                      0.501);
    }
}

/* The square alone counts, not what is around it. */
static LkImage *
frame_with_square (guint8 square, guint8 around)
{
  guint8 *pixels = g_malloc (3 * 64 * 48);
  LkImage *frame = lk_image_new_take (64, 48, pixels);

  memset (pixels, around, 3 * 64 * 48);
  for (int v = 11; v < 36; v++)
    memset (pixels + 3 * (64 * v + 19), square, 3 * 25);
  return frame;
}

static void
test_light (void)
{
  static const struct
  {
    guint8 square, around;
    int code; /* of LkRetry, or -1 */
  } cases[] = { { 0, 255, LK_RETRY_TOO_DARK },
                { 19, 128, LK_RETRY_TOO_DARK },
                { 21, 0, -1 },
                { 128, 0, -1 },
                { 249, 255, -1 },
                { 250, 0, LK_RETRY_TOO_BRIGHT },
                { 255, 0, LK_RETRY_TOO_BRIGHT } };

  g_autoptr (LkFinder) finder = lk_finder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LkImage) frame = frame_with_square (cases[i].square, cases[i].around);
      g_autoptr (GError) error = NULL;
      g_autoptr (LkImage) extract = NULL;
      LkFace face = { 0 };

      extract = lk_finder_extract (finder, frame, LK_FACE_GUIDE, &face, &error);
      assert_box (&face, 19, 11, 25); /* there is always one to show */
      if (cases[i].code < 0)
        {
          g_assert_no_error (error);
          g_assert_nonnull (extract);
          continue;
        }
      g_assert_null (extract);
      g_assert_error (error, LK_RETRY, cases[i].code);
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
}

/* Channels' order, scale and weights; bilinear where the size differs. */
static void
test_to_input (void)
{
  const guint8 pixels[] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 102, 153 };
  g_autoptr (LkImage) image = lk_image_new_take (2, 2, g_memdup2 (pixels, sizeof pixels));
  float rgb[12], grey[4], wide[8];

  lk_face_to_input (image, 2, 2, 3, rgb);
  for (int i = 0; i < 12; i++)
    g_assert_cmpfloat_with_epsilon (rgb[i], pixels[i] / 255.0f, 1e-6f);
  lk_face_to_input (image, 2, 2, 1, grey);
  g_assert_cmpfloat_with_epsilon (grey[0], 0.299f, 1e-6f);
  g_assert_cmpfloat_with_epsilon (grey[1], 0.587f, 1e-6f);
  g_assert_cmpfloat_with_epsilon (grey[2], 0.114f, 1e-6f);
  g_assert_cmpfloat_with_epsilon (grey[3], 0.299f * 0.2f + 0.587f * 0.4f + 0.114f * 0.6f, 1e-6f);
  /* Two rows of four columns: the outer columns keep the value. */
  lk_face_to_input (image, 2, 4, 1, wide);
  g_assert_cmpfloat_with_epsilon (wide[0], grey[0], 1e-6f);
  g_assert_cmpfloat_with_epsilon (wide[1], 0.75f * grey[0] + 0.25f * grey[1], 0.004f);
  g_assert_cmpfloat_with_epsilon (wide[7], grey[3], 1e-6f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/face/guide", test_guide);
  g_test_add_func ("/face/rules", test_rules);
  g_test_add_func ("/face/resolve", test_resolve);
  g_test_add_func ("/face/to-crop", test_to_crop);
  g_test_add_func ("/face/light", test_light);
  g_test_add_func ("/face/to-input", test_to_input);
  return g_test_run ();
}
