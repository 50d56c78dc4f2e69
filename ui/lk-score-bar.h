/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-mark.h"

G_BEGIN_DECLS

/*
 * LkScoreBar: a level from 0 to 1 with a threshold marked on it.
 *
 * Passive; no control.  The level glides to a new score in a fraction of a second
 * (not where animations are off); what it tells assistive technology is the score
 * itself, at once.
 */
#define LK_TYPE_SCORE_BAR (lk_score_bar_get_type ())
G_DECLARE_FINAL_TYPE (LkScoreBar, lk_score_bar, LK, SCORE_BAR, GtkWidget)

GtkWidget *lk_score_bar_new (void);

/* @score: 0 .. 1, or NAN when there is none */
void lk_score_bar_set_score (LkScoreBar *self, double score, LkMark mark);
double lk_score_bar_get_score (LkScoreBar *self);
void lk_score_bar_set_threshold (LkScoreBar *self, double threshold);
double lk_score_bar_get_threshold (LkScoreBar *self);

G_END_DECLS
