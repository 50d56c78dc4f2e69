/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"

#include "lk-training.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Numbers the people who have two pictures for training. */
static void
number_people (LkCentres *self, const LkDataset *set)
{
  int n_people = lk_dataset_get_n_people (set);
  g_autofree int *counts = g_new0 (int, MAX (1, n_people));

  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    {
      const LkSample *sample = lk_dataset_get_sample (set, i);

      if (sample->part == LK_PART_TRAIN && sample->person >= 0)
        counts[sample->person]++;
    }
  self->classes = g_new (int, MAX (1, n_people));
  for (int p = 0; p < n_people; p++)
    self->classes[p] = counts[p] > 1 ? self->n++ : -1;
}

static void
list_similar (LkCentres *self, const LkDataset *set)
{
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (int));
  int *begin = g_new0 (int, self->n + 1);

  for (int p = 0; p < lk_dataset_get_n_people (set); p++)
    {
      int n;
      const int *similar = lk_dataset_get_similar (set, p, &n);

      if (self->classes[p] < 0)
        continue;
      for (int i = 0; i < n; i++)
        if (self->classes[similar[i]] >= 0)
          g_array_append_val (items, self->classes[similar[i]]);
      begin[self->classes[p] + 1] = (int) items->len; /* classes come in the people's order */
    }
  self->similar.begin = begin;
  self->similar.items = (const int *) (gpointer) g_array_free (g_steal_pointer (&items), FALSE);
}

static void
place (LkCentres *self, const LkDataset *set, const LkNpy *teacher, guint64 seed)
{
  gsize size = (gsize) self->n * (gsize) self->d;
  LkRandom random;

  lk_random_seed (&random, seed);
  for (gsize i = 0; i < size; i++)
    self->values[i] = (float) (lk_random_normal (&random) / sqrt (self->d));
  if (teacher == NULL)
    return;
  for (gsize i = 0; i < size; i++)
    self->values[i] *= 1e-3f; /* for those whose rows cancel each other */
  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    {
      const LkSample *sample = lk_dataset_get_sample (set, i);
      int class = sample->person >= 0 ? self->classes[sample->person] : -1;
      const float *row = teacher->values + (gsize) sample->row * (gsize) self->d;

      if (sample->part == LK_PART_TRAIN && class >= 0)
        for (int j = 0; j < self->d; j++)
          self->values[(gsize) class * (gsize) self->d + (gsize) j] += row[j];
    }
  /* The length of a centre makes no difference to the loss, but to the size of a step. */
  for (int k = 0; k < self->n; k++)
    {
      float *centre = self->values + (gsize) k * (gsize) self->d;
      double squares = 0;

      for (int j = 0; j < self->d; j++)
        squares += (double) centre[j] * (double) centre[j];
      for (int j = 0; j < self->d; j++)
        centre[j] /= (float) sqrt (squares);
    }
}

LkCentres *
lk_centres_new (const LkDataset *set, int d, const LkNpy *teacher, LkOptimizerKind kind,
                guint64 seed, GError **error)
{
  LkCentres *self = g_new0 (LkCentres, 1);
  gsize size;

  self->d = d;
  number_people (self, set);
  list_similar (self, set);
  if (self->n < 2)
    {
      g_set_error_literal (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("This loss tells people apart and needs two or more of whom there are "
             "two pictures to train on. Add pictures, or choose another loss."));
      lk_centres_free (self);
      return NULL;
    }
  size = (gsize) self->n * (gsize) d;
  self->values = g_try_new (float, size);
  self->grads = g_try_new0 (float, size);
  self->optimizer = lk_optimizer_new_plain (size, kind);
  if (self->values == NULL || self->grads == NULL || self->optimizer == NULL)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("There is not enough memory for the centres of %d people. Close other programs "
             "and try again."),
             self->n);
      lk_centres_free (self);
      return NULL;
    }
  place (self, set, teacher, seed);
  return self;
}

void
lk_centres_free (LkCentres *self)
{
  if (self == NULL)
    return;
  lk_optimizer_free (self->optimizer);
  g_free (self->classes);
  g_free ((int *) self->similar.begin);
  g_free ((int *) self->similar.items);
  g_free (self->values);
  g_free (self->grads);
  g_free (self);
}
