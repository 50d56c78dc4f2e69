/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "draw-face.h"
#include "face/lk-confirm.h"

#define BLIND "network a\ni input size=64x64x3\nc conv2d i filters=15 kernel=64\nm maps c\n"

/* A network that says @says, and to its logit @weight times the sum of the crop's pixels. */
static LkConfirm *
make_blind (const double says[5], double weight)
{
  gsize n = 64 * 64 * 3;
  g_autofree float *params = g_new0 (float, n * 15 + 15);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  LkConfirm *self;

  for (gsize i = 0; i < n; i++)
    params[i * 15] = (float) weight;
  for (gsize i = 0; i < 5; i++)
    params[n * 15 + i] = (float) says[i];
  model = lk_model_new (BLIND, "blind", params, NULL, &error);
  g_assert_no_error (error);
  self = lk_confirm_new (model, &error);
  g_assert_no_error (error);
  return self;
}

/* By hand: a box of 40x90 is seen in a crop of 1.7 x 60 pixels; its middle moves by 0.1 of half of
 * that, its usual half side is 30. */
static void
test_box (void)
{
  static const double says[5] = { 2, 0.1, -0.2, 0.5, -0.25 };
  g_autoptr (LkConfirm) confirm = make_blind (says, 0);
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  g_autoptr (LkImage) image = draw_faces (320, 240, NULL, 0);
  LkFace faces[2] = { { .x = 100, .y = 50, .width = 40, .height = 90, .score = 0.5 },
                      { .x = 100, .y = 50, .width = 40, .height = 90, .score = 0.25 } };
  double width = 60 * exp (0.5), height = 60 * exp (-0.25);

  lk_confirm_look (confirm, resizer, image, faces, 2);
  g_assert_cmpfloat_with_epsilon (faces[0].width, width, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[0].height, height, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[0].x, 120 + 0.1 * 51 - width / 2, 1e-4);
  g_assert_cmpfloat_with_epsilon (faces[0].y, 95 - 0.2 * 51 - height / 2, 1e-4);
  /* Three tenths of the logit are this network's. */
  g_assert_cmpfloat_with_epsilon (faces[0].score, 1 / (1 + exp (-0.6)), 1e-6);
  g_assert_cmpfloat_with_epsilon (faces[1].score, 1 / (1 + exp (-0.6 + 0.7 * log (3))), 1e-6);
  g_assert_cmpfloat_with_epsilon (faces[1].x, faces[0].x, 1e-9);
}

/* Each face's own crop is seen: one is white, one half so, the others black; what is too small or
 * not a box keeps what it has, and the next is not seen in its place. */
static void
test_crops (void)
{
  static const double says[5] = { 0, 0, 0, 0, 0 };
  static const double none[][2] = {
    { 1, 40 }, { 0, 0 }, { -5, 40 }, { (double) NAN, 40 }, { 40, (double) INFINITY }
  };
  g_autoptr (LkConfirm) confirm = make_blind (says, 1.0 / (64 * 64 * 3));
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  g_autoptr (LkImage) image = NULL;
  guint8 *pixels = g_malloc0 (3 * 400 * 100);
  LkFace faces[LK_CONFIRM_MAX];

  for (int y = 0; y < 100; y++)
    memset (pixels + 3 * (400 * y + 300), 255, 3 * 100);
  image = lk_image_new_take (400, 100, pixels);
  for (int i = 0; i < LK_CONFIRM_MAX; i++)
    faces[i] = (LkFace){ .x = 30, .y = 30, .width = 40, .height = 40, .score = 0.5 };
  faces[1].width = none[0][0];
  faces[2].x = 330; /* of 1.7 x 40 pixels all white */
  faces[3].x = 280; /* half */
  lk_confirm_look (confirm, resizer, image, faces, LK_CONFIRM_MAX);
  for (int i = 0; i < LK_CONFIRM_MAX; i++)
    {
      double logit = i == 2 ? 0.3 : i == 3 ? 0.15 : 0;

      g_assert_cmpfloat_with_epsilon (faces[i].score, 1 / (1 + exp (-logit)),
                                      i == 3 ? 0.002 : 1e-4);
    }
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      LkFace face = { .x = 330, .y = 30, .width = none[i][0], .height = none[i][1], .score = 0.4 };

      lk_confirm_look (confirm, resizer, image, &face, 1);
      g_assert_cmpfloat (face.score, ==, 0.4);
      g_assert_cmpfloat (face.x, ==, 330);
    }
  lk_confirm_look (confirm, resizer, image, faces, 0);
}

/* Whatever a network says, scores are scores and boxes finite. */
static void
test_extremes (void)
{
  static const double says[][5] = { { 1e30, 0, 0, 1e30, -1e30 }, { -1e30, 0, 0, 0, 0 } };
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  g_autoptr (LkImage) image = draw_faces (64, 48, NULL, 0);

  for (guint i = 0; i < G_N_ELEMENTS (says); i++)
    for (int score = 0; score <= 1; score++)
      {
        g_autoptr (LkConfirm) confirm = make_blind (says[i], 0);
        LkFace face = { .x = 3, .y = -4, .width = 20, .height = 30, .score = score };

        lk_confirm_look (confirm, resizer, image, &face, 1);
        g_assert_cmpfloat (face.score, >=, 0);
        g_assert_cmpfloat (face.score, <=, 1);
        g_assert_true (isfinite (face.x) && isfinite (face.y));
        g_assert_true (isfinite (face.width) && face.width > 0 && face.height > 0);
      }
}

/* The program's own network: a box that is a little off a drawn face is brought nearer to it, and
 * a wall is less sure of a face than before. */
static void
test_own (void)
{
  static const DrawnFace drawn = { .x = 320, .y = 200, .eyes = 70, .light = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkConfirm) confirm = lk_confirm_new (NULL, &error);
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  g_autoptr (LkImage) image = draw_faces (640, 480, &drawn, 1);
  LkFace faces[3] = { { .x = 245, .y = 150, .width = 150, .height = 195, .score = 0.5 },
                      { .x = 20, .y = 20, .width = 60, .height = 80, .score = 0.5 } };

  g_assert_no_error (error);
  faces[2] = faces[0];
  faces[2].x += 18;
  faces[2].y -= 18;
  lk_confirm_look (confirm, resizer, image, faces, 3);
  for (int i = 0; i < 3; i++)
    g_test_message ("%d: %.3f at %.0f %.0f %.0f %.0f", i, faces[i].score, faces[i].x, faces[i].y,
                    faces[i].width, faces[i].height);
  g_assert_cmpfloat (faces[0].score, >, 0.5);
  g_assert_cmpfloat (faces[1].score, <, 0.3);
  g_assert_cmpfloat (fabs (faces[2].x + faces[2].width / 2 - 320), <, 9);
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "network a\ni input size=64x64x3\nc conv2d i filters=10 kernel=64\nm maps c\n",
    "network a\ni input size=64x64x1\nc conv2d i filters=15 kernel=64\nm maps c\n",
    "network a\ni input size=65x64x3\nc conv2d i filters=15 kernel=64\nm maps c\n",
    "network a\ni input size=64x64x3\nc conv2d i filters=15 kernel=64\nd relu c\nm maps c d\n",
    "network a\ni input size=64x64x3\nf flatten i\nh l1-head f\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkModel) model = lk_model_new_untrained (texts[i], "other", 1, &error);

      g_assert_no_error (error);
      g_assert_null (lk_confirm_new (model, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_SHAPE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/confirm/box", test_box);
  g_test_add_func ("/confirm/crops", test_crops);
  g_test_add_func ("/confirm/extremes", test_extremes);
  g_test_add_func ("/confirm/own", test_own);
  g_test_add_func ("/confirm/refused", test_refused);
  return g_test_run ();
}
