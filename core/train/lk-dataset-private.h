/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-random.h"

#include "lk-dataset.h"

G_BEGIN_DECLS

/* Pictures of one part, of one kind, by person: those of person p are
 * items[begin[p]] .. items[begin[p + 1] - 1]. */
typedef struct
{
  int *items;
  int *begin;
} LkSampleList;

typedef struct
{
  LkSampleList left, right; /* anchors and positives; the same where one kind is missing */
  LkSampleList negatives;   /* by the person they are negatives of; last: of everybody */
  int *genuine;             /* people with a genuine pair */
  int *present;             /* people with a picture, in order */
  int n_genuine, n_present;
  gboolean impostors; /* there is an impostor pair for everyone present */
} LkPartIndex;

struct _LkDataset
{
  char *folder;
  gboolean documents;
  gboolean indexed;      /* split by index.csv */
  gboolean whole_people; /* people's layout: dealt as a whole */
  gboolean negative_runs;
  GArray *samples;   /* (element-type LkSample) */
  GArray *claims;    /* int a sample: of a negative: whose negative, -1 for everybody's */
  GArray *groups;    /* int a sample: of a negative: same number, same part */
  GPtrArray *people; /* (element-type utf8) names; those to be recognised come first */
  int n_enrolled;    /* of them */
  int n_sessions;
  int n_groups;
  LkSampleList similar; /* indexed: people by person; (nullable) begin: there are none */
  int n_unlabelled, n_doubtful;
  int n_not_pictures, n_too_deep, n_no_access, n_flat_beside;
  LkPartIndex parts[LK_N_PARTS];
};

/* Fills in samples, claims, groups, people and counts from the folder. */
gboolean lk_dataset_scan (LkDataset *self, GError **error);

/* The same, and the parts, from the folder's index. */
gboolean lk_dataset_read_index (LkDataset *self, GError **error);

/* Without an index: gives each sample its part. */
void lk_dataset_deal (LkDataset *self, LkRandom *random);

/* Whether the index says that they look alike. */
gboolean lk_dataset_are_similar (const LkDataset *self, int person, int other);

static inline LkSample *
lk_dataset_sample_at (const LkDataset *self, int i)
{
  return &g_array_index (self->samples, LkSample, i);
}

static inline int
lk_sample_list_count (const LkSampleList *list, int slot)
{
  return list->begin[slot + 1] - list->begin[slot];
}

G_END_DECLS
