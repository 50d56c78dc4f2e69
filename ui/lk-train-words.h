/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-trainer.h"

G_BEGIN_DECLS

/* What training options are called for people. */

/* Which augmentation, as far as it can be said in a word. */
typedef enum
{
  LK_AUGMENT_NONE,
  LK_AUGMENT_PAPER,
  LK_AUGMENT_FACES,
  LK_AUGMENT_OWN, /* amounts of its own */
} LkAugmentKind;

/* @strength: (out) (optional): times the amounts of lk_augment_paper or lk_augment_faces; 1 for
 * the others */
LkAugmentKind lk_train_words_find_augment (const LkTrainOptions *options, double *strength);

/* (array zero-terminated=1) (nullable): for the words of a recipe's key, in their order; not
 * translated yet */
const char *const *lk_train_words_get_labels (const char *key);

/* Each (transfer full): a line about a part of the options. */
char *lk_train_words_describe_loss (const LkTrainOptions *options);
char *lk_train_words_describe_batch (const LkTrainOptions *options);
char *lk_train_words_describe_steps (const LkTrainOptions *options);
char *lk_train_words_describe_augment (const LkTrainOptions *options);
char *lk_train_words_describe_end (const LkTrainOptions *options);

G_END_DECLS
