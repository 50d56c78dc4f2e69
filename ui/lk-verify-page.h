/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-meaning.h"
#include "lk-camera-view.h"
#include "lk-verify-verdict.h"
#include "store/lk-store.h"

G_BEGIN_DECLS

/*
 * LkVerifyPage: is the face in front of the camera the enrolled one?  It opens for it, as a
 * phone does.
 *
 * Passive.  Its owner tells it which model is in use, who is enrolled, each check, and what
 * the lock does (verify/lk-lock.h); the page decides what to say: no model, untrained model,
 * nobody enrolled, preparing, and else what the lock says, in this order of importance.
 *
 * Signals
 *   "person-chosen" (const char *name)   (nullable): NULL for everybody
 *   "policy-changed" (double detection, double verification)
 *        A slider moved.  The owner decides the last check anew (lk_policy_decide())
 *        and shows it.
 *   "begin", "lock" (void)          the button, or its keys: a try, or an end to it
 *   "show-attempts" (void)
 *   "add-pictures", "forget-pictures" (void)   the answers to lk_verify_page_offer_pictures()
 *   "go-enrol", "go-train" (void)   the buttons of the empty states
 * Actions
 *   "verify.begin" (u), "verify.lock" (l), "verify.toggle": whichever of the two makes sense
 *   "verify.show-attempts"
 *   "verify.add-pictures", "verify.forget-pictures": as long as they are offered
 *   "verify.go-enrol", "verify.go-train"
 *   "verify.reset-thresholds"       back to LK_POLICY_DEFAULT, or what
 *                                   lk_verify_page_set_default_policy() said
 *   "verify.next-person"            chooses the next of those enrolled, or everybody
 */
#define LK_TYPE_VERIFY_PAGE (lk_verify_page_get_type ())
G_DECLARE_FINAL_TYPE (LkVerifyPage, lk_verify_page, LK, VERIFY_PAGE, AdwBin)

GtkWidget *lk_verify_page_new (void);

/* (transfer none): frames, camera states and mirroring go straight to it */
LkCameraView *lk_verify_page_get_view (LkVerifyPage *self);

/* @name: (nullable): NULL when no model could be loaded
 * @sentence: (nullable): why not, or how it was trained */
void lk_verify_page_set_model (LkVerifyPage *self, const char *name, gboolean trained,
                               const char *sentence);

/* @people: (element-type LkPerson): copied; those without an anchor are left out.
 * @selected: (nullable): NULL, or nobody of them: everybody.  Emits nothing. */
void lk_verify_page_set_people (LkVerifyPage *self, GPtrArray *people, const char *selected);
/* (nullable): who was chosen, or is the only one; NULL for everybody, or when there is nobody */
const char *lk_verify_page_get_person (LkVerifyPage *self);

/* @anchors: (element-type LkImage): the gallery, in its order; pixels are not copied.  Of several
 * people's, those of the most alike are shown. */
void lk_verify_page_set_anchors (LkVerifyPage *self, GPtrArray *anchors);

/* While the anchors are being embedded.  Ends with FALSE. */
void lk_verify_page_set_preparing (LkVerifyPage *self, gboolean preparing);

/* Moves the sliders.  Emits nothing. */
void lk_verify_page_set_policy (LkVerifyPage *self, const LkPolicy *policy);
void lk_verify_page_get_policy (LkVerifyPage *self, LkPolicy *policy);
/* What thresholds of the fused score mean.  (nullable): a reference is kept */
void lk_verify_page_set_meaning (LkVerifyPage *self, LkMeaning *meaning);
void lk_verify_page_set_default_policy (LkVerifyPage *self, const LkPolicy *policy);

/* What the lock does now; @n_left: refused attempts before there is a wait.  Copies. */
void lk_verify_page_show_lock (LkVerifyPage *self, const LkLockStatus *status, int n_left);

/**
 * lk_verify_page_show_sighting:
 * @seen: what was seen in a frame: the faces and the crop are shown.  What is worth a word
 *   although the frame can be used is written over the picture.
 * @advice: (nullable): why it cannot be used: %LK_RETRY, or any other error; then there are
 *   no scores
 *
 * Comes before the frame's check, if it has one.
 */
void lk_verify_page_show_sighting (LkVerifyPage *self, const LkSighting *seen,
                                   const GError *advice);

/* Shows a check: score, crop, the face's frame on the view, each anchor's score, who is most
 * alike, times.  Copies what it keeps (the crop's pixels by reference). */
void lk_verify_page_show_check (LkVerifyPage *self, const LkCheck *check);

/* Offers to add pictures to a person's.  @pictures: (nullable) (element-type LkImage): pixels are
 * not copied; NULL: nothing is offered (any more) */
void lk_verify_page_offer_pictures (LkVerifyPage *self, const char *person, GPtrArray *pictures);

/* No frame has been checked (camera gone, person changed). */
void lk_verify_page_show_waiting (LkVerifyPage *self);

/* @camera_fps, @check_fps: frames shown and frames checked in the last second
 * @n_dropped: frames that the driver counted but did not deliver
 * @latency_us: from the frame's completion to its verdict, the last one */
void lk_verify_page_show_rate (LkVerifyPage *self, double camera_fps, double check_fps,
                               guint64 n_dropped, gint64 latency_us);

LkVerdict lk_verify_page_get_verdict (LkVerifyPage *self);

G_END_DECLS
