/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-meaning.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkStrictness: the threshold of the fused score, by what it means: which share of strangers
 * would pass and which of the right person's looks would be refused, as measured, beside a slider
 * and presets.
 *
 * Passive.  The slider goes by log odds: thresholds worth choosing lie close to 1.
 *
 * Signals
 *   "threshold-changed" (double threshold)   by the person: the slider or a preset
 */
#define LK_TYPE_STRICTNESS (lk_strictness_get_type ())
G_DECLARE_FINAL_TYPE (LkStrictness, lk_strictness, LK, STRICTNESS, AdwBin)

GtkWidget *lk_strictness_new (void);

/* @meaning: (nullable): a reference is kept; after it has changed, set it again.  Without one, or
 * with one that was not measured, there is the slider alone. */
void lk_strictness_set_meaning (LkStrictness *self, LkMeaning *meaning);

/* 0 .. 1.  Emits nothing. */
void lk_strictness_set_threshold (LkStrictness *self, double threshold);
double lk_strictness_get_threshold (LkStrictness *self);

G_END_DECLS
