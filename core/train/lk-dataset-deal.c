/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-dataset-private.h"
#include "lk-split.h"

/* Whole people are dealt when there are so many of them, and so many with two pictures:
 * every part then has two people and a genuine pair. */
#define MIN_PEOPLE_DEALT 10
#define MIN_PAIRED_DEALT LK_N_PARTS

/* Deals the groups 0 .. n_groups-1 that @number gives to samples (-1: not to be dealt).
 * FALSE, and nothing done, when there are not enough to give @min_groups to each part. */
static gboolean
deal_groups (LkDataset *self, const int *number, int n_groups, int min_groups, LkRandom *random)
{
  g_autofree int *sizes = g_new0 (int, MAX (1, n_groups));
  g_autofree LkPart *parts = g_new0 (LkPart, MAX (1, n_groups));

  if (n_groups < min_groups * LK_N_PARTS)
    return FALSE;
  for (guint i = 0; i < self->samples->len; i++)
    if (number[i] >= 0)
      sizes[number[i]]++;
  lk_split_groups (sizes, n_groups, min_groups, random, parts);
  for (guint i = 0; i < self->samples->len; i++)
    if (number[i] >= 0)
      lk_dataset_sample_at (self, (int) i)->part = parts[number[i]];
  return TRUE;
}

/* Cuts @indices, which are in order of their names, into runs. */
static void
deal_runs (LkDataset *self, const GArray *indices, LkRandom *random)
{
  g_autofree LkPart *parts = g_new0 (LkPart, MAX (1, indices->len));

  lk_split_runs ((int) indices->len, random, parts);
  for (guint i = 0; i < indices->len; i++)
    lk_dataset_sample_at (self, g_array_index (indices, int, i))->part = parts[i];
}

/* The first two thirds for validation, the rest for test. */
static void
deal_two_runs (LkDataset *self, const GArray *indices)
{
  for (guint i = 0; i < indices->len; i++)
    lk_dataset_sample_at (self, g_array_index (indices, int, i))->part =
        i < (2 * indices->len + 2) / 3 ? LK_PART_VALIDATION : LK_PART_TEST;
}

/* Deals a person's sessions; @own: all of that person's pictures, in order. */
static void
deal_sessions (LkDataset *self, const GArray *own, LkRandom *random)
{
  g_autofree int *number = g_new (int, self->samples->len);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  int sizes[2] = { 0 }, n = 0, cut;

  for (guint i = 0; i < self->samples->len; i++)
    number[i] = -1;
  for (guint i = 0; i < own->len; i++)
    {
      int index = g_array_index (own, int, i);
      gpointer session = GINT_TO_POINTER (lk_dataset_sample_at (self, index)->session), known;

      if (!g_hash_table_lookup_extended (seen, session, NULL, &known))
        {
          known = GINT_TO_POINTER (n++);
          g_hash_table_insert (seen, session, known);
        }
      number[index] = GPOINTER_TO_INT (known);
      if (number[index] < 2)
        sizes[number[index]]++;
    }
  if (deal_groups (self, number, n, 1, random))
    return;

  /* Too few sessions: the smaller of two, or the only one, is cut, each role alone. */
  cut = n == 2 && sizes[1] <= sizes[0] ? 1 : 0;
  for (int role = LK_ROLE_ANY; role <= LK_ROLE_POSITIVE; role++)
    {
      g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (int));

      for (guint i = 0; i < own->len; i++)
        {
          int index = g_array_index (own, int, i);

          if (number[index] == cut && (int) lk_dataset_sample_at (self, index)->role == role)
            g_array_append_val (indices, index);
        }
      if (n == 2)
        deal_two_runs (self, indices);
      else
        deal_runs (self, indices, random);
    }
}

static void
split_people_by_session (LkDataset *self, LkRandom *random)
{
  for (int person = 0; person < self->n_enrolled; person++)
    {
      g_autoptr (GArray) own = g_array_new (FALSE, FALSE, sizeof (int));

      for (int i = 0; i < (int) self->samples->len; i++)
        if (lk_dataset_sample_at (self, i)->person == person)
          g_array_append_val (own, i);
      deal_sessions (self, own, random);
    }
}

/* People with a genuine pair are dealt apart from those with one picture, so that both
 * kinds are in every part.  FALSE when there are too few. */
static gboolean
split_whole_people (LkDataset *self, LkRandom *random)
{
  g_autofree int *count = g_new0 (int, MAX (1, self->n_enrolled));
  g_autofree int *place = g_new0 (int, MAX (1, self->n_enrolled));
  g_autofree int *number = g_new (int, MAX (1, self->samples->len));
  int n[2] = { 0 }; /* people with one picture, with more */

  for (guint i = 0; i < self->samples->len; i++)
    count[lk_dataset_sample_at (self, (int) i)->person]++;
  for (int person = 0; person < self->n_enrolled; person++)
    place[person] = n[count[person] > 1]++;
  if (self->n_enrolled < MIN_PEOPLE_DEALT || n[1] < MIN_PAIRED_DEALT)
    return FALSE;
  for (int paired = 0; paired <= 1; paired++)
    {
      for (guint i = 0; i < self->samples->len; i++)
        {
          int person = lk_dataset_sample_at (self, (int) i)->person;

          number[i] = (count[person] > 1) == paired ? place[person] : -1;
        }
      if (n[paired] > 0 && !deal_groups (self, number, n[paired], 2, random) &&
          !deal_groups (self, number, n[paired], 1, random))
        deal_groups (self, number, n[paired], 0, random);
    }
  return TRUE;
}

static void
split_negatives (LkDataset *self, LkRandom *random)
{
  if (!deal_groups (self, (const int *) (gpointer) self->groups->data, self->n_groups, 1, random))
    {
      g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (int));

      for (int i = 0; i < (int) self->samples->len; i++)
        if (lk_dataset_sample_at (self, i)->role == LK_ROLE_NEGATIVE)
          g_array_append_val (indices, i);
      deal_runs (self, indices, random);
      self->negative_runs = indices->len > 0;
    }
}

void
lk_dataset_deal (LkDataset *self, LkRandom *random)
{
  self->whole_people = !self->documents && split_whole_people (self, random);
  if (!self->whole_people)
    split_people_by_session (self, random);
  split_negatives (self, random);
}
