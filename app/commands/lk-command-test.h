/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "eval/lk-evaluation.h"
#include "lk-command.h"

G_BEGIN_DECLS

/*
 * What evaluate and calibrate share: the options that say on which pictures models are
 * measured, and the run itself.
 */
typedef struct
{
  char *pairs, *root, *folders, *index, *split, *runs, *crop;
  int one_shot, n_trials, max_genuine, n_impostor, n_threads;
  gint64 seed;
  LkEvaluationOptions how; /* set by lk_test_options_check() */
} LkTestOptions;

#define LK_TEST_OPTIONS_DEFAULT                                                                    \
  ((LkTestOptions){ .n_trials = 400, .max_genuine = 50, .n_impostor = 200000 })

void lk_test_options_clear (LkTestOptions *self);

/* (transfer full): entries that fill in @self, then @more (NULL-terminated). */
GOptionEntry *lk_test_options_entries (LkTestOptions *self, const GOptionEntry *more);

/* Whether they say something that can be done; %G_OPTION_ERROR otherwise. */
gboolean lk_test_options_check (LkTestOptions *self, GError **error);

/* Pictures, and their pairs or trials. */
LkProtocol *lk_test_options_load (const LkTestOptions *self, GError **error);

/* A sentence: how pictures become crops. */
const char *lk_test_options_describe (const LkTestOptions *self, const LkProtocol *protocol);

/* lk_evaluate() with progress on a terminal's standard error, stopped by an interrupt.
 * @models: (element-type LkModel), NULL among them for the baseline */
LkEvaluation *lk_test_options_run (const LkTestOptions *self, GPtrArray *models,
                                   const LkProtocol *protocol, GError **error);

/* Members of a JSON object; null for what is not finite. */
void lk_json_add_double (JsonBuilder *builder, const char *name, double value);
void lk_json_add_int (JsonBuilder *builder, const char *name, gint64 value);
void lk_json_add_text (JsonBuilder *builder, const char *name, const char *value);
void lk_json_add_interval (JsonBuilder *builder, const char *name, double low, double high);

G_END_DECLS
