/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-random.h"

#include <math.h>

static uint64_t
rotate_left (uint64_t x, int k)
{
  return (x << k) | (x >> (64 - k));
}

void
lk_random_seed (LkRandom *self, uint64_t seed)
{
  for (int i = 0; i < 4; i++)
    {
      uint64_t z = (seed += 0x9e3779b97f4a7c15u);

      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      self->s[i] = z ^ (z >> 31);
    }
}

uint64_t
lk_random_next (LkRandom *self)
{
  uint64_t *s = self->s;
  uint64_t result = rotate_left (s[1] * 5, 7) * 9, t = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate_left (s[3], 45);
  return result;
}

double
lk_random_double (LkRandom *self)
{
  return (double) (lk_random_next (self) >> 11) * 0x1p-53;
}

double
lk_random_range (LkRandom *self, double low, double high)
{
  return low + (high - low) * lk_random_double (self);
}

uint32_t
lk_random_below (LkRandom *self, uint32_t n)
{
  /* Values under the remainder of 2^32 / n would make small results likelier. */
  uint32_t reject = -n % n, x;

  do
    x = (uint32_t) (lk_random_next (self) >> 32);
  while (x < reject);
  return x % n;
}

double
lk_random_normal (LkRandom *self)
{
  double u = 1.0 - lk_random_double (self), v = lk_random_double (self);

  return sqrt (-2.0 * log (u)) * cos (2.0 * 3.14159265358979323846 * v);
}

void
lk_random_shuffle (LkRandom *self, int *items, int n)
{
  for (int i = n - 1; i > 0; i--)
    {
      int j = (int) lk_random_below (self, (uint32_t) i + 1), keep = items[i];

      items[i] = items[j];
      items[j] = keep;
    }
}
