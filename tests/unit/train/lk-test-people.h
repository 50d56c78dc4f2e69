/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"
#include "image/lk-image.h"
#include "lk-test-folder.h"

/* Draws a picture of 60x60 of "person" @who: a disc and a bar in that person's colours,
 * at a place and in a light that @random picks. */
static inline void
test_people_draw (const char *folder, const char *name, int who, LkRandom *random)
{
  enum
  {
    side = 60
  };
  g_autofree char *path = test_folder_path (folder, name);
  guint8 *pixels = g_malloc (3 * side * side);
  g_autoptr (LkImage) image = NULL;
  double light = lk_random_range (random, 0.8, 1.0);
  double colours[2][3]; /* of disc and bar */
  LkRandom person;
  double x = lk_random_range (random, 24, 36), y = lk_random_range (random, 24, 36);

  lk_random_seed (&person, (guint64) who);
  for (int i = 0; i < 6; i++)
    colours[i / 3][i % 3] = lk_random_range (&person, 20, 240);
  for (int v = 0; v < side; v++)
    for (int u = 0; u < side; u++)
      {
        gboolean disc = (u - x) * (u - x) + (v - y) * (v - y) < 14 * 14;
        gboolean bar = ABS (v - y - 18) < 4;

        for (int c = 0; c < 3; c++)
          {
            double value = disc ? colours[0][c] : bar ? colours[1][c] : 120;

            value = value * light + lk_random_range (random, -10, 10);
            pixels[3 * (side * v + u) + c] = (guint8) CLAMP (value, 0, 255);
          }
      }
  image = lk_image_new_take (side, side, pixels);
  g_assert_true (lk_image_save (image, path, NULL));
}

/* The documents' layout: @n anchors and positives of one person, and as many others, a
 * picture each, as negatives. */
static inline void
test_people_documents (const char *folder, int n)
{
  LkRandom random;

  lk_random_seed (&random, 11);
  for (int i = 0; i < n; i++)
    for (int role = 0; role < 3; role++)
      {
        static const char *const roles[] = { "anchor", "positive", "negative" };
        g_autofree char *name = role < 2 ? g_strdup_printf ("%s/%03d.jpg", roles[role], i)
                                         : g_strdup_printf ("negative/Other_%c_%03d.jpg",
                                                            'A' + i % 7, i);

        test_people_draw (folder, name, role < 2 ? 1000 : i, &random);
      }
}

/* Runs quickly, yet has all that keeps state: batch norm and dropout. */
#define TEST_NETWORK                                                                               \
  "network tiny\n"                                                                                 \
  "image     input      size=20x24x3\n"                                                            \
  "conv1     conv2d     image  filters=8 kernel=5 activation=relu l2=0.0001\n"                     \
  "norm1     batchnorm  conv1\n"                                                                   \
  "pool1     maxpool    norm1  window=2 stride=2 padding=same\n"                                   \
  "drop1     dropout    pool1  rate=0.1\n"                                                         \
  "conv2     conv2d     drop1  filters=12 kernel=3 activation=relu\n"                              \
  "pool2     maxpool    conv2  window=2 stride=2 padding=same\n"                                   \
  "flat      flatten    pool2\n"                                                                   \
  "embedding dense      flat   units=24 activation=sigmoid\n"                                      \
  "score     l1-head    embedding\n"

#define TEST_NETWORK_GREY                                                                          \
  "network tiny-grey\n"                                                                            \
  "image     input      size=16x16x1\n"                                                            \
  "conv1     conv2d     image  filters=8 kernel=5 activation=relu\n"                               \
  "pool1     maxpool    conv1  window=2 stride=2 padding=same\n"                                   \
  "flat      flatten    pool1\n"                                                                   \
  "embedding dense      flat   units=16 activation=sigmoid\n"                                      \
  "score     l1-head    embedding\n"
