/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-finder.h"

#include <math.h>
#include <string.h>

/* A head that can be turned, or a picture of it on paper: a pattern on a surface, and where the
 * five points are on it.  Lengths are in eye distances, from between the eyes: x right, y down,
 * z towards us. */
typedef enum
{
  SHAPE_HEAD,
  SHAPE_PLANE,
  SHAPE_BENT, /* a picture round a cylinder */
} HeadShape;

typedef struct
{
  HeadShape shape;
  double degrees;  /* above 0: to the picture's right */
  double x, y;     /* between the eyes, in pixels */
  double eyes;     /* their distance, in pixels */
  double distance; /* of the camera in eye distances; 0: far away */
  guint32 noise;   /* of the camera: another number, other noise; 0: none */
  int person;      /* another pattern */
  double radius;   /* of the cylinder; 0: TURNING_RADIUS */
} TurningHead;

#define TURNING_WIDTH  150
#define TURNING_HEIGHT 150
#define TURNING_RADIUS 0.7 /* of the cylinder, where it is not said */

static inline double
get_radius (const TurningHead *head)
{
  return head->radius > 0 ? head->radius : TURNING_RADIUS;
}

static inline double
head_depth (const TurningHead *head, double x, double y)
{
  double dx = x / 0.22, dy = (y - 0.6) / 0.3;

  switch (head->shape)
    {
    case SHAPE_HEAD:
      return 0.4 * exp (-dx * dx - dy * dy) - 0.35 * x * x;
    case SHAPE_BENT:
      return get_radius (head) * (cos (CLAMP (x / get_radius (head), -1.5, 1.5)) - 1);
    case SHAPE_PLANE:
    default:
      return 0;
    }
}

static inline void
head_project (const TurningHead *head, double x, double y, double *u, double *v)
{
  double z = head_depth (head, x, y), t = head->degrees * G_PI / 180, towards, near;

  if (head->shape == SHAPE_BENT)
    x = get_radius (head) * sin (CLAMP (x / get_radius (head), -1.5, 1.5));
  towards = z * cos (t) - x * sin (t);
  near = head->distance > 0 ? head->distance / (head->distance - towards) : 1;
  *u = head->x + head->eyes * near * (x * cos (t) + z * sin (t));
  *v = head->y + head->eyes * near * y;
}

static inline double
head_pattern (int person, double x, double y)
{
  double sum = 0;

  for (int i = 1; i <= 9; i++)
    {
      double angle = 2.4 * i + person, waves = 2 + 2.2 * i;

      sum += sin (waves * (x * cos (angle) + y * sin (angle)) + 1.7 * i + 5 * person);
    }
  return 128 + 22 * sum;
}

static inline LkImage *
draw_turning_head (const TurningHead *head)
{
  guint8 *pixels = g_malloc (3 * TURNING_WIDTH * TURNING_HEIGHT), *p = pixels;
  guint32 noise = head->noise;

  for (int v = 0; v < TURNING_HEIGHT; v++)
    for (int u = 0; u < TURNING_WIDTH; u++, p += 3)
      {
        double x = (u - head->x) / head->eyes, y = (v - head->y) / head->eyes, value;

        /* Where on the surface this pixel is: by steps towards it. */
        for (int i = 0; i < 8; i++)
          {
            double at_u, at_v;

            head_project (head, x, y, &at_u, &at_v);
            x += 0.8 * (u - at_u) / head->eyes;
            y += 0.8 * (v - at_v) / head->eyes;
          }
        value = fabs (x) < 1.1 && fabs (y - 0.5) < 1.4 ? head_pattern (head->person, x, y)
                                                       : 90 + 40 * sin (0.05 * u) * sin (0.07 * v);
        noise = noise * 1664525 + 1013904223;
        if (head->noise != 0)
          value += (double) (noise >> 24) / 255 * 6 - 3;
        memset (p, (int) CLAMP (value, 0, 255), 3);
      }
  return lk_image_new_take (TURNING_WIDTH, TURNING_HEIGHT, pixels);
}

static inline void
see_turning_head (const TurningHead *head, LkSighting *seen)
{
  static const double at[LK_N_POINTS][2] = {
    { -0.5, 0 }, { 0.5, 0 }, { 0, 0.604 }, { -0.44, 0.998 }, { 0.44, 0.998 }
  };
  memset (seen, 0, sizeof *seen);
  seen->has_face = TRUE;
  seen->serial = 1;
  for (int i = 0; i < LK_N_QUALITIES; i++)
    seen->quality.values[i] = NAN;
  for (int k = 0; k < LK_N_POINTS; k++)
    head_project (head, at[k][0], at[k][1], &seen->face.points[k][0], &seen->face.points[k][1]);
  seen->face.x = head->x - 1.1 * head->eyes;
  seen->face.y = head->y - 0.9 * head->eyes;
  seen->face.width = 2.2 * head->eyes;
  seen->face.height = 2.9 * head->eyes;
}
