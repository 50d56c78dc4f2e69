/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-face.h"

void
lk_face_guide (int width, int height, LkFace *face)
{
  int side = MAX (1, MIN (width, height) * 250 / 480);

  *face = (LkFace){ (width - side) / 2, (height - side) / 2, side, side };
}

void
lk_face_middle (int width, int height, LkFace *face)
{
  int side = MIN (width, height);

  *face = (LkFace){ (width - side) / 2, (height - side) / 2, side, side };
}

LkFaceRule
lk_face_resolve_rule (LkFaceRule rule, int width, int height)
{
  if (rule == LK_FACE_AUTO)
    return width == height && width <= LK_FACE_CROP_MAX_SIDE ? LK_FACE_WHOLE : LK_FACE_DETECT;
  if (rule == LK_FACE_DOCUMENTS)
    return width == height ? LK_FACE_WHOLE : LK_FACE_GUIDE;
  return rule;
}

LkImage *
lk_face_to_crop (const LkImage *extract)
{
  return lk_image_resize (extract, LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE, LK_FILTER_BILINEAR);
}

LkImage *
lk_face_to_crop_with (LkResizer *resizer, const LkImage *extract)
{
  return lk_resizer_resize (resizer, extract, LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE);
}
