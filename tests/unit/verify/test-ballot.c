/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/lk-ballot.h"

#include <math.h>

/* Ada has three anchors, Grace two. */
#define N 5

typedef struct
{
  GPtrArray *names;
  LkMatch people[2];
} Gallery;

static void
make_gallery (Gallery *self)
{
  self->names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->names, g_strdup ("Ada"));
  g_ptr_array_add (self->names, g_strdup ("Grace"));
  self->people[0] = (LkMatch){ self->names->pdata[0], 0, 3 };
  self->people[1] = (LkMatch){ self->names->pdata[1], 3, 2 };
}

static void
add (LkBallot *ballot, const Gallery *gallery, const LkPolicy *policy, float ada, float grace)
{
  float scores[N] = { ada, ada, ada, grace, grace };
  LkMatch people[2] = { gallery->people[0], gallery->people[1] };
  g_autoptr (LkImage) crop = lk_image_new_take (1, 1, g_malloc0 (3));
  LkCheck check = { .crop = crop,
                    .n_anchors = N,
                    .scores = scores,
                    .n_people = 2,
                    .people = people,
                    .names = gallery->names };

  lk_policy_decide (policy, &check);
  lk_ballot_add (ballot, &check);
}

static void
test_people (void)
{
  g_autoptr (LkBallot) ballot = lk_ballot_new (4, 3);
  const LkPolicy policy = LK_POLICY_DEFAULT;
  Gallery gallery, other;
  LkTally tally;

  make_gallery (&gallery);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_frames, ==, 0);
  g_assert_cmpfloat (tally.score, ==, -1);
  g_assert_false (tally.accepted);
  g_assert_null (tally.name);

  add (ballot, &gallery, &policy, 0.75f, 0.25f);
  add (ballot, &gallery, &policy, 0.875f, 0.25f);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_accepted, ==, 2);
  g_assert_false (tally.accepted);
  g_assert_cmpint (tally.lacks, ==, LK_LACKS_FRAMES); /* two of three */
  g_assert_cmpint (tally.n_enough, ==, 3);
  g_assert_cmpstr (tally.name, ==, "Ada");
  g_assert_cmpstr (tally.other, ==, "Grace");
  g_assert_cmpfloat_with_epsilon (exp (tally.margin), 21, 1e-5); /* 7:1 over 1:3 */
  g_assert_cmpfloat_with_epsilon (tally.score, 0.8125, 1e-9);
  g_assert_cmpint (tally.n_anchors, ==, 3);
  g_assert_cmpint (tally.n_matches, ==, 3);

  /* Grace's frames are none of Ada's. */
  add (ballot, &gallery, &policy, 0.25f, 0.75f);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpstr (tally.name, ==, "Grace");
  g_assert_cmpint (tally.n_frames, ==, 3);
  g_assert_cmpint (tally.n_accepted, ==, 1);
  g_assert_cmpfloat_with_epsilon (tally.score, 1.25 / 3, 1e-9);
  g_assert_cmpfloat_with_epsilon (tally.share, 1.0 / 3, 1e-9);
  add (ballot, &gallery, &policy, 0.75f, 0.25f);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_accepted, ==, 3);
  g_assert_true (tally.accepted); /* three of four, and 3/4 of the anchors */
  g_assert_cmpint (tally.lacks, ==, LK_LACKS_NOTHING);

  /* Another gallery: what was counted is not of it. */
  make_gallery (&other);
  add (ballot, &other, &policy, 0.75f, 0.25f);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_frames, ==, 1);
  g_ptr_array_unref (other.names);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpstr (tally.name, ==, "Ada"); /* the frames keep the names */
  lk_ballot_clear (ballot);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_frames, ==, 0);
  g_ptr_array_unref (gallery.names);
}

/* Three good frames of eight, and five with a third of the anchors each: enough frames, but
 * together not more than half of the anchors. */
static void
test_share (void)
{
  g_autoptr (LkBallot) ballot = lk_ballot_new (8, 3);
  const LkPolicy policy = LK_POLICY_DEFAULT;
  LkTally tally;

  for (int i = 0; i < 8; i++)
    {
      float scores[3] = { 0.75f, i < 3 ? 0.25f : 0.75f, 0.25f };
      g_autoptr (LkImage) crop = lk_image_new_take (1, 1, g_malloc0 (3));
      LkCheck check = { .crop = crop, .n_anchors = 3, .scores = scores };

      if (i < 5)
        scores[1] = 0.25f;
      lk_policy_decide (&policy, &check);
      lk_ballot_add (ballot, &check);
    }
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_accepted, ==, 3);
  g_assert_cmpfloat_with_epsilon (tally.share, (5 + 6) / 24.0, 1e-9);
  g_assert_false (tally.accepted);
  g_assert_cmpint (tally.lacks, ==, LK_LACKS_SCORE);
  g_assert_cmpfloat (tally.needed, ==, 0.5);
  g_assert_null (tally.name);
  g_assert_true (isnan (tally.margin));
}

/* The other way round: two thirds of the anchors, but of four frames only, and five are needed. */
static void
test_frames (void)
{
  g_autoptr (LkBallot) ballot = lk_ballot_new (8, 5);
  const LkPolicy policy = LK_POLICY_DEFAULT;
  LkTally tally;

  for (int i = 0; i < 8; i++)
    {
      float other = i % 2 ? 0.75f : 0.25f, scores[3] = { 0.75f, other, other };
      LkCheck check = { .n_anchors = 3, .scores = scores };

      lk_policy_decide (&policy, &check);
      lk_ballot_add (ballot, &check);
    }
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_accepted, ==, 4);
  g_assert_cmpfloat_with_epsilon (tally.share, 2.0 / 3, 1e-9);
  g_assert_false (tally.accepted);
  g_assert_cmpint (tally.lacks, ==, LK_LACKS_FRAMES);
}

/* One score: frames below the threshold do not matter when all together are above. */
static void
test_fused (void)
{
  g_autoptr (LkBallot) ballot = lk_ballot_new (4, 3);
  const LkPolicy policy = { .detection = 0.6, .verification = 1, .way = LK_WAY_FUSED };
  Gallery gallery;
  LkTally tally;

  make_gallery (&gallery);
  add (ballot, &gallery, &policy, 0.5f, 0.1f);
  add (ballot, &gallery, &policy, 0.9f, 0.1f);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpfloat_with_epsilon (tally.score, 0.75, 1e-6); /* the root of 1 : 9 */
  g_assert_false (tally.accepted);                          /* too few */
  g_assert_cmpint (tally.lacks, ==, LK_LACKS_FRAMES);
  add (ballot, &gallery, &policy, 0.5f, 0.1f);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpfloat_with_epsilon (tally.score / (1 - tally.score), cbrt (9), 1e-5);
  g_assert_false (tally.accepted); /* not as the newest has it */
  g_assert_cmpint (tally.lacks, ==, LK_LACKS_NEWEST);
  add (ballot, &gallery, &policy, 0.61f, 0.1f);
  lk_ballot_count (ballot, &tally);
  g_assert_cmpint (tally.n_accepted, ==, 2);
  g_assert_true (tally.accepted);
  add (ballot, &gallery, &policy, 0.61f, 0.5f); /* and without the first one, which is too old */
  lk_ballot_count (ballot, &tally);
  g_assert_cmpfloat_with_epsilon (tally.score / (1 - tally.score),
                                  pow (9 * 1 * 0.61 / 0.39 * 0.61 / 0.39, 0.25), 1e-5);
  g_ptr_array_unref (gallery.names);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ballot/people", test_people);
  g_test_add_func ("/ballot/share", test_share);
  g_test_add_func ("/ballot/frames", test_frames);
  g_test_add_func ("/ballot/fused", test_fused);
  return g_test_run ();
}
