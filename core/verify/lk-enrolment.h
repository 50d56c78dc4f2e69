/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-face-pose.h"
#include "face/lk-face-quality.h"

G_BEGIN_DECLS

/*
 * LkEnrolment: the stages that a person is led through to be enrolled.
 *
 * Pure bookkeeping, as LkTracker is: it is told what was seen in each frame, says which
 * frames are worth keeping and in which place, and which stage is asked for.  The window, the
 * command line and the D-Bus service are led by the same one.  Nothing has to be pressed: a
 * frame counts for the stage that its pose fits, the one asked for or a later one.
 *
 * Poses count from the person's own straight look, the median of that stage's frames: a
 * camera that stands low sees everybody from below.
 *
 * Nobody is held up by a stage: one that is not met within LK_ENROL_STAGE_US is skipped, and
 * after two in a row the others get half of that: who cannot turn the head, and a picture
 * that is held still, are through with what they had.  Time passes at half its speed while
 * frames cannot be used.  The look straight is never skipped: if nothing straight was seen in
 * its time, what was seen is straight for this person.  Frames without points (the guide
 * frame) are trusted: they fit the stage asked for when there was time to follow it.
 *
 * For one thread; takes no memory after lk_enrolment_new().
 */
typedef struct _LkEnrolment LkEnrolment;

/* Left and right are the person's own. */
typedef enum
{
  LK_ENROL_STRAIGHT,
  LK_ENROL_LEFT,
  LK_ENROL_RIGHT,
  LK_ENROL_UP,
  LK_ENROL_DOWN,
  LK_ENROL_NEAR,
  LK_ENROL_FAR,
  LK_N_ENROL_STAGES,
  LK_ENROL_OTHER = LK_N_ENROL_STAGES, /* of a frame: fits none of them */
} LkEnrolStage;

/**
 * LkEnrolStatus: what a frame has brought, after libfprint's results of an enrolment
 * @LK_ENROL_ASKING: nothing yet; the stage's sentence stands
 * @LK_ENROL_RETRY: the frame cannot be used; the caller has the reason
 * @LK_ENROL_TAKEN: it is worth keeping, and its stage wants more
 * @LK_ENROL_STAGE_PASSED: lk_enrolment_get_last() tells which
 * @LK_ENROL_STAGE_SKIPPED: its time was over, or lk_enrolment_skip()
 * @LK_ENROL_DUPLICATE: somebody else has this face already: waits for lk_enrolment_go_on()
 * @LK_ENROL_COMPLETED: all stages were passed or skipped
 * @LK_ENROL_TIMED_OUT: nobody was there to be enrolled
 */
typedef enum
{
  LK_ENROL_ASKING,
  LK_ENROL_RETRY,
  LK_ENROL_TAKEN,
  LK_ENROL_STAGE_PASSED,
  LK_ENROL_STAGE_SKIPPED,
  LK_ENROL_DUPLICATE,
  LK_ENROL_COMPLETED,
  LK_ENROL_TIMED_OUT,
} LkEnrolStatus;

#define LK_ENROL_STAGE_US   (4 * G_USEC_PER_SEC)
#define LK_ENROL_TRUST_US   (1200 * 1000)         /* to follow a sentence that cannot be checked */
#define LK_ENROL_ALONE_US   (20 * G_USEC_PER_SEC) /* without a usable frame: timed out */
#define LK_ENROL_SPACING_US (120 * 1000)          /* between two frames of a stage */

/* Degrees from the straight look, and how much larger or smaller the face is. */
#define LK_ENROL_STRAIGHT_YAW   12.0
#define LK_ENROL_STRAIGHT_PITCH 18.0
#define LK_ENROL_TURN_YAW       13.0
#define LK_ENROL_TURN_PITCH     9.0
#define LK_ENROL_NEARER         1.2
#define LK_ENROL_FARTHER        0.83

/* Places for frames, so many for each stage and for those that fit none. */
#define LK_ENROL_STAGE_SLOTS 10
#define LK_ENROL_N_SLOTS     ((LK_N_ENROL_STAGES + 1) * LK_ENROL_STAGE_SLOTS)

/* Fewer different pictures than this are nobody enrolled. */
#define LK_ENROL_LEAST 3

typedef struct
{
  gint64 when_us;
  gboolean is_usable;
  gboolean has_pose;
  LkPose pose;
  double rate; /* lk_enrolment_rate() */
  guint face;  /* LkSighting.serial: another number may be another person */
} LkEnrolFrame;

typedef struct
{
  const char *id;       /* "left": for files and other programs */
  const char *name;     /* "Left": for a person, to be translated */
  const char *sentence; /* what to do, to be translated */
} LkEnrolStageInfo;

const LkEnrolStageInfo *lk_enrol_stage_get_info (LkEnrolStage stage);

/* "enrol-stage-passed": for files and other programs */
const char *lk_enrol_status_to_string (LkEnrolStatus status);

/* How good a frame is, 0 .. 1: its sharpness, half of that with a warning. */
double lk_enrolment_rate (const LkQuality *quality, int warning);

LkEnrolment *lk_enrolment_new (void);
void lk_enrolment_free (LkEnrolment *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkEnrolment, lk_enrolment_free)

/**
 * lk_enrolment_update:
 * @slot: (out): where the frame shall be kept, 0 .. LK_ENROL_N_SLOTS - 1, in place of what
 *   was there; -1: nowhere
 */
LkEnrolStatus lk_enrolment_update (LkEnrolment *self, const LkEnrolFrame *frame, int *slot);

/* The person cannot or will not do what is asked.  Not of the look straight. */
LkEnrolStatus lk_enrolment_skip (LkEnrolment *self);

/* Somebody else has this face: frames are passed over until lk_enrolment_go_on(). */
void lk_enrolment_report_duplicate (LkEnrolment *self);
void lk_enrolment_go_on (LkEnrolment *self);

LkEnrolStatus lk_enrolment_get_status (const LkEnrolment *self); /* of the last frame */
/* The stage that is asked for; LK_N_ENROL_STAGES when none is left. */
LkEnrolStage lk_enrolment_get_stage (const LkEnrolment *self);
/* The stage that was passed or skipped last. */
LkEnrolStage lk_enrolment_get_last (const LkEnrolment *self);
gboolean lk_enrolment_is_passed (const LkEnrolment *self, LkEnrolStage stage);
gboolean lk_enrolment_is_skipped (const LkEnrolment *self, LkEnrolStage stage);
/* How much of a stage is done, 0 .. 1: on the way to it, then frame by frame. */
double lk_enrolment_get_progress (const LkEnrolment *self, LkEnrolStage stage);
int lk_enrolment_get_n_passed (const LkEnrolment *self);

/* What a slot holds; FALSE: nothing.  (out) (optional) */
gboolean lk_enrolment_get_slot (const LkEnrolment *self, int slot, LkEnrolStage *stage,
                                double *rate, guint *face);

/**
 * lk_enrolment_choose:
 * @embeddings: [LK_ENROL_N_SLOTS, @size]: of the kept frames; others are not looked at
 * @left_out: (nullable): [LK_ENROL_N_SLOTS]: which slots are not to be taken
 * @anchors, @positives: (out caller-allocates): slots, room for @n_anchors and @n_positives
 * @n_anchors, @n_positives: (inout): how many are wanted, and how many there are
 *
 * The best and most different: of each stage the best frame, then what differs most
 * (lk_choose_different()) among those at least half as good as the best of their stage.
 * The positives go on from there.
 */
void lk_enrolment_choose (const LkEnrolment *self, const float *embeddings, int size,
                          const gboolean *left_out, int *anchors, int *n_anchors, int *positives,
                          int *n_positives);

G_END_DECLS
