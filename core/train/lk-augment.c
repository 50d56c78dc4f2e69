/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-augment.h"

#include "image/lk-jpeg.h"

#include <math.h>
#include <string.h>

const LkAugment lk_augment_paper = {
  .probability = 0.5,
  .rotation_deg = 10,
  .shear = 0.3,
  .scale = 0.2,
  .shift = 2,
};

const LkAugment lk_augment_faces = {
  .probability = 0.5,
  .rotation_deg = 8,
  .scale = 0.08,
  .shift = 4,
  .flip = TRUE,
  .brightness = 0.15,
  .contrast = 0.3,
  .saturation = 0.4,
  .shrink = 0.6,
  .blur = 1.2,
  .jpeg = 30,
  .cutout = 0.3,
};

gboolean
lk_augment_is_none (const LkAugment *self)
{
  return self->probability <= 0;
}

static gboolean
in_range (double value, double low, double high)
{
  return value >= low && value <= high; /* FALSE for NAN */
}

gboolean
lk_augment_is_valid (const LkAugment *self)
{
  return in_range (self->probability, 0, 1) && in_range (self->rotation_deg, 0, 180) &&
         in_range (self->shear, 0, 0.9) && in_range (self->scale, 0, 0.9) &&
         in_range (self->shift, 0, 1000) && in_range (self->brightness, 0, 1) &&
         in_range (self->contrast, 0, 1) && in_range (self->saturation, 0, 1) &&
         in_range (self->shrink, 0, 0.95) && in_range (self->blur, 0, 10) &&
         in_range (self->jpeg, 0, 95) && in_range (self->cutout, 0, 1);
}

/* Whether this line happens; draws nothing for one that is off. */
static gboolean
chance (const LkAugment *self, double amount, LkRandom *random)
{
  return amount > 0 && lk_random_double (random) < self->probability;
}

static double
around (double centre, double amount, LkRandom *random)
{
  return centre + lk_random_range (random, -amount, amount);
}

/* Rotation, shear, scale, shift and flip in one warp about the middle. */
static LkImage *
warp (const LkAugment *self, LkImage *image, LkRandom *random)
{
  double angle = 0, sx = 1, sy = 1, kx = 0, ky = 0, tx = 0, ty = 0, m[6], f[6], det;
  double cx = (image->width - 1) / 2.0, cy = (image->height - 1) / 2.0;
  gboolean any = FALSE, flip;

  if (chance (self, self->rotation_deg, random))
    angle = around (0, self->rotation_deg, random) * G_PI / 180, any = TRUE;
  if (chance (self, self->shear, random))
    kx = around (0, self->shear, random), ky = around (0, self->shear, random), any = TRUE;
  if (chance (self, self->scale, random))
    sx = around (1, self->scale, random), sy = around (1, self->scale, random), any = TRUE;
  if (chance (self, self->shift, random))
    tx = around (0, self->shift, random), ty = around (0, self->shift, random), any = TRUE;
  flip = chance (self, self->flip, random);
  if (!any)
    return flip ? lk_image_mirror (image) : lk_image_ref (image);

  /* Where a point goes: rotation (shear (scale (point))), then the shift. */
  m[0] = sx * (cos (angle) - sin (angle) * ky);
  m[1] = sy * (cos (angle) * kx - sin (angle));
  m[3] = sx * (sin (angle) + cos (angle) * ky);
  m[4] = sy * (sin (angle) * kx + cos (angle));
  if (flip)
    m[0] = -m[0], m[3] = -m[3];
  /* The inverse is where a pixel comes from; 1 - kx ky > 0 keeps det away from 0. */
  det = m[0] * m[4] - m[1] * m[3];
  f[0] = m[4] / det;
  f[1] = -m[1] / det;
  f[3] = -m[3] / det;
  f[4] = m[0] / det;
  f[2] = cx - f[0] * (cx + tx) - f[1] * (cy + ty);
  f[5] = cy - f[3] * (cx + tx) - f[4] * (cy + ty);
  return lk_image_warp (image, f, image->width, image->height);
}

static guint8
to_byte (double value)
{
  return (guint8) CLAMP (value + 0.5, 0, 255);
}

static LkImage *
recolour (const LkAugment *self, LkImage *image, LkRandom *random)
{
  double add = 0, contrast = 1, saturation = 1, mean;
  gsize n = (gsize) image->width * (gsize) image->height;
  const guint8 *in = lk_image_get_pixels (image);
  guint8 *out;

  if (chance (self, self->brightness, random))
    add = around (0, 255 * self->brightness, random);
  if (chance (self, self->contrast, random))
    contrast = around (1, self->contrast, random);
  if (chance (self, self->saturation, random))
    saturation = around (1, self->saturation, random);
  if (add == 0 && contrast == 1 && saturation == 1)
    return lk_image_ref (image);

  mean = lk_image_mean_luma (image);
  out = g_malloc (3 * n);
  for (gsize i = 0; i < n; i++, in += 3)
    {
      double grey = 0.299 * in[0] + 0.587 * in[1] + 0.114 * in[2];

      for (int c = 0; c < 3; c++)
        {
          double value = grey + saturation * (in[c] - grey);

          out[3 * i + (gsize) c] = to_byte (mean + contrast * (value - mean) + add);
        }
    }
  return lk_image_new_take (image->width, image->height, out);
}

static LkImage *
shrink (const LkAugment *self, LkImage *image, LkRandom *random)
{
  g_autoptr (LkImage) small = NULL;
  double share;

  if (!chance (self, self->shrink, random))
    return lk_image_ref (image);
  share = 1 - lk_random_range (random, 0, self->shrink);
  small = lk_image_resize (image, MAX (1, (int) (image->width * share)),
                           MAX (1, (int) (image->height * share)), LK_FILTER_AREA);
  return lk_image_resize (small, image->width, image->height, LK_FILTER_BILINEAR);
}

/* One direction of a Gaussian: @n values a line, @step apart. */
static void
blur_lines (const guint8 *in, guint8 *out, int n_lines, gsize line_step, int n, gsize step,
            const double *weights, int radius)
{
  for (int line = 0; line < n_lines; line++)
    for (int i = 0; i < n; i++)
      for (int c = 0; c < 3; c++)
        {
          gsize base = (gsize) line * line_step + (gsize) c;
          double sum = 0;

          for (int k = -radius; k <= radius; k++)
            sum += weights[k + radius] * in[base + (gsize) CLAMP (i + k, 0, n - 1) * step];
          out[base + (gsize) i * step] = to_byte (sum);
        }
}

static LkImage *
blur (const LkAugment *self, LkImage *image, LkRandom *random)
{
  gsize stride = 3 * (gsize) image->width, size = stride * (gsize) image->height;
  double sigma, sum = 0, weights[2 * 30 + 1];
  g_autofree guint8 *across = NULL;
  guint8 *out;
  int radius;

  if (!chance (self, self->blur, random))
    return lk_image_ref (image);
  sigma = MAX (0.1, lk_random_range (random, 0, self->blur));
  radius = (int) ceil (3 * sigma);
  for (int k = -radius; k <= radius; k++)
    sum += weights[k + radius] = exp (-k * k / (2 * sigma * sigma));
  for (int k = 0; k <= 2 * radius; k++)
    weights[k] /= sum;
  across = g_malloc (size);
  out = g_malloc (size);
  blur_lines (lk_image_get_pixels (image), across, image->height, stride, image->width, 3, weights,
              radius);
  blur_lines (across, out, image->width, 3, image->height, stride, weights, radius);
  return lk_image_new_take (image->width, image->height, out);
}

static LkImage *
compress (const LkAugment *self, LkImage *image, LkRandom *random)
{
  g_autoptr (GBytes) file = NULL;
  LkImage *result = NULL;
  int quality;

  if (!chance (self, self->jpeg, random))
    return lk_image_ref (image);
  quality = self->jpeg + (int) lk_random_below (random, (guint32) (96 - self->jpeg));
  file = lk_jpeg_encode (image, quality, NULL);
  if (file != NULL)
    result = lk_image_load_bytes (g_bytes_get_data (file, NULL), g_bytes_get_size (file), "", NULL);
  return result != NULL ? result : lk_image_ref (image);
}

static LkImage *
cut_out (const LkAugment *self, LkImage *image, LkRandom *random)
{
  const guint8 *in = lk_image_get_pixels (image);
  gsize n = (gsize) image->width * (gsize) image->height;
  double share, sum[3] = { 0 };
  int width, height, left, top;
  guint8 *out;

  if (!chance (self, self->cutout, random))
    return lk_image_ref (image);
  share = lk_random_range (random, 0, self->cutout);
  width = (int) (share * image->width);
  height = (int) (share * image->height);
  left = (int) lk_random_below (random, (guint32) (image->width - width + 1));
  top = (int) lk_random_below (random, (guint32) (image->height - height + 1));
  for (gsize i = 0; i < 3 * n; i++)
    sum[i % 3] += in[i];
  out = g_memdup2 (in, 3 * n);
  for (int y = top; y < top + height; y++)
    for (int x = left; x < left + width; x++)
      for (int c = 0; c < 3; c++)
        out[3 * (y * image->width + x) + c] = to_byte (sum[c] / (double) n);
  return lk_image_new_take (image->width, image->height, out);
}

LkImage *
lk_augment_apply (const LkAugment *self, LkImage *image, LkRandom *random)
{
  LkImage *(*const parts[]) (const LkAugment *, LkImage *,
                             LkRandom *) = { warp, recolour, shrink, blur, compress, cut_out };
  LkImage *result = lk_image_ref (image);

  if (lk_augment_is_none (self))
    return result;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      LkImage *next = parts[i](self, result, random);

      lk_image_unref (result);
      result = next;
    }
  return result;
}
