/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures what augmentation costs a picture.  usage: bench-augment */
#include "bench.h"

#include "train/lk-augment.h"

#include <stdio.h>
#include <string.h>

#define SIDE   120
#define MARGIN 10
#define ROUNDS 200

typedef struct
{
  LkAugment augment;
  LkImage *image;
  LkRandom random;
} Case;

static void
run (void *data)
{
  Case *self = data;

  for (int i = 0; i < ROUNDS; i++)
    lk_image_unref (lk_augment_apply (&self->augment, self->image, MARGIN, &self->random));
}

int
main (void)
{
  static const struct
  {
    const char *name;
    LkAugment augment;
  } parts[] = {
    { "warp", { .rotation_deg = 8, .scale = 0.1, .shift = 4 } },
    { "gamma", { .gamma = 0.4 } },
    { "colour", { .brightness = 0.1, .contrast = 0.2, .saturation = 0.4 } },
    { "shrink", { .shrink = 0.7 } },
    { "blur", { .blur = 1.5 } },
    { "noise", { .noise = 0.06 } },
    { "jpeg", { .jpeg = 25 } },
    { "cutout", { .cutout = 0.4 } },
  };
  guint8 *pixels = g_malloc (3 * SIDE * SIDE);
  Case self = { .image = lk_image_new_take (SIDE, SIDE, pixels) };

  for (int i = 0; i < 3 * SIDE * SIDE; i++)
    pixels[i] = (guint8) (i * 7 % 256 / 3 + i / 200 % 150);
  lk_random_seed (&self.random, 1);
  for (guint i = 0; i <= G_N_ELEMENTS (parts); i++)
    {
      gboolean all = i == G_N_ELEMENTS (parts);
      BenchTime time;

      self.augment = all ? lk_augment_faces : parts[i].augment;
      self.augment.probability = all ? lk_augment_faces.probability : 1;
      time = bench_time (run, &self, 0.5);
      printf ("{\"case\": \"augment/%s\", \"us_a_picture\": %.1f}\n", all ? "faces" : parts[i].name,
              time.min / ROUNDS * 1e6);
      fflush (stdout);
    }
  lk_image_unref (self.image);
  return 0;
}
