/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-trainer.h"

G_BEGIN_DECLS

/* The recipes that come with the program (data/recipes), as they are offered to people. */
typedef struct
{
  const char *id;          /* of the file: ID.recipe */
  const char *title;       /* translatable, as the next */
  const char *description; /* a sentence */
} LkPreset;

/* In the order in which they are offered; NULL-id'd at the end. */
const LkPreset *lk_presets_get (void);

/* @options: (out caller-allocates): lk_train_options_clear() it, also after FALSE.  Errors as of
 * lk_recipe_load(), and %LK_ERROR_NO_MODEL when its network is not there. */
gboolean lk_preset_load (const char *id, LkTrainOptions *options, GError **error);

G_END_DECLS
