/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"
#include "lk-enrol-ring.h"
#include "lk-mark.h"

G_BEGIN_DECLS

/*
 * LkCameraView: the live picture, and what stands in its place when there is none.
 *
 * Passive.  Shows one of: starting (a spinner; also before the first call), the live
 * picture, a failure (icon, title, the error's own sentence, "Try Again" and, where it
 * helps, "Choose Camera"), ended.  Over the live picture lie the face's frame and points, a
 * sentence of advice and the number of a count-down.
 *
 * Properties
 *   "mirror" (gboolean, TRUE)  as in a mirror.  A transform when it is drawn: the
 *                              picture itself, its frame's coordinates and what the
 *                              network sees are not mirrored.
 *   "state" (int, read-only)   a LkCameraViewState
 * Signals
 *   "retry" (void)             "Try Again" was pressed
 *   "choose-camera" (void)     "Choose Camera" was pressed
 * Actions (class actions, on the view)
 *   "camera.retry", "camera.choose": the same two
 */
#define LK_TYPE_CAMERA_VIEW (lk_camera_view_get_type ())
G_DECLARE_FINAL_TYPE (LkCameraView, lk_camera_view, LK, CAMERA_VIEW, AdwBin)

typedef enum
{
  LK_CAMERA_VIEW_STARTING,
  LK_CAMERA_VIEW_LIVE,
  LK_CAMERA_VIEW_FAILED,
  LK_CAMERA_VIEW_ENDED,
} LkCameraViewState;

GtkWidget *lk_camera_view_new (void);

/* Shows a frame without copying its pixels and goes to LIVE, whatever was shown
 * before.  Keeps a reference to @image's GBytes until the next frame. */
void lk_camera_view_set_image (LkCameraView *self, const LkImage *image);

/* @name: (nullable): the camera's name for the sentence below the spinner */
void lk_camera_view_set_starting (LkCameraView *self, const char *name);

/* The user asked for another start: the next lk_camera_view_set_starting() is shown even
 * in place of a failure, which otherwise stays until a frame arrives (a camera that fails
 * is tried again every second).  "Try Again" does this by itself. */
void lk_camera_view_expect_start (LkCameraView *self);

/* @error: LK_ERROR_CAMERA_* chooses icon, title and buttons; any other is shown in a
 * general way.  A failure that is shown already is only updated: no flicker. */
void lk_camera_view_set_error (LkCameraView *self, const GError *error);

/* Files were played to their end; the last picture stays, dimmed. */
void lk_camera_view_set_ended (LkCameraView *self);

LkCameraViewState lk_camera_view_get_state (LkCameraView *self);

/* @face: (nullable): box and points in pixels of the image; NULL for no frame.  One of
 * score 0 has no points: it is the guide frame.
 * @others: (array length=n_others): faces that are not looked at, drawn faintly */
void lk_camera_view_set_face (LkCameraView *self, const LkFace *face, const LkFace *others,
                              int n_others, LkMark mark);

/* @crop: (nullable): shown small in the corner: what is taken of the picture */
void lk_camera_view_set_crop (LkCameraView *self, const LkImage *crop);

/* @sentence: (nullable): shown over the lower edge of the live picture */
void lk_camera_view_set_advice (LkCameraView *self, const char *sentence);

/* @seconds: a large number over the picture; 0 hides it */
void lk_camera_view_set_countdown (LkCameraView *self, int seconds);

/* Lies over the live picture, where its own alignment puts it. */
void lk_camera_view_add_over (LkCameraView *self, GtkWidget *child);

/* How much the live picture is darkened, 0 .. 1; towards 0 it opens from the middle of its upper
 * edge, at once where animations are off. */
void lk_camera_view_set_shade (LkCameraView *self, double shade);

/* The short flash of a picture taken.  Nothing where animations are off. */
void lk_camera_view_flash (LkCameraView *self);

/* Whether the live picture is round, without frames over it, in the ring of an enrolment. */
void lk_camera_view_set_round (LkCameraView *self, gboolean round);
LkEnrolRing *lk_camera_view_get_ring (LkCameraView *self); /* (transfer none) */

gboolean lk_camera_view_get_mirror (LkCameraView *self);
void lk_camera_view_set_mirror (LkCameraView *self, gboolean mirror);

G_END_DECLS
