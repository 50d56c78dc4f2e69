/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-face-pose.h"

#include <math.h>

#define DEGREES (180 / G_PI)

/* A mean head, looking at us: to the right, down, towards us, in eye distances.  Right and
 * down are the median of 771 labelled faces that look straight of the detector's data; the
 * depths are a mean adult's, the tip of the nose some 28 mm before eyes 63 mm apart, the
 * corners of the mouth 2 mm. */
static const double head[LK_N_POINTS][3] = {
  { -0.5, 0, 0 }, { 0.5, 0, 0 }, { 0, 0.604, 0.44 }, { -0.44, 0.998, 0.03 }, { 0.44, 0.998, 0.03 }
};

/* Solves the symmetric 3 x 3 system by Cramer's rule. */
static void
solve (const double a[3][3], const double b[3], double x[3])
{
  double det = 0;

  for (int i = 0; i < 3; i++)
    {
      const double *p = a[i], *q = a[(i + 1) % 3], *r = a[(i + 2) % 3];
      double cross[3] = { q[1] * r[2] - q[2] * r[1], q[2] * r[0] - q[0] * r[2],
                          q[0] * r[1] - q[1] * r[0] };

      if (i == 0)
        {
          det = p[0] * cross[0] + p[1] * cross[1] + p[2] * cross[2];
          x[0] = x[1] = x[2] = 0;
        }
      for (int k = 0; k < 3; k++)
        x[k] += b[i] * cross[k] / det;
    }
}

/* rows[i] is what axis i of the picture is in the head's axes. */
static void
fit_rows (const LkFace *face, double rows[2][3])
{
  double mean[3] = { 0 }, a[3][3] = { { 0 } }, b[2][3] = { { 0 } };

  for (int k = 0; k < LK_N_POINTS; k++)
    for (int i = 0; i < 3; i++)
      mean[i] += head[k][i] / LK_N_POINTS;
  for (int k = 0; k < LK_N_POINTS; k++)
    for (int i = 0; i < 3; i++)
      {
        double at = head[k][i] - mean[i];

        for (int j = 0; j < 3; j++)
          a[i][j] += at * (head[k][j] - mean[j]);
        for (int j = 0; j < 2; j++)
          b[j][i] += at * face->points[k][j]; /* the mean of @at is 0: no need to centre */
      }
  for (int j = 0; j < 2; j++)
    solve ((const double (*)[3]) a, b[j], rows[j]);
}

gboolean
lk_face_pose (const LkFace *face, LkPose *pose)
{
  double rows[2][3], r[2][3], aa = 0, ab = 0, bb = 0, det, root, trace;
  double roll, right, down, towards;

  fit_rows (face, rows);
  for (int i = 0; i < 3; i++)
    {
      aa += rows[0][i] * rows[0][i];
      ab += rows[0][i] * rows[1][i];
      bb += rows[1][i] * rows[1][i];
    }
  /* The nearest pair of perpendicular rows of one length: (G^-1/2) times the rows, with G
   * their products; the root of a 2 x 2 matrix G is (G + sqrt (det)) / sqrt (trace + 2 sqrt (det)).
   */
  det = aa * bb - ab * ab;
  if (!(det > 1e-12) || !isfinite (det))
    return FALSE;
  root = sqrt (det);
  trace = sqrt (aa + bb + 2 * root);
  for (int i = 0; i < 3; i++)
    {
      r[0][i] = ((bb + root) * rows[0][i] - ab * rows[1][i]) / (trace * root);
      r[1][i] = ((aa + root) * rows[1][i] - ab * rows[0][i]) / (trace * root);
    }

  /* The line of the eyes is the roll; with that undone, the axis towards us is left. */
  roll = atan2 (r[1][0], r[0][0]);
  right = cos (roll) * r[0][2] + sin (roll) * r[1][2];
  down = cos (roll) * r[1][2] - sin (roll) * r[0][2];
  towards = r[0][0] * r[1][1] - r[0][1] * r[1][0];
  pose->scale = trace / 2; /* the mean of the two singular values, whose sum the trace is */
  pose->roll = roll * DEGREES;
  pose->yaw = atan2 (right, towards) * DEGREES;
  pose->pitch = asin (CLAMP (down, -1, 1)) * DEGREES;
  return TRUE;
}
