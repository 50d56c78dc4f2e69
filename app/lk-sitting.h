/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face.h"
#include "store/lk-store.h"

G_BEGIN_DECLS

/*
 * LkSitting: somebody sits before the camera, to be verified or enrolled, without a window.
 * What `likeness unlock` and the D-Bus service are made of.
 *
 * Verifying: accepted once LK_SITTING_ACCEPT frames in a row are; refused once
 * LK_SITTING_REFUSE in a row are not, or at the time-out when the last ones were not; and
 * at the time-out without a face that could be used, timed out.  The attempt is recorded;
 * after LK_LOCKOUT_FREE refused ones there is a growing wait (lk-attempts.h).
 *
 * Main thread.
 */
typedef struct _LkSitting LkSitting;

#define LK_SITTING_ACCEPT 3
#define LK_SITTING_REFUSE 15

typedef enum
{
  LK_SITTING_MATCH,
  LK_SITTING_NO_MATCH,
  LK_SITTING_TIMED_OUT,
  LK_SITTING_ENROLLED,
  LK_SITTING_FAILED,
} LkSittingEnd;

typedef struct
{
  const char *person;
  int n_wanted;       /* 0: verify; else so many anchors to capture */
  const char *camera; /* (nullable): NULL for the one of the settings */
  const char *model;  /* (nullable): NULL for the one in use */
  double threshold;   /* -1 for the settings' or the model's own */
  LkFaceRule rule;
  int timeout_s;
} LkSittingOptions;

/* What happens: @stage is "camera-starting", "looking", "retry" (@sentence is advice to the
 * person), "checking", "camera-failed" (it is tried again) or "captured" (@n_done of
 * n_wanted).  Said once, until it changes. */
typedef void (*LkSittingStageFunc) (const char *stage, const char *sentence, int n_done,
                                    gpointer data);

/* The end; @error: (nullable): set for LK_SITTING_FAILED.  @score: of the last frame, -1
 * without.  The sitting may be freed, but not from within this call. */
typedef void (*LkSittingDoneFunc) (LkSittingEnd end, double score, const GError *error,
                                   gpointer data);

/* Copies @options.  Returns: NULL when it cannot even begin: nobody of that name is enrolled,
 * %LK_ERROR_LOCKED, a wait after refused attempts (%LK_ERROR_STORE_BUSY) */
LkSitting *lk_sitting_new (const LkSittingOptions *options, LkSittingStageFunc stage,
                           LkSittingDoneFunc done, gpointer data, GError **error);
/* Stops, without a word to the callbacks.  Accepts NULL. */
void lk_sitting_free (LkSitting *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkSitting, lk_sitting_free)

G_END_DECLS
