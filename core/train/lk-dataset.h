/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkDataset: the pictures to train on, and who learns from which.
 *
 * Three layouts are read:
 *   index        FOLDER/index.csv names the pictures
 *   documents'   FOLDER/{anchor,positive,negative}/[<person>/[<session>/]]picture
 *   people       FOLDER/<person>/[<session>/]picture (LFW's layout)
 *
 * Where a person has no folders for sessions, names may tell them
 * (lk_picture_names_have_sessions()): FOLDER/<person>/<session>_001.jpg.
 *
 * Index.  The first line names the columns: file, split (train, val, test, unlabelled)
 * and person (a number or name; none of the unlabelled), and where there are any row (of
 * the teacher's matrix; else the lines count from 0) and typicality (below 0.25 a
 * picture for training counts as unlabelled: the label is doubtful).  The pictures are
 * aligned crops, whose middle 100x100 is what the network sees; what is around it is
 * room for augmentation.  The split is the file's, not ours, and nobody may be in two
 * parts of it.  similar.csv, where it is there, names in person_a and person_b people
 * who are never taken for two.  Unlabelled pictures are in the part for training, with
 * person -1, and in no pair.
 *
 * Documents' layout.  Anchors and positives are genuine with each other: of one
 * person when they lie flat, of a person each with folders.  Negatives are impostors
 * to everybody; below a folder with the name of a person who has anchors or positives
 * (the store's layout) to that person alone.  Who a negative shows is known from its
 * folder, else from its name without the digits at the end (LFW's Name_0001.jpg).
 *
 * The split, 70/20/10 by number of pictures as near as whole groups allow, comes from
 * a seed and is never by pair or by single pictures:
 *   - the persons to be recognised (documents') by session; a person with a single
 *     session has its anchors, and its positives, cut into three runs in order of
 *     their names; of two sessions the smaller is cut in two, for validation and test;
 *   - negatives by the person they show; cut into runs only when they are fewer than
 *     three people;
 *   - people's layout: whole people, so that nobody is in two parts; by session as
 *     above when there are too few of them (under 10, or under 3 with two pictures).
 *
 * Immutable once open; may be read by any number of threads.
 */
typedef struct _LkDataset LkDataset;

typedef enum
{
  LK_PART_TRAIN,
  LK_PART_VALIDATION,
  LK_PART_TEST,
} LkPart;
#define LK_N_PARTS 3

/* What a picture is in the documents' layout; people's pictures are LK_ROLE_ANY. */
typedef enum
{
  LK_ROLE_ANY,
  LK_ROLE_ANCHOR,
  LK_ROLE_POSITIVE,
  LK_ROLE_NEGATIVE,
} LkRole;

typedef struct
{
  char *path;
  int person;  /* index; of a negative: its own person where known, else -1; -1: unlabelled */
  int session; /* index, unique over all people */
  LkRole role;
  LkPart part;
  int row; /* of a teacher's matrix (index) */
} LkSample;

typedef enum
{
  LK_RELATION_SAME,
  LK_RELATION_DIFFERENT,
  LK_RELATION_UNKNOWN, /* two negatives without a name; a negative of somebody else's; one
                        * that is unlabelled; two people who are too similar */
} LkRelation;

/* Two pictures by index and whether they show the same person. */
typedef struct
{
  int a, b;
  gboolean same;
} LkSamplePair;

typedef struct
{
  int n_people;
  int n_sessions;
  int n_pictures[LK_N_PARTS];
  int n_people_in[LK_N_PARTS];
  int n_unlabelled; /* of those for training: without a person, or with a doubtful one */
  int n_left_out;   /* files, or folders, that are not used: see lk_dataset_get_report() */
} LkDatasetSummary;

#define LK_DATASET_INDEX   "index.csv"
#define LK_DATASET_SIMILAR "similar.csv"

/* No more pictures than this are taken from a folder. */
#define LK_DATASET_MAX_SAMPLES (4 * 1024 * 1024)

/**
 * lk_dataset_open:
 *
 * Reads names only, no picture.  The same files and @seed give the same split.
 *
 * Returns: (transfer full): the dataset, or %NULL with %G_FILE_ERROR (the folder
 *   cannot be read), %LK_ERROR_NO_DATA (no pictures, no two of one person or no second
 *   person in what would be trained on), %LK_ERROR_FORMAT (an index with a line that
 *   cannot be used) or %LK_ERROR_TOO_LARGE
 */
LkDataset *lk_dataset_open (const char *folder, guint64 seed, GError **error);
void lk_dataset_free (LkDataset *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkDataset, lk_dataset_free)

int lk_dataset_get_n_samples (const LkDataset *self);
const LkSample *lk_dataset_get_sample (const LkDataset *self, int i);
const char *lk_dataset_get_person (const LkDataset *self, int person);
int lk_dataset_get_n_people (const LkDataset *self);
/* Whether it has an index: pictures are aligned crops with a margin then. */
gboolean lk_dataset_is_indexed (const LkDataset *self);
/* (array length=n) (nullable): people who are never negatives of @person, in order */
const int *lk_dataset_get_similar (const LkDataset *self, int person, int *n);
void lk_dataset_get_summary (const LkDataset *self, LkDatasetSummary *summary);
/* (transfer full): of the names below the folder and the part that each is in: the same while
 * the split is the same, wherever the folder is */
char *lk_dataset_get_digest (const LkDataset *self);

/* Whether two samples show the same person, as far as their folders and names say. */
LkRelation lk_dataset_compare (const LkDataset *self, int a, int b);

/* (transfer full): a few sentences: what was found, how it was split, what was left
 * out and why. */
char *lk_dataset_get_report (const LkDataset *self);

/**
 * lk_dataset_pairs:
 *
 * Draws @n pairs of one part, genuine and impostor in turn.  Genuine: a person, then
 * two pictures of that person, an anchor and a positive in the documents' layout (any
 * two, in a part where one of the kinds is missing).  Impostor: a person's picture (an
 * anchor), and a negative or another person's picture.  People are equally likely,
 * however many pictures they have.  None are returned when a part has no genuine or
 * no impostor pair at all.
 *
 * Returns: (transfer full) (element-type LkSamplePair)
 */
GArray *lk_dataset_pairs (const LkDataset *self, LkPart part, int n, guint64 seed);

/**
 * lk_dataset_trials:
 *
 * Draws @n trials "which of these @ways shows the same person as this one?": a picture,
 * another one of that person (an anchor and a positive in the documents' layout), and
 * @ways - 1 of others, no person twice as far as it is known.  None are returned when a
 * part has not so many people.
 *
 * Source: G. Koch et al., "Siamese Neural Networks for One-shot Image Recognition", ICML
 * Deep Learning Workshop 2015, section 4.3.
 *
 * Returns: (transfer full) (array length=n_drawn): rows of 1 + @ways samples: the picture,
 *   the right one, the others
 */
int *lk_dataset_trials (const LkDataset *self, LkPart part, int ways, int n, guint64 seed,
                        int *n_drawn);

G_END_DECLS
