/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image-private.h"

#include <string.h>

/* A segment of a JPEG file: its marker, and what follows the two bytes of length. */
typedef struct
{
  guint8 marker;
  const guint8 *data;
  gsize size;
} Segment;

enum
{
  SOF0 = 0xc0, /* baseline */
  SOF1 = 0xc1, /* extended sequential */
  SOS = 0xda,
  APP1 = 0xe1,
  APP14 = 0xee,
};

/* Finds the first segment of the header for which @match says so.  Ends at the
 * first scan, or where the data make no sense. */
static gboolean
find_segment (const guint8 *data, gsize size, gboolean (*match) (const Segment *), Segment *found)
{
  gsize at = 2; /* after SOI */

  while (at < size && size - at >= 4 && data[at] == 0xff)
    {
      gsize length = data[at + 2] << 8 | data[at + 3];

      if (data[at + 1] == 0xff) /* fill byte */
        {
          at++;
          continue;
        }
      if (length < 2 || length > size - at - 2)
        return FALSE;
      *found = (Segment){ data[at + 1], data + at + 4, length - 2 };
      if (match (found))
        return TRUE;
      if (found->marker == SOS)
        return FALSE;
      at += 2 + length;
    }
  return FALSE;
}

static gboolean
is_sequential_frame (const Segment *s)
{
  return (s->marker == SOF0 || s->marker == SOF1) && s->size >= 6;
}

static gboolean
is_scan (const Segment *s)
{
  return s->marker == SOS && s->size >= 1;
}

static gboolean
is_adobe (const Segment *s)
{
  return s->marker == APP14 && s->size >= 12 && memcmp (s->data, "Adobe", 5) == 0;
}

static gboolean
is_exif (const Segment *s)
{
  return s->marker == APP1 && s->size >= 6 && memcmp (s->data, "Exif\0", 6) == 0;
}

gboolean
lk_jpeg_is_one_scan (const guint8 *data, gsize size)
{
  Segment frame, scan;

  return find_segment (data, size, is_sequential_frame, &frame) &&
         find_segment (data, size, is_scan, &scan) && frame.data[5] == scan.data[0];
}

gboolean
lk_jpeg_is_adobe (const guint8 *data, gsize size)
{
  Segment segment;

  return find_segment (data, size, is_adobe, &segment);
}

static guint
get16 (const guint8 *p, gboolean little)
{
  return little ? p[0] | p[1] << 8 : p[0] << 8 | p[1];
}

static guint32
get32 (const guint8 *p, gboolean little)
{
  guint32 a = get16 (p, little), b = get16 (p + 2, little);

  return little ? a | b << 16 : a << 16 | b;
}

int
lk_jpeg_orientation (const guint8 *data, gsize size)
{
  const guint tag = 0x0112, type_short = 3;
  const guint8 *tiff;
  gboolean little;
  guint32 ifd;
  Segment exif;
  gsize n;

  if (!find_segment (data, size, is_exif, &exif) || exif.size < 6 + 8)
    return 1;
  tiff = exif.data + 6;
  n = exif.size - 6;
  little = tiff[0] == 'I';
  if (memcmp (tiff, little ? "II*\0" : "MM\0*", 4) != 0)
    return 1;
  ifd = get32 (tiff + 4, little);
  if (ifd > n - 2)
    return 1;

  for (guint i = 0, n_entries = get16 (tiff + ifd, little); i < n_entries; i++)
    {
      gsize at = (gsize) ifd + 2 + 12 * i;
      const guint8 *entry = tiff + at;
      guint value;

      if (at + 12 > n)
        return 1;
      if (get16 (entry, little) != tag)
        continue;
      value = get16 (entry + 8, little);
      if (get16 (entry + 2, little) != type_short || get32 (entry + 4, little) != 1 || value < 1 ||
          value > 8)
        return 1;
      return value;
    }
  return 1;
}

LkImage *
lk_image_upright (const LkImage *self, int orientation)
{
  /* Where row 0 and column 0 of the stored picture are: 1 top left, 2 top right,
   * 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom,
   * 8 left bottom.  Read the other way, output pixel (u, v) is at
   * origin + u * du + v * dv of the stored one. */
  static const struct
  {
    gint8 right, below, du_x, du_y, dv_x, dv_y;
  } turns[9] = {
    [1] = { 0, 0, 1, 0, 0, 1 },   [2] = { 1, 0, -1, 0, 0, 1 }, [3] = { 1, 1, -1, 0, 0, -1 },
    [4] = { 0, 1, 1, 0, 0, -1 },  [5] = { 0, 0, 0, 1, 1, 0 },  [6] = { 0, 1, 0, -1, 1, 0 },
    [7] = { 1, 1, 0, -1, -1, 0 }, [8] = { 1, 0, 0, 1, -1, 0 },
  };
  const guint8 *in = lk_image_get_pixels (self);
  gssize w = self->width, h = self->height, du, dv;
  int width = orientation < 5 ? w : h, height = orientation < 5 ? h : w;
  guint8 *pixels, *out;

  g_return_val_if_fail (orientation >= 1 && orientation <= 8, NULL);

  in += 3 * (turns[orientation].below * (h - 1) * w + turns[orientation].right * (w - 1));
  du = 3 * (turns[orientation].du_y * w + turns[orientation].du_x);
  dv = 3 * (turns[orientation].dv_y * w + turns[orientation].dv_x);
  pixels = out = g_malloc ((gsize) 3 * w * h);
  for (int v = 0; v < height; v++)
    for (int u = 0; u < width; u++, out += 3)
      memcpy (out, in + v * dv + u * du, 3);
  return lk_image_new_take (width, height, pixels);
}
