/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "draw.h"
#include "image/lk-yuv.h"

typedef LkImage *(*Convert) (const guint8 *, gsize, int, int, int, GError **);

/* ITU-R BT.601 with 219 steps of luma from 16 and 224 of chroma about 128. */
static void
reference (int y, int cb, int cr, double rgb[3])
{
  double luma = (y - 16) / 219.0, b = (cb - 128) / 224.0, r = (cr - 128) / 224.0;

  rgb[0] = luma + 2 * (1 - 0.299) * r;
  rgb[2] = luma + 2 * (1 - 0.114) * b;
  rgb[1] = (luma - 0.299 * rgb[0] - 0.114 * rgb[2]) / 0.587;
  for (int c = 0; c < 3; c++)
    rgb[c] = CLAMP (255 * rgb[c], 0, 255);
}

static void
assert_pixel (const LkImage *image, int u, int v, int y, int cb, int cr)
{
  double rgb[3];

  reference (y, cb, cr, rgb);
  for (int c = 0; c < 3; c++)
    g_assert_cmpfloat_with_epsilon (pixel_at (image, u, v)[c], rgb[c], 1);
}

/* Every luma with a grid of chromas that has both ends. */
static void
test_every_colour (void)
{
  const int width = 512, n_chroma = 52;
  g_autofree guint8 *row = g_malloc (2 * width);

  for (int cb = 0; cb < n_chroma; cb++)
    for (int cr = 0; cr < n_chroma; cr++)
      {
        g_autoptr (LkImage) image = NULL;

        for (int i = 0; i < width / 2; i++)
          {
            row[4 * i] = i;
            row[4 * i + 1] = 5 * cb;
            row[4 * i + 2] = 255 - i;
            row[4 * i + 3] = 5 * cr;
          }
        image = lk_image_from_yuyv (row, 2 * width, width, 1, 2 * width, NULL);
        for (int u = 0; u < width; u++)
          assert_pixel (image, u, 0, u & 1 ? 255 - u / 2 : u / 2, 5 * cb, 5 * cr);
      }
}

/* The three colours that everyone knows: studio black, white, and bars' red. */
static void
test_landmarks (void)
{
  const guint8 data[] = { 16, 128, 235, 128, 81, 90, 81, 240 };
  g_autoptr (LkImage) image = lk_image_from_yuyv (data, 8, 4, 1, 8, NULL);

  g_assert_cmpmem (pixel_at (image, 0, 0), 3, "\0\0\0", 3);
  g_assert_cmpmem (pixel_at (image, 1, 0), 3, "\xff\xff\xff", 3);
  g_assert_cmpint (pixel_at (image, 2, 0)[0], >=, 254);
  g_assert_cmpint (pixel_at (image, 2, 0)[1], <=, 1);
  g_assert_cmpint (pixel_at (image, 2, 0)[2], <=, 1);
}

/* Sizes around the block length, odd ones, rows with and without padding; the
 * buffer is no larger than it has to be. */
static void
test_layout (void)
{
  static const int sizes[][3] = { { 2, 2, 0 },   { 3, 3, 1 },    { 255, 5, 0 }, { 256, 4, 32 },
                                  { 258, 3, 6 }, { 512, 2, 0 },  { 515, 7, 1 }, { 640, 2, 64 },
                                  { 2, 9, 3 },   { 1000, 2, 24 } };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      int width = sizes[i][0], height = sizes[i][1], even = width & ~1, rows = height & ~1;
      int stride = 2 * width + sizes[i][2], nv_stride = width + sizes[i][2];
      gsize size = (gsize) stride * (height - 1) + 2 * even;
      gsize nv_luma = (gsize) nv_stride * height;
      gsize nv_size = nv_luma + (gsize) nv_stride * (rows / 2 - 1) + even;
      g_autoptr (LkImage) noise = draw_noise (stride, height, i);
      g_autofree guint8 *data = g_memdup2 (lk_image_get_pixels (noise), size);
      g_autofree guint8 *nv = g_memdup2 (lk_image_get_pixels (noise), nv_size);
      g_autoptr (LkImage) a = lk_image_from_yuyv (data, size, width, height, stride, NULL);
      g_autoptr (LkImage) b = lk_image_from_nv12 (nv, nv_size, width, height, nv_stride, NULL);

      g_assert_cmpint (a->width, ==, even);
      g_assert_cmpint (a->height, ==, height);
      g_assert_cmpint (b->width, ==, even);
      g_assert_cmpint (b->height, ==, rows);
      for (int v = 0; v < height; v++)
        for (int u = 0; u < even; u++)
          {
            const guint8 *pair = data + (gsize) v * stride + u / 2 * 4;

            assert_pixel (a, u, v, pair[u & 1 ? 2 : 0], pair[1], pair[3]);
          }
      for (int v = 0; v < rows; v++)
        for (int u = 0; u < even; u++)
          {
            const guint8 *pair = nv + nv_luma + (gsize) (v / 2) * nv_stride + u / 2 * 2;

            assert_pixel (b, u, v, nv[(gsize) v * nv_stride + u], pair[0], pair[1]);
          }
    }
}

static void
test_grey_and_rgb (void)
{
  g_autoptr (LkImage) noise = draw_noise (20, 5, 4);
  const guint8 *data = lk_image_get_pixels (noise);
  g_autoptr (LkImage) grey = lk_image_from_grey (data, 4 * 60 + 17, 17, 5, 60, NULL);
  g_autoptr (LkImage) rgb = lk_image_from_rgb24 (data, 4 * 60 + 51, 17, 5, 60, NULL);

  for (int v = 0; v < 5; v++)
    for (int u = 0; u < 17; u++)
      {
        for (int c = 0; c < 3; c++)
          g_assert_cmpint (pixel_at (grey, u, v)[c], ==, data[60 * v + u]);
        g_assert_cmpmem (pixel_at (rgb, u, v), 3, pixel_at (noise, u, v), 3);
      }
}

/* What a driver may say that is not so. */
static void
test_lies (void)
{
  static const struct
  {
    Convert convert;
    int stride;
    gsize size;
  } formats[] = {
    { lk_image_from_yuyv, 2 * 8, 2 * 8 * 6 },
    { lk_image_from_nv12, 8, 8 * 6 + 8 * 3 },
    { lk_image_from_grey, 8, 8 * 6 },
    { lk_image_from_rgb24, 3 * 8, 3 * 8 * 6 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      gsize size = formats[i].size;
      int stride = formats[i].stride;
      const struct
      {
        gsize size;
        int width, height, stride;
      } lies[] = {
        { size - 1, 8, 6, stride },
        { 0, 8, 6, stride },
        { size, 8, 6, stride - 1 },
        { size, 8, 6, 0 },
        { size, 8, 6, -stride },
        { size, 8, 6, G_MININT },
        { size, 8, 6, G_MAXINT },
        { size, 0, 6, stride },
        { size, 8, 0, stride },
        { size, -8, 6, stride },
        { size, 8, -6, stride },
        { size, G_MAXINT, 6, stride },
        { size, 8, G_MAXINT, stride },
        { size, G_MININT, G_MININT, stride },
        { size, G_MAXINT, G_MAXINT, G_MAXINT },
        { size, 8, 9, stride },
        { G_MAXSIZE, 16384, 16384, 65536 }, /* enough bytes, too many pixels */
      };
      g_autofree guint8 *data = g_malloc0 (size);
      g_autoptr (LkImage) honest = formats[i].convert (data, size, 8, 6, stride, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_nonnull (honest);
      for (guint k = 0; k < G_N_ELEMENTS (lies); k++)
        {
          g_assert_null (formats[i].convert (data, lies[k].size, lies[k].width, lies[k].height,
                                             lies[k].stride, &error));
          g_assert_error (error, LK_ERROR, LK_ERROR_SHAPE);
          g_clear_error (&error);
        }
      g_assert_null (formats[i].convert (NULL, size, 8, 6, stride, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_SHAPE);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/yuv/every-colour", test_every_colour);
  g_test_add_func ("/yuv/landmarks", test_landmarks);
  g_test_add_func ("/yuv/layout", test_layout);
  g_test_add_func ("/yuv/grey-and-rgb", test_grey_and_rgb);
  g_test_add_func ("/yuv/lies", test_lies);
  return g_test_run ();
}
