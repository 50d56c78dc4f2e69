/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-keeper"

#include "lk-keeper.h"

#include "lk-settings.h"
#include "store/lk-attempts.h"
#include "verify/lk-liveness.h"

#include <math.h>

#define TICK_MS      250
#define EXPIRE_S     3600
#define SETTLE_S     5                     /* a number of days is passed on the way to another */
#define CHALLENGE_US (30 * G_USEC_PER_SEC) /* each of its steps has a shorter time of its own */

/* Who was accepted is held to the same limit while looking straight, and to this share of it
 * while turned: anchors look straight. */
#define TURNED_SHARE 0.5

struct _LkKeeper
{
  LkDatabase *database; /* (nullable) (not owned) */
  LkKeeperFunc changed;
  gpointer data;
  LkLock *lock;
  char **people;    /* (nullable) */
  LkImage *picture; /* (nullable): the newest of the try that was checked */
  guint ticker, expirer, settler;

  LkLiveness *liveness; /* (nullable): while the lock is in its challenge */
  char *name;           /* (nullable): who is challenged */

  gboolean was_trying;
  guint n_attempts; /* of the lock that are written */
  gint64 n_refused; /* in a row, where there is no database to count */
};

static int
get_n_free (void)
{
  return g_settings_get_int (lk_settings_get (), "lockout-attempts");
}

/* The most refused attempts in a row of anybody it opens for. */
static gint64
count_refused (LkKeeper *self)
{
  gint64 most = self->database == NULL ? self->n_refused : 0;

  for (int i = 0; self->database != NULL && self->people != NULL && self->people[i] != NULL; i++)
    most = MAX (most, lk_database_count_refused (self->database, self->people[i], NULL));
  return most;
}

/* The seconds that there are to wait before the next try; 0 for none. */
static int
get_lockout (LkKeeper *self)
{
  int wait = 0;

  for (int i = 0; self->database != NULL && self->people != NULL && self->people[i] != NULL; i++)
    wait = MAX (wait, lk_database_get_lockout (self->database, self->people[i], get_n_free ()));
  return wait;
}

guint
lk_keeper_get_n_attempts (LkKeeper *self)
{
  return self->n_attempts;
}

int
lk_keeper_get_n_left (LkKeeper *self)
{
  return (int) MAX (0, get_n_free () - count_refused (self));
}

static void
lock_out (LkKeeper *self, int seconds)
{
  gint64 now_us = g_get_monotonic_time ();

  if (seconds > 0)
    lk_lock_set_lockout (self->lock, now_us + seconds * G_USEC_PER_SEC, now_us);
}

/* Pictures are not kept a day longer than was chosen. */
static void
expire (LkKeeper *self)
{
  if (self->database != NULL)
    lk_database_expire_attempts (
        self->database, g_settings_get_int (lk_settings_get (), "keep-refused-days"), NULL);
}

static gboolean
on_hour (gpointer data)
{
  expire (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_settled (gpointer data)
{
  LkKeeper *self = data;

  self->settler = 0;
  expire (self);
  return G_SOURCE_REMOVE;
}

static void
on_days_changed (LkKeeper *self)
{
  g_clear_handle_id (&self->settler, g_source_remove);
  self->settler = g_timeout_add_seconds (SETTLE_S, on_settled, self);
}

static void
record (LkKeeper *self, const LkLockStatus *status)
{
  GSettings *settings = lk_settings_get ();
  gboolean accepted = status->state == LK_LOCK_ACCEPTED;
  int n_people = self->people != NULL ? (int) g_strv_length (self->people) : 0;
  /* Of several people nobody was refused: who it was most alike was not asked for. */
  const char *person = accepted && status->tally.name != NULL ? status->tally.name
                       : n_people == 1                        ? self->people[0]
                                                              : NULL;
  const LkImage *picture = NULL;

  self->n_refused = accepted ? 0 : self->n_refused + 1;
  if (self->database == NULL || n_people == 0)
    {
      lock_out (self, lk_lockout_get_wait (self->n_refused, get_n_free ()));
      return;
    }
  if (!accepted && g_settings_get_boolean (settings, "keep-refused"))
    picture = self->picture;
  /* A picture that cannot be sealed must not hide the attempt. */
  if (!lk_database_add_attempt (self->database, person, accepted, status->tally.score,
                                status->tally.threshold, picture, NULL) &&
      picture != NULL)
    lk_database_add_attempt (self->database, person, accepted, status->tally.score,
                             status->tally.threshold, NULL, NULL);
  expire (self);
  if (!accepted)
    lock_out (self, get_lockout (self));
}

static gboolean on_tick (gpointer data);

/* After each event. */
static void
notice (LkKeeper *self)
{
  LkLockStatus status;

  lk_keeper_get_status (self, &status);
  if (status.is_trying && !self->was_trying)
    {
      /* It may have begun by itself, and another process may have refused somebody. */
      lock_out (self, get_lockout (self));
      lk_keeper_get_status (self, &status);
    }
  self->was_trying = status.is_trying;
  if (lk_lock_get_n_attempts (self->lock) != self->n_attempts)
    {
      self->n_attempts = lk_lock_get_n_attempts (self->lock);
      record (self, &status);
      lk_keeper_get_status (self, &status);
    }
  if (!status.is_trying)
    g_clear_pointer (&self->picture, lk_image_unref);
  if (status.state == LK_LOCK_LOCKED)
    g_clear_handle_id (&self->ticker, g_source_remove);
  else if (self->ticker == 0)
    self->ticker = g_timeout_add (TICK_MS, on_tick, self);
  self->changed (self, self->data);
}

static gboolean
on_tick (gpointer data)
{
  LkKeeper *self = data;

  lk_lock_tick (self->lock, g_get_monotonic_time ());
  notice (self);
  return G_SOURCE_CONTINUE; /* unless notice() has taken it away */
}

LkKeeper *
lk_keeper_new (LkDatabase *database, const LkLockRules *rules, LkKeeperFunc changed, gpointer data)
{
  LkKeeper *self = g_new0 (LkKeeper, 1);

  self->database = database;
  self->changed = changed;
  self->data = data;
  self->lock = lk_lock_new (rules);
  expire (self);
  self->expirer = g_timeout_add_seconds (EXPIRE_S, on_hour, self);
  g_signal_connect_swapped (lk_settings_get (), "changed::keep-refused-days",
                            G_CALLBACK (on_days_changed), self);
  return self;
}

void
lk_keeper_free (LkKeeper *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->ticker, g_source_remove);
  g_clear_handle_id (&self->expirer, g_source_remove);
  if (self->settler != 0)
    {
      g_source_remove (self->settler);
      expire (self);
    }
  g_signal_handlers_disconnect_by_data (lk_settings_get (), self);
  g_clear_pointer (&self->picture, lk_image_unref);
  lk_lock_free (self->lock);
  lk_liveness_free (self->liveness);
  g_free (self->name);
  g_strfreev (self->people);
  g_free (self);
}

void
lk_keeper_set_challenges (LkLockRules *rules, gboolean challenges)
{
  if (challenges && !rules->challenges)
    rules->whole_us += rules->whole_us > 0 ? CHALLENGE_US : 0;
  rules->challenges = challenges;
  rules->challenge_us = CHALLENGE_US;
}

void
lk_keeper_init_rules (LkLockRules *rules)
{
  lk_lock_rules_init (rules);
  lk_keeper_set_challenges (rules, g_settings_get_boolean (lk_settings_get (), "liveness"));
  rules->relock_us = g_settings_get_int (lk_settings_get (), "relock-seconds") * G_USEC_PER_SEC;
}

void
lk_keeper_set_rules (LkKeeper *self, const LkLockRules *rules)
{
  lk_lock_set_rules (self->lock, rules);
}

void
lk_keeper_set_people (LkKeeper *self, const char *const *people)
{
  g_strfreev (self->people);
  self->people = g_strdupv ((char **) people);
}

void
lk_keeper_begin (LkKeeper *self)
{
  lk_lock_begin (self->lock, g_get_monotonic_time ());
  notice (self);
}

void
lk_keeper_lock (LkKeeper *self, LkLockReason reason)
{
  lk_lock_lock (self->lock, reason, g_get_monotonic_time ());
  notice (self);
}

void
lk_keeper_lose_camera (LkKeeper *self)
{
  lk_lock_lose_camera (self->lock, g_get_monotonic_time ());
  notice (self);
}

/* How well the frame matches who is challenged, and what it has to. */
static double
get_match (LkKeeper *self, const LkCheck *check, double *least)
{
  const LkMatch *match = NULL;
  float score = check->score;
  int n_matches = check->n_matches, n_anchors = check->n_anchors;

  for (int i = 0; i < check->n_people && match == NULL; i++)
    if (g_strcmp0 (check->people[i].name, self->name) == 0)
      match = &check->people[i];
  if (match != NULL)
    {
      score = match->score;
      n_matches = match->n_matches;
      n_anchors = match->n_anchors;
    }
  else if (check->n_people > 0)
    n_anchors = 0; /* who is challenged is not enrolled any more */
  *least = check->policy.way == LK_WAY_VOTE ? check->policy.verification : check->policy.detection;
  if (n_anchors == 0)
    return 0;
  return check->policy.way == LK_WAY_VOTE ? (double) n_matches / n_anchors : (double) score;
}

static void
tell_challenge (LkKeeper *self)
{
  int n_all, turn = 0, n_done = lk_liveness_get_n_done (self->liveness, &n_all);

  if (lk_liveness_get_state (self->liveness) == LK_LIVENESS_TURN)
    turn = lk_liveness_get_turn (self->liveness) == LK_TURN_LEFT ? -1 : 1;
  lk_lock_set_challenge (self->lock, lk_liveness_get_sentence (self->liveness), turn,
                         MIN (1, (n_done + lk_liveness_get_progress (self->liveness)) / n_all));
}

/* Leads through the challenge as long as the lock asks for one. */
static void
challenge (LkKeeper *self, const LkFrame *frame, const LkSighting *seen, const LkCheck *check)
{
  double least = 0, match = check != NULL ? get_match (self, check, &least) : NAN;
  LkLivenessState state;

  if (lk_lock_get_state (self->lock) != LK_LOCK_CHALLENGE)
    {
      g_clear_pointer (&self->liveness, lk_liveness_free);
      return;
    }
  if (self->liveness == NULL)
    {
      LkLivenessOptions options = LK_LIVENESS_DEFAULT;
      LkLockStatus status;

      if (check == NULL)
        return; /* it was a checked frame that brought it here: it says what is held to */
      lk_keeper_get_status (self, &status);
      g_free (self->name);
      self->name = g_strdup (status.tally.name);
      get_match (self, check, &least);
      options.least_straight = least;
      options.least_turned = TURNED_SHARE * least;
      self->liveness = lk_liveness_new (&options);
      lk_liveness_begin (self->liveness);
    }
  state = lk_liveness_add (self->liveness, frame->image, frame->when_us, seen, match);
  tell_challenge (self);
  if (state == LK_LIVENESS_PASSED || state == LK_LIVENESS_FAILED)
    lk_lock_answer (self->lock, state == LK_LIVENESS_PASSED,
                    lk_liveness_get_sentence (self->liveness), g_get_monotonic_time ());
}

void
lk_keeper_show (LkKeeper *self, const LkFrame *frame, const LkSighting *seen, const LkCheck *check,
                const GError *advice)
{
  if (check != NULL)
    {
      g_clear_pointer (&self->picture, lk_image_unref);
      self->picture = lk_image_ref (frame->image);
    }
  lk_lock_show (self->lock, seen, check, advice, g_get_monotonic_time ());
  challenge (self, frame, seen, check);
  notice (self);
}

void
lk_keeper_get_status (LkKeeper *self, LkLockStatus *status)
{
  lk_lock_get_status (self->lock, status, g_get_monotonic_time ());
}
