/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-one-euro.h"

#include <math.h>

#define SPEED_CUTOFF 1.0 /* Hz */

/* The share of the new value in a first-order low pass. */
static double
get_alpha (double cutoff, double seconds)
{
  return 1 / (1 + 1 / (2 * G_PI * cutoff * seconds));
}

double
lk_one_euro_run (LkOneEuro *self, double value, double scale, double seconds)
{
  double speed, cutoff;

  if (!self->is_set)
    {
      *self = (LkOneEuro){ .is_set = TRUE, .value = value };
      return value;
    }
  speed = (value - self->value) / (scale * seconds);
  self->speed += get_alpha (SPEED_CUTOFF, seconds) * (speed - self->speed);
  cutoff = LK_ONE_EURO_REST + LK_ONE_EURO_SPEED * fabs (self->speed);
  self->value += get_alpha (cutoff, seconds) * (value - self->value);
  return self->value;
}
