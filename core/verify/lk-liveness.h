/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-finder.h"

G_BEGIN_DECLS

/*
 * LkLiveness: whether a living head is before the camera, as far as a colour camera can tell:
 * a challenge.
 *
 * The person looks straight, turns the head to the left or right as asked, comes back, and so
 * on.  Which way and for how long to look straight before is drawn from the system's
 * cryptographic source; each step has a time.  What is asked is judged by checks, each a
 * value, a limit and a sentence; the first that fails ends the challenge.
 *
 * Terms are those of ISO/IEC 30107-3: a presentation attack is a picture or a film shown
 * to the camera; APCER is the share of attacks that pass, told for each kind, BPCER the share
 * of living people who do not.  The limits were chosen and both rates measured by
 * tests/bench/liveness.
 *
 * What it cannot do: **without an infrared camera a film of the person who turns the head as
 * asked passes**, and so may a mask.  It makes it harder to hold up a photograph, no more.
 *
 * Sources: the challenge: G. Pan et al., "Liveness Detection for Face Recognition", 2008,
 * section 3; I. Chakraborty, D. Das, "An Overview of Face Liveness Detection", 2014,
 * section 3.4.  Those of the checks: lk-relief.h, lk-replay.h.
 *
 * For one thread.
 */
typedef struct _LkLiveness LkLiveness;

#define LK_LIVENESS_MAX_TURNS 4

/* As the person sees it: the left hand's side, which is a picture's right. */
typedef enum
{
  LK_TURN_LEFT,
  LK_TURN_RIGHT,
} LkTurn;

typedef enum
{
  LK_LIVENESS_IDLE,   /* not begun */
  LK_LIVENESS_CENTRE, /* to look straight */
  LK_LIVENESS_TURN,   /* to turn to lk_liveness_get_turn() */
  LK_LIVENESS_PASSED,
  LK_LIVENESS_FAILED, /* lk_liveness_get_failure() says why */
} LkLivenessState;

/* In the order of the table that a person is shown. */
typedef enum
{
  LK_LIVENESS_TIME,       /* seconds that the slowest step took */
  LK_LIVENESS_DIRECTION,  /* degrees turned to the other side than asked */
  LK_LIVENESS_RELIEF,     /* the nose's parallax (lk-relief.h) of the turn that had the least */
  LK_LIVENESS_WIDTH,      /* the width left of the face beside that of a head so far turned */
  LK_LIVENESS_FLATNESS,   /* how well paper that is turned or bent explains it (lk-relief.h) */
  LK_LIVENESS_IDENTITY,   /* the caller's match beside the least it may be, at the worst step:
                             below 0 it is another face */
  LK_LIVENESS_CONTINUITY, /* the largest step of face and turn between two frames, as a share of
                             what a person moves in that time */
  LK_LIVENESS_STILLNESS,  /* share of frames alike with the one before (lk-replay.h), while the
                             head was to turn */
  LK_LIVENESS_LOOP,       /* frames in a row that came round again (lk-replay.h) */
  LK_LIVENESS_BLINKS,     /* dips of the eyes' contrast while the head looks straight; never
                             decides: five points do not show the lids */
  LK_N_LIVENESS_CHECKS
} LkLivenessCheck;

typedef struct
{
  const char *id;       /* "relief": for files */
  const char *name;     /* for a person */
  const char *unit;     /* what follows a value, or "" */
  int digits;           /* of a value, after the point */
  const char *sentence; /* when it fails: what was seen, what to do */
  gboolean is_least;    /* the limit is the least value that passes, else the greatest */
  double limit;         /* NaN: never decides */
} LkLivenessInfo;

const LkLivenessInfo *lk_liveness_get_info (LkLivenessCheck check);
/* NaN, what was not measured, passes. */
gboolean lk_liveness_is_passed (LkLivenessCheck check, double value);

/**
 * LkLivenessOptions:
 * @n_turns: 1 .. LK_LIVENESS_MAX_TURNS
 * @least_straight, @least_turned: the least @match (lk_liveness_add()) of the person while
 *   looking straight and while turned; -INFINITY where nobody is to be matched
 */
typedef struct
{
  int n_turns;
  double least_straight, least_turned;
} LkLivenessOptions;

#define LK_LIVENESS_DEFAULT                                                                        \
  ((LkLivenessOptions){ .n_turns = 2, .least_straight = -INFINITY, .least_turned = -INFINITY })

LkLiveness *lk_liveness_new (const LkLivenessOptions *options);
void lk_liveness_free (LkLiveness *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkLiveness, lk_liveness_free)

/* Draws a challenge and begins with the next frame. */
void lk_liveness_begin (LkLiveness *self);
/* The same with a chosen one, for tests: @turns: [n_turns], @holds_ms: [n_turns + 1]. */
void lk_liveness_begin_with (LkLiveness *self, const LkTurn *turns, const int *holds_ms);

/**
 * lk_liveness_add:
 * @frame: as the camera sent it, not mirrored
 * @seen: what was seen in it (lk_finder_follow()), even when it cannot be used
 * @match: how well this face matches the person, by whatever measure: higher is more; NaN
 *   where it is not known.  A step in which it never was is not passed.
 *
 * Takes no notice of frames while no challenge is on.  Some milliseconds for frames that are
 * turned, below one for others.
 */
LkLivenessState lk_liveness_add (LkLiveness *self, const LkImage *frame, gint64 when_us,
                                 const LkSighting *seen, double match);

LkLivenessState lk_liveness_get_state (const LkLiveness *self);
/* What is asked in state LK_LIVENESS_TURN. */
LkTurn lk_liveness_get_turn (const LkLiveness *self);
/* Of turning, or of looking straight, 0 .. 1: for a ring. */
double lk_liveness_get_progress (const LkLiveness *self);
/* Steps that are done; @n_all: (out) (optional): of so many */
int lk_liveness_get_n_done (const LkLiveness *self, int *n_all);
/* One sentence: what to do now, or how it ended.  Already translated. */
const char *lk_liveness_get_sentence (const LkLiveness *self);
/* The check that failed, or -1. */
int lk_liveness_get_failure (const LkLiveness *self);
/* What was measured until now; NaN: nothing. */
double lk_liveness_get_value (const LkLiveness *self, LkLivenessCheck check);

G_END_DECLS
