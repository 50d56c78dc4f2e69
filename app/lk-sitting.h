/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"
#include "store/lk-store.h"

G_BEGIN_DECLS

/*
 * LkSitting: somebody sits before the camera, to be verified or enrolled, without a window.
 * What `likeness unlock` and the D-Bus service are made of.
 *
 * Verifying is one try of an LkLock (verify/lk-lock.h), kept by an LkKeeper: the attempt is
 * recorded, and after some refused ones there is a growing wait (store/lk-attempts.h).
 *
 * Enrolling: led through the stages of LkEnrolment; the pictures are stored at the end.
 *
 * Main thread.
 */
typedef struct _LkSitting LkSitting;

typedef enum
{
  LK_SITTING_MATCH,
  LK_SITTING_NO_MATCH,
  LK_SITTING_TIMED_OUT,
  LK_SITTING_ENROLLED,
  LK_SITTING_DUPLICATE, /* enrol: somebody else has the face already; nothing was stored */
  LK_SITTING_FAILED,
} LkSittingEnd;

typedef struct
{
  const char *person;
  int n_wanted;       /* 0: verify; else enrol, with at most so many anchors */
  int n_positives;    /* enrol: and so many positives */
  gboolean is_anyway; /* enrol: although somebody else has the face already */
  gboolean liveness;  /* verify: ask for a turn of the head, whatever the settings say */
  const char *camera; /* (nullable): NULL for the one of the settings */
  const char *model;  /* (nullable): NULL for the one in use */
  double threshold;   /* -1 for the settings' or the model's own */
  LkFaceRule rule;
  int timeout_s;
} LkSittingOptions;

/* What happens: @stage is "camera-starting", "looking" or "camera-failed" (it is tried again);
 * verifying: "retry" (@sentence is advice to the person), "checking" or "challenge" (@sentence
 * is what to do); enrolling: what lk_enrol_status_to_string() has, with @n_done stages passed
 * and what the person should do now or which stage it was, and at the end "captured", with so
 * many anchors.  Said once, until it changes. */
typedef void (*LkSittingStageFunc) (const char *stage, const char *sentence, int n_done,
                                    gpointer data);

/* The end, and a sentence of it; @error: (nullable): set for LK_SITTING_FAILED and
 * LK_SITTING_DUPLICATE.  @score: of the
 * last frames, -1 without.  The sitting may be freed, but not from within this call. */
typedef void (*LkSittingDoneFunc) (LkSittingEnd end, double score, const char *sentence,
                                   const GError *error, gpointer data);

/* Copies @options.  Returns: NULL when it cannot even begin: nobody of that name is enrolled,
 * %LK_ERROR_LOCKED, a wait after refused attempts (%LK_ERROR_LOCKED_OUT) */
LkSitting *lk_sitting_new (const LkSittingOptions *options, LkSittingStageFunc stage,
                           LkSittingDoneFunc done, gpointer data, GError **error);
/* Stops, without a word to the callbacks.  Accepts NULL. */
void lk_sitting_free (LkSitting *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkSitting, lk_sitting_free)

G_END_DECLS
