/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image-private.h"

#include <math.h>

#define FRACTION_BITS 11 /* of a weight: 255 * 2^22 fits an int */
#define ONE           (1 << FRACTION_BITS)
#define LEAST_SHRINK  1.25 /* a bilinear sample passes over little until then */

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
warp_row (const guint8 *in, int in_width, int in_height, const double m[6], int v, int width,
          guint8 *out)
{
  const double last_x = in_width - 1, last_y = in_height - 1;
  const double x0 = m[1] * v + m[2], y0 = m[4] * v + m[5];
  const gsize stride = (gsize) 3 * in_width;

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

/* The part of @image that the output shows, with a margin for the filter. */
static void
find_need (const LkImage *image, const double m[6], int width, int height, double margin,
           int region[4])
{
  double low[2] = { G_MAXDOUBLE, G_MAXDOUBLE }, high[2] = { -G_MAXDOUBLE, -G_MAXDOUBLE };
  const int size[2] = { image->width, image->height };

  for (int axis = 0; axis < 2; axis++)
    {
      int end;

      for (int corner = 0; corner < 4; corner++)
        {
          double at = m[3 * axis] * (corner & 1 ? width - 1 : 0) +
                      m[3 * axis + 1] * (corner & 2 ? height - 1 : 0) + m[3 * axis + 2];

          low[axis] = MIN (low[axis], at);
          high[axis] = MAX (high[axis], at);
        }
      region[axis] = (int) inside (low[axis] - margin, size[axis] - 1);
      end = (int) inside (high[axis] + margin, size[axis] - 1) + 1;
      region[2 + axis] = end - region[axis];
    }
}

void
lk_resizer_warp (LkResizer *self, const LkImage *image, const double from_output[6], int width,
                 int height, guint8 *out)
{
  const guint8 *in = lk_image_get_pixels (image);
  int in_width = image->width, in_height = image->height;
  double m[6], shrink;

  g_return_if_fail (width >= 1 && width <= LK_IMAGE_MAX_SIDE);
  g_return_if_fail (height >= 1 && height <= LK_IMAGE_MAX_SIDE);

  for (int i = 0; i < 6; i++)
    m[i] = isfinite (from_output[i]) ? from_output[i] : 0;

  /* How many pixels of the source lie on one of the output, as a length. */
  shrink = sqrt (fabs (m[0] * m[4] - m[1] * m[3]));
  if (shrink > LEAST_SHRINK && MIN (image->width, image->height) > 1)
    {
      int region[4];

      find_need (image, m, width, height, 2 * shrink, region);
      in_width = MAX (1, (int) (region[2] / shrink));
      in_height = MAX (1, (int) (region[3] / shrink));
      in = lk_resizer_run (self, image, region, in_width, in_height);
      for (int axis = 0; axis < 2; axis++)
        {
          double scale = (axis == 0 ? in_width : in_height) / (double) region[2 + axis];

          for (int k = 0; k < 2; k++)
            m[3 * axis + k] *= scale;
          m[3 * axis + 2] = (m[3 * axis + 2] - region[axis] + 0.5) * scale - 0.5;
        }
    }
  for (int v = 0; v < height; v++)
    warp_row (in, in_width, in_height, m, v, width, out + (gsize) 3 * width * v);
}

LkImage *
lk_image_warp (const LkImage *self, const double from_output[6], int width, int height)
{
  g_autoptr (LkResizer) resizer = lk_resizer_new ();
  guint8 *pixels;

  g_return_val_if_fail (width >= 1 && width <= LK_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height >= 1 && height <= LK_IMAGE_MAX_SIDE, NULL);

  pixels = g_malloc ((gsize) 3 * width * height);
  lk_resizer_warp (resizer, self, from_output, width, height, pixels);
  return lk_image_new_take (width, height, pixels);
}
