/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"
#include "verify/lk-enrolment.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkGuide: the words and buttons below the ring of an enrolment.
 *
 * Passive: one sentence at a time, what to do with a face that somebody has already, and the
 * name at the end.  Who owns it leads the enrolment and says what to show.  The sentence is
 * what a screen reader reads out when it changes.
 *
 * Signals
 *   "skip", "cancel", "again"   of the stage, of the whole, after a failure
 *   "go-on", "add"              the answers to lk_guide_ask(): somebody else; the same person
 *   "save" (const char *name)   not blank
 */
#define LK_TYPE_GUIDE (lk_guide_get_type ())
G_DECLARE_FINAL_TYPE (LkGuide, lk_guide, LK, GUIDE, AdwBin)

GtkWidget *lk_guide_new (void);

/* @sentence: what to do now; "" while the pictures are being chosen */
void lk_guide_show (LkGuide *self, const LkEnrolment *enrolment, const char *sentence);
/* Whose face this is already: how to go on? */
void lk_guide_ask (LkGuide *self, const char *name);
/* Asks whose these pictures are.
 * @faces: (element-type LkImage): what was chosen; @taken: (nullable) (element-type LkPerson):
 *   people whose names are taken: the pictures are added to theirs, and it says so */
void lk_guide_ask_name (LkGuide *self, GPtrArray *faces, GPtrArray *taken);
/* It came to nothing, and why. */
void lk_guide_show_failure (LkGuide *self, const char *sentence);

G_END_DECLS
