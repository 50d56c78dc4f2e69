/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/lk-store.h"
#include "train/lk-adapt.h"
#include "verify/lk-verifier.h"

G_BEGIN_DECLS

/*
 * What a person's pictures and the model's strangers say together: the person's own rates, and a
 * head adapted to them.  Slow, seconds: for a thread of its own, with a store and a model of its
 * own.
 */

/**
 * lk_adapter_measure:
 *
 * How the person's anchors score against each other and against the model's strangers; where a
 * head was adapted to them, how that scored on what it had not seen.
 *
 * Returns: (transfer full): or %NULL with an error of lk_cohort_load(), %LK_ERROR_NO_DATA (no
 *   anchors), %LK_ERROR_LOCKED, %G_IO_ERROR_CANCELLED
 */
LkOwnScores *lk_adapter_measure (LkModel *model, const char *person, GCancellable *cancellable,
                                 GError **error);

/**
 * lk_adapter_adapt:
 * @threshold: in use for fused scores
 * @previous: (out) (transfer full) (nullable): what was kept of the person before, for undo
 *
 * Adapts the head to the person's anchors and positives, and keeps it in the store if it is
 * better.
 *
 * Returns: (transfer full): whether it is, with figures; errors as above and of lk_adapt()
 */
LkAdaptation *lk_adapter_adapt (LkModel *model, const char *person, double threshold,
                                GBytes **previous, GCancellable *cancellable, GError **error);

/* Puts back what was before; NULL: the model's own head. */
gboolean lk_adapter_restore (const char *person, GBytes *previous, GError **error);

G_END_DECLS
