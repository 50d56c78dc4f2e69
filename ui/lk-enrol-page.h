/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-finder.h"
#include "lk-camera-view.h"
#include "lk-guide.h"
#include "lk-person-chooser.h"
#include "store/lk-store.h"

G_BEGIN_DECLS

/*
 * LkEnrolPage: name a person and capture anchors, positives and negatives.
 *
 * Passive: it captures nothing itself.  It emits "capture" once for every picture
 * that is wanted, in a burst too (the page counts down and keeps the time), and its
 * owner answers with lk_enrol_page_add_capture() or lk_enrol_page_show_sighting().
 *
 * Signals
 *   "person-chosen" (const char *name)      an existing person, or a new name: nothing
 *                                           is stored before its first picture.  The owner
 *                                           answers with lk_enrol_page_set_captures() for
 *                                           each kind.
 *   "capture" (LkCaptureKind kind)          take the next usable frame (as int)
 *   "delete-captures" (GPtrArray *captures) (element-type LkCapture)
 *   "delete-person" (const char *name)
 *   "guide" (const char *person, gboolean replace)
 *        lead somebody through an enrolment: @person once more, or NULL for somebody new;
 *        @replace: in place of the anchors there are.  The owner answers with
 *        lk_enrol_page_set_guiding(), and tells ring and guide what to show.
 * Actions
 *   "enrol.capture-anchor", "enrol.capture-positive", "enrol.capture-negative"
 *        also by the keys a, p and n where no text is being typed.  Enabled when a person
 *        is chosen and lk_enrol_page_set_ready() said TRUE.
 *   "enrol.burst" (stateful)                a capture takes a burst
 *   "enrol.stop"                            ends the burst in hand (also Escape)
 *   "enrol.guide" (also Ctrl+N), "enrol.add-sitting", "enrol.again"
 *   "enrol.new-person", "enrol.delete-person", "enrol.delete-selected"
 */
#define LK_TYPE_ENROL_PAGE (lk_enrol_page_get_type ())
G_DECLARE_FINAL_TYPE (LkEnrolPage, lk_enrol_page, LK, ENROL_PAGE, AdwBin)

GtkWidget *lk_enrol_page_new (void);
LkCameraView *lk_enrol_page_get_view (LkEnrolPage *self); /* (transfer none) */

LkGuide *lk_enrol_page_get_guide (LkEnrolPage *self);           /* (transfer none) */
LkPersonChooser *lk_enrol_page_get_chooser (LkEnrolPage *self); /* (transfer none) */

/* Whether somebody is being led: the ring and the guide are shown, and nothing else. */
void lk_enrol_page_set_guiding (LkEnrolPage *self, gboolean guiding);

/* @people: (element-type LkPerson): copied.  A name that the user typed stays chosen
 * although it is not among them yet.  Emits nothing.
 * @selected: (nullable): NULL keeps the present choice if it is still there */
void lk_enrol_page_set_people (LkEnrolPage *self, GPtrArray *people, const char *selected);
const char *lk_enrol_page_get_person (LkEnrolPage *self); /* (nullable) */

/* @captures: (element-type LkCapture): all of the chosen person's, oldest first; copied */
void lk_enrol_page_set_captures (LkEnrolPage *self, LkCaptureKind kind, GPtrArray *captures);
/* One more: flashes, counts, and shows it first. */
void lk_enrol_page_add_capture (LkEnrolPage *self, const LkCapture *capture);

/* Whether frames arrive that could be captured. */
void lk_enrol_page_set_ready (LkEnrolPage *self, gboolean ready);

/**
 * lk_enrol_page_show_sighting:
 * @seen: what was seen in a frame: faces and crop are shown over the picture, and what is
 *   worth a word although the frame can be used
 * @advice: (nullable): what stands in the way of a capture; a burst waits meanwhile
 */
void lk_enrol_page_show_sighting (LkEnrolPage *self, const LkSighting *seen, const GError *advice);

/* Burst settings: @count pictures, @interval_ms apart, after @countdown_s seconds. */
void lk_enrol_page_set_burst (LkEnrolPage *self, gboolean burst, int count, int interval_ms,
                              int countdown_s);
gboolean lk_enrol_page_is_bursting (LkEnrolPage *self);

G_END_DECLS
