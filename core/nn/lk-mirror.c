/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mirror.h"

#include "lk-normalize.h"

#include <stddef.h>
#include <string.h>

void
lk_mirror_pictures (const float *in, int n, int height, int width, int channels, float *out)
{
  size_t pixel = (size_t) channels, row = (size_t) width * pixel;

  for (size_t y = 0; y < (size_t) n * (size_t) height; y++)
    for (size_t x = 0; x < (size_t) width; x++)
      memcpy (out + y * row + x * pixel, in + (y + 1) * row - (x + 1) * pixel, pixel * sizeof *out);
}

void
lk_mirror_join (int n, int d, const float *looks, float *out)
{
  for (int i = 0; i < n; i++, looks += 2 * (size_t) d)
    for (int j = 0; j < d; j++)
      out[(size_t) i * (size_t) d + (size_t) j] = looks[j] + looks[d + j];
  lk_normalize_forward (n, d, out, out);
}
