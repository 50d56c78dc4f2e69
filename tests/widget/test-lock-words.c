/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-lock-words.h"

/* What really decided (LkTally.lacks), and never more than that. */
static void
test_refused (void)
{
  static const struct
  {
    LkTally tally;
    int n_left;
    const char *words;
  } cases[] = {
    /* Six of the newest picture's eight anchors match, but that did not decide. */
    { { .lacks = LK_LACKS_FRAMES,
        .n_frames = 8,
        .n_accepted = 4,
        .n_enough = 5,
        .n_anchors = 8,
        .n_matches = 6 },
      3,
      "4 of the last 8 pictures matched, and 5 are needed. 3 more refusals bring a wait." },
    { { .lacks = LK_LACKS_SCORE, .share = 0.499, .needed = 0.5 },
      1,
      "In the last pictures 49 % of the anchors matched, and more than 50 % are needed. "
      "1 more refusal brings a wait." },
    { { .lacks = LK_LACKS_NEWEST }, 0, "The last picture did not match." },
    { { .lacks = LK_LACKS_NEWEST, .way = LK_WAY_FUSED }, 0, "The last picture did not match." },
    { { .lacks = LK_LACKS_SCORE, .way = LK_WAY_FUSED, .score = 0.909, .threshold = 0.91 },
      0,
      "A score of 0.90, and more than 0.91 is needed." },
    { { .lacks = LK_LACKS_FRAMES, .way = LK_WAY_FUSED, .n_frames = 3, .n_enough = 5 },
      0,
      "Only 3 pictures could be compared, and 5 are needed." },
    /* Among several: the score is enough, but not for one alone. */
    { { .lacks = LK_LACKS_NEWEST,
        .way = LK_WAY_FUSED,
        .score = 0.95,
        .threshold = 0.91,
        .name = "Ada",
        .other = "Grace",
        .margin = 0.1 },
      0,
      "It could be Ada, and as well Grace." },
    { { .lacks = LK_LACKS_SCORE,
        .way = LK_WAY_FUSED,
        .score = 0.5,
        .threshold = 0.91,
        .name = "Ada",
        .other = "Grace",
        .margin = 0.1 },
      0,
      "A score of 0.50, and more than 0.91 is needed." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LkLockStatus status = { .state = LK_LOCK_REFUSED, .tally = cases[i].tally };
      g_autofree char *words = lk_lock_words_detail (&status, cases[i].n_left);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lock-words/refused", test_refused);
  return g_test_run ();
}
