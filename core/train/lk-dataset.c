/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-dataset.h"

#include "base/lk-error.h"

#include "lk-dataset-private.h"
#include "lk-split.h"

/* Whole people are dealt when there are so many of them, and so many with two pictures:
 * every part then has two people and a genuine pair. */
#define MIN_PEOPLE_DEALT 10
#define MIN_PAIRED_DEALT LK_N_PARTS

/* To find somebody who does not look like a person, where most do. */
#define MAX_ATTEMPTS 1000

static LkSample *
sample_at (const LkDataset *self, int i)
{
  return &g_array_index (self->samples, LkSample, i);
}

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
      sample_at (self, (int) i)->part = parts[number[i]];
  return TRUE;
}

/* Cuts @indices, which are in order of their names, into runs. */
static void
deal_runs (LkDataset *self, const GArray *indices, LkRandom *random)
{
  g_autofree LkPart *parts = g_new0 (LkPart, MAX (1, indices->len));

  lk_split_runs ((int) indices->len, random, parts);
  for (guint i = 0; i < indices->len; i++)
    sample_at (self, g_array_index (indices, int, i))->part = parts[i];
}

/* The first two thirds for validation, the rest for test. */
static void
deal_two_runs (LkDataset *self, const GArray *indices)
{
  for (guint i = 0; i < indices->len; i++)
    sample_at (self, g_array_index (indices, int, i))->part = i < (2 * indices->len + 2) / 3
                                                                  ? LK_PART_VALIDATION
                                                                  : LK_PART_TEST;
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
      gpointer session = GINT_TO_POINTER (sample_at (self, index)->session), known;

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

          if (number[index] == cut && (int) sample_at (self, index)->role == role)
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
        if (sample_at (self, i)->person == person)
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
    count[sample_at (self, (int) i)->person]++;
  for (int person = 0; person < self->n_enrolled; person++)
    place[person] = n[count[person] > 1]++;
  if (self->n_enrolled < MIN_PEOPLE_DEALT || n[1] < MIN_PAIRED_DEALT)
    return FALSE;
  for (int paired = 0; paired <= 1; paired++)
    {
      for (guint i = 0; i < self->samples->len; i++)
        {
          int person = sample_at (self, (int) i)->person;

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
        if (sample_at (self, i)->role == LK_ROLE_NEGATIVE)
          g_array_append_val (indices, i);
      deal_runs (self, indices, random);
      self->negative_runs = indices->len > 0;
    }
}

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

static int
list_count (const LkSampleList *list, int slot)
{
  return list->begin[slot + 1] - list->begin[slot];
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
      LkSample *sample = sample_at (self, i);

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
          LkSample *sample = sample_at (self, i);

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

      if (list_count (&index->left, p) == 0)
        continue;
      index->present[index->n_present++] = p;
      if (both || list_count (&index->left, p) > 1)
        index->genuine[index->n_genuine++] = p;
      negatives = negatives &&
                  list_count (&index->negatives, p) + list_count (&index->negatives, n_people) > 0;
    }
  index->impostors = index->n_present > 1 || (index->n_present == 1 && negatives);
}

static gboolean
check_training (LkDataset *self, GError **error)
{
  const LkPartIndex *train = &self->parts[LK_PART_TRAIN];

  if (self->samples->len == 0)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                 "There are no pictures in %s. It should hold the folders anchor, positive and "
                 "negative, or a folder of pictures for each person.",
                 self->folder);
  else if (train->n_genuine == 0)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                 "Nobody in %s has two pictures to learn from. Add more pictures of the same "
                 "person.",
                 self->folder);
  else if (!train->impostors)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                 "There is only one person in %s. Training also needs pictures of other people: "
                 "add some%s.",
                 self->folder, self->documents ? " as negatives" : "");
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
  self->whole_people = self->indexed || (!self->documents && split_whole_people (self, &random));
  if (!self->whole_people)
    split_people_by_session (self, &random);
  if (!self->indexed)
    split_negatives (self, &random);
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
    g_free (sample_at (self, (int) i)->path);
  g_free (self->similar.items);
  g_free (self->similar.begin);
  g_array_unref (self->samples);
  g_array_unref (self->claims);
  g_array_unref (self->groups);
  g_ptr_array_unref (self->people);
  g_free (self->folder);
  g_free (self);
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

  return sample_at (self, i);
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

static gboolean
are_similar (const LkDataset *self, int person, int other)
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
  const LkSample *x = sample_at (self, a), *y = sample_at (self, b);
  int claim;

  if (a == b)
    return LK_RELATION_SAME;
  if ((x->role == LK_ROLE_NEGATIVE) == (y->role == LK_ROLE_NEGATIVE))
    {
      if (x->person < 0 || y->person < 0)
        return LK_RELATION_UNKNOWN;
      if (x->person != y->person && are_similar (self, x->person, y->person))
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
      const LkSample *sample = sample_at (self, (int) i);

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
    roles[sample_at (self, (int) i)->role]++;
  if (self->documents)
    g_string_append_printf (text, "%d anchors and %d positives of %d %s, and %d negatives.",
                            roles[LK_ROLE_ANCHOR], roles[LK_ROLE_POSITIVE], self->n_enrolled,
                            self->n_enrolled == 1 ? "person" : "people", roles[LK_ROLE_NEGATIVE]);
  else
    g_string_append_printf (text, "%d pictures of %d people in %d sessions.", roles[LK_ROLE_ANY],
                            self->n_enrolled, s.n_sessions);
  g_string_append_printf (text, " For training %d pictures, for validation %d, for the test %d.",
                          s.n_pictures[LK_PART_TRAIN], s.n_pictures[LK_PART_VALIDATION],
                          s.n_pictures[LK_PART_TEST]);
  if (self->whole_people)
    g_string_append_printf (text,
                            " Nobody is in two of these parts: they have %d, %d and %d people.",
                            s.n_people_in[LK_PART_TRAIN], s.n_people_in[LK_PART_VALIDATION],
                            s.n_people_in[LK_PART_TEST]);
  else
    g_string_append (text, " They were split by session, or where somebody has only one or two, in "
                           "the order of the pictures' names.");
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

static int
pick (const LkSampleList *list, int slot, LkRandom *random)
{
  return list->items[list->begin[slot] +
                     (int) lk_random_below (random, (uint32_t) list_count (list, slot))];
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
  int n_own = list_count (&index->negatives, person);
  int n_negatives = n_own + list_count (&index->negatives, self->n_enrolled);
  int n_others = index->right.begin[self->n_enrolled] - list_count (&index->right, person);

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
  while (are_similar (self, person, other) && attempts++ < MAX_ATTEMPTS);
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
  int person = sample_at (self, trial[0])->person;
  int n_own = list_count (&index->negatives, person);
  int n_negatives = n_own + list_count (&index->negatives, self->n_enrolled);
  int n_others = index->right.begin[self->n_enrolled] - list_count (&index->right, person);

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
