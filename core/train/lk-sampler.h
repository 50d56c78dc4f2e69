/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-dataset.h"

G_BEGIN_DECLS

/**
 * LkSampling: which pictures make a batch
 * @LK_SAMPLING_PAIRS: balanced pairs, see lk_dataset_pairs(): all first pictures, then all
 *   second ones
 * @LK_SAMPLING_PICTURES: each picture for training once an epoch, in random order, whoever
 *   it shows: for distillation
 * @LK_SAMPLING_PEOPLE: P people and K pictures of each, one behind the other; everyone with
 *   two pictures once before anyone again.  Who has fewer than K is shown twice.
 */
typedef enum
{
  LK_SAMPLING_PAIRS,
  LK_SAMPLING_PICTURES,
  LK_SAMPLING_PEOPLE,
} LkSampling;

typedef struct
{
  LkSampling sampling;
  int batch;      /* pictures; even with PAIRS, a multiple of per_person with PEOPLE */
  int per_person; /* PEOPLE: K, at least 2 */
} LkSampler;

/* As many steps as show about as many pictures as there are (pairs: as many anchors). */
int lk_sampler_get_steps (const LkSampler *self, const LkDataset *set);

/* FALSE with %LK_ERROR_NO_DATA when a batch cannot be filled with different people or
 * pictures. */
gboolean lk_sampler_check (const LkSampler *self, const LkDataset *set, GError **error);

/* Returns: (transfer full): the samples of an epoch, [@n_steps, batch] */
int *lk_sampler_draw (const LkSampler *self, const LkDataset *set, int n_steps, guint64 seed);

G_END_DECLS
