/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-ballot.h"

#include "lk-fusion.h"

#include <math.h>
#include <string.h>

struct _LkBallot
{
  int n_frames, n_enough;
  LkCheck **frames; /* (owned): the newest first; [n_frames], NULL where there is none */
  float *matrix;    /* (owned) (nullable): room for the scores of all frames with one person */
  int room;
};

LkBallot *
lk_ballot_new (int n_frames, int n_enough)
{
  LkBallot *self = g_new0 (LkBallot, 1);

  g_return_val_if_fail (n_enough >= 1 && n_enough <= n_frames, NULL);
  self->n_frames = n_frames;
  self->n_enough = n_enough;
  self->frames = g_new0 (LkCheck *, n_frames);
  return self;
}

void
lk_ballot_free (LkBallot *self)
{
  if (self == NULL)
    return;
  lk_ballot_clear (self);
  g_free (self->frames);
  g_free (self->matrix);
  g_free (self);
}

void
lk_ballot_clear (LkBallot *self)
{
  for (int i = 0; i < self->n_frames; i++)
    g_clear_pointer (&self->frames[i], lk_check_free);
}

/* Whether two frames were compared with the same anchors, by the same measure. */
static gboolean
are_comparable (const LkCheck *a, const LkCheck *b)
{
  return a->n_anchors == b->n_anchors && a->names == b->names &&
         a->policy.detection == b->policy.detection &&
         a->policy.verification == b->policy.verification && a->policy.way == b->policy.way;
}

void
lk_ballot_add (LkBallot *self, const LkCheck *check)
{
  if (check->n_anchors == 0)
    return;
  if (self->frames[0] != NULL && !are_comparable (self->frames[0], check))
    lk_ballot_clear (self);
  lk_check_free (self->frames[self->n_frames - 1]);
  memmove (self->frames + 1, self->frames, sizeof *self->frames * ((gsize) self->n_frames - 1));
  self->frames[0] = lk_check_copy (check);
  if (self->room < check->n_anchors)
    {
      g_free (self->matrix);
      self->matrix = g_new (float, (gsize) self->n_frames *(gsize) check->n_anchors);
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

void
lk_ballot_count (const LkBallot *self, LkTally *tally)
{
  const LkCheck *newest = self->frames[0];
  double sum = 0, odds = 0;
  LkMatch who;

  *tally = (LkTally){ .score = -1, .threshold = -1, .share = -1, .margin = NAN };
  if (newest == NULL)
    return;
  who = newest->best >= 0 ? newest->people[newest->best]
                          : (LkMatch){ .n_anchors = newest->n_anchors };
  tally->name = who.name;
  tally->n_anchors = who.n_anchors;
  tally->n_matches = newest->n_matches;
  tally->margin = newest->margin;
  tally->threshold = newest->policy.detection;
  tally->way = newest->policy.way;
  if (newest->second >= 0)
    tally->other = newest->people[newest->second].name;
  while (tally->n_frames < self->n_frames && self->frames[tally->n_frames] != NULL)
    {
      const LkCheck *frame = self->frames[tally->n_frames];

      memcpy (self->matrix + (gsize) tally->n_frames * (gsize) who.n_anchors,
              frame->scores + who.first, sizeof (float) * (gsize) who.n_anchors);
      sum += score_of (frame, newest->best);
      odds += lk_log_odds (score_of (frame, newest->best));
      tally->n_accepted += agrees (frame, newest->best);
      tally->n_frames++;
    }
  tally->share = lk_fuse_scores (LK_FUSION_VOTE, self->matrix, NULL, tally->n_frames, who.n_anchors,
                                 0, newest->policy.detection);
  if (tally->way == LK_WAY_FUSED)
    {
      tally->score = lk_probability (odds / tally->n_frames);
      tally->accepted = tally->n_frames >= self->n_enough &&
                        tally->score > newest->policy.detection;
    }
  else
    {
      tally->score = sum / tally->n_frames;
      tally->accepted = tally->n_accepted >= self->n_enough &&
                        tally->share > newest->policy.verification;
    }
  tally->accepted = tally->accepted && newest->accepted;
}
