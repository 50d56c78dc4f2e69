/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-liveness.h"

#include "base/lk-secret.h"
#include "face/lk-face-pose.h"
#include "lk-relief.h"
#include "lk-replay.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STRAIGHT_IN   8.0  /* degrees: from here on one looks straight ... */
#define STRAIGHT_OUT  12.0 /* ... until here */
#define TURNED_IN     20.0
#define TURNED_OUT    16.0
#define LEAST_FRAMES  3 /* of a step */
#define TURNED_US     (250 * 1000)
#define LEAST_STILL   10           /* frames, before their share says something */
#define GONE_US       (700 * 1000) /* a face that was away for so long is another */
#define HOLD_LEAST_MS 400
#define HOLD_SPAN_MS  800
#define MAX_FRAMES    64 /* of a step whose values are kept */

/* What a person moves at most between two frames: so much at once, and so much a second. */
#define SHIFT     0.25 /* of the face's side */
#define SHIFT_S   2.0
#define GROWTH    0.25 /* log of its size */
#define GROWTH_S  1.0
#define DEGREES   15.0
#define DEGREES_S 300.0

#define BLINK_DEPTH  0.6 /* of the usual contrast of the eyes */
#define BLINK_OPEN   0.8
#define BLINK_MAX_US (500 * 1000)
#define BLINK_RATE   0.1 /* how fast the usual follows */

/* clang-format builds stairs of tables with N_(). */
/* clang-format off */
static const LkLivenessInfo infos[LK_N_LIVENESS_CHECKS] = {
  [LK_LIVENESS_TIME] = { .id = "time", .name = N_("Time of a step"), .unit = N_(" seconds"), .digits = 1,
    .sentence = N_("The head did not turn in time. Try again and follow the arrow."), .limit = 6 },
  [LK_LIVENESS_DIRECTION] = { .id = "direction", .name = N_("Turned the other way"), .unit = "°", .digits = 0,
    .sentence = N_("The head turned the other way. Try again and follow the arrow."), .limit = 15 },
  [LK_LIVENESS_RELIEF] = { .id = "relief", .name = N_("Relief of the nose"), .unit = "", .digits = 2,
    .sentence = N_("The nose did not move before the face as a head’s does. Try again with more light on your face."),
    .is_least = TRUE, .limit = 0.12 },
  [LK_LIVENESS_WIDTH] = { .id = "width", .name = N_("Width of the turned face"), .unit = "", .digits = 2,
    .sentence = N_("The face became narrower than a head’s does. Try again, and turn a little less."),
    .is_least = TRUE, .limit = 0.94 },
  [LK_LIVENESS_FLATNESS] = { .id = "flatness", .name = N_("Moved like paper"), .unit = "", .digits = 3,
    .sentence = N_("The face moved as a picture on paper does. Try again, and turn a little further."), .limit = 0.965 },
  [LK_LIVENESS_IDENTITY] = { .id = "identity", .name = N_("Same person throughout"), .unit = "", .digits = 2,
    .sentence = N_("The face was not the same all the time. Try again, alone before the camera."),
    .is_least = TRUE, .limit = 0 },
  [LK_LIVENESS_CONTINUITY] = { .id = "continuity", .name = N_("Largest jump"), .unit = N_(" of what a person moves"), .digits = 2,
    .sentence = N_("The face jumped or went away. Try again, and turn your head slowly."), .limit = 1 },
  [LK_LIVENESS_STILLNESS] = { .id = "stillness", .name = N_("Frames that stood still"), .unit = "", .digits = 2,
    .sentence = N_("The camera’s picture stood still. Check that it is the camera you mean, and try again."), .limit = 0.8 },
  [LK_LIVENESS_LOOP] = { .id = "loop", .name = N_("Frames that came round again"), .unit = "", .digits = 0,
    .sentence = N_("The camera’s pictures came round again, as a film’s do. Check that it is the camera you mean."), .limit = 15 },
  [LK_LIVENESS_BLINKS] = { .id = "blinks", .name = N_("Blinks"), .unit = "", .digits = 0, .sentence = "",
    .is_least = TRUE, .limit = (double) NAN },
};
/* clang-format on */

typedef struct
{
  double items[MAX_FRAMES];
  int n;
} Values;

struct _LkLiveness
{
  LkLivenessOptions options;
  LkTurn turns[LK_LIVENESS_MAX_TURNS];
  int holds_ms[LK_LIVENESS_MAX_TURNS + 1];

  LkLivenessState state;
  int n_done; /* turns */
  int failure;
  double values[LK_N_LIVENESS_CHECKS];
  LkReplay *replay;
  int n_frames, n_still; /* while to turn */

  gboolean has_face; /* one was seen since the beginning */
  guint serial;
  LkFace last;
  double last_yaw;
  gint64 last_us;
  gint64 step_us; /* when this step began; 0: with the next frame */

  /* Of this step. */
  gboolean is_in; /* straight, or turned */
  gint64 in_us;
  int n_in;
  Values matches, parallaxes, widths, flatnesses;
  double progress;

  /* How the face looks straight. */
  LkReliefView straight;
  double best_yaw; /* of the frame whose pixels it has */
  double sums[LK_N_POINTS][2], yaw_sum;
  double yaw;       /* their mean */
  gboolean has_yaw; /* the first step is done */

  double eyes; /* their usual contrast; 0: not known */
  gint64 blink_us;
};

const LkLivenessInfo *
lk_liveness_get_info (LkLivenessCheck check)
{
  g_return_val_if_fail (check < LK_N_LIVENESS_CHECKS, NULL);
  return &infos[check];
}

gboolean
lk_liveness_is_passed (LkLivenessCheck check, double value)
{
  const LkLivenessInfo *info = &infos[check];

  return isnan (value) || isnan (info->limit) ||
         (info->is_least ? value >= info->limit : value <= info->limit);
}

LkLiveness *
lk_liveness_new (const LkLivenessOptions *options)
{
  LkLiveness *self = g_new0 (LkLiveness, 1);

  g_return_val_if_fail (options->n_turns >= 1 && options->n_turns <= LK_LIVENESS_MAX_TURNS, NULL);
  self->options = *options;
  self->failure = -1;
  self->replay = lk_replay_new ();
  for (int i = 0; i < LK_N_LIVENESS_CHECKS; i++)
    self->values[i] = (double) NAN;
  return self;
}

void
lk_liveness_free (LkLiveness *self)
{
  if (self == NULL)
    return;
  lk_replay_free (self->replay);
  g_free (self);
}

/* ---- steps ---- */

static void
forget_step (LkLiveness *self)
{
  self->is_in = FALSE;
  self->n_in = 0;
  self->matches.n = self->parallaxes.n = self->widths.n = self->flatnesses.n = 0;
  self->progress = 0;
}

static void
begin_step (LkLiveness *self, LkLivenessState state, gint64 when_us)
{
  forget_step (self);
  self->state = state;
  self->step_us = when_us;
}

void
lk_liveness_begin_with (LkLiveness *self, const LkTurn *turns, const int *holds_ms)
{
  memcpy (self->turns, turns, sizeof *turns * (gsize) self->options.n_turns);
  memcpy (self->holds_ms, holds_ms, sizeof *holds_ms * (gsize) (self->options.n_turns + 1));
  lk_replay_reset (self->replay);
  self->n_done = self->n_frames = self->n_still = 0;
  self->failure = -1;
  self->has_face = self->has_yaw = FALSE;
  self->yaw = self->eyes = 0;
  self->blink_us = 0;
  for (int i = 0; i < LK_N_LIVENESS_CHECKS; i++)
    self->values[i] = (double) NAN;
  self->values[LK_LIVENESS_BLINKS] = 0;
  begin_step (self, LK_LIVENESS_CENTRE, 0);
}

void
lk_liveness_begin (LkLiveness *self)
{
  LkTurn turns[LK_LIVENESS_MAX_TURNS];
  int holds_ms[LK_LIVENESS_MAX_TURNS + 1];

  for (int i = 0; i < LK_LIVENESS_MAX_TURNS; i++)
    turns[i] = (LkTurn) lk_secret_below (2);
  for (int i = 0; i <= LK_LIVENESS_MAX_TURNS; i++)
    holds_ms[i] = HOLD_LEAST_MS + (int) lk_secret_below (HOLD_SPAN_MS + 1);
  lk_liveness_begin_with (self, turns, holds_ms);
}

/* Keeps the worst value.  Returns: whether it passes */
static gboolean
judge (LkLiveness *self, LkLivenessCheck check, double value)
{
  double *worst = &self->values[check];

  if (isnan (*worst) || (infos[check].is_least ? value < *worst : value > *worst))
    *worst = value;
  if (lk_liveness_is_passed (check, value))
    return TRUE;
  self->state = LK_LIVENESS_FAILED;
  self->failure = (int) check;
  return FALSE;
}

static void
push (Values *self, double value)
{
  if (self->n < MAX_FRAMES && !isnan (value))
    self->items[self->n++] = value;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* NaN without any. */
static double
get_median (Values *self)
{
  if (self->n == 0)
    return (double) NAN;
  qsort (self->items, (gsize) self->n, sizeof *self->items, compare);
  return (self->items[self->n / 2] + self->items[(self->n - 1) / 2]) / 2;
}

static gboolean
judge_identity (LkLiveness *self, double least)
{
  double match = get_median (&self->matches);

  if (isinf (least))
    return TRUE;
  return judge (self, LK_LIVENESS_IDENTITY, isnan (match) ? -(double) INFINITY : match - least);
}

/* ---- looking straight ---- */

static void
learn_straight (LkLiveness *self, const LkImage *frame, const LkSighting *seen, double yaw)
{
  LkReliefView view;

  if (!lk_relief_view_init (&view, frame, &seen->face))
    return;
  if (self->n_in == 0)
    {
      memset (self->sums, 0, sizeof self->sums);
      self->yaw_sum = 0;
    }
  if (self->n_in == 0 || fabs (yaw) < fabs (self->best_yaw))
    {
      self->straight = view;
      self->best_yaw = yaw;
    }
  for (int k = 0; k < LK_N_POINTS; k++)
    for (int i = 0; i < 2; i++)
      self->sums[k][i] += view.points[k][i];
  self->yaw_sum += yaw;
  self->n_in++;
}

static void
finish_straight (LkLiveness *self, gint64 when_us)
{
  if (!judge_identity (self, self->options.least_straight))
    return;
  for (int k = 0; k < LK_N_POINTS; k++)
    for (int i = 0; i < 2; i++)
      self->straight.points[k][i] = self->sums[k][i] / self->n_in;
  self->yaw = self->yaw_sum / self->n_in;
  self->has_yaw = TRUE;
  if (self->n_done == self->options.n_turns)
    self->state = LK_LIVENESS_PASSED;
  else
    begin_step (self, LK_LIVENESS_TURN, when_us);
}

static double
get_sign (LkTurn turn)
{
  return turn == LK_TURN_LEFT ? 1 : -1;
}

static void
look_straight (LkLiveness *self, const LkImage *frame, gint64 when_us, const LkSighting *seen,
               double yaw, double match)
{
  double off = self->has_yaw ? yaw - self->yaw : yaw;
  gint64 hold_us = self->holds_ms[self->n_done] * (gint64) 1000;

  if (self->n_done > 0 &&
      !judge (self, LK_LIVENESS_DIRECTION, -get_sign (self->turns[self->n_done - 1]) * off))
    return;
  if (fabs (off) > (self->is_in ? STRAIGHT_OUT : STRAIGHT_IN))
    {
      forget_step (self);
      return;
    }
  if (!self->is_in)
    self->in_us = when_us;
  self->is_in = TRUE;
  learn_straight (self, frame, seen, yaw);
  push (&self->matches, match);
  self->progress = MIN (1, (double) (when_us - self->in_us) / (double) hold_us);
  if (self->n_in >= LEAST_FRAMES && when_us - self->in_us >= hold_us)
    finish_straight (self, when_us);
}

/* ---- turning ---- */

static void
finish_turn (LkLiveness *self, gint64 when_us)
{
  if (judge (self, LK_LIVENESS_RELIEF, get_median (&self->parallaxes)) &&
      judge (self, LK_LIVENESS_WIDTH, get_median (&self->widths)) &&
      judge (self, LK_LIVENESS_FLATNESS, get_median (&self->flatnesses)) &&
      judge_identity (self, self->options.least_turned))
    {
      self->n_done++;
      begin_step (self, LK_LIVENESS_CENTRE, when_us);
    }
}

static void
turn (LkLiveness *self, const LkImage *frame, gint64 when_us, const LkSighting *seen, double yaw,
      double match)
{
  double sign = get_sign (self->turns[self->n_done]), turned = sign * (yaw - self->yaw);
  LkReliefView view;
  LkRelief relief;

  self->progress = CLAMP (turned / TURNED_IN, 0, 1);
  if (!judge (self, LK_LIVENESS_DIRECTION, -turned))
    return;
  if (turned < (self->is_in ? TURNED_OUT : TURNED_IN))
    {
      forget_step (self);
      self->progress = CLAMP (turned / TURNED_IN, 0, 1);
      return;
    }
  if (!lk_relief_view_init (&view, frame, &seen->face))
    return;
  if (!self->is_in)
    self->in_us = when_us;
  self->is_in = TRUE;
  lk_relief_measure (&self->straight, &view, &relief);
  push (&self->parallaxes, sign * relief.parallax);
  push (&self->widths, relief.width / cos (turned * G_PI / 180));
  push (&self->flatnesses, relief.flatness);
  push (&self->matches, match);
  self->n_in++;
  if (self->n_in >= LEAST_FRAMES && when_us - self->in_us >= TURNED_US)
    finish_turn (self, when_us);
}

/* ---- every frame ---- */

/* What moves within @seconds as a share of what a person moves. */
static double
measure_jump (const LkLiveness *self, const LkFace *face, double yaw, double seconds)
{
  const LkFace *last = &self->last;
  double side = MAX (MAX (last->width, last->height), 1), now = MAX (face->width, face->height);
  double dx = face->x + face->width / 2 - last->x - last->width / 2;
  double dy = face->y + face->height / 2 - last->y - last->height / 2;
  double shift = hypot (dx, dy) / side / (SHIFT + SHIFT_S * seconds);
  double growth = fabs (log (MAX (now, 1) / side)) / (GROWTH + GROWTH_S * seconds);
  double degrees = fabs (yaw - self->last_yaw) / (DEGREES + DEGREES_S * seconds);

  return MAX (shift, MAX (growth, degrees));
}

/* Whether the same face goes on without a jump. */
static gboolean
judge_continuity (LkLiveness *self, const LkSighting *seen, double yaw, gint64 when_us)
{
  double seconds = (double) (when_us - self->last_us) / G_USEC_PER_SEC;

  if (self->has_face && (seen->serial != self->serial || seconds < 0))
    return judge (self, LK_LIVENESS_CONTINUITY, (double) INFINITY);
  if (self->has_face &&
      !judge (self, LK_LIVENESS_CONTINUITY, measure_jump (self, &seen->face, yaw, seconds)))
    return FALSE;
  self->has_face = TRUE;
  self->serial = seen->serial;
  self->last = seen->face;
  self->last_yaw = yaw;
  self->last_us = when_us;
  return TRUE;
}

static gboolean
judge_replay (LkLiveness *self, const LkImage *frame)
{
  LkReplayFrame replay;
  double share;

  lk_replay_add (self->replay, frame, &replay);
  if (self->state == LK_LIVENESS_TURN)
    {
      self->n_frames++;
      self->n_still += replay.stir <= LK_REPLAY_ALIKE;
    }
  share = self->n_frames >= LEAST_STILL ? (double) self->n_still / self->n_frames : 0;
  self->values[LK_LIVENESS_STILLNESS] = share; /* as a whole, not the worst on the way */
  return judge (self, LK_LIVENESS_LOOP, replay.run);
}

static gboolean
judge_time (LkLiveness *self, gint64 when_us)
{
  if (judge (self, LK_LIVENESS_TIME, (double) (when_us - self->step_us) / G_USEC_PER_SEC))
    return TRUE;
  /* The better reason. */
  judge (self, LK_LIVENESS_STILLNESS, self->values[LK_LIVENESS_STILLNESS]);
  return FALSE;
}

/* A dip of the eyes' contrast that is over soon. */
static void
count_blink (LkLiveness *self, double eyes, double yaw, gint64 when_us)
{
  if (isnan (eyes) || fabs (yaw - self->yaw) > STRAIGHT_OUT)
    self->blink_us = 0;
  else if (self->eyes <= 0)
    self->eyes = eyes;
  else if (eyes < BLINK_DEPTH * self->eyes)
    {
      if (self->blink_us == 0)
        self->blink_us = when_us;
    }
  else
    {
      if (self->blink_us != 0 && eyes > BLINK_OPEN * self->eyes &&
          when_us - self->blink_us <= BLINK_MAX_US)
        self->values[LK_LIVENESS_BLINKS]++;
      self->blink_us = 0;
      self->eyes += BLINK_RATE * (eyes - self->eyes);
    }
}

LkLivenessState
lk_liveness_add (LkLiveness *self, const LkImage *frame, gint64 when_us, const LkSighting *seen,
                 double match)
{
  LkPose pose;

  if (self->state != LK_LIVENESS_CENTRE && self->state != LK_LIVENESS_TURN)
    return self->state;
  if (self->step_us == 0)
    self->step_us = when_us;
  if (!judge_replay (self, frame) || !judge_time (self, when_us))
    return self->state;
  if (!seen->has_face || !lk_face_pose (&seen->face, &pose))
    {
      if (self->has_face && when_us - self->last_us > GONE_US)
        judge (self, LK_LIVENESS_CONTINUITY, (double) INFINITY);
      return self->state;
    }
  if (!judge_continuity (self, seen, pose.yaw, when_us))
    return self->state;
  count_blink (self, seen->quality.values[LK_QUALITY_EYES_VISIBLE], pose.yaw, when_us);
  if (self->state == LK_LIVENESS_CENTRE)
    look_straight (self, frame, when_us, seen, pose.yaw, match);
  else
    turn (self, frame, when_us, seen, pose.yaw, match);
  /* At the end, so that a head which turned late is not refused for having waited. */
  if (self->state == LK_LIVENESS_PASSED)
    judge (self, LK_LIVENESS_STILLNESS, self->values[LK_LIVENESS_STILLNESS]);
  return self->state;
}

/* ---- what is told ---- */

LkLivenessState
lk_liveness_get_state (const LkLiveness *self)
{
  return self->state;
}

LkTurn
lk_liveness_get_turn (const LkLiveness *self)
{
  return self->turns[MIN (self->n_done, self->options.n_turns - 1)];
}

double
lk_liveness_get_progress (const LkLiveness *self)
{
  return self->progress;
}

int
lk_liveness_get_n_done (const LkLiveness *self, int *n_all)
{
  int n = self->options.n_turns;

  if (n_all != NULL)
    *n_all = 2 * n + 1;
  return self->state == LK_LIVENESS_PASSED ? 2 * n + 1
                                           : 2 * self->n_done + (self->state == LK_LIVENESS_TURN);
}

const char *
lk_liveness_get_sentence (const LkLiveness *self)
{
  switch (self->state)
    {
    case LK_LIVENESS_CENTRE:
      return self->n_done == 0 ? _ ("Look straight into the camera.")
                               : _ ("Now look straight again.");
    case LK_LIVENESS_TURN:
      return lk_liveness_get_turn (self) == LK_TURN_LEFT ? _ ("Turn your head to the left.")
                                                         : _ ("Turn your head to the right.");
    case LK_LIVENESS_PASSED:
      return _ ("The head turned as it was asked to.");
    case LK_LIVENESS_FAILED:
      return _ (infos[self->failure].sentence);
    case LK_LIVENESS_IDLE:
    default:
      return "";
    }
}

int
lk_liveness_get_failure (const LkLiveness *self)
{
  return self->failure;
}

double
lk_liveness_get_value (const LkLiveness *self, LkLivenessCheck check)
{
  g_return_val_if_fail (check < LK_N_LIVENESS_CHECKS, (double) NAN);
  return self->values[check];
}
