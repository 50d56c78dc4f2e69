/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-presentations.h"
#include "lk-camera-view.h"
#include "verify/lk-lock.h"

G_BEGIN_DECLS

/*
 * LkAttackPage: try to fool the program with one's own prints and screens, and count.
 *
 * Passive.
 *
 * Signals
 *   "start" (void)    see the getters; the owner answers with show_try()
 *   "stop" (void)
 *   "forget" (void)   what was counted
 *   "back" (void)
 * Actions
 *   "attacks.start", "attacks.stop", "attacks.forget", "attacks.back"
 *   "attacks.next-kind"   chooses the next of what can be shown
 */
#define LK_TYPE_ATTACK_PAGE (lk_attack_page_get_type ())
G_DECLARE_FINAL_TYPE (LkAttackPage, lk_attack_page, LK, ATTACK_PAGE, AdwBin)

GtkWidget *lk_attack_page_new (void);

/* (transfer none): frames and camera states go straight to it */
LkCameraView *lk_attack_page_get_view (LkAttackPage *self);

LkShown lk_attack_page_get_shown (LkAttackPage *self);
int lk_attack_page_get_n_tries (LkAttackPage *self);

/* No try goes on.  @why_not: (nullable): why none can be made: a sentence */
void lk_attack_page_show_ready (LkAttackPage *self, const char *why_not);
/* Try @i of @n, from 1.  Copies. */
void lk_attack_page_show_try (LkAttackPage *self, int i, int n, const LkLockStatus *status);
/* Try @i of @n has ended.  @what: (nullable): what came of it; NULL: nothing was seen that counts
 * @why: (nullable): a sentence: why it did not open */
void lk_attack_page_show_end (LkAttackPage *self, int i, int n, const LkPresentation *what,
                              const char *why);

/* What was counted: [LK_N_SHOWN].  @model: (nullable): the network's name */
void lk_attack_page_show_rates (LkAttackPage *self, const LkShownRates *rates, const char *model);

G_END_DECLS
