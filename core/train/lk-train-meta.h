/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-training.h"

G_BEGIN_DECLS

/**
 * lk_train_describe:
 * @options: with the steps of an epoch filled in
 * @threshold: of the model; NAN for none
 *
 * Returns: (transfer full) (element-type utf8 utf8): the metadata of the model that the run
 *   made: where from, on what, how far, and how it did in its test
 */
GHashTable *lk_train_describe (const LkTrainOptions *options, const LkDataset *set,
                               const LkTraining *training, const LkTrainProgress *progress,
                               double threshold);

G_END_DECLS
