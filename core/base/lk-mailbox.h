/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * One slot between threads, newest wins.
 *
 *   any thread        main context of lk_mailbox_new()
 *   post(item)  ----> receive(item)
 *
 * An item that has not been received when the next one is posted is freed.
 */
typedef struct _LkMailbox LkMailbox;

/* @item: (transfer full).  Called in the main context, never after lk_mailbox_free(). */
typedef void (*LkReceiveFunc) (gpointer item, gpointer data);

LkMailbox *lk_mailbox_new (LkReceiveFunc receive, gpointer data, GDestroyNotify item_free);

/* @item: (transfer full) (not nullable).  Any thread. */
void lk_mailbox_post (LkMailbox *self, gpointer item);

/* In the thread of the main context, when nobody posts any more.  Accepts NULL. */
void lk_mailbox_free (LkMailbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkMailbox, lk_mailbox_free)

G_END_DECLS
