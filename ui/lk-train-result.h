/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-trainer.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkTrainResult: how good a trained model is: what the test at the training's end counted.
 *
 * Passive.
 */
#define LK_TYPE_TRAIN_RESULT (lk_train_result_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainResult, lk_train_result, LK, TRAIN_RESULT, AdwBin)

/* n_pairs 0: says that nothing is known. */
void lk_train_result_show_test (LkTrainResult *self, const LkTrainEvaluation *test);

G_END_DECLS
