/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-relief.h"

#include "face/lk-align.h"

#include <math.h>
#include <string.h>

#define SIDE  LK_RELIEF_SIDE
#define SCALE ((double) SIDE / LK_FACE_CROP_SIDE)

/* The part of the view that is compared: the face without hair and ears. */
#define OVAL_X  (50 * SCALE)
#define OVAL_Y  (63 * SCALE)
#define OVAL_RX (24 * SCALE)
#define OVAL_RY (32 * SCALE)
#define UNIT    (30 * SCALE) /* of x and y in the map */

#define N_MAP     12 /* numbers of the map: 6 for x', 6 for y' */
#define N_UNKNOWN 14 /* and gain and offset */
#define N_STEPS   10 /* a level */
#define DAMPING   0.01
#define BLUR      1.0 /* standard deviation in pixels: of the views */

static const double level_blurs[] = { 2, 1, 0 };
static const int plane_points[4] = { LK_POINT_EYE_LEFT, LK_POINT_EYE_RIGHT, LK_POINT_MOUTH_LEFT,
                                     LK_POINT_MOUTH_RIGHT };

typedef float Plane[SIDE][SIDE];

static void
blur (Plane plane, double sigma)
{
  int radius = (int) ceil (2.5 * sigma);
  double weights[16], sum = 0;
  Plane half;

  if (sigma <= 0)
    return;
  radius = MIN (radius, (int) G_N_ELEMENTS (weights) - 1);
  for (int i = 0; i <= radius; i++)
    {
      weights[i] = exp (-i * i / (2 * sigma * sigma));
      sum += i == 0 ? weights[i] : 2 * weights[i];
    }
  for (int pass = 0; pass < 2; pass++)
    {
      for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
          {
            double value = 0;

            for (int i = -radius; i <= radius; i++)
              value += weights[ABS (i)] / sum * (double) plane[y][CLAMP (x + i, 0, SIDE - 1)];
            half[x][y] = (float) value; /* turned, so that the second pass goes down */
          }
      memcpy (plane, half, sizeof half);
    }
}

gboolean
lk_relief_view_init (LkReliefView *self, const LkImage *frame, const LkFace *face)
{
  g_autoptr (LkImage) view = NULL;
  const guint8 *p;
  double from[4][2], to[4][2], map[6], to_view[6];

  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 2; k++)
      {
        from[i][k] = face->points[plane_points[i]][k];
        to[i][k] = (lk_align_template[plane_points[i]][k] + 0.5) * SCALE - 0.5;
      }
  if (!lk_align_estimate (to, from, 4, map) || !lk_align_estimate (from, to, 4, to_view))
    return FALSE;
  for (int k = 0; k < LK_N_POINTS; k++)
    {
      const double *at = face->points[k];

      self->points[k][0] = to_view[0] * at[0] + to_view[1] * at[1] + to_view[2];
      self->points[k][1] = to_view[3] * at[0] + to_view[4] * at[1] + to_view[5];
    }
  view = lk_image_warp (frame, map, SIDE, SIDE);
  p = lk_image_get_pixels (view);
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++, p += 3)
      self->luma[y][x] = (float) (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]);
  blur (self->luma, BLUR);
  return TRUE;
}

/* Solves the symmetric positive system a x = b of @n by Cholesky, in place. */
static gboolean
solve (double a[N_UNKNOWN][N_UNKNOWN], double *b, int n)
{
  for (int i = 0; i < n; i++)
    {
      for (int j = 0; j <= i; j++)
        {
          double sum = a[i][j];

          for (int k = 0; k < j; k++)
            sum -= a[i][k] * a[j][k];
          if (i == j && !(sum > 1e-12))
            return FALSE;
          a[i][j] = i == j ? sqrt (sum) : sum / a[j][j];
        }
    }
  for (int i = 0; i < n; i++)
    {
      for (int k = 0; k < i; k++)
        b[i] -= a[i][k] * b[k];
      b[i] /= a[i][i];
    }
  for (int i = n - 1; i >= 0; i--)
    {
      for (int k = i + 1; k < n; k++)
        b[i] -= a[k][i] * b[k];
      b[i] /= a[i][i];
    }
  return TRUE;
}

/* The affine map that brings the plane's points of @from nearest to those of @to. */
static gboolean
fit_plane (const double from[LK_N_POINTS][2], const double to[LK_N_POINTS][2], double map[6])
{
  for (int axis = 0; axis < 2; axis++)
    {
      double a[N_UNKNOWN][N_UNKNOWN] = { { 0 } }, b[3] = { 0 };

      for (int i = 0; i < 4; i++)
        {
          const double *at = from[plane_points[i]];
          double row[3] = { at[0], at[1], 1 };

          for (int j = 0; j < 3; j++)
            {
              b[j] += row[j] * to[plane_points[i]][axis];
              for (int k = 0; k < 3; k++)
                a[j][k] += row[j] * row[k];
            }
        }
      if (!solve (a, b, 3))
        return FALSE;
      memcpy (&map[3 * axis], b, sizeof b);
    }
  return TRUE;
}

/* Eyes' distance over that from eyes to mouth, and the latter. */
static double
get_aspect (const double points[LK_N_POINTS][2], double *height)
{
  double down[2], across[2];

  for (int k = 0; k < 2; k++)
    {
      across[k] = points[LK_POINT_EYE_RIGHT][k] - points[LK_POINT_EYE_LEFT][k];
      down[k] = (points[LK_POINT_MOUTH_LEFT][k] + points[LK_POINT_MOUTH_RIGHT][k] -
                 points[LK_POINT_EYE_LEFT][k] - points[LK_POINT_EYE_RIGHT][k]) /
                2;
    }
  *height = MAX (hypot (down[0], down[1]), 1e-9);
  return hypot (across[0], across[1]) / *height;
}

void
lk_relief_measure_points (const double straight[LK_N_POINTS][2],
                          const double turned[LK_N_POINTS][2], LkRelief *out)
{
  const double *nose = straight[LK_POINT_NOSE];
  double map[6], height, straight_height, dx, dy, ex, ey;

  out->parallax = 0;
  out->width = get_aspect (turned, &height) / MAX (get_aspect (straight, &straight_height), 1e-9);
  if (!fit_plane (straight, turned, map))
    return;
  dx = turned[LK_POINT_NOSE][0] - (map[0] * nose[0] + map[1] * nose[1] + map[2]);
  dy = turned[LK_POINT_NOSE][1] - (map[3] * nose[0] + map[4] * nose[1] + map[5]);
  ex = turned[LK_POINT_EYE_RIGHT][0] - turned[LK_POINT_EYE_LEFT][0];
  ey = turned[LK_POINT_EYE_RIGHT][1] - turned[LK_POINT_EYE_LEFT][1];
  out->parallax = (dx * ex + dy * ey) / MAX (hypot (ex, ey), 1e-9) / height;
}

/* ---- the fit of paper ---- */

/* The map's terms at a pixel; x' and y' have their own. */
static void
get_terms (int u, int v, double x_terms[6], double y_terms[6])
{
  double x = (u - OVAL_X) / UNIT, y = (v - OVAL_Y) / UNIT;

  x_terms[0] = 1;
  x_terms[1] = x;
  x_terms[2] = x * x;
  x_terms[3] = x * x * x;
  x_terms[4] = y;
  x_terms[5] = x * y;
  y_terms[0] = 1;
  y_terms[1] = y;
  y_terms[2] = x;
  y_terms[3] = x * y;
  y_terms[4] = x * x;
  y_terms[5] = x * x * y;
}

static gboolean
is_inside (int u, int v)
{
  double x = (u - OVAL_X) / OVAL_RX, y = (v - OVAL_Y) / OVAL_RY;

  return x * x + y * y < 1;
}

/* Value and slopes at a place between pixels. */
static double
sample (const Plane plane, double x, double y, double *dx, double *dy)
{
  int u, v;
  double a, b, p00, p10, p01, p11;

  x = CLAMP (x, 0, SIDE - 1.001);
  y = CLAMP (y, 0, SIDE - 1.001);
  u = (int) x;
  v = (int) y;
  a = x - u;
  b = y - v;
  p00 = (double) plane[v][u];
  p10 = (double) plane[v][u + 1];
  p01 = (double) plane[v + 1][u];
  p11 = (double) plane[v + 1][u + 1];
  *dx = (1 - b) * (p10 - p00) + b * (p11 - p01);
  *dy = (1 - a) * (p01 - p00) + a * (p11 - p10);
  return (1 - b) * ((1 - a) * p00 + a * p10) + b * ((1 - a) * p01 + a * p11);
}

/* One look at all pixels under the map: the correlation, and the step that makes it better. */
static double
look (const Plane straight, const Plane turned, const double map[N_MAP],
      double a[N_UNKNOWN][N_UNKNOWN], double b[N_UNKNOWN])
{
  double n = 0, sw = 0, sr = 0, sww = 0, srr = 0, swr = 0;

  memset (a, 0, sizeof (double) * N_UNKNOWN * N_UNKNOWN);
  memset (b, 0, sizeof (double) * N_UNKNOWN);
  for (int v = 0; v < SIDE; v++)
    for (int u = 0; u < SIDE; u++)
      {
        double terms[2][6], row[N_UNKNOWN], x = u, y = v, dx, dy, w, r;

        if (!is_inside (u, v))
          continue;
        get_terms (u, v, terms[0], terms[1]);
        for (int i = 0; i < 6; i++)
          {
            x += map[i] * terms[0][i];
            y += map[6 + i] * terms[1][i];
          }
        w = sample (turned, x, y, &dx, &dy);
        r = (double) straight[v][u];
        for (int i = 0; i < 6; i++)
          {
            row[i] = dx * terms[0][i];
            row[6 + i] = dy * terms[1][i];
          }
        row[12] = -r;
        row[13] = -1;
        for (int i = 0; i < N_UNKNOWN; i++)
          {
            b[i] -= row[i] * w;
            for (int j = 0; j <= i; j++)
              a[i][j] += row[i] * row[j];
          }
        n++;
        sw += w;
        sr += r;
        sww += w * w;
        srr += r * r;
        swr += w * r;
      }
  swr -= sw * sr / n;
  sww -= sw * sw / n;
  srr -= sr * sr / n;
  return swr / sqrt (MAX (sww, 1e-6) * MAX (srr, 1e-6));
}

static double
fit_paper (const LkReliefView *straight, const LkReliefView *turned)
{
  double map[N_MAP] = { 0 }, plane[6], best = -1;

  /* Begins where the four points say. */
  if (fit_plane (straight->points, turned->points, plane))
    {
      map[0] = plane[0] * OVAL_X + plane[1] * OVAL_Y + plane[2] - OVAL_X;
      map[1] = (plane[0] - 1) * UNIT;
      map[4] = plane[1] * UNIT;
      map[6] = plane[3] * OVAL_X + plane[4] * OVAL_Y + plane[5] - OVAL_Y;
      map[7] = (plane[4] - 1) * UNIT;
      map[8] = plane[3] * UNIT;
    }
  for (gsize level = 0; level < G_N_ELEMENTS (level_blurs); level++)
    {
      Plane from, to;
      double a[N_UNKNOWN][N_UNKNOWN], b[N_UNKNOWN];

      memcpy (from, straight->luma, sizeof from);
      memcpy (to, turned->luma, sizeof to);
      blur (from, level_blurs[level]);
      blur (to, level_blurs[level]);
      for (int step = 0; step < N_STEPS; step++)
        {
          double fit = look ((const float (*)[SIDE]) from, (const float (*)[SIDE]) to, map, a, b);

          if (level_blurs[level] <= 0)
            best = MAX (best, fit);
          for (int i = 0; i < N_UNKNOWN; i++)
            a[i][i] = a[i][i] * (1 + DAMPING) + 1e-3;
          if (!solve (a, b, N_UNKNOWN))
            break;
          for (int i = 0; i < N_MAP; i++)
            map[i] += b[i];
        }
    }
  return best;
}

void
lk_relief_measure (const LkReliefView *straight, const LkReliefView *turned, LkRelief *out)
{
  lk_relief_measure_points (straight->points, turned->points, out);
  out->flatness = fit_paper (straight, turned);
}
