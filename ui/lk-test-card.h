/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-trainer.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkTestCard: what the test after a training found, and the button that puts the model
 * to use (action "train.use-model" of the page that it lies in).
 *
 * Passive.
 */
#define LK_TYPE_TEST_CARD (lk_test_card_get_type ())
G_DECLARE_FINAL_TYPE (LkTestCard, lk_test_card, LK, TEST_CARD, AdwBin)

/* n_pairs 0: says that nothing is known.  Takes an old histogram away. */
void lk_test_card_show (LkTestCard *self, const LkTrainEvaluation *test);
/* See lk_histogram_set_counts(). */
void lk_test_card_show_histogram (LkTestCard *self, const int *genuine, const int *impostor,
                                  int n_bins, double threshold);
void lk_test_card_set_in_use (LkTestCard *self, gboolean in_use);

G_END_DECLS
