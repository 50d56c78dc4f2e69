/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../train/lk-test-folder.h"
#include "base/lk-error.h"
#include "eval/lk-protocol.h"

#include <string.h>

static void
touch (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = test_folder_path (folder, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static const LkProtocolPicture *
picture (const LkProtocol *p, int i)
{
  return &g_array_index (p->pictures, LkProtocolPicture, i);
}

/* Checks what any list of pairs must be, and counts its genuine ones. */
static int
check_pairs (const LkProtocol *p, gboolean sessions)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int n_genuine = 0;

  for (guint i = 0; i < p->pairs->len; i++)
    {
      const LkProtocolPair *pair = &g_array_index (p->pairs, LkProtocolPair, i);
      const LkProtocolPicture *a = picture (p, pair->a), *b = picture (p, pair->b);

      g_assert_cmpint (pair->a, !=, pair->b);
      g_assert_true (pair->same == (a->person == b->person));
      if (pair->same && sessions)
        g_assert_cmpint (a->session, !=, b->session);
      n_genuine += pair->same;
      g_assert_true (g_hash_table_add (
          seen, g_strdup_printf ("%d %d", MIN (pair->a, pair->b), MAX (pair->a, pair->b))));
    }
  return n_genuine;
}

static void
test_folders (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LkProtocol) p = NULL;

  touch (folder, "Ann/1.jpg", "");
  touch (folder, "Ann/2.png", "");
  touch (folder, "Ann/3.jpg", "");
  touch (folder, "Bob/1.jpg", "");
  touch (folder, "Bob/2.jpg", "");
  touch (folder, "Cy/1.jpg", "");
  touch (folder, "Cy/notes.txt", "");
  touch (folder, "Cy/.hidden.jpg", "");
  touch (folder, "README.jpg", "");
  p = lk_protocol_load_folders (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (p->people->len, ==, 3);
  g_assert_cmpuint (p->pictures->len, ==, 6);
  g_assert_true (g_str_has_suffix (picture (p, 0)->path, "Ann/1.jpg"));
  g_assert_cmpint (picture (p, 0)->session, ==, -1);

  /* All of them: 3 + 1 genuine, 6*5/2 - 4 impostors. */
  g_assert_true (lk_protocol_make_pairs (p, 100, 1000, 1, &error));
  g_assert_cmpuint (p->pairs->len, ==, 15);
  g_assert_cmpint (check_pairs (p, FALSE), ==, 4);
  g_assert_nonnull (strstr (p->about, "6 pictures of 3 people"));
  test_folder_remove (folder);
}

/* Two sessions of two pictures for ten people; person 3 has one session alone. */
static char *
make_sessions (void)
{
  char *folder = test_folder_new ();

  for (int person = 0; person < 10; person++)
    for (int session = 0; session < (person == 3 ? 1 : 2); session++)
      for (int i = 0; i < 2; i++)
        {
          g_autofree char *name = g_strdup_printf ("p%d/s%d/%d.jpg", person, session, i);

          touch (folder, name, "");
        }
  return folder;
}

static void
test_sessions (void)
{
  g_autofree char *folder = make_sessions ();
  g_autoptr (LkProtocol) p = lk_protocol_load_folders (folder, NULL);
  g_autoptr (LkProtocol) few = lk_protocol_load_folders (folder, NULL);
  g_autoptr (LkProtocol) again = lk_protocol_load_folders (folder, NULL);
  g_autoptr (LkProtocol) other = lk_protocol_load_folders (folder, NULL);
  LkProtocol *all[] = { few, again, other };

  g_assert_true (lk_protocol_make_pairs (p, 100, 100000, 1, NULL));
  g_assert_cmpint (check_pairs (p, TRUE), ==, 9 * 4); /* 2 x 2 across sessions */
  g_assert_cmpuint (p->pairs->len, ==, 9 * 4 + 38 * 37 / 2 - 9 * 6 - 1);

  for (int i = 0; i < 3; i++)
    g_assert_true (lk_protocol_make_pairs (all[i], 3, 200, i == 2 ? 8 : 7, NULL));
  g_assert_cmpint (check_pairs (few, TRUE), ==, 9 * 3);
  g_assert_cmpuint (few->pairs->len, ==, 9 * 3 + 200);
  g_assert_cmpmem (few->pairs->data, few->pairs->len * sizeof (LkProtocolPair), again->pairs->data,
                   again->pairs->len * sizeof (LkProtocolPair));
  g_assert_cmpuint (other->pairs->len, ==, few->pairs->len);
  g_assert_cmpint (
      memcmp (few->pairs->data, other->pairs->data, few->pairs->len * sizeof (LkProtocolPair)), !=,
      0);
  test_folder_remove (folder);
}

/* Many pictures, few pairs wanted: drawn at random rather than from a list. */
/* Without folders for them, as names tell. */
static void
test_sessions_by_name (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (LkProtocol) p = NULL;

  for (int person = 0; person < 4; person++)
    for (int session = 0; session < 3; session++)
      for (int i = 0; i < 2; i++)
        {
          g_autofree char *name = g_strdup_printf ("p%d/day %d-%d.jpg", person, session, i);

          touch (folder, name, "");
        }
  touch (folder, "p0/notes.txt", "");
  p = lk_protocol_load_folders (folder, NULL);
  g_assert_cmpuint (p->pictures->len, ==, 24);
  g_assert_true (lk_protocol_make_pairs (p, 100, 10000, 1, NULL));
  g_assert_cmpint (check_pairs (p, TRUE), ==, 4 * 12); /* 3 pairs of sessions, 2 x 2 each */
  test_folder_remove (folder);
}

static void
test_draws (void)
{
  g_autoptr (LkProtocol) p = lk_protocol_new ("drawn", LK_PICTURE_ALIGNED);

  for (int i = 0; i < 3000; i++)
    {
      g_autofree char *name = g_strdup_printf ("%d", i), *person = g_strdup_printf ("%d", i % 2);

      lk_protocol_add_picture (p, name, lk_protocol_add_person (p, person), -1);
    }
  g_assert_true (lk_protocol_make_pairs (p, 10000, 10000, 1, NULL)); /* 1500*1499/2 > a million */
  g_assert_cmpint (check_pairs (p, FALSE), ==, 20000);
  g_assert_cmpuint (p->pairs->len, ==, 30000);
}

static void
test_exclude (void)
{
  g_autofree char *folder = make_sessions ();
  g_autoptr (LkProtocol) p = lk_protocol_load_folders (folder, NULL);

  lk_protocol_exclude (p, 5, 2);
  lk_protocol_exclude (p, 1, 7);
  g_assert_true (lk_protocol_make_pairs (p, 100, 100000, 1, NULL));
  g_assert_cmpuint (p->pairs->len, ==, 9 * 4 + 38 * 37 / 2 - 9 * 6 - 1 - 2 * 16);
  g_assert_true (lk_protocol_make_trials (p, 8, 300, 1, NULL));
  for (guint i = 0; i < p->trials->len; i++)
    {
      const LkProtocolTrial *trial = &g_array_index (p->trials, LkProtocolTrial, i);
      int probe = picture (p, trial->probe)->person;

      for (int c = 0; c < trial->n; c++)
        {
          int other = picture (p, g_array_index (p->candidates, int, trial->first + c))->person;

          g_assert_false ((probe == 5 && other == 2) || (probe == 2 && other == 5) ||
                          (probe == 1 && other == 7) || (probe == 7 && other == 1));
        }
    }
  test_folder_remove (folder);
}

static void
test_trials (void)
{
  g_autofree char *folder = make_sessions ();
  g_autoptr (LkProtocol) p = lk_protocol_load_folders (folder, NULL);
  g_autoptr (GError) error = NULL;
  int places[5] = { 0 };

  g_assert_true (lk_protocol_make_trials (p, 5, 500, 3, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (p->trials->len, ==, 500);
  for (guint i = 0; i < p->trials->len; i++)
    {
      const LkProtocolTrial *trial = &g_array_index (p->trials, LkProtocolTrial, i);
      const LkProtocolPicture *probe = picture (p, trial->probe);
      int seen[10] = { 0 };

      g_assert_cmpint (trial->n, ==, 5);
      for (int c = 0; c < 5; c++)
        {
          const LkProtocolPicture *other = picture (
              p, g_array_index (p->candidates, int, trial->first + c));

          g_assert_cmpint (++seen[other->person], ==, 1);
          g_assert_true ((other->person == probe->person) == (c == trial->correct));
          if (c == trial->correct)
            g_assert_cmpint (other->session, !=, probe->session);
        }
      g_assert_cmpint (probe->person, !=, 3); /* one session */
      places[trial->correct]++;
    }
  for (int c = 0; c < 5; c++)
    g_assert_cmpint (places[c], >, 60);
  g_assert_false (lk_protocol_make_trials (p, 11, 1, 3, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  test_folder_remove (folder);
}

static void
test_runs (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (LkProtocol) p = NULL, none = NULL;
  const LkProtocolTrial *trial;

  none = lk_protocol_load_runs (folder, &error);
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);
  touch (folder, "run01/class_labels.txt",
         "run01/t/1.png run01/c/8.png\nrun01/t/2.png run01/c/9.png\n");
  touch (folder, "run02/class_labels.txt", "run02/t/1.png run02/c/1.png\r\n");
  touch (folder, "other/x.txt", "");
  p = lk_protocol_load_runs (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint ((int) p->kind, ==, LK_PICTURE_PLAIN);
  g_assert_cmpuint (p->trials->len, ==, 3);
  g_assert_cmpuint (p->candidates->len, ==, 3);
  trial = &g_array_index (p->trials, LkProtocolTrial, 1);
  g_assert_cmpint (trial->n, ==, 2);
  g_assert_cmpint (trial->correct, ==, 1);
  g_assert_true (g_str_has_suffix (picture (p, trial->probe)->path, "run01/t/2.png"));
  g_assert_true (g_str_has_suffix (
      picture (p, g_array_index (p->candidates, int, trial->first + 1))->path, "run01/c/9.png"));
  trial = &g_array_index (p->trials, LkProtocolTrial, 2);
  g_assert_cmpint (trial->first, ==, 2);
  g_assert_cmpint (trial->n, ==, 1);

  touch (folder, "run02/class_labels.txt", "run02/t/1.png ../../etc/passwd\n");
  none = lk_protocol_load_runs (folder, &error);
  g_assert_null (none);
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  test_folder_remove (folder);
}

static void
test_pairs (void)
{
  g_autofree char *folder = test_folder_new (),
                  *list = g_build_filename (folder, "pairs.txt", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkProtocol) p = NULL;

  touch (folder, "pairs.txt", "2 1\nAnn 1 2\nAnn 1 Bob 1\nBob 1 2\nBob 2 Ann 2\n");
  p = lk_protocol_load_pairs (list, "/lfw", &error);
  g_assert_no_error (error);
  g_assert_cmpint (p->n_folds, ==, 2);
  g_assert_cmpuint (p->pairs->len, ==, 4);
  g_assert_cmpuint (p->pictures->len, ==, 4); /* each once */
  g_assert_cmpuint (p->people->len, ==, 2);
  g_assert_cmpint (check_pairs (p, FALSE), ==, 2);
  g_assert_cmpint (g_array_index (p->pairs, LkProtocolPair, 3).fold, ==, 1);
  g_assert_cmpstr (picture (p, 0)->path, ==, "/lfw/Ann/Ann_0001.jpg");
  test_folder_remove (folder);
}

static void
test_errors (void)
{
  g_autofree char *folder = test_folder_new ();
  g_autoptr (GError) missing = NULL, empty = NULL, single = NULL, alone = NULL;
  g_autoptr (LkProtocol) p = NULL, one = lk_protocol_new ("one", LK_PICTURE_PHOTO);

  g_assert_null (lk_protocol_load_folders ("/nowhere", &missing));
  g_assert_error (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  touch (folder, "Ann/1.jpg", "");
  g_assert_null (lk_protocol_load_folders (folder, &empty));
  g_assert_error (empty, LK_ERROR, LK_ERROR_NO_DATA);
  touch (folder, "Bob/1.jpg", "");
  p = lk_protocol_load_folders (folder, NULL);
  g_assert_false (lk_protocol_make_pairs (p, 10, 10, 1, &single)); /* one picture each */
  g_assert_error (single, LK_ERROR, LK_ERROR_NO_DATA);
  lk_protocol_add_picture (one, "1", lk_protocol_add_person (one, "Ann"), -1);
  lk_protocol_add_picture (one, "2", 0, -1);
  g_assert_false (lk_protocol_make_pairs (one, 10, 10, 1, &alone)); /* nobody else */
  g_assert_error (alone, LK_ERROR, LK_ERROR_NO_DATA);
  test_folder_remove (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protocol/folders", test_folders);
  g_test_add_func ("/protocol/sessions", test_sessions);
  g_test_add_func ("/protocol/sessions-by-name", test_sessions_by_name);
  g_test_add_func ("/protocol/draws", test_draws);
  g_test_add_func ("/protocol/exclude", test_exclude);
  g_test_add_func ("/protocol/trials", test_trials);
  g_test_add_func ("/protocol/runs", test_runs);
  g_test_add_func ("/protocol/pairs", test_pairs);
  g_test_add_func ("/protocol/errors", test_errors);
  return g_test_run ();
}
