/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-presentations.h"

#include <math.h>
#include <string.h>

static const char *const names[LK_N_SHOWN] = { "person", "print", "screen", "film" };

const char *
lk_shown_to_string (LkShown shown)
{
  g_return_val_if_fail (shown < LK_N_SHOWN, "");
  return names[shown];
}

int
lk_shown_from_string (const char *text)
{
  for (int i = 0; i < LK_N_SHOWN; i++)
    if (g_strcmp0 (text, names[i]) == 0)
      return i;
  return -1;
}

void
lk_presentations_count (const LkPresentation *tries, int n, LkShownRates *rates)
{
  memset (rates, 0, LK_N_SHOWN * sizeof *rates);
  for (int i = 0; i < n; i++)
    {
      LkShownRates *own = &rates[tries[i].shown];
      gboolean wrong = tries[i].shown != LK_SHOWN_PERSON; /* that it opened */

      own->n++;
      own->n_wrong[LK_LIVENESS_OFF] += (tries[i].matched != FALSE) == wrong;
      own->n_wrong[LK_LIVENESS_ON] += (tries[i].opened != FALSE) == wrong;
    }
  for (int i = 0; i < LK_N_SHOWN; i++)
    for (int on = 0; on < 2; on++)
      rates[i].rate[on] = rates[i].n > 0 ? lk_interval_of_share (rates[i].n_wrong[on], rates[i].n)
                                         : (LkInterval){ (double) NAN, (double) NAN, (double) NAN };
}

int
lk_presentations_find_worst (const LkShownRates *rates, int on)
{
  int worst = -1;

  for (int i = LK_SHOWN_PRINT; i < LK_N_SHOWN; i++)
    if (rates[i].n > 0 && (worst < 0 || rates[i].rate[on].value > rates[worst].rate[on].value))
      worst = i;
  return worst;
}
