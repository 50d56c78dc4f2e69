/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "verify/lk-lock.h"

G_BEGIN_DECLS

/*
 * LkLockOver: what lies over the picture of a page that is locked: the padlock (LkLockBadge), and
 * which way the head is to turn (LkTurnHint).  Passive.
 */
#define LK_TYPE_LOCK_OVER (lk_lock_over_get_type ())
G_DECLARE_FINAL_TYPE (LkLockOver, lk_lock_over, LK, LOCK_OVER, AdwBin)

GtkWidget *lk_lock_over_new (void);

/* @status: (nullable): read, not kept; NULL: nothing is shown
 * @mirror: whether the picture is as in a mirror */
void lk_lock_over_show (LkLockOver *self, const LkLockStatus *status, gboolean mirror);

G_END_DECLS
