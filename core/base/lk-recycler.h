/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * LkRecycler: memory that goes round: what one frame leaves, the next one takes.
 *
 * For things of about the same size that are made for every frame and let go by another
 * thread.  After the first few, none of them takes memory from malloc.
 *
 * Any thread.  Blocks may outlive the recycler.
 */
typedef struct _LkRecycler LkRecycler;

LkRecycler *lk_recycler_new (void);
void lk_recycler_free (LkRecycler *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkRecycler, lk_recycler_free)

/* Returns: (transfer full): @size bytes, aligned for any type, of any content: not zero */
gpointer lk_recycler_take (LkRecycler *self, gsize size);

/* Returns: (transfer full): the like of @block, which is out, from the same recycler: the
 * first @size bytes are copied */
gpointer lk_recycler_copy (gconstpointer block, gsize size);

/* @block: (transfer full): from lk_recycler_take(); a GDestroyNotify */
void lk_recycler_give (gpointer block);

G_END_DECLS
