/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-trainer.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkTrainRecipe: how to train, as rows: a preset and the number of epochs; folded behind
 * them, all the rest, which can be undone to the preset.
 *
 * Passive.  The rows are a table over the keys of lk-recipe.h; those without an effect now
 * (a margin where the loss has none) are hidden.
 *
 * Signals
 *   "preset-wanted" (const char *id)  the owner answers with lk_train_recipe_set_options()
 *   "changed" (void)                  an option, by whomever
 * Actions
 *   "recipe.reset"                    undoes what was changed since the preset
 */
#define LK_TYPE_TRAIN_RECIPE (lk_train_recipe_get_type ())
G_DECLARE_FINAL_TYPE (LkTrainRecipe, lk_train_recipe, LK, TRAIN_RECIPE, AdwBin)

typedef struct
{
  const char *id;
  const char *title;
  const char *description; /* a sentence */
} LkPresetInfo;

GtkWidget *lk_train_recipe_new (void);

/* @presets: (array length=n): copied.  Emits nothing. */
void lk_train_recipe_set_presets (LkTrainRecipe *self, const LkPresetInfo *presets, int n);
/* (array zero-terminated=1): what there is beside the preset's own; copied */
void lk_train_recipe_set_networks (LkTrainRecipe *self, const char *const *names);

/* @preset: (nullable): an id, shown as chosen; NULL: none of them
 * @options: copied, but for data, output and resume; what "recipe.reset" goes back to */
void lk_train_recipe_set_options (LkTrainRecipe *self, const char *preset,
                                  const LkTrainOptions *options);

/* (transfer none) (nullable) */
const char *lk_train_recipe_get_preset (LkTrainRecipe *self);
/* Whether an option differs from the preset's. */
gboolean lk_train_recipe_is_changed (LkTrainRecipe *self);

/* (transfer none): as set now; data and output are NULL.  Until the next change. */
const LkTrainOptions *lk_train_recipe_get_options (LkTrainRecipe *self);

G_END_DECLS
