/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-rate-words.h"

#include <glib/gi18n.h>
#include <math.h>

#define FEW 10 /* looks: fewer are told one by one */

/* To two digits; down, so that "fewer than 1 in" stays true, or to the nearest. */
static int
round_to_two (double n, gboolean down)
{
  double unit = n >= 100 ? pow (10, floor (log10 (n)) - 1) : 1;
  double units = n / unit;

  /* A tiny bit more: 3000 / 3 is not 999. */
  return (int) (unit * (down ? floor (units + 1e-9) : round (units)));
}

char *
lk_words_for_strangers (int n_passed, int n)
{
  if (n < 2 * FEW)
    return g_strdup (_("Too few strangers were compared to say how many would pass."));
  if (n_passed == 0)
    return g_strdup_printf (_("Fewer than 1 stranger in %'d would pass."),
                               round_to_two (n / 3.0, TRUE));
  if (n_passed >= 0.095 * n)
    return g_strdup_printf (_("About %d of 100 strangers would pass."),
                               (int) round (100.0 * n_passed / n));
  return g_strdup_printf (_("About 1 stranger in %'d would pass."),
                             round_to_two ((double) n / n_passed, FALSE));
}

/* "of Anna", "of the right person" */
static char *
whose (const char *person)
{
  return person != NULL ? g_strdup (person) : g_strdup (_("the right person"));
}

char *
lk_words_for_looks (int n_refused, int n, const char *person)
{
  g_autofree char *who = whose (person);

  if (n == 0)
    return g_strdup (_("How many looks would be refused is not known yet."));
  if (n < FEW)
    return g_strdup_printf (ngettext ("%d of %d look of %s would be refused: too few to say more.",
                                      "%d of %d looks of %s would be refused: too few to say more.",
                                      (gulong) n),
                            n_refused, n, who);
  if (n_refused == 0)
    return g_strdup_printf (_("Fewer than %d of 100 looks of %s would be refused."),
                               (int) ceil (300.0 / n - 1e-9), who);
  if (n_refused < 0.0095 * n)
    return g_strdup_printf (_("About 1 look of %s in %'d would be refused."), who,
                               round_to_two ((double) n / n_refused, FALSE));
  return g_strdup_printf (_("About %d of 100 looks of %s would be refused."),
                             (int) round (100.0 * n_refused / n), who);
}

char *
lk_words_for_counts (const LkRates *rates)
{
  return g_strdup_printf (_("Counted on photographs of other people: %'d of %'d strangers passed, %'d of %'d looks were "
         "refused."),
      rates->n_passed, rates->n_strangers, rates->n_refused, rates->n_looks);
}

char *
lk_words_for_person (const LkRates *rates, const char *person, gboolean across_sessions)
{
  g_autofree char *strangers = lk_words_for_strangers (rates->n_passed, rates->n_strangers);
  g_autofree char *looks = lk_words_for_looks (rates->n_refused, rates->n_looks, person);

  if (rates->n_looks > 0 && !across_sessions)
    return g_strdup_printf (
        _("With the pictures of %s, and %'d strangers: %s %s All were taken in "
                               "one sitting; on another day more will be refused."),
           person, rates->n_strangers, strangers, looks);
  return g_strdup_printf (_("With the pictures of %s, and %'d strangers: %s %s"), person,
                             rates->n_strangers, strangers, looks);
}

char *
lk_words_for_preset (double fmr)
{
  return g_strdup_printf (_("1 in %'d"), (int) round (1 / fmr));
}
