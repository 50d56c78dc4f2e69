/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"
#include "lk-database.h"

G_BEGIN_DECLS

/*
 * LkStore: the people enrolled and the pictures captured of them.
 *
 *     captures/anchor/<person>/<session>/<picture>.jpg
 *     captures/positive/<person>/<session>/<picture>.jpg
 *     captures/negative/<person>/<session>/<picture>.jpg
 *     trash/                                      deleted, until it is emptied
 *     likeness.db                                 what folders cannot hold: lk-database.h
 *
 * the documents' layout, each picture sealed (base/lk-vault.h) under its own name: any
 * lk_image_load() of this program reads it. The folders are the truth about people and pictures;
 * the database beside them cannot disagree. A session is one sitting: pictures of one day and one
 * run of the program ("2026-03-01T18-30-05").
 *
 * Belongs to one thread.  Two processes may use one store: names are unique, and
 * every file appears whole.
 */
typedef struct _LkStore LkStore;

typedef enum
{
  LK_CAPTURE_ANCHOR,
  LK_CAPTURE_POSITIVE,
  LK_CAPTURE_NEGATIVE,
} LkCaptureKind;
#define LK_N_CAPTURE_KINDS 3

/* "anchor", "positive", "negative" */
const char *lk_capture_kind_to_string (LkCaptureKind kind);

typedef struct
{
  char *name;                /* as the user typed it */
  int n[LK_N_CAPTURE_KINDS]; /* pictures of each kind */
} LkPerson;

typedef struct
{
  char *path;
  char *person;
  char *session;
  LkCaptureKind kind;
} LkCapture;

void lk_person_free (LkPerson *self);
LkCapture *lk_capture_copy (const LkCapture *self);
void lk_capture_free (LkCapture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkCapture, lk_capture_free)

/* @folder: (nullable): NULL for the user's own.  Makes the folders; mends loose
 * permissions (of the user's own: those of the settings, too); deletes for good what a run that
 * crashed left in the trash; opens the database.  Errors of the whole module are %G_FILE_ERROR
 * unless said otherwise. */
LkStore *lk_store_open (const char *folder, GError **error);
void lk_store_close (LkStore *self); /* empties its trash; accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkStore, lk_store_close)

/* (transfer none) (nullable): NULL when it cannot be used (the notice says why): people and
 * pictures do without it */
LkDatabase *lk_store_get_database (LkStore *self);

/* (transfer none) (nullable): whole sentences that the person should be shown once: loose
 * permissions were mended, the database was repaired or cannot be used */
const char *lk_store_get_notice (LkStore *self);

/* (transfer full) (element-type LkPerson): by name; those who have a picture */
GPtrArray *lk_store_list_people (LkStore *self, GError **error);
/* (transfer full) (element-type LkCapture): by session, then in the order of capture;
 * @person NULL for all.  Pictures that somebody put beside the sessions are of the
 * session "". */
GPtrArray *lk_store_list_captures (LkStore *self, const char *person, LkCaptureKind kind,
                                   GError **error);

/**
 * lk_store_add:
 * @person: any text but a blank one; nobody's when it is over 200 bytes as a file name
 * @face: a picture from lk_finder_extract()
 *
 * Returns: (transfer full): what was written, a JPEG of quality 95, sealed (lk-vault.h), mode
 *   0600; %LK_ERROR_LOCKED when there is no key for it
 */
LkCapture *lk_store_add (LkStore *self, const char *person, LkCaptureKind kind, const LkImage *face,
                         GError **error);

/**
 * lk_store_add_session:
 * @faces: (element-type LkImage) (nullable elements): the pictures of each kind
 * @out_session: (out) (optional) (transfer full): its name
 *
 * lk_store_add() of a whole sitting, as a session of its own: it appears whole, or after an
 * error not at all.
 */
gboolean lk_store_add_session (LkStore *self, const char *person,
                               GPtrArray *const faces[LK_N_CAPTURE_KINDS], char **out_session,
                               GError **error);

/* Moves captures (of one person) to the trash; lk_store_undo() brings back what the last call of
 * either function took, also when that call failed half-way, and has %LK_ERROR_NO_DATA
 * when there is nothing to bring back.  With a person's last picture go their attempts. */
gboolean lk_store_delete_captures (LkStore *self, GPtrArray *captures, GError **error);
gboolean lk_store_delete_person (LkStore *self, const char *person, GError **error);
gboolean lk_store_undo (LkStore *self, GError **error);

/* Deletes for good what this store, or a run that crashed, has in the trash; another
 * running program's part of it is left alone. */
void lk_store_empty_trash (LkStore *self);

/* Gives a person another name, with all pictures, unless somebody has it already
 * (%LK_ERROR_NO_DATA).  What was deleted under the old name cannot be brought back then. */
gboolean lk_store_rename_person (LkStore *self, const char *from, const char *to, GError **error);

/**
 * lk_store_set_personal:
 * @person: who has an anchor
 * @data: (nullable): NULL to forget it
 *
 * What was learnt of a person (verify/lk-personal.h), sealed, as one hidden file among the anchors:
 * it goes where they go, is renamed and deleted with them, and forgotten when any picture of the
 * person is deleted, as it may have been learnt from that one.
 */
gboolean lk_store_set_personal (LkStore *self, const char *person, GBytes *data, GError **error);
/* (transfer full) (nullable): NULL when there is nothing, or nothing that can be unsealed */
GBytes *lk_store_get_personal (LkStore *self, const char *person);
/* The same of the user's own store, without one: for any thread. */
GBytes *lk_store_find_personal (const char *person);

/* Pictures that are not encrypted: of versions that did not, or put there by hand.
 * Returns: how many, or -1 */
int lk_store_count_plain (LkStore *self, GError **error);

/* Encrypts them, each at once and whole: it may be stopped at any time, and gone on with.
 * @progress: (nullable): called after each.  It takes time: another thread may do it with a
 * store of its own. */
typedef void (*LkStoreProgress) (int n_done, int n_all, gpointer data);
gboolean lk_store_seal (LkStore *self, LkStoreProgress progress, gpointer data,
                        GCancellable *cancellable, GError **error);

/**
 * lk_store_import:
 * @folder: holds anchor/, positive/ and negative/ (each optional, at least one), with
 *   pictures at any depth
 * @n_skipped: (out) (optional)
 *
 * Copies every readable picture into a new session of @person, sealed: a JPEG byte for
 * byte, any other as a JPEG of quality 95.  What cannot be decoded is counted in @n_skipped,
 * not an error, unless nothing could be read.  The session appears whole: after an
 * error, or when it is cancelled, nothing has been imported.
 *
 * It takes time: another thread may do it with a store of its own.
 *
 * Returns: pictures imported, or -1 with %LK_ERROR_NO_DATA, %G_IO_ERROR_CANCELLED or
 *   %G_FILE_ERROR
 */
int lk_store_import (LkStore *self, const char *person, const char *folder,
                     GCancellable *cancellable, int *n_skipped, GError **error);

G_END_DECLS
