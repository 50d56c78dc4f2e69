/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image-private.h"

#include <math.h>
#include <string.h>

/*
 * One axis of a resize, prepared once: output i is the sum over k < n of
 * weights[first + k] * input[index + k].
 */
typedef struct
{
  int index, n;
  int first; /* of its weights */
} Tap;

typedef struct
{
  Tap *taps;
  float *weights;
} Axis;

static void
axis_clear (Axis *axis)
{
  g_free (axis->taps);
  g_free (axis->weights);
}

/* In single precision, as TensorFlow computes it: a centre may fall on the other
 * side of a pixel's otherwise. */
static void
axis_bilinear (Axis *axis, int in, int out)
{
  float scale = (float) in / (float) out;

  for (int i = 0; i < out; i++)
    {
      float centre = ((float) i + 0.5f) * scale - 0.5f;
      int floor_ = (int) floorf (centre);
      int low = CLAMP (floor_, 0, in - 1), high = MIN (floor_ + 1, in - 1);

      axis->taps[i] = (Tap){ low, high - low + 1, 2 * i };
      axis->weights[2 * i] = low == high ? 1 : 1 - (centre - (float) floor_);
      axis->weights[2 * i + 1] = centre - (float) floor_;
    }
}

static void
axis_area (Axis *axis, int in, int out)
{
  double scale = (double) in / out;
  int first = 0;

  for (int i = 0; i < out; i++)
    {
      double begin = i * scale, end = MIN ((i + 1) * scale, in);
      int low = MIN ((int) begin, in - 1), n = 0;

      for (int at = low; at < end; at++, n++)
        axis->weights[first + n] = (float) ((MIN (at + 1, end) - MAX (at, begin)) / scale);
      axis->taps[i] = (Tap){ low, n, first };
      first += n;
    }
}

static Axis
axis_new (int in, int out, LkFilter filter)
{
  Axis axis = { g_new (Tap, out), g_new (float, in + 2 * out) };

  if (filter == LK_FILTER_AREA && out < in)
    axis_area (&axis, in, out);
  else
    axis_bilinear (&axis, in, out);
  return axis;
}

/* sum[i] = the weighted sum of the rows that @tap names. */
static void
sum_rows (const guint8 *pixels, gsize stride, const Tap *tap, const float *weights,
          float *restrict sum)
{
  const guint8 *restrict row = pixels + tap->index * stride;

  for (gsize i = 0; i < stride; i++)
    sum[i] = weights[0] * row[i];
  for (int k = 1; k < tap->n; k++)
    {
      const float weight = weights[k];

      row += stride;
      for (gsize i = 0; i < stride; i++)
        sum[i] += weight * row[i];
    }
}

static void
sum_columns (const float *restrict in, const Axis *axis, int width, guint8 *restrict out)
{
  for (int u = 0; u < width; u++, out += 3)
    {
      const Tap tap = axis->taps[u];
      const float *p = in + 3 * tap.index, *weights = axis->weights + tap.first;
      float r = 0.5f, g = 0.5f, b = 0.5f; /* to round */

      for (int k = 0; k < tap.n; k++, p += 3)
        {
          r += weights[k] * p[0];
          g += weights[k] * p[1];
          b += weights[k] * p[2];
        }
      out[0] = (guint8) r;
      out[1] = (guint8) g;
      out[2] = (guint8) b;
    }
}

LkImage *
lk_image_resize (const LkImage *self, int width, int height, LkFilter filter)
{
  const guint8 *in = lk_image_get_pixels (self);
  gsize stride = (gsize) 3 * self->width;
  guint8 *pixels;
  float *row;
  Axis across, down;

  g_return_val_if_fail (width >= 1 && width <= LK_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height >= 1 && height <= LK_IMAGE_MAX_SIDE, NULL);

  if (width == self->width && height == self->height)
    return lk_image_new (width, height, self->bytes);

  across = axis_new (self->width, width, filter);
  down = axis_new (self->height, height, filter);
  row = g_new (float, stride);
  pixels = g_malloc ((gsize) 3 * width * height);
  for (int v = 0; v < height; v++)
    {
      const Tap *tap = &down.taps[v];

      sum_rows (in, stride, tap, down.weights + tap->first, row);
      sum_columns (row, &across, width, pixels + (gsize) 3 * width * v);
    }
  g_free (row);
  axis_clear (&across);
  axis_clear (&down);
  return lk_image_new_take (width, height, pixels);
}

LkImage *
lk_image_halve (const LkImage *self)
{
  const guint8 *in = lk_image_get_pixels (self);
  int width = (self->width + 1) / 2, height = (self->height + 1) / 2;
  gsize stride = (gsize) 3 * self->width;
  guint8 *pixels = g_malloc ((gsize) 3 * width * height), *out = pixels;
  guint16 *sum = g_new (guint16, stride + 3);

  for (int v = 0; v < height; v++)
    {
      const guint8 *a = in + 2 * v * stride, *b = 2 * v + 1 < self->height ? a + stride : a;

      for (gsize i = 0; i < stride; i++)
        sum[i] = a[i] + b[i];
      memcpy (sum + stride, sum + stride - 3, 3 * sizeof *sum); /* for an odd width */
      for (int u = 0; u < width; u++, out += 3)
        for (int c = 0; c < 3; c++)
          out[c] = (sum[6 * u + c] + sum[6 * u + 3 + c] + 2) >> 2;
    }
  g_free (sum);
  return lk_image_new_take (width, height, pixels);
}
