/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"
#include "image/lk-image.h"

G_BEGIN_DECLS

/*
 * LkAugment: how a training picture is changed at random before the network sees it.
 *
 * On the fly and on each picture of a pair alone; never on disk, never on pictures for
 * validation or test.  All 0 changes nothing.  Every line below happens with
 * @probability (the affine map's four each for themselves), in this order.
 */
typedef struct
{
  double probability;  /* 0 .. 1 */
  double rotation_deg; /* -x .. x */
  double shear;        /* -x .. x along either axis: a tangent, below 1 */
  double scale;        /* 1-x .. 1+x along each axis, x below 1 */
  double shift;        /* -x .. x pixels along each axis */
  gboolean flip;       /* left and right exchanged */
  double gamma;        /* values (0 .. 1) to the power of e^-x .. e^x */
  double brightness;   /* -x .. x added, of the full range */
  double contrast;     /* differences from the mean grey times 1-x .. 1+x */
  double saturation;   /* differences from a pixel's own grey times 1-x .. 1+x */
  double shrink;       /* made smaller by up to this share of the side, and large again */
  double blur;         /* Gaussian with a deviation up to x pixels */
  double noise;        /* added to every number, with a deviation up to x of the full range */
  int jpeg;            /* through JPEG of a quality from x to 95; 0: not */
  double cutout;       /* a square of a side up to this share gets the mean colour */
} LkAugment;

/* The paper's affine maps: rotation 10 degrees, shear 0.3, scale 0.8 to 1.2, shift 2
 * pixels, each with probability 0.5.
 * Source: G. Koch et al., "Siamese Neural Networks for One-shot Image Recognition",
 * ICML Deep Learning Workshop 2015, section 3.2. */
extern const LkAugment lk_augment_paper;

/* For faces from cameras: turns and shifts as a detector leaves them, flip, light, colour,
 * and what lenses, sizes, sensors and files do.  Cutout: T. DeVries and G. Taylor, "Improved
 * Regularization of Convolutional Neural Networks with Cutout", 2017. */
extern const LkAugment lk_augment_faces;

gboolean lk_augment_is_none (const LkAugment *self);

/* The same with every amount times @strength, 0 .. 2 (JPEG's distance from 95; none at 0);
 * amounts stay within their ranges, and the probability as it is. */
LkAugment lk_augment_scaled (const LkAugment *self, double strength);

/* Whether every number is within its range. */
gboolean lk_augment_is_valid (const LkAugment *self);

/**
 * lk_augment_apply:
 * @margin: so many pixels are cut off at each side, below half of the shorter one: the
 *   affine map brings them in where it needs them
 *
 * Returns: (transfer full): @image changed, without the margin; what comes in from outside
 *   repeats the edge
 */
LkImage *lk_augment_apply (const LkAugment *self, LkImage *image, int margin, LkRandom *random);

G_END_DECLS
