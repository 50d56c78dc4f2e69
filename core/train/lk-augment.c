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
  .gamma = 0.4,
  .brightness = 0.1,
  .contrast = 0.25,
  .saturation = 0.4,
  .shrink = 0.7,
  .blur = 1.5,
  .noise = 0.06,
  .jpeg = 25,
  .cutout = 0.4,
};

gboolean
lk_augment_is_none (const LkAugment *self)
{
  return self->probability <= 0;
}

LkAugment
lk_augment_scaled (const LkAugment *self, double strength)
{
  LkAugment scaled = *self;

  scaled.rotation_deg = MIN (180, strength * self->rotation_deg);
  scaled.shear = MIN (0.9, strength * self->shear);
  scaled.scale = MIN (0.9, strength * self->scale);
  scaled.shift = MIN (1000, strength * self->shift);
  scaled.gamma = MIN (3, strength * self->gamma);
  scaled.brightness = MIN (1, strength * self->brightness);
  scaled.contrast = MIN (1, strength * self->contrast);
  scaled.saturation = MIN (1, strength * self->saturation);
  scaled.shrink = MIN (0.95, strength * self->shrink);
  scaled.blur = MIN (10, strength * self->blur);
  scaled.noise = MIN (1, strength * self->noise);
  scaled.cutout = MIN (1, strength * self->cutout);
  if (self->jpeg > 0)
    scaled.jpeg = strength > 0 ? (int) CLAMP (95 - strength * (95 - self->jpeg), 1, 95) : 0;
  return scaled;
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
         in_range (self->shift, 0, 1000) && in_range (self->gamma, 0, 3) &&
         in_range (self->noise, 0, 1) && in_range (self->brightness, 0, 1) &&
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

static LkImage *
cut_margin (LkImage *image, int margin)
{
  return margin == 0 ? lk_image_ref (image)
                     : lk_image_crop (image, margin, margin, image->width - 2 * margin,
                                      image->height - 2 * margin);
}

/* Rotation, shear, scale, shift and flip in one warp about the middle. */
static LkImage *
warp (const LkAugment *self, LkImage *image, int margin, LkRandom *random)
{
  int width = image->width - 2 * margin, height = image->height - 2 * margin;
  double angle = 0, sx = 1, sy = 1, kx = 0, ky = 0, tx = 0, ty = 0, m[6], f[6], det;
  double cx = (width - 1) / 2.0, cy = (height - 1) / 2.0;
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
    {
      g_autoptr (LkImage) middle = cut_margin (image, margin);

      return flip ? lk_image_mirror (middle) : lk_image_ref (middle);
    }

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
  f[2] = cx + margin - f[0] * (cx + tx) - f[1] * (cy + ty);
  f[5] = cy + margin - f[3] * (cx + tx) - f[4] * (cy + ty);
  return lk_image_warp (image, f, width, height);
}

static guint8
to_byte (float value)
{
  return (guint8) CLAMP (value + 0.5f, 0.0f, 255.0f);
}

static LkImage *
brighten (const LkAugment *self, LkImage *image, LkRandom *random)
{
  gsize n = 3 * (gsize) image->width * (gsize) image->height;
  const guint8 *in = lk_image_get_pixels (image);
  guint8 table[256], *out;
  double power;

  if (!chance (self, self->gamma, random))
    return lk_image_ref (image);
  power = exp (around (0, self->gamma, random));
  for (int i = 0; i < 256; i++)
    table[i] = to_byte ((float) (255 * pow (i / 255.0, power)));
  out = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    out[i] = table[in[i]];
  return lk_image_new_take (image->width, image->height, out);
}

static LkImage *
recolour (const LkAugment *self, LkImage *image, LkRandom *random)
{
  double add = 0, contrast = 1, saturation = 1, mean;
  gsize n = (gsize) image->width * (gsize) image->height;
  const guint8 *in = lk_image_get_pixels (image);
  float grey_share, own_share, base;
  guint8 *out;

  if (chance (self, self->brightness, random))
    add = around (0, 255 * self->brightness, random);
  if (chance (self, self->contrast, random))
    contrast = around (1, self->contrast, random);
  if (chance (self, self->saturation, random))
    saturation = around (1, self->saturation, random);
  if (add == 0 && contrast == 1 && saturation == 1)
    return lk_image_ref (image);

  /* mean + contrast (grey + saturation (own - grey) - mean) + add */
  mean = lk_image_mean_luma (image);
  own_share = (float) (contrast * saturation);
  grey_share = (float) (contrast * (1 - saturation));
  base = (float) (mean - contrast * mean + add);
  out = g_malloc (3 * n);
  for (gsize i = 0; i < 3 * n; i += 3)
    {
      float grey = 0.299f * in[i] + 0.587f * in[i + 1] + 0.114f * in[i + 2];
      float shift = base + grey_share * grey;

      for (gsize c = 0; c < 3; c++)
        out[i + c] = to_byte (shift + own_share * in[i + c]);
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

#define MAX_RADIUS 30

/* Sums of @n numbers that are shifted against each other by @step each. */
static void
add_shifted (const float *in, gsize n, gsize step, const float *weights, int radius, float *out)
{
  memset (out, 0, n * sizeof *out);
  for (int k = 0; k <= 2 * radius; k++)
    for (gsize i = 0; i < n; i++)
      out[i] += weights[k] * in[i + (gsize) k * step];
}

/* Rows first, into floats with @radius rows above and below that repeat the edges. */
static void
blur_pixels (const LkImage *image, const float *weights, int radius, guint8 *out)
{
  const guint8 *in = lk_image_get_pixels (image);
  gsize stride = 3 * (gsize) image->width, width = (gsize) image->width, r = (gsize) radius;
  g_autofree float *line = g_new (float, stride + 6 * r), *sum = g_new (float, stride);
  g_autofree float *rows = g_new (float, stride *((gsize) image->height + 2 * r));

  for (int y = 0; y < image->height; y++)
    {
      const guint8 *from = in + (gsize) y * stride;

      for (gsize x = 0; x < width + 2 * r; x++)
        for (gsize c = 0; c < 3; c++)
          line[3 * x + c] = from[3 * (x < r ? 0 : MIN (x - r, width - 1)) + c];
      add_shifted (line, stride, 3, weights, radius, rows + ((gsize) y + r) * stride);
    }
  for (gsize y = 0; y < r; y++)
    {
      memcpy (rows + y * stride, rows + r * stride, stride * sizeof *rows);
      memcpy (rows + ((gsize) image->height + r + y) * stride,
              rows + ((gsize) image->height + r - 1) * stride, stride * sizeof *rows);
    }
  for (int y = 0; y < image->height; y++, out += stride)
    {
      add_shifted (rows + (gsize) y * stride, stride, stride, weights, radius, sum);
      for (gsize i = 0; i < stride; i++)
        out[i] = to_byte (sum[i]);
    }
}

static LkImage *
blur (const LkAugment *self, LkImage *image, LkRandom *random)
{
  float weights[2 * MAX_RADIUS + 1];
  double sigma, sum = 0;
  guint8 *out;
  int radius;

  if (!chance (self, self->blur, random))
    return lk_image_ref (image);
  sigma = MAX (0.1, lk_random_range (random, 0, self->blur));
  radius = (int) ceil (3 * sigma);
  for (int k = -radius; k <= radius; k++)
    sum += exp (-k * k / (2 * sigma * sigma));
  for (int k = -radius; k <= radius; k++)
    weights[k + radius] = (float) (exp (-k * k / (2 * sigma * sigma)) / sum);
  out = g_malloc (3 * (gsize) image->width * (gsize) image->height);
  blur_pixels (image, weights, radius, out);
  return lk_image_new_take (image->width, image->height, out);
}

/* Sums of four uniform numbers, which are near enough to normal ones and much faster. */
static LkImage *
add_noise (const LkAugment *self, LkImage *image, LkRandom *random)
{
  gsize n = 3 * (gsize) image->width * (gsize) image->height;
  const guint8 *in = lk_image_get_pixels (image);
  float scale;
  guint8 *out;

  if (!chance (self, self->noise, random))
    return lk_image_ref (image);
  /* A sum of four numbers 0 .. 65535 has the deviation 65536 / sqrt (3). */
  scale = (float) (255 * lk_random_range (random, 0, self->noise) * sqrt (3) / 65536);
  out = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    {
      guint64 bits = lk_random_next (random);
      int sum = (int) (bits & 0xffff) + (int) (bits >> 16 & 0xffff) + (int) (bits >> 32 & 0xffff) +
                (int) (bits >> 48);

      out[i] = to_byte (in[i] + scale * (float) (sum - 2 * 65535));
    }
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
        out[3 * (y * image->width + x) + c] = to_byte ((float) (sum[c] / (double) n));
  return lk_image_new_take (image->width, image->height, out);
}

LkImage *
lk_augment_apply (const LkAugment *self, LkImage *image, int margin, LkRandom *random)
{
  LkImage *(*const parts[]) (const LkAugment *, LkImage *,
                             LkRandom *) = { brighten,  recolour, shrink, blur,
                                             add_noise, compress, cut_out };
  LkImage *result;

  g_return_val_if_fail (margin >= 0 && 2 * margin < MIN (image->width, image->height), NULL);

  if (lk_augment_is_none (self))
    return cut_margin (image, margin);
  result = warp (self, image, margin, random);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      LkImage *next = parts[i](self, result, random);

      lk_image_unref (result);
      result = next;
    }
  return result;
}
