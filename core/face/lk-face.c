/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-face.h"

#include "base/lk-error.h"

/* Mean luma of the face's square, 0 .. 255.  A covered lens or an unlit room gives
 * 2 to 15, which is noise of the sensor; a torch held into it saturates above 245.
 * Seven thousand portraits of every lighting lay between 24 and 228, so what is
 * between the limits is left to the networks to judge. */
#define DARKEST   20
#define BRIGHTEST 240

void
lk_face_guide (int width, int height, LkFace *face)
{
  int side = MAX (1, MIN (width, height) * 250 / 480);

  *face = (LkFace){ (width - side) / 2, (height - side) / 2, side, side };
}

static void
middle_square (int width, int height, LkFace *face)
{
  int side = MIN (width, height);

  *face = (LkFace){ (width - side) / 2, (height - side) / 2, side, side };
}

LkImage *
lk_face_extract (const LkImage *frame, LkFaceRule rule, LkFace *face, GError **error)
{
  g_autoptr (LkImage) extract = NULL;
  double luma;
  LkFace box;

  if (rule == LK_FACE_AUTO)
    rule = frame->width == frame->height ? LK_FACE_WHOLE : LK_FACE_GUIDE;
  if (rule == LK_FACE_WHOLE)
    middle_square (frame->width, frame->height, &box);
  else
    lk_face_guide (frame->width, frame->height, &box);
  if (face != NULL)
    *face = box;

  extract = lk_image_crop (frame, (int) box.x, (int) box.y, (int) box.width, (int) box.height);
  luma = lk_image_mean_luma (extract);
  if (luma < DARKEST)
    {
      g_set_error_literal (error, LK_RETRY, LK_RETRY_TOO_DARK,
                           "It is too dark to see a face. Turn on a light or face a window.");
      return NULL;
    }
  if (luma > BRIGHTEST)
    {
      g_set_error_literal (error, LK_RETRY, LK_RETRY_TOO_BRIGHT,
                           "It is too bright to see a face. "
                           "Turn away from the light or dim it.");
      return NULL;
    }
  return g_steal_pointer (&extract);
}

LkImage *
lk_face_to_crop (const LkImage *extract)
{
  return lk_image_resize (extract, LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE, LK_FILTER_BILINEAR);
}
