/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "nn/lk-network.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkModel: a network with its parameters and what is known about them.
 *
 * Immutable once made; reference counting is atomic.  Stored as one safetensors
 * file: tensors by parameter name, and in `__metadata__` the keys below.
 *
 *   format          "likeness-model-1", or "likeness-checkpoint-1" (see lk_model_load())
 *   architecture    the text of lk-network.h
 *   preprocessing   "rgb 100x100 /255": height and width; "grey ..." for one channel
 *   trained         a sentence for people; absent: never trained
 *   threshold       decimal, the detection threshold chosen on validation data (optional)
 *   other keys      kept as they are
 */
typedef struct _LkModel LkModel;

/* The largest model file that is read, in bytes. */
#define LK_MODEL_MAX_SIZE (2u << 30)

/**
 * lk_model_new_untrained:
 * @architecture: text of an architecture
 * @name: for error messages
 *
 * Parameters as the architecture's initialisers draw them from @seed.
 */
LkModel *lk_model_new_untrained (const char *architecture, const char *name, guint64 seed,
                                 GError **error);

/* Takes copies of @params (lk_network_get_size() finite floats) and of @meta:
 * (element-type utf8 utf8) (nullable): format, architecture and preprocessing are
 * set here.  Errors as of lk_model_load(). */
LkModel *lk_model_new (const char *architecture, const char *name, const float *params,
                       GHashTable *meta, GError **error);

/**
 * lk_model_load:
 * @name: a path to a .safetensors or .net file, or the name of a model: looked
 *   for as NAME.safetensors among the user's models, then NAME.safetensors and
 *   NAME.net in the program's data (see lk-paths.h).  A .net is an architecture
 *   alone and gives an untrained model of seed 0.
 *
 * Every length in the file is checked before memory is taken; tensors must match
 * the architecture in name, shape and type (F32 or F16), finite values only.  The
 * trainer's own tensors beside them are passed over in a file whose format is
 * "likeness-checkpoint-1", and refused in any other.
 *
 * Returns: (transfer full): the model, or %NULL with %LK_ERROR_NO_MODEL,
 *   %LK_ERROR_FORMAT, %LK_ERROR_SHAPE, %LK_ERROR_TOO_LARGE or %G_FILE_ERROR
 */
LkModel *lk_model_load (const char *name, GError **error);

/* What a training begins from: where @name is a network of the program's own, that network
 * before any training, whatever models are called so; else as lk_model_load(). */
LkModel *lk_model_load_to_train (const char *name, GError **error);

/* The model NAME.safetensors of the program's own data, whatever the user's models are
 * called; loaded once and shared until the program ends.  Any thread.  Errors as of
 * lk_model_load(). */
LkModel *lk_model_load_own (const char *name, GError **error);

/* (transfer full): the same with every parameter rounded to a number that float16 holds: what
 * lk_model_save() would write with @half, and so what anything measured should be measured on.
 * %LK_ERROR_TOO_LARGE for numbers that no float16 holds. */
LkModel *lk_model_to_half (LkModel *self, GError **error);

/* Writes the file whole, mode 0600, float32 (or float16 when @half).  Returns: FALSE
 * with %G_FILE_ERROR, or %LK_ERROR_TOO_LARGE for numbers that no float16 holds. */
gboolean lk_model_save (LkModel *self, const char *path, gboolean half, GError **error);

LkModel *lk_model_ref (LkModel *self);
void lk_model_unref (LkModel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkModel, lk_model_unref)

const LkNetwork *lk_model_get_network (const LkModel *self);
const char *lk_model_get_architecture (const LkModel *self);
const float *lk_model_get_params (const LkModel *self); /* aligned to 64 bytes */
/* What was loaded, without folder and ending. */
const char *lk_model_get_name (const LkModel *self);
/* (nullable): the .safetensors file that it was loaded from: other files of its name lie beside */
const char *lk_model_get_path (const LkModel *self);
gboolean lk_model_is_trained (const LkModel *self);

/* The detection threshold that the file's metadata names, else 0.5. */
double lk_model_get_threshold (const LkModel *self);

/* 64 hex digits of SHA-256 over architecture and parameters: what embeddings are
 * keyed by.  Computed once, thread-safe. */
const char *lk_model_get_hash (LkModel *self);

/* (nullable): a value of the file's metadata */
const char *lk_model_get_meta (const LkModel *self, const char *key);
GHashTable *lk_model_get_all_meta (const LkModel *self); /* (transfer none): not to be changed */

G_END_DECLS
