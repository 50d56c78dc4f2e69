/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image-private.h"

#include <math.h>

#define FRACTION_BITS 11 /* of a weight: 255 * 2^22 fits an int */
#define ONE           (1 << FRACTION_BITS)

/* Where output pixel (u, v) is in the source, kept inside it.  That repeats the
 * edge: between two pixels outside there is nothing but the edge's value.  The
 * comparisons are such that NaN gives 0. */
static inline double
inside (double at, double last)
{
  at = at > 0 ? at : 0;
  return at < last ? at : last;
}

static void
warp_row (const LkImage *source, const double m[6], int v, int width, guint8 *out)
{
  const guint8 *in = lk_image_get_pixels (source);
  const double last_x = source->width - 1, last_y = source->height - 1;
  const double x0 = m[1] * v + m[2], y0 = m[4] * v + m[5];
  const gsize stride = (gsize) 3 * source->width;

  for (int u = 0; u < width; u++, out += 3)
    {
      double x = inside (x0 + m[0] * u, last_x), y = inside (y0 + m[3] * u, last_y);
      int ix = (int) x, iy = (int) y;
      int fx = (int) ((x - ix) * ONE + 0.5), fy = (int) ((y - iy) * ONE + 0.5);
      const guint8 *a = in + iy * stride + 3 * ix;
      gsize right = ix < last_x ? 3 : 0, below = iy < last_y ? stride : 0;

      for (int c = 0; c < 3; c++)
        {
          int top = a[c] * (ONE - fx) + a[c + right] * fx;
          int bottom = a[c + below] * (ONE - fx) + a[c + below + right] * fx;

          out[c] = (top * (ONE - fy) + bottom * fy + ONE * ONE / 2) >> (2 * FRACTION_BITS);
        }
    }
}

/* The part of @self that the output shows, with two pixels around it, its
 * corner at a multiple of @unit so that halving it gives the pixels that halving
 * the whole would give.  Changes @m to go with it. */
static LkImage *
crop_to_need (const LkImage *self, double m[6], int width, int height, int unit)
{
  double low[2] = { G_MAXDOUBLE, G_MAXDOUBLE }, high[2] = { -G_MAXDOUBLE, -G_MAXDOUBLE };
  const int size[2] = { self->width, self->height };
  int begin[2], end[2];

  for (int axis = 0; axis < 2; axis++)
    {
      for (int corner = 0; corner < 4; corner++)
        {
          double at = m[3 * axis] * (corner & 1 ? width - 1 : 0) +
                      m[3 * axis + 1] * (corner & 2 ? height - 1 : 0) + m[3 * axis + 2];

          low[axis] = MIN (low[axis], at);
          high[axis] = MAX (high[axis], at);
        }
      begin[axis] = (int) inside (low[axis] - 2 * unit, size[axis] - 1) / unit * unit;
      end[axis] = (int) inside (high[axis] + 2 * unit, size[axis] - 1) / unit * unit + unit;
      end[axis] = MIN (end[axis], size[axis]);
      m[3 * axis + 2] -= begin[axis];
    }
  return lk_image_crop (self, begin[0], begin[1], end[0] - begin[0], end[1] - begin[1]);
}

LkImage *
lk_image_warp (const LkImage *self, const double from_output[6], int width, int height)
{
  g_autoptr (LkImage) source = NULL;
  double m[6], shrink;
  int halvings = 0;
  guint8 *pixels;

  g_return_val_if_fail (width >= 1 && width <= LK_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height >= 1 && height <= LK_IMAGE_MAX_SIDE, NULL);

  for (int i = 0; i < 6; i++)
    m[i] = isfinite (from_output[i]) ? from_output[i] : 0;

  /* How many pixels of the source lie on one of the output, as a length. */
  shrink = sqrt (fabs (m[0] * m[4] - m[1] * m[3]));
  while (shrink > 2 && MIN (self->width, self->height) >> halvings > 1)
    {
      shrink /= 2;
      halvings++;
    }
  source = halvings > 0 ? crop_to_need (self, m, width, height, 1 << halvings)
                        : lk_image_ref ((LkImage *) self);
  for (int i = 0; i < halvings; i++)
    {
      LkImage *half = lk_image_halve (source);

      lk_image_unref (source);
      source = half;
      /* The centre of pixel i of the half lies between those of 2i and 2i + 1. */
      for (int k = 0; k < 6; k++)
        m[k] /= 2;
      m[2] -= 0.25;
      m[5] -= 0.25;
    }

  pixels = g_malloc ((gsize) 3 * width * height);
  for (int v = 0; v < height; v++)
    warp_row (source, m, v, width, pixels + (gsize) 3 * width * v);
  return lk_image_new_take (width, height, pixels);
}
