/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-ballot.h"

G_BEGIN_DECLS

/*
 * LkLock: opens for the enrolled face, as a phone does.  For the window, the command line and
 * the D-Bus service alike.
 *
 *               begin
 *     LOCKED ──────────► STARTING ──► LOOKING ◄─► ADVICE ◄─► CHECKING ──► [CHALLENGE] ──► ACCEPTED
 *       ▲                                │  a time-out          │  not them       │            │
 *       ├────────────────────────────────┘                      ▼                 │            │
 *       │     begin, or the face left and one came            REFUSED ◄───────────┘            │
 *       ├───────────────────────────────────────────────────────┤                              │
 *       │                                        LOCKED OUT ◄───┘ (lk_lock_set_lockout())      │
 *       └──────────────────────── by hand, or the face has left ───────────────────────────────┘
 *
 * A try begins by hand, or by itself when a face comes.  It has nested time-outs: for the
 * camera's first frame, for light, for a face, for one that can be used, and for the whole.
 * It ends accepted (LkBallot says so), refused (enough frames of one face were checked, for long
 * enough, without), or locked again, for a reason.  One that runs out of time while the last frames
 * did not match is a refusal, too: else refusals could be avoided by going away.  After a
 * refusal there is a pause, and then a wish or a face that comes anew begins the next try: a
 * stranger who stays in front of the camera is refused once, and locks nobody out.
 *
 * Pure: time is what the caller says it is (g_get_monotonic_time(), or a test's own; it must
 * not go back), and there are no threads and timers: every event looks whether a time has run
 * out, and lk_lock_tick() where there are no others.  Who counts refusals over days and
 * processes is the store (store/lk-attempts.h); what it says is handed in.
 */
typedef struct _LkLock LkLock;

/**
 * LkLockState:
 * @LK_LOCK_LOCKED: at rest
 * @LK_LOCK_STARTING: waiting for the camera's first frame
 * @LK_LOCK_LOOKING: no face yet
 * @LK_LOCK_ADVICE: a face, or darkness, that cannot be used: the person is told what to do
 * @LK_LOCK_CHECKING: frames are being compared
 * @LK_LOCK_CHALLENGE: they match, and the person has to show that they are there
 * @LK_LOCK_ACCEPTED: open
 * @LK_LOCK_REFUSED: somebody else
 * @LK_LOCK_LOCKED_OUT: refused too often: no try begins for a time
 */
typedef enum
{
  LK_LOCK_LOCKED,
  LK_LOCK_STARTING,
  LK_LOCK_LOOKING,
  LK_LOCK_ADVICE,
  LK_LOCK_CHECKING,
  LK_LOCK_CHALLENGE,
  LK_LOCK_ACCEPTED,
  LK_LOCK_REFUSED,
  LK_LOCK_LOCKED_OUT,
  LK_N_LOCK_STATES
} LkLockState;

/* Why it is locked. */
typedef enum
{
  LK_LOCK_NEW, /* nothing was tried yet */
  LK_LOCK_BY_HAND,
  LK_LOCK_LEFT,        /* it was open, and the face has left */
  LK_LOCK_NO_CAMERA,   /* the time-outs of a try: no frame came, */
  LK_LOCK_TOO_DARK,    /* nothing could be seen, */
  LK_LOCK_NOBODY,      /* there was no face, */
  LK_LOCK_UNUSABLE,    /* none that could be used, */
  LK_LOCK_OUT_OF_TIME, /* or it took too long */
  LK_LOCK_WAITED,      /* the wait after too many refusals is over */
} LkLockReason;

/* Times in microseconds; 0: never, where no other meaning is given. */
typedef struct
{
  gint64 start_us;        /* to the camera's first frame */
  gint64 dark_us;         /* without light */
  gint64 nobody_us;       /* without a face */
  gint64 unusable_us;     /* without one that can be used */
  gint64 whole_us;        /* the whole try */
  gint64 check_us;        /* frames are checked for so long at least before a refusal (0: no
                             matter), */
  int n_checks;           /* and so many of them */
  gint64 challenge_us;    /* to answer a challenge */
  gint64 relock_us;       /* without the face that opened it */
  gint64 pause_us;        /* after a refusal (0: none) */
  int n_frames, n_enough; /* as lk_ballot_new() */
  gboolean wakes;         /* whether a face that comes begins a try */
  gboolean challenges;    /* whether there is a challenge before it opens */
} LkLockRules;

/* For a window: nobody waits for an answer. */
void lk_lock_rules_init (LkLockRules *self);
/* For a caller who waits for at most @timeout_us: one try, which goes on as long as there is
 * something to see. */
void lk_lock_rules_init_once (LkLockRules *self, gint64 timeout_us);

/* A checked frame that could not be accepted makes a time-out a refusal when there were so
 * many of them. */
#define LK_LOCK_FEW_CHECKS 3

LkLock *lk_lock_new (const LkLockRules *rules);
void lk_lock_free (LkLock *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkLock, lk_lock_free)

/* From the next event on; a try that goes on goes on. */
void lk_lock_set_rules (LkLock *self, const LkLockRules *rules);

/* Begins a try, or, during the pause after a refusal, wishes for one.  Nothing while one goes
 * on, when it is open, and when it is locked out. */
void lk_lock_begin (LkLock *self, gint64 now_us);
/* Locks, whatever it was doing; a lock-out stays.  A try that had as many checks as a refusal
 * takes, and none that matched, counts as refused. */
void lk_lock_lock (LkLock *self, LkLockReason reason, gint64 now_us);

/* No try before @until_us; a time in the past lifts it. */
void lk_lock_set_lockout (LkLock *self, gint64 until_us, gint64 now_us);

/* The camera has stopped: a try waits for its first frame anew. */
void lk_lock_lose_camera (LkLock *self, gint64 now_us);

/**
 * lk_lock_show:
 * @seen: what was seen in a frame
 * @check: (nullable): its check
 * @advice: (nullable): why it cannot be used: %LK_RETRY, or another error
 */
void lk_lock_show (LkLock *self, const LkSighting *seen, const LkCheck *check, const GError *advice,
                   gint64 now_us);
void lk_lock_tick (LkLock *self, gint64 now_us);

/* CHALLENGE: what the person is to do now, which is shown.
 * @turn: which way the head is to turn: below 0 to the person's left, above 0 to their right, 0: to
 *   look straight
 * @progress: of the whole challenge, 0 .. 1 */
void lk_lock_set_challenge (LkLock *self, const char *sentence, int turn, double progress);
/* CHALLENGE: it was met, and opens if the face still matches; or not, and the try is refused.
 * Else nothing.  @why: (nullable): a sentence: why it was not met */
void lk_lock_answer (LkLock *self, gboolean met, const char *why, gint64 now_us);

/* What can be said of it now.  Strings are its own, until the next event. */
typedef struct
{
  LkLockState state;
  LkLockReason reason;  /* LOCKED */
  const char *sentence; /* (nullable): ADVICE, CHALLENGE: what to do; REFUSED: why the challenge
                           was not met */
  LkTally tally;        /* of the last frames; of those that decided: ACCEPTED, REFUSED */
  double progress;      /* CHECKING, CHALLENGE: 0 .. 1 towards acceptance */
  int turn;             /* CHALLENGE: as lk_lock_set_challenge() */
  gint64 took_us;       /* ACCEPTED, REFUSED: from the first sight of a face */
  gint64 wait_us;       /* LOCKED_OUT: how much longer; REFUSED: of the pause */
  gboolean may_begin;   /* whether lk_lock_begin() does something */
  gboolean is_trying;
  gint64 spent_us[LK_N_LOCK_STATES]; /* of the last try, in each of its states */
} LkLockStatus;

void lk_lock_get_status (const LkLock *self, LkLockStatus *status, gint64 now_us);
LkLockState lk_lock_get_state (const LkLock *self);
/* Counts the tries that ended in ACCEPTED or REFUSED: another number is another attempt. */
guint lk_lock_get_n_attempts (const LkLock *self);

G_END_DECLS
