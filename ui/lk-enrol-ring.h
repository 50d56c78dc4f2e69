/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "verify/lk-enrolment.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkEnrolRing: a ring that fills in as many segments as an enrolment has stages.
 *
 * Passive, and transparent in the middle, where the picture is.  Clockwise from the top, a
 * segment a stage: thick and of the accent's colour as far as it is done, a row of dots when
 * it was skipped.  In the circle, which way to move is pointed out.  To a screen reader it is a
 * progress bar.  It moves only where animations are on.
 */
#define LK_TYPE_ENROL_RING (lk_enrol_ring_get_type ())
G_DECLARE_FINAL_TYPE (LkEnrolRing, lk_enrol_ring, LK, ENROL_RING, GtkWidget)

GtkWidget *lk_enrol_ring_new (void);

/* The circle that the ring leaves free in a space of this size. */
void lk_enrol_ring_get_circle (int width, int height, graphene_rect_t *circle);

/* How far it is.  @enrolment: (nullable): NULL: nothing yet; read, not kept */
void lk_enrol_ring_show (LkEnrolRing *self, const LkEnrolment *enrolment);
/* All is done: the ring closes, with a check mark. */
void lk_enrol_ring_close (LkEnrolRing *self);
/* Whether the picture is mirrored: then the person's left is at the left. */
void lk_enrol_ring_set_mirror (LkEnrolRing *self, gboolean mirror);

G_END_DECLS
