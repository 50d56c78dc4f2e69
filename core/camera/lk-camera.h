/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"

G_BEGIN_DECLS

/*
 * A source of frames: a V4L2 device or files that play one.
 *
 * lk_camera_start() opens the source on a thread of its own and keeps it going
 * until lk_camera_stop(): a camera that is missing, busy, unplugged, silent or
 * damaged is reported and tried again every LK_CAMERA_RETRY_MS, so that it comes
 * back by itself.  No function here waits for a device on the caller's thread,
 * but for lk_camera_stop(), which joins (a poll with an eventfd: some ms).
 */
typedef struct _LkCamera LkCamera;

#define LK_CAMERA_RETRY_MS 1000

/**
 * LkCameraOptions:
 * @source: a device node ("/dev/video0"), its by-id or by-path link, or
 *   "files:PATH" where PATH is a folder of pictures, one picture, or a file of
 *   concatenated JPEGs (.mjpeg, .mjpg)
 * @fourcc: V4L2 pixel format wished for, 0 to choose
 * @width: wished for, 0 for 640
 * @height: wished for, 0 for 480
 * @fps: frames per second; 0 for 30.  A device may give another; files are
 *   played at this rate (any positive number)
 * @once: files: end after one round (LK_CAMERA_ENDED) instead of starting anew
 *
 * A folder is walked to its sub-folders, in the order of names.
 */
typedef struct
{
  char *source;
  guint32 fourcc;
  int width;
  int height;
  double fps;
  gboolean once;
} LkCameraOptions;

/**
 * LkFrame:
 * @image: (owned): the picture, not mirrored
 * @number: counts the frames shown since the start, from 0
 * @when_us: g_get_monotonic_time() when it was complete
 * @n_dropped: frames lost since the start: those that the driver counted (gaps in
 *   its sequence) but that did not arrive, and those that were damaged
 * @decode_us: time spent on decoding or converting it
 * @name: (nullable) (owned): files: the picture's path
 */
typedef struct
{
  LkImage *image;
  guint64 number;
  gint64 when_us;
  guint64 n_dropped;
  gint64 decode_us;
  char *name;
} LkFrame;

LkFrame *lk_frame_new (void);          /* empty: for cameras, and tests that play one */
LkFrame *lk_frame_ref (LkFrame *self); /* atomic */
void lk_frame_unref (LkFrame *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkFrame, lk_frame_unref)

/**
 * LkCameraState:
 * @LK_CAMERA_STARTING: once, when it is started
 * @LK_CAMERA_STREAMING: frames arrive (the first follows); @detail of the callback
 *   says what was agreed ("640×480 MJPG, 30 fps")
 * @LK_CAMERA_FAILED: see the error; it is tried again by itself, and is told once,
 *   until frames arrive again or the cause changes.  A camera that was pulled out
 *   stays %LK_ERROR_CAMERA_UNPLUGGED, it does not turn into _NOT_FOUND
 * @LK_CAMERA_ENDED: files with `once`: no more frames will come
 */
typedef enum
{
  LK_CAMERA_STARTING,
  LK_CAMERA_STREAMING,
  LK_CAMERA_FAILED,
  LK_CAMERA_ENDED,
} LkCameraState;

/* Both are called on the camera's thread and must be quick; @frame is borrowed.
 * @error is set for LK_CAMERA_FAILED only: LK_ERROR_CAMERA_*, with a sentence. */
typedef void (*LkCameraFrameFunc) (LkFrame *frame, gpointer data);
typedef void (*LkCameraStateFunc) (LkCameraState state, const char *detail, const GError *error,
                                   gpointer data);

/* Copies @options.  Never fails: what is wrong shows as LK_CAMERA_FAILED. */
LkCamera *lk_camera_new (const LkCameraOptions *options);
void lk_camera_start (LkCamera *self, LkCameraFrameFunc on_frame, LkCameraStateFunc on_state,
                      gpointer data);
/* No callback runs after its return.  Not from within a callback.  May be started again. */
void lk_camera_stop (LkCamera *self);
void lk_camera_free (LkCamera *self); /* stops first; accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkCamera, lk_camera_free)

G_END_DECLS
