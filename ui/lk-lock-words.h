/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "verify/lk-lock.h"

G_BEGIN_DECLS

/* What is said of a lock, in the window and on the command line. */

/* Why it is locked: a sentence. */
const char *lk_lock_words_reason (LkLockReason reason);
/* What it does: a few words, as a title.  @person: (nullable): for whom it opens, or opened */
char *lk_lock_words_title (const LkLockStatus *status, const char *person);
/* How, and what to do: a sentence.  @n_left: refused attempts before there is a wait */
char *lk_lock_words_detail (const LkLockStatus *status, int n_left);
/* A time to wait: "28 seconds", "3 minutes". */
char *lk_lock_words_wait (gint64 wait_us);
/* How many times likelier the best is than the next: "12 times".  @margin: of LkCheck */
char *lk_lock_words_odds (double margin);
/* (transfer full): %LK_ERROR_STORE_BUSY */
GError *lk_lock_words_lockout_error (gint64 wait_us);

G_END_DECLS
