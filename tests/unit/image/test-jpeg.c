/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "draw.h"
#include "image/lk-jpeg.h"

#include <string.h>
#include <turbojpeg.h>

static LkImage *
decode (GBytes *file, gsize size, int min_width, GError **error)
{
  return lk_jpeg_decode (g_bytes_get_data (file, NULL), size, min_width, error);
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

/* One bit wrong anywhere: a picture of the right size or a refusal, nothing else. */
static void
test_bit_flips (void)
{
  g_autoptr (LkImage) image = draw_disc (40, 24);
  g_autoptr (GBytes) file = lk_jpeg_encode (image, 80, NULL);
  gsize size = g_bytes_get_size (file);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (file, NULL), size);
  int n_refused = 0;

  for (gsize bit = 0; bit < 8 * size; bit++)
    {
      g_autoptr (LkImage) back = NULL;
      g_autoptr (GError) error = NULL;

      data[bit / 8] ^= 1 << bit % 8;
      back = lk_jpeg_decode (data, size, 0, &error);
      data[bit / 8] ^= 1 << bit % 8;
      g_assert_true ((back == NULL) == (error != NULL));
      n_refused += back == NULL;
    }
  g_assert_cmpint (n_refused, >, 0);
}

static gsize
find_marker (const guint8 *data, gsize size, guint8 marker)
{
  for (gsize i = 0; i + 1 < size; i++)
    if (data[i] == 0xff && data[i + 1] == marker)
      return i;
  g_assert_not_reached ();
}

/* A header alone must not make us find memory for what it announces. */
static void
test_oversized (void)
{
  static const struct
  {
    int width, height, code;
  } cases[] = {
    /* the first is too short a file for what would be allowed */
    { 16384, 4096, LK_ERROR_FORMAT },     { 65500, 1, LK_ERROR_TOO_LARGE },
    { 1, 16385, LK_ERROR_TOO_LARGE },     { 16384, 4097, LK_ERROR_TOO_LARGE },
    { 65500, 65500, LK_ERROR_TOO_LARGE }, { 0, 24, LK_ERROR_FORMAT },
    { 40, 0, LK_ERROR_FORMAT },
  };
  g_autoptr (LkImage) image = draw_disc (40, 24);
  g_autoptr (GBytes) file = lk_jpeg_encode (image, 80, NULL);
  gsize size = g_bytes_get_size (file);
  g_autofree guint8 *data = g_memdup2 (g_bytes_get_data (file, NULL), size);
  gsize sof = find_marker (data, size, 0xc0);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      data[sof + 5] = cases[i].height >> 8;
      data[sof + 6] = cases[i].height & 255;
      data[sof + 7] = cases[i].width >> 8;
      data[sof + 8] = cases[i].width & 255;
      g_assert_null (lk_jpeg_decode (data, size, 0, &error));
      g_assert_true (i > 0 || strstr (error->message, "most of it is missing") != NULL);
      assert_refused (NULL, &error, cases[i].code);
      assert_refused (lk_jpeg_decode (data, size, 100, &error), &error, cases[i].code);
    }
}

static GBytes *
compress (const guint8 *pixels, int width, int height, int format, int sampling, int flags)
{
  tjhandle handle = tjInitCompress ();
  unsigned char *file = NULL;
  unsigned long size = 0;

  g_assert_cmpint (
      tjCompress2 (handle, pixels, width, 0, height, format, &file, &size, sampling, 95, flags), ==,
      0);
  tjDestroy (handle);
  return g_bytes_new_with_free_func (file, size, (GDestroyNotify) tjFree, file);
}

/* Cuts the segment of @marker out. */
static GBytes *
without (GBytes *file, guint8 marker)
{
  gsize size, at;
  const guint8 *data = g_bytes_get_data (file, &size);
  GByteArray *out = g_byte_array_new ();

  at = find_marker (data, size, marker);
  g_byte_array_append (out, data, size);
  g_byte_array_remove_range (out, at, 2 + (data[at + 2] << 8 | data[at + 3]));
  return g_byte_array_free_to_bytes (out);
}

static void
assert_flat (LkImage *image, int red, int green, int blue)
{
  g_assert_nonnull (image);
  for (int i = 0; i < image->width * image->height; i++)
    {
      const guint8 *p = lk_image_get_pixels (image) + 3 * i;

      g_assert_cmpint (ABS (p[0] - red), <=, 2);
      g_assert_cmpint (ABS (p[1] - green), <=, 2);
      g_assert_cmpint (ABS (p[2] - blue), <=, 2);
    }
}

static void
test_grey (void)
{
  g_autofree guint8 *pixels = g_malloc (20 * 10);
  g_autoptr (GBytes) file = NULL;
  g_autoptr (LkImage) back = NULL;

  memset (pixels, 77, 20 * 10);
  file = compress (pixels, 20, 10, TJPF_GRAY, TJSAMP_GRAY, 0);
  back = decode (file, g_bytes_get_size (file), 0, NULL);
  assert_flat (back, 77, 77, 77);
}

/* With Adobe's marker 255 is no ink: light is the product of colour and key.
 * Without it 255 is full ink; the file that libjpeg wrote as YCCK then reads as
 * CMYK, and its grey (100, 100, 100) as (155, 128, 128). */
static void
test_cmyk (void)
{
  g_autofree guint8 *pixels = g_malloc (4 * 16 * 16);
  g_autoptr (GBytes) adobe = NULL, grey = NULL, plain = NULL;
  g_autoptr (LkImage) a = NULL, b = NULL;

  for (int i = 0; i < 16 * 16; i++)
    memcpy (pixels + 4 * i, "\xc8\x64\x32\xcc", 4); /* 200, 100, 50, 204 */
  adobe = compress (pixels, 16, 16, TJPF_CMYK, TJSAMP_444, 0);
  a = decode (adobe, g_bytes_get_size (adobe), 0, NULL);
  assert_flat (a, 200 * 204 / 255, 100 * 204 / 255, 50 * 204 / 255);

  for (int i = 0; i < 16 * 16; i++)
    memcpy (pixels + 4 * i, "\x64\x64\x64\x33", 4); /* 100, 100, 100, 51 */
  grey = compress (pixels, 16, 16, TJPF_CMYK, TJSAMP_444, 0);
  plain = without (grey, 0xee);
  b = decode (plain, g_bytes_get_size (plain), 0, NULL);
  assert_flat (b, 100 * 204 / 255, 127 * 204 / 255, 127 * 204 / 255);
}

/* Cameras leave the standard Huffman tables out, and subsample. */
static void
test_motion_jpeg (void)
{
  g_autoptr (LkImage) image = draw_gradient (64, 48);
  g_autoptr (GBytes)
      whole = compress (lk_image_get_pixels (image), 64, 48, TJPF_RGB, TJSAMP_422, 0);
  GBytes *bare = g_bytes_ref (whole);
  g_autoptr (LkImage) wanted = decode (whole, g_bytes_get_size (whole), 0, NULL);
  g_autoptr (LkImage) back = NULL;

  for (int i = 0; i < 4; i++)
    {
      GBytes *less = without (bare, 0xc4);

      g_bytes_unref (bare);
      bare = less;
    }
  back = decode (bare, g_bytes_get_size (bare), 0, NULL);
  g_assert_nonnull (back);
  assert_same (back, wanted);
  g_bytes_unref (bare);
}

/* A picture without its quantisation tables is damaged, whatever the decoder
 * has seen before; and what it has seen does not change the next one. */
static void
test_nothing_is_remembered (void)
{
  g_autoptr (LkImage) image = draw_disc (40, 24);
  g_autoptr (GBytes) file = lk_jpeg_encode (image, 80, NULL);
  g_autoptr (GBytes) other = compress (lk_image_get_pixels (image), 40, 24, TJPF_RGB, TJSAMP_420,
                                       TJFLAG_PROGRESSIVE); /* with its own Huffman tables */
  g_autoptr (GBytes) bare = without (file, 0xdb);
  g_autoptr (LkImage) first = NULL, second = NULL, progressive = NULL;
  g_autoptr (GError) error = NULL;

  first = lk_jpeg_decode (g_bytes_get_data (file, NULL), g_bytes_get_size (file), 0, NULL);
  assert_refused (
      lk_jpeg_decode (g_bytes_get_data (bare, NULL), g_bytes_get_size (bare), 0, &error), &error,
      LK_ERROR_FORMAT);
  progressive = lk_jpeg_decode (g_bytes_get_data (other, NULL), g_bytes_get_size (other), 0, NULL);
  g_assert_nonnull (progressive);
  second = lk_jpeg_decode (g_bytes_get_data (file, NULL), g_bytes_get_size (file), 0, NULL);
  assert_same (first, second);
}

static GBytes *
insert (GBytes *file, gsize at, const char *bytes, gsize n)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (out, data, at);
  g_byte_array_append (out, (const guint8 *) bytes, n);
  g_byte_array_append (out, data + at, size - at);
  return g_byte_array_free_to_bytes (out);
}

/* Cameras pad a frame before its end marker or after it: nothing is missing.
 * In a progressive file the same may stand for a lost scan. */
static void
test_padding (void)
{
  static const char zeros[40];
  g_autoptr (LkImage) image = draw_disc (40, 24);
  g_autoptr (GBytes) file = lk_jpeg_encode (image, 80, NULL);
  gsize size = g_bytes_get_size (file);
  g_autoptr (LkImage) wanted = decode (file, size, 0, NULL);
  g_autoptr (GBytes) other = compress (lk_image_get_pixels (image), 40, 24, TJPF_RGB, TJSAMP_444,
                                       TJFLAG_PROGRESSIVE);
  gsize other_size = g_bytes_get_size (other);
  g_autoptr (GBytes) padded = insert (other, other_size - 2, zeros, 40);
  g_autoptr (GError) error = NULL;

  for (gsize n = 1; n <= 40; n++)
    {
      g_autoptr (GBytes) before = insert (file, size - 2, zeros, n);
      g_autoptr (GBytes) after = insert (file, size, zeros, n);
      g_autoptr (LkImage) a = decode (before, size + n, 0, NULL);
      g_autoptr (LkImage) b = decode (after, size + n, 0, NULL);

      g_assert_nonnull (a);
      g_assert_nonnull (b);
      assert_same (a, wanted);
      assert_same (b, wanted);
    }
  assert_refused (decode (padded, other_size + 40, 0, &error), &error, LK_ERROR_FORMAT);
}

static void
test_progressive_truncated (void)
{
  g_autoptr (LkImage) image = draw_disc (40, 24);
  g_autoptr (GBytes) file = compress (lk_image_get_pixels (image), 40, 24, TJPF_RGB, TJSAMP_420,
                                      TJFLAG_PROGRESSIVE);
  g_autoptr (GError) error = NULL;

  for (gsize n = 0; n < g_bytes_get_size (file); n++)
    assert_refused (decode (file, n, 0, &error), &error, LK_ERROR_FORMAT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jpeg/round-trip", test_round_trip);
  g_test_add_func ("/jpeg/chroma-is-kept", test_chroma_is_kept);
  g_test_add_func ("/jpeg/scaled", test_scaled);
  g_test_add_func ("/jpeg/truncated", test_truncated);
  g_test_add_func ("/jpeg/progressive-truncated", test_progressive_truncated);
  g_test_add_func ("/jpeg/bit-flips", test_bit_flips);
  g_test_add_func ("/jpeg/oversized", test_oversized);
  g_test_add_func ("/jpeg/grey", test_grey);
  g_test_add_func ("/jpeg/cmyk", test_cmyk);
  g_test_add_func ("/jpeg/motion-jpeg", test_motion_jpeg);
  g_test_add_func ("/jpeg/nothing-is-remembered", test_nothing_is_remembered);
  g_test_add_func ("/jpeg/padding", test_padding);
  return g_test_run ();
}
