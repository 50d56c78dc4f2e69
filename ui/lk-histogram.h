/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkHistogram: how the scores of genuine and of impostor pairs are distributed,
 * one above and one below the same axis from 0 to 1, with the threshold.
 *
 * Passive.  Each side is scaled to its own number of pairs, so that they can be
 * compared when one is larger.
 */
#define LK_TYPE_HISTOGRAM (lk_histogram_get_type ())
G_DECLARE_FINAL_TYPE (LkHistogram, lk_histogram, LK, HISTOGRAM, GtkWidget)

GtkWidget *lk_histogram_new (void);

/* @genuine, @impostor: (array length=n_bins): pairs in each of n_bins equal parts of 0 .. 1;
 * copied */
void lk_histogram_set_counts (LkHistogram *self, const int *genuine, const int *impostor,
                              int n_bins, double threshold);

G_END_DECLS
