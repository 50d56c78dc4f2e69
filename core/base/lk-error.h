/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LkRetry:
 * @LK_RETRY_NO_FACE: nothing that looks like a face in the frame
 * @LK_RETRY_TOO_DARK: too little light to tell a face
 * @LK_RETRY_TOO_BRIGHT: the face is washed out
 * @LK_RETRY_SEVERAL_FACES: more than one face, about as large as the first
 * @LK_RETRY_TOO_FAR: the face has too few pixels
 * @LK_RETRY_TOO_CLOSE: it is larger than the picture
 * @LK_RETRY_CUT_OFF: a part of it is outside of the picture
 * @LK_RETRY_NOT_CENTRED: it is at the picture's edge
 * @LK_RETRY_TURNED_AWAY: yaw, pitch or roll of the head
 * @LK_RETRY_UNEVEN_LIGHT: one side of it is dark
 * @LK_RETRY_BLURRED: out of focus, or moved
 * @LK_RETRY_EYES_HIDDEN: by sunglasses, a hand, hair
 *
 * Advice to the person in front of the camera.  The session goes on; the next
 * frame may do.  The message is a sentence that can be shown.
 */
typedef enum
{
  LK_RETRY_NO_FACE,
  LK_RETRY_TOO_DARK,
  LK_RETRY_TOO_BRIGHT,
  LK_RETRY_SEVERAL_FACES,
  LK_RETRY_TOO_FAR,
  LK_RETRY_TOO_CLOSE,
  LK_RETRY_CUT_OFF,
  LK_RETRY_NOT_CENTRED,
  LK_RETRY_TURNED_AWAY,
  LK_RETRY_UNEVEN_LIGHT,
  LK_RETRY_BLURRED,
  LK_RETRY_EYES_HIDDEN,
} LkRetry;

/**
 * LkError:
 * @LK_ERROR_SHAPE: the sizes of two things do not fit together
 * @LK_ERROR_FORMAT: a file is damaged, not of a known kind, or of an unknown version
 * @LK_ERROR_TOO_LARGE: a file or a picture is over the limits that protect memory
 * @LK_ERROR_NO_MODEL: there is no model of that name, or none has been trained yet
 * @LK_ERROR_NO_DATA: too few pictures, people or anchors for what was asked
 * @LK_ERROR_DIVERGED: training produced numbers that are not finite
 * @LK_ERROR_STORE_BUSY: another process that uses the store is in the way
 * @LK_ERROR_LOCKED: something is encrypted and its key is not at hand
 * @LK_ERROR_LOCKED_OUT: too many attempts were refused: there is a wait first
 * @LK_ERROR_RANGE: a number that was asked for is out of its range
 * @LK_ERROR_CAMERA_NOT_FOUND: no such camera (or file, for the file camera)
 * @LK_ERROR_CAMERA_BUSY: another program holds the camera
 * @LK_ERROR_CAMERA_PERMISSION: this user may not open the camera
 * @LK_ERROR_CAMERA_UNPLUGGED: the camera went away while it was in use
 * @LK_ERROR_CAMERA_SILENT: the camera was started but sends no pictures
 * @LK_ERROR_CAMERA_DAMAGED: the camera sends pictures that cannot be decoded
 * @LK_ERROR_CAMERA_UNSUPPORTED: the device offers no way of capture that we know
 * @LK_ERROR_CAMERA_FAILED: the driver reported anything else
 *
 * The operation is over.  File and permission errors keep their own domain
 * (`G_FILE_ERROR`, `G_IO_ERROR`).  Every message is one or two whole sentences
 * that a person can be shown: what happened, why, and what to do next.
 */
typedef enum
{
  LK_ERROR_SHAPE,
  LK_ERROR_FORMAT,
  LK_ERROR_TOO_LARGE,
  LK_ERROR_NO_MODEL,
  LK_ERROR_NO_DATA,
  LK_ERROR_DIVERGED,
  LK_ERROR_STORE_BUSY,
  LK_ERROR_LOCKED,
  LK_ERROR_LOCKED_OUT,
  LK_ERROR_RANGE,
  LK_ERROR_CAMERA_NOT_FOUND = 0x100, /* room for more above */
  LK_ERROR_CAMERA_BUSY,
  LK_ERROR_CAMERA_PERMISSION,
  LK_ERROR_CAMERA_UNPLUGGED,
  LK_ERROR_CAMERA_SILENT,
  LK_ERROR_CAMERA_DAMAGED,
  LK_ERROR_CAMERA_UNSUPPORTED,
  LK_ERROR_CAMERA_FAILED,
} LkError;

#define LK_RETRY (lk_retry_quark ())
#define LK_ERROR (lk_error_quark ())
GQuark lk_retry_quark (void);
GQuark lk_error_quark (void);

G_END_DECLS
