/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-database.h"

G_BEGIN_DECLS

/*
 * The tries of the attack bench: when, what was shown, with which network, and what came of it.
 * No picture, no score and no name: a rate needs none of them.  The newest LK_TRIES_MAX are kept.
 */
#define LK_TRIES_MAX 5000

/* @model: its name; @shown: what was shown, in a word (eval/lk-presentations.h)
 * @matched: it would have opened without liveness; @opened: with it */
gboolean lk_database_add_try (LkDatabase *self, const char *model, const char *shown,
                              gboolean matched, gboolean opened, GError **error);

typedef void (*LkTryFunc) (const char *shown, gboolean matched, gboolean opened, gpointer data);

/* Calls @found for those with @model, the oldest first.  Who can write to the file can write any
 * word there; what opened without having matched is left out. */
gboolean lk_database_list_tries (LkDatabase *self, const char *model, LkTryFunc found,
                                 gpointer data, GError **error);

/* Deletes them, from the file, its WAL and its backups. */
gboolean lk_database_delete_tries (LkDatabase *self, const char *model, GError **error);

G_END_DECLS
