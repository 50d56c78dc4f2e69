/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"

G_BEGIN_DECLS

/* The side of the crop that the networks see, in pixels. */
#define LK_FACE_CROP_SIDE 100

/**
 * LkFaceRule: where the face is looked for
 * @LK_FACE_GUIDE: inside the guide frame, a square in the middle of the picture
 *   with a side of 250/480 of the picture's shorter side: the documents' way, where
 *   the user brings the face into the frame
 * @LK_FACE_WHOLE: the picture is a crop already; its middle square is taken
 * @LK_FACE_AUTO: WHOLE for a square picture, GUIDE otherwise
 */
typedef enum
{
  LK_FACE_GUIDE,
  LK_FACE_WHOLE,
  LK_FACE_AUTO,
} LkFaceRule;

/* The five points, in the order of points[]: left and right as the picture shows them. */
typedef enum
{
  LK_POINT_EYE_LEFT,
  LK_POINT_EYE_RIGHT,
  LK_POINT_NOSE,
  LK_POINT_MOUTH_LEFT,
  LK_POINT_MOUTH_RIGHT,
  LK_N_POINTS
} LkPoint;

/* A guide frame has a box alone: its score is 0 and its points are all zero. */
typedef struct
{
  double x, y, width, height;    /* box in pixels of the picture, from its corner */
  double score;                  /* 0 .. 1: how sure the detector is */
  double points[LK_N_POINTS][2]; /* x, y from the centre of the top left pixel */
} LkFace;

/* The guide frame of a picture of this size. */
void lk_face_guide (int width, int height, LkFace *face);

/**
 * lk_face_extract:
 * @frame: a camera frame or a picture
 * @face: (out) (optional): where the face is; set even when a %LK_RETRY follows,
 *   if there is one to show
 *
 * Finds the face and cuts it out.  The one way from a picture to what a network
 * sees, for the camera, files, enrolment and training alike.
 *
 * Returns: (transfer full): the face, square, at the resolution that the picture
 *   has it (lk_face_to_crop() makes it 100x100), or %NULL with %LK_RETRY (advice)
 */
LkImage *lk_face_extract (const LkImage *frame, LkFaceRule rule, LkFace *face, GError **error);

/* Returns: (transfer full): 100x100, resized as the documents do (bilinear). */
LkImage *lk_face_to_crop (const LkImage *extract);

/**
 * lk_face_to_input:
 * @crop: from lk_face_to_crop()
 * @channels: 3 for RGB, 1 for grey (0.299 R + 0.587 G + 0.114 B)
 * @out: (out caller-allocates): [@height, @width, @channels], 0 .. 1
 *
 * The crop as the input of a network of that size, divided by 255; resized
 * (bilinear) where the network is not one for 100x100.  The same in training and in
 * verification.
 */
void lk_face_to_input (const LkImage *crop, int height, int width, int channels, float *out);

G_END_DECLS
