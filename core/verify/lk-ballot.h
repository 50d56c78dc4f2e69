/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-verifier.h"

G_BEGIN_DECLS

/*
 * LkBallot: the last frames, and what they say together.
 *
 * One frame may be wrong.  Somebody is accepted when the newest frame accepts them, and,
 *
 *   - with LK_WAY_FUSED, there are n_enough frames at least, and their scores with this
 *     person together (the mean of the log odds) are above policy.detection;
 *   - with LK_WAY_VOTE, n_enough of the frames were accepted as this person, and the
 *     documents' vote over all frames together (LK_FUSION_VOTE: the mean share of the anchors
 *     that match) is above policy.verification.
 *
 * Pure bookkeeping, for one thread.  Takes memory only when the gallery grows.
 */
typedef struct _LkBallot LkBallot;

/* @n_frames: how many count, the newest; @n_enough: 1 .. @n_frames */
LkBallot *lk_ballot_new (int n_frames, int n_enough);
void lk_ballot_free (LkBallot *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkBallot, lk_ballot_free)

/* What is missing for somebody to be accepted: the first of these that is. */
typedef enum
{
  LK_LACKS_NOTHING,
  LK_LACKS_FRAMES, /* LK_WAY_FUSED: n_frames is less than n_enough; LK_WAY_VOTE: n_accepted is */
  LK_LACKS_SCORE,  /* the frames together are not above the threshold */
  LK_LACKS_NEWEST, /* the newest frame alone would not accept them */
} LkLacks;

/* What the frames say so far. */
typedef struct
{
  int n_frames;     /* that count now */
  int n_accepted;   /* of them, accepted as this person */
  int n_enough;     /* that are needed */
  const char *name; /* (nullable): who; until the next call of this ballot */
  double score;     /* of the frames together, with them; -1 without a frame */
  LkWay way;
  double threshold;  /* for an anchor to match; -1 without */
  double share;      /* of the anchors that match, over all frames; -1 without */
  double needed;     /* LK_WAY_VOTE: the share has to be above this */
  const char *other; /* (nullable): who is next in the newest frame; until the next call */
  double margin;     /* by how much, as LkCheck has it; NAN without */
  int n_anchors;     /* of the person */
  int n_matches;     /* of them in the newest frame */
  LkLacks lacks;
  gboolean accepted; /* nothing is lacking */
} LkTally;

/* Counts @check in; one without anchors is passed over.  Frames of another gallery than this
 * one's, or of other thresholds, are forgotten first. */
void lk_ballot_add (LkBallot *self, const LkCheck *check);
void lk_ballot_count (const LkBallot *self, LkTally *tally);
/* Another face, or another try. */
void lk_ballot_clear (LkBallot *self);

G_END_DECLS
