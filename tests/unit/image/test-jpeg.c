/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "draw.h"
#include "image/lk-jpeg.h"

#include <string.h>

static LkImage *
decode (GBytes *file, gsize size, int min_width, GError **error)
{
  g_autoptr (LkJpegDecoder) decoder = lk_jpeg_decoder_new ();

  return lk_jpeg_decode (decoder, g_bytes_get_data (file, NULL), size, min_width, error);
}

static void
assert_refused (LkImage *image, GError **error, int code)
{
  g_assert_null (image);
  g_assert_error (*error, LK_ERROR, code);
  g_assert_true (g_str_has_suffix ((*error)->message, "."));
  g_clear_error (error);
}

static void
test_round_trip (void)
{
  g_autoptr (LkImage) image = draw_gradient (123, 77);
  g_autoptr (GBytes) file = lk_jpeg_encode (image, 95, NULL);
  g_autoptr (LkImage) back = decode (file, g_bytes_get_size (file), 0, NULL);

  g_assert_nonnull (back);
  g_assert_cmpint (distance (image, back), <=, 4);
}

/* Red and blue by turns: a subsampled encoder would blend them. */
static void
test_chroma_is_kept (void)
{
  guint8 *pixels = g_malloc0 (3 * 32 * 32);
  g_autoptr (LkImage) image = lk_image_new_take (32, 32, pixels);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (LkImage) back = NULL;

  for (int i = 0; i < 32 * 32; i++)
    pixels[3 * i + 2 * (i & 1)] = 200;
  file = lk_jpeg_encode (image, 100, NULL);
  back = decode (file, g_bytes_get_size (file), 0, NULL);
  g_assert_cmpint (distance (image, back), <=, 8);
}

static void
test_scaled (void)
{
  static const int wanted[][3] = {
    { 0, 640, 480 },   { 1, 80, 60 },     { 80, 80, 60 },     { 81, 160, 120 }, { 160, 160, 120 },
    { 161, 320, 240 }, { 321, 640, 480 }, { 9999, 640, 480 }, { -5, 640, 480 },
  };
  g_autoptr (LkImage) image = draw_gradient (640, 480);
  g_autoptr (GBytes) file = lk_jpeg_encode (image, 95, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      g_autoptr (LkImage) back = decode (file, g_bytes_get_size (file), wanted[i][0], NULL);
      g_autoptr (LkImage)
          small = lk_image_resize (image, wanted[i][1], wanted[i][2], LK_FILTER_AREA);

      g_assert_cmpint (back->width, ==, wanted[i][1]);
      g_assert_cmpint (back->height, ==, wanted[i][2]);
      g_assert_cmpint (distance (back, small), <=, 5);
    }
}

/* A file that ends after any of its bytes is an error, never part of a picture. */
static void
test_truncated (void)
{
  g_autoptr (LkImage) image = draw_disc (40, 24);
  g_autoptr (GBytes) file = lk_jpeg_encode (image, 80, NULL);
  gsize size = g_bytes_get_size (file);
  g_autoptr (LkImage) whole = decode (file, size, 0, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (whole);
  for (gsize n = 0; n < size; n++)
    {
      /* In a block of its own size, so that reading on would be noticed. */
      g_autofree guint8 *part = g_memdup2 (g_bytes_get_data (file, NULL), MAX (n, 1));
      g_autoptr (GBytes) bytes = g_bytes_new_static (part, n);

      assert_refused (decode (bytes, n, 0, &error), &error, LK_ERROR_FORMAT);
      assert_refused (decode (bytes, n, 8, &error), &error, LK_ERROR_FORMAT);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jpeg/round-trip", test_round_trip);
  g_test_add_func ("/jpeg/chroma-is-kept", test_chroma_is_kept);
  g_test_add_func ("/jpeg/scaled", test_scaled);
  g_test_add_func ("/jpeg/truncated", test_truncated);
  return g_test_run ();
}
