/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face-quality.h"
#include "verify/lk-verifier.h"

G_BEGIN_DECLS

/*
 * The program's settings: schema app.likeness.Likeness, kept in
 * $XDG_CONFIG_HOME/likeness/settings (0600) unless GSETTINGS_BACKEND says otherwise, so
 * that they last on systems without dconf and the command line sees them too.
 *
 * Returns: (transfer none): made on first use, for the main thread
 */
GSettings *lk_settings_get (void);

/* Where faces are looked for in what @source (LkCameraOptions) sends: by the detector, or in
 * the guide frame, as was chosen; files may hold crops. */
LkFaceRule lk_settings_get_rule (const char *source);

/* The limits that were set, and the program's own for the others. */
void lk_settings_get_limits (LkQualityLimits *limits);
void lk_settings_set_limit (LkQualityKind kind, double refuse);

/* How frames are decided on with @model (nullable), where nobody chose thresholds: by the fused
 * score if that was measured for it and the documents' vote is not wished for; else by the vote. */
void lk_settings_get_own_policy (LkModel *model, LkPolicy *policy);
/* The same with the thresholds that were chosen. */
void lk_settings_get_policy (LkModel *model, LkPolicy *policy);

/* Whom the Verify page compares with is called otherwise now, or (@to NULL) is no more; nothing if
 * that is somebody else.  Returns: whether it was them */
gboolean lk_settings_rename_person (const char *from, const char *to);

/* Keeps chosen thresholds: those of the way that @policy names. */
void lk_settings_set_thresholds (const LkPolicy *policy);

/* What was chosen goes (another model has thresholds of its own), and comes back. */
typedef struct
{
  double detection, verification, match;
} LkThresholds;
void lk_settings_take_thresholds (LkThresholds *taken);
void lk_settings_restore_thresholds (const LkThresholds *taken);

/* Writes what has not been written yet and lets go of the settings. */
void lk_settings_close (void);

G_END_DECLS
