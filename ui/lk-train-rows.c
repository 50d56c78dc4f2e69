/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-train-rows.h"

#include "lk-train-words.h"

#include <glib/gi18n.h>

#define ROW(section, kind, key, ...)                                                               \
  {                                                                                                \
    key, LK_SECTION_##section, LK_ROW_##kind, __VA_ARGS__                                          \
  }
#define CHOICE(section, kind, key, title, subtitle)                                                \
  ROW (section, kind, key, title, subtitle, 0, 0, 0, 0)
#define NUMBER(section, key, ...) ROW (section, NUMBER, key, __VA_ARGS__)

/* It would indent each line behind a N_() more than the one before. */
/* clang-format off */
const LkTrainRow lk_train_rows[] = {
  NUMBER (TOP, "epochs", N_("Epochs"), NULL, 1, 100000, 1, 0),

  CHOICE (LOSS, NETWORK, "network", N_("Network"), NULL),
  CHOICE (LOSS, WORD, "loss", N_("Loss"), NULL),
  NUMBER (LOSS, "margin", N_("Margin"), NULL, 0.01, 10, 0.05, 2),
  NUMBER (LOSS, "scale", N_("Scale"), NULL, 1, 10000, 1, 0),
  CHOICE (LOSS, WORD, "mining", N_("Triplets"), N_("Which of a batch are learnt from")),
  CHOICE (LOSS, WORD, "distillation", N_("Distance from the Teacher"), NULL),
  NUMBER (LOSS, "identity-weight", N_("Weight of Identity"),
          N_("ArcFace’s loss beside the teacher’s"), 0, 10, 0.01, 3),
  CHOICE (LOSS, SWITCH, "freeze", N_("Head Only"), N_("The embedding stays as it is")),
  CHOICE (LOSS, WORD, "scoring", N_("Validate By"), NULL),

  CHOICE (BATCH, WORD, "sampling", N_("Made Of"), NULL),
  NUMBER (BATCH, "batch", N_("Pairs a Step"), NULL, 1, 2048, 1, 0),
  NUMBER (BATCH, "pictures", N_("Pictures a Step"), NULL, 2, 4096, 1, 0),
  NUMBER (BATCH, "people", N_("People a Step"), NULL, 2, 2048, 1, 0),
  NUMBER (BATCH, "per-person", N_("Pictures of Each"), NULL, 2, 64, 1, 0),
  CHOICE (BATCH, WORD, "pairs", N_("Pairs of a Batch"), NULL),
  NUMBER (BATCH, "steps", N_("Steps an Epoch"),
          N_("0: once through the pictures"), 0, 1000000, 10, 0),

  CHOICE (STEPS, WORD, "optimizer", N_("Optimiser"), NULL),
  NUMBER (STEPS, "rate", N_("Learning Rate"), NULL, 0.000001, 1, 0.00001, 6),
  NUMBER (STEPS, "momentum", N_("Momentum"), NULL, 0, 0.999, 0.05, 3),
  CHOICE (STEPS, WORD, "schedule", N_("Schedule"), NULL),
  NUMBER (STEPS, "fall", N_("Falls Over"), N_("The last epochs"), 0, 10000, 1, 0),
  NUMBER (STEPS, "warmup", N_("Warm-Up"), N_("Steps in which the rate rises"), 0, 100000, 10, 0),
  NUMBER (STEPS, "clip", N_("Clip Each Gradient At"), N_("0: not at all"), 0, 1000, 0.1, 2),
  NUMBER (STEPS, "clip-norm", N_("Clip Their Norm At"), N_("0: not at all"), 0, 1000, 0.5, 2),

  CHOICE (AUGMENT, AUGMENT, "augment", N_("Change Pictures"),
          N_("At random, and never those for validation and test")),
  ROW (AUGMENT, STRENGTH, "augment-strength", N_("Strength"), NULL, 0, 2, 0.1, 2),

  NUMBER (END, "patience", N_("Patience"),
          N_("Epochs without a better one before it ends; 0: never"), 0, 10000, 1, 0),
  CHOICE (END, WORD, "judge", N_("The Best Epoch Has"), NULL),
  NUMBER (END, "one-shot", N_("One-Shot Candidates"),
          N_("In each validation; 0: no trials"), 0, 1000, 1, 0),
  NUMBER (END, "evaluation-pairs", N_("Pairs to Validate"), NULL, 2, 1000000, 100, 0),
  NUMBER (END, "checkpoint", N_("Checkpoint Every"), N_("Epochs"), 1, 10000, 1, 0),
  NUMBER (END, "seed", N_("Seed"),
          N_("The same one splits and draws the same"), 0, 4294967295.0, 1, 0),
  NUMBER (END, "threads", N_("Threads"), N_("0: one a core"), 0, 256, 1, 0),
  { NULL, 0, 0, NULL, NULL, 0, 0, 0, 0 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (lk_train_rows) <= LK_MAX_TRAIN_ROWS);

const char *const lk_train_section_titles[LK_N_SECTIONS] = {
  [LK_SECTION_LOSS] = N_("Network and Loss"),
  [LK_SECTION_BATCH] = N_("Batches"),
  [LK_SECTION_STEPS] = N_("Optimiser"),
  [LK_SECTION_AUGMENT] = N_("Augmentation"),
  [LK_SECTION_END] = N_("Stopping and Checkpoints"),
};
/* clang-format on */

gboolean
lk_train_row_is_relevant (const LkTrainRow *row, const LkTrainOptions *o)
{
  const char *key = row->key;

  if (g_str_equal (key, "margin"))
    return o->loss != LK_TRAIN_CROSS_ENTROPY &&
           (o->loss != LK_TRAIN_DISTILLATION || o->identity_weight > 0);
  if (g_str_equal (key, "scale"))
    return o->loss == LK_TRAIN_CIRCLE || o->loss == LK_TRAIN_ARCFACE ||
           (o->loss == LK_TRAIN_DISTILLATION && o->identity_weight > 0);
  if (g_str_equal (key, "mining"))
    return o->loss == LK_TRAIN_TRIPLET;
  if (g_str_equal (key, "distillation") || g_str_equal (key, "identity-weight"))
    return o->loss == LK_TRAIN_DISTILLATION;
  if (g_str_equal (key, "freeze"))
    return o->loss == LK_TRAIN_CROSS_ENTROPY;
  if (g_str_equal (key, "batch"))
    return o->sampling == LK_SAMPLING_PAIRS;
  if (g_str_equal (key, "pictures"))
    return o->sampling == LK_SAMPLING_PICTURES;
  if (g_str_equal (key, "people") || g_str_equal (key, "per-person"))
    return o->sampling == LK_SAMPLING_PEOPLE;
  if (g_str_equal (key, "pairs"))
    return o->sampling == LK_SAMPLING_PEOPLE && o->loss <= LK_TRAIN_CONTRASTIVE;
  if (g_str_equal (key, "momentum"))
    return o->optimizer == LK_OPTIMIZER_SGD;
  if (g_str_equal (key, "fall"))
    return o->schedule == LK_SCHEDULE_LEVEL;
  if (g_str_equal (key, "augment-strength"))
    return !lk_augment_is_none (&o->augment) &&
           lk_train_words_find_augment (o, NULL) != LK_AUGMENT_OWN;
  return TRUE;
}
