/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-train-rows.h"

#include "lk-train-words.h"

#include <glib/gi18n.h>

const LkTrainRow lk_train_rows[] = {
  { "epochs", LK_SECTION_TOP, LK_ROW_NUMBER, N_("Epochs"), NULL, 1, 100000, 1, 0 },

    { "network", LK_SECTION_LOSS, LK_ROW_NETWORK, N_("Network"), NULL, 0, 0, 0, 0 },
      { "loss", LK_SECTION_LOSS, LK_ROW_WORD, N_("Loss"), NULL, 0, 0, 0, 0 },
        { "margin", LK_SECTION_LOSS, LK_ROW_NUMBER, N_("Margin"), NULL, 0.01, 10, 0.05, 2 },
          { "scale", LK_SECTION_LOSS, LK_ROW_NUMBER, N_("Scale"), NULL, 1, 10000, 1, 0 },
            { "mining", LK_SECTION_LOSS, LK_ROW_WORD,
              N_("Triplets"), N_("Which of a batch are learnt from"), 0, 0, 0, 0 },
              { "distillation", LK_SECTION_LOSS, LK_ROW_WORD,
                N_("Distance from the Teacher"), NULL, 0, 0, 0, 0 },
                { "identity-weight", LK_SECTION_LOSS, LK_ROW_NUMBER,
                  N_("Weight of Identity"),
                      N_("ArcFace’s loss beside the teacher’s"), 0, 10, 0.01, 3 },
                  { "freeze", LK_SECTION_LOSS, LK_ROW_SWITCH,
                    N_("Head Only"), N_("The embedding stays as it is"), 0, 0, 0, 0 },
                    { "scoring", LK_SECTION_LOSS, LK_ROW_WORD,
                      N_("Validate By"), NULL, 0, 0, 0, 0 },

                      { "sampling", LK_SECTION_BATCH, LK_ROW_WORD,
                        N_("Made Of"), NULL, 0, 0, 0, 0 },
                        { "batch", LK_SECTION_BATCH, LK_ROW_NUMBER,
                          N_("Pairs a Step"), NULL, 1, 2048, 1, 0 },
                          { "pictures", LK_SECTION_BATCH, LK_ROW_NUMBER,
                            N_("Pictures a Step"), NULL, 2, 4096, 1, 0 },
                            { "people", LK_SECTION_BATCH, LK_ROW_NUMBER,
                              N_("People a Step"), NULL, 2, 2048, 1, 0 },
                              { "per-person", LK_SECTION_BATCH, LK_ROW_NUMBER,
                                N_("Pictures of Each"), NULL, 2, 64, 1, 0 },
                                { "pairs", LK_SECTION_BATCH, LK_ROW_WORD,
                                  N_("Pairs of a Batch"), NULL, 0, 0, 0, 0 },
                                  { "steps", LK_SECTION_BATCH, LK_ROW_NUMBER,
                                    N_("Steps an Epoch"),
                                        N_("0: once through the pictures"), 0, 1000000, 10, 0 },

                                    { "optimizer", LK_SECTION_STEPS, LK_ROW_WORD,
                                      N_("Optimiser"), NULL, 0, 0, 0, 0 },
                                      { "rate", LK_SECTION_STEPS, LK_ROW_NUMBER,
                                        N_("Learning Rate"), NULL, 0.000001, 1, 0.00001, 6 },
                                        { "momentum", LK_SECTION_STEPS, LK_ROW_NUMBER,
                                          N_("Momentum"), NULL, 0, 0.999, 0.05, 3 },
                                          { "schedule", LK_SECTION_STEPS, LK_ROW_WORD,
                                            N_("Schedule"), NULL, 0, 0, 0, 0 },
                                            { "fall", LK_SECTION_STEPS, LK_ROW_NUMBER,
                                              N_("Falls Over"),
                                                  N_("The last epochs"), 0, 10000, 1, 0 },
                                              { "warmup", LK_SECTION_STEPS, LK_ROW_NUMBER,
                                                N_("Warm-Up"),
                                                    N_("Steps in which the rate rises"), 0, 100000,
                                                        10, 0 },
                                                { "clip", LK_SECTION_STEPS, LK_ROW_NUMBER,
                                                  N_("Clip Each Gradient At"),
                                                      N_("0: not at all"), 0, 1000, 0.1, 2 },
                                                  { "clip-norm", LK_SECTION_STEPS, LK_ROW_NUMBER,
                                                    N_("Clip Their Norm At"),
                                                        N_("0: not at all"), 0, 1000, 0.5, 2 },

                                                    { "augment", LK_SECTION_AUGMENT, LK_ROW_AUGMENT,
                                                      N_("Change Pictures"),
                                                          N_("At random, and never those for validation and test"),
                                                              0, 0, 0, 0 },
                                                      { "augment-strength", LK_SECTION_AUGMENT,
                                                        LK_ROW_STRENGTH,
                                                        N_("Strength"), NULL, 0, 2, 0.1, 2 },

                                                        { "patience", LK_SECTION_END, LK_ROW_NUMBER,
                                                          N_("Patience"),
                                                              N_("Epochs without a better one before it ends; 0: never"),
                                                                  0, 10000, 1, 0 },
                                                          { "judge", LK_SECTION_END, LK_ROW_WORD,
                                                            N_("The Best Epoch Has"), NULL, 0, 0,
                                                                0, 0 },
                                                            { "one-shot", LK_SECTION_END,
                                                              LK_ROW_NUMBER,
                                                              N_("One-Shot Candidates"),
                                                                  N_("In each validation; 0: no trials"),
                                                                      0, 1000, 1, 0 },
                                                              { "evaluation-pairs", LK_SECTION_END,
                                                                LK_ROW_NUMBER,
                                                                N_("Pairs to Validate"), NULL, 2,
                                                                    1000000, 100, 0 },
                                                                { "checkpoint", LK_SECTION_END,
                                                                  LK_ROW_NUMBER,
                                                                  N_("Checkpoint Every"),
                                                                      N_("Epochs"), 1, 10000, 1,
                                                                          0 },
                                                                  { "seed", LK_SECTION_END,
                                                                    LK_ROW_NUMBER,
                                                                    N_("Seed"),
                                                                        N_("The same one splits and draws the same"),
                                                                            0, 4294967295.0, 1, 0 },
                                                                    { "threads", LK_SECTION_END,
                                                                      LK_ROW_NUMBER,
                                                                      N_("Threads"),
                                                                          N_("0: one a core"), 0,
                                                                              256, 1, 0 },
                                                                      { NULL, 0, 0, NULL, NULL, 0,
                                                                        0, 0, 0 },
                                                                    };
G_STATIC_ASSERT (G_N_ELEMENTS (lk_train_rows) <= LK_MAX_TRAIN_ROWS);

const char *const lk_train_section_titles[LK_N_SECTIONS] = {
  [LK_SECTION_LOSS] = N_("Network and Loss"),
      [LK_SECTION_BATCH] = N_("Batches"), [LK_SECTION_STEPS] =
                          N_("Optimiser"), [LK_SECTION_AUGMENT] = N_("Augmentation"),
                                                [LK_SECTION_END] = N_("Stopping and Checkpoints"),
                                                };

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
