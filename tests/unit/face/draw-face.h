/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"

#include <math.h>
#include <string.h>

/* A drawn face: enough of one for the detector. */
typedef struct
{
  double x, y;      /* between the eyes, in pixels of the picture */
  double eyes;      /* their distance */
  double degrees;   /* of roll, clockwise */
  double light;     /* 1: as it is */
  gboolean glasses; /* dark ones */
} DrawnFace;

typedef struct
{
  double x, y, rx, ry; /* in eye distances from between the eyes */
  guint8 colour[3];
} DrawnPart;

static const DrawnPart drawn_parts[] = {
  { 0, 0.30, 1.22, 1.70, { 70, 45, 30 } },     { 0, 0.55, 1.08, 1.45, { 226, 178, 140 } },
  { -0.5, -0.20, 0.27, 0.06, { 80, 50, 35 } }, { 0.5, -0.20, 0.27, 0.06, { 80, 50, 35 } },
  { -0.5, 0, 0.22, 0.12, { 250, 250, 250 } },  { 0.5, 0, 0.22, 0.12, { 250, 250, 250 } },
  { -0.5, 0, 0.11, 0.11, { 40, 50, 60 } },     { 0.5, 0, 0.11, 0.11, { 40, 50, 60 } },
  { 0, 0.50, 0.10, 0.24, { 190, 145, 115 } },  { 0, 1.0, 0.45, 0.14, { 170, 60, 60 } },
};
static const DrawnPart drawn_glasses[] = {
  { -0.5, 0, 0.42, 0.32, { 20, 20, 22 } },
  { 0.5, 0, 0.42, 0.32, { 20, 20, 22 } },
};

static inline void
draw_parts (guint8 *pixels, int width, int height, const DrawnFace *face, const DrawnPart *parts,
            int n_parts)
{
  double c = cos (face->degrees * G_PI / 180) / face->eyes;
  double s = sin (face->degrees * G_PI / 180) / face->eyes;

  for (int v = 0; v < height; v++)
    for (int u = 0; u < width; u++)
      {
        double dx = u - face->x, dy = v - face->y;
        double x = c * dx + s * dy, y = c * dy - s * dx;

        if (fabs (x) > 1.5 || y < -1.7 || y > 2.3)
          continue;
        for (int i = 0; i < n_parts; i++)
          {
            double r = hypot ((x - parts[i].x) / parts[i].rx, (y - parts[i].y) / parts[i].ry);
            /* Edges as wide as a pixel. */
            double edge = (1 - r) * MIN (parts[i].rx, parts[i].ry) * face->eyes + 0.5;
            double share = CLAMP (edge, 0, 1);

            for (int k = 0; k < 3 && share > 0; k++)
              {
                guint8 *p = &pixels[3 * (width * v + u) + k];

                *p = (guint8) (*p * (1 - share) +
                               share * MIN (255, parts[i].colour[k] * face->light));
              }
          }
      }
}

/* Faces on a wall that is no plain colour. */
static inline LkImage *
draw_faces (int width, int height, const DrawnFace *faces, int n)
{
  guint8 *pixels = g_malloc (3 * (gsize) width * (gsize) height);
  guint32 noise = 1;

  for (int i = 0; i < 3 * width * height; i++)
    {
      noise = noise * 1664525 + 1013904223;
      pixels[i] = (guint8) (80 + 60 * (i / 3 % width) / width + 40 * (i / 3 / width) / height +
                            (int) (noise >> 29));
    }
  for (int i = 0; i < n; i++)
    {
      draw_parts (pixels, width, height, &faces[i], drawn_parts, G_N_ELEMENTS (drawn_parts));
      if (faces[i].glasses)
        draw_parts (pixels, width, height, &faces[i], drawn_glasses, G_N_ELEMENTS (drawn_glasses));
    }
  return lk_image_new_take (width, height, pixels);
}

/* Where the five points of a drawn face are. */
static inline void
get_drawn_points (const DrawnFace *face, double points[LK_N_POINTS][2])
{
  static const double at[LK_N_POINTS][2] = {
    { -0.5, 0 }, { 0.5, 0 }, { 0, 0.6 }, { -0.45, 1.0 }, { 0.45, 1.0 }
  };
  double c = cos (face->degrees * G_PI / 180) * face->eyes;
  double s = sin (face->degrees * G_PI / 180) * face->eyes;

  for (int k = 0; k < LK_N_POINTS; k++)
    {
      points[k][0] = face->x + c * at[k][0] - s * at[k][1];
      points[k][1] = face->y + s * at[k][0] + c * at[k][1];
    }
}
