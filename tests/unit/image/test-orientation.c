/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "draw.h"
#include "image/lk-jpeg.h"

#include <string.h>

enum
{
  TOP_LEFT,
  TOP_RIGHT,
  BOTTOM_LEFT,
  BOTTOM_RIGHT,
};

/* Which corner of the stored picture is seen at the top left, the top right and
 * the bottom left, from the words of Exif 2.32 for each value ("row 0 is at the
 * visual ..., column 0 at the visual ...").  Three corners fix the rest. */
static const guint8 seen[9][3] = {
  [1] = { TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT },     /* top, left */
  [2] = { TOP_RIGHT, TOP_LEFT, BOTTOM_RIGHT },    /* top, right */
  [3] = { BOTTOM_RIGHT, BOTTOM_LEFT, TOP_RIGHT }, /* bottom, right */
  [4] = { BOTTOM_LEFT, BOTTOM_RIGHT, TOP_LEFT },  /* bottom, left */
  [5] = { TOP_LEFT, BOTTOM_LEFT, TOP_RIGHT },     /* left, top */
  [6] = { BOTTOM_LEFT, TOP_LEFT, BOTTOM_RIGHT },  /* right, top */
  [7] = { BOTTOM_RIGHT, TOP_RIGHT, BOTTOM_LEFT }, /* right, bottom */
  [8] = { TOP_RIGHT, BOTTOM_RIGHT, TOP_LEFT },    /* left, bottom */
};

/* "Exif", a TIFF header, and an IFD with a first entry that is not the one. */
static GByteArray *
exif (int orientation, gboolean little, guint8 type, guint32 ifd, guint16 n_entries)
{
  GByteArray *out = g_byte_array_new ();
  const guint8 numbers[][4] = {
    { ifd >> 24, ifd >> 16 & 255, ifd >> 8 & 255,
      ifd & 255 },        /* offset of the IFD, from the TIFF header */
    { 0, n_entries },     /* 2 bytes */
    { 0x01, 0x0f, 0, 2 }, /* maker, text */
    { 0, 0, 0, 4 },
    { 'l', 'k', 0 },         /* 4 letters, here */
    { 0x01, 0x12, 0, type }, /* orientation */
    { 0, 0, 0, 1 },
    { 0, orientation, 0, 0 },
  };
  static const guint8 widths[][2] = { { 4 },    { 2 },    { 2, 2 }, { 4 },
                                      { 1, 1 }, { 2, 2 }, { 4 },    { 2, 2 } };

  g_byte_array_append (out, (const guint8 *) "Exif\0", 6);
  g_byte_array_append (out, (const guint8 *) (little ? "II*\0" : "MM\0*"), 4);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      const guint8 *p = numbers[i];

      if (i == 4) /* text has no byte order */
        g_byte_array_append (out, p, 4);
      else
        for (int k = 0; k < 2; p += widths[i][k++])
          for (int b = 0; b < widths[i][k]; b++)
            g_byte_array_append (out, p + (little ? widths[i][k] - 1 - b : b), 1);
    }
  return out;
}

/* The JPEG with a segment after its first marker. */
static GBytes *
with_app1 (GBytes *jpeg, GByteArray *segment)
{
  gsize size, n = segment->len + 2;
  const guint8 *data = g_bytes_get_data (jpeg, &size);
  const guint8 head[4] = { 0xff, 0xe1, n >> 8, n & 255 };
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (out, data, 2);
  g_byte_array_append (out, head, 4);
  g_byte_array_append (out, segment->data, segment->len);
  g_byte_array_append (out, data + 2, size - 2);
  return g_byte_array_free_to_bytes (out);
}

static LkImage *
load_with (GBytes *jpeg, GByteArray *segment)
{
  g_autoptr (GBytes) file = with_app1 (jpeg, segment);
  g_autoptr (GError) error = NULL;
  LkImage *image = lk_image_load_bytes (g_bytes_get_data (file, NULL), g_bytes_get_size (file),
                                        "test", &error);

  g_assert_no_error (error);
  g_byte_array_unref (segment);
  return image;
}

static void
assert_turned (const LkImage *stored, const LkImage *shown, int orientation)
{
  const int w = stored->width - 1, h = stored->height - 1;
  const guint8 *corner = seen[orientation];
  int x[3], y[3];

  for (int i = 0; i < 3; i++)
    {
      x[i] = corner[i] == TOP_RIGHT || corner[i] == BOTTOM_RIGHT ? w : 0;
      y[i] = corner[i] == BOTTOM_LEFT || corner[i] == BOTTOM_RIGHT ? h : 0;
    }
  g_assert_cmpint (shown->width - 1, ==, ABS (x[1] - x[0]) + ABS (y[1] - y[0]));
  g_assert_cmpint (shown->height - 1, ==, ABS (x[2] - x[0]) + ABS (y[2] - y[0]));
  for (int v = 0; v < shown->height; v++)
    for (int u = 0; u < shown->width; u++)
      {
        int sx = x[0] + u * (x[1] - x[0]) / (shown->width - 1) +
                 v * (x[2] - x[0]) / (shown->height - 1);
        int sy = y[0] + u * (y[1] - y[0]) / (shown->width - 1) +
                 v * (y[2] - y[0]) / (shown->height - 1);

        g_assert_cmpmem (pixel_at (shown, u, v), 3, pixel_at (stored, sx, sy), 3);
      }
}

static void
test_all_eight (void)
{
  g_autoptr (LkImage) image = draw_gradient (24, 16);
  g_autoptr (GBytes) jpeg = lk_jpeg_encode (image, 95, NULL);
  g_autoptr (LkImage)
      stored = lk_jpeg_decode (g_bytes_get_data (jpeg, NULL), g_bytes_get_size (jpeg), 0, NULL);

  for (int orientation = 1; orientation <= 8; orientation++)
    for (int little = 0; little < 2; little++)
      {
        g_autoptr (LkImage) shown = load_with (jpeg, exif (orientation, little, 3, 8, 2));

        assert_turned (stored, shown, orientation);
      }
}

/* Nonsense leaves the picture as it is stored. */
static void
test_senseless (void)
{
  g_autoptr (LkImage) image = draw_gradient (24, 16);
  g_autoptr (GBytes) jpeg = lk_jpeg_encode (image, 95, NULL);
  g_autoptr (LkImage) stored = load_with (jpeg, exif (1, FALSE, 3, 8, 2));
  gsize size;

  for (int i = 0; i < 6; i++)
    {
      GByteArray *segment = i == 0   ? exif (0, FALSE, 3, 8, 2)
                            : i == 1 ? exif (9, TRUE, 3, 8, 2)
                            : i == 2 ? exif (6, FALSE, 4, 8, 2)          /* not a short */
                            : i == 3 ? exif (6, FALSE, 3, 0x7ffffff0, 2) /* IFD beyond the end */
                            : i == 4 ? exif (6, FALSE, 3, 8, 1) /* the entry is not counted */
                                     : exif (6, FALSE, 3, 8, 0);
      g_autoptr (LkImage) shown = load_with (jpeg, segment);

      assert_same (shown, stored);
    }

  /* More entries than there are bytes, after the one that counts is cut off. */
  size = 6 + 8 + 2 + 12 + 12;
  for (gsize n = 0; n < size; n++)
    {
      GByteArray *segment = exif (6, n & 1, 3, 8, 0xff);
      g_autoptr (LkImage) shown = NULL;

      g_assert_cmpuint (segment->len, ==, size);
      g_byte_array_set_size (segment, n);
      shown = load_with (jpeg, segment);
      assert_same (shown, stored);
    }
}

/* The file ends within the segment: for the address sanitizer and valgrind. */
static void
test_truncated (void)
{
  g_autoptr (LkImage) image = draw_gradient (24, 16);
  g_autoptr (GBytes) jpeg = lk_jpeg_encode (image, 95, NULL);
  g_autoptr (GByteArray) segment = exif (6, TRUE, 3, 8, 2);
  g_autoptr (GBytes) file = with_app1 (jpeg, segment);

  for (gsize n = 3; n < 2 + 4 + segment->len + 20; n++)
    {
      g_autofree guint8 *part = g_memdup2 (g_bytes_get_data (file, NULL), n);
      g_autoptr (GError) error = NULL;

      g_assert_null (lk_image_load_bytes (part, n, "test", &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/orientation/all-eight", test_all_eight);
  g_test_add_func ("/orientation/senseless", test_senseless);
  g_test_add_func ("/orientation/truncated", test_truncated);
  return g_test_run ();
}
