/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made sequences of frames, 25 a second, by a made clock. */
#include "base/lk-error.h"
#include "verify/lk-lock.h"

#include <string.h>

#define FRAME_US  (40 * 1000)
#define N_ANCHORS 4
#define SECOND    G_USEC_PER_SEC

typedef struct
{
  LkLock *lock;
  gint64 now_us;
  guint serial;
} Play;

static void
begin (Play *self, const LkLockRules *rules)
{
  LkLockRules own;

  lk_lock_rules_init (&own);
  self->lock = lk_lock_new (rules != NULL ? rules : &own);
  self->now_us = 1000 * SECOND;
  self->serial = 1;
}

static void
end (Play *self)
{
  lk_lock_free (self->lock);
}

/* One frame: M matches, X does not, h is half of each (not enough of the anchors), n is
 * nobody, d darkness, b a blurred face. */
static void
show (Play *self, char what)
{
  float scores[N_ANCHORS];
  LkCheck check = { .n_anchors = N_ANCHORS, .scores = scores };
  LkSighting seen = { .has_face = strchr ("nd", what) == NULL, .serial = self->serial };
  g_autoptr (LkImage) crop = lk_image_new_take (1, 1, g_malloc0 (3));
  g_autoptr (GError) advice = NULL;

  check.crop = crop;
  for (int i = 0; i < N_ANCHORS; i++)
    scores[i] = what == 'M' || (what == 'h' && i < N_ANCHORS / 2) ? 0.75f : 0.25f;
  lk_policy_decide (&LK_POLICY_DEFAULT, &check);
  if (what == 'n')
    advice = g_error_new_literal (LK_RETRY, LK_RETRY_NO_FACE, "Nobody.");
  else if (what == 'd')
    advice = g_error_new_literal (LK_RETRY, LK_RETRY_TOO_DARK, "Light.");
  else if (what == 'b')
    advice = g_error_new_literal (LK_RETRY, LK_RETRY_BLURRED, "Hold still.");
  self->now_us += FRAME_US;
  lk_lock_show (self->lock, &seen, advice == NULL ? &check : NULL, advice, self->now_us);
}

/* "3M 2s n": three matching frames, then for two seconds nobody. */
static void
play (Play *self, const char *script)
{
  g_auto (GStrv) steps = g_strsplit (script, " ", -1);

  for (int i = 0; steps[i] != NULL; i++)
    {
      char *what;
      double count = g_ascii_strtod (steps[i], &what);
      int n = what == steps[i] ? 1 : (int) count;

      if (*what == 's')
        {
          what++;
          n = (int) (count * SECOND / FRAME_US);
        }
      while (n-- > 0)
        show (self, *what);
    }
}

static LkLockStatus
status (Play *self)
{
  LkLockStatus status;

  lk_lock_get_status (self->lock, &status, self->now_us);
  return status;
}

#define assert_state(self, expected)                                                               \
  g_assert_cmpint (lk_lock_get_state ((self)->lock), ==, LK_LOCK_##expected)

#define assert_locked(self, why)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    assert_state (self, LOCKED);                                                                   \
    g_assert_cmpint (status (self).reason, ==, LK_LOCK_##why);                                     \
  }                                                                                                \
  G_STMT_END

static void
test_opens (void)
{
  Play self;

  begin (&self, NULL);
  assert_locked (&self, NEW);
  g_assert_true (status (&self).may_begin);
  lk_lock_begin (self.lock, self.now_us);
  assert_state (&self, STARTING);
  g_assert_false (status (&self).may_begin);
  play (&self, "n");
  assert_state (&self, LOOKING);
  play (&self, "1sn 4b");
  assert_state (&self, LOOKING); /* not at once: single frames flicker */
  play (&self, "5b");
  assert_state (&self, ADVICE);
  g_assert_cmpstr (status (&self).sentence, ==, "Hold still.");
  play (&self, "M");
  assert_state (&self, CHECKING); /* what is better is at once */
  g_assert_null (status (&self).sentence);
  g_assert_cmpfloat (status (&self).progress, ==, 0.2);
  play (&self, "3M X");
  assert_state (&self, CHECKING);
  play (&self, "M");
  assert_state (&self, ACCEPTED);
  g_assert_cmpint (lk_lock_get_n_attempts (self.lock), ==, 1);
  /* From the first of the blurred ones: 8 more of them, and 6. */
  g_assert_cmpint (status (&self).took_us, ==, 14 * FRAME_US);
  g_assert_cmpint (status (&self).tally.n_anchors, ==, N_ANCHORS);
  g_assert_cmpint (status (&self).tally.n_matches, ==, N_ANCHORS);
  g_assert_cmpint (status (&self).spent_us[LK_LOCK_STARTING], ==, FRAME_US);
  g_assert_cmpint (status (&self).spent_us[LK_LOCK_CHECKING], ==, 5 * FRAME_US);
  g_assert_cmpint (status (&self).spent_us[LK_LOCK_ADVICE], ==, FRAME_US);
  end (&self);
}

/* Enough of the last frames, not of all: old ones count no more. */
static void
test_enough (void)
{
  Play self;

  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "M 2X M 2X M 2X M 2X M 2X M"); /* one in three, however often */
  assert_state (&self, CHECKING);
  play (&self, "2M");
  assert_state (&self, CHECKING); /* X X M X X M M M: four of eight */
  play (&self, "M");
  assert_state (&self, ACCEPTED);
  end (&self);

  /* Two people who take turns do not add up to one. */
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  for (int i = 0; i < 4; i++)
    {
      play (&self, "4M");
      self.serial++;
      assert_state (&self, CHECKING);
    }
  play (&self, "5M");
  assert_state (&self, ACCEPTED);
  end (&self);

  /* Half of the anchors in every frame is not more than half. */
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "1sh");
  assert_state (&self, CHECKING);
  g_assert_cmpint (status (&self).tally.n_accepted, ==, 0);
  g_assert_cmpfloat (status (&self).tally.share, ==, 0.5);
  end (&self);
}

static void
test_refuses (void)
{
  Play self;

  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "1.96sX");
  assert_state (&self, CHECKING); /* enough frames, but not for long enough */
  play (&self, "3X");
  assert_state (&self, REFUSED);
  g_assert_cmpint (lk_lock_get_n_attempts (self.lock), ==, 1);

  /* They stay: nothing more happens. */
  play (&self, "60sX");
  assert_state (&self, REFUSED);
  play (&self, "60sM");
  assert_state (&self, REFUSED);
  g_assert_cmpint (lk_lock_get_n_attempts (self.lock), ==, 1);

  /* A moment away is not enough; a second is. */
  play (&self, "0.5sn 1sM");
  assert_state (&self, REFUSED);
  play (&self, "1.2sn 6M");
  assert_state (&self, ACCEPTED);
  end (&self);

  /* While some frames match, it waits for twice as long. */
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  for (int i = 0; i < 12; i++)
    play (&self, "M 5X");
  assert_state (&self, CHECKING);
  for (int i = 0; i < 6; i++)
    play (&self, "M 5X");
  assert_state (&self, REFUSED);
  end (&self);

  /* Who steps in front of somebody else has the whole time; taking turns does not go on for ever.
   */
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "1.9sX");
  self.serial++;
  play (&self, "1.9sX");
  assert_state (&self, CHECKING);
  play (&self, "0.2sX");
  assert_state (&self, REFUSED);
  end (&self);
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  for (int i = 0; i < 29; i++, self.serial++)
    play (&self, "1sX");
  assert_state (&self, CHECKING);
  play (&self, "1.2sX");
  assert_state (&self, REFUSED);
  end (&self);

  /* Going away in time is a refusal, too. */
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "1sX 11.9sn");
  assert_state (&self, LOOKING);
  play (&self, "0.2sn");
  assert_state (&self, REFUSED);
  g_assert_cmpint (lk_lock_get_n_attempts (self.lock), ==, 1);
  end (&self);

  /* Somebody who walks by is not. */
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "2X 12.2sn");
  assert_locked (&self, NOBODY);
  g_assert_cmpint (lk_lock_get_n_attempts (self.lock), ==, 0);
  end (&self);
}

static void
test_pause (void)
{
  Play self;

  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "2.2sX");
  assert_state (&self, REFUSED);
  g_assert_true (status (&self).may_begin);
  g_assert_cmpint (status (&self).wait_us, >, SECOND);
  lk_lock_begin (self.lock, self.now_us); /* a wish: it begins after the pause */
  g_assert_false (status (&self).may_begin);
  play (&self, "1sX");
  assert_state (&self, REFUSED);
  play (&self, "1sX");
  assert_state (&self, CHECKING);
  g_assert_cmpint (status (&self).spent_us[LK_LOCK_CHECKING], <, SECOND);
  end (&self);
}

static void
test_time_outs (void)
{
  static const struct
  {
    const char *script;
    double in_time_s, late_s;
    LkLockReason reason;
  } cases[] = {
    { "0.1sn|n", 11.8, 0.3, LK_LOCK_NOBODY },   { "0.1sn|d", 5.7, 0.6, LK_LOCK_TOO_DARK },
    { "0.1sn|b", 19.8, 0.3, LK_LOCK_UNUSABLE }, { "|", 9.9, 0.2, LK_LOCK_NO_CAMERA },
    { "0.1sb|w", 29.7, 0.3, LK_LOCK_UNUSABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) parts = g_strsplit (cases[i].script, "|", 2);
      Play self;

      begin (&self, NULL);
      lk_lock_begin (self.lock, self.now_us);
      if (*parts[0] != '\0')
        play (&self, parts[0]);
      for (int late = 0; late < 2; late++)
        {
          gint64 until = self.now_us +
                         (gint64) ((late ? cases[i].late_s : cases[i].in_time_s) * SECOND);

          for (int n = 0; self.now_us < until; n++)
            if (*parts[1] == '\0')
              {
                self.now_us += SECOND / 10;
                lk_lock_tick (self.lock, self.now_us);
              }
            else if (*parts[1] == 'w') /* a usable one now and then: the whole ends it */
              show (&self, n % 400 == 300 ? 'M' : 'b');
            else
              show (&self, *parts[1]);
          if (!late)
            g_assert_true (status (&self).is_trying);
        }
      g_test_message ("case %u", i);
      assert_state (&self, LOCKED);
      g_assert_cmpint (status (&self).reason, ==, cases[i].reason);
      end (&self);
    }
}

/* Light that comes in time begins the dark time-out anew. */
static void
test_light (void)
{
  Play self;

  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "5sd n 5sd");
  assert_state (&self, ADVICE);
  g_assert_cmpstr (status (&self).sentence, ==, "Light.");
  play (&self, "1.5sd");
  assert_locked (&self, TOO_DARK);
  play (&self, "20sd");
  assert_locked (&self, TOO_DARK);
  play (&self, "6M"); /* a light, and somebody: by itself */
  assert_state (&self, ACCEPTED);
  end (&self);
}

static void
test_relocks (void)
{
  Play self;
  LkLockRules rules;

  /* Gone for five seconds. */
  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "6M 4.8sn 5M 4.8sn");
  assert_state (&self, ACCEPTED);
  play (&self, "0.4sn");
  assert_locked (&self, LEFT);
  play (&self, "10sn");
  assert_locked (&self, LEFT);
  play (&self, "6M"); /* and opens again by itself */
  assert_state (&self, ACCEPTED);
  g_assert_cmpint (lk_lock_get_n_attempts (self.lock), ==, 2);

  /* The one who opened it turns away, and stays. */
  play (&self, "30sb");
  assert_state (&self, ACCEPTED);

  /* Somebody else in their place: their frames do not match. */
  play (&self, "4.8sX");
  assert_state (&self, ACCEPTED);
  play (&self, "0.4sX");
  g_assert_cmpint (lk_lock_get_state (self.lock), !=, LK_LOCK_ACCEPTED);
  play (&self, "3sX");
  assert_state (&self, REFUSED);

  /* A face of another number that cannot be compared is not theirs either. */
  play (&self, "1.2sn 6M");
  assert_state (&self, ACCEPTED);
  self.serial = 7;
  play (&self, "5.2sb");
  g_assert_cmpint (lk_lock_get_state (self.lock), !=, LK_LOCK_ACCEPTED);
  end (&self);

  /* By hand only; and then not by itself while the face stays. */
  lk_lock_rules_init (&rules);
  rules.relock_us = 0;
  begin (&self, &rules);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "6M 600sn");
  assert_state (&self, ACCEPTED);
  lk_lock_lock (self.lock, LK_LOCK_BY_HAND, self.now_us);
  assert_locked (&self, BY_HAND);
  play (&self, "60sM");
  assert_locked (&self, BY_HAND);
  lk_lock_begin (self.lock, self.now_us);
  assert_state (&self, LOOKING); /* the camera runs: nothing to wait for */
  play (&self, "5M");
  assert_state (&self, ACCEPTED);
  end (&self);
}

static void
test_camera (void)
{
  Play self;

  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "4M");
  lk_lock_lose_camera (self.lock, self.now_us);
  assert_state (&self, STARTING);
  self.now_us += 9 * SECOND;
  lk_lock_tick (self.lock, self.now_us);
  assert_state (&self, STARTING);
  play (&self, "4M"); /* what was before does not count */
  assert_state (&self, CHECKING);
  play (&self, "M");
  assert_state (&self, ACCEPTED);
  lk_lock_lose_camera (self.lock, self.now_us);
  self.now_us += 4 * SECOND;
  lk_lock_tick (self.lock, self.now_us);
  assert_state (&self, ACCEPTED);
  self.now_us += 2 * SECOND;
  lk_lock_tick (self.lock, self.now_us);
  assert_locked (&self, LEFT);
  end (&self);
}

/* Ended by hand just before it is refused: it was an attempt all the same. */
static void
test_evading (void)
{
  static const struct
  {
    const char *frames;
    guint n_attempts;
  } cases[] = { { "14X", 0 }, { "15X", 1 }, { "14X M", 0 }, { "2.2sX", 1 }, { "6M", 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Play self;

      begin (&self, NULL);
      lk_lock_begin (self.lock, self.now_us);
      play (&self, cases[i].frames);
      lk_lock_lock (self.lock, LK_LOCK_BY_HAND, self.now_us);
      assert_locked (&self, BY_HAND);
      g_assert_cmpuint (lk_lock_get_n_attempts (self.lock), ==, cases[i].n_attempts);
      end (&self);
    }
}

static void
test_lockout (void)
{
  Play self;

  begin (&self, NULL);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "2.2sX");
  lk_lock_set_lockout (self.lock, self.now_us - 1, self.now_us);
  assert_state (&self, REFUSED);
  lk_lock_set_lockout (self.lock, self.now_us + 30 * SECOND, self.now_us);
  assert_state (&self, LOCKED_OUT);
  g_assert_cmpint (status (&self).wait_us, ==, 30 * SECOND);
  g_assert_false (status (&self).may_begin);
  lk_lock_begin (self.lock, self.now_us);
  lk_lock_lock (self.lock, LK_LOCK_BY_HAND, self.now_us);
  play (&self, "5sn 24sM");
  assert_state (&self, LOCKED_OUT);
  play (&self, "1.2sM");
  assert_locked (&self, WAITED);
  play (&self, "10sM"); /* whoever sits there has to ask for it, */
  assert_locked (&self, WAITED);
  play (&self, "1.2sn 6M"); /* or to come anew */
  assert_state (&self, ACCEPTED);
  end (&self);
}

/* For a caller who waits. */
static void
test_once (void)
{
  Play self;
  LkLockRules rules;

  lk_lock_rules_init_once (&rules, 40 * SECOND);
  begin (&self, &rules);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "35sn"); /* somebody may still come */
  assert_state (&self, LOOKING);
  play (&self, "6M");
  assert_state (&self, ACCEPTED);
  play (&self, "100sn");
  assert_state (&self, ACCEPTED);
  end (&self);

  begin (&self, &rules);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "39.9sn 0.2sn");
  assert_locked (&self, NOBODY);
  play (&self, "60sM");
  assert_locked (&self, NOBODY);
  end (&self);

  begin (&self, &rules);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "7sd"); /* a covered lens */
  assert_locked (&self, TOO_DARK);
  end (&self);
}

static void
test_challenge (void)
{
  Play self;
  LkLockRules rules;

  lk_lock_rules_init (&rules);
  rules.challenges = TRUE;
  begin (&self, &rules);
  lk_lock_begin (self.lock, self.now_us);
  lk_lock_set_challenge (self.lock, "Too early.", 1, 0.5); /* nothing */
  lk_lock_answer (self.lock, TRUE, NULL, self.now_us);
  play (&self, "6M");
  assert_state (&self, CHALLENGE);
  g_assert_null (status (&self).sentence);
  g_assert_cmpint (status (&self).turn, ==, 0);
  g_assert_cmpfloat (status (&self).progress, ==, 0);
  lk_lock_set_challenge (self.lock, "Turn left.", -1, 0.4);
  g_assert_cmpstr (status (&self).sentence, ==, "Turn left.");
  g_assert_cmpint (status (&self).turn, ==, -1);
  g_assert_cmpfloat (status (&self).progress, ==, 0.4);
  play (&self, "2sM 2sb 2sX");
  assert_state (&self, CHALLENGE);
  lk_lock_answer (self.lock, TRUE, NULL, self.now_us);
  assert_state (&self, CHECKING); /* and still the same one */
  g_assert_cmpint (status (&self).turn, ==, 0);
  g_assert_cmpfloat (status (&self).progress, ==, 0);
  play (&self, "4M");
  assert_state (&self, CHECKING);
  play (&self, "M");
  assert_state (&self, ACCEPTED);
  end (&self);

  begin (&self, &rules); /* another face comes when it was met: it has to meet it anew */
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "5M");
  lk_lock_answer (self.lock, TRUE, NULL, self.now_us);
  self.serial++;
  play (&self, "5M");
  assert_state (&self, CHALLENGE);
  end (&self);

  begin (&self, &rules); /* another camera takes the place: it begins from the beginning */
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "5M");
  lk_lock_answer (self.lock, TRUE, NULL, self.now_us);
  lk_lock_lose_camera (self.lock, self.now_us);
  play (&self, "5M");
  assert_state (&self, CHALLENGE);
  end (&self);

  begin (&self, &rules); /* another takes the place while the head is turned */
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "5M 1sb");
  lk_lock_answer (self.lock, TRUE, NULL, self.now_us);
  play (&self, "2.2sX");
  assert_state (&self, REFUSED);
  end (&self);

  begin (&self, &rules);
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "5M");
  lk_lock_answer (self.lock, FALSE, "Paper.", self.now_us);
  assert_state (&self, REFUSED);
  g_assert_cmpstr (status (&self).sentence, ==, "Paper.");
  play (&self, "3sb");
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "2.2sX");
  assert_state (&self, REFUSED);
  g_assert_null (status (&self).sentence); /* this one was somebody else */
  end (&self);

  begin (&self, &rules); /* no answer is none */
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "5M 9.9sM");
  assert_state (&self, CHALLENGE);
  play (&self, "0.2sM");
  assert_state (&self, REFUSED);
  g_assert_nonnull (strstr (status (&self).sentence, "in time"));
  g_assert_cmpint (lk_lock_get_n_attempts (self.lock), ==, 1);
  end (&self);

  begin (&self, &rules); /* another face begins from the beginning */
  lk_lock_begin (self.lock, self.now_us);
  play (&self, "5M");
  self.serial++;
  play (&self, "M");
  g_assert_cmpint (lk_lock_get_state (self.lock), !=, LK_LOCK_CHALLENGE);
  play (&self, "4M");
  assert_state (&self, CHECKING);
  play (&self, "M");
  assert_state (&self, CHALLENGE);
  end (&self);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lock/opens", test_opens);
  g_test_add_func ("/lock/enough", test_enough);
  g_test_add_func ("/lock/refuses", test_refuses);
  g_test_add_func ("/lock/pause", test_pause);
  g_test_add_func ("/lock/time-outs", test_time_outs);
  g_test_add_func ("/lock/light", test_light);
  g_test_add_func ("/lock/relocks", test_relocks);
  g_test_add_func ("/lock/camera", test_camera);
  g_test_add_func ("/lock/lockout", test_lockout);
  g_test_add_func ("/lock/evading", test_evading);
  g_test_add_func ("/lock/once", test_once);
  g_test_add_func ("/lock/challenge", test_challenge);
  return g_test_run ();
}
