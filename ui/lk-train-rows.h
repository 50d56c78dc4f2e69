/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "train/lk-trainer.h"

G_BEGIN_DECLS

/* The rows of LkTrainRecipe: which keys of lk-recipe.h are offered, where, and how. */

typedef enum
{
  LK_ROW_NUMBER,
  LK_ROW_WORD, /* as many labels as the key has words */
  LK_ROW_SWITCH,
  LK_ROW_NETWORK,
  LK_ROW_AUGMENT, /* none, paper, faces, or what the preset has of its own */
  LK_ROW_STRENGTH,
} LkTrainRowKind;

typedef enum
{
  LK_SECTION_TOP, /* not folded */
  LK_SECTION_LOSS,
  LK_SECTION_BATCH,
  LK_SECTION_STEPS,
  LK_SECTION_AUGMENT,
  LK_SECTION_END,
  LK_N_SECTIONS,
} LkTrainSection;

typedef struct
{
  const char *key;
  LkTrainSection section;
  LkTrainRowKind kind;
  const char *title, *subtitle; /* subtitle: (nullable) */
  double lower, upper, step;
  int digits;
} LkTrainRow;

/* NULL-keyed at the end.  Keys that core does not have are to be passed over. */
#define LK_MAX_TRAIN_ROWS 64
extern const LkTrainRow lk_train_rows[];

/* Not translated yet; NULL for LK_SECTION_TOP. */
extern const char *const lk_train_section_titles[LK_N_SECTIONS];

/* Whether the row's option has an effect, with the others as they are. */
gboolean lk_train_row_is_relevant (const LkTrainRow *row, const LkTrainOptions *options);

G_END_DECLS
