/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-face.h"

G_BEGIN_DECLS

/* How a head is turned, in degrees; all 0 when it looks straight into the camera. */
typedef struct
{
  double yaw;   /* above 0: the nose points to the picture's right */
  double pitch; /* above 0: it points down */
  double roll;  /* above 0: clockwise in the picture */
  double scale; /* pixels between the eyes, were the head seen from the front */
} LkPose;

/**
 * lk_face_pose:
 *
 * From the five points: the affine camera that brings the points of a mean head nearest to
 * them, its rows then made perpendicular and of one length, is a scaled rotation; its angles
 * are the head's.  Single heads differ from the mean one: a few degrees are nothing.
 *
 * Source: the camera is the scaled orthographic one of D. DeMenthon, L. Davis, "Model-Based
 * Object Pose in 25 Lines of Code", IJCV 15, 1995, section 2; the angles' names are those of
 * ISO/IEC 29794-5 (yaw, pitch, roll of the head).
 *
 * Returns: FALSE when the points are no head's
 */
gboolean lk_face_pose (const LkFace *face, LkPose *pose);

G_END_DECLS
