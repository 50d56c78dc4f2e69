/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw.h"

#include <math.h>

/* The definition, in doubles and one pixel at a time; @at as lk_image_warp(). */
static double
sample (const double *plane, int width, int height, double x, double y)
{
  int ix = (int) floor (x), iy = (int) floor (y);
  double fx = x - ix, fy = y - iy, sum = 0;

  for (int k = 0; k < 4; k++)
    {
      int px = CLAMP (ix + (k & 1), 0, width - 1), py = CLAMP (iy + (k >> 1), 0, height - 1);

      sum += (k & 1 ? fx : 1 - fx) * (k >> 1 ? fy : 1 - fy) * plane[py * width + px];
    }
  return sum;
}

static void
compare (const LkImage *image, const double m[6], int width, int height)
{
  g_autoptr (LkImage) out = lk_image_warp (image, m, width, height);
  g_autofree double *plane = g_new (double, image->width * image->height);

  g_assert_cmpint (out->width, ==, width);
  g_assert_cmpint (out->height, ==, height);
  for (int c = 0; c < 3; c++)
    {
      for (int i = 0; i < image->width * image->height; i++)
        plane[i] = lk_image_get_pixels (image)[3 * i + c];
      for (int v = 0; v < height; v++)
        for (int u = 0; u < width; u++)
          g_assert_cmpfloat_with_epsilon (pixel_at (out, u, v)[c],
                                          sample (plane, image->width, image->height,
                                                  m[0] * u + m[1] * v + m[2],
                                                  m[3] * u + m[4] * v + m[5]),
                                          0.65);
    }
}

static void
similarity (double m[6], double scale, double degrees, double x, double y)
{
  double a = scale * cos (degrees * G_PI / 180), b = scale * sin (degrees * G_PI / 180);

  m[0] = a;
  m[1] = -b;
  m[2] = x;
  m[3] = b;
  m[4] = a;
  m[5] = y;
}

static void
test_identity (void)
{
  g_autoptr (LkImage) image = draw_noise (31, 23, 5);
  g_autoptr (LkImage) out = lk_image_warp (image, (double[]){ 1, 0, 0, 0, 1, 0 }, 31, 23);

  assert_same (out, image);
}

static void
test_shift (void)
{
  g_autoptr (LkImage) image = draw_noise (31, 23, 5);

  for (int y = -30; y < 40; y += 7)
    for (int x = -40; x < 50; x += 9)
      {
        g_autoptr (LkImage) out = lk_image_warp (image, (double[]){ 1, 0, x, 0, 1, y }, 12, 9);
        g_autoptr (LkImage) crop = lk_image_crop (image, x, y, 12, 9);

        assert_same (out, crop);
      }
}

static void
test_quarter_turn (void)
{
  g_autoptr (LkImage) image = draw_noise (20, 30, 6);
  g_autoptr (LkImage) out = lk_image_warp (image, (double[]){ 0, 1, 0, -1, 0, 29 }, 30, 20);

  for (int v = 0; v < 20; v++)
    for (int u = 0; u < 30; u++)
      g_assert_cmpmem (pixel_at (out, u, v), 3, pixel_at (image, v, 29 - u), 3);
}

static void
test_similarities (void)
{
  g_autoptr (LkImage) image = draw_noise (61, 47, 7);
  double m[6];

  for (int degrees = -170; degrees < 180; degrees += 35)
    for (double scale = 0.3; scale <= 1.25; scale += 0.23)
      {
        similarity (m, scale, degrees, 20.3, 11.7);
        compare (image, m, 33, 29);
      }
}

static double
hill (int c, double x, double y)
{
  return 128 + 60 * sin (0.021 * x + c) + 60 * cos (0.017 * y - 0.008 * x * c);
}

/* A picture without detail has the same values from afar, to the sixth of a pixel; beyond
 * its edge, the edge's. */
static void
test_shrinking (void)
{
  static const double scales[] = { 1.24, 1.26, 1.7, 2.01, 3.9, 4.1, 7.5, 9 };
  guint8 *pixels = g_malloc (3 * 333 * 251);
  g_autoptr (LkImage) image = lk_image_new_take (333, 251, pixels);

  for (int i = 0; i < 333 * 251; i++)
    for (int c = 0; c < 3; c++)
      pixels[3 * i + c] = (guint8) lround (hill (c, i % 333, i / 333));
  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    for (int degrees = -60; degrees <= 60; degrees += 40)
      {
        g_autoptr (LkImage) out = NULL;
        double m[6];
        int n_inside = 0;

        similarity (m, scales[i], degrees, 130.2, 77.9);
        out = lk_image_warp (image, m, 17, 14);
        for (int v = 0; v < 14; v++)
          for (int u = 0; u < 17; u++)
            {
              double x = m[0] * u + m[1] * v + m[2], y = m[3] * u + m[4] * v + m[5];

              for (int c = 0; c < 3 && x > 10 && x < 322 && y > 10 && y < 240; c++, n_inside++)
                g_assert_cmpfloat_with_epsilon (pixel_at (out, u, v)[c], hill (c, x, y), 1.4);
            }
        g_assert_cmpint (n_inside, >, 100);
        similarity (m, scales[i], degrees, -300, -300);
        g_clear_pointer (&out, lk_image_unref);
        out = lk_image_warp (image, m, 3, 3);
        for (int c = 0; c < 3; c++)
          g_assert_cmpfloat_with_epsilon (pixel_at (out, 0, 0)[c], hill (c, 0, 0), 5);
      }
}

/* One that is kept gives what a new one gives, whatever it has done before; and of a part,
 * what resizing that part gives. */
static void
test_kept (void)
{
  static const int regions[][4] = { { 0, 0, 61, 47 }, { 3, 5, 40, 30 }, { 60, 46, 1, 1 } };
  static const int sizes[][2] = { { 20, 10 }, { 61, 47 }, { 40, 30 }, { 90, 5 }, { 1, 1 } };
  g_autoptr (LkImage) image = draw_noise (61, 47, 7);
  g_autoptr (LkResizer) kept = lk_resizer_new ();

  for (guint r = 0; r < G_N_ELEMENTS (regions); r++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      {
        const int *p = regions[r], width = sizes[i][0], height = sizes[i][1];
        g_autoptr (LkImage) part = lk_image_crop (image, p[0], p[1], p[2], p[3]);
        g_autoptr (LkImage) wanted = lk_image_resize (part, width, height, LK_FILTER_AREA);

        g_assert_cmpmem (lk_resizer_run (kept, image, p, width, height), 3 * width * height,
                         lk_image_get_pixels (wanted), 3 * width * height);
      }
}

/* A fine checkerboard is grey from afar; bilinear samples alone would be black, white or
 * anything between.  Of 25 squares, 13 are of one colour. */
static void
test_no_moire (void)
{
  guint8 *pixels = g_malloc (3 * 256 * 256);
  g_autoptr (LkImage) board = lk_image_new_take (256, 256, pixels);
  g_autoptr (LkImage) out = NULL;
  double m[6];

  for (int i = 0; i < 3 * 256 * 256; i++)
    pixels[i] = ((i / 3) ^ (i / 3 / 256)) & 1 ? 255 : 0;
  similarity (m, 5, 10, 20, 20);
  out = lk_image_warp (board, m, 30, 30);
  for (int i = 0; i < 3 * 30 * 30; i++)
    g_assert_cmpint (ABS (lk_image_get_pixels (out)[i] - 128), <=, 5);
}

static void
test_senseless (void)
{
  static const double values[] = { 0, 1, -1, 1e300, -1e300, 1e-300, 1e10, -1e10 };
  const double special[] = { NAN, INFINITY, -INFINITY };
  guint32 seed = 1;
  g_autoptr (LkImage) image = draw_noise (9, 7, 9);
  g_autoptr (LkImage) dot = draw_noise (1, 1, 9);

  for (int i = 0; i < 3000; i++)
    {
      g_autoptr (LkImage) a = NULL, b = NULL;
      double m[6];

      for (int k = 0; k < 6; k++)
        {
          guint pick;

          seed = seed * 1664525 + 1013904223;
          pick = (seed >> 24) % 11;
          m[k] = pick < 8 ? values[pick] : special[pick - 8];
        }
      a = lk_image_warp (image, m, 5, 4);
      b = lk_image_warp (dot, m, 5, 4);
      g_assert_cmpmem (pixel_at (b, 4, 3), 3, lk_image_get_pixels (dot), 3);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/warp/identity", test_identity);
  g_test_add_func ("/warp/shift", test_shift);
  g_test_add_func ("/warp/quarter-turn", test_quarter_turn);
  g_test_add_func ("/warp/similarities", test_similarities);
  g_test_add_func ("/warp/shrinking", test_shrinking);
  g_test_add_func ("/warp/kept", test_kept);
  g_test_add_func ("/warp/no-moire", test_no_moire);
  g_test_add_func ("/warp/senseless", test_senseless);
  return g_test_run ();
}
