/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face-quality.h"

#include "lk-data-page.h"

G_BEGIN_DECLS

/*
 * LkPreferences: how faces are found, what a frame must be like to be used, how it is decided,
 * and what is kept.
 *
 * Passive: its owner sets what holds and hears what was changed.
 *
 * Properties
 *   "find-face" (gboolean, TRUE)   the face is found; otherwise it is in the guide frame,
 *                                  of which only the light is judged
 *   "vote" (gboolean, FALSE)       it is decided by how many anchors match, as the documents do;
 *                                  otherwise by one score of all anchors
 *   "relock-seconds" (int, 5)      without the face, until it locks again; 0: by hand only
 *   "lockout-attempts" (int, 5)    refused in a row, before there is a wait
 *   "liveness" (gboolean, FALSE)   the head has to turn before it opens
 *   "offer-pictures" (gboolean, FALSE)   of who opened it, to be added
 * Signals
 *   "limit-changed" (int kind, double refuse)   a LkQualityKind and its new limit
 * Actions
 *   "preferences.reset-limits"     the program's own, each told by "limit-changed"
 */
#define LK_TYPE_PREFERENCES (lk_preferences_get_type ())
G_DECLARE_FINAL_TYPE (LkPreferences, lk_preferences, LK, PREFERENCES, AdwPreferencesWindow)

GtkWidget *lk_preferences_new (GtkWindow *parent);

/* (transfer none): the page "Your Data" */
LkDataPage *lk_preferences_get_data_page (LkPreferences *self);

/* Emits nothing. */
void lk_preferences_set_limits (LkPreferences *self, const LkQualityLimits *limits);

G_END_DECLS
