/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/*
 * Vectors of LK_VEC floats, for the sources that are compiled once for each instruction
 * set.  They are the compiler's own (gcc and clang): no intrinsics, one text for all.
 */
typedef float Vec __attribute__ ((vector_size (LK_VEC * 4)));
typedef int Mask __attribute__ ((vector_size (LK_VEC * 4)));
typedef float VecInMemory __attribute__ ((vector_size (LK_VEC * 4), aligned (4), may_alias));

#define INLINE static inline __attribute__ ((always_inline))

INLINE Vec
splat (float x)
{
  return x - (Vec){ 0 }; /* minus, because 0 + -0 would not be -0 */
}

INLINE Vec
load (const float *from)
{
  return *(const VecInMemory *) from;
}

INLINE void
store (float *to, Vec v)
{
  *(VecInMemory *) to = v;
}

/* max (v, 0); NaN stays NaN. */
INLINE Vec
cut_negative (Vec v)
{
  return (Vec) ((Mask) v & ~(Mask) (v < (Vec){ 0 }));
}
