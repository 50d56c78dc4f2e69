/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkDataset: the pictures to train on, and who learns from which.
 *
 * Two layouts are read:
 *   documents'   FOLDER/{anchor,positive,negative}/...; one identity, whose anchors
 *                and positives are genuine with each other, negatives are impostors.
 *                With a person folder below (the store's layout) each is a person.
 *   people       FOLDER/<person>/[<session>/]picture (LFW's layout)
 *
 * The split is by person and by session, never by pair or by picture: sessions (of
 * the persons with several) and whole people are dealt to train, validation and test
 * (70/20/10 by number of pictures, as near as whole groups allow) from a seed.  No
 * picture is in two parts, and the test people's pictures are in no pair of
 * training.  A person with a single session has that session's pictures cut into
 * three runs in order of their names.
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
  int person;  /* index; of a negative: its own person where known, else -1 */
  int session; /* index, unique over all people */
  LkRole role;
  LkPart part;
} LkSample;

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
  int n_left_out; /* unreadable names, too few: see lk_dataset_get_report() */
} LkDatasetSummary;

LkDataset *lk_dataset_open (const char *folder, guint64 seed, GError **error);
void lk_dataset_free (LkDataset *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkDataset, lk_dataset_free)

int lk_dataset_get_n_samples (const LkDataset *self);
const LkSample *lk_dataset_get_sample (const LkDataset *self, int i);
const char *lk_dataset_get_person (const LkDataset *self, int person);
void lk_dataset_get_summary (const LkDataset *self, LkDatasetSummary *summary);

/* (transfer full): a few sentences: what was found, how it was split, what was left
 * out and why. */
char *lk_dataset_get_report (const LkDataset *self);

/**
 * lk_dataset_pairs:
 *
 * Draws @n pairs of one part, genuine and impostor in turn, each picked at random
 * (documents' layout: anchor with positive, anchor with negative).  Fewer are
 * returned only when a part has no genuine or no impostor pair at all: then none.
 *
 * Returns: (transfer full) (element-type LkSamplePair)
 */
GArray *lk_dataset_pairs (const LkDataset *self, LkPart part, int n, guint64 seed);

G_END_DECLS
