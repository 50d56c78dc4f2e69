/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-camera.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fake-camera-private.h"

#define MAX_CAMERAS 6
#define MAX_BUFFERS 8

typedef enum
{
  IDLE,
  QUEUED,
  FILLED,
} BufferState;

typedef struct
{
  BufferState state;
  guint32 bytesused, sequence;
  FakeDamage damage;
} Buffer;

typedef struct
{
  char node[256]; /* "" when free */
  FakeCamera script;
  gboolean plugged;

  int fd;  /* read end of the pipe, -1 while closed */
  int out; /* write end, -1 when unplugged */
  int memory;
  guint32 fourcc, width, height, stride, size; /* size: of a buffer */
  guint8 *map;
  Buffer buffers[MAX_BUFFERS];
  guint n_buffers;
  pthread_t thread;
  gboolean streaming, stop;
  guint32 n_sent, sequence;
} Camera;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all below */
static pthread_cond_t wake;
static Camera cameras[MAX_CAMERAS];
static int in_use; /* atomic: a sanitizer may open files before locks work */

static int
fail (int errnum)
{
  errno = errnum;
  return -1;
}

static Camera *
find_node (const char *node)
{
  for (int i = 0; i < MAX_CAMERAS; i++)
    if (cameras[i].node[0] != '\0' && strcmp (cameras[i].node, node) == 0)
      return &cameras[i];
  return NULL;
}

static Camera *
find_fd (long fd)
{
  for (int i = 0; fd > 2 && i < MAX_CAMERAS; i++)
    if (cameras[i].node[0] != '\0' && cameras[i].fd == fd)
      return &cameras[i];
  return NULL;
}

static void
fill (Camera *self, guint index)
{
  const FakeCamera *script = &self->script;
  Buffer *buffer = &self->buffers[index];
  guint8 *data = self->map + (gsize) index * self->size;

  buffer->bytesused = fake_draw (self->fourcc, self->width, self->height, self->stride,
                                 self->script.jpeg, data, self->size);
  buffer->damage = FAKE_DAMAGE_NONE;
  if (script->damage != FAKE_DAMAGE_NONE &&
      (script->damage_every < 2 || self->n_sent % script->damage_every == script->damage_every - 1))
    buffer->damage = script->damage;
  switch (buffer->damage)
    {
    case FAKE_DAMAGE_NOISE:
      for (guint32 i = buffer->bytesused / 2; i < buffer->bytesused; i++)
        data[i] = (guint8) (i * 2654435761u >> 13);
      break;
    case FAKE_DAMAGE_HEAD:
      memset (data, 0, 16);
      break;
    case FAKE_DAMAGE_SHORT:
      buffer->bytesused /= 2;
      break;
    case FAKE_DAMAGE_EMPTY:
      buffer->bytesused = 0;
      break;
    default:
      break;
    }
  if (script->gap_every > 0 && self->n_sent > 0 && self->n_sent % script->gap_every == 0)
    self->sequence += 2;
  buffer->sequence = self->sequence;
  buffer->state = FILLED;
  self->n_sent++;
  fake_kernel (SYS_write, self->out, (long) "", 1, 0, 0, 0);
}

/* --- the sensor ----------------------------------------------------------- */

static void
unplug (Camera *self)
{
  self->plugged = FALSE;
  if (self->fd >= 0 && self->out >= 0)
    fake_kernel (SYS_close, self->out, 0, 0, 0, 0, 0); /* poll: POLLHUP */
  self->out = -1;
}

/* A real driver numbers also the frames that find no queued buffer; here only the
 * script makes gaps, however slow the machine is. */
static void
send_frame (Camera *self)
{
  const FakeCamera *script = &self->script;

  if (!self->plugged || (script->silent && self->n_sent >= script->silent_after))
    return;
  if (script->unplug_after > 0 && self->n_sent >= script->unplug_after)
    {
      unplug (self);
      return;
    }
  for (guint i = 0; i < self->n_buffers; i++)
    if (self->buffers[i].state == QUEUED)
      {
        fill (self, i);
        self->sequence++;
        break;
      }
}

static void *
sense (void *data)
{
  Camera *self = data;
  struct timespec next;

  clock_gettime (CLOCK_MONOTONIC, &next);
  pthread_mutex_lock (&lock);
  while (!self->stop)
    {
      next.tv_nsec += (long) (1e9 / (self->script.fps > 0 ? self->script.fps : 30));
      next.tv_sec += next.tv_nsec / 1000000000;
      next.tv_nsec %= 1000000000;
      while (!self->stop && pthread_cond_timedwait (&wake, &lock, &next) != ETIMEDOUT)
        ;
      if (!self->stop)
        send_frame (self);
    }
  pthread_mutex_unlock (&lock);
  return NULL;
}

/* Called with the lock held, which it lets go of while it waits. */
static void
stop_streaming (Camera *self)
{
  char byte;

  if (!self->streaming)
    return;
  self->streaming = FALSE;
  self->stop = TRUE;
  pthread_cond_broadcast (&wake);
  pthread_mutex_unlock (&lock);
  pthread_join (self->thread, NULL);
  pthread_mutex_lock (&lock);
  while (fake_kernel (SYS_read, self->fd, (long) &byte, 1, 0, 0, 0) == 1)
    ;
  for (guint i = 0; i < self->n_buffers; i++)
    self->buffers[i].state = IDLE;
}

/* --- the ioctls ----------------------------------------------------------- */

static guint32
native_format (const Camera *self, guint index)
{
  if (self->script.formats[0] == 0)
    return index == 0 ? V4L2_PIX_FMT_YUYV : 0;
  return index < G_N_ELEMENTS (self->script.formats) ? self->script.formats[index] : 0;
}

static guint32
nearest_format (const Camera *self, guint32 wished)
{
  for (guint i = 0; native_format (self, i) != 0; i++)
    if (native_format (self, i) == wished)
      return wished;
  return native_format (self, 0);
}

static int
query_capabilities (const Camera *self, struct v4l2_capability *caps)
{
  memset (caps, 0, sizeof *caps);
  g_strlcpy ((char *) caps->driver, "fake", sizeof caps->driver);
  g_strlcpy ((char *) caps->card, self->script.card != NULL ? self->script.card : "Fake Camera",
             sizeof caps->card);
  g_strlcpy ((char *) caps->bus_info, "usb-fake-1", sizeof caps->bus_info);
  caps->version = 0x060100;
  caps->device_caps = self->script.device_caps != 0 ? self->script.device_caps
                                                    : V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  /* As for a real device, what all of its nodes can do together. */
  caps->capabilities = caps->device_caps | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING |
                       V4L2_CAP_DEVICE_CAPS;
  return 0;
}

static int
enumerate_formats (const Camera *self, struct v4l2_fmtdesc *item)
{
  if (item->type != V4L2_BUF_TYPE_VIDEO_CAPTURE || native_format (self, item->index) == 0)
    return fail (EINVAL);
  item->pixelformat = native_format (self, item->index);
  item->flags = item->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
  return 0;
}

static int
enumerate_sizes (const Camera *self, struct v4l2_frmsizeenum *item)
{
  static const struct v4l2_frmsize_discrete sizes[] = { { 640, 480 }, { 1280, 720 } };
  static const struct v4l2_frmsize_stepwise steps = { 160, 1280, 16, 120, 960, 8 };

  if (nearest_format (self, item->pixel_format) != item->pixel_format ||
      item->index >= (self->script.stepwise ? 1 : G_N_ELEMENTS (sizes)))
    return fail (EINVAL);
  item->type = self->script.stepwise ? V4L2_FRMSIZE_TYPE_STEPWISE : V4L2_FRMSIZE_TYPE_DISCRETE;
  if (self->script.stepwise)
    item->stepwise = steps;
  else
    item->discrete = sizes[item->index];
  return 0;
}

static double
said_fps (const Camera *self, guint32 fourcc)
{
  if (fourcc == V4L2_PIX_FMT_YUYV && self->script.raw_fps > 0)
    return self->script.raw_fps;
  return self->script.fps > 0 ? self->script.fps : 30;
}

static int
enumerate_intervals (const Camera *self, struct v4l2_frmivalenum *item)
{
  static const guint32 numerators[] = { 2, 1, 3 }; /* the fastest is neither first nor last */

  if (item->index >= G_N_ELEMENTS (numerators))
    return fail (EINVAL);
  item->type = V4L2_FRMIVAL_TYPE_DISCRETE;
  item->discrete.numerator = numerators[item->index];
  item->discrete.denominator = (guint32) said_fps (self, item->pixel_format);
  return 0;
}

static int
exchange_format (Camera *self, guint32 request, struct v4l2_format *format)
{
  struct v4l2_pix_format *pix = &format->fmt.pix;
  guint32 fourcc = self->fourcc, width = self->width, height = self->height;

  if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
    return fail (EINVAL);
  if (request == VIDIOC_S_FMT && self->n_buffers > 0)
    return fail (EBUSY);
  if (request != VIDIOC_G_FMT)
    {
      fourcc = nearest_format (self, pix->pixelformat);
      width = pix->width > 960 ? 1280 : 640;
      height = width == 1280 ? 720 : 480;
    }
  if (request == VIDIOC_S_FMT)
    {
      self->fourcc = fourcc;
      self->width = width;
      self->height = height;
      self->stride = fake_stride (fourcc, width, self->script.padding);
      self->size = MAX (self->stride, 2 * width) * height * 3 / 2;
      self->size = (self->size + 4095) & ~4095u;
    }
  memset (pix, 0, sizeof *pix);
  pix->pixelformat = fourcc;
  pix->width = self->script.said_width != 0 ? self->script.said_width : width;
  pix->height = height;
  pix->field = V4L2_FIELD_NONE;
  pix->bytesperline = self->script.said_stride != 0
                          ? self->script.said_stride
                          : fake_stride (fourcc, width, self->script.padding);
  pix->sizeimage = MAX (fake_stride (fourcc, width, self->script.padding), 2 * width) * height;
  pix->colorspace = V4L2_COLORSPACE_SRGB;
  return 0;
}

static int
exchange_rate (const Camera *self, struct v4l2_streamparm *parm)
{
  parm->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
  parm->parm.capture.timeperframe.numerator = 1;
  parm->parm.capture.timeperframe.denominator = (guint32) said_fps (self, self->fourcc);
  return 0;
}

static int
request_buffers (Camera *self, struct v4l2_requestbuffers *asked)
{
  if (asked->memory != V4L2_MEMORY_MMAP)
    return fail (EINVAL);
  if (self->map != NULL)
    fake_kernel (SYS_munmap, (long) self->map, (long) self->n_buffers * self->size, 0, 0, 0, 0);
  self->map = NULL;
  memset (self->buffers, 0, sizeof self->buffers);
  asked->count = MIN (asked->count, MAX_BUFFERS);
  asked->capabilities = 0;
  self->n_buffers = asked->count;
  if (self->n_buffers > 0)
    {
      long size = (long) self->n_buffers * self->size;

      if (ftruncate (self->memory, size) != 0)
        return -1;
      self->map = (guint8 *) fake_kernel (SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED,
                                          self->memory, 0);
    }
  return 0;
}

static void
describe_buffer (const Camera *self, guint32 index, struct v4l2_buffer *info)
{
  memset (info, 0, sizeof *info);
  info->index = index;
  info->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  info->memory = V4L2_MEMORY_MMAP;
  info->length = self->size;
  info->m.offset = index * self->size;
  info->field = V4L2_FIELD_NONE;
}

static int
queue_buffer (Camera *self, const struct v4l2_buffer *info)
{
  if (info->index >= self->n_buffers || self->buffers[info->index].state != IDLE)
    return fail (EINVAL);
  self->buffers[info->index].state = QUEUED;
  return 0;
}

static int
dequeue_buffer (Camera *self, struct v4l2_buffer *info)
{
  int oldest = -1;
  char byte;
  Buffer *buffer;

  if (!self->streaming)
    return fail (EINVAL);
  if (fake_kernel (SYS_read, self->fd, (long) &byte, 1, 0, 0, 0) != 1)
    return fail (EAGAIN);
  for (guint i = 0; i < self->n_buffers; i++)
    if (self->buffers[i].state == FILLED &&
        (oldest < 0 || self->buffers[i].sequence < self->buffers[oldest].sequence))
      oldest = (int) i;
  if (oldest < 0)
    return fail (EIO);
  buffer = &self->buffers[oldest];
  if (buffer->damage == FAKE_DAMAGE_EIO)
    {
      buffer->state = QUEUED;
      return fail (EIO);
    }
  buffer->state = IDLE;
  describe_buffer (self, (guint32) oldest, info);
  info->bytesused = buffer->bytesused;
  info->sequence = buffer->sequence;
  info->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  if (buffer->damage == FAKE_DAMAGE_FLAG)
    info->flags |= V4L2_BUF_FLAG_ERROR;
  if (buffer->damage == FAKE_DAMAGE_INDEX)
    info->index = 1000;
  return 0;
}

static int
answer (Camera *self, guint32 request, void *arg)
{
  if (!self->plugged || self->out < 0)
    {
      if (request == VIDIOC_STREAMOFF)
        stop_streaming (self);
      return fail (ENODEV);
    }
  if (self->script.fails != 0 && request == self->script.fails)
    return fail (self->script.fails_errno);
  switch (request)
    {
    case VIDIOC_QUERYCAP:
      return query_capabilities (self, arg);
    case VIDIOC_ENUM_FMT:
      return enumerate_formats (self, arg);
    case VIDIOC_ENUM_FRAMESIZES:
      return enumerate_sizes (self, arg);
    case VIDIOC_ENUM_FRAMEINTERVALS:
      return enumerate_intervals (self, arg);
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT:
      return exchange_format (self, request, arg);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM:
      return exchange_rate (self, arg);
    case VIDIOC_REQBUFS:
      return request_buffers (self, arg);
    case VIDIOC_QUERYBUF:
      {
        struct v4l2_buffer *info = arg;

        if (info->index >= self->n_buffers)
          return fail (EINVAL);
        describe_buffer (self, info->index, info);
        return 0;
      }
    case VIDIOC_QBUF:
      return queue_buffer (self, arg);
    case VIDIOC_DQBUF:
      return dequeue_buffer (self, arg);
    case VIDIOC_STREAMON:
      if (!self->streaming)
        {
          self->streaming = TRUE;
          self->stop = FALSE;
          self->n_sent = 0;
          self->sequence = 7; /* the first number says nothing */
          pthread_create (&self->thread, NULL, sense, self);
        }
      return 0;
    case VIDIOC_STREAMOFF:
      stop_streaming (self);
      return 0;
    case VIDIOC_QUERYCTRL:
      return fail (EINVAL);
    default:
      return fail (ENOTTY);
    }
}

/* --- from the entry points ------------------------------------------------ */

gboolean
fake_take_open (const char *node, long *result)
{
  Camera *self;
  int ends[2];

  if (!g_atomic_int_get (&in_use))
    return FALSE;
  pthread_mutex_lock (&lock);
  self = find_node (node);
  if (self != NULL)
    {
      *result = -1;
      if (!self->plugged)
        fail (ENOENT);
      else if (self->script.open_errno != 0)
        fail (self->script.open_errno);
      else if (self->fd >= 0)
        fail (EBUSY);
      else if (fake_kernel (SYS_pipe2, (long) ends, O_NONBLOCK | O_CLOEXEC, 0, 0, 0, 0) == 0)
        {
          self->fd = ends[0];
          self->out = ends[1];
          self->memory = memfd_create ("fake-camera", MFD_CLOEXEC);
          self->fourcc = native_format (self, 0);
          self->width = 640;
          self->height = 480;
          *result = self->fd;
        }
    }
  pthread_mutex_unlock (&lock);
  return self != NULL;
}

gboolean
fake_take_ioctl (long fd, long request, long arg, long *result)
{
  Camera *self;

  if (!g_atomic_int_get (&in_use))
    return FALSE;
  pthread_mutex_lock (&lock);
  self = find_fd (fd);
  if (self != NULL)
    *result = answer (self, (guint32) request, (void *) arg);
  pthread_mutex_unlock (&lock);
  return self != NULL;
}

gboolean
fake_take_close (long fd, long *result)
{
  Camera *self;

  if (!g_atomic_int_get (&in_use))
    return FALSE;
  pthread_mutex_lock (&lock);
  self = find_fd (fd);
  if (self != NULL)
    {
      struct v4l2_requestbuffers none = { .memory = V4L2_MEMORY_MMAP };

      stop_streaming (self);
      request_buffers (self, &none);
      if (self->out >= 0)
        fake_kernel (SYS_close, self->out, 0, 0, 0, 0, 0);
      fake_kernel (SYS_close, self->memory, 0, 0, 0, 0, 0);
      self->fd = self->out = -1;
      *result = fake_kernel (SYS_close, fd, 0, 0, 0, 0, 0);
    }
  pthread_mutex_unlock (&lock);
  return self != NULL;
}

long
fake_memory_of (long fd)
{
  Camera *self;

  if (!g_atomic_int_get (&in_use))
    return fd;
  pthread_mutex_lock (&lock);
  self = find_fd (fd);
  if (self != NULL)
    fd = self->memory;
  pthread_mutex_unlock (&lock);
  return fd;
}

/* --- for the test --------------------------------------------------------- */

void
fake_camera_set (const char *node, const FakeCamera *script)
{
  static gsize ready;
  Camera *self;

  if (g_once_init_enter (&ready))
    {
      pthread_condattr_t attributes;

      pthread_condattr_init (&attributes);
      pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
      pthread_cond_init (&wake, &attributes);
      pthread_condattr_destroy (&attributes);
      g_atomic_int_set (&in_use, TRUE);
      g_once_init_leave (&ready, 1);
    }
  pthread_mutex_lock (&lock);
  self = find_node (node);
  for (int i = 0; self == NULL && i < MAX_CAMERAS; i++)
    if (cameras[i].node[0] == '\0')
      {
        self = &cameras[i];
        self->fd = self->out = -1;
        g_strlcpy (self->node, node, sizeof self->node);
      }
  g_assert_nonnull (self);
  self->script = *script;
  self->plugged = TRUE;
  pthread_mutex_unlock (&lock);
}

void
fake_camera_unplug (const char *node)
{
  pthread_mutex_lock (&lock);
  unplug (find_node (node));
  pthread_mutex_unlock (&lock);
}

void
fake_camera_reset (void)
{
  pthread_mutex_lock (&lock);
  for (int i = 0; i < MAX_CAMERAS; i++)
    {
      g_assert_true (cameras[i].node[0] == '\0' || cameras[i].fd < 0);
      cameras[i].node[0] = '\0';
    }
  pthread_mutex_unlock (&lock);
}

int
fake_camera_n_open (const char *node)
{
  Camera *self;
  int n;

  pthread_mutex_lock (&lock);
  self = find_node (node);
  n = self != NULL && self->fd >= 0;
  pthread_mutex_unlock (&lock);
  return n;
}
