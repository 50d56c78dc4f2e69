/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "eval/lk-presentations.h"

#include <math.h>

static void
test_names (void)
{
  for (int i = 0; i < LK_N_SHOWN; i++)
    g_assert_cmpint (lk_shown_from_string (lk_shown_to_string ((LkShown) i)), ==, i);
  g_assert_cmpint (lk_shown_from_string ("mask"), ==, -1);
  g_assert_cmpint (lk_shown_from_string (NULL), ==, -1);
}

static void
add (GArray *tries, LkShown shown, int n, gboolean matched, gboolean opened)
{
  for (int i = 0; i < n; i++)
    {
      const LkPresentation one = { shown, matched, opened };

      g_array_append_val (tries, one);
    }
}

static void
count (GArray *tries, LkShownRates *rates)
{
  lk_presentations_count ((const LkPresentation *) tries->data, (int) tries->len, rates);
}

static void
test_rates (void)
{
  g_autoptr (GArray) tries = g_array_new (FALSE, FALSE, sizeof (LkPresentation));
  LkShownRates rates[LK_N_SHOWN];

  add (tries, LK_SHOWN_PRINT, 7, TRUE, FALSE);
  add (tries, LK_SHOWN_PERSON, 17, TRUE, TRUE);
  add (tries, LK_SHOWN_PRINT, 1, TRUE, TRUE);
  add (tries, LK_SHOWN_PERSON, 2, TRUE, FALSE);
  add (tries, LK_SHOWN_PRINT, 2, FALSE, FALSE);
  add (tries, LK_SHOWN_PERSON, 1, FALSE, FALSE);
  add (tries, LK_SHOWN_FILM, 3, TRUE, TRUE);
  count (tries, rates);

  /* An attack is wrong when it opens, */
  g_assert_cmpint (rates[LK_SHOWN_PRINT].n, ==, 10);
  g_assert_cmpint (rates[LK_SHOWN_PRINT].n_wrong[LK_LIVENESS_OFF], ==, 8);
  g_assert_cmpint (rates[LK_SHOWN_PRINT].n_wrong[LK_LIVENESS_ON], ==, 1);
  g_assert_cmpfloat (rates[LK_SHOWN_PRINT].rate[LK_LIVENESS_OFF].value, ==, 0.8);
  /* Wilson, by hand: (0.1 + z2/20 +- z sqrt (0.009 + z2/400)) / (1 + z2/10), z = 1.95996 */
  g_assert_cmpfloat_with_epsilon (rates[LK_SHOWN_PRINT].rate[LK_LIVENESS_ON].low, 0.01788, 1e-4);
  g_assert_cmpfloat_with_epsilon (rates[LK_SHOWN_PRINT].rate[LK_LIVENESS_ON].high, 0.40415, 1e-4);
  /* a person when not, */
  g_assert_cmpint (rates[LK_SHOWN_PERSON].n, ==, 20);
  g_assert_cmpint (rates[LK_SHOWN_PERSON].n_wrong[LK_LIVENESS_OFF], ==, 1);
  g_assert_cmpint (rates[LK_SHOWN_PERSON].n_wrong[LK_LIVENESS_ON], ==, 3);
  g_assert_cmpfloat (rates[LK_SHOWN_PERSON].rate[LK_LIVENESS_ON].value, ==, 0.15);
  /* and what was not tried has no rate. */
  g_assert_cmpint (rates[LK_SHOWN_SCREEN].n, ==, 0);
  g_assert_true (isnan (rates[LK_SHOWN_SCREEN].rate[LK_LIVENESS_ON].value));
  g_assert_true (isnan (rates[LK_SHOWN_SCREEN].rate[LK_LIVENESS_ON].high));

  g_assert_cmpint (lk_presentations_find_worst (rates, LK_LIVENESS_ON), ==, LK_SHOWN_FILM);
  g_assert_cmpint (lk_presentations_find_worst (rates, LK_LIVENESS_OFF), ==, LK_SHOWN_FILM);
}

static void
test_worst (void)
{
  g_autoptr (GArray) tries = g_array_new (FALSE, FALSE, sizeof (LkPresentation));
  LkShownRates rates[LK_N_SHOWN];

  count (tries, rates);
  g_assert_cmpint (lk_presentations_find_worst (rates, LK_LIVENESS_ON), ==, -1);
  add (tries, LK_SHOWN_PERSON, 5, FALSE, FALSE); /* all refused: no attack all the same */
  count (tries, rates);
  g_assert_cmpint (lk_presentations_find_worst (rates, LK_LIVENESS_ON), ==, -1);
  add (tries, LK_SHOWN_SCREEN, 1, FALSE, FALSE);
  count (tries, rates);
  g_assert_cmpint (lk_presentations_find_worst (rates, LK_LIVENESS_ON), ==, LK_SHOWN_SCREEN);
  add (tries, LK_SHOWN_PRINT, 1, TRUE, FALSE);
  count (tries, rates);
  g_assert_cmpint (lk_presentations_find_worst (rates, LK_LIVENESS_ON), ==, LK_SHOWN_PRINT);
  g_assert_cmpint (lk_presentations_find_worst (rates, LK_LIVENESS_OFF), ==, LK_SHOWN_PRINT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/presentations/names", test_names);
  g_test_add_func ("/presentations/rates", test_rates);
  g_test_add_func ("/presentations/worst", test_worst);
  return g_test_run ();
}
