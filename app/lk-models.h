/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Which models there are on this machine, and which one verifies.
 */

/* The networks that come with the program, in the order in which they are offered. */
typedef struct
{
  const char *name;        /* as lk_model_load() takes it */
  const char *description; /* one line, translatable */
} LkBuiltinNetwork;
const LkBuiltinNetwork *lk_models_get_builtin (int *n);

/* What one of them takes; FALSE, and nothing set, when its text cannot be read. */
gboolean lk_models_get_input (const char *network, int *height, int *width, int *channels);

/* Whether there is a network or model of this name to begin a training with. */
gboolean lk_models_has_network (const char *name);

/**
 * lk_models_get_in_use:
 *
 * Returns: (transfer full): the name of the model chosen in the settings if it is still
 *   there, otherwise of the one that comes with the program, otherwise of the newest one
 *   trained on this machine; %NULL with %LK_ERROR_NO_MODEL when there is none
 */
char *lk_models_get_in_use (GError **error);

/* (transfer full) (array zero-terminated=1): the user's models, the newest first, then
 * those that come with the program and compare faces */
char **lk_models_list (void);

/* (transfer full): the file of a user's model of that name; a path is itself */
char *lk_models_get_path (const char *name);

/* (transfer full): the name that lk_models_get_path() makes this file of */
char *lk_models_name_of_file (const char *path);

/* (transfer full): a name for a new model of this network that no file has yet:
 * "siamese-2026-03-01-1830" */
char *lk_models_new_name (const char *network);

/* (transfer full) (nullable): the newest run of this network that was stopped before its end
 * (NAME.safetensors.checkpoint is there), as the model's name */
char *lk_models_find_interrupted (const char *network);

/* Whether the run that this model is of can go on. */
gboolean lk_models_is_interrupted (const char *name);

G_END_DECLS
