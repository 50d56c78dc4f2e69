/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-dataset.h"

#include "base/lk-error.h"

#include "lk-dataset-private.h"

#include <glib/gi18n-lib.h>

static gboolean
is_unlabelled (const LkSample *sample)
{
  return sample->role == LK_ROLE_ANY && sample->person < 0;
}

/* Sorts the samples for which @slot is not -1 by it. */
static void
fill_list (LkSampleList *list, const int *slot, int n, int n_slots)
{
  g_autofree int *next = NULL;

  list->begin = g_new0 (int, n_slots + 1);
  for (int i = 0; i < n; i++)
    if (slot[i] >= 0)
      list->begin[slot[i] + 1]++;
  for (int s = 0; s < n_slots; s++)
    list->begin[s + 1] += list->begin[s];
  list->items = g_new (int, MAX (1, list->begin[n_slots]));
  next = g_memdup2 (list->begin, (gsize) n_slots * sizeof (int));
  for (int i = 0; i < n; i++)
    if (slot[i] >= 0)
      list->items[next[slot[i]]++] = i;
}

static void
fill_index (LkDataset *self, LkPart part)
{
  LkPartIndex *index = &self->parts[part];
  int n = (int) self->samples->len, n_people = self->n_enrolled;
  g_autofree int *slot = g_new (int, n);
  g_autofree gboolean *has = g_new0 (gboolean, (gsize) (MAX (1, n_people) * 3)); /* person x role */
  gboolean negatives = TRUE;

  for (int i = 0; i < n; i++)
    {
      LkSample *sample = lk_dataset_sample_at (self, i);

      slot[i] = -1;
      if (sample->part != part || is_unlabelled (sample))
        continue;
      if (sample->role != LK_ROLE_NEGATIVE)
        has[sample->person * 3 + (int) sample->role] = TRUE;
      else
        slot[i] = g_array_index (self->claims, int, i) >= 0 ? g_array_index (self->claims, int, i)
                                                            : n_people;
    }
  fill_list (&index->negatives, slot, n, n_people + 1);

  for (int role = LK_ROLE_ANCHOR; role <= LK_ROLE_POSITIVE; role++)
    {
      for (int i = 0; i < n; i++)
        {
          LkSample *sample = lk_dataset_sample_at (self, i);

          slot[i] = -1;
          if (sample->part == part && sample->role != LK_ROLE_NEGATIVE && !is_unlabelled (sample) &&
              (sample->role == LK_ROLE_ANY || (int) sample->role == role ||
               !has[sample->person * 3 + role]))
            slot[i] = sample->person;
        }
      fill_list (role == LK_ROLE_ANCHOR ? &index->left : &index->right, slot, n, n_people);
    }

  index->genuine = g_new (int, MAX (1, n_people));
  index->present = g_new (int, MAX (1, n_people));
  for (int p = 0; p < n_people; p++)
    {
      gboolean both = n > 0 && has[p * 3 + LK_ROLE_ANCHOR] && has[p * 3 + LK_ROLE_POSITIVE];

      if (lk_sample_list_count (&index->left, p) == 0)
        continue;
      index->present[index->n_present++] = p;
      if (both || lk_sample_list_count (&index->left, p) > 1)
        index->genuine[index->n_genuine++] = p;
      negatives = negatives && lk_sample_list_count (&index->negatives, p) +
                                       lk_sample_list_count (&index->negatives, n_people) >
                                   0;
    }
  index->impostors = index->n_present > 1 || (index->n_present == 1 && negatives);
}

static gboolean
check_training (LkDataset *self, GError **error)
{
  const LkPartIndex *train = &self->parts[LK_PART_TRAIN];

  if (self->samples->len == 0)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                 _ ("There are no pictures in %s. It should hold the folders anchor, positive and "
                    "negative, or a folder of pictures for each person."),
                    self->folder);
  else if (train->n_genuine == 0)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                 _ ("Nobody in %s has two pictures to learn from. Add more pictures of the same "
                    "person."),
                    self->folder);
  else if (!train->impostors)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                 _ ("There is only one person in %s. Training also needs pictures of other people: "
                    "add some%s."),
                    self->folder, self->documents ? _ (" as negatives") : "");
  else
    return TRUE;
  return FALSE;
}

LkDataset *
lk_dataset_open (const char *folder, guint64 seed, GError **error)
{
  g_autoptr (LkDataset) self = g_new0 (LkDataset, 1);
  g_autofree char *index = NULL;
  LkRandom random;

  self->folder = g_strdup (folder);
  self->samples = g_array_new (FALSE, FALSE, sizeof (LkSample));
  self->claims = g_array_new (FALSE, FALSE, sizeof (int));
  self->groups = g_array_new (FALSE, FALSE, sizeof (int));
  self->people = g_ptr_array_new_with_free_func (g_free);
  index = g_build_filename (folder, LK_DATASET_INDEX, NULL);
  self->indexed = g_file_test (index, G_FILE_TEST_IS_REGULAR);
  if (self->indexed ? !lk_dataset_read_index (self, error) : !lk_dataset_scan (self, error))
    return NULL;

  lk_random_seed (&random, seed);
  if (self->indexed)
    self->whole_people = TRUE;
  else
    lk_dataset_deal (self, &random);
  for (int part = 0; part < LK_N_PARTS; part++)
    fill_index (self, (LkPart) part);
  if (!check_training (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
lk_dataset_free (LkDataset *self)
{
  if (self == NULL)
    return;
  for (int part = 0; part < LK_N_PARTS; part++)
    {
      LkPartIndex *index = &self->parts[part];
      LkSampleList *lists[] = { &index->left, &index->right, &index->negatives };

      for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
        {
          g_free (lists[i]->items);
          g_free (lists[i]->begin);
        }
      g_free (index->genuine);
      g_free (index->present);
    }
  for (guint i = 0; i < self->samples->len; i++)
    g_free (lk_dataset_sample_at (self, (int) i)->path);
  g_free (self->similar.items);
  g_free (self->similar.begin);
  g_array_unref (self->samples);
  g_array_unref (self->claims);
  g_array_unref (self->groups);
  g_ptr_array_unref (self->people);
  g_free (self->folder);
  g_free (self);
}

char *
lk_dataset_get_digest (const LkDataset *self)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize skip = strlen (self->folder);

  /* Names below the folder: it may have been moved, or be called by another path. */
  for (guint i = 0; i < self->samples->len; i++)
    {
      const LkSample *sample = &g_array_index (self->samples, LkSample, i);
      const char *name = sample->path + skip;
      g_autofree char *line = g_strdup_printf ("%d %s%s\n", sample->part, *name == '/' ? "" : "/",
                                               name);

      g_checksum_update (sum, (const guchar *) line, -1);
    }
  return g_strdup (g_checksum_get_string (sum));
}

int
lk_dataset_get_n_samples (const LkDataset *self)
{
  return (int) self->samples->len;
}

const LkSample *
lk_dataset_get_sample (const LkDataset *self, int i)
{
  g_return_val_if_fail (i >= 0 && i < (int) self->samples->len, NULL);

  return lk_dataset_sample_at (self, i);
}

const char *
lk_dataset_get_person (const LkDataset *self, int person)
{
  g_return_val_if_fail (person >= 0 && person < (int) self->people->len, NULL);

  return g_ptr_array_index (self->people, person);
}

int
lk_dataset_get_n_people (const LkDataset *self)
{
  return (int) self->people->len;
}

gboolean
lk_dataset_is_indexed (const LkDataset *self)
{
  return self->indexed;
}

const int *
lk_dataset_get_similar (const LkDataset *self, int person, int *n)
{
  *n = 0;
  if (self->similar.begin == NULL || person < 0)
    return NULL;
  *n = self->similar.begin[person + 1] - self->similar.begin[person];
  return self->similar.items + self->similar.begin[person];
}

gboolean
lk_dataset_are_similar (const LkDataset *self, int person, int other)
{
  int n;
  const int *similar = lk_dataset_get_similar (self, person, &n);

  for (int i = 0; i < n; i++)
    if (similar[i] == other)
      return TRUE;
  return FALSE;
}

LkRelation
lk_dataset_compare (const LkDataset *self, int a, int b)
{
  const LkSample *x = lk_dataset_sample_at (self, a), *y = lk_dataset_sample_at (self, b);
  int claim;

  if (a == b)
    return LK_RELATION_SAME;
  if ((x->role == LK_ROLE_NEGATIVE) == (y->role == LK_ROLE_NEGATIVE))
    {
      if (x->person < 0 || y->person < 0)
        return LK_RELATION_UNKNOWN;
      if (x->person != y->person && lk_dataset_are_similar (self, x->person, y->person))
        return LK_RELATION_UNKNOWN;
      return x->person == y->person ? LK_RELATION_SAME : LK_RELATION_DIFFERENT;
    }
  if (x->role == LK_ROLE_NEGATIVE)
    return lk_dataset_compare (self, b, a);
  claim = g_array_index (self->claims, int, b);
  return claim < 0 || claim == x->person ? LK_RELATION_DIFFERENT : LK_RELATION_UNKNOWN;
}

void
lk_dataset_get_summary (const LkDataset *self, LkDatasetSummary *summary)
{
  g_autofree guint8 *in = g_new0 (guint8, MAX (1, self->people->len));

  *summary = (LkDatasetSummary){ .n_people = (int) self->people->len,
                                 .n_sessions = self->n_sessions,
                                 .n_unlabelled = self->n_unlabelled + self->n_doubtful,
                                 .n_left_out = self->n_not_pictures + self->n_too_deep +
                                               self->n_no_access + self->n_flat_beside };
  for (guint i = 0; i < self->samples->len; i++)
    {
      const LkSample *sample = lk_dataset_sample_at (self, (int) i);

      summary->n_pictures[sample->part]++;
      if (sample->person >= 0 && !(in[sample->person] & (1 << sample->part)))
        {
          in[sample->person] |= (guint8) (1 << sample->part);
          summary->n_people_in[sample->part]++;
        }
    }
}

static void
add_count (GString *text, int n, const char *one, const char *many)
{
  if (n > 0)
    g_string_append_printf (text, " Left out: %d %s.", n, n == 1 ? one : many);
}

char *
lk_dataset_get_report (const LkDataset *self)
{
  GString *text = g_string_new (NULL);
  int roles[LK_ROLE_NEGATIVE + 1] = { 0 };
  LkDatasetSummary s;

  lk_dataset_get_summary (self, &s);
  for (guint i = 0; i < self->samples->len; i++)
    roles[lk_dataset_sample_at (self, (int) i)->role]++;
  if (self->documents)
    g_string_append_printf (
        text,
        g_dngettext (GETTEXT_PACKAGE, "%d anchors and %d positives of %d person, and %d negatives.",
                     "%d anchors and %d positives of %d people, and %d negatives.",
                     self->n_enrolled),
        roles[LK_ROLE_ANCHOR], roles[LK_ROLE_POSITIVE], self->n_enrolled, roles[LK_ROLE_NEGATIVE]);
  else
    g_string_append_printf (text, _ ("%d pictures of %d people in %d sessions."),
                                     roles[LK_ROLE_ANY], self->n_enrolled, s.n_sessions);
  g_string_append_printf (text,
                          _ (" For training %d pictures, for validation %d, for the test %d."),
                             s.n_pictures[LK_PART_TRAIN], s.n_pictures[LK_PART_VALIDATION],
                             s.n_pictures[LK_PART_TEST]);
  if (self->whole_people)
    g_string_append_printf (text,
                            _ (" Nobody is in two of these parts: they have %d, %d and %d people."),
                               s.n_people_in[LK_PART_TRAIN], s.n_people_in[LK_PART_VALIDATION],
                               s.n_people_in[LK_PART_TEST]);
  else
    g_string_append (text,
                     _ (" They were split by session, or where somebody has only one or two, in "
                        "the order of the pictures' names."));
  if (self->negative_runs)
    g_string_append (text,
                     " The negatives show fewer than three people as far as their names tell, "
                     "and were split in the order of their names.");
  else if (roles[LK_ROLE_NEGATIVE] > 0 && !self->indexed)
    g_string_append (text, " Nobody among the negatives is in two of the parts.");
  if (self->n_unlabelled + self->n_doubtful > 0)
    g_string_append_printf (text,
                            " Of those for training, %d show nobody who is named and %d somebody "
                            "who hardly looks like the others of that name: they serve "
                            "distillation alone.",
                            self->n_unlabelled, self->n_doubtful);
  for (int part = LK_PART_VALIDATION; part < LK_N_PARTS; part++)
    if (self->parts[part].n_genuine == 0 || !self->parts[part].impostors)
      g_string_append_printf (text, " There are too few pictures for a %s.",
                              part == LK_PART_TEST ? "test" : "validation");
  add_count (text, self->n_not_pictures, "file that is not a JPEG, PNG or BMP picture by its name",
             "files that are not JPEG, PNG or BMP pictures by their names");
  add_count (text, self->n_flat_beside, "picture that lies beside the folders of people",
             "pictures that lie beside the folders of people");
  add_count (text, self->n_too_deep, "folder below a session", "folders below a session");
  add_count (text, self->n_no_access, "folder that could not be read",
             "folders that could not be read");
  return g_string_free (text, FALSE);
}
