/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-enrolment.h"

#include "lk-choice.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A camera that paused, or a program that was stopped, is not the person's fault. */
#define MAX_STEP_US (500 * 1000)
#define OTHER_US    (400 * 1000) /* between two frames that fit no stage */
#define BETTER      1.05         /* a frame takes another's place when it is so much better */
#define ENOUGH      0.5          /* of the best rate of its stage */

static const struct
{
  LkEnrolStageInfo info;
  int n_wanted; /* frames */
} stages[LK_N_ENROL_STAGES] = {
  /* The face is seen from the front most: more of it. */
  [LK_ENROL_STRAIGHT] = {
      { "straight", N_("Straight"), N_("Look straight at the camera.") }, 5 },
      [LK_ENROL_LEFT] = {
          { "left", N_("Left"), N_("Turn your head a little to the left.") }, 3 },
          [LK_ENROL_RIGHT] = {
              { "right", N_("Right"), N_("Turn your head a little to the right.") }, 3 },
              [LK_ENROL_UP] = {
                  { "up", N_("Up"), N_("Raise your chin a little.") }, 3 },
                  [LK_ENROL_DOWN] = {
                      { "down", N_("Down"), N_("Lower your chin a little.") }, 3 },
                      [LK_ENROL_NEAR] = {
                          { "near", N_("Near"), N_("Come a little closer.") }, 3 },
                          [LK_ENROL_FAR] = { { "far", N_("Far"), N_("Move back a little.") }, 3 },
                          };

typedef struct
{
  gboolean is_used;
  double rate;
  guint face;
  LkPose pose;
} Slot;

typedef struct
{
  gboolean is_passed, is_skipped;
  int n_slots, n_taken;
  gint64 taken_us;
  double progress;
} Stage;

struct _LkEnrolment
{
  LkEnrolStatus status;
  LkEnrolStage asked, last;
  Stage stages[LK_N_ENROL_STAGES + 1]; /* the last: frames that fit none */
  Slot slots[LK_ENROL_N_SLOTS];
  gboolean has_base;
  LkPose base; /* the straight look */
  gint64 when_us;
  gint64 asked_us; /* for how long the stage has been asked for */
  gint64 alone_us; /* for how long no frame could be used */
  int n_skipped_in_row;
  gboolean is_begun;
};

const LkEnrolStageInfo *
lk_enrol_stage_get_info (LkEnrolStage stage)
{
  g_return_val_if_fail (stage < LK_N_ENROL_STAGES, NULL);
  return &stages[stage].info;
}

const char *
lk_enrol_status_to_string (LkEnrolStatus status)
{
  static const char *const names[] = {
    [LK_ENROL_ASKING] = "enrol-asking",
    [LK_ENROL_RETRY] = "enrol-retry",
    [LK_ENROL_TAKEN] = "enrol-taken",
    [LK_ENROL_STAGE_PASSED] = "enrol-stage-passed",
    [LK_ENROL_STAGE_SKIPPED] = "enrol-stage-skipped",
    [LK_ENROL_DUPLICATE] = "enrol-duplicate",
    [LK_ENROL_COMPLETED] = "enrol-completed",
    [LK_ENROL_TIMED_OUT] = "enrol-timed-out",
  };

  g_return_val_if_fail ((guint) status < G_N_ELEMENTS (names), NULL);
  return names[status];
}

double
lk_enrolment_rate (const LkQuality *quality, int warning)
{
  double sharpness = quality->values[LK_QUALITY_SHARPNESS];

  /* In the guide frame it is not measured. */
  sharpness = isnan (sharpness) ? 0.5 : CLAMP (sharpness, 0.01, 1);
  return warning >= 0 ? sharpness / 2 : sharpness;
}

LkEnrolment *
lk_enrolment_new (void)
{
  return g_new0 (LkEnrolment, 1);
}

void
lk_enrolment_free (LkEnrolment *self)
{
  g_free (self);
}

static gboolean
is_open (const LkEnrolment *self, LkEnrolStage stage)
{
  return stage < LK_N_ENROL_STAGES && !self->stages[stage].is_passed &&
         !self->stages[stage].is_skipped;
}

static gboolean
is_over (const LkEnrolment *self)
{
  return self->status == LK_ENROL_COMPLETED || self->status == LK_ENROL_TIMED_OUT;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
find_median (double *values, int n)
{
  qsort (values, (gsize) n, sizeof *values, compare);
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

/* The median pose of the frames of a stage. */
static gboolean
set_base (LkEnrolment *self, LkEnrolStage stage)
{
  double yaw[LK_ENROL_STAGE_SLOTS], pitch[LK_ENROL_STAGE_SLOTS], scale[LK_ENROL_STAGE_SLOTS];
  int n = self->stages[stage].n_slots;

  for (int i = 0; i < n; i++)
    {
      const LkPose *pose = &self->slots[(int) stage * LK_ENROL_STAGE_SLOTS + i].pose;

      yaw[i] = pose->yaw;
      pitch[i] = pose->pitch;
      scale[i] = pose->scale;
    }
  if (n == 0)
    return FALSE;
  self->base = (LkPose){ .yaw = find_median (yaw, n),
                         .pitch = find_median (pitch, n),
                         .scale = find_median (scale, n) };
  self->has_base = self->base.scale > 0;
  return TRUE;
}

/* How far towards a stage a pose is, 1: there. */
static double
measure (const LkEnrolment *self, LkEnrolStage stage, const LkPose *pose)
{
  double yaw = pose->yaw - self->base.yaw, pitch = pose->pitch - self->base.pitch;
  double size = self->has_base ? pose->scale / self->base.scale : 1;

  switch (stage)
    {
    case LK_ENROL_STRAIGHT:
      return 1 / MAX (1, MAX (fabs (yaw) / LK_ENROL_STRAIGHT_YAW,
                              fabs (pitch) / LK_ENROL_STRAIGHT_PITCH));
    case LK_ENROL_LEFT: /* the picture's right */
      return yaw / LK_ENROL_TURN_YAW;
    case LK_ENROL_RIGHT:
      return -yaw / LK_ENROL_TURN_YAW;
    case LK_ENROL_UP:
      return -pitch / LK_ENROL_TURN_PITCH;
    case LK_ENROL_DOWN:
      return pitch / LK_ENROL_TURN_PITCH;
    case LK_ENROL_NEAR:
      return log (size) / log (LK_ENROL_NEARER);
    case LK_ENROL_FAR:
      return log (size) / log (LK_ENROL_FARTHER);
    case LK_N_ENROL_STAGES:
    default:
      return 0;
    }
}

/* The stage that a frame counts for: the one asked for, if it fits that; else the first one
 * still open that it fits. */
static LkEnrolStage
find_stage (const LkEnrolment *self, const LkEnrolFrame *frame)
{
  if (!frame->has_pose)
    return self->asked_us >= LK_ENROL_TRUST_US || self->asked == LK_ENROL_STRAIGHT ? self->asked
                                                                                   : LK_ENROL_OTHER;
  if (measure (self, self->asked, &frame->pose) >= 1)
    return self->asked;
  for (LkEnrolStage stage = LK_ENROL_LEFT; self->has_base && stage < LK_N_ENROL_STAGES; stage++)
    if (is_open (self, stage) && measure (self, stage, &frame->pose) >= 1)
      return stage;
  return LK_ENROL_OTHER;
}

/* A place for the frame among those of its stage, or -1. */
static int
find_slot (LkEnrolment *self, LkEnrolStage stage, const LkEnrolFrame *frame)
{
  Stage *of = &self->stages[stage];
  int first = (int) stage * LK_ENROL_STAGE_SLOTS, worst = first;
  gint64 spacing_us = stage == LK_ENROL_OTHER ? OTHER_US : LK_ENROL_SPACING_US;

  if (of->n_taken > 0 && frame->when_us - of->taken_us < spacing_us)
    return -1;
  if (of->n_slots < LK_ENROL_STAGE_SLOTS)
    worst = first + of->n_slots++;
  else
    {
      for (int i = first; i < first + LK_ENROL_STAGE_SLOTS; i++)
        if (self->slots[i].rate < self->slots[worst].rate)
          worst = i;
      if (frame->rate < BETTER * self->slots[worst].rate)
        return -1;
    }
  of->n_taken++;
  of->taken_us = frame->when_us;
  self->slots[worst] = (Slot){ TRUE, frame->rate, frame->face, frame->pose };
  return worst;
}

static void
ask_next (LkEnrolment *self)
{
  while (self->asked < LK_N_ENROL_STAGES && !is_open (self, self->asked))
    self->asked++;
  self->asked_us = 0;
  if (self->asked == LK_N_ENROL_STAGES)
    self->status = LK_ENROL_COMPLETED;
}

static void
pass (LkEnrolment *self, LkEnrolStage stage)
{
  self->stages[stage].is_passed = TRUE;
  self->stages[stage].progress = 1;
  self->last = stage;
  self->status = LK_ENROL_STAGE_PASSED;
  self->n_skipped_in_row = 0;
  if (stage == self->asked)
    ask_next (self);
}

static void
skip (LkEnrolment *self)
{
  /* Whom the camera sees from the side all the time is straight so. */
  if (self->asked == LK_ENROL_STRAIGHT)
    {
      if (set_base (self, LK_ENROL_STRAIGHT) || set_base (self, LK_ENROL_OTHER))
        pass (self, LK_ENROL_STRAIGHT);
      return;
    }
  self->stages[self->asked].is_skipped = TRUE;
  self->stages[self->asked].progress = 0;
  self->last = self->asked;
  self->status = LK_ENROL_STAGE_SKIPPED;
  self->n_skipped_in_row++;
  ask_next (self);
}

static void
count (LkEnrolment *self, const LkEnrolFrame *frame, int *slot)
{
  LkEnrolStage stage = find_stage (self, frame);
  Stage *of = &self->stages[stage];

  *slot = find_slot (self, stage, frame);
  self->status = *slot >= 0 && stage != LK_ENROL_OTHER ? LK_ENROL_TAKEN : LK_ENROL_ASKING;
  if (stage != LK_ENROL_OTHER)
    {
      of->progress = MAX (of->progress, 0.5 + 0.5 * of->n_taken / stages[stage].n_wanted);
      if (of->n_taken >= stages[stage].n_wanted && is_open (self, stage))
        {
          if (stage == LK_ENROL_STRAIGHT && frame->has_pose)
            set_base (self, stage);
          pass (self, stage);
        }
    }
  if (self->asked < LK_N_ENROL_STAGES && self->stages[self->asked].n_taken == 0)
    self->stages[self->asked].progress =
        frame->has_pose ? 0.5 * CLAMP (measure (self, self->asked, &frame->pose), 0, 1)
                        : MIN (0.5, 0.5 * (double) self->asked_us / LK_ENROL_TRUST_US);
}

LkEnrolStatus
lk_enrolment_update (LkEnrolment *self, const LkEnrolFrame *frame, int *slot)
{
  gint64 step_us = self->is_begun ? CLAMP (frame->when_us - self->when_us, 0, MAX_STEP_US) : 0;

  *slot = -1;
  self->is_begun = TRUE;
  self->when_us = frame->when_us;
  if (is_over (self) || self->status == LK_ENROL_DUPLICATE)
    return self->status;

  self->asked_us += frame->is_usable ? step_us : step_us / 2;
  self->alone_us = frame->is_usable ? 0 : self->alone_us + step_us;
  if (frame->is_usable)
    count (self, frame, slot);
  else
    self->status = LK_ENROL_RETRY;
  if (self->alone_us >= LK_ENROL_ALONE_US)
    self->status = LK_ENROL_TIMED_OUT;
  else if (!is_over (self) &&
           self->asked_us >= LK_ENROL_STAGE_US / (self->n_skipped_in_row >= 2 ? 2 : 1))
    skip (self);
  return self->status;
}

LkEnrolStatus
lk_enrolment_skip (LkEnrolment *self)
{
  if (!is_over (self) && self->status != LK_ENROL_DUPLICATE && self->asked != LK_ENROL_STRAIGHT)
    skip (self);
  return self->status;
}

void
lk_enrolment_report_duplicate (LkEnrolment *self)
{
  if (!is_over (self))
    self->status = LK_ENROL_DUPLICATE;
}

void
lk_enrolment_go_on (LkEnrolment *self)
{
  if (self->status == LK_ENROL_DUPLICATE)
    self->status = LK_ENROL_ASKING;
}

LkEnrolStatus
lk_enrolment_get_status (const LkEnrolment *self)
{
  return self->status;
}

LkEnrolStage
lk_enrolment_get_stage (const LkEnrolment *self)
{
  return self->asked;
}

LkEnrolStage
lk_enrolment_get_last (const LkEnrolment *self)
{
  return self->last;
}

gboolean
lk_enrolment_is_passed (const LkEnrolment *self, LkEnrolStage stage)
{
  g_return_val_if_fail (stage < LK_N_ENROL_STAGES, FALSE);
  return self->stages[stage].is_passed;
}

gboolean
lk_enrolment_is_skipped (const LkEnrolment *self, LkEnrolStage stage)
{
  g_return_val_if_fail (stage < LK_N_ENROL_STAGES, FALSE);
  return self->stages[stage].is_skipped;
}

double
lk_enrolment_get_progress (const LkEnrolment *self, LkEnrolStage stage)
{
  g_return_val_if_fail (stage < LK_N_ENROL_STAGES, 0);
  return self->stages[stage].progress;
}

int
lk_enrolment_get_n_passed (const LkEnrolment *self)
{
  int n = 0;

  for (int stage = 0; stage < LK_N_ENROL_STAGES; stage++)
    n += self->stages[stage].is_passed;
  return n;
}

gboolean
lk_enrolment_get_slot (const LkEnrolment *self, int slot, LkEnrolStage *stage, double *rate,
                       guint *face)
{
  const Slot *at;

  g_return_val_if_fail (slot >= 0 && slot < LK_ENROL_N_SLOTS, FALSE);
  at = &self->slots[slot];
  if (!at->is_used)
    return FALSE;
  if (stage != NULL)
    *stage = (LkEnrolStage) (slot / LK_ENROL_STAGE_SLOTS);
  if (rate != NULL)
    *rate = at->rate;
  if (face != NULL)
    *face = at->face;
  return TRUE;
}

/* The best slot of a stage that may be taken, or -1. */
static int
find_best (const LkEnrolment *self, int stage, const gboolean *left_out)
{
  int best = -1;

  for (int i = stage * LK_ENROL_STAGE_SLOTS; i < (stage + 1) * LK_ENROL_STAGE_SLOTS; i++)
    if (self->slots[i].is_used && (left_out == NULL || !left_out[i]) &&
        (best < 0 || self->slots[i].rate > self->slots[best].rate))
      best = i;
  return best;
}

/* A still picture fits one stage with all its frames: of each only what is new. */
static gboolean
is_new (const float *embeddings, int size, const int *chosen, int n, int slot)
{
  for (int k = 0; k < n; k++)
    if (lk_embedding_distance (embeddings + (gsize) chosen[k] * (gsize) size,
                               embeddings + (gsize) slot * (gsize) size, size) < 1e-7)
      return FALSE;
  return TRUE;
}

void
lk_enrolment_choose (const LkEnrolment *self, const float *embeddings, int size,
                     const gboolean *left_out, int *anchors, int *n_anchors, int *positives,
                     int *n_positives)
{
  double rates[LK_ENROL_N_SLOTS] = { 0 };
  int chosen[LK_ENROL_N_SLOTS], n = 0;
  int n_both = MIN (*n_anchors + *n_positives, LK_ENROL_N_SLOTS);

  for (int stage = 0; stage <= LK_N_ENROL_STAGES; stage++)
    {
      int best = find_best (self, stage, left_out);

      if (best < 0)
        continue;
      for (int i = stage * LK_ENROL_STAGE_SLOTS; i < (stage + 1) * LK_ENROL_STAGE_SLOTS; i++)
        if (self->slots[i].is_used && (left_out == NULL || !left_out[i]) &&
            self->slots[i].rate >= ENOUGH * self->slots[best].rate)
          rates[i] = self->slots[i].rate;
      if (stage < LK_N_ENROL_STAGES && n < *n_anchors && is_new (embeddings, size, chosen, n, best))
        chosen[n++] = best;
    }
  n = lk_choose_different (embeddings, LK_ENROL_N_SLOTS, size, rates, chosen, n, n_both);

  *n_anchors = MIN (*n_anchors, n);
  *n_positives = n - *n_anchors;
  memcpy (anchors, chosen, sizeof *anchors * (gsize) *n_anchors);
  memcpy (positives, chosen + *n_anchors, sizeof *positives * (gsize) *n_positives);
}
