/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-trainer.h"

G_BEGIN_DECLS

/*
 * Recipes: training options as text, `key=value` each, for files and the command line.
 * One table says which keys there are.
 *
 * A recipe file is a keyfile with one group, [training].
 */
typedef struct
{
  const char *key;
  const char *values; /* "NAME", "N", "X", or the words to choose from */
  const char *help;
} LkRecipeKey;

/* NULL-keyed at the end; in the order in which they are to be set: what sets others' values
 * comes first. */
const LkRecipeKey *lk_recipe_get_keys (void);

/* FALSE with %LK_ERROR_FORMAT when there is no such key or the value is none for it; ranges
 * are lk_trainer_start()'s to check. */
gboolean lk_recipe_set (LkTrainOptions *options, const char *key, const char *value,
                        GError **error);

/* (transfer full): the value as lk_recipe_set() takes it; (nullable): not set */
char *lk_recipe_get (const LkTrainOptions *options, const char *key);

/**
 * lk_recipe_load:
 * @options: initialised; the file's keys are set in it, the others stay
 *
 * `network` is looked for first: with it, options become the network's own
 * (lk_train_options_init()), and the other keys are set after that.
 *
 * Returns: FALSE with %G_FILE_ERROR or %LK_ERROR_FORMAT; @options may have changed
 */
gboolean lk_recipe_load (LkTrainOptions *options, const char *path, GError **error);

G_END_DECLS
