/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "face/lk-finder.h"
#include "store/lk-database.h"
#include "verify/lk-verifier.h"

G_BEGIN_DECLS

/* Called after each picture: @n_done of @n_all have their embedding. */
typedef void (*LkEmbedderProgress) (int n_done, int n_all, gpointer data);

/**
 * lk_embedder_embed:
 * @database: (nullable): where the embedding is found, or kept
 * @out: (out caller-allocates): the verifier's size
 *
 * Returns: (transfer full) (nullable): the face; NULL when the picture cannot be read
 */
LkImage *lk_embedder_embed (LkVerifier *verifier, LkFinder *finder, LkDatabase *database,
                            const char *path, float *out);

/**
 * lk_embedder_fill:
 * @database: (nullable): where embeddings are found, and kept
 * @paths: (nullable): of the anchors' pictures
 * @people: (nullable): for each, whose it is; as lk_verifier_set_gallery()
 * @images: (out) (transfer full) (element-type LkImage): the pictures that the gallery was
 *   made of, in its order
 *
 * Makes the pictures the verifier's gallery: with what the database has of this model, and
 * else by embedding them now; people whom the head was adapted to are scored by theirs.  A picture
 * that cannot be read is left out: the others still serve.  What an older program or another
 * detector computed is not taken.
 *
 * On the thread that @verifier, @finder and @database belong to.
 *
 * Returns: FALSE with %G_IO_ERROR_CANCELLED, or %LK_ERROR_TOO_LARGE when memory is short; the
 *   gallery is empty then
 */
gboolean lk_embedder_fill (LkVerifier *verifier, LkFinder *finder, LkDatabase *database,
                           const char *const *paths, const char *const *people,
                           GCancellable *cancellable, LkEmbedderProgress progress, gpointer data,
                           GPtrArray **images, GError **error);

/* Deletes from the database what neither @verifier's model nor the one before it computed. */
void lk_embedder_forget_others (LkVerifier *verifier, LkDatabase *database);

G_END_DECLS
