/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-model.h"

/* Between lk-model.c and lk-model-file.c. */

#define LK_MODEL_FORMAT      "likeness-model-1"
#define LK_CHECKPOINT_FORMAT "likeness-checkpoint-1"

/* (transfer full): with a network, metadata, and memory for parameters that the caller
 * fills and hands to lk_model_check_params() before anybody else sees the model. */
LkModel *lk_model_new_blank (const char *architecture, const char *name, GHashTable *meta,
                             GError **error);
float *lk_model_get_blank (LkModel *self);
void lk_model_set_path (LkModel *self, const char *path);
gboolean lk_model_check_params (LkModel *self, GError **error);
