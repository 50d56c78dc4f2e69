/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-test-folder.h"
#include "train/lk-dataset.h"
#include "train/lk-split.h"

#include <string.h>

/* The dataset reads names only, so these pictures are empty files. */
static void G_GNUC_PRINTF (2, 3) touch (const char *folder, const char *format, ...)
{
  g_autofree char *name = NULL, *path = NULL;
  va_list args;

  va_start (args, format);
  name = g_strdup_vprintf (format, args);
  va_end (args);
  path = test_folder_path (folder, name);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
}

static LkDataset *
open_dataset (const char *folder, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  LkDataset *set = lk_dataset_open (folder, seed, &error);

  g_assert_no_error (error);
  g_assert_nonnull (set);
  return set;
}

/* What must hold of every pair of every dataset. */
static void
check_pairs (const LkDataset *set, LkPart part, int n, guint64 seed)
{
  g_autoptr (GArray) pairs = lk_dataset_pairs (set, part, n, seed);

  if (pairs->len == 0)
    return;
  g_assert_cmpuint (pairs->len, ==, n);
  for (guint i = 0; i < pairs->len; i++)
    {
      LkSamplePair pair = g_array_index (pairs, LkSamplePair, i);
      const LkSample *a = lk_dataset_get_sample (set, pair.a),
                     *b = lk_dataset_get_sample (set, pair.b);

      g_assert_cmpint (pair.same, ==, i % 2 == 0);
      g_assert_cmpint (a->part, ==, part);
      g_assert_cmpint (b->part, ==, part);
      g_assert_cmpint (pair.a, !=, pair.b);
      g_assert_cmpint (a->person, >=, 0);
      g_assert_cmpint (a->role, !=, LK_ROLE_NEGATIVE);
      if (pair.same)
        g_assert_cmpint (a->person, ==, b->person);
      else
        g_assert_cmpint (a->person, !=, b->person);
    }
}

/* Fails when a number that @key gives is in two parts. */
static void
check_apart (const LkDataset *set, int (*key) (const LkSample *sample))
{
  g_autoptr (GHashTable) part_of = g_hash_table_new (NULL, NULL);

  for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
    {
      const LkSample *sample = lk_dataset_get_sample (set, i);
      gpointer part, number = GINT_TO_POINTER (key (sample));

      if (key (sample) < 0)
        continue;
      if (g_hash_table_lookup_extended (part_of, number, NULL, &part))
        g_assert_cmpint (GPOINTER_TO_INT (part), ==, sample->part);
      g_hash_table_insert (part_of, number, GINT_TO_POINTER (sample->part));
    }
}

static int
person_key (const LkSample *sample)
{
  return sample->person;
}

static int
negative_key (const LkSample *sample)
{
  return sample->role == LK_ROLE_NEGATIVE ? sample->person : -1;
}

static int
session_key (const LkSample *sample)
{
  return sample->role == LK_ROLE_NEGATIVE ? -1 : sample->session;
}

/* LFW's layout: from George_W_Bush's many pictures to the many people with one. */
static void
test_people (void)
{
  g_autofree char *folder = test_folder_new ();

  for (int i = 0; i < 100; i++)
    for (int j = 0; j < (i == 0 ? 60 : i < 40 ? 2 + i % 5 : 1); j++)
      touch (folder, "Person_%d/Person_%d_%04d.jpg", i, i, j + 1);
  for (guint64 seed = 0; seed < 40; seed++)
    {
      g_autoptr (LkDataset) set = open_dataset (folder, seed);
      LkDatasetSummary s;
      int n = lk_dataset_get_n_samples (set);

      lk_dataset_get_summary (set, &s);
      g_assert_cmpint (s.n_people, ==, 100);
      g_assert_cmpint (s.n_sessions, ==, 100);
      g_assert_cmpint (s.n_pictures[0] + s.n_pictures[1] + s.n_pictures[2], ==, n);
      g_assert_cmpint (s.n_people_in[0] + s.n_people_in[1] + s.n_people_in[2], ==, 100);
      g_assert_cmpfloat_with_epsilon ((double) s.n_pictures[LK_PART_TRAIN] / n, 0.7, 0.03);
      g_assert_cmpfloat_with_epsilon ((double) s.n_pictures[LK_PART_VALIDATION] / n, 0.2, 0.03);
      check_apart (set, person_key);
      for (int part = 0; part < LK_N_PARTS; part++)
        {
          g_autoptr (GArray) pairs = lk_dataset_pairs (set, (LkPart) part, 300, seed);

          g_assert_cmpuint (pairs->len, ==, 300);
          check_pairs (set, (LkPart) part, 300, seed);
        }
    }
  test_folder_remove (folder);
}

/* Two runs of the same seed agree; another seed deals differently. */
static void
test_seed (void)
{
  g_autofree char *folder = test_folder_new ();
  int differing = 0;

  for (int i = 0; i < 20; i++)
    for (int j = 0; j < 4; j++)
      touch (folder, "%c/%d.png", 'a' + i, j);
  {
    g_autoptr (LkDataset) a = open_dataset (folder, 7), b = open_dataset (folder, 7),
                          c = open_dataset (folder, 8);
    g_autoptr (GArray) p = lk_dataset_pairs (a, LK_PART_TRAIN, 50, 3);
    g_autoptr (GArray) q = lk_dataset_pairs (b, LK_PART_TRAIN, 50, 3);
    g_autoptr (GArray) r = lk_dataset_pairs (b, LK_PART_TRAIN, 50, 4);

    for (int i = 0; i < lk_dataset_get_n_samples (a); i++)
      {
        g_assert_cmpstr (lk_dataset_get_sample (a, i)->path, ==,
                         lk_dataset_get_sample (b, i)->path);
        g_assert_cmpint (lk_dataset_get_sample (a, i)->part, ==,
                         lk_dataset_get_sample (b, i)->part);
        if (i > 0) /* whatever the order on the disk */
          g_assert_cmpstr (lk_dataset_get_sample (a, i - 1)->path, <,
                           lk_dataset_get_sample (a, i)->path);
        differing += lk_dataset_get_sample (a, i)->part != lk_dataset_get_sample (c, i)->part;
      }
    g_assert_cmpint (differing, >, 0);
    g_assert_cmpmem (p->data, p->len * sizeof (LkSamplePair), q->data,
                     q->len * sizeof (LkSamplePair));
    g_assert_cmpint (memcmp (p->data, r->data, p->len * sizeof (LkSamplePair)), !=, 0);
  }
  test_folder_remove (folder);
}

/* Few people with several sessions: split by session, everyone in every part. */
static void
test_few_people (void)
{
  g_autofree char *folder = test_folder_new ();

  for (int i = 0; i < 3; i++)
    for (int s = 0; s < 4; s++)
      for (int j = 0; j < 5; j++)
        touch (folder, "%c/day%d/%d.jpg", 'a' + i, s, j);
  for (guint64 seed = 0; seed < 40; seed++)
    {
      g_autoptr (LkDataset) set = open_dataset (folder, seed);
      LkDatasetSummary s;

      lk_dataset_get_summary (set, &s);
      g_assert_cmpint (s.n_sessions, ==, 12);
      check_apart (set, session_key);
      for (int part = 0; part < LK_N_PARTS; part++)
        {
          g_assert_cmpint (s.n_people_in[part], ==, 3);
          check_pairs (set, (LkPart) part, 100, seed);
        }
      g_assert_cmpint (s.n_pictures[LK_PART_TRAIN], ==, 30);
    }
  test_folder_remove (folder);
}

/* The same without folders for the sessions: the names tell them, where they do. */
static void
test_sessions_by_name (void)
{
  g_autofree char *folder = test_folder_new ();

  for (int i = 0; i < 3; i++)
    for (int s = 0; s < 4; s++)
      for (int j = 0; j < 5; j++)
        touch (folder, "%c/2026-03-%02d_%03d.jpg", 'a' + i, s + 1, j);
  for (int j = 0; j < 5; j++) /* LFW's */
    touch (folder, "d/Some_One_%04d.jpg", j);
  touch (folder, "e/left.jpg"); /* all different: no sittings either */
  touch (folder, "e/right.jpg");
  touch (folder, "e/right2.jpg");
  for (guint64 seed = 0; seed < 20; seed++)
    {
      g_autoptr (LkDataset) set = open_dataset (folder, seed);
      LkDatasetSummary s;

      lk_dataset_get_summary (set, &s);
      g_assert_cmpint (s.n_sessions, ==, 3 * 4 + 1 + 1);
      for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
        for (int j = 0; j < lk_dataset_get_n_samples (set); j++)
          {
            const LkSample *a = lk_dataset_get_sample (set, i);
            const LkSample *b = lk_dataset_get_sample (set, j);
            const char *x = strrchr (a->path, '/'), *y = strrchr (b->path, '/');

            if (a->person != b->person || !g_str_has_prefix (x, "/2026"))
              continue;
            g_assert_cmpint (a->session == b->session, ==, strncmp (x, y, 11) == 0);
            if (a->session == b->session)
              g_assert_cmpint (a->part, ==, b->part);
          }
    }
  test_folder_remove (folder);
}

/* seeds/001: three flat folders, LFW moved into negative/. */
static void
test_documents_flat (void)
{
  g_autofree char *folder = test_folder_new ();

  for (int i = 0; i < 30; i++)
    {
      touch (folder, "anchor/%04d.jpg", i);
      touch (folder, "positive/%04d.jpg", i);
    }
  for (int i = 0; i < 50; i++)
    for (int j = 0; j < 1 + i % 3; j++)
      touch (folder, "negative/Some_One%c_%04d.jpg", 'A' + i, j + 1);
  for (guint64 seed = 0; seed < 40; seed++)
    {
      g_autoptr (LkDataset) set = open_dataset (folder, seed);
      LkDatasetSummary s;
      int changes = 0;

      lk_dataset_get_summary (set, &s);
      g_assert_cmpint (s.n_people, ==, 51);
      g_assert_cmpint (s.n_left_out, ==, 0);
      check_apart (set, negative_key);
      for (int part = 0; part < LK_N_PARTS; part++)
        {
          g_autoptr (GArray) pairs = lk_dataset_pairs (set, (LkPart) part, 100, seed);
          int roles[4] = { 0 };

          check_pairs (set, (LkPart) part, 100, seed);
          for (guint i = 0; i < pairs->len; i++)
            {
              LkSamplePair pair = g_array_index (pairs, LkSamplePair, i);

              g_assert_cmpint (lk_dataset_get_sample (set, pair.a)->role, ==, LK_ROLE_ANCHOR);
              roles[lk_dataset_get_sample (set, pair.b)->role]++;
            }
          g_assert_cmpint (roles[LK_ROLE_POSITIVE], ==, 50);
          g_assert_cmpint (roles[LK_ROLE_NEGATIVE], ==, 50);
        }
      /* One session: runs in order of names, 21 + 6 + 3 anchors. */
      for (int i = 1; i < 30; i++)
        changes += lk_dataset_get_sample (set, i)->part != lk_dataset_get_sample (set, i - 1)->part;
      g_assert_cmpint (changes, ==, 2);
    }
  test_folder_remove (folder);
}

/* The store's: negatives of one person are not impostors to another. */
static void
test_documents_store (void)
{
  g_autofree char *folder = test_folder_new ();
  const char *const people[] = { "Ada", "Ben" };

  for (int p = 0; p < 2; p++)
    for (int s = 0; s < 3; s++)
      for (int j = 0; j < 6; j++)
        {
          touch (folder, "anchor/%s/2026-03-0%dT10-00-00/%04d.jpg", people[p], s + 1, j);
          touch (folder, "positive/%s/2026-03-0%dT10-00-00/%04d.jpg", people[p], s + 1, j);
          touch (folder, "negative/%s/2026-03-0%dT10-00-00/%04d.jpg", people[p], s + 1, j);
        }
  for (guint64 seed = 0; seed < 40; seed++)
    {
      g_autoptr (LkDataset) set = open_dataset (folder, seed);
      g_autoptr (GArray) pairs = lk_dataset_pairs (set, LK_PART_TRAIN, 400, seed);
      LkDatasetSummary s;
      int crossed = 0, negatives = 0;

      lk_dataset_get_summary (set, &s);
      g_assert_cmpint (s.n_people, ==, 2);
      g_assert_cmpint (s.n_sessions, ==, 12);
      g_assert_cmpint (s.n_people_in[LK_PART_TEST], ==, 2);
      check_apart (set, session_key);
      check_pairs (set, LK_PART_TRAIN, 400, seed);
      check_pairs (set, LK_PART_TEST, 400, seed);
      for (guint i = 0; i < pairs->len; i++)
        {
          LkSamplePair pair = g_array_index (pairs, LkSamplePair, i);
          const LkSample *a = lk_dataset_get_sample (set, pair.a),
                         *b = lk_dataset_get_sample (set, pair.b);

          if (pair.same)
            continue;
          g_assert_cmpint (lk_dataset_compare (set, pair.a, pair.b), ==, LK_RELATION_DIFFERENT);
          if (b->role == LK_ROLE_NEGATIVE)
            {
              g_autofree char *own = g_strconcat (
                  "/negative/", lk_dataset_get_person (set, a->person), "/", NULL);

              negatives++;
              g_assert_nonnull (strstr (b->path, own));
            }
          else
            crossed++;
        }
      g_assert_cmpint (crossed, >, 20);
      g_assert_cmpint (negatives, >, 20);
    }
  test_folder_remove (folder);
}

/* Negatives in folders of their own, as LFW unpacks. */
static void
test_documents_negative_people (void)
{
  g_autofree char *folder = test_folder_new ();

  for (int i = 0; i < 8; i++)
    touch (folder, "anchor/%d.jpg", i);
  for (int i = 0; i < 8; i++)
    touch (folder, "positive/%d.jpg", i);
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 3; j++)
      touch (folder, "negative/N%c/%d.jpg", 'a' + i, j);
  for (guint64 seed = 0; seed < 40; seed++)
    {
      g_autoptr (LkDataset) set = open_dataset (folder, seed);
      LkDatasetSummary s;

      lk_dataset_get_summary (set, &s);
      g_assert_cmpint (s.n_people, ==, 13);
      check_apart (set, negative_key);
      for (int part = 0; part < LK_N_PARTS; part++)
        {
          g_assert_cmpint (s.n_people_in[part], >, 1);
          check_pairs (set, (LkPart) part, 50, seed);
        }
    }
  test_folder_remove (folder);
}

/* Two sessions: the smaller is for validation and test, and never for training. */
static void
test_two_sessions (void)
{
  g_autofree char *folder = test_folder_new ();

  for (int j = 0; j < 9; j++)
    for (int s = 0; s < 2; s++)
      if (s == 1 || j < 6)
        {
          touch (folder, "anchor/Ada/s%d/%d.jpg", s, j);
          touch (folder, "positive/Ada/s%d/%d.jpg", s, j);
        }
  for (int j = 0; j < 9; j++)
    touch (folder, "negative/Who_%d.jpg", j);
  {
    g_autoptr (LkDataset) set = open_dataset (folder, 1);
    g_autofree char *report = lk_dataset_get_report (set);
    int n[LK_N_PARTS] = { 0 };

    for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
      {
        const LkSample *sample = lk_dataset_get_sample (set, i);

        if (sample->role != LK_ROLE_NEGATIVE)
          {
            g_assert_cmpint (sample->part == LK_PART_TRAIN, ==,
                             strstr (sample->path, "/s1/") != NULL);
            n[sample->part]++;
          }
      }
    g_assert_cmpint (n[LK_PART_TRAIN], ==, 18);
    g_assert_cmpint (n[LK_PART_VALIDATION], ==, 8);
    g_assert_cmpint (n[LK_PART_TEST], ==, 4);
    /* All negatives are of one name: cut into runs, and said so. */
    g_assert_nonnull (strstr (report, "fewer than three people"));
    check_pairs (set, LK_PART_TEST, 20, 1);
  }
  test_folder_remove (folder);
}

static void
test_left_out (void)
{
  g_autofree char *folder = test_folder_new ();

  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 4; j++)
      touch (folder, "%c/%d.jpg", 'a' + i, j);
  touch (folder, "beside.jpg");
  touch (folder, "readme.txt");
  touch (folder, "a/list.csv");
  touch (folder, "a/.hidden.jpg");
  touch (folder, "a/one/two/deep.jpg");
  {
    g_autofree char *fifo = test_folder_path (folder, "a/pipe.jpg");
    g_autofree char *report = NULL;
    g_autoptr (LkDataset) set = NULL;
    LkDatasetSummary s;

    g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
    set = open_dataset (folder, 1);
    report = lk_dataset_get_report (set);
    lk_dataset_get_summary (set, &s);
    g_assert_cmpint (lk_dataset_get_n_samples (set), ==, 12);
    g_assert_cmpint (s.n_left_out, ==, 5);
    g_assert_nonnull (strstr (report, "12 pictures of 3 people in 3 sessions."));
    g_assert_nonnull (strstr (report, "Left out: 3 files that are not"));
    g_assert_nonnull (strstr (report, "Left out: 1 picture that lies beside"));
    g_assert_nonnull (strstr (report, "Left out: 1 folder below a session"));
  }
  test_folder_remove (folder);
}

static void
assert_open_fails (const char *folder, GQuark domain, int code, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lk_dataset_open (folder, 1, &error));
  g_assert_error (error, domain, code);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_errors (void)
{
  g_autofree char *folder = test_folder_new (), *missing = g_build_filename (folder, "none", NULL);
  g_autofree char *pairless = g_build_filename (folder, "pairless", NULL);
  g_autofree char *alone = g_build_filename (folder, "alone", NULL);
  g_autofree char *anchors = g_build_filename (folder, "anchors", NULL);

  assert_open_fails (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT, "cannot be read");
  assert_open_fails (folder, LK_ERROR, LK_ERROR_NO_DATA, "no pictures");

  touch (pairless, "Ada/1.jpg");
  touch (pairless, "Ben/1.jpg");
  assert_open_fails (pairless, LK_ERROR, LK_ERROR_NO_DATA, "two pictures");

  for (int j = 0; j < 9; j++)
    touch (alone, "Ada/%d.jpg", j);
  assert_open_fails (alone, LK_ERROR, LK_ERROR_NO_DATA, "only one person");

  for (int j = 0; j < 9; j++)
    touch (anchors, "negative/%d.jpg", j);
  assert_open_fails (anchors, LK_ERROR, LK_ERROR_NO_DATA, "two pictures");
  for (int j = 0; j < 9; j++)
    touch (anchors, "anchor/%d.jpg", j);
  lk_dataset_free (open_dataset (anchors, 1)); /* anchors will do, with each other */
  test_folder_remove (folder);
}

/* By hand: who is who, and of whom it is not known. */
static void
test_compare (void)
{
  g_autofree char *folder = test_folder_new ();
  const char *const names[] = { "anchor/Ada/s1/1.jpg",     "positive/Ada/s1/1.jpg",
                                "positive/Ada/s2/1.jpg",   "anchor/Ben/s1/1.jpg",
                                "negative/Ada/s1/1.jpg",   "negative/Ada/s1/2.jpg",
                                "negative/Eve_Lee_01.jpg", "negative/Eve_Lee_02.jpg",
                                "negative/Ida_Poe_01.jpg" };
  const char expected[] = "SSSDDDDDD" /* a line a name: same, different, unknown */
                          "SSSDDDDDD"
                          "SSSDDDDDD"
                          "DDDSUUDDD"
                          "DDDUSUUUU"
                          "DDDUUSUUU"
                          "DDDDUUSSD"
                          "DDDDUUSSD"
                          "DDDDUUDDS";

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    touch (folder, "%s", names[i]);
  {
    g_autoptr (LkDataset) set = open_dataset (folder, 1);
    int index[G_N_ELEMENTS (names)];

    for (int i = 0; i < lk_dataset_get_n_samples (set); i++)
      for (guint j = 0; j < G_N_ELEMENTS (names); j++)
        if (g_str_has_suffix (lk_dataset_get_sample (set, i)->path, names[j]))
          index[j] = i;
    for (guint a = 0; a < G_N_ELEMENTS (names); a++)
      for (guint b = 0; b < G_N_ELEMENTS (names); b++)
        g_assert_cmpint ("SDU"[lk_dataset_compare (set, index[a], index[b])], ==,
                         expected[a * G_N_ELEMENTS (names) + b]);
  }
  test_folder_remove (folder);
}

static void
test_split_groups (void)
{
  for (int n = 0; n < 60; n++)
    for (int min = 0; min < 3; min++)
      {
        int sizes[60], total = 0, largest = 0, pictures[3] = { 0 }, groups[3] = { 0 };
        LkPart parts[60];
        LkRandom random;

        lk_random_seed (&random, (uint64_t) (n * 3 + min));
        for (int i = 0; i < n; i++)
          {
            sizes[i] = 1 + (int) lk_random_below (&random, 9);
            total += sizes[i];
            largest = MAX (largest, sizes[i]);
          }
        lk_split_groups (sizes, n, min, &random, parts);
        for (int i = 0; i < n; i++)
          {
            pictures[parts[i]] += sizes[i];
            groups[parts[i]]++;
          }
        g_assert_cmpint (groups[0] + groups[1] + groups[2], ==, n);
        for (int p = 0; p < 3 && n >= 3 * min; p++)
          g_assert_cmpint (groups[p], >=, min);
        if (n >= 20)
          {
            g_assert_cmpfloat_with_epsilon (pictures[0], 0.7 * total, largest);
            g_assert_cmpfloat_with_epsilon (pictures[1], 0.2 * total, largest);
          }
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dataset/split-groups", test_split_groups);
  g_test_add_func ("/dataset/compare", test_compare);
  g_test_add_func ("/dataset/people", test_people);
  g_test_add_func ("/dataset/seed", test_seed);
  g_test_add_func ("/dataset/few-people", test_few_people);
  g_test_add_func ("/dataset/sessions-by-name", test_sessions_by_name);
  g_test_add_func ("/dataset/documents-flat", test_documents_flat);
  g_test_add_func ("/dataset/documents-store", test_documents_store);
  g_test_add_func ("/dataset/documents-negative-people", test_documents_negative_people);
  g_test_add_func ("/dataset/two-sessions", test_two_sessions);
  g_test_add_func ("/dataset/left-out", test_left_out);
  g_test_add_func ("/dataset/errors", test_errors);
  return g_test_run ();
}
