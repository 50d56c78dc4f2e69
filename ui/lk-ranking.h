/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "verify/lk-verifier.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkRanking: who of several people a face is most alike, and by how much more than the next.
 *
 * Passive.  Shows the first three of a check's people, each with a bar.
 */
#define LK_TYPE_RANKING (lk_ranking_get_type ())
G_DECLARE_FINAL_TYPE (LkRanking, lk_ranking, LK, RANKING, AdwBin)

GtkWidget *lk_ranking_new (void);

/* @check: (nullable): NULL for nobody yet.  Hides itself when there is one person only. */
void lk_ranking_show_check (LkRanking *self, const LkCheck *check);

G_END_DECLS
