/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-half.h"

#include <string.h>

float
lk_half_to_float (guint16 half)
{
  guint32 sign = (guint32) (half & 0x8000) << 16, exponent = (half >> 10) & 31;
  guint32 fraction = half & 0x3ff, bits;
  float value;

  if (exponent == 31)
    bits = sign | 0x7f800000 | fraction << 13;
  else if (exponent > 0)
    bits = sign | (exponent + 112) << 23 | fraction << 13;
  else if (fraction == 0)
    bits = sign;
  else
    {
      int shift = __builtin_clz (fraction) - 21; /* brings the first one to bit 10 */

      bits = sign | (guint32) (113 - shift) << 23 | ((fraction << shift) & 0x3ff) << 13;
    }
  memcpy (&value, &bits, sizeof value);
  return value;
}

guint16
lk_half_from_float (float value)
{
  guint32 bits, magnitude, sign, shift, kept, rest, half_way;

  memcpy (&bits, &value, sizeof bits);
  sign = (bits >> 16) & 0x8000;
  magnitude = bits & 0x7fffffff;

  if (magnitude > 0x7f800000)
    return (guint16) (sign | 0x7e00 | ((magnitude >> 13) & 0x3ff));
  if (magnitude >= 0x47800000) /* 65536 */
    return (guint16) (sign | 0x7c00);

  if (magnitude >= 0x38800000) /* 2^-14, the smallest normal half */
    {
      shift = 13;
      kept = magnitude - (112u << 23);
    }
  else if (magnitude >= 0x33000000) /* 2^-25, half of the smallest half */
    {
      shift = 126 - (magnitude >> 23);
      kept = (magnitude & 0x7fffff) | 0x800000;
    }
  else
    return (guint16) sign;

  /* Rounding may carry into the exponent, which is then right, up to infinity. */
  rest = kept & ((1u << shift) - 1);
  half_way = 1u << (shift - 1);
  kept >>= shift;
  kept += rest > half_way || (rest == half_way && (kept & 1));
  return (guint16) (sign | kept);
}
