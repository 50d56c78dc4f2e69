/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LkBurst: the clock of a burst of pictures.
 *
 * Counts down in seconds, then asks for one picture after the other.  While it is
 * blocked (no usable frame) it waits and asks for nothing.  Main context only.
 */
typedef struct _LkBurst LkBurst;

/* A second of the count-down has passed: @left seconds remain, 0 when it is over. */
typedef void (*LkBurstCountdownFunc) (int left, gpointer data);
/* Take picture @number, from 1. */
typedef void (*LkBurstTakeFunc) (int number, gpointer data);
/* The last picture was asked for, or lk_burst_stop() was called. */
typedef void (*LkBurstEndFunc) (gpointer data);

LkBurst *lk_burst_new (LkBurstCountdownFunc countdown, LkBurstTakeFunc take, LkBurstEndFunc end,
                       gpointer data);
void lk_burst_free (LkBurst *self); /* calls nothing; accepts NULL */

/* Calls @countdown with @countdown_s at once; with 0 the first picture is taken at once. */
void lk_burst_start (LkBurst *self, int count, int interval_ms, int countdown_s);
void lk_burst_stop (LkBurst *self);
void lk_burst_set_blocked (LkBurst *self, gboolean blocked);
gboolean lk_burst_is_running (const LkBurst *self);

G_END_DECLS
