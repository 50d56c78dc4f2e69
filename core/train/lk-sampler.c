/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-sampler.h"

#include "base/lk-error.h"
#include "base/lk-random.h"

#include "lk-dataset-private.h"

#include <glib/gi18n-lib.h>

static gboolean
is_for_training (const LkDataset *set, int i)
{
  return lk_dataset_get_sample (set, i)->part == LK_PART_TRAIN;
}

static int
count_pictures (const LkDataset *set)
{
  int n = 0;

  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    n += is_for_training (set, i);
  return n;
}

/* Pictures for training by the person they show. */
static void
list_by_person (const LkDataset *set, LkSampleList *list)
{
  int n_people = lk_dataset_get_n_people (set), n = lk_dataset_get_n_samples (set);
  g_autofree int *next = NULL;

  list->begin = g_new0 (int, n_people + 1);
  for (int i = 0; i < n; i++)
    if (is_for_training (set, i) && lk_dataset_get_sample (set, i)->person >= 0)
      list->begin[lk_dataset_get_sample (set, i)->person + 1]++;
  for (int p = 0; p < n_people; p++)
    list->begin[p + 1] += list->begin[p];
  list->items = g_new (int, MAX (1, list->begin[n_people]));
  next = g_memdup2 (list->begin, (gsize) (n_people + 1) * sizeof (int));
  for (int i = 0; i < n; i++)
    if (is_for_training (set, i) && lk_dataset_get_sample (set, i)->person >= 0)
      list->items[next[lk_dataset_get_sample (set, i)->person]++] = i;
}

/* Returns: (transfer full): people with two pictures */
static GArray *
list_people (const LkDataset *set, const LkSampleList *list)
{
  GArray *people = g_array_new (FALSE, FALSE, sizeof (int));

  for (int p = 0; p < lk_dataset_get_n_people (set); p++)
    if (list->begin[p + 1] - list->begin[p] > 1)
      g_array_append_val (people, p);
  return people;
}

static void
clear_list (LkSampleList *list)
{
  g_free (list->items);
  g_free (list->begin);
}

static int
count_anchors (const LkDataset *set)
{
  int n_anchors = 0, n_others = 0;

  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    {
      const LkSample *sample = lk_dataset_get_sample (set, i);

      if (sample->part != LK_PART_TRAIN || sample->role == LK_ROLE_NEGATIVE || sample->person < 0)
        continue;
      if (sample->role == LK_ROLE_POSITIVE)
        n_others++;
      else
        n_anchors++;
    }
  return n_anchors > 0 ? n_anchors : n_others;
}

static int
count_labelled (const LkDataset *set)
{
  LkSampleList list;
  g_autoptr (GArray) people = NULL;
  int n = 0;

  list_by_person (set, &list);
  people = list_people (set, &list);
  for (guint i = 0; i < people->len; i++)
    {
      int p = g_array_index (people, int, i);

      n += list.begin[p + 1] - list.begin[p];
    }
  clear_list (&list);
  return n;
}

int
lk_sampler_get_steps (const LkSampler *self, const LkDataset *set)
{
  int batch = self->batch;

  switch (self->sampling)
    {
    case LK_SAMPLING_PICTURES: /* the last, which would be smaller, is left out */
      return MAX (1, count_pictures (set) / batch);
    case LK_SAMPLING_PEOPLE:
      return MAX (1, count_labelled (set) / batch);
    case LK_SAMPLING_PAIRS:
    default:
      return MAX (1, (count_anchors (set) + batch / 2 - 1) / (batch / 2));
    }
}

gboolean
lk_sampler_check (const LkSampler *self, const LkDataset *set, GError **error)
{
  LkSampleList list;
  g_autoptr (GArray) people = NULL;
  int n_people, wanted;

  if (self->sampling == LK_SAMPLING_PICTURES && count_pictures (set) < self->batch)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                   _ ("There are only %d pictures to train on, fewer than a batch of %d. Choose a "
                      "smaller batch."),
                      count_pictures (set), self->batch);
      return FALSE;
    }
  if (self->sampling != LK_SAMPLING_PEOPLE)
    return TRUE;
  list_by_person (set, &list);
  people = list_people (set, &list);
  clear_list (&list);
  n_people = (int) people->len;
  wanted = self->batch / self->per_person;
  if (n_people >= wanted && wanted >= 2)
    return TRUE;
  g_set_error (
      error, LK_ERROR, LK_ERROR_NO_DATA,
      _ ("Only %d people have two pictures to train on, and a batch wants %d. Choose fewer "
         "people a batch, at least two, or add pictures."),
         n_people, wanted);
  return FALSE;
}

static void
draw_pairs (const LkSampler *self, const LkDataset *set, int n_steps, guint64 seed, int *out)
{
  int n = self->batch / 2;
  g_autoptr (GArray) pairs = lk_dataset_pairs (set, LK_PART_TRAIN, n_steps * n, seed);

  for (int step = 0; step < n_steps; step++, out += 2 * n)
    for (int i = 0; i < n; i++)
      {
        const LkSamplePair *pair = &g_array_index (pairs, LkSamplePair, step * n + i);

        out[i] = pair->a;
        out[n + i] = pair->b;
      }
}

static void
draw_pictures (const LkSampler *self, const LkDataset *set, int n_steps, LkRandom *random, int *out)
{
  g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (int));
  gsize n = (gsize) n_steps * (gsize) self->batch;

  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    if (is_for_training (set, i))
      g_array_append_val (order, i);
  for (gsize at = 0; at < n; at++)
    {
      if (at % order->len == 0)
        lk_random_shuffle (random, (int *) (gpointer) order->data, (int) order->len);
      out[at] = g_array_index (order, int, at % order->len);
    }
}

static void
draw_people (const LkSampler *self, const LkDataset *set, int n_steps, LkRandom *random, int *out)
{
  g_autoptr (GArray) people = NULL;
  LkSampleList list;
  int n_people = self->batch / self->per_person;
  guint next = G_MAXUINT;

  list_by_person (set, &list);
  people = list_people (set, &list);
  for (int step = 0; step < n_steps; step++)
    {
      if (next > people->len || people->len - next < (guint) n_people)
        {
          lk_random_shuffle (random, (int *) (gpointer) people->data, (int) people->len);
          next = 0;
        }
      for (int k = 0; k < n_people; k++)
        {
          int person = g_array_index (people, int, next++);
          int *own = list.items + list.begin[person];
          int n = list.begin[person + 1] - list.begin[person];

          lk_random_shuffle (random, own, n);
          for (int i = 0; i < self->per_person; i++)
            *out++ = own[i % n];
        }
    }
  clear_list (&list);
}

int *
lk_sampler_draw (const LkSampler *self, const LkDataset *set, int n_steps, guint64 seed)
{
  int *out = g_new (int, (gsize) n_steps *(gsize) self->batch);
  LkRandom random;

  lk_random_seed (&random, seed);
  if (self->sampling == LK_SAMPLING_PAIRS)
    draw_pairs (self, set, n_steps, seed, out);
  else if (self->sampling == LK_SAMPLING_PICTURES)
    draw_pictures (self, set, n_steps, &random, out);
  else
    draw_people (self, set, n_steps, &random, out);
  return out;
}
