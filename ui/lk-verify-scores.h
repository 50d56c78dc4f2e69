/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-meaning.h"
#include "lk-mark.h"
#include "verify/lk-verifier.h"

G_BEGIN_DECLS

/*
 * LkVerifyScores: the match score of the newest frame and of the last seconds, and the
 * thresholds that can be moved.  Passive.
 *
 * Signals
 *   "policy-changed" (double detection, double verification)   a slider moved
 */
#define LK_TYPE_VERIFY_SCORES (lk_verify_scores_get_type ())
G_DECLARE_FINAL_TYPE (LkVerifyScores, lk_verify_scores, LK, VERIFY_SCORES, AdwBin)

/* @meant: whether the scores mean something: else no colour judges.  Returns: what the check
 * comes to */
LkMark lk_verify_scores_show_check (LkVerifyScores *self, const LkCheck *check, gboolean meant);
/* No score now. */
void lk_verify_scores_clear (LkVerifyScores *self);
/* Nor any history: another person, another model. */
void lk_verify_scores_forget (LkVerifyScores *self);
/* A try has ended just now. */
void lk_verify_scores_mark (LkVerifyScores *self, gboolean accepted);

/* As those of LkVerifyPage. */
void lk_verify_scores_set_policy (LkVerifyScores *self, const LkPolicy *policy);
void lk_verify_scores_get_policy (LkVerifyScores *self, LkPolicy *policy);
void lk_verify_scores_set_default_policy (LkVerifyScores *self, const LkPolicy *policy);
void lk_verify_scores_set_meaning (LkVerifyScores *self, LkMeaning *meaning);
/* Moves the sliders there, and emits. */
void lk_verify_scores_reset (LkVerifyScores *self);

G_END_DECLS
