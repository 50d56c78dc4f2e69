/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/videodev2.h>
#include <string.h>

#include "fake-camera-private.h"

guint32
fake_stride (guint32 fourcc, guint32 width, guint padding)
{
  switch (fourcc)
    {
    case V4L2_PIX_FMT_MJPEG:
      return 0;
    case V4L2_PIX_FMT_RGB24:
      return 3 * width + padding;
    case V4L2_PIX_FMT_GREY:
    case V4L2_PIX_FMT_NV12:
      return width + padding;
    default:
      return 2 * width + padding;
    }
}

/* Red and blue by ITU-R BT.601, 16 .. 235. */
static const guint8 luma[2] = { 81, 41 }, cb[2] = { 90, 240 }, cr[2] = { 240, 110 };

static void
draw_row (guint32 fourcc, guint32 width, guint8 *row)
{
  for (guint32 x = 0; x < width; x++)
    {
      int half = x >= width / 2;
      guint8 chroma = x % 2 == 0 ? cb[half] : cr[half];

      switch (fourcc)
        {
        case V4L2_PIX_FMT_YUYV:
          row[2 * x] = luma[half];
          row[2 * x + 1] = chroma;
          break;
        case V4L2_PIX_FMT_UYVY:
          row[2 * x] = chroma;
          row[2 * x + 1] = luma[half];
          break;
        case V4L2_PIX_FMT_RGB24:
          row[3 * x] = half ? 0 : 255;
          row[3 * x + 1] = 0;
          row[3 * x + 2] = half ? 255 : 0;
          break;
        default: /* GREY, and the first plane of NV12 */
          row[x] = luma[half];
        }
    }
}

guint32
fake_draw (guint32 fourcc, guint32 width, guint32 height, guint32 stride, GBytes *jpeg, guint8 *out,
           guint32 size)
{
  if (fourcc == V4L2_PIX_FMT_MJPEG)
    {
      gsize n = 0;
      const guint8 *data = jpeg != NULL ? g_bytes_get_data (jpeg, &n) : NULL;

      n = MIN (n, size);
      if (n > 0)
        memcpy (out, data, n);
      return (guint32) n;
    }
  for (guint32 y = 0; y < height; y++)
    draw_row (fourcc, width, out + (gsize) y * stride);
  if (fourcc != V4L2_PIX_FMT_NV12)
    return stride * height;
  for (guint32 y = 0; y < height / 2; y++)
    for (guint32 x = 0; x < width; x++)
      {
        int half = x >= width / 2;

        out[(gsize) (height + y) * stride + x] = x % 2 == 0 ? cb[half] : cr[half];
      }
  return stride * height * 3 / 2;
}
