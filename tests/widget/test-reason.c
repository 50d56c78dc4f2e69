/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-reason.h"

#define MS 1000

static LkReason reason;

static void
assert_says (const char *sentence, int ms, const char *wanted)
{
  g_assert_cmpstr (lk_reason_update (&reason, sentence, (gint64) ms * MS), ==, wanted);
}

/* The first at once; then it stays 0.7 s, whatever the frames say; its end is taken at once
 * after that. */
static void
test_stays (void)
{
  assert_says ("dark", 1000, "dark");
  assert_says (NULL, 1100, "dark");
  assert_says ("far", 1200, "dark");
  assert_says ("far", 1600, "dark");
  assert_says (NULL, 1690, "dark");
  assert_says (NULL, 1700, NULL);
  lk_reason_clear (&reason);
}

/* A reason of single frames is not shown; one that lasts a quarter of a second is. */
static void
test_lasts (void)
{
  assert_says (NULL, 1000, NULL);
  assert_says ("blurred", 1100, NULL);
  assert_says (NULL, 1133, NULL);
  assert_says ("blurred", 1300, NULL);
  assert_says ("blurred", 1549, NULL);
  assert_says ("blurred", 1550, "blurred");
  lk_reason_clear (&reason);
}

/* Two that take turns do not: the first stays until the second has lasted. */
static void
test_turns (void)
{
  for (int i = 0; i < 100; i++)
    assert_says (i % 2 ? "dark" : "far", 1000 + 33 * i, "far");
  assert_says ("far", 4990, "far");
  for (int i = 0; i < 8; i++)
    assert_says ("dark", 5000 + 33 * i, "far");
  assert_says ("dark", 5264, "dark");
  lk_reason_clear (&reason);
  assert_says (NULL, 6000, NULL);
  lk_reason_clear (&reason);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reason/stays", test_stays);
  g_test_add_func ("/reason/lasts", test_lasts);
  g_test_add_func ("/reason/turns", test_turns);
  return g_test_run ();
}
