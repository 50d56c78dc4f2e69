/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "camera/lk-camera.h"
#include "store/lk-database.h"
#include "verify/lk-lock.h"

G_BEGIN_DECLS

/*
 * LkKeeper: an LkLock, with a clock and a memory.
 *
 * Gives it the time, also while no frames come; writes each attempt to the database, the
 * refused ones with their picture where the settings say so and for as long as they say (looked
 * after when it is made, each hour, and when they change); and keeps it locked as long as
 * the attempts that are written there, by whichever process, ask for it.  Without a database
 * it counts for itself.  Where its rules ask for a challenge it leads through an LkLiveness.  The
 * window, `likeness unlock` and the D-Bus service use it alike.
 *
 * Main thread.
 */
typedef struct _LkKeeper LkKeeper;

/* After each event: ask lk_keeper_get_status() what holds now.  The keeper must not be freed
 * within. */
typedef void (*LkKeeperFunc) (LkKeeper *self, gpointer data);

/* @database: (nullable): borrowed */
LkKeeper *lk_keeper_new (LkDatabase *database, const LkLockRules *rules, LkKeeperFunc changed,
                         gpointer data);
void lk_keeper_free (LkKeeper *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkKeeper, lk_keeper_free)

/* The rules of the settings: for a try in a window. */
void lk_keeper_init_rules (LkLockRules *rules);
/* Whether @rules ask for a challenge; if so there is time for it. */
void lk_keeper_set_challenges (LkLockRules *rules, gboolean challenges);
void lk_keeper_set_rules (LkKeeper *self, const LkLockRules *rules);

/* Whom it opens for.  If one of them has to wait, all have: who is it that comes?
 * @people: (nullable): their names */
void lk_keeper_set_people (LkKeeper *self, const char *const *people);
/* The attempts that it wrote down: tries that ended accepted or refused. */
guint lk_keeper_get_n_attempts (LkKeeper *self);
/* Refused attempts before there is a wait; 0 when the next one brings one. */
int lk_keeper_get_n_left (LkKeeper *self);

void lk_keeper_begin (LkKeeper *self);
void lk_keeper_lock (LkKeeper *self, LkLockReason reason);
void lk_keeper_lose_camera (LkKeeper *self);
/* As lk_lock_show(). */
void lk_keeper_show (LkKeeper *self, const LkFrame *frame, const LkSighting *seen,
                     const LkCheck *check, const GError *advice);

void lk_keeper_get_status (LkKeeper *self, LkLockStatus *status);

G_END_DECLS
