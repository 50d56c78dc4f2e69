/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "verify/lk-fusion.h"

#include <math.h>

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-6)

/* Two frames, four anchors, by hand. */
static const float scores[] = { 1, 4, 2, -3, 0, 0.5f, 6, 1 };

static void
test_scores (void)
{
  const float weights[] = { 3, 1 }, nothing[] = { 0, 0 };

  assert_near (lk_fuse_scores (LK_FUSION_MAX, scores, NULL, 2, 4, 0, 0), 5);
  assert_near (lk_fuse_scores (LK_FUSION_MAX, scores, NULL, 1, 8, 0, 0), 6);
  assert_near (lk_fuse_scores (LK_FUSION_MEAN, scores, NULL, 2, 4, 0, 0), (1 + 7.5 / 4) / 2);
  assert_near (lk_fuse_scores (LK_FUSION_BEST, scores, NULL, 2, 4, 2, 0), (3 + 3.5) / 2);
  assert_near (lk_fuse_scores (LK_FUSION_BEST, scores, NULL, 2, 4, 99, 0), (1 + 7.5 / 4) / 2);
  assert_near (lk_fuse_scores (LK_FUSION_BEST, scores, NULL, 2, 4, 0, 0), 5); /* one at least */
  assert_near (lk_fuse_scores (LK_FUSION_VOTE, scores, NULL, 2, 4, 0, 1), (0.5 + 0.25) / 2);
  assert_near (lk_fuse_scores (LK_FUSION_MAX, scores, weights, 2, 4, 0, 0), (3 * 4 + 6) / 4.0);
  assert_near (lk_fuse_scores (LK_FUSION_MAX, scores, nothing, 2, 4, 0, 0), 5);
}

static void
test_half (void)
{
  float many[200];

  assert_near (lk_fuse_scores (LK_FUSION_HALF, scores, NULL, 2, 4, 0, 0), (3 + 3.5) / 2);
  assert_near (lk_fuse_scores (LK_FUSION_HALF, scores, NULL, 1, 3, 0, 0), 3); /* 4 and the middle */
  assert_near (lk_fuse_scores (LK_FUSION_HALF, scores, NULL, 1, 1, 0, 0), 1);
  assert_near (lk_fuse_scores (LK_FUSION_HALF, scores, NULL, 1, 5, 0, 0), 7 / 3.0);
  /* With more anchors of the same kind the highest grows, this does not. */
  for (int i = 0; i < 200; i++)
    many[i] = scores[i % 4];
  assert_near (lk_fuse_scores (LK_FUSION_HALF, many, NULL, 1, 200, 0, 0), 3);
}

/* Scores 0 .. 1: their log odds are fused.  0.9 and 0.1 are ln 9 and -ln 9. */
static void
test_anchors (void)
{
  const float p[] = { 0.1f, 0.9f, 0.5f, 0.9f, 0.1f };
  float many[100], ends[] = { 0, 1 };

  g_assert_cmpfloat_with_epsilon (lk_log_odds (0.9), log (9), 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_probability (-log (9)), 0.1, 1e-12);
  g_assert_cmpfloat_with_epsilon (lk_fuse_anchors (LK_FUSION_MAX, p, 3), 0.9, 1e-6);
  g_assert_cmpfloat_with_epsilon (lk_fuse_anchors (LK_FUSION_MEAN, p, 5), 0.5, 1e-6);
  /* ln 9, ln 9 and 0 */
  g_assert_cmpfloat_with_epsilon (lk_fuse_anchors (LK_FUSION_HALF, p, 5),
                                  lk_probability (2 * log (9) / 3), 1e-6);
  for (int i = 0; i < 100; i++) /* more than there is room for without memory */
    many[i] = p[i % 5];
  g_assert_cmpfloat_with_epsilon (lk_fuse_anchors (LK_FUSION_HALF, many, 100),
                                  lk_probability (40 * log (9) / 50), 1e-6);
  /* Neither end outweighs all others. */
  g_assert_true (lk_fuse_anchors (LK_FUSION_MEAN, ends, 2) > 1e-9);
  g_assert_true (lk_fuse_anchors (LK_FUSION_MEAN, ends, 2) < 0.5);
  g_assert_cmpstr (lk_fusion_to_string (LK_FUSION_DEFAULT), !=, NULL);
}

static void
test_embeddings (void)
{
  const float two[] = { 3, 4, 0, 0, 0, 10 }, weights[] = { 1, 0 };
  float out[3];

  /* (.6 .8 0) and (0 0 1) of lengths 5 and 10: half way, at 7.5 */
  lk_fuse_embeddings (two, NULL, 2, 3, out);
  assert_near (out[0], 0.6 / sqrt (2) * 7.5);
  assert_near (out[1], 0.8 / sqrt (2) * 7.5);
  assert_near (out[2], 1 / sqrt (2) * 7.5);
  lk_fuse_embeddings (two, weights, 2, 3, out);
  assert_near (out[0], 0.6 * 7.5);
  assert_near (out[2], 0);
  lk_fuse_embeddings (two, NULL, 1, 3, out);
  assert_near (out[1], 4);
  lk_fuse_embeddings ((const float[]){ 0, 0, 0 }, NULL, 1, 3, out); /* no direction */
  assert_near (out[0], 0);
}

static void
test_cohort (void)
{
  const float with[] = { 1, 5, 3, -7 };
  LkCohortSpread all, top, one;

  lk_cohort_measure (with, 4, 4, &all);
  assert_near (all.mean, 0.5);
  assert_near (all.deviation, sqrt ((0.25 + 20.25 + 6.25 + 56.25) / 4));
  lk_cohort_measure (with, 4, 2, &top);
  assert_near (top.mean, 4);
  assert_near (top.deviation, 1);
  lk_cohort_measure (with, 4, 1, &one);
  assert_near (one.deviation, 0);
  assert_near (lk_cohort_normalise (6, &top, &(LkCohortSpread){ 2, 4 }), (2 + 1) / 2.0);
  g_assert_true (isfinite (lk_cohort_normalise (6, &one, &one)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fusion/scores", test_scores);
  g_test_add_func ("/fusion/half", test_half);
  g_test_add_func ("/fusion/anchors", test_anchors);
  g_test_add_func ("/fusion/embeddings", test_embeddings);
  g_test_add_func ("/fusion/cohort", test_cohort);
  return g_test_run ();
}
