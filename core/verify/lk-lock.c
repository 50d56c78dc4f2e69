/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-lock.h"

#include "base/lk-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* What is worse than it was must last so long: single frames flicker. */
#define SETTLE_US (G_USEC_PER_SEC * 3 / 10)
/* Somebody who was gone for so long has come anew. */
#define AWAY_US G_USEC_PER_SEC
/* A frame this old shows that the camera runs. */
#define FRESH_US (G_USEC_PER_SEC / 2)

struct _LkLock
{
  LkLockRules rules;
  LkBallot *ballot;
  LkLockState state;
  LkLockReason reason;
  gint64 since_us; /* when the state began */
  char *sentence;  /* (nullable) */
  int turn;        /* CHALLENGE: as lk_lock_set_challenge() */
  double progress; /* CHALLENGE */

  gint64 begun_us, ended_us, face_us; /* of the try; face_us: the first sight of a face, 0 */
  gint64 lit_us, seen_us, usable_us;  /* of the try: when it was last so */
  gint64 frame_us;                    /* of the newest frame, 0 */
  gint64 worse_us;                    /* since when frames ask for @worse; 0: they do not */
  LkLockState worse;
  int n_checks;
  gint64 checked_us;      /* the first check of this face, 0 */
  int n_face_checks;      /* of this face */
  gboolean last_accepted; /* the newest check's own decision */
  gboolean met;           /* the challenge was */
  guint serial;           /* of the face that is checked, or that opened it */
  gint64 spent_us[LK_N_LOCK_STATES];

  gint64 present_us; /* ACCEPTED: when the face that opened it was last there */
  gint64 gone_us;    /* at rest: since when there is no face; 0: there is one */
  gboolean is_new;   /* at rest: a face that comes now comes anew */
  gboolean wished;
  gint64 lockout_us; /* until when, 0 */
  guint n_attempts;
};

void
lk_lock_rules_init (LkLockRules *self)
{
  *self = (LkLockRules){ .start_us = 10 * G_USEC_PER_SEC,
                         .dark_us = 6 * G_USEC_PER_SEC,
                         .nobody_us = 12 * G_USEC_PER_SEC,
                         .unusable_us = 20 * G_USEC_PER_SEC,
                         .whole_us = 30 * G_USEC_PER_SEC,
                         .check_us = 2 * G_USEC_PER_SEC,
                         .n_checks = 15,
                         .challenge_us = 10 * G_USEC_PER_SEC,
                         .relock_us = 5 * G_USEC_PER_SEC,
                         .pause_us = 2 * G_USEC_PER_SEC,
                         .n_frames = 8,
                         .n_enough = 5,
                         .wakes = TRUE };
}

void
lk_lock_rules_init_once (LkLockRules *self, gint64 timeout_us)
{
  lk_lock_rules_init (self);
  /* Somebody may still come; but nobody will be seen in the dark. */
  self->start_us = timeout_us;
  self->nobody_us = self->unusable_us = 0;
  self->whole_us = timeout_us;
  self->relock_us = 0;
  self->wakes = FALSE;
}

LkLock *
lk_lock_new (const LkLockRules *rules)
{
  LkLock *self = g_new0 (LkLock, 1);

  self->rules = *rules;
  self->ballot = lk_ballot_new (rules->n_frames, rules->n_enough);
  self->is_new = TRUE;
  return self;
}

void
lk_lock_free (LkLock *self)
{
  if (self == NULL)
    return;
  lk_ballot_free (self->ballot);
  g_free (self->sentence);
  g_free (self);
}

void
lk_lock_set_rules (LkLock *self, const LkLockRules *rules)
{
  if (rules->n_frames != self->rules.n_frames || rules->n_enough != self->rules.n_enough)
    {
      lk_ballot_free (self->ballot);
      self->ballot = lk_ballot_new (rules->n_frames, rules->n_enough);
    }
  self->rules = *rules;
}

static gboolean
is_trying (const LkLock *self)
{
  return self->state >= LK_LOCK_STARTING && self->state <= LK_LOCK_CHALLENGE;
}

static void
enter (LkLock *self, LkLockState state, gint64 now_us)
{
  self->worse_us = 0;
  if (state == self->state)
    return;
  if (is_trying (self))
    self->spent_us[self->state] += now_us - self->since_us;
  self->state = state;
  self->since_us = now_us;
  if (state != LK_LOCK_ADVICE)
    g_clear_pointer (&self->sentence, g_free);
}

static void
say (LkLock *self, const char *sentence)
{
  if (g_strcmp0 (sentence, self->sentence) == 0)
    return;
  g_free (self->sentence);
  self->sentence = g_strdup (sentence);
}

/* No try goes on from here: @is_new: whether the next face begins one, or has to leave first. */
static void
rest (LkLock *self, LkLockState state, gboolean is_new, gint64 now_us)
{
  self->ended_us = now_us;
  self->is_new = is_new;
  self->gone_us = 0;
  self->wished = FALSE;
  enter (self, state, now_us);
}

static void
lock_for (LkLock *self, LkLockReason reason, gint64 now_us)
{
  self->reason = reason;
  rest (self, LK_LOCK_LOCKED,
        reason == LK_LOCK_NEW || reason == LK_LOCK_LEFT || reason == LK_LOCK_NO_CAMERA ||
            reason == LK_LOCK_TOO_DARK || reason == LK_LOCK_NOBODY,
        now_us);
}

/* @why: (nullable): the challenge was not met */
static void
refuse (LkLock *self, const char *why, gint64 now_us)
{
  self->n_attempts++;
  rest (self, LK_LOCK_REFUSED, FALSE, now_us);
  say (self, why);
}

static void
expire (LkLock *self, LkLockReason reason, gint64 now_us)
{
  if (self->state == LK_LOCK_CHALLENGE)
    refuse (self, _ ("What was asked for was not done in time. Try again."), now_us);
  else if (self->n_checks >= LK_LOCK_FEW_CHECKS && !self->last_accepted)
    refuse (self, NULL, now_us);
  else
    lock_for (self, reason, now_us);
}

static void
start_looking (LkLock *self, gint64 now_us)
{
  self->lit_us = self->seen_us = self->usable_us = now_us;
  enter (self, LK_LOCK_LOOKING, now_us);
}

static void
begin (LkLock *self, gint64 now_us)
{
  lk_ballot_clear (self->ballot);
  self->begun_us = now_us;
  self->face_us = self->checked_us = 0;
  self->n_checks = self->n_face_checks = 0;
  self->last_accepted = self->met = self->wished = FALSE;
  memset (self->spent_us, 0, sizeof self->spent_us);
  enter (self, LK_LOCK_STARTING, now_us);
  if (self->frame_us != 0 && now_us - self->frame_us < FRESH_US)
    start_looking (self, now_us);
}

static gboolean
is_over (gint64 limit_us, gint64 since_us, gint64 now_us)
{
  return limit_us > 0 && now_us - since_us >= limit_us;
}

static void
tick_try (LkLock *self, gint64 now_us)
{
  const LkLockRules *rules = &self->rules;

  if (is_over (rules->whole_us, self->begun_us, now_us))
    {
      expire (self,
              self->state == LK_LOCK_STARTING  ? LK_LOCK_NO_CAMERA
              : self->state == LK_LOCK_LOOKING ? LK_LOCK_NOBODY
              : self->state == LK_LOCK_ADVICE  ? LK_LOCK_UNUSABLE
                                               : LK_LOCK_OUT_OF_TIME,
              now_us);
    }
  else if (self->state == LK_LOCK_STARTING)
    {
      if (is_over (rules->start_us, self->since_us, now_us))
        expire (self, LK_LOCK_NO_CAMERA, now_us);
    }
  else if (is_over (rules->dark_us, self->lit_us, now_us))
    expire (self, LK_LOCK_TOO_DARK, now_us);
  else if (is_over (rules->nobody_us, self->seen_us, now_us))
    expire (self, LK_LOCK_NOBODY, now_us);
  else if (self->state == LK_LOCK_CHALLENGE)
    {
      if (is_over (rules->challenge_us, self->since_us, now_us))
        expire (self, LK_LOCK_OUT_OF_TIME, now_us);
    }
  else if (is_over (rules->unusable_us, self->usable_us, now_us))
    expire (self, LK_LOCK_UNUSABLE, now_us);
}

void
lk_lock_tick (LkLock *self, gint64 now_us)
{
  if (is_trying (self))
    tick_try (self, now_us);
  else if (self->state == LK_LOCK_ACCEPTED)
    {
      if (is_over (self->rules.relock_us, self->present_us, now_us))
        lock_for (self, LK_LOCK_LEFT, now_us);
    }
  else if (self->state == LK_LOCK_LOCKED_OUT)
    {
      if (now_us >= self->lockout_us)
        lock_for (self, LK_LOCK_WAITED, now_us);
    }
  else if (self->wished && now_us - self->ended_us >= self->rules.pause_us)
    begin (self, now_us);
}

static gboolean
may_begin (const LkLock *self)
{
  return self->state == LK_LOCK_LOCKED || (self->state == LK_LOCK_REFUSED && !self->wished);
}

void
lk_lock_begin (LkLock *self, gint64 now_us)
{
  lk_lock_tick (self, now_us);
  if (!may_begin (self))
    return;
  if (self->state == LK_LOCK_REFUSED)
    self->wished = TRUE;
  else
    begin (self, now_us);
  lk_lock_tick (self, now_us);
}

/* Who ends a try in time would have as many as they like. */
static gboolean
is_as_good_as_refused (const LkLock *self)
{
  LkTally tally;

  lk_ballot_count (self->ballot, &tally);
  return self->n_face_checks >= self->rules.n_checks && tally.n_accepted == 0;
}

void
lk_lock_lock (LkLock *self, LkLockReason reason, gint64 now_us)
{
  if (is_trying (self) && is_as_good_as_refused (self))
    self->n_attempts++;
  if (self->state != LK_LOCK_LOCKED_OUT)
    lock_for (self, reason, now_us);
}

void
lk_lock_set_lockout (LkLock *self, gint64 until_us, gint64 now_us)
{
  self->lockout_us = until_us;
  if (until_us > now_us)
    rest (self, LK_LOCK_LOCKED_OUT, FALSE, now_us);
  lk_lock_tick (self, now_us);
}

void
lk_lock_lose_camera (LkLock *self, gint64 now_us)
{
  self->frame_us = 0;
  if (is_trying (self))
    {
      lk_ballot_clear (self->ballot);
      self->met = FALSE;
      enter (self, LK_LOCK_STARTING, now_us);
    }
  lk_lock_tick (self, now_us);
}

/* At rest: a face that comes begins a try. */
static void
watch (LkLock *self, const LkSighting *seen, const GError *advice, gint64 now_us)
{
  if (!seen->has_face)
    {
      if (self->gone_us == 0)
        self->gone_us = now_us;
      if (now_us - self->gone_us >= AWAY_US)
        self->is_new = TRUE;
      return;
    }
  self->gone_us = 0;
  if (!self->rules.wakes || (self->state != LK_LOCK_LOCKED && self->state != LK_LOCK_REFUSED))
    return;
  if (self->is_new ||
      (self->state == LK_LOCK_LOCKED && self->reason == LK_LOCK_UNUSABLE && advice == NULL))
    lk_lock_begin (self, now_us);
}

/* Open: is it still the one who opened it? */
static void
guard (LkLock *self, const LkSighting *seen, const LkCheck *check, gint64 now_us)
{
  LkTally tally;
  const char *name = check != NULL && check->best >= 0 ? check->people[check->best].name : NULL;

  lk_ballot_count (self->ballot, &tally);
  if (check != NULL && check->n_anchors > 0 ? check->accepted && g_strcmp0 (name, tally.name) == 0
                                            : seen->has_face && seen->serial == self->serial)
    {
      self->present_us = now_us;
      self->serial = seen->serial;
    }
}

static void
check_frame (LkLock *self, const LkSighting *seen, const LkCheck *check, gint64 now_us)
{
  LkTally tally;
  gint64 checked;

  if (seen->serial != self->serial) /* another face: what was seen of the one before is not its */
    {
      lk_ballot_clear (self->ballot);
      self->met = FALSE;
      self->checked_us = 0;
      self->n_face_checks = 0;
    }
  if (self->checked_us == 0)
    self->checked_us = now_us;
  self->serial = seen->serial;
  lk_ballot_add (self->ballot, check);
  self->n_checks++;
  self->n_face_checks++;
  self->last_accepted = check->accepted;
  enter (self, LK_LOCK_CHECKING, now_us);
  lk_ballot_count (self->ballot, &tally);
  if (tally.accepted && self->rules.challenges && !self->met)
    {
      self->turn = 0;
      self->progress = 0;
      enter (self, LK_LOCK_CHALLENGE, now_us);
      return;
    }
  if (tally.accepted)
    {
      self->n_attempts++;
      self->present_us = now_us;
      rest (self, LK_LOCK_ACCEPTED, FALSE, now_us);
      return;
    }
  checked = now_us - self->checked_us;
  /* While some frames match, there is more to wait for. */
  if (self->n_face_checks >= self->rules.n_checks &&
      checked >= self->rules.check_us * (tally.n_accepted > 0 ? 2 : 1))
    refuse (self, NULL, now_us);
}

/* A frame that cannot be compared: LOOKING or ADVICE, once that has lasted. */
static void
fall_to (LkLock *self, LkLockState state, const char *sentence, gint64 now_us)
{
  if (state == self->state)
    {
      self->worse_us = 0;
      say (self, sentence);
      return;
    }
  if (self->worse_us == 0 || self->worse != state)
    {
      self->worse = state;
      self->worse_us = now_us;
    }
  if (now_us - self->worse_us >= SETTLE_US)
    {
      enter (self, state, now_us);
      say (self, sentence);
    }
}

static void
look (LkLock *self, const LkSighting *seen, const LkCheck *check, const GError *advice,
      gint64 now_us)
{
  gboolean dark = g_error_matches (advice, LK_RETRY, LK_RETRY_TOO_DARK);

  if (self->state == LK_LOCK_STARTING)
    start_looking (self, now_us);
  if (seen->has_face && self->face_us == 0)
    self->face_us = now_us;
  if (!dark)
    self->lit_us = now_us;
  if (seen->has_face || dark) /* in the dark, who knows */
    self->seen_us = now_us;
  if (advice == NULL)
    self->usable_us = now_us;

  if (self->state == LK_LOCK_CHALLENGE)
    {
      if (seen->has_face && seen->serial != self->serial)
        enter (self, LK_LOCK_LOOKING, now_us);
    }
  else if (advice == NULL && check != NULL && check->n_anchors > 0)
    check_frame (self, seen, check, now_us);
  else if (advice != NULL)
    {
      if (seen->has_face || !g_error_matches (advice, LK_RETRY, LK_RETRY_NO_FACE))
        fall_to (self, LK_LOCK_ADVICE, advice->message, now_us);
      else
        fall_to (self, LK_LOCK_LOOKING, NULL, now_us);
    }
}

void
lk_lock_show (LkLock *self, const LkSighting *seen, const LkCheck *check, const GError *advice,
              gint64 now_us)
{
  self->frame_us = now_us;
  if (is_trying (self))
    look (self, seen, check, advice, now_us);
  else if (self->state == LK_LOCK_ACCEPTED)
    guard (self, seen, check, now_us);
  else
    watch (self, seen, advice, now_us);
  lk_lock_tick (self, now_us);
}

void
lk_lock_set_challenge (LkLock *self, const char *sentence, int turn, double progress)
{
  if (self->state != LK_LOCK_CHALLENGE)
    return;
  say (self, sentence);
  self->turn = turn;
  self->progress = progress;
}

void
lk_lock_answer (LkLock *self, gboolean met, const char *why, gint64 now_us)
{
  if (self->state != LK_LOCK_CHALLENGE)
    return;
  if (!met)
    {
      refuse (self, why, now_us);
      return;
    }
  /* The head was turned: that it is still the same one is checked once more. */
  lk_ballot_clear (self->ballot);
  self->met = TRUE;
  self->checked_us = now_us;
  self->usable_us = now_us;
  self->n_checks = self->n_face_checks = 0;
  enter (self, LK_LOCK_CHECKING, now_us);
}

LkLockState
lk_lock_get_state (const LkLock *self)
{
  return self->state;
}

guint
lk_lock_get_n_attempts (const LkLock *self)
{
  return self->n_attempts;
}

void
lk_lock_get_status (const LkLock *self, LkLockStatus *status, gint64 now_us)
{
  *status = (LkLockStatus){ .state = self->state,
                            .reason = self->reason,
                            .sentence = self->sentence,
                            .may_begin = may_begin (self),
                            .is_trying = is_trying (self) };
  lk_ballot_count (self->ballot, &status->tally);
  status->progress = MIN (1, (double) status->tally.n_accepted / self->rules.n_enough);
  if (self->state == LK_LOCK_CHALLENGE)
    {
      status->turn = self->turn;
      status->progress = self->progress;
    }
  if (self->state == LK_LOCK_ACCEPTED || self->state == LK_LOCK_REFUSED)
    status->took_us = self->ended_us - (self->face_us != 0 ? self->face_us : self->begun_us);
  if (self->state == LK_LOCK_LOCKED_OUT)
    status->wait_us = MAX (0, self->lockout_us - now_us);
  else if (self->state == LK_LOCK_REFUSED)
    status->wait_us = MAX (0, self->ended_us + self->rules.pause_us - now_us);
  memcpy (status->spent_us, self->spent_us, sizeof self->spent_us);
  if (is_trying (self))
    status->spent_us[self->state] += now_us - self->since_us;
}
