/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-finder.h"
#include "store/lk-store.h"
#include "verify/lk-enrolment.h"

G_BEGIN_DECLS

/*
 * LkEnroller: from what the camera sees to the pictures of one enrolment.
 *
 * Leads LkEnrolment, holds the pictures that it wants kept, looks for somebody else who has
 * the face already as soon as the look straight has passed, and chooses the best and most
 * different pictures at the end; both on a thread beside.  Nothing is stored before
 * lk_enroller_save().  The window, `likeness enrol` and the D-Bus service use it alike.
 *
 * Main thread.
 */
typedef struct _LkEnroller LkEnroller;

/* Of an enrolment that nobody wished otherwise for. */
#define LK_ENROLLER_ANCHORS   16
#define LK_ENROLLER_POSITIVES 16

/**
 * LkEnrollerNews:
 * @LK_ENROLLER_DUPLICATE: lk_enroller_get_duplicate() has the face already; it waits for
 *   lk_enroller_go_on(), at the latest before it is ready
 * @LK_ENROLLER_READY: the pictures are chosen
 * @LK_ENROLLER_FAILED: there is nothing to choose from: too few pictures differ
 */
typedef enum
{
  LK_ENROLLER_DUPLICATE,
  LK_ENROLLER_READY,
  LK_ENROLLER_FAILED,
} LkEnrollerNews;

/* @error: (nullable): for FAILED.  Never from within a call of the enroller's functions; the
 * enroller may be freed in it. */
typedef void (*LkEnrollerFunc) (LkEnrollerNews news, const GError *error, gpointer data);

typedef struct
{
  const char *person; /* (nullable): who it is, and so no duplicate of themselves */
  const char *model;  /* (nullable): NULL for the one in use */
  double threshold;   /* -1 for the settings' or the model's own */
  int n_anchors;      /* at most */
  int n_positives;
} LkEnrollerOptions;

/* Copies @options. */
LkEnroller *lk_enroller_new (const LkEnrollerOptions *options, LkEnrollerFunc news, gpointer data);
void lk_enroller_free (LkEnroller *self); /* forgets everything; accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkEnroller, lk_enroller_free)

/**
 * lk_enroller_offer:
 * @advice: (nullable): why the frame cannot be used
 *
 * What was seen in a frame.  The best of them are kept.
 *
 * Returns: what LkEnrolment says, but %LK_ENROL_RETRY only when no frame could be used for a
 *   while: frames fail now and then
 */
LkEnrolStatus lk_enroller_offer (LkEnroller *self, gint64 when_us, const LkSighting *seen,
                                 const GError *advice);

/* (transfer none): the stages, for those who show them */
LkEnrolment *lk_enroller_get_enrolment (LkEnroller *self);

/* What the person should do now, translated: the advice of the last frame, or the stage's
 * sentence; "" when it is over. */
const char *lk_enroller_get_sentence (LkEnroller *self);

/* (nullable): who has this face already */
const char *lk_enroller_get_duplicate (LkEnroller *self);
/* The person says that it is somebody else, or is to be added to. */
void lk_enroller_go_on (LkEnroller *self);

/* (transfer none) (element-type LkImage): what was chosen, the best first; empty before READY */
GPtrArray *lk_enroller_get_faces (LkEnroller *self, LkCaptureKind kind);

/* Stores what was chosen as a session of @person: all or nothing.
 * @session: (out) (optional) (transfer full) */
gboolean lk_enroller_save (LkEnroller *self, LkStore *store, const char *person, char **session,
                           GError **error);

G_END_DECLS
