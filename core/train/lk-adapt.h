/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "verify/lk-own-scores.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Personal fine-tuning: the head is fitted to one person's pictures, against strangers.
 *
 * The embedding stays.  What is learnt is which of its numbers tell this person from others: a
 * logistic regression on the absolute differences, a convex problem, held close to the shipped
 * head, because a few pictures bear no more.  It takes a second.
 *
 * Whether it helps is measured, not hoped: in turns, part of the person's pictures (whole sittings,
 * where there are several) and part of the strangers are held out, and the head that was fitted to
 * the others is judged on them.
 */

/* A person's pictures, in the order of capture. */
typedef struct
{
  int n;
  const float *embeddings;   /* [n, size] */
  const int *sessions;       /* [n]: the same number for those of one sitting */
  const gboolean *is_anchor; /* [n]: frames are compared with the anchors */
} LkOwnPictures;

/* Fewer are not worth it. */
#define LK_ADAPT_LEAST 8

/* Held-out looks that are refused where at most a share of the held-out strangers pass. */
typedef struct
{
  int before, after;
} LkAdaptCount;

typedef struct
{
  LkHead *head;                /* (owned): the adapted one */
  gboolean better;             /* whether it should be kept, see below */
  int n_looks, n_strangers;    /* held out, each once */
  LkAdaptCount refused;        /* at an FMR of 1e-3 */
  LkAdaptCount refused_loose;  /* at 1e-2 */
  LkAdaptCount passed;         /* strangers above the threshold in use */
  LkOwnScores *before, *after; /* (owned): the held-out scores with either head */
} LkAdaptation;

void lk_adaptation_free (LkAdaptation *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkAdaptation, lk_adaptation_free)

/**
 * lk_adapt:
 * @head: the shipped one
 * @threshold: in use for fused scores, 0 .. 1
 *
 * The adapted head is the mean of those of the turns, each stretched so that held-out strangers'
 * fused scores keep mean and deviation: thresholds that were chosen for the shipped head go on
 * meaning what they meant.  It is better when, of what was held out, fewer looks are refused at an
 * FMR of 1e-3, no more at 1e-2, and no more strangers pass at @threshold.
 *
 * It takes a second or two on one core.  Any thread.
 *
 * Returns: (transfer full): or %NULL with %LK_ERROR_NO_DATA (under LK_ADAPT_LEAST pictures, or no
 *   two parts of them that can be held out), %LK_ERROR_TOO_LARGE or %G_IO_ERROR_CANCELLED
 */
LkAdaptation *lk_adapt (const LkHead *head, LkFusion how, const LkOwnPictures *own,
                        const LkCohort *cohort, double threshold, GCancellable *cancellable,
                        GError **error);

G_END_DECLS
