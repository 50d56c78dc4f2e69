/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "verify/lk-lock.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkVerifyVerdict: what there is to say, and the one button that goes with it.
 *
 * Passive.  Its title is a status for assistive technology, described by the sentence below
 * it.  The buttons do the Verify page's actions.
 */
#define LK_TYPE_VERIFY_VERDICT (lk_verify_verdict_get_type ())
G_DECLARE_FINAL_TYPE (LkVerifyVerdict, lk_verify_verdict, LK, VERIFY_VERDICT, AdwBin)

typedef enum
{
  LK_VERDICT_NO_MODEL,
  LK_VERDICT_UNTRAINED,
  LK_VERDICT_NOBODY,
  LK_VERDICT_PREPARING,
  LK_VERDICT_LOCK, /* what the lock says */
} LkVerdict;

/* @sentence: (nullable): NO_MODEL: why not */
void lk_verify_verdict_show (LkVerifyVerdict *self, LkVerdict verdict, const char *sentence);

/* What is said from the next lk_verify_verdict_show() of LOCK on.  @person, @n_left: as
 * lk-lock-words.h has them */
void lk_verify_verdict_show_lock (LkVerifyVerdict *self, const LkLockStatus *status,
                                  const char *person, int n_left);

G_END_DECLS
