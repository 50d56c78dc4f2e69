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
  int n_taps, n_weights; /* that there is room for */
} Axis;

struct _LkResizer
{
  Axis across, down;
  float *row;
  gsize n_row;
  guint8 *pixels;
  gsize n_pixels;
  LkRecycler *recycler; /* of pictures; (nullable) in one that makes none */
};

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

static void
axis_prepare (Axis *axis, int in, int out, LkFilter filter)
{
  if (axis->n_taps < out)
    axis->taps = g_renew (Tap, axis->taps, axis->n_taps = out);
  if (axis->n_weights < in + 2 * out)
    axis->weights = g_renew (float, axis->weights, axis->n_weights = in + 2 * out);
  if (filter == LK_FILTER_AREA && out < in)
    axis_area (axis, in, out);
  else
    axis_bilinear (axis, in, out);
}

/* sum[i] = the weighted sum of the rows that @tap names. */
static void
sum_rows (const guint8 *pixels, gsize stride, gsize n, const Tap *tap, const float *weights,
          float *restrict sum)
{
  const guint8 *restrict row = pixels + tap->index * stride;

  for (gsize i = 0; i < n; i++)
    sum[i] = weights[0] * row[i];
  for (int k = 1; k < tap->n; k++)
    {
      const float weight = weights[k];

      row += stride;
      for (gsize i = 0; i < n; i++)
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

/* The @in_width x @in_height pixels at @in, whose rows are @stride bytes apart. */
static void
resize (LkResizer *self, const guint8 *in, gsize stride, int in_width, int in_height, int width,
        int height, LkFilter filter, guint8 *out)
{
  gsize n = (gsize) 3 * in_width;

  if (width == in_width && height == in_height)
    {
      for (int v = 0; v < height; v++)
        memcpy (out + v * n, in + v * stride, n);
      return;
    }
  axis_prepare (&self->across, in_width, width, filter);
  axis_prepare (&self->down, in_height, height, filter);
  if (self->n_row < n)
    self->row = g_renew (float, self->row, self->n_row = n);
  for (int v = 0; v < height; v++)
    {
      const Tap *tap = &self->down.taps[v];

      sum_rows (in, stride, n, tap, self->down.weights + tap->first, self->row);
      sum_columns (self->row, &self->across, width, out + (gsize) 3 * width * v);
    }
}

static void
clear (LkResizer *self)
{
  g_free (self->across.taps);
  g_free (self->across.weights);
  g_free (self->down.taps);
  g_free (self->down.weights);
  g_free (self->row);
  g_free (self->pixels);
}

LkImage *
lk_image_resize (const LkImage *self, int width, int height, LkFilter filter)
{
  LkResizer resizer = { 0 };
  guint8 *pixels;

  g_return_val_if_fail (width >= 1 && width <= LK_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height >= 1 && height <= LK_IMAGE_MAX_SIDE, NULL);

  if (width == self->width && height == self->height)
    return lk_image_new (width, height, self->bytes);
  pixels = g_malloc ((gsize) 3 * width * height);
  resize (&resizer, lk_image_get_pixels (self), (gsize) 3 * self->width, self->width, self->height,
          width, height, filter, pixels);
  clear (&resizer);
  return lk_image_new_take (width, height, pixels);
}

LkResizer *
lk_resizer_new (void)
{
  LkResizer *self = g_new0 (LkResizer, 1);

  self->recycler = lk_recycler_new ();
  return self;
}

void
lk_resizer_free (LkResizer *self)
{
  if (self == NULL)
    return;
  clear (self);
  lk_recycler_free (self->recycler);
  g_free (self);
}

const guint8 *
lk_resizer_run (LkResizer *self, const LkImage *image, const int region[4], int width, int height)
{
  gsize n = (gsize) 3 * width * height, stride = (gsize) 3 * image->width;

  g_return_val_if_fail (width >= 1 && width <= LK_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height >= 1 && height <= LK_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (region[0] >= 0 && region[1] >= 0 && region[2] >= 1 && region[3] >= 1, NULL);
  g_return_val_if_fail (region[2] <= image->width - region[0], NULL);
  g_return_val_if_fail (region[3] <= image->height - region[1], NULL);

  if (self->n_pixels < n)
    self->pixels = g_realloc (self->pixels, self->n_pixels = n);
  resize (self, lk_image_get_pixels (image) + region[1] * stride + (gsize) 3 * region[0], stride,
          region[2], region[3], width, height, LK_FILTER_AREA, self->pixels);
  return self->pixels;
}

LkImage *
lk_resizer_new_image (LkResizer *self, int width, int height, guint8 **pixels)
{
  return lk_image_new_recycled (self->recycler, width, height, pixels);
}

LkImage *
lk_resizer_resize (LkResizer *self, const LkImage *image, int width, int height)
{
  guint8 *pixels;
  LkImage *out;

  g_return_val_if_fail (width >= 1 && width <= LK_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height >= 1 && height <= LK_IMAGE_MAX_SIDE, NULL);

  out = lk_resizer_new_image (self, width, height, &pixels);
  resize (self, lk_image_get_pixels (image), (gsize) 3 * image->width, image->width, image->height,
          width, height, LK_FILTER_BILINEAR, pixels);
  return out;
}
