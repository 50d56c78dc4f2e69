/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/lk-enrolment.h"

#include <math.h>

#define FRAME_US 33333

/* A person before the camera. */
typedef struct
{
  LkEnrolment *enrolment;
  gint64 when_us;
  LkPose pose;
  gboolean has_pose;
  double rate;
  int n_events[LK_ENROL_TIMED_OUT + 1];
  int n_kept;
} Sitting;

static void
sit (Sitting *self)
{
  *self = (Sitting){ .enrolment = lk_enrolment_new (),
                     .when_us = 12345,
                     .pose = { .yaw = 4, .pitch = -6, .roll = 1, .scale = 60 },
                     .has_pose = TRUE,
                     .rate = 0.6 };
}

static LkEnrolStatus
show (Sitting *self, gboolean is_usable)
{
  LkEnrolFrame frame = {
    self->when_us += FRAME_US, is_usable, self->has_pose, self->pose, self->rate, 1
  };
  LkEnrolStatus status;
  int slot = 99;

  status = lk_enrolment_update (self->enrolment, &frame, &slot);
  g_assert_cmpint (slot, >=, -1);
  g_assert_cmpint (slot, <, LK_ENROL_N_SLOTS);
  g_assert_true (slot < 0 || is_usable);
  g_assert_cmpint (status, ==, lk_enrolment_get_status (self->enrolment));
  self->n_kept += slot >= 0;
  self->n_events[status]++;
  return status;
}

/* Frames of @s seconds, or until something is passed, skipped or over. */
static LkEnrolStatus
hold (Sitting *self, double yaw, double pitch, double scale, double s)
{
  LkEnrolStatus status = LK_ENROL_ASKING;

  self->pose.yaw = yaw;
  self->pose.pitch = pitch;
  self->pose.scale = scale;
  for (int i = 0; i < s * 1e6 / FRAME_US; i++)
    if ((status = show (self, TRUE)) >= LK_ENROL_STAGE_PASSED)
      break;
  return status;
}

#define assert_stage(sitting, stage)                                                               \
  g_assert_cmpint (lk_enrolment_get_stage ((sitting)->enrolment), ==, stage)

/* Who does as told is through in under ten seconds, although a camera that stands low sees
 * everybody from below. */
static void
test_all_stages (void)
{
  const struct
  {
    LkEnrolStage stage;
    double yaw, pitch, scale;
  } looks[] = {
    { LK_ENROL_STRAIGHT, 4, -6, 60 }, { LK_ENROL_LEFT, 19, -6, 58 },
    { LK_ENROL_RIGHT, -12, -7, 61 },  { LK_ENROL_UP, 4, -17, 60 },
    { LK_ENROL_DOWN, 3, 5, 60 },      { LK_ENROL_NEAR, 5, -6, 80 },
    { LK_ENROL_FAR, 4, -6, 44 },
  };
  Sitting sitting;
  gint64 begun_us;

  sit (&sitting);
  begun_us = sitting.when_us;
  for (int i = 0; i < LK_N_ENROL_STAGES; i++)
    {
      LkEnrolStatus status;

      assert_stage (&sitting, looks[i].stage);
      g_assert_false (lk_enrolment_is_passed (sitting.enrolment, looks[i].stage));
      hold (&sitting, 4, -6, 60, 0.5); /* the way there */
      status = hold (&sitting, looks[i].yaw, looks[i].pitch, looks[i].scale, 3);
      g_assert_cmpint (status, ==,
                       i == LK_N_ENROL_STAGES - 1 ? LK_ENROL_COMPLETED : LK_ENROL_STAGE_PASSED);
      g_assert_cmpint (lk_enrolment_get_last (sitting.enrolment), ==, looks[i].stage);
      g_assert_true (lk_enrolment_is_passed (sitting.enrolment, looks[i].stage));
      g_assert_cmpfloat (lk_enrolment_get_progress (sitting.enrolment, looks[i].stage), ==, 1);
    }
  g_assert_cmpint (lk_enrolment_get_n_passed (sitting.enrolment), ==, LK_N_ENROL_STAGES);
  g_assert_cmpint (sitting.n_events[LK_ENROL_STAGE_SKIPPED], ==, 0);
  g_assert_cmpint (sitting.when_us - begun_us, <, 10 * G_USEC_PER_SEC);
  assert_stage (&sitting, LK_N_ENROL_STAGES);
  /* It is over: nothing is kept any more. */
  g_assert_cmpint (show (&sitting, TRUE), ==, LK_ENROL_COMPLETED);
  g_assert_cmpint (lk_enrolment_skip (sitting.enrolment), ==, LK_ENROL_COMPLETED);
  lk_enrolment_free (sitting.enrolment);
}

/* One stage's frames lie apart: a single look is not the same picture thrice. */
static void
test_spacing (void)
{
  Sitting sitting;
  gint64 last_us = 0;
  int n = 0;

  sit (&sitting);
  while (n < 4)
    if (show (&sitting, TRUE) == LK_ENROL_TAKEN)
      {
        g_assert_true (n == 0 || sitting.when_us - last_us >= LK_ENROL_SPACING_US);
        last_us = sitting.when_us;
        n++;
      }
  lk_enrolment_free (sitting.enrolment);
}

/* Left was asked for, right came: it counts, and left is asked for still. */
static void
test_other_order (void)
{
  Sitting sitting;

  sit (&sitting);
  g_assert_cmpint (hold (&sitting, 4, -6, 60, 3), ==, LK_ENROL_STAGE_PASSED);
  assert_stage (&sitting, LK_ENROL_LEFT);
  g_assert_cmpint (hold (&sitting, -15, -6, 60, 3), ==, LK_ENROL_STAGE_PASSED);
  g_assert_cmpint (lk_enrolment_get_last (sitting.enrolment), ==, LK_ENROL_RIGHT);
  assert_stage (&sitting, LK_ENROL_LEFT);
  g_assert_cmpint (hold (&sitting, 22, -6, 60, 3), ==, LK_ENROL_STAGE_PASSED);
  assert_stage (&sitting, LK_ENROL_UP);
  lk_enrolment_free (sitting.enrolment);
}

/* The way to a stage shows before its first frame does. */
static void
test_progress (void)
{
  Sitting sitting;
  double half, more;

  sit (&sitting);
  hold (&sitting, 4, -6, 60, 3);
  hold (&sitting, 4 + LK_ENROL_TURN_YAW / 2, -6, 60, 0.1);
  half = lk_enrolment_get_progress (sitting.enrolment, LK_ENROL_LEFT);
  g_assert_cmpfloat_with_epsilon (half, 0.25, 0.01);
  hold (&sitting, -10, -6, 60, 0.1);
  g_assert_cmpfloat (lk_enrolment_get_progress (sitting.enrolment, LK_ENROL_LEFT), ==, 0);
  hold (&sitting, 25, -6, 60, 0.1);
  more = lk_enrolment_get_progress (sitting.enrolment, LK_ENROL_LEFT);
  g_assert_cmpfloat (more, >, 0.5);
  g_assert_cmpfloat (more, <, 1);
  lk_enrolment_free (sitting.enrolment);
}

/* Frames that cannot be used are told, kept nowhere, and leave twice the time. */
static void
test_retry (void)
{
  Sitting sitting;
  gint64 begun_us;

  sit (&sitting);
  for (int i = 0; i < 100; i++)
    g_assert_cmpint (show (&sitting, FALSE), ==, LK_ENROL_RETRY);
  g_assert_cmpint (sitting.n_kept, ==, 0);
  hold (&sitting, 4, -6, 60, 3);
  begun_us = sitting.when_us;
  while (show (&sitting, FALSE) == LK_ENROL_RETRY)
    ;
  g_assert_cmpint (lk_enrolment_get_status (sitting.enrolment), ==, LK_ENROL_STAGE_SKIPPED);
  g_assert_cmpint (ABS (sitting.when_us - begun_us - 2 * LK_ENROL_STAGE_US), <, 2 * FRAME_US);
  lk_enrolment_free (sitting.enrolment);
}

/* Nobody there: it ends, also after the straight look. */
static void
test_time_out (void)
{
  Sitting sitting;
  gint64 begun_us;

  sit (&sitting);
  begun_us = sitting.when_us;
  while (show (&sitting, FALSE) == LK_ENROL_RETRY)
    ;
  g_assert_cmpint (lk_enrolment_get_status (sitting.enrolment), ==, LK_ENROL_TIMED_OUT);
  g_assert_cmpint (ABS (sitting.when_us - begun_us - LK_ENROL_ALONE_US), <, 2 * FRAME_US);
  g_assert_cmpint (show (&sitting, TRUE), ==, LK_ENROL_TIMED_OUT);
  lk_enrolment_free (sitting.enrolment);

  sit (&sitting);
  hold (&sitting, 4, -6, 60, 3);
  while (show (&sitting, FALSE) < LK_ENROL_COMPLETED)
    ;
  g_assert_cmpint (lk_enrolment_get_status (sitting.enrolment), ==, LK_ENROL_TIMED_OUT);
  lk_enrolment_free (sitting.enrolment);
}

/* A head that is held still is through in the end, with the stages that could not be met
 * skipped, and quicker from the third on. */
static void
test_still (void)
{
  Sitting sitting;
  gint64 begun_us;

  sit (&sitting);
  hold (&sitting, 4, -6, 60, 3);
  g_assert_true (lk_enrolment_is_passed (sitting.enrolment, LK_ENROL_STRAIGHT));
  for (LkEnrolStage stage = LK_ENROL_LEFT; stage < LK_N_ENROL_STAGES; stage++)
    {
      gint64 time_us = stage < LK_ENROL_UP ? LK_ENROL_STAGE_US : LK_ENROL_STAGE_US / 2;

      assert_stage (&sitting, stage);
      begun_us = sitting.when_us;
      g_assert_cmpint (hold (&sitting, 4, -6, 60, 10), ==,
                       stage == LK_ENROL_FAR ? LK_ENROL_COMPLETED : LK_ENROL_STAGE_SKIPPED);
      g_assert_cmpint (ABS (sitting.when_us - begun_us - time_us), <, 2 * FRAME_US);
      g_assert_true (lk_enrolment_is_skipped (sitting.enrolment, stage));
    }
  g_assert_cmpint (lk_enrolment_get_n_passed (sitting.enrolment), ==, 1);
  lk_enrolment_free (sitting.enrolment);
}

/* Somebody whom the camera sees from the side: straight is what it sees. */
static void
test_from_the_side (void)
{
  Sitting sitting;
  gint64 begun_us;

  sit (&sitting);
  begun_us = sitting.when_us;
  g_assert_cmpint (hold (&sitting, 26, 0, 60, 10), ==, LK_ENROL_STAGE_PASSED);
  g_assert_cmpint (ABS (sitting.when_us - begun_us - LK_ENROL_STAGE_US), <, 2 * FRAME_US);
  assert_stage (&sitting, LK_ENROL_LEFT);
  hold (&sitting, 30, 0, 60, 0.5); /* not turned from where it was */
  g_assert_false (lk_enrolment_is_passed (sitting.enrolment, LK_ENROL_LEFT));
  hold (&sitting, 41, 0, 60, 3);
  g_assert_true (lk_enrolment_is_passed (sitting.enrolment, LK_ENROL_LEFT));
  g_assert_cmpint (hold (&sitting, 10, 0, 60, 3), ==, LK_ENROL_STAGE_PASSED);
  g_assert_true (lk_enrolment_is_passed (sitting.enrolment, LK_ENROL_RIGHT));
  lk_enrolment_free (sitting.enrolment);
}

/* In the guide frame nobody can see how the head is turned: there is time to do it. */
static void
test_trust (void)
{
  Sitting sitting;

  sit (&sitting);
  sitting.has_pose = FALSE;
  for (LkEnrolStage stage = LK_ENROL_STRAIGHT; stage < LK_N_ENROL_STAGES; stage++)
    {
      gint64 begun_us = sitting.when_us;

      assert_stage (&sitting, stage);
      g_assert_cmpint (hold (&sitting, 0, 0, 0, 5), ==,
                       stage == LK_ENROL_FAR ? LK_ENROL_COMPLETED : LK_ENROL_STAGE_PASSED);
      if (stage != LK_ENROL_STRAIGHT)
        g_assert_cmpint (sitting.when_us - begun_us, >, LK_ENROL_TRUST_US);
    }
  lk_enrolment_free (sitting.enrolment);
}

static void
test_skip (void)
{
  Sitting sitting;

  sit (&sitting);
  show (&sitting, TRUE);
  lk_enrolment_skip (sitting.enrolment); /* not that one */
  assert_stage (&sitting, LK_ENROL_STRAIGHT);
  hold (&sitting, 4, -6, 60, 3);
  for (LkEnrolStage stage = LK_ENROL_LEFT; stage < LK_ENROL_FAR; stage++)
    g_assert_cmpint (lk_enrolment_skip (sitting.enrolment), ==, LK_ENROL_STAGE_SKIPPED);
  g_assert_cmpint (lk_enrolment_skip (sitting.enrolment), ==, LK_ENROL_COMPLETED);
  lk_enrolment_free (sitting.enrolment);
}

/* While the person is asked what to do about it, no time passes and nothing is kept. */
static void
test_duplicate (void)
{
  Sitting sitting;
  int n_kept;

  sit (&sitting);
  hold (&sitting, 4, -6, 60, 3);
  lk_enrolment_report_duplicate (sitting.enrolment);
  n_kept = sitting.n_kept;
  g_assert_cmpint (hold (&sitting, 25, -6, 60, 60), ==, LK_ENROL_DUPLICATE);
  g_assert_cmpint (lk_enrolment_skip (sitting.enrolment), ==, LK_ENROL_DUPLICATE);
  g_assert_cmpint (sitting.n_kept, ==, n_kept);
  assert_stage (&sitting, LK_ENROL_LEFT);
  lk_enrolment_go_on (sitting.enrolment);
  g_assert_cmpint (lk_enrolment_get_status (sitting.enrolment), ==, LK_ENROL_ASKING);
  g_assert_cmpint (hold (&sitting, 25, -6, 60, 3), ==, LK_ENROL_STAGE_PASSED);
  lk_enrolment_free (sitting.enrolment);
}

/* A program that was stopped for an hour has lost nobody's time. */
static void
test_pause (void)
{
  Sitting sitting;

  sit (&sitting);
  hold (&sitting, 4, -6, 60, 3);
  sitting.when_us += (gint64) 3600 * G_USEC_PER_SEC;
  g_assert_cmpint (show (&sitting, TRUE), <, LK_ENROL_STAGE_PASSED);
  assert_stage (&sitting, LK_ENROL_LEFT);
  lk_enrolment_free (sitting.enrolment);
}

/* A stage's places are full: what is clearly better takes the worst one's. */
static void
test_slots (void)
{
  Sitting sitting;
  double worst = 1;

  sit (&sitting);
  hold (&sitting, 30, 0, 60, 3.9); /* none of them straight */
  for (int i = 0; i < LK_ENROL_STAGE_SLOTS; i++)
    {
      LkEnrolStage stage;
      double rate;
      guint face;

      if (i < 9)
        g_assert_true (lk_enrolment_get_slot (
            sitting.enrolment, LK_ENROL_OTHER * LK_ENROL_STAGE_SLOTS + i, &stage, &rate, &face));
      g_assert_false (lk_enrolment_get_slot (sitting.enrolment, i, NULL, NULL, NULL));
    }
  lk_enrolment_free (sitting.enrolment);

  sit (&sitting);
  hold (&sitting, 4, -6, 60, 3);
  for (int i = 0; i < 300; i++)
    {
      sitting.rate = i < 100 ? 0.3 : 0.9;
      sitting.pose.yaw = 8; /* fits no stage */
      show (&sitting, TRUE);
    }
  for (int i = 0; i < LK_ENROL_STAGE_SLOTS; i++)
    {
      double rate;

      if (lk_enrolment_get_slot (sitting.enrolment, LK_ENROL_OTHER * LK_ENROL_STAGE_SLOTS + i, NULL,
                                 &rate, NULL))
        worst = MIN (worst, rate);
    }
  g_assert_cmpfloat (worst, ==, 0.9);
  lk_enrolment_free (sitting.enrolment);
}

/* ---- the choice ---- */

static float embeddings[LK_ENROL_N_SLOTS][2];

/* Each slot's embedding at an angle of its own: 47 degrees a stage, 16 a frame. */
static void
embed (void)
{
  for (int i = 0; i < LK_ENROL_N_SLOTS; i++)
    {
      double degrees = 47.0 * (i / LK_ENROL_STAGE_SLOTS) + 16.0 * (i % LK_ENROL_STAGE_SLOTS);

      embeddings[i][0] = (float) cos (degrees * G_PI / 180);
      embeddings[i][1] = (float) sin (degrees * G_PI / 180);
    }
}

static void
enrol (Sitting *sitting)
{
  sit (sitting);
  hold (sitting, 4, -6, 60, 3);
  hold (sitting, 20, -6, 60, 3);
  hold (sitting, -12, -6, 60, 3);
  for (int i = 0; i < 4; i++)
    lk_enrolment_skip (sitting->enrolment);
  g_assert_cmpint (lk_enrolment_get_status (sitting->enrolment), ==, LK_ENROL_COMPLETED);
  embed ();
}

static void
test_choose (void)
{
  Sitting sitting;
  int anchors[20], positives[20], n_anchors = 4, n_positives = 3;
  gboolean seen[LK_ENROL_N_SLOTS] = { 0 };

  enrol (&sitting);
  lk_enrolment_choose (sitting.enrolment, embeddings[0], 2, NULL, anchors, &n_anchors, positives,
                       &n_positives);
  g_assert_cmpint (n_anchors, ==, 4);
  g_assert_cmpint (n_positives, ==, 3);
  /* One of each passed stage comes first. */
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (anchors[i] / LK_ENROL_STAGE_SLOTS, ==, i);
  for (int i = 0; i < n_anchors + n_positives; i++)
    {
      int slot = i < n_anchors ? anchors[i] : positives[i - n_anchors];

      g_assert_true (lk_enrolment_get_slot (sitting.enrolment, slot, NULL, NULL, NULL));
      g_assert_false (seen[slot]);
      seen[slot] = TRUE;
    }

  /* No more than were kept. */
  n_anchors = n_positives = 20;
  lk_enrolment_choose (sitting.enrolment, embeddings[0], 2, NULL, anchors, &n_anchors, positives,
                       &n_positives);
  g_assert_cmpint (n_anchors + n_positives, <=, sitting.n_kept);
  lk_enrolment_free (sitting.enrolment);
}

/* What the caller will not have, and what is much worse than the best of its stage. */
static void
test_choose_good (void)
{
  Sitting sitting;
  gboolean left_out[LK_ENROL_N_SLOTS] = { 0 };
  int anchors[40], positives[1], n_anchors = 40, n_positives = 0, n_straight = 0;

  sit (&sitting);
  sitting.rate = 0.9;
  show (&sitting, TRUE);
  sitting.rate = 0.4;
  hold (&sitting, 4, -6, 60, 3);
  sitting.rate = 0.6;
  hold (&sitting, 20, -6, 60, 3);
  embed ();
  for (int i = LK_ENROL_LEFT * LK_ENROL_STAGE_SLOTS; i < LK_ENROL_RIGHT * LK_ENROL_STAGE_SLOTS; i++)
    left_out[i] = TRUE;
  lk_enrolment_choose (sitting.enrolment, embeddings[0], 2, left_out, anchors, &n_anchors,
                       positives, &n_positives);
  for (int i = 0; i < n_anchors; i++)
    {
      g_assert_cmpint (anchors[i] / LK_ENROL_STAGE_SLOTS, !=, LK_ENROL_LEFT);
      n_straight += anchors[i] / LK_ENROL_STAGE_SLOTS == LK_ENROL_STRAIGHT;
    }
  g_assert_cmpint (n_straight, ==, 1);
  lk_enrolment_free (sitting.enrolment);
}

/* A picture that was held before the camera is one picture. */
static void
test_choose_still (void)
{
  Sitting sitting;
  int anchors[20], positives[20], n_anchors = 20, n_positives = 20;

  enrol (&sitting);
  for (int i = 0; i < LK_ENROL_N_SLOTS; i++)
    embeddings[i][0] = embeddings[i][1] = 0.5f;
  lk_enrolment_choose (sitting.enrolment, embeddings[0], 2, NULL, anchors, &n_anchors, positives,
                       &n_positives);
  g_assert_cmpint (n_anchors, ==, 1);
  g_assert_cmpint (n_positives, ==, 0);
  lk_enrolment_free (sitting.enrolment);
}

static void
test_words (void)
{
  LkQuality quality;

  for (int i = 0; i < LK_N_ENROL_STAGES; i++)
    {
      const LkEnrolStageInfo *info = lk_enrol_stage_get_info (i);

      g_assert_true (g_str_has_suffix (info->sentence, "."));
      g_assert_cmpstr (info->id, !=, "");
      g_assert_cmpstr (info->name, !=, "");
    }
  for (int i = 0; i <= LK_ENROL_TIMED_OUT; i++)
    g_assert_true (g_str_has_prefix (lk_enrol_status_to_string (i), "enrol-"));

  for (int i = 0; i < LK_N_QUALITIES; i++)
    quality.values[i] = (double) NAN;
  g_assert_cmpfloat (lk_enrolment_rate (&quality, -1), ==, 0.5);
  quality.values[LK_QUALITY_SHARPNESS] = 0.8;
  g_assert_cmpfloat (lk_enrolment_rate (&quality, -1), ==, 0.8);
  g_assert_cmpfloat (lk_enrolment_rate (&quality, LK_QUALITY_UNIFORMITY), ==, 0.4);
  quality.values[LK_QUALITY_SHARPNESS] = 0;
  g_assert_cmpfloat (lk_enrolment_rate (&quality, -1), >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/enrolment/all-stages", test_all_stages);
  g_test_add_func ("/enrolment/spacing", test_spacing);
  g_test_add_func ("/enrolment/other-order", test_other_order);
  g_test_add_func ("/enrolment/progress", test_progress);
  g_test_add_func ("/enrolment/retry", test_retry);
  g_test_add_func ("/enrolment/time-out", test_time_out);
  g_test_add_func ("/enrolment/still", test_still);
  g_test_add_func ("/enrolment/from-the-side", test_from_the_side);
  g_test_add_func ("/enrolment/trust", test_trust);
  g_test_add_func ("/enrolment/skip", test_skip);
  g_test_add_func ("/enrolment/duplicate", test_duplicate);
  g_test_add_func ("/enrolment/pause", test_pause);
  g_test_add_func ("/enrolment/slots", test_slots);
  g_test_add_func ("/enrolment/choose", test_choose);
  g_test_add_func ("/enrolment/choose-good", test_choose_good);
  g_test_add_func ("/enrolment/choose-still", test_choose_still);
  g_test_add_func ("/enrolment/words", test_words);
  return g_test_run ();
}
