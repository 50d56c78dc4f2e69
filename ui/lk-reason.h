/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LkReason: one sentence at a time, long enough to be read.
 *
 * A camera sends a reason with every frame, and some frames have none.  What is shown
 * stays for LK_REASON_SHOWN_US at least; after that, an end of the reasons is taken at
 * once, and a reason that has lasted for LK_REASON_LASTS_US.  The first one is shown as it
 * comes.  All zero shows nothing and has never shown anything.
 */
typedef struct
{
  char *shown;  /* (owned) (nullable) */
  char *wanted; /* (owned) (nullable): comes when it has lasted */
  gboolean is_begun;
  gint64 shown_us;  /* since when it is shown */
  gint64 wanted_us; /* since when it is wanted */
} LkReason;

#define LK_REASON_SHOWN_US (700 * 1000)
#define LK_REASON_LASTS_US (250 * 1000)

/**
 * lk_reason_update:
 * @sentence: (nullable): what this frame says
 * @now_us: its time
 *
 * Returns: (nullable): what is to be shown now; until the next call
 */
const char *lk_reason_update (LkReason *self, const char *sentence, gint64 now_us);

/* Shows nothing from now on, and forgets. */
void lk_reason_clear (LkReason *self);

G_END_DECLS
