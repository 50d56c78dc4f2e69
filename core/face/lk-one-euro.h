/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LkOneEuro: a number that jitters, made steady: strongly while it rests, hardly while it
 * moves, so that it does not lag.
 *
 * Source: G. Casiez, N. Roussel, D. Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter
 * for Noisy Input in Interactive Systems", CHI 2012, algorithm 1.  Its cutoff is
 * LK_ONE_EURO_REST + LK_ONE_EURO_SPEED * speed; the paper's third parameter, the speed's
 * own cutoff, is 1 Hz as there.
 */
typedef struct
{
  gboolean is_set; /* all zero: the next number is taken as it is */
  double value;
  double speed; /* in scales a second */
} LkOneEuro;

#define LK_ONE_EURO_REST  0.7 /* Hz */
#define LK_ONE_EURO_SPEED 5.0 /* Hz for a speed of one scale a second */

/**
 * lk_one_euro_run:
 * @value: the newest
 * @scale: what a large change of it is: speeds are in shares of it
 * @seconds: since the one before, above 0
 *
 * Returns: the steady value
 */
double lk_one_euro_run (LkOneEuro *self, double value, double scale, double seconds);

G_END_DECLS
