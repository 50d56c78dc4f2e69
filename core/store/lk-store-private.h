/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-attempts.h"
#include "lk-database-private.h"
#include "lk-embeddings.h"
#include "lk-store.h"

/* Between the files lk-store*.c. */

struct _LkStore
{
  char *captures; /* folders */
  char *trash;
  char *session;      /* of this run */
  guint n_pictures;   /* the number that the last picture got */
  char *own_trash;    /* (nullable): in trash, this store's alone; made when needed */
  int own_trash_lock; /* its lock, -1 without */
  guint n_deletions;  /* subfolders in it */
  GPtrArray *undo;    /* of Move: what the last deletion did, in order */
  char *undo_person;  /* (nullable): whom it deleted, and where they are in the trash */
  char *undo_key;
  LkDatabase *database; /* (nullable) */
  char *notice;         /* (nullable) */
};

/* A folder's entry went, or goes, from here to there. */
typedef struct
{
  char *from, *to;
} LkMove;

void lk_move_free (LkMove *self);

/* (transfer full): the person's folder name, or %NULL with %G_FILE_ERROR for a name
 * that nobody can have */
char *lk_store_encode_person (const char *person, GError **error);

/* (transfer full): captures/KIND/FILE-NAME of the person */
char *lk_store_person_folder (LkStore *self, LkCaptureKind kind, const char *file_name);

typedef enum
{
  LK_LIST_FOLDERS,
  LK_LIST_FILES,
  LK_LIST_FILES_AND_LINKS, /* to files or to anything else */
} LkList;

/* (transfer full): the names of what is visible in a folder, sorted; none when the
 * folder is not there */
GPtrArray *lk_store_list_names (const char *folder, LkList what, GError **error);

/* Deletes the embeddings that the database has of the person, and scrubs it. */
void lk_store_forget_embeddings (LkStore *self, const char *file_name);

/* What was deleted last cannot be brought back any more. */
void lk_store_forget_undo (LkStore *self);

/* Makes own_trash and subfolder NAME-NUMBER in it.  Returns: (transfer full) */
char *lk_store_make_trash (LkStore *self, const char *name, GError **error);

/* Deletes for good, links themselves and never what they point to. */
void lk_store_remove_tree (const char *path);

/* Deletes for good what is in the trash, and (when @all) own_trash itself. */
void lk_store_sweep_trash (LkStore *self, gboolean all);

/* Writes a picture into a folder that lk_store_publish() is to make visible: not flushed to
 * the disk, as all files are then, at once. */
gboolean lk_store_write_staged (const char *path, GBytes *bytes, GError **error);

/* Gives the finished folders KIND of @staging, of @n pictures each, to the person as one
 * session, of the time and @suffix, that none of the kinds has yet.  On failure those that
 * were given are taken back.  @out_session: (out) (optional) (transfer full): its name */
gboolean lk_store_publish (LkStore *self, const char *staging, const char *file_name,
                           const char *suffix, const int *n, char **out_session, GError **error);

/* (transfer full): "2026-03-01T18-30-05", local time */
char *lk_store_name_session (void);
