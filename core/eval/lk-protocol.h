/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkProtocol: what a model is asked: pictures, pairs of them to tell alike or different,
 * and one-shot trials ("which of these N shows the same as this one?").
 *
 * Made by one thread; when it is complete any number may read it.
 */

/**
 * LkPictureKind:
 * @LK_PICTURE_PHOTO: a photograph: the face is looked for in it
 * @LK_PICTURE_ALIGNED: a crop that was aligned before, with a margin around its middle
 *   100x100 pixels, which are taken
 * @LK_PICTURE_PLAIN: a picture of something else, a drawing say: the whole of it is
 *   taken as the crop, and none of the rules for faces applies
 */
typedef enum
{
  LK_PICTURE_PHOTO,
  LK_PICTURE_ALIGNED,
  LK_PICTURE_PLAIN,
} LkPictureKind;

typedef struct
{
  char *path;
  int person;  /* index into people */
  int session; /* one sitting: unique over all people; -1: not known */
} LkProtocolPicture;

typedef struct
{
  int a, b; /* pictures */
  gboolean same;
  int fold; /* 0 .. n_folds-1 */
} LkProtocolPair;

typedef struct
{
  int probe;    /* picture */
  int first, n; /* candidates[first .. first+n-1] are its candidates */
  int correct;  /* which of them, 0 .. n-1 */
} LkProtocolTrial;

typedef struct
{
  char *name;  /* for people */
  char *about; /* (nullable): a sentence on how pairs and trials were chosen */
  LkPictureKind kind;
  GPtrArray *people;  /* (element-type utf8) */
  GArray *pictures;   /* (element-type LkProtocolPicture) */
  GArray *pairs;      /* (element-type LkProtocolPair) */
  int n_folds;        /* 1: there are none */
  GArray *trials;     /* (element-type LkProtocolTrial) */
  GArray *candidates; /* (element-type int): pictures */
  GArray *look_alike; /* (element-type guint64): see lk_protocol_exclude() */
  GHashTable *person_index, *picture_index;
} LkProtocol;

/* No more pictures than these. */
#define LK_PROTOCOL_MAX_PICTURES 4000000

LkProtocol *lk_protocol_new (const char *name, LkPictureKind kind);
void lk_protocol_free (LkProtocol *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkProtocol, lk_protocol_free)

/* The index of a person or picture, which is added when it is new.  A picture has one
 * person: the first call's counts. */
int lk_protocol_add_person (LkProtocol *self, const char *name);
int lk_protocol_add_picture (LkProtocol *self, const char *path, int person, int session);
void lk_protocol_add_pair (LkProtocol *self, int a, int b, gboolean same, int fold);

/* Two people who may be one, or cannot be told apart: lk_protocol_make_pairs() and
 * lk_protocol_make_trials() never set them against each other.  Before either. */
void lk_protocol_exclude (LkProtocol *self, int person_a, int person_b);

/* Whether they were; after lk_protocol_make_pairs() or lk_protocol_make_trials(). */
gboolean lk_protocol_is_excluded (const LkProtocol *self, int person_a, int person_b);

/* LFW's list of pairs, as lk_lfw_list_load(). */
LkProtocol *lk_protocol_load_pairs (const char *path, const char *root, GError **error);

/**
 * lk_protocol_load_folders:
 *
 * FOLDER/<person>/[<session>/]picture, in the order of the names; no pairs yet.  Sessions may also
 * be told by names: lk_picture_names_have_sessions().
 *
 * Returns: (transfer full): or %NULL with %G_FILE_ERROR, %LK_ERROR_NO_DATA (no two
 *   people with a picture) or %LK_ERROR_TOO_LARGE
 */
LkProtocol *lk_protocol_load_folders (const char *folder, GError **error);

/**
 * lk_protocol_load_runs:
 * @folder: holds run01, run02, ..., each with class_labels.txt, lines of a drawing to be
 *   told and the one of the same character ("run01/test/item01.png
 *   run01/training/class08.png")
 *
 * Omniglot's one-shot runs: each line is a trial, with the run's right-hand drawings as
 * candidates.
 *
 * Source: B. M. Lake, R. Salakhutdinov, J. B. Tenenbaum, "Human-level concept learning
 * through probabilistic program induction", Science 350(6266), 2015, and its data set.
 *
 * Returns: (transfer full): or %NULL with %G_FILE_ERROR or %LK_ERROR_FORMAT
 */
LkProtocol *lk_protocol_load_runs (const char *folder, GError **error);

/**
 * lk_protocol_make_pairs:
 * @max_genuine: at most so many genuine pairs a person, drawn at random where there are
 *   more
 * @n_impostor: so many impostor pairs, drawn at random, each at most once; fewer when
 *   there are not as many
 *
 * Genuine pairs are of different sessions; of any two pictures when no person at all has
 * two sessions.  @about is set.
 *
 * Returns: FALSE with %LK_ERROR_NO_DATA when there is no genuine or no impostor pair
 */
gboolean lk_protocol_make_pairs (LkProtocol *self, int max_genuine, int n_impostor, guint64 seed,
                                 GError **error);

/**
 * lk_protocol_make_trials:
 * @n_way: candidates, at least 2, each of another person
 *
 * Probe and right candidate are of different sessions, as above.
 *
 * Returns: FALSE with %LK_ERROR_NO_DATA when there are fewer than @n_way people, or
 *   nobody with two pictures
 */
gboolean lk_protocol_make_trials (LkProtocol *self, int n_way, int n_trials, guint64 seed,
                                  GError **error);

G_END_DECLS
