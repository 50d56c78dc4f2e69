/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * IEEE 754-2008 binary16 <-> binary32, in integers: the same on every processor and
 * whatever its rounding and denormal modes are.  Any thread.
 */

/* Exact; a NaN stays a NaN. */
float lk_half_to_float (guint16 half);

/* To nearest, ties to even; beyond 65504 (after rounding) infinity. */
guint16 lk_half_from_float (float value);

G_END_DECLS
