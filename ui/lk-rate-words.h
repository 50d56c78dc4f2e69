/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-meaning.h"

G_BEGIN_DECLS

/*
 * Rates in words that need no statistics: what was counted, rounded to two digits, and where too
 * little was counted, what can be said at most (the rule of three: nothing in n says with 95 %
 * that it is rarer than 3 in n).
 *
 * All are (transfer full), whole sentences.
 */

/* "About 1 stranger in 1,000 would pass." */
char *lk_words_for_strangers (int n_passed, int n);

/* "About 3 of 100 looks of the right person would be refused." @person: (nullable): "of Anna" */
char *lk_words_for_looks (int n_refused, int n, const char *person);

/* What the rates of a model were counted on. */
char *lk_words_for_counts (const LkRates *rates);

/* Both of one person, with what they were counted on. */
char *lk_words_for_person (const LkRates *rates, const char *person, gboolean across_sessions);

/* "1 in 1,000" */
char *lk_words_for_preset (double fmr);

G_END_DECLS
