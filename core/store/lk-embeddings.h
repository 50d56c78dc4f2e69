/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-database.h"

G_BEGIN_DECLS

/*
 * Embeddings of captured pictures, one a picture and model, sealed (base/lk-vault.h).
 *
 * What the database has saves computing it again; what it has not, or cannot unseal, or has
 * of a file that was changed since, is computed again: none of these is an error.  Deleting
 * pictures through LkStore deletes their embeddings, and so does every deletion of a model
 * that is told here.
 */

/**
 * lk_database_get_embedding:
 * @path: a picture below captures/ of the database's folder
 * @model: lk_model_get_hash()
 * @out: (out caller-allocates): @size floats
 *
 * Returns: whether @out was filled
 */
gboolean lk_database_get_embedding (LkDatabase *self, const char *path, const char *model,
                                    float *out, int size);

/* Stores one; a picture that is elsewhere is passed over. */
gboolean lk_database_put_embedding (LkDatabase *self, const char *path, const char *model,
                                    const float *embedding, int size, GError **error);

/* Deletes the embeddings of other models than @in_use and the one that was used before: who tries
 * another network and goes back does not wait. */
gboolean lk_database_drop_models (LkDatabase *self, const char *in_use, GError **error);

/* Deletes what is known of a picture or of everything in a folder below captures/, from the
 * file, its WAL and its backups. */
gboolean lk_database_forget_path (LkDatabase *self, const char *path, GError **error);

G_END_DECLS
