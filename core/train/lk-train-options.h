/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-trainer.h"

G_BEGIN_DECLS

/* @copy: (out): for lk_train_options_clear() */
void lk_train_options_copy (const LkTrainOptions *self, LkTrainOptions *copy);

/* Ranges, and whether the output's folder can be written to. */
gboolean lk_train_options_check (const LkTrainOptions *self, GError **error);

G_END_DECLS
