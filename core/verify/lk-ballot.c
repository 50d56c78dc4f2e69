/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-ballot.h"

#include "lk-fusion.h"

#include <math.h>
#include <string.h>

/* What is kept of a check: its numbers, and the names that they belong to. */
typedef struct
{
  LkCheck check;   /* its picture is not kept */
  float *scores;   /* (owned) (nullable): [scores_room] */
  LkMatch *people; /* (owned) (nullable): [people_room] */
  int scores_room, people_room;
} Frame;

struct _LkBallot
{
  int n_frames, n_enough;
  Frame *frames; /* [n_frames]: a ring */
  int newest, n; /* n: of them count */
  float *matrix; /* (owned) (nullable): room for the scores of all frames with one person */
  int room;
};

LkBallot *
lk_ballot_new (int n_frames, int n_enough)
{
  LkBallot *self = g_new0 (LkBallot, 1);

  g_return_val_if_fail (n_enough >= 1 && n_enough <= n_frames, NULL);
  self->n_frames = n_frames;
  self->n_enough = n_enough;
  self->frames = g_new0 (Frame, n_frames);
  return self;
}

void
lk_ballot_free (LkBallot *self)
{
  if (self == NULL)
    return;
  lk_ballot_clear (self);
  for (int i = 0; i < self->n_frames; i++)
    {
      g_free (self->frames[i].scores);
      g_free (self->frames[i].people);
    }
  g_free (self->frames);
  g_free (self->matrix);
  g_free (self);
}

void
lk_ballot_clear (LkBallot *self)
{
  for (int i = 0; i < self->n_frames; i++)
    g_clear_pointer (&self->frames[i].check.names, g_ptr_array_unref);
  self->n = 0;
}

/* The newest is number 0. */
static const LkCheck *
get_frame (const LkBallot *self, int i)
{
  return &self->frames[(self->newest - i + self->n_frames) % self->n_frames].check;
}

/* Whether two frames were compared with the same anchors, by the same measure. */
static gboolean
are_comparable (const LkCheck *a, const LkCheck *b)
{
  return a->n_anchors == b->n_anchors && a->names == b->names &&
         a->policy.detection == b->policy.detection &&
         a->policy.verification == b->policy.verification && a->policy.way == b->policy.way;
}

static void
keep (Frame *frame, const LkCheck *check)
{
  if (frame->scores_room < check->n_anchors)
    {
      frame->scores = g_renew (float, frame->scores, check->n_anchors);
      frame->scores_room = check->n_anchors;
    }
  if (frame->people_room < check->n_people)
    {
      frame->people = g_renew (LkMatch, frame->people, check->n_people);
      frame->people_room = check->n_people;
    }
  memcpy (frame->scores, check->scores, sizeof (float) * (gsize) check->n_anchors);
  if (check->n_people > 0)
    memcpy (frame->people, check->people, sizeof (LkMatch) * (gsize) check->n_people);
  g_clear_pointer (&frame->check.names, g_ptr_array_unref);
  frame->check = *check;
  frame->check.crop = NULL;
  frame->check.scores = frame->scores;
  frame->check.people = frame->people;
  if (check->names != NULL)
    g_ptr_array_ref (check->names);
}

void
lk_ballot_add (LkBallot *self, const LkCheck *check)
{
  if (check->n_anchors == 0)
    return;
  if (self->n > 0 && !are_comparable (get_frame (self, 0), check))
    lk_ballot_clear (self);
  self->newest = (self->newest + 1) % self->n_frames;
  self->n = MIN (self->n + 1, self->n_frames);
  keep (&self->frames[self->newest], check);
  if (self->room < check->n_anchors)
    {
      self->matrix = g_renew (float, self->matrix,
                              (gsize) self->n_frames *(gsize) check->n_anchors);
      self->room = check->n_anchors;
    }
}

/* Whether @frame alone was accepted, and as person number @best. */
static gboolean
agrees (const LkCheck *frame, int best)
{
  return frame->accepted && frame->best == best;
}

static double
score_of (const LkCheck *frame, int best)
{
  return (double) (best >= 0 ? frame->people[best].score : frame->score);
}

static LkLacks
find_lack (const LkTally *tally, const LkCheck *newest)
{
  gboolean votes = tally->way == LK_WAY_VOTE;

  if ((votes ? tally->n_accepted : tally->n_frames) < tally->n_enough)
    return LK_LACKS_FRAMES;
  if (votes ? tally->share <= tally->needed : tally->score <= tally->threshold)
    return LK_LACKS_SCORE;
  return newest->accepted ? LK_LACKS_NOTHING : LK_LACKS_NEWEST;
}

void
lk_ballot_count (const LkBallot *self, LkTally *tally)
{
  const LkCheck *newest = get_frame (self, 0);
  double sum = 0, odds = 0;
  LkMatch who;

  *tally = (LkTally){ .n_enough = self->n_enough,
                      .score = -1,
                      .threshold = -1,
                      .share = -1,
                      .margin = (double) NAN,
                      .lacks = LK_LACKS_FRAMES };
  if (self->n == 0)
    return;
  who = newest->best >= 0 ? newest->people[newest->best]
                          : (LkMatch){ .n_anchors = newest->n_anchors };
  tally->name = who.name;
  tally->n_anchors = who.n_anchors;
  tally->n_matches = newest->n_matches;
  tally->margin = newest->margin;
  tally->threshold = newest->policy.detection;
  tally->needed = newest->policy.verification;
  tally->way = newest->policy.way;
  if (newest->second >= 0)
    tally->other = newest->people[newest->second].name;
  tally->n_frames = self->n;
  for (int i = 0; i < self->n; i++)
    {
      const LkCheck *frame = get_frame (self, i);

      memcpy (self->matrix + (gsize) i * (gsize) who.n_anchors, frame->scores + who.first,
              sizeof (float) * (gsize) who.n_anchors);
      sum += score_of (frame, newest->best);
      odds += lk_log_odds (score_of (frame, newest->best));
      tally->n_accepted += agrees (frame, newest->best);
    }
  tally->share = lk_fuse_scores (LK_FUSION_VOTE, self->matrix, NULL, self->n, who.n_anchors, 0,
                                 newest->policy.detection);
  if (tally->way == LK_WAY_FUSED)
    tally->score = lk_probability (odds / self->n);
  else
    tally->score = sum / self->n;
  tally->lacks = find_lack (tally, newest);
  tally->accepted = tally->lacks == LK_LACKS_NOTHING;
}
