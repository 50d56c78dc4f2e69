/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-cohort.h"
#include "lk-fusion.h"
#include "lk-head.h"

G_BEGIN_DECLS

/*
 * LkOwnScores: how one enrolled person's anchors score: each against the others, and strangers
 * against all.
 */
typedef struct
{
  int n_genuine, n_strangers;
  float *genuine;           /* (owned): [n_genuine], 0 .. 1, fused as frames are, rising */
  float *strangers;         /* (owned): [n_strangers], the same */
  gboolean across_sessions; /* genuine ones are with the anchors of other sessions alone */
} LkOwnScores;

/* Copies, and puts in order. */
LkOwnScores *lk_own_scores_new (const float *genuine, int n_genuine, const float *strangers,
                                int n_strangers, gboolean across_sessions);
void lk_own_scores_free (LkOwnScores *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkOwnScores, lk_own_scores_free)

/**
 * lk_own_scores_measure:
 * @anchors: [@n, the head's size]
 * @sessions: [@n]: any numbers, the same for the anchors of one sitting
 *
 * Genuine: each anchor, as if it were a frame, with all others; with those of other sittings
 * only, where there are several.  So many as there are anchors, and of one sitting they say
 * little about another day.  Strangers: each of the cohort with all anchors.
 *
 * Returns: (transfer full)
 */
LkOwnScores *lk_own_scores_measure (const LkHead *head, LkFusion how, const float *anchors,
                                    const int *sessions, int n, const LkCohort *cohort);

/* How many of @n rising @scores are at or above @threshold. */
int lk_count_at_least (const float *scores, int n, double threshold);

G_END_DECLS
