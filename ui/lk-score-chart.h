/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkScoreChart: the scores of the last seconds, and the threshold among them.
 *
 * Passive.  The newest is at the right; above the threshold the line has the colour of what
 * matches, below it that of what does not.  Up is by log odds: scores crowd near 0 and 1, where
 * a plain scale would show nothing.  Takes no memory while it runs.
 */
#define LK_TYPE_SCORE_CHART (lk_score_chart_get_type ())
G_DECLARE_FINAL_TYPE (LkScoreChart, lk_score_chart, LK, SCORE_CHART, GtkWidget)

#define LK_SCORE_CHART_US (10 * G_USEC_PER_SEC)

GtkWidget *lk_score_chart_new (void);

/* @score: 0 .. 1; NAN: a gap.  @when_us: not before the last one. */
void lk_score_chart_append (LkScoreChart *self, gint64 when_us, double score);
void lk_score_chart_set_threshold (LkScoreChart *self, double threshold);
/* A line at this time: @good: opened; else refused */
void lk_score_chart_mark (LkScoreChart *self, gint64 when_us, gboolean good);
void lk_score_chart_clear (LkScoreChart *self);
int lk_score_chart_get_n_points (LkScoreChart *self); /* of those that are shown */

G_END_DECLS
