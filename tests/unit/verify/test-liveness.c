/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "turning-head.h"
#include "verify/lk-liveness.h"

#define FRAME_US   (G_USEC_PER_SEC / 15)
#define MAX_FRAMES 600

/* Who plays, and how: each function of time in seconds. */
typedef struct
{
  LkLivenessOptions options;
  LkTurn turns[LK_LIVENESS_MAX_TURNS];
  HeadShape shape;
  double radius;  /* of a bent picture */
  gboolean paper; /* the points are a head's, the pixels a picture's */
  double reach;   /* degrees that are turned when asked; paper has to turn further */
  double speed;   /* degrees a second */
  double delay;   /* seconds until it follows */
  gboolean wrong; /* turns the other way */
  gboolean mute;  /* noise is always the same */
  int swap_at;    /* the frame at which another face is shown, without a jump; 0: never */
  int jump_at;    /* at which the face jumps by its own width */
  int gone_at;    /* from which on there is none for a second */
  int serial_at;  /* from which on the tracker says it is another */
  double eyes;    /* the contrast of the eyes, NaN: not measured */
  int blink_at;   /* a frame in which it dips */
} Player;

static const Player player = {
  .options = { 2, 0.5, 0.3 },
  .turns = { LK_TURN_LEFT, LK_TURN_RIGHT },
  .reach = 34,
  .speed = 100,
  .delay = 0.3,
  .eyes = NAN,
};

static LkLivenessState
play (LkLiveness *self, const Player *who, gboolean drawn)
{
  const int holds_ms[] = { 500, 700, 400, 600, 500 };
  TurningHead head = { who->shape, 0, 75, 60, 34, 8, 1, 0 };
  LkLivenessState state = LK_LIVENESS_IDLE, last = LK_LIVENESS_IDLE;
  double asked_s = 0;

  if (drawn)
    lk_liveness_begin (self);
  else
    lk_liveness_begin_with (self, who->turns, holds_ms);
  for (int i = 1; i < MAX_FRAMES; i++)
    {
      double step = who->speed * FRAME_US / G_USEC_PER_SEC, target = 0;
      double seconds = (double) i * FRAME_US / G_USEC_PER_SEC;
      g_autoptr (LkImage) frame = NULL;
      gboolean swapped = who->swap_at > 0 && i >= who->swap_at;
      LkSighting seen;

      state = lk_liveness_get_state (self);
      if (state != last)
        asked_s = seconds;
      last = state;
      if (state == LK_LIVENESS_TURN)
        target = (lk_liveness_get_turn (self) == LK_TURN_LEFT ? 1 : -1) *
                 (who->wrong ? -who->reach : who->reach);
      if (seconds - asked_s >= who->delay)
        head.degrees += CLAMP (target - head.degrees, -step, step);
      head.x = 75 + 3 * sin (0.41 * i) + 4 * sin (0.173 * i) +
               (who->jump_at > 0 && i >= who->jump_at ? 60 : 0);
      head.noise = (guint32) i;
      head.radius = who->radius;
      head.shape = who->paper ? SHAPE_PLANE : who->shape;
      frame = draw_turning_head (&head);
      head.shape = who->shape;
      see_turning_head (&head, &seen);
      seen.serial = who->serial_at > 0 && i >= who->serial_at ? 2 : 1;
      seen.quality.values[LK_QUALITY_EYES_VISIBLE] = i == who->blink_at ? 0.3 * who->eyes
                                                                        : who->eyes;
      if (who->gone_at > 0 && i >= who->gone_at && i < who->gone_at + 15)
        seen.has_face = FALSE;
      state = lk_liveness_add (self, frame, i * (gint64) FRAME_US, &seen, swapped ? 0.1 : 0.8);
      if (state == LK_LIVENESS_PASSED || state == LK_LIVENESS_FAILED)
        break;
    }
  for (int i = 0; i < LK_N_LIVENESS_CHECKS; i++)
    g_test_message ("%s %g", lk_liveness_get_info ((LkLivenessCheck) i)->id,
                    lk_liveness_get_value (self, (LkLivenessCheck) i));
  return state;
}

static void
assert_fails (const Player *who, LkLivenessCheck check)
{
  g_autoptr (LkLiveness) self = lk_liveness_new (&who->options);

  g_assert_cmpint (play (self, who, FALSE), ==, LK_LIVENESS_FAILED);
  g_assert_cmpint (lk_liveness_get_failure (self), ==, (int) check);
  g_assert_cmpstr (lk_liveness_get_sentence (self), ==, lk_liveness_get_info (check)->sentence);
  g_assert_false (lk_liveness_is_passed (check, lk_liveness_get_value (self, check)));
}

static void
test_head (void)
{
  for (int pair = 0; pair < 4; pair++)
    {
      Player one = player;
      g_autoptr (LkLiveness) self = lk_liveness_new (&player.options);
      int n_all;

      one.turns[0] = (LkTurn) (pair & 1);
      one.turns[1] = (LkTurn) (pair >> 1);
      g_assert_cmpint (lk_liveness_get_state (self), ==, LK_LIVENESS_IDLE);
      g_assert_cmpint (play (self, &one, FALSE), ==, LK_LIVENESS_PASSED);
      g_assert_cmpint (lk_liveness_get_failure (self), ==, -1);
      g_assert_cmpint (lk_liveness_get_n_done (self, &n_all), ==, 5);
      g_assert_cmpint (n_all, ==, 5);
      for (int i = 0; i < LK_N_LIVENESS_CHECKS; i++)
        {
          double value = lk_liveness_get_value (self, (LkLivenessCheck) i);

          g_assert_false (isnan (value));
          g_assert_true (lk_liveness_is_passed ((LkLivenessCheck) i, value));
        }
      /* And again, with what was measured before forgotten. */
      g_assert_cmpint (play (self, &one, TRUE), ==, LK_LIVENESS_PASSED);
    }
}

static void
test_picture (void)
{
  Player plane = player, bent = player, wide = player, paper = player, still = player;

  plane.shape = SHAPE_PLANE;
  plane.reach = 50;
  bent.shape = SHAPE_BENT;
  bent.reach = 50;
  wide.shape = SHAPE_BENT;
  wide.radius = 1.4;
  wide.reach = 72;
  paper.paper = TRUE;
  still.reach = 0;
  /* A turned plane does not look turned to five points at all. */
  assert_fails (&plane, LK_LIVENESS_TIME);
  assert_fails (&bent, LK_LIVENESS_WIDTH);
  assert_fails (&wide, LK_LIVENESS_RELIEF);
  assert_fails (&paper, LK_LIVENESS_FLATNESS);
  assert_fails (&still, LK_LIVENESS_TIME); /* it is moved, but does not turn */
}

static void
test_direction (void)
{
  Player wrong = player, less = player, late = player;

  wrong.wrong = TRUE;
  less.reach = 14;
  late.delay = 9;
  assert_fails (&wrong, LK_LIVENESS_DIRECTION);
  assert_fails (&less, LK_LIVENESS_TIME);
  assert_fails (&late, LK_LIVENESS_TIME);
}

static void
test_swap (void)
{
  for (int at = 1; at < 60; at += 16)
    {
      Player swap = player, serial = player, jump = player, gone = player;

      swap.swap_at = at;
      serial.serial_at = jump.jump_at = gone.gone_at = at + 3;
      assert_fails (&swap, LK_LIVENESS_IDENTITY);
      assert_fails (&serial, LK_LIVENESS_CONTINUITY);
      assert_fails (&jump, LK_LIVENESS_CONTINUITY);
      assert_fails (&gone, LK_LIVENESS_CONTINUITY);
    }
}

/* One that snaps from side to side, as pictures do that are exchanged. */
static void
test_snap (void)
{
  Player snap = player;

  snap.speed = 5000;
  snap.reach = 45;
  assert_fails (&snap, LK_LIVENESS_CONTINUITY);
}

/* The caller's match is not known: the person may be anybody. */
static void
test_nobody (void)
{
  g_autoptr (LkLiveness) self = lk_liveness_new (&player.options);
  TurningHead head = { SHAPE_HEAD, 0, 75, 60, 34, 8, 1, 0 };
  g_autoptr (LkImage) frame = draw_turning_head (&head);
  LkSighting seen;

  see_turning_head (&head, &seen);
  lk_liveness_begin (self);
  for (int i = 1; i < 60 && lk_liveness_get_state (self) == LK_LIVENESS_CENTRE; i++)
    lk_liveness_add (self, frame, i * (gint64) FRAME_US, &seen, NAN);
  g_assert_cmpint (lk_liveness_get_failure (self), ==, LK_LIVENESS_IDENTITY);
}

/* A film of the right challenge, fed in place of the camera: its frames come round again; and
 * one picture that is fed stands still. */
static void
test_replay (void)
{
  const LkTurn turns[] = { LK_TURN_LEFT, LK_TURN_LEFT };
  const int holds_ms[] = { 500, 500, 500 };
  LkLivenessOptions options = LK_LIVENESS_DEFAULT;
  LkLivenessState state = LK_LIVENESS_IDLE;
  g_autoptr (LkLiveness) self = lk_liveness_new (&options);

  lk_liveness_begin_with (self, turns, holds_ms);
  for (int i = 1; i < MAX_FRAMES && state != LK_LIVENESS_PASSED && state != LK_LIVENESS_FAILED; i++)
    {
      int phase = i % 60; /* 4 s: straight, to the left and back */
      TurningHead head = { SHAPE_HEAD, 0, 75 + 0.2 * phase, 60, 34, 8, 1 + (guint32) i, 0 };
      g_autoptr (LkImage) frame = NULL;
      LkSighting seen;

      head.degrees = phase < 20   ? 0
                     : phase < 40 ? MIN (28, 5 * (phase - 20))
                                  : MAX (0, 28 - 5 * (phase - 40));
      frame = draw_turning_head (&head);
      see_turning_head (&head, &seen);
      state = lk_liveness_add (self, frame, i * (gint64) FRAME_US, &seen, 1);
    }
  g_assert_cmpint (lk_liveness_get_failure (self), ==, LK_LIVENESS_LOOP);

  state = LK_LIVENESS_IDLE;
  lk_liveness_begin (self);
  for (int i = 1; i < MAX_FRAMES && state != LK_LIVENESS_FAILED; i++)
    {
      TurningHead head = { SHAPE_HEAD, 0, 75, 60, 34, 8, 1, 0 };
      g_autoptr (LkImage) frame = draw_turning_head (&head);
      LkSighting seen;

      see_turning_head (&head, &seen);
      state = lk_liveness_add (self, frame, i * (gint64) FRAME_US, &seen, 1);
    }
  g_assert_cmpint (lk_liveness_get_failure (self), ==, LK_LIVENESS_STILLNESS);
}

/* Blinks are counted and never decide. */
static void
test_blink (void)
{
  Player blinking = player;
  g_autoptr (LkLiveness) self = lk_liveness_new (&player.options);

  blinking.eyes = 0.5;
  blinking.blink_at = 5;
  g_assert_cmpint (play (self, &blinking, FALSE), ==, LK_LIVENESS_PASSED);
  g_assert_cmpfloat (lk_liveness_get_value (self, LK_LIVENESS_BLINKS), ==, 1);
  blinking.blink_at = 0;
  g_assert_cmpint (play (self, &blinking, FALSE), ==, LK_LIVENESS_PASSED);
  g_assert_cmpfloat (lk_liveness_get_value (self, LK_LIVENESS_BLINKS), ==, 0);
  g_assert_true (lk_liveness_is_passed (LK_LIVENESS_BLINKS, 0));
}

/* Every challenge is drawn about as often as every other, with pauses of every length. */
static void
test_random (void)
{
  const LkLivenessOptions options = { 1, -INFINITY, -INFINITY };
  g_autoptr (LkLiveness) self = lk_liveness_new (&options);
  TurningHead head = { SHAPE_HEAD, 0, 75, 60, 34, 8, 1, 0 };
  g_autoptr (LkImage) frame = draw_turning_head (&head);
  int n_left = 0, shortest = G_MAXINT, longest = 0;
  LkSighting seen;

  see_turning_head (&head, &seen);
  for (int trial = 0; trial < 400; trial++)
    {
      int ms = 0;

      lk_liveness_begin (self);
      while (lk_liveness_add (self, frame, (1 + ms) * (gint64) 1000, &seen, NAN) ==
             LK_LIVENESS_CENTRE)
        ms += 50;
      g_assert_cmpint (lk_liveness_get_state (self), ==, LK_LIVENESS_TURN);
      n_left += lk_liveness_get_turn (self) == LK_TURN_LEFT;
      shortest = MIN (shortest, ms);
      longest = MAX (longest, ms);
    }
  /* Six standard deviations of 400 throws of a coin. */
  g_assert_cmpint (ABS (n_left - 200), <, 60);
  g_assert_cmpint (shortest, <=, 500);
  g_assert_cmpint (longest, >=, 1100);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/liveness/head", test_head);
  g_test_add_func ("/liveness/picture", test_picture);
  g_test_add_func ("/liveness/direction", test_direction);
  g_test_add_func ("/liveness/swap", test_swap);
  g_test_add_func ("/liveness/snap", test_snap);
  g_test_add_func ("/liveness/nobody", test_nobody);
  g_test_add_func ("/liveness/replay", test_replay);
  g_test_add_func ("/liveness/blink", test_blink);
  g_test_add_func ("/liveness/random", test_random);
  return g_test_run ();
}
