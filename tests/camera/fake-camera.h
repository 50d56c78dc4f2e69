/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * V4L2 cameras that exist only in this process.
 *
 * Linked into a test, this file's open(), close(), ioctl() and syscall() win over
 * libc's, also for libv4l2, which enters the kernel by syscall().  A device is a
 * pipe (a byte for each filled buffer, so that poll() works; closed when it is
 * unplugged) and a memfd (the buffers).  Pictures are red on the left half and
 * blue on the right, in any of YUYV, NV12, GREY, RGB24, UYVY and MJPEG.
 */

#define FAKE_CAMERA_NODE "/dev/lk-fake-camera"

typedef enum
{
  FAKE_DAMAGE_NONE,
  FAKE_DAMAGE_NOISE, /* the second half of the data is overwritten */
  FAKE_DAMAGE_HEAD,  /* the first bytes are overwritten */
  FAKE_DAMAGE_SHORT, /* bytesused is half of what it should be */
  FAKE_DAMAGE_EMPTY, /* bytesused is 0 */
  FAKE_DAMAGE_FLAG,  /* V4L2_BUF_FLAG_ERROR */
  FAKE_DAMAGE_EIO,   /* VIDIOC_DQBUF fails */
  FAKE_DAMAGE_INDEX, /* VIDIOC_DQBUF tells of a buffer that does not exist */
} FakeDamage;

/* All zero is a camera that works: YUYV, 640x480 and 1280x720, 30 frames a second. */
typedef struct
{
  guint32 formats[4];  /* V4L2 formats offered, ends with 0 */
  guint32 device_caps; /* 0: VIDEO_CAPTURE and STREAMING */
  const char *card;    /* name; NULL for "Fake Camera" */
  GBytes *jpeg;        /* (owned by the test): sent as MJPEG, whatever size was agreed */
  double fps;          /* true rate */
  double raw_fps;      /* rate that YUYV is said to have; 0: the true one */
  guint padding;       /* bytes at the end of each row, told honestly */
  gboolean stepwise;   /* sizes go in steps instead of being listed */

  int open_errno;      /* open() fails */
  guint32 fails;       /* this ioctl fails … */
  int fails_errno;     /* … so */
  guint unplug_after;  /* frames; 0 never */
  gboolean silent;     /* sends nothing after … */
  guint silent_after;  /* … so many frames */
  FakeDamage damage;   /* of each … */
  guint damage_every;  /* … n-th frame; 0 or 1: of all */
  guint gap_every;     /* frames after which two numbers are left out; 0 never */
  guint32 said_stride; /* bytesperline, instead of the true one */
  guint32 said_width;  /* instead of the true one */
} FakeCamera;

/* Makes, or from the next frame on changes, the camera at @node; plugs it in. */
void fake_camera_set (const char *node, const FakeCamera *script);
void fake_camera_unplug (const char *node);

/* Forgets all of them.  None may be open. */
void fake_camera_reset (void);

/* How many descriptors of it are open. */
int fake_camera_n_open (const char *node);

G_END_DECLS
