/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-camera.h"

G_BEGIN_DECLS

/*
 * What a kind of source must be able to do (private to core/camera).  Everything
 * here runs on the camera's thread.  A backend waits in poll() on its own
 * descriptors and @stop_fd together, which becomes readable, for good, when
 * lk_camera_stop() is called.
 */

/**
 * LkCameraStep:
 * @LK_CAMERA_STEP_FRAME: the frame has been filled in
 * @LK_CAMERA_STEP_STOPPED: @stop_fd became readable
 * @LK_CAMERA_STEP_ENDED: there is no more to come
 * @LK_CAMERA_STEP_FAILED: the error has been set; the source is closed and tried again
 */
typedef enum
{
  LK_CAMERA_STEP_FRAME,
  LK_CAMERA_STEP_STOPPED,
  LK_CAMERA_STEP_ENDED,
  LK_CAMERA_STEP_FAILED,
} LkCameraStep;

/**
 * LkCameraBackend:
 * @open: returns the opened source, or %NULL with the error set (or not set, when
 *   it gave up because of @stop_fd).  The options have their defaults filled in
 *   and outlive the source
 * @next: waits for the next frame and sets its image, when_us, decode_us and name;
 *   adds to @n_dropped what was lost on the way
 * @describe: what was agreed, "640×480 MJPG, 30 fps", given a frame of it
 */
typedef struct
{
  gpointer (*open) (const LkCameraOptions *options, int stop_fd, GError **error);
  LkCameraStep (*next) (gpointer source, LkFrame *frame, guint64 *n_dropped, GError **error);
  char *(*describe) (gpointer source, const LkFrame *frame);
  void (*close) (gpointer source);
} LkCameraBackend;

extern const LkCameraBackend lk_camera_files_backend; /* "files:PATH" */
extern const LkCameraBackend lk_camera_v4l2_backend;  /* a device node */

/* What a files source begins with. */
#define LK_CAMERA_FILES_PREFIX "files:"

/* Waits until g_get_monotonic_time() is @until_us (0: only looks).  Returns: whether to stop. */
gboolean lk_camera_wait (int stop_fd, gint64 until_us);

/* For tests, before the start: instead of LK_CAMERA_RETRY_MS. */
void lk_camera_set_retry_ms (LkCamera *self, int retry_ms);

G_END_DECLS
