/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw.h"

static void
test_shares (void)
{
  g_autoptr (LkImage) image = draw_gradient (5, 4);
  g_autoptr (LkImage) again = lk_image_ref (image);
  g_autoptr (LkImage) other = lk_image_new (5, 4, image->bytes);

  g_assert_true (again == image);
  g_assert_true (lk_image_get_pixels (other) == lk_image_get_pixels (image));
  g_assert_cmpuint (g_bytes_get_size (image->bytes), ==, 60);
}

/* Every rectangle around a small picture, against one pixel at a time. */
static void
test_crop (void)
{
  g_autoptr (LkImage) image = draw_noise (4, 3, 1);

  for (int y = -5; y < 6; y++)
    for (int x = -6; x < 8; x++)
      for (int height = 1; height < 8; height += 3)
        for (int width = 1; width < 14; width += 4)
          {
            g_autoptr (LkImage) crop = lk_image_crop (image, x, y, width, height);

            g_assert_cmpint (crop->width, ==, width);
            g_assert_cmpint (crop->height, ==, height);
            for (int v = 0; v < height; v++)
              for (int u = 0; u < width; u++)
                g_assert_cmpmem (pixel_at (crop, u, v), 3, pixel_at (image, x + u, y + v), 3);
          }
}

static void
test_crop_far_away (void)
{
  const int far[] = { G_MININT, G_MAXINT };
  g_autoptr (LkImage) image = draw_noise (4, 3, 1);

  for (int i = 0; i < 4; i++)
    {
      g_autoptr (LkImage) crop = lk_image_crop (image, far[i & 1], far[i >> 1], 2, 2);

      g_assert_cmpmem (pixel_at (crop, 1, 1), 3, pixel_at (image, i & 1 ? 3 : 0, i >> 1 ? 2 : 0),
                       3);
    }
}

static void
test_mirror (void)
{
  g_autoptr (LkImage) image = draw_noise (7, 3, 2);
  g_autoptr (LkImage) mirror = lk_image_mirror (image);
  g_autoptr (LkImage) back = lk_image_mirror (mirror);

  for (int v = 0; v < 3; v++)
    for (int u = 0; u < 7; u++)
      g_assert_cmpmem (pixel_at (mirror, u, v), 3, pixel_at (image, 6 - u, v), 3);
  assert_same (back, image);
}

/* IEEE division rounds to nearest: so does the conversion of the same quotient
 * from double, which has more than twice the bits. */
static void
test_to_floats (void)
{
  guint8 *bytes = g_malloc (3 * 256);
  g_autoptr (LkImage) image = NULL;
  float out[3 * 256];

  for (int i = 0; i < 3 * 256; i++)
    bytes[i] = i / 3;
  image = lk_image_new_take (16, 16, bytes);
  lk_image_to_floats (image, out);
  for (int i = 0; i < 3 * 256; i++)
    g_assert_true (out[i] == (float) ((i / 3) / 255.0));
}

static void
test_mean_luma (void)
{
  g_autoptr (LkImage) one = lk_image_new_take (2, 1, g_memdup2 ("\xff\0\0\0\xff\0", 6));
  g_autoptr (LkImage) blue = lk_image_new_take (1, 1, g_memdup2 ("\0\0\xff", 3));
  /* So many pixels that their sum does not fit 32 bits. */
  guint8 *white = g_malloc (3 * 4200 * 4100);
  g_autoptr (LkImage) large = NULL;

  memset (white, 255, 3 * 4200 * 4100);
  large = lk_image_new_take (4200, 4100, white);
  g_assert_cmpfloat_with_epsilon (lk_image_mean_luma (one), 255 * (0.299 + 0.587) / 2, 1e-9);
  g_assert_cmpfloat_with_epsilon (lk_image_mean_luma (blue), 255 * 0.114, 1e-9);
  g_assert_cmpfloat_with_epsilon (lk_image_mean_luma (large), 255, 1e-9);
  for (int n = 1; n < 200; n++) /* at 41 pixels, a fuzzer found, rounding is upwards */
    {
      g_autoptr (LkImage) row = lk_image_new_take (n, 1, g_memdup2 (white, (gsize) (3 * n)));

      g_assert_cmpfloat (lk_image_mean_luma (row), <=, 255);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/image/shares-pixels", test_shares);
  g_test_add_func ("/image/crop", test_crop);
  g_test_add_func ("/image/crop-far-away", test_crop_far_away);
  g_test_add_func ("/image/mirror", test_mirror);
  g_test_add_func ("/image/to-floats", test_to_floats);
  g_test_add_func ("/image/mean-luma", test_mean_luma);
  return g_test_run ();
}
