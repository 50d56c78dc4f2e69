/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-rate-words.h"

#include <locale.h>

static void
assert_words (char *words, const char *wanted)
{
  g_assert_cmpstr (words, ==, wanted);
  g_free (words);
}

/* Counted with pencil and paper. */
static void
test_strangers (void)
{
#define SAYS(k, n, words) assert_words (lk_words_for_strangers (k, n), words)
  SAYS (200, 200000, "About 1 stranger in 1000 would pass.");
  SAYS (20, 200000, "About 1 stranger in 10000 would pass.");
  SAYS (7, 23400, "About 1 stranger in 3300 would pass."); /* 3343 */
  SAYS (3, 100, "About 1 stranger in 33 would pass.");
  SAYS (10, 100, "About 10 of 100 strangers would pass.");
  SAYS (250, 500, "About 50 of 100 strangers would pass.");
  /* None: at most 3 in n. */
  SAYS (0, 3000, "Fewer than 1 stranger in 1000 would pass.");
  SAYS (0, 2310, "Fewer than 1 stranger in 770 would pass.");
  SAYS (0, 2999, "Fewer than 1 stranger in 990 would pass.");
  SAYS (0, 500, "Fewer than 1 stranger in 160 would pass."); /* 166.7: not 1 in 170 */
  SAYS (0, 20, "Fewer than 1 stranger in 6 would pass.");
  SAYS (0, 19, "Too few strangers were compared to say how many would pass.");
  SAYS (0, 0, "Too few strangers were compared to say how many would pass.");
#undef SAYS
}

static void
test_looks (void)
{
#define SAYS(k, n, who, words) assert_words (lk_words_for_looks (k, n, who), words)
  SAYS (868, 2334, NULL, "About 37 of 100 looks of the right person would be refused.");
  SAYS (1, 100, "Anna", "About 1 of 100 looks of Anna would be refused.");
  SAYS (1, 200, "Anna", "About 1 look of Anna in 200 would be refused.");
  SAYS (12, 12, "Anna", "About 100 of 100 looks of Anna would be refused.");
  SAYS (0, 12, "Anna", "Fewer than 25 of 100 looks of Anna would be refused.");
  SAYS (0, 300, "Anna", "Fewer than 1 of 100 looks of Anna would be refused.");
  SAYS (0, 70, "Anna", "Fewer than 5 of 100 looks of Anna would be refused."); /* 4.3 */
  SAYS (2, 9, "Anna", "2 of 9 looks of Anna would be refused: too few to say more.");
  SAYS (0, 1, "Anna", "0 of 1 look of Anna would be refused: too few to say more.");
  SAYS (0, 0, "Anna", "How many looks would be refused is not known yet.");
#undef SAYS
}

static void
test_person (void)
{
  const LkRates rates = { .n_strangers = 768, .n_looks = 12, .n_refused = 3 }, none = { 0 };

  assert_words (lk_words_for_person (&rates, "Anna", TRUE),
                "With the pictures of Anna, and 768 strangers: Fewer than 1 stranger in 250 would "
                "pass. About 25 of 100 looks of Anna would be refused.");
  assert_words (lk_words_for_person (&rates, "Anna", FALSE),
                "With the pictures of Anna, and 768 strangers: Fewer than 1 stranger in 250 would "
                "pass. About 25 of 100 looks of Anna would be refused. All were taken in one "
                "sitting; on another day more will be refused.");
  assert_words (
      lk_words_for_person (&none, "Anna", FALSE),
      "With the pictures of Anna, and 0 strangers: Too few strangers were compared to say "
      "how many would pass. How many looks would be refused is not known yet.");
  assert_words (lk_words_for_counts (&rates),
                "Counted on photographs of other people: 0 of 768 strangers passed, 3 of 12 looks "
                "were refused.");
  for (int i = 0; i < LK_N_PRESETS; i++)
    assert_words (lk_words_for_preset (lk_preset_fmrs[i]),
                  (const char *[]){ "1 in 100", "1 in 1000", "1 in 10000" }[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  setlocale (LC_ALL, "C"); /* where thousands have no separator */
  g_test_add_func ("/rate-words/strangers", test_strangers);
  g_test_add_func ("/rate-words/looks", test_looks);
  g_test_add_func ("/rate-words/person", test_person);
  return g_test_run ();
}
