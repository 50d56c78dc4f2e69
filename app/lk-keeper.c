/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-keeper"

#include "lk-keeper.h"

#include "lk-settings.h"
#include "store/lk-attempts.h"

#define TICK_MS 250

struct _LkKeeper
{
  LkDatabase *database; /* (nullable) (not owned) */
  LkKeeperFunc changed;
  gpointer data;
  LkLock *lock;
  char **people;    /* (nullable) */
  LkImage *picture; /* (nullable): the newest of the try that was checked */
  guint ticker;

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

static void
record (LkKeeper *self, const LkLockStatus *status)
{
  GSettings *settings = lk_settings_get ();
  gboolean accepted = status->state == LK_LOCK_ACCEPTED;
  const char *person = status->tally.name != NULL ? status->tally.name
                       : self->people != NULL     ? self->people[0]
                                                  : NULL;
  const LkImage *picture = NULL;

  self->n_refused = accepted ? 0 : self->n_refused + 1;
  if (self->database == NULL || person == NULL)
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
  lk_database_expire_attempts (self->database, g_settings_get_int (settings, "keep-refused-days"),
                               NULL);
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
  return self;
}

void
lk_keeper_free (LkKeeper *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->ticker, g_source_remove);
  g_clear_pointer (&self->picture, lk_image_unref);
  lk_lock_free (self->lock);
  g_strfreev (self->people);
  g_free (self);
}

void
lk_keeper_init_rules (LkLockRules *rules)
{
  lk_lock_rules_init (rules);
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
  notice (self);
}

void
lk_keeper_get_status (LkKeeper *self, LkLockStatus *status)
{
  lk_lock_get_status (self->lock, status, g_get_monotonic_time ());
}

LkLock *
lk_keeper_get_lock (LkKeeper *self)
{
  return self->lock;
}
