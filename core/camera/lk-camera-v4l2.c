/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/lk-error.h"
#include "image/lk-jpeg.h"
#include "image/lk-yuv.h"
#include "lk-camera-backend.h"
#include "lk-camera-error.h"
#include "lk-camera-modes.h"

/* Three to be filled and one in hand; more would only make old frames. */
#define N_BUFFERS 4

/* Cameras take up to some seconds to set their exposure before the first frame. */
#define FIRST_FRAME_US (5 * G_USEC_PER_SEC)
#define NEXT_FRAME_US  (3 * G_USEC_PER_SEC)

/* Single broken frames are passed over; the stream is given up after this many in
 * a row, or, at low rates, after this long. */
#define MAX_DAMAGED    30
#define MAX_DAMAGED_US (2 * G_USEC_PER_SEC)

typedef LkImage *(*ConvertFunc) (const guint8 *data, gsize size, int width, int height, int stride,
                                 GError **error);

/* What we decode ourselves; libv4l2 makes RGB24 from the rest. */
typedef struct
{
  guint32 fourcc;
  int bytes_per_pixel; /* of the first plane's rows; 0 when compressed */
  ConvertFunc convert; /* NULL: JPEG */
} Format;

static const Format formats[] = {
  { V4L2_PIX_FMT_YUYV, 2, lk_image_from_yuyv },
  { V4L2_PIX_FMT_MJPEG, 0, NULL },
  { V4L2_PIX_FMT_JPEG, 0, NULL },
  { V4L2_PIX_FMT_NV12, 1, lk_image_from_nv12 },
  { V4L2_PIX_FMT_GREY, 1, lk_image_from_grey },
  { V4L2_PIX_FMT_RGB24, 3, lk_image_from_rgb24 },
};

typedef struct
{
  void *data; /* MAP_FAILED when not mapped */
  gsize size;
} Buffer;

typedef struct
{
  const LkCameraOptions *options;
  int stop_fd;
  int fd;
  char *name; /* (owned): what the driver calls itself */

  const Format *format;
  int width, height, stride;
  double fps; /* agreed, 0 when the driver does not say */
  Buffer buffers[VIDEO_MAX_FRAME];
  guint n_buffers;

  gint64 deadline_us; /* by when there must be a frame */
  gboolean has_sequence;
  guint32 sequence;        /* of the last frame */
  guint n_damaged;         /* in a row */
  gint64 damaged_since_us; /* when the first of them came */
} V4l2;

static const Format *
find_format (guint32 fourcc)
{
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    if (formats[i].fourcc == fourcc)
      return &formats[i];
  return NULL;
}

static int
request_quietly (V4l2 *self, unsigned long request, void *arg)
{
  int r;

  do
    r = v4l2_ioctl (self->fd, request, arg);
  while (r < 0 && errno == EINTR);
  return r;
}

static gboolean
request (V4l2 *self, unsigned long code, void *arg, const char *what, GError **error)
{
  if (request_quietly (self, code, arg) == 0)
    return TRUE;
  lk_camera_set_driver_error (error, self->options->source, self->name, errno, what);
  return FALSE;
}
#define REQUEST(self, code, arg, error) request (self, code, arg, #code, error)

static gboolean
check_capabilities (V4l2 *self, GError **error)
{
  struct v4l2_capability caps = { 0 };
  g_autofree char *card = NULL;
  guint32 can;

  if (request_quietly (self, VIDIOC_QUERYCAP, &caps) != 0)
    {
      lk_camera_set_open_error (error, self->options->source, errno);
      return FALSE;
    }
  card = g_strndup ((const char *) caps.card, sizeof caps.card);
  g_free (self->name);
  self->name = card[0] != '\0' ? g_utf8_make_valid (card, -1) : g_strdup (self->options->source);

  can = (caps.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? caps.device_caps : caps.capabilities;
  if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_UNSUPPORTED,
                   _ ("“%s” at “%s” does not capture video. Choose another device."), self->name,
                      self->options->source);
      return FALSE;
    }
  return TRUE;
}

/* The driver answers with what it can do, which need not be what was asked. */
static gboolean
set_format (V4l2 *self, guint32 fourcc, struct v4l2_pix_format *agreed, GError **error)
{
  struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };

  format.fmt.pix.pixelformat = fourcc;
  format.fmt.pix.width = self->options->width;
  format.fmt.pix.height = self->options->height;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  if (!REQUEST (self, VIDIOC_S_FMT, &format, error))
    return FALSE;
  *agreed = format.fmt.pix;
  return TRUE;
}

static gboolean
agree_on_format (V4l2 *self, GError **error)
{
  struct v4l2_pix_format agreed;
  guint32 fourcc = self->options->fourcc;

  if (fourcc == 0)
    {
      /* As libv4l2 shows them: it hides what it has to turn round, since some
       * laptops have their camera built in upside down. */
      g_autoptr (GArray) modes = lk_camera_modes_read (self->fd);

      fourcc = lk_camera_modes_choose (modes, self->options->width, self->options->height,
                                       self->options->fps);
    }
  if (find_format (fourcc) == NULL)
    fourcc = V4L2_PIX_FMT_RGB24;
  if (!set_format (self, fourcc, &agreed, error))
    return FALSE;
  if (find_format (agreed.pixelformat) == NULL &&
      !set_format (self, V4L2_PIX_FMT_RGB24, &agreed, error))
    return FALSE;

  self->format = find_format (agreed.pixelformat);
  if (self->format == NULL)
    {
      char name[5];

      lk_camera_fourcc_name (agreed.pixelformat, name);
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_UNSUPPORTED,
                   _ ("The camera “%s” sends only pictures of the kind %s, which Likeness cannot "
                      "read. Choose another format or another camera."),
                      self->name, name);
      return FALSE;
    }
  if (agreed.width == 0 || agreed.height == 0 || agreed.width > LK_IMAGE_MAX_SIDE ||
      agreed.height > LK_IMAGE_MAX_SIDE ||
      (guint64) agreed.width * agreed.height > LK_IMAGE_MAX_PIXELS)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_CAMERA_UNSUPPORTED,
          _ ("The camera “%s” offers pictures of %u×%u pixels, which cannot be used. Choose "
             "another size or another camera."),
             self->name, agreed.width, agreed.height);
      return FALSE;
    }
  self->width = (int) agreed.width;
  self->height = (int) agreed.height;
  /* Some drivers leave it at 0; what is too large shows when a buffer is too short for it. */
  self->stride = (int) MIN (
      MAX (agreed.bytesperline, agreed.width * (guint32) self->format->bytes_per_pixel), G_MAXINT);
  return TRUE;
}

/* A wish: a camera that does not know rates is taken as it is. */
static void
agree_on_rate (V4l2 *self)
{
  struct v4l2_streamparm parm = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
  struct v4l2_fract *interval = &parm.parm.capture.timeperframe;

  if (request_quietly (self, VIDIOC_G_PARM, &parm) == 0 &&
      (parm.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) != 0)
    {
      double fps = MIN (self->options->fps, 1000.0);
      gboolean whole = fps == floor (fps);

      interval->numerator = whole ? 1 : 1000;
      interval->denominator = (guint32) lround (MAX (fps * interval->numerator, 1.0));
      if (request_quietly (self, VIDIOC_S_PARM, &parm) != 0)
        return;
    }
  if (interval->numerator > 0 && interval->denominator > 0)
    self->fps = (double) interval->denominator / interval->numerator;
}

static gboolean
start_streaming (V4l2 *self, GError **error)
{
  struct v4l2_requestbuffers asked = { .count = N_BUFFERS,
                                       .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
                                       .memory = V4L2_MEMORY_MMAP };
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

  if (!REQUEST (self, VIDIOC_REQBUFS, &asked, error))
    return FALSE;
  for (guint i = 0; i < MIN (asked.count, VIDEO_MAX_FRAME); i++)
    {
      struct v4l2_buffer info = { .index = i, .type = asked.type, .memory = V4L2_MEMORY_MMAP };
      Buffer *buffer = &self->buffers[i];

      if (!REQUEST (self, VIDIOC_QUERYBUF, &info, error))
        return FALSE;
      buffer->size = info.length;
      buffer->data = v4l2_mmap (NULL, info.length, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
                                info.m.offset);
      if (buffer->data == MAP_FAILED)
        {
          lk_camera_set_driver_error (error, self->options->source, self->name, errno, "mmap");
          return FALSE;
        }
      self->n_buffers = i + 1;
      if (!REQUEST (self, VIDIOC_QBUF, &info, error))
        return FALSE;
    }
  if (self->n_buffers == 0)
    {
      lk_camera_set_driver_error (error, self->options->source, self->name, ENOMEM,
                                  "VIDIOC_REQBUFS");
      return FALSE;
    }
  if (!REQUEST (self, VIDIOC_STREAMON, &type, error))
    return FALSE;
  self->deadline_us = g_get_monotonic_time () + FIRST_FRAME_US;
  return TRUE;
}

/* Errors do not matter here: an unplugged device answers every request with one. */
static void
v4l2_backend_close (gpointer source)
{
  V4l2 *self = source;
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

  if (self->fd >= 0)
    {
      request_quietly (self, VIDIOC_STREAMOFF, &type);
      for (guint i = 0; i < self->n_buffers; i++)
        v4l2_munmap (self->buffers[i].data, self->buffers[i].size);
      v4l2_close (self->fd);
    }
  g_free (self->name);
  g_free (self);
}

/* libv4l2 writes to standard error what it returns anyway, at each retry. */
static void
silence_library (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  if (v4l2_log_file == NULL && g_getenv ("LIBV4L2_LOG_FILENAME") == NULL)
    v4l2_log_file = fopen ("/dev/null", "we");
  g_once_init_leave (&done, 1);
}

static gpointer
v4l2_backend_open (const LkCameraOptions *options, int stop_fd, GError **error)
{
  V4l2 *self = g_new0 (V4l2, 1);

  self->options = options;
  self->stop_fd = stop_fd;
  self->name = g_strdup (options->source);
  silence_library ();
  self->fd = v4l2_open (options->source, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (self->fd < 0)
    lk_camera_set_open_error (error, options->source, errno);
  else if (check_capabilities (self, error) && agree_on_format (self, error))
    {
      agree_on_rate (self);
      if (start_streaming (self, error))
        return self;
    }
  v4l2_backend_close (self);
  return NULL;
}

/* Counts one that could not be used.  Returns: whether there is still hope. */
static gboolean
pass_over (V4l2 *self, guint64 *n_dropped, GError **error)
{
  gint64 now = g_get_monotonic_time ();

  (*n_dropped)++;
  self->deadline_us = now + NEXT_FRAME_US;
  if (self->n_damaged++ == 0)
    self->damaged_since_us = now;
  if (self->n_damaged <= MAX_DAMAGED &&
      (self->n_damaged < 3 || now - self->damaged_since_us < MAX_DAMAGED_US))
    return TRUE;
  g_set_error (
      error, LK_ERROR, LK_ERROR_CAMERA_DAMAGED,
      _ ("The pictures of the camera “%s” arrive damaged. Choose another format or size, or "
         "try another cable or socket."),
         self->name);
  return FALSE;
}

static void
count_gap (V4l2 *self, guint32 sequence, guint64 *n_dropped)
{
  /* Signed, and so right when the counter runs over; some drivers never count. */
  gint32 step = (gint32) (sequence - self->sequence);

  if (self->has_sequence && step > 1)
    *n_dropped += (guint64) step - 1;
  self->has_sequence = TRUE;
  self->sequence = sequence;
}

static LkImage *
decode (V4l2 *self, const struct v4l2_buffer *info)
{
  const Buffer *buffer = &self->buffers[info->index];
  gsize size = MIN (info->bytesused, buffer->size);

  if ((info->flags & V4L2_BUF_FLAG_ERROR) != 0 || size == 0)
    return NULL;
  if (self->format->convert != NULL)
    return self->format->convert (buffer->data, size, self->width, self->height, self->stride,
                                  NULL);
  return lk_jpeg_decode (buffer->data, size, 0, NULL);
}

/* Fetches the buffer that poll() announced.  Returns: whether there is still hope;
 * the frame has an image if it was a good one. */
static gboolean
take_buffer (V4l2 *self, LkFrame *frame, guint64 *n_dropped, GError **error)
{
  struct v4l2_buffer info = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP };

  if (request_quietly (self, VIDIOC_DQBUF, &info) != 0)
    {
      /* Announced and yet not there: libv4l2 could not convert it, and took it back. */
      if (errno == EAGAIN)
        return self->format->fourcc != V4L2_PIX_FMT_RGB24 || pass_over (self, n_dropped, error);
      if (errno == EIO) /* "temporary problems", says the documentation of VIDIOC_DQBUF */
        return pass_over (self, n_dropped, error);
      lk_camera_set_driver_error (error, self->options->source, self->name, errno, "VIDIOC_DQBUF");
      return FALSE;
    }
  frame->when_us = g_get_monotonic_time ();
  if (info.index >= self->n_buffers)
    {
      lk_camera_set_driver_error (error, self->options->source, self->name, ERANGE, "VIDIOC_DQBUF");
      return FALSE;
    }
  count_gap (self, info.sequence, n_dropped);
  frame->image = decode (self, &info);
  frame->decode_us = g_get_monotonic_time () - frame->when_us;
  if (!REQUEST (self, VIDIOC_QBUF, &info, error))
    return FALSE;
  if (frame->image == NULL)
    return pass_over (self, n_dropped, error);
  self->n_damaged = 0;
  self->deadline_us = frame->when_us + NEXT_FRAME_US;
  return TRUE;
}

/* POLLHUP is a device that is gone; POLLERR alone, one that has given up. */
static void
set_poll_error (V4l2 *self, int events, GError **error)
{
  struct v4l2_capability caps;
  gboolean gone = (events & POLLHUP) != 0 || request_quietly (self, VIDIOC_QUERYCAP, &caps) != 0;

  lk_camera_set_driver_error (error, self->options->source, self->name, gone ? ENODEV : EIO,
                              "poll");
}

static LkCameraStep
v4l2_backend_next (gpointer source, LkFrame *frame, guint64 *n_dropped, GError **error)
{
  V4l2 *self = source;

  while (frame->image == NULL)
    {
      struct pollfd fds[2] = { { .fd = self->stop_fd, .events = POLLIN },
                               { .fd = self->fd, .events = POLLIN } };
      gint64 left_us = self->deadline_us - g_get_monotonic_time ();
      int n = poll (fds, 2, (int) ((MAX (left_us, 0) + 999) / 1000));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || fds[0].revents != 0)
        return LK_CAMERA_STEP_STOPPED;
      if ((fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        {
          set_poll_error (self, fds[1].revents, error);
          return LK_CAMERA_STEP_FAILED;
        }
      if (n > 0 && !take_buffer (self, frame, n_dropped, error))
        return LK_CAMERA_STEP_FAILED;
      if (frame->image == NULL && left_us <= 0)
        {
          g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_SILENT,
                       _ ("The camera “%s” was started but sends no pictures. Open its shutter or "
                          "switch it on if it has one, or plug it in again."),
                          self->name);
          return LK_CAMERA_STEP_FAILED;
        }
    }
  return LK_CAMERA_STEP_FRAME;
}

static char *
v4l2_backend_describe (gpointer source, const LkFrame *frame)
{
  V4l2 *self = source;
  char name[5];

  lk_camera_fourcc_name (self->format->fourcc, name);
  if (self->fps <= 0)
    return g_strdup_printf ("%d×%d %s", frame->image->width, frame->image->height, name);
  return g_strdup_printf ("%d×%d %s, %.4g fps", frame->image->width, frame->image->height, name,
                          self->fps);
}

const LkCameraBackend lk_camera_v4l2_backend = { v4l2_backend_open, v4l2_backend_next,
                                                 v4l2_backend_describe, v4l2_backend_close };
