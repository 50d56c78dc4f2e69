/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-align.h"

#include <math.h>

const double lk_align_template[LK_N_POINTS][2] = {
  { 34.19, 46.16 }, { 65.65, 45.98 }, { 50.02, 64.05 }, { 37.10, 82.47 }, { 63.15, 82.32 }
};

gboolean
lk_align_estimate (const double (*from)[2], const double (*to)[2], int n, double map[6])
{
  double fx = 0, fy = 0, tx = 0, ty = 0, dot = 0, cross = 0, spread = 0, c, s;

  for (int i = 0; i < n; i++)
    {
      fx += from[i][0] / n;
      fy += from[i][1] / n;
      tx += to[i][0] / n;
      ty += to[i][1] / n;
    }
  for (int i = 0; i < n; i++)
    {
      double ax = from[i][0] - fx, ay = from[i][1] - fy, bx = to[i][0] - tx, by = to[i][1] - ty;

      dot += ax * bx + ay * by;
      cross += ax * by - ay * bx;
      spread += ax * ax + ay * ay;
    }
  if (!(spread > 1e-12) || !isfinite (spread) || !isfinite (dot) || !isfinite (cross) ||
      !(hypot (dot, cross) > 1e-12))
    return FALSE;
  c = dot / spread;
  s = cross / spread;
  map[0] = c;
  map[1] = -s;
  map[2] = tx - c * fx + s * fy;
  map[3] = s;
  map[4] = c;
  map[5] = ty - s * fx - c * fy;
  return TRUE;
}

gboolean
lk_align_get_map (const LkFace *face, double from_crop[6])
{
  double map[6], det;

  /* Squares are least in the crop, as for the crops the networks are trained on. */
  if (!lk_align_estimate (face->points, lk_align_template, LK_N_POINTS, map))
    return FALSE;
  det = map[0] * map[4] - map[1] * map[3];
  from_crop[0] = map[4] / det;
  from_crop[1] = -map[1] / det;
  from_crop[3] = -map[3] / det;
  from_crop[4] = map[0] / det;
  from_crop[2] = -(from_crop[0] * map[2] + from_crop[1] * map[5]);
  from_crop[5] = -(from_crop[3] * map[2] + from_crop[4] * map[5]);
  return TRUE;
}

LkImage *
lk_align_face (LkResizer *resizer, const LkImage *frame, const LkFace *face)
{
  double from_crop[6];
  guint8 *pixels;
  LkImage *crop;

  if (!lk_align_get_map (face, from_crop))
    return NULL;
  crop = lk_resizer_new_image (resizer, LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE, &pixels);
  lk_resizer_warp (resizer, frame, from_crop, LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE, pixels);
  return crop;
}
