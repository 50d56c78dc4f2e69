/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw.h"

#include <math.h>

typedef struct
{
  int n_in, n_out;
  guint8 in[6], out[6];
} Row;

/*
 * Worked out by hand from the definition of tf.image.resize (bilinear, centres at
 * half pixels, no antialias): output i lies at x = (i + 0.5) * n_in / n_out - 0.5,
 * kept between the first and the last pixel, and is the straight line between its
 * two neighbours; here rounded to a byte.
 */
static const Row rows[] = {
  /* x = 0.333, 2, 3.667: 10 + 10/3 = 13.3; 40; 80 + 2/3 * 80 = 133.3 */
  { 5, 3, { 10, 20, 40, 80, 160 }, { 13, 40, 133 } },
  /* x = -0.3 -> 0, 0.1, 0.5, 0.9, 1.3 -> 1 */
  { 2, 5, { 0, 100 }, { 0, 10, 50, 90, 100 } },
  /* x = 0.75, 3.25: a factor of 2.5, as from the 250 pixels of the guide frame to
   * 100: 0.25 * 8 + 0.75 * 24 = 20; 0.75 * 120 + 0.25 * 200 = 140; pixel 2 is in
   * neither, as nothing is smoothed */
  { 5, 2, { 8, 24, 255, 120, 200 }, { 20, 140 } },
  /* x = 2: the middle pixel alone */
  { 5, 1, { 1, 2, 77, 4, 5 }, { 77 } },
  /* x = -0.333 -> 0, 0, 0.333, 0.667, 1, 1.333 -> 1 */
  { 2, 6, { 30, 90 }, { 30, 30, 50, 70, 90, 90 } },
};

static LkImage *
image_of_row (const guint8 *values, int n, gboolean upright)
{
  guint8 *pixels = g_malloc (3 * n);

  for (int i = 0; i < 3 * n; i++) /* the other colours differ */
    pixels[i] = i % 3 == 0 ? values[i / 3] : i % 3 == 1 ? 255 - values[i / 3] : 7;
  return lk_image_new_take (upright ? 1 : n, upright ? n : 1, pixels);
}

static void
test_tensorflow_table (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (int upright = 0; upright < 2; upright++)
      {
        g_autoptr (LkImage) in = image_of_row (rows[i].in, rows[i].n_in, upright);
        g_autoptr (LkImage) wanted = image_of_row (rows[i].out, rows[i].n_out, upright);
        g_autoptr (LkImage)
            out = lk_image_resize (in, wanted->width, wanted->height, LK_FILTER_BILINEAR);

        assert_same (out, wanted);
      }
}

/* The same with both axes at once: 3x3 to 2x2, centres at 0.25 and 1.75.
 * Row 0.25: 0.75 * {0, 40, 80} + 0.25 * {100, 60, 20} = {25, 45, 65}; at 0.25
 * and 1.75: 30, 60.  Row 1.75: 0.25 * {100, 60, 20} + 0.75 * {200, 120, 40} =
 * {175, 105, 35}: 157.5 -> 158, 52.5 -> 53. */
static void
test_tensorflow_square (void)
{
  const guint8 values[9] = { 0, 40, 80, 100, 60, 20, 200, 120, 40 },
               wanted[4] = { 30, 60, 158, 53 };
  guint8 *pixels = g_malloc0 (27);
  g_autoptr (LkImage) image = lk_image_new_take (3, 3, pixels);
  g_autoptr (LkImage) out = NULL;

  for (int i = 0; i < 9; i++)
    pixels[3 * i + 1] = values[i];
  out = lk_image_resize (image, 2, 2, LK_FILTER_BILINEAR);
  for (int i = 0; i < 4; i++)
    g_assert_cmpint (lk_image_get_pixels (out)[3 * i + 1], ==, wanted[i]);
}

/* How much of input pixel @in goes into output pixel @out: the definitions. */
static double
weight (int in, int out, int n_in, int n_out, LkFilter filter)
{
  double scale = (double) n_in / n_out;

  if (filter == LK_FILTER_AREA && n_out < n_in)
    return MAX (0, MIN (in + 1, (out + 1) * scale) - MAX (in, out * scale)) / scale;
  return MAX (0, 1 - fabs (CLAMP ((out + 0.5) * scale - 0.5, 0, n_in - 1) - in));
}

static double
resized (const LkImage *image, int u, int v, int c, int width, int height, LkFilter filter)
{
  double sum = 0;

  for (int y = 0; y < image->height; y++)
    {
      double down = weight (y, v, image->height, height, filter);

      for (int x = 0; down > 0 && x < image->width; x++)
        sum += down * weight (x, u, image->width, width, filter) * pixel_at (image, x, y)[c];
    }
  return sum;
}

static void
test_against_definition (gconstpointer data)
{
  static const int sizes[][4] = {
    { 25, 31, 10, 12 }, { 25, 25, 10, 10 }, { 7, 9, 23, 31 }, { 30, 20, 30, 7 },
    { 30, 20, 7, 20 },  { 64, 48, 3, 2 },   { 5, 40, 11, 6 }, { 1, 1, 4, 3 },
    { 48, 36, 16, 9 },  { 40, 40, 1, 1 },   { 33, 1, 10, 1 },
  };
  LkFilter filter = GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const int *s = sizes[i];
      g_autoptr (LkImage) image = draw_noise (s[0], s[1], i);
      g_autoptr (LkImage) out = lk_image_resize (image, s[2], s[3], filter);

      g_assert_cmpint (out->width, ==, s[2]);
      g_assert_cmpint (out->height, ==, s[3]);
      for (int v = 0; v < s[3]; v++)
        for (int u = 0; u < s[2]; u++)
          for (int c = 0; c < 3; c++)
            /* Half a level, and what single precision may add to it. */
            g_assert_cmpfloat_with_epsilon (pixel_at (out, u, v)[c],
                                            resized (image, u, v, c, s[2], s[3], filter), 0.501);
    }
}

static void
test_same_size_shares (void)
{
  g_autoptr (LkImage) image = draw_noise (9, 5, 3);
  g_autoptr (LkImage) same = lk_image_resize (image, 9, 5, LK_FILTER_AREA);

  g_assert_true (same->bytes == image->bytes);
}

static void
test_extremes_stay (void)
{
  for (int value = 0; value < 256; value += 255)
    for (int size = 1; size < 90; size += 4)
      {
        guint8 *pixels = g_malloc (3 * 37 * 29);
        g_autoptr (LkImage) flat = lk_image_new_take (37, 29, memset (pixels, value, 3 * 37 * 29));

        for (int filter = LK_FILTER_BILINEAR; filter <= LK_FILTER_AREA; filter++)
          {
            g_autoptr (LkImage) out = lk_image_resize (flat, size, 91 - size, filter);

            for (gsize i = 0; i < g_bytes_get_size (out->bytes); i++)
              g_assert_cmpint (lk_image_get_pixels (out)[i], ==, value);
          }
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resize/tensorflow-table", test_tensorflow_table);
  g_test_add_func ("/resize/tensorflow-square", test_tensorflow_square);
  g_test_add_data_func ("/resize/bilinear", GINT_TO_POINTER (LK_FILTER_BILINEAR),
                        test_against_definition);
  g_test_add_data_func ("/resize/area", GINT_TO_POINTER (LK_FILTER_AREA), test_against_definition);
  g_test_add_func ("/resize/same-size-shares", test_same_size_shares);
  g_test_add_func ("/resize/extremes-stay", test_extremes_stay);
  return g_test_run ();
}
