/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-mark.h"
#include "verify/lk-lock.h"

G_BEGIN_DECLS

/*
 * LkLockBadge: a padlock in a ring, for lying over a picture.
 *
 * Passive.  The ring turns while a face is looked for, fills while it is checked or challenged,
 * and empties while there is a wait; the padlock springs open, and shakes its head.  Nothing moves
 * where animations are off: what is said is the same.
 */
#define LK_TYPE_LOCK_BADGE (lk_lock_badge_get_type ())
G_DECLARE_FINAL_TYPE (LkLockBadge, lk_lock_badge, LK, LOCK_BADGE, GtkWidget)

GtkWidget *lk_lock_badge_new (void);

/* @progress: CHECKING, CHALLENGE, LOCKED_OUT: how much of the ring, 0 .. 1 */
void lk_lock_badge_set (LkLockBadge *self, LkLockState state, double progress);
LkLockState lk_lock_badge_get_state (LkLockBadge *self);

/* How a state is marked elsewhere, too. */
LkMark lk_lock_badge_mark (LkLockState state);

G_END_DECLS
