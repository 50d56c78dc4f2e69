/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera-modes.h"

#include <errno.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <string.h>

#include "image/lk-image.h"

/* More of anything than this, and the driver is making it up. */
#define MAX_FORMATS   64
#define MAX_SIZES     128
#define MAX_INTERVALS 128

void
lk_camera_fourcc_name (guint32 fourcc, char name[5])
{
  for (int i = 0; i < 4; i++)
    {
      char c = (char) (fourcc >> 8 * i & 0x7f); /* bit 31 says big endian */

      name[i] = g_ascii_isprint (c) ? c : '?';
    }
  name[4] = '\0';
  g_strchomp (name);
}

static int
ask (int fd, unsigned long request, void *arg)
{
  int r;

  do
    r = v4l2_ioctl (fd, request, arg);
  while (r < 0 && errno == EINTR);
  return r;
}

static double
read_max_fps (int fd, guint32 fourcc, int width, int height)
{
  double best = 0;

  for (guint32 i = 0; i < MAX_INTERVALS; i++)
    {
      struct v4l2_frmivalenum item = {
        .index = i, .pixel_format = fourcc, .width = width, .height = height
      };
      struct v4l2_fract interval;

      if (ask (fd, VIDIOC_ENUM_FRAMEINTERVALS, &item) != 0)
        break;
      interval = item.type == V4L2_FRMIVAL_TYPE_DISCRETE ? item.discrete : item.stepwise.min;
      if (interval.numerator > 0)
        best = MAX (best, (double) interval.denominator / interval.numerator);
      if (item.type != V4L2_FRMIVAL_TYPE_DISCRETE)
        break;
    }
  return best;
}

static void
add_mode (GArray *modes, int fd, guint32 fourcc, guint32 width, guint32 height)
{
  LkCameraMode mode = { .fourcc = fourcc, .width = (int) width, .height = (int) height };

  if (width == 0 || height == 0 || width > LK_IMAGE_MAX_SIDE || height > LK_IMAGE_MAX_SIDE)
    return;
  for (guint i = 0; i < modes->len; i++)
    {
      const LkCameraMode *other = &g_array_index (modes, LkCameraMode, i);

      if (other->fourcc == fourcc && other->width == mode.width && other->height == mode.height)
        return;
    }
  lk_camera_fourcc_name (fourcc, mode.name);
  mode.max_fps = read_max_fps (fd, fourcc, mode.width, mode.height);
  g_array_append_val (modes, mode);
}

static gboolean
in_steps (guint32 value, guint32 min, guint32 max, guint32 step)
{
  return value >= min && value <= max && (value - min) % MAX (step, 1) == 0;
}

static void
add_steps (GArray *modes, int fd, guint32 fourcc, const struct v4l2_frmsize_stepwise *s)
{
  static const guint32 usual[][2] = { { 320, 240 },  { 640, 360 },  { 640, 480 },  { 800, 600 },
                                      { 1280, 720 }, { 1280, 960 }, { 1920, 1080 } };

  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    if (in_steps (usual[i][0], s->min_width, s->max_width, s->step_width) &&
        in_steps (usual[i][1], s->min_height, s->max_height, s->step_height))
      add_mode (modes, fd, fourcc, usual[i][0], usual[i][1]);
  add_mode (modes, fd, fourcc, s->max_width, s->max_height);
}

static void
add_format (GArray *modes, int fd, guint32 fourcc)
{
  guint before = modes->len;

  for (guint32 i = 0; i < MAX_SIZES; i++)
    {
      struct v4l2_frmsizeenum item = { .index = i, .pixel_format = fourcc };

      if (ask (fd, VIDIOC_ENUM_FRAMESIZES, &item) != 0)
        break;
      if (item.type != V4L2_FRMSIZE_TYPE_DISCRETE)
        {
          add_steps (modes, fd, fourcc, &item.stepwise);
          break;
        }
      add_mode (modes, fd, fourcc, item.discrete.width, item.discrete.height);
    }
  if (modes->len == before) /* a driver that does not say: what it is set to now */
    {
      struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

      if (ask (fd, VIDIOC_G_FMT, &format) == 0)
        add_mode (modes, fd, fourcc, format.fmt.pix.width, format.fmt.pix.height);
    }
}

static int
larger_first (gconstpointer a, gconstpointer b)
{
  const LkCameraMode *one = a, *two = b;
  gint64 area_one = (gint64) one->width * one->height, area_two = (gint64) two->width * two->height;

  if (area_one != area_two)
    return area_one > area_two ? -1 : 1;
  return strcmp (one->name, two->name);
}

GArray *
lk_camera_modes_read (int fd)
{
  GArray *modes = g_array_new (FALSE, TRUE, sizeof (LkCameraMode));

  for (guint32 i = 0; i < MAX_FORMATS; i++)
    {
      struct v4l2_fmtdesc format = { .index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

      if (ask (fd, VIDIOC_ENUM_FMT, &format) != 0)
        break;
      if ((format.flags & V4L2_FMT_FLAG_EMULATED) == 0)
        add_format (modes, fd, format.pixelformat);
    }
  g_array_sort (modes, larger_first);
  return modes;
}

char *
lk_camera_modes_to_string (const GArray *modes)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < modes->len; i++) /* the larger come first */
    {
      const LkCameraMode *mode = &g_array_index (modes, LkCameraMode, i);
      gboolean is_first = TRUE;

      for (guint j = 0; j < i && is_first; j++)
        is_first = g_array_index (modes, LkCameraMode, j).fourcc != mode->fourcc;
      if (!is_first)
        continue;
      g_string_append_printf (text, "%s%s %d×%d", text->len > 0 ? ", " : "", mode->name,
                              mode->width, mode->height);
      if (mode->max_fps > 0)
        g_string_append_printf (text, " %.0f/s", mode->max_fps);
    }
  return g_string_free (text, FALSE);
}

static gboolean
offers (const GArray *modes, guint32 fourcc)
{
  for (guint i = 0; i < modes->len; i++)
    if (g_array_index (modes, LkCameraMode, i).fourcc == fourcc)
      return TRUE;
  return FALSE;
}

static gboolean
offers_exactly (const GArray *modes, guint32 fourcc, int width, int height, double fps)
{
  for (guint i = 0; i < modes->len; i++)
    {
      const LkCameraMode *mode = &g_array_index (modes, LkCameraMode, i);

      /* Some drivers round 30 to 29.97. */
      if (mode->fourcc == fourcc && mode->width == width && mode->height == height &&
          (mode->max_fps <= 0 || mode->max_fps > 0.95 * fps))
        return TRUE;
    }
  return FALSE;
}

guint32
lk_camera_modes_choose (const GArray *modes, int width, int height, double fps)
{
  static const guint32 in_order[] = { V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG, V4L2_PIX_FMT_YUYV,
                                      V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_RGB24 };

  if (offers_exactly (modes, V4L2_PIX_FMT_YUYV, width, height, fps))
    return V4L2_PIX_FMT_YUYV;
  for (gsize i = 0; i < G_N_ELEMENTS (in_order); i++)
    if (offers (modes, in_order[i]))
      return in_order[i];
  for (guint i = 0; i < modes->len; i++)
    if (g_array_index (modes, LkCameraMode, i).fourcc != V4L2_PIX_FMT_GREY)
      return V4L2_PIX_FMT_RGB24;
  return modes->len > 0 ? V4L2_PIX_FMT_GREY : V4L2_PIX_FMT_RGB24;
}
