/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-dataset-private.h"

/* To find somebody who does not look like a person, where most do. */
#define MAX_ATTEMPTS 1000

static int
pick (const LkSampleList *list, int slot, LkRandom *random)
{
  return list->items[list->begin[slot] +
                     (int) lk_random_below (random, (uint32_t) lk_sample_list_count (list, slot))];
}

static LkSamplePair
draw_genuine (const LkPartIndex *index, LkRandom *random)
{
  int person = index->genuine[lk_random_below (random, (uint32_t) index->n_genuine)];
  int a = pick (&index->left, person, random), b;

  do
    b = pick (&index->right, person, random);
  while (b == a); /* ends: right holds another one */
  return (LkSamplePair){ a, b, TRUE };
}

static LkSamplePair
draw_impostor (const LkDataset *self, const LkPartIndex *index, LkRandom *random)
{
  int at = (int) lk_random_below (random, (uint32_t) index->n_present);
  int person = index->present[at], other, attempts = 0;
  int a = pick (&index->left, person, random);
  int n_own = lk_sample_list_count (&index->negatives, person);
  int n_negatives = n_own + lk_sample_list_count (&index->negatives, self->n_enrolled);
  int n_others = index->right.begin[self->n_enrolled] -
                 lk_sample_list_count (&index->right, person);

  if ((int) lk_random_below (random, (uint32_t) (n_negatives + n_others)) < n_negatives)
    {
      gboolean own = (int) lk_random_below (random, (uint32_t) n_negatives) < n_own;

      return (LkSamplePair){ a, pick (&index->negatives, own ? person : self->n_enrolled, random),
                             FALSE };
    }
  do
    {
      other = (int) lk_random_below (random, (uint32_t) index->n_present - 1);
      other = index->present[other < at ? other : other + 1];
    }
  while (lk_dataset_are_similar (self, person, other) && attempts++ < MAX_ATTEMPTS);
  return (LkSamplePair){ a, pick (&index->right, other, random), FALSE };
}

GArray *
lk_dataset_pairs (const LkDataset *self, LkPart part, int n, guint64 seed)
{
  GArray *pairs = g_array_sized_new (FALSE, FALSE, sizeof (LkSamplePair), (guint) MAX (0, n));
  const LkPartIndex *index = &self->parts[part];
  LkRandom random;

  if (index->n_genuine == 0 || !index->impostors)
    return pairs;
  lk_random_seed (&random, seed);
  for (int i = 0; i < n; i++)
    {
      LkSamplePair pair = i % 2 == 0 ? draw_genuine (index, &random)
                                     : draw_impostor (self, index, &random);

      g_array_append_val (pairs, pair);
    }
  return pairs;
}

/* A picture that shows nobody of the trial's; -1 when chance finds none. */
static int
draw_stranger (const LkDataset *self, const LkPartIndex *index, const int *trial, int n,
               LkRandom *random)
{
  int person = lk_dataset_sample_at (self, trial[0])->person;
  int n_own = lk_sample_list_count (&index->negatives, person);
  int n_negatives = n_own + lk_sample_list_count (&index->negatives, self->n_enrolled);
  int n_others = index->right.begin[self->n_enrolled] -
                 lk_sample_list_count (&index->right, person);

  for (int attempt = 0; attempt < MAX_ATTEMPTS && n_negatives + n_others > 0; attempt++)
    {
      int found, k = 0;

      if ((int) lk_random_below (random, (uint32_t) (n_negatives + n_others)) < n_negatives)
        found = pick (&index->negatives,
                      (int) lk_random_below (random, (uint32_t) n_negatives) < n_own
                          ? person
                          : self->n_enrolled,
                      random);
      else
        found = pick (&index->right,
                      index->present[lk_random_below (random, (uint32_t) index->n_present)],
                      random);
      /* From each other, negatives without a name need only be other pictures. */
      if (lk_dataset_compare (self, trial[0], found) != LK_RELATION_DIFFERENT)
        continue;
      while (k < n && lk_dataset_compare (self, trial[k], found) != LK_RELATION_SAME)
        k++;
      if (k == n)
        return found;
    }
  return -1;
}

int *
lk_dataset_trials (const LkDataset *self, LkPart part, int ways, int n, guint64 seed, int *n_drawn)
{
  const LkPartIndex *index = &self->parts[part];
  g_autofree int *trials = g_new (int, (gsize) MAX (1, n) * (gsize) (ways + 1));
  LkRandom random;

  *n_drawn = 0;
  lk_random_seed (&random, seed);
  if (index->n_genuine == 0 || !index->impostors)
    n = 0;
  for (int i = 0; i < n; i++)
    {
      int *trial = trials + (gsize) i * (gsize) (ways + 1);
      LkSamplePair pair = draw_genuine (index, &random);

      trial[0] = pair.a;
      trial[1] = pair.b;
      for (int k = 2; k <= ways; k++)
        {
          trial[k] = draw_stranger (self, index, trial, k, &random);
          if (trial[k] < 0)
            return NULL;
        }
    }
  *n_drawn = n;
  return g_steal_pointer (&trials);
}
