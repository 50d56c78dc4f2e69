/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-reason.h"

static void
replace (char **text, const char *with)
{
  if (*text != with && g_strcmp0 (*text, with) != 0)
    {
      g_free (*text);
      *text = g_strdup (with);
    }
}

const char *
lk_reason_update (LkReason *self, const char *sentence, gint64 now_us)
{
  gint64 lasts = sentence != NULL ? LK_REASON_LASTS_US : 0;

  if (g_strcmp0 (sentence, self->wanted) != 0 || !self->is_begun)
    {
      replace (&self->wanted, sentence);
      self->wanted_us = now_us;
    }
  if (!self->is_begun ||
      (g_strcmp0 (sentence, self->shown) != 0 && now_us - self->wanted_us >= lasts &&
       (self->shown == NULL || now_us - self->shown_us >= LK_REASON_SHOWN_US)))
    {
      replace (&self->shown, sentence);
      self->shown_us = now_us;
    }
  self->is_begun = TRUE;
  return self->shown;
}

void
lk_reason_clear (LkReason *self)
{
  g_free (self->shown);
  g_free (self->wanted);
  *self = (LkReason){ 0 };
}
