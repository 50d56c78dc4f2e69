/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"

G_BEGIN_DECLS

/* The side of the crop that the networks see, in pixels. */
#define LK_FACE_CROP_SIDE 100

/* A square picture whose side is no longer than this is a crop already: those of face data
 * sets have 112 or 120 pixels. */
#define LK_FACE_CROP_MAX_SIDE 128

/**
 * LkFaceRule: where the face is looked for
 * @LK_FACE_DETECT: anywhere, by the detector; the crop is aligned
 * @LK_FACE_GUIDE: inside the guide frame, a square in the middle of the picture
 *   with a side of 250/480 of the picture's shorter side: the documents' way, where
 *   the user brings the face into the frame
 * @LK_FACE_WHOLE: the picture is a crop already; its middle square is taken
 * @LK_FACE_AUTO: WHOLE for a square picture no larger than LK_FACE_CROP_MAX_SIDE, DETECT
 *   otherwise
 * @LK_FACE_DOCUMENTS: WHOLE for any square picture, GUIDE otherwise: what the documents'
 *   programs do with their own pictures
 */
typedef enum
{
  LK_FACE_DETECT,
  LK_FACE_GUIDE,
  LK_FACE_WHOLE,
  LK_FACE_AUTO,
  LK_FACE_DOCUMENTS,
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

/* DETECT, GUIDE or WHOLE: what @rule is for a picture of this size. */
LkFaceRule lk_face_resolve_rule (LkFaceRule rule, int width, int height);

/* The middle square of a picture of this size. */
void lk_face_middle (int width, int height, LkFace *face);

/* Returns: (transfer full): 100x100, resized as the documents do (bilinear). */
LkImage *lk_face_to_crop (const LkImage *extract);
LkImage *lk_face_to_crop_with (LkResizer *resizer, const LkImage *extract); /* its memory is used */

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
