/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"
#include "lk-mark.h"

G_BEGIN_DECLS

/* The frame around a face, drawn over its picture: thin, light over dark, so that it is seen
 * on any. */

/* What maps the picture's pixels to where it is drawn. */
typedef struct
{
  double x, y;  /* of the picture's corner */
  double scale; /* of a pixel */
  double width; /* of the picture, in its own pixels */
  gboolean mirror;
} LkFacePlace;

/* A face of score 0 has no points: it is the guide frame.
 * @accent: for what is neither good nor bad */
void lk_face_frame_draw (cairo_t *cr, const LkFacePlace *place, const LkFace *face, LkMark mark,
                         const GdkRGBA *accent);

/* One that is not looked at: faintly. */
void lk_face_frame_draw_other (cairo_t *cr, const LkFacePlace *place, const LkFace *face);

/* The colour of a mark over a picture, whatever the style. */
const GdkRGBA *lk_face_frame_get_colour (LkMark mark);

G_END_DECLS
