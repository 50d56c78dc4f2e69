/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "train/lk-augment.h"

#include <math.h>
#include <string.h>

enum
{
  SIDE = 41,
  ROUNDS = 300
};

/* A smooth picture with a bright dot at (x, y). */
static LkImage *
draw_dot (double x, double y)
{
  guint8 *pixels = g_malloc (3 * SIDE * SIDE);

  for (int v = 0; v < SIDE; v++)
    for (int u = 0; u < SIDE; u++)
      {
        double d2 = (u - x) * (u - x) + (v - y) * (v - y);

        for (int c = 0; c < 3; c++)
          pixels[3 * (v * SIDE + u) + c] = (guint8) (10 + (70 + 60 * c) * exp (-d2 / 18));
      }
  return lk_image_new_take (SIDE, SIDE, pixels);
}

/* The dot's place and the mean of channel @c. */
static void
measure (const LkImage *image, int c, double *x, double *y, double *mean)
{
  const guint8 *pixels = lk_image_get_pixels (image);
  double sum = 0, total = 0;

  *x = *y = 0;
  for (int i = 0; i < SIDE * SIDE; i++)
    {
      double weight = MAX (0, pixels[3 * i + c] - 14);

      sum += weight;
      *x += weight * (i % SIDE);
      *y += weight * (i / SIDE);
      total += pixels[3 * i + c];
    }
  *x /= sum;
  *y /= sum;
  *mean = total / (SIDE * SIDE);
}

static double
difference (const LkImage *a, const LkImage *b)
{
  const guint8 *x = lk_image_get_pixels (a), *y = lk_image_get_pixels (b);
  double sum = 0;

  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    sum += ABS (x[i] - y[i]);
  return sum / (3 * SIDE * SIDE);
}

static void
test_none (void)
{
  const LkAugment none = { 0 };
  g_autoptr (LkImage) image = draw_dot (12, 20), same = NULL;
  LkRandom random;

  lk_random_seed (&random, 1);
  same = lk_augment_apply (&none, image, 0, &random);
  g_assert_true (same == image);
  g_assert_true (lk_augment_is_none (&none));
  g_assert_false (lk_augment_is_none (&lk_augment_faces));
}

/* The dot moves by no more than asked for, in all directions, half of the time. */
static void
check_moves (LkAugment augment, double x, double y, double least, double most)
{
  g_autoptr (LkImage) image = draw_dot (x, y);
  double x0, y0, mean, farthest = 0;
  int moved = 0, left = 0, down = 0;
  LkRandom random;

  augment.probability = 0.5;
  lk_random_seed (&random, 4);
  measure (image, 2, &x0, &y0, &mean);
  for (int i = 0; i < ROUNDS; i++)
    {
      g_autoptr (LkImage) result = lk_augment_apply (&augment, image, 0, &random);
      double x1, y1, far;

      g_assert_cmpint (result->width, ==, SIDE);
      g_assert_cmpint (result->height, ==, SIDE);
      measure (result, 2, &x1, &y1, &mean);
      far = hypot (x1 - x0, y1 - y0);
      farthest = MAX (farthest, far);
      moved += result != image;
      left += far > 0.2 && x1 < x0;
      down += far > 0.2 && y1 > y0;
    }
  g_test_message ("moved %d of %d, %d to the left, %d down, up to %.2f", moved, ROUNDS, left, down,
                  farthest);
  g_assert_cmpfloat (farthest, >, least);
  g_assert_cmpfloat (farthest, <, most);
  g_assert_cmpint (moved, >, 0.4 * ROUNDS);
  g_assert_cmpint (moved, <, 0.6 * ROUNDS);
  if (augment.flip)
    return;
  g_assert_cmpint (left, >, 0.08 * ROUNDS);
  g_assert_cmpint (left, <, 0.42 * ROUNDS);
  g_assert_cmpint (down, >, 0.08 * ROUNDS);
  g_assert_cmpint (down, <, 0.42 * ROUNDS);
}

static void
test_affine (void)
{
  /* 10 pixels from the middle (20, 20) along both axes. */
  check_moves ((LkAugment){ .rotation_deg = 10 }, 30, 30, 2.2, 2.7); /* 14.1 sin 10 = 2.46 */
  check_moves ((LkAugment){ .scale = 0.2 }, 30, 30, 2.2, 3.0);       /* 0.2 * 14.1 = 2.83 */
  check_moves ((LkAugment){ .shear = 0.3 }, 30, 30, 3.2, 4.5);       /* 0.3 * 14.1 = 4.24 */
  check_moves ((LkAugment){ .shift = 2 }, 20, 20, 2.2, 3.0);         /* 2 * 1.41 = 2.83 */
  check_moves ((LkAugment){ .flip = TRUE }, 28, 20, 15.7, 16.3);
}

/* The map as it is drawn: where the dot goes is rotation (shear (scale)) and the shift. */
static void
test_affine_exactly (void)
{
  const LkAugment augment = {
    .probability = 1, .rotation_deg = 30, .shear = 0.3, .scale = 0.2, .shift = 3, .flip = TRUE
  };
  g_autoptr (LkImage) image = draw_dot (25, 17);
  double x0, y0, mean;

  measure (image, 2, &x0, &y0, &mean);
  for (guint64 seed = 0; seed < 50; seed++)
    {
      LkRandom random, again;
      double angle, kx, ky, sx, sy, tx, ty, x, y, u, v, x1, y1;
      g_autoptr (LkImage) result = NULL;

      lk_random_seed (&random, seed);
      again = random;
      result = lk_augment_apply (&augment, image, 0, &random);
      lk_random_double (&again);
      angle = lk_random_range (&again, -30, 30) * G_PI / 180;
      lk_random_double (&again);
      kx = lk_random_range (&again, -0.3, 0.3);
      ky = lk_random_range (&again, -0.3, 0.3);
      lk_random_double (&again);
      sx = lk_random_range (&again, 0.8, 1.2);
      sy = lk_random_range (&again, 0.8, 1.2);
      lk_random_double (&again);
      tx = lk_random_range (&again, -3, 3);
      ty = lk_random_range (&again, -3, 3);
      x = -(x0 - 20) * sx;
      y = (y0 - 20) * sy;
      u = x + kx * y;
      v = y + ky * x;
      measure (result, 2, &x1, &y1, &mean);
      g_assert_cmpfloat_with_epsilon (x1, 20 + cos (angle) * u - sin (angle) * v + tx, 0.4);
      g_assert_cmpfloat_with_epsilon (y1, 20 + sin (angle) * u + cos (angle) * v + ty, 0.4);
    }
}

static void
test_colour (void)
{
  g_autoptr (LkImage) image = draw_dot (20, 20);
  double x, y, blue, red, lightest = 0, darkest = 0, flattest = 1, strongest = 1, greyest = 1;
  LkRandom random;

  lk_random_seed (&random, 8);
  measure (image, 0, &x, &y, &red);
  measure (image, 2, &x, &y, &blue);
  for (int i = 0; i < ROUNDS; i++)
    {
      const LkAugment light = { .probability = 1, .brightness = 0.02 };
      const LkAugment contrast = { .probability = 1, .contrast = 0.3 };
      const LkAugment saturation = { .probability = 1, .saturation = 1 };
      g_autoptr (LkImage) a = lk_augment_apply (&light, image, 0, &random);
      g_autoptr (LkImage) b = lk_augment_apply (&contrast, image, 0, &random);
      g_autoptr (LkImage) c = lk_augment_apply (&saturation, image, 0, &random);
      double mean, red1, range;

      measure (a, 2, &x, &y, &mean);
      lightest = MAX (lightest, mean - blue);
      darkest = MIN (darkest, mean - blue);
      /* The dot's height over the corner. */
      g_assert_cmpfloat_with_epsilon (lk_image_mean_luma (b), lk_image_mean_luma (image), 0.6);
      range = (lk_image_get_pixels (b)[3 * (20 * SIDE + 20)] - lk_image_get_pixels (b)[0]) / 70.0;
      flattest = MIN (flattest, range);
      strongest = MAX (strongest, range);
      measure (c, 0, &x, &y, &red1);
      measure (c, 2, &x, &y, &mean);
      greyest = MIN (greyest, (mean - red1) / (blue - red));
    }
  g_assert_cmpfloat_with_epsilon (lightest, 5.1, 0.6); /* 0.02 * 255 */
  g_assert_cmpfloat_with_epsilon (darkest, -5.1, 0.6);
  g_assert_cmpfloat_with_epsilon (flattest, 0.7, 0.05);
  g_assert_cmpfloat_with_epsilon (strongest, 1.3, 0.05);
  g_assert_cmpfloat_with_epsilon (greyest, 0, 0.05);
}

/* These take away detail, so a checkerboard gets flatter, and nothing moves. */
static void
test_detail (void)
{
  const LkAugment parts[] = { { .shrink = 0.8 }, { .blur = 2 }, { .jpeg = 5 }, { .cutout = 0.5 } };
  guint8 *pixels = g_malloc (3 * SIDE * SIDE);
  g_autoptr (LkImage) board = lk_image_new_take (SIDE, SIDE, pixels);

  for (int i = 0; i < SIDE * SIDE; i++)
    memset (pixels + 3 * i, (i % SIDE / 2 + i / SIDE / 2) % 2 ? 200 : 50, 3);
  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    {
      LkAugment augment = parts[p];
      double most = 0, mean = 0;
      int changed = 0;
      LkRandom random;

      augment.probability = 0.5;
      lk_random_seed (&random, p);
      for (int i = 0; i < ROUNDS; i++)
        {
          g_autoptr (LkImage) result = lk_augment_apply (&augment, board, 0, &random);
          double d = difference (result, board);

          most = MAX (most, d);
          changed += result != board;
          mean += (lk_image_mean_luma (result) - lk_image_mean_luma (board)) / ROUNDS;
        }
      g_test_message ("part %u: changed %d, most %.1f, mean %.2f", p, changed, most, mean);
      g_assert_cmpint (changed, >, 0.4 * ROUNDS);
      g_assert_cmpint (changed, <, 0.6 * ROUNDS);
      g_assert_cmpfloat (most, >, p == 2 ? 4 : 15);
      g_assert_cmpfloat_with_epsilon (mean, 0, 1.5);
    }
}

/* Blur spreads a dot evenly both ways. */
static void
test_blur (void)
{
  const LkAugment augment = { .probability = 1, .blur = 3 };
  guint8 *pixels = g_malloc0 (3 * SIDE * SIDE);
  g_autoptr (LkImage) image = lk_image_new_take (SIDE, SIDE, pixels);
  double widest = 0;
  LkRandom random;

  for (int v = 17; v < 24; v++)
    memset (pixels + 3 * (v * SIDE + 17), 255, 3 * 7);
  lk_random_seed (&random, 6);
  for (int round = 0; round < 50; round++)
    {
      g_autoptr (LkImage) result = lk_augment_apply (&augment, image, 0, &random);
      const guint8 *out = lk_image_get_pixels (result);
      double sum = 0, across = 0, down = 0;

      for (int i = 0; i < SIDE * SIDE; i++)
        {
          sum += out[3 * i];
          across += out[3 * i] * (i % SIDE - 20) * (i % SIDE - 20);
          down += out[3 * i] * (i / SIDE - 20) * (i / SIDE - 20);
        }
      g_assert_cmpfloat_with_epsilon (across / sum, down / sum, 0.3);
      widest = MAX (widest, across / sum);
    }
  /* Variances add: of seven pixels, 4, and of the Gaussian, up to 9. */
  g_assert_cmpfloat (widest, >, 11);
  g_assert_cmpfloat (widest, <, 13.5);
}

/* Gamma goes both ways and leaves black and white; noise has the deviation asked for, no mean
 * and no two numbers alike. */
static void
test_light (void)
{
  const LkAugment gamma = { .probability = 1, .gamma = 0.5 };
  const LkAugment noise = { .probability = 1, .noise = 0.1 };
  guint8 *pixels = g_malloc (3 * SIDE * SIDE), *grey = g_malloc (3 * SIDE * SIDE);
  g_autoptr (LkImage) steps = lk_image_new_take (SIDE, SIDE, pixels);
  g_autoptr (LkImage) even = lk_image_new_take (SIDE, SIDE, grey);
  double low = 255, high = 0, most = 0;
  LkRandom random;

  memset (grey, 128, 3 * SIDE * SIDE);
  for (int i = 0; i < SIDE * SIDE; i++)
    memset (pixels + 3 * i, i % 3 == 0 ? 0 : i % 3 == 1 ? 100 : 255, 3);
  lk_random_seed (&random, 5);
  for (int round = 0; round < 100; round++)
    {
      g_autoptr (LkImage) a = lk_augment_apply (&gamma, steps, 0, &random);
      g_autoptr (LkImage) b = lk_augment_apply (&noise, even, 0, &random);
      const guint8 *x = lk_image_get_pixels (a), *y = lk_image_get_pixels (b);
      double sum = 0, squares = 0, n = 3 * SIDE * SIDE;

      g_assert_cmpint (x[0], ==, 0);
      g_assert_cmpint (x[6], ==, 255);
      low = MIN (low, x[3]);
      high = MAX (high, x[3]);
      for (int i = 0; i < 3 * SIDE * SIDE; i++)
        {
          sum += y[i] - 128;
          squares += (y[i] - 128) * (y[i] - 128);
        }
      g_assert_cmpfloat_with_epsilon (sum / n, 0, 2);
      most = MAX (most, sqrt (squares / n));
    }
  /* 255 (100 / 255) ^ (e^0.5) and ^ (e^-0.5); 0.1 * 255 */
  g_assert_cmpfloat_with_epsilon (low, 54.5, 3);
  g_assert_cmpfloat_with_epsilon (high, 144.6, 3);
  g_assert_cmpfloat_with_epsilon (most, 25.5, 1.5);
}

/* A square, not larger than asked for, and nothing else. */
static void
test_cutout (void)
{
  const LkAugment augment = { .probability = 1, .cutout = 0.5 };
  guint8 *pixels = g_malloc (3 * SIDE * SIDE);
  g_autoptr (LkImage) image = lk_image_new_take (SIDE, SIDE, pixels);
  LkRandom random;

  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    pixels[i] = (guint8) (i / 3 % 2 ? 255 : 1); /* the mean is 128 */
  lk_random_seed (&random, 3);
  for (int round = 0; round < ROUNDS; round++)
    {
      g_autoptr (LkImage) result = lk_augment_apply (&augment, image, 0, &random);
      const guint8 *out = lk_image_get_pixels (result);
      int left = SIDE, right = -1, top = SIDE, bottom = -1, n = 0;

      for (int i = 0; i < SIDE * SIDE; i++)
        if (out[3 * i] != pixels[3 * i])
          {
            left = MIN (left, i % SIDE);
            right = MAX (right, i % SIDE);
            top = MIN (top, i / SIDE);
            bottom = MAX (bottom, i / SIDE);
            n++;
          }
      if (n == 0)
        continue;
      g_assert_cmpint (n, ==, (right - left + 1) * (bottom - top + 1));
      g_assert_cmpint (right - left, ==, bottom - top);
      g_assert_cmpint (right - left + 1, <=, SIDE / 2);
    }
}

/* The same state gives the same picture: a run that goes on sees what it would have. */
static void
test_repeats (void)
{
  g_autoptr (LkImage) image = draw_dot (15, 22);
  int differing = 0;

  for (guint64 seed = 0; seed < 20; seed++)
    {
      LkRandom random, other;
      g_autoptr (LkImage) a = NULL, b = NULL, c = NULL;

      lk_random_seed (&random, seed);
      other = random;
      a = lk_augment_apply (&lk_augment_faces, image, 0, &random);
      b = lk_augment_apply (&lk_augment_faces, image, 0, &other);
      c = lk_augment_apply (&lk_augment_faces, image, 0, &other);
      g_assert_cmpfloat (difference (a, b), ==, 0);
      differing += difference (a, c) > 0;
    }
  g_assert_cmpint (differing, >, 15);
}

static void
test_valid (void)
{
  LkAugment augment = lk_augment_faces;

  g_assert_true (lk_augment_is_valid (&augment));
  g_assert_true (lk_augment_is_valid (&lk_augment_paper));
  augment.shear = 1;
  g_assert_false (lk_augment_is_valid (&augment));
  augment = lk_augment_faces;
  augment.probability = (double) NAN;
  g_assert_false (lk_augment_is_valid (&augment));
  augment = lk_augment_scaled (&lk_augment_faces, 2);
  g_assert_true (lk_augment_is_valid (&augment));
  g_assert_cmpfloat (augment.blur, ==, 2 * lk_augment_faces.blur);
  g_assert_cmpfloat (augment.probability, ==, lk_augment_faces.probability);
  augment = lk_augment_scaled (&lk_augment_faces, 0);
  g_assert_cmpfloat (augment.noise + augment.cutout + augment.jpeg, ==, 0);
  augment = lk_augment_faces;
  augment.jpeg = 100;
  g_assert_false (lk_augment_is_valid (&augment));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/augment/none", test_none);
  g_test_add_func ("/augment/affine", test_affine);
  g_test_add_func ("/augment/affine-exactly", test_affine_exactly);
  g_test_add_func ("/augment/colour", test_colour);
  g_test_add_func ("/augment/detail", test_detail);
  g_test_add_func ("/augment/blur", test_blur);
  g_test_add_func ("/augment/light", test_light);
  g_test_add_func ("/augment/cutout", test_cutout);
  g_test_add_func ("/augment/repeats", test_repeats);
  g_test_add_func ("/augment/valid", test_valid);
  return g_test_run ();
}
