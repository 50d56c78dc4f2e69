/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-rate.h"

#include <math.h>

double
lk_rate_get (const LkRate *self, int64_t step)
{
  double periods;

  if (step < self->warmup)
    return self->rate * (double) (step + 1) / (double) self->warmup;
  step -= self->warmup;
  switch (self->kind)
    {
    case LK_RATE_CONSTANT:
      return self->rate;
    case LK_RATE_EXPONENTIAL:
      periods = (double) step / (double) self->period;
      return self->rate * pow (self->factor, self->staircase ? floor (periods) : periods);
    case LK_RATE_COSINE:
      if (step >= self->total)
        return 0;
      return self->rate / 2 *
             (1 + cos (3.14159265358979323846 * (double) step / (double) self->total));
    case LK_RATE_LEVEL:
      if (step < self->total - self->fall)
        return self->rate;
      return step < self->total
                 ? self->rate * (double) (self->total - step) / (double) (self->fall + 1)
                 : 0;
    }
  return self->rate;
}
