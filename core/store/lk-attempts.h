/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "image/lk-image.h"
#include "lk-database.h"

G_BEGIN_DECLS

/*
 * Attempts to be verified: when, as whom, with what result, and (only where the person has
 * asked for it) a picture of a refused one, sealed (base/lk-vault.h).
 *
 * The newest LK_ATTEMPTS_MAX are kept.  Deleting a person deletes their attempts; an undo brings
 * them back, and with them the wait that they ask for.  A refused
 * attempt to be anybody of several people belongs to nobody: whom it was most alike says nothing
 * about who it was.  It counts for everybody's wait; its picture may show any of them, and goes
 * when one of them is deleted.
 */
#define LK_ATTEMPTS_MAX 500

typedef struct
{
  gint64 id;
  gint64 when;  /* Unix time, s */
  char *person; /* (nullable): nobody's */
  gboolean accepted;
  double score, threshold; /* 0 .. 1; -1 where nothing was compared */
  gboolean has_picture;
} LkAttempt;

void lk_attempt_free (LkAttempt *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkAttempt, lk_attempt_free)

/* @person: (nullable): as whom; NULL, refused, for nobody; @picture: (nullable): what the camera
 * saw; pass NULL unless the person asked for pictures to be kept */
gboolean lk_database_add_attempt (LkDatabase *self, const char *person, gboolean accepted,
                                  double score, double threshold, const LkImage *picture,
                                  GError **error);

/* (transfer full) (element-type LkAttempt): the newest first */
GPtrArray *lk_database_list_attempts (LkDatabase *self, GError **error);

/* (transfer full): the picture of an attempt, or NULL with %LK_ERROR_NO_DATA when it has none
 * (any more), or as lk_image_load() */
LkImage *lk_database_load_attempt (LkDatabase *self, gint64 id, GError **error);

gboolean lk_database_delete_attempt (LkDatabase *self, gint64 id, GError **error);

/* Deletes the pictures of attempts older than @days (0: all pictures), and attempts older
 * than a year; from the WAL and from copies of the database too.  Cheap when there are none. */
gboolean lk_database_expire_attempts (LkDatabase *self, int days, GError **error);

/* As of a person who is deleted, but whom an undo may bring back: their attempts are nobody's and
 * in no list until they are brought back, or dropped.  Pictures of those that are nobody's anyhow
 * go at once.  @key: names a folder, which is there as long as there may be an undo.
 * Scrubs nothing (lk_database_scrub()). */
gboolean lk_database_set_attempts_aside (LkDatabase *self, const char *person, const char *key,
                                         GError **error);
gboolean lk_database_bring_attempts_back (LkDatabase *self, const char *key, const char *person,
                                          GError **error);
/* Deletes for good those whose key names nothing in @folder any more. */
gboolean lk_database_drop_attempts_aside (LkDatabase *self, const char *folder, GError **error);
gboolean lk_database_rename_attempts (LkDatabase *self, const char *from, const char *to,
                                      GError **error);

/* Attempts in a row that may be refused before there is a wait (if nothing else was chosen), and
 * the waits: the first, and the longest, which each further one doubles up to. */
#define LK_LOCKOUT_FREE    5
#define LK_LOCKOUT_FIRST_S 30
#define LK_LOCKOUT_MAX_S   3600

/* The wait after @n_refused in a row, of which @n_free are without one, in seconds. */
int lk_lockout_get_wait (gint64 n_refused, int n_free);

/* The refused attempts as @person since the last as them that was accepted, and nobody's since
 * the last of anybody that was.  @last: (out) (optional): the
 * newest one's Unix time */
gint64 lk_database_count_refused (LkDatabase *self, const char *person, gint64 *last);

/* Returns: the seconds that @person has to wait before the next attempt, 0 for none; the clock
 * set back only makes it longer. */
int lk_database_get_lockout (LkDatabase *self, const char *person, int n_free);

G_END_DECLS
