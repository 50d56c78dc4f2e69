/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "store-test.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
test_add (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCapture) first = NULL, copy = NULL;
  g_autoptr (GPtrArray) captures = NULL, people = NULL;
  g_autoptr (LkImage) face = make_face (0), back = NULL;
  g_autofree char *expected = NULL;
  const LkPerson *person;
  GStatBuf info;

  first = add (f->store, "Anna", LK_CAPTURE_ANCHOR, 0);
  for (int i = 1; i < 12; i++)
    lk_capture_free (add (f->store, "Anna", LK_CAPTURE_ANCHOR, i));
  lk_capture_free (add (f->store, "Anna", LK_CAPTURE_NEGATIVE, 3));
  lk_capture_free (add (f->store, "bob", LK_CAPTURE_POSITIVE, 4));

  expected = g_build_filename (f->folder, "captures/anchor/Anna", first->session, "000001.jpg",
                               NULL);
  g_assert_cmpstr (first->path, ==, expected);
  g_assert_cmpstr (first->person, ==, "Anna");
  g_assert_true (
      g_regex_match_simple ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\d$", first->session, 0, 0));
  g_assert_cmpint (g_stat (first->path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
  back = lk_image_load (first->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (back->width, ==, 40);
  for (int i = 0; i < 3 * 40 * 40; i++) /* a JPEG of quality 95, not of another picture */
    g_assert_cmpint (ABS (lk_image_get_pixels (back)[i] - lk_image_get_pixels (face)[i]), <, 24);

  captures = lk_store_list_captures (f->store, "Anna", LK_CAPTURE_ANCHOR, &error);
  g_assert_no_error (error);
  g_assert_cmpint (captures->len, ==, 12);
  for (guint i = 0; i + 1 < captures->len; i++)
    g_assert_cmpstr (((LkCapture *) captures->pdata[i])->path, <,
                     ((LkCapture *) captures->pdata[i + 1])->path);
  g_assert_cmpstr (((LkCapture *) captures->pdata[0])->path, ==, first->path);
  g_assert_cmpint (((LkCapture *) captures->pdata[0])->kind, ==, LK_CAPTURE_ANCHOR);
  copy = lk_capture_copy (captures->pdata[0]);
  g_assert_cmpstr (copy->path, ==, first->path);
  g_assert_cmpstr (copy->session, ==, first->session);
  g_assert_cmpint (count (f->store, NULL, LK_CAPTURE_ANCHOR), ==, 12);
  g_assert_cmpint (count (f->store, "Nobody", LK_CAPTURE_ANCHOR), ==, 0);

  people = lk_store_list_people (f->store, &error);
  g_assert_cmpint (people->len, ==, 2);
  person = people->pdata[0];
  g_assert_cmpstr (person->name, ==, "Anna");
  g_assert_cmpint (person->n[LK_CAPTURE_ANCHOR], ==, 12);
  g_assert_cmpint (person->n[LK_CAPTURE_POSITIVE], ==, 0);
  g_assert_cmpint (person->n[LK_CAPTURE_NEGATIVE], ==, 1);
  person = people->pdata[1];
  g_assert_cmpstr (person->name, ==, "bob");
  g_assert_cmpint (person->n[LK_CAPTURE_POSITIVE], ==, 1);
}

static void
test_names (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "../x",   "a/b",  ".hidden",     "%",      "..",
                                       "/",      "😀",    "Anna\nMarie", " Anna ", "anchor",
                                       "100%2F", "a\\b", "*?[]" };
  static const char *const bad[] = { "", " ", "\t\n", "\xff\xfe" };
  g_autofree char *longest = g_strnfill (200, 'x'), *too_long = g_strnfill (201, 'x');
  g_autofree char *too_long_encoded = g_strnfill (70, '%');
  g_autoptr (LkImage) face = make_face (1);
  g_autoptr (GPtrArray) people = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      lk_capture_free (add (f->store, names[i], LK_CAPTURE_ANCHOR, 0));
      g_assert_cmpint (count (f->store, names[i], LK_CAPTURE_ANCHOR), ==, 1);
    }
  lk_capture_free (add (f->store, longest, LK_CAPTURE_ANCHOR, 0));
  g_assert_cmpint (count_files (f->folder, "captures/anchor"), ==, G_N_ELEMENTS (names) + 1);

  people = lk_store_list_people (f->store, &error);
  g_assert_cmpint (people->len, ==, G_N_ELEMENTS (names) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gboolean found = FALSE;

      for (guint k = 0; k < people->len; k++)
        found |= strcmp (((LkPerson *) people->pdata[k])->name, names[i]) == 0;
      g_assert_true (found);
      g_assert_true (lk_store_delete_person (f->store, names[i], &error));
      g_assert_cmpint (count (f->store, names[i], LK_CAPTURE_ANCHOR), ==, 0);
    }
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 1);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_null (lk_store_add (f->store, bad[i], LK_CAPTURE_ANCHOR, face, &error));
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
      g_clear_error (&error);
      g_assert_false (lk_store_delete_person (f->store, bad[i], &error));
      g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
      g_clear_error (&error);
    }
  g_assert_null (lk_store_add (f->store, too_long, LK_CAPTURE_ANCHOR, face, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG);
  g_clear_error (&error);
  g_assert_null (lk_store_add (f->store, too_long_encoded, LK_CAPTURE_ANCHOR, face, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG);
}

static void
test_delete_and_undo (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) some = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCapture) kept = NULL;
  g_autofree char *before = NULL, *after = NULL;
  gsize n_before, n_after;

  g_assert_false (lk_store_undo (f->store, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);

  kept = add (f->store, "Anna", LK_CAPTURE_ANCHOR, 0);
  g_ptr_array_add (some, add (f->store, "Anna", LK_CAPTURE_ANCHOR, 1));
  g_ptr_array_add (some, add (f->store, "Bob", LK_CAPTURE_POSITIVE, 2));
  g_assert_true (
      g_file_get_contents (((LkCapture *) some->pdata[1])->path, &before, &n_before, NULL));
  g_assert_true (lk_store_delete_captures (f->store, some, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 1);
  g_assert_cmpint (count (f->store, "Bob", LK_CAPTURE_POSITIVE), ==, 0);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 2);
  {
    g_autofree char *folder = g_build_filename (f->folder, "captures/positive/Bob", NULL);

    g_assert_false (g_file_test (folder, G_FILE_TEST_EXISTS)); /* no trace */
  }

  /* Gone already is as good as deleted; and a new picture never takes an old name. */
  g_assert_true (lk_store_undo (f->store, &error));
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 2);
  g_assert_cmpint (count (f->store, "Bob", LK_CAPTURE_POSITIVE), ==, 1);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
  g_assert_true (
      g_file_get_contents (((LkCapture *) some->pdata[1])->path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  g_assert_false (lk_store_undo (f->store, &error)); /* once */
  g_clear_error (&error);

  g_assert_true (lk_store_delete_captures (f->store, some, &error));
  g_assert_true (lk_store_delete_captures (f->store, some, &error)); /* nothing left of them */
  g_assert_false (lk_store_undo (f->store, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 2);
  lk_store_empty_trash (f->store);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
  g_assert_cmpint (count (f->store, NULL, LK_CAPTURE_ANCHOR), ==, 1);
  g_assert_true (g_file_test (kept->path, G_FILE_TEST_EXISTS));
}

static void
test_delete_person (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCapture) first = NULL;
  g_autoptr (GPtrArray) people = NULL;

  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    for (int i = 0; i < 3; i++)
      lk_capture_free (add (f->store, "Anna", (LkCaptureKind) kind, i));
  lk_capture_free (add (f->store, "Ann", LK_CAPTURE_ANCHOR, 9));
  g_assert_true (lk_store_delete_person (f->store, "Anna", &error));
  people = lk_store_list_people (f->store, &error);
  g_assert_cmpint (people->len, ==, 1);
  g_assert_cmpstr (((LkPerson *) people->pdata[0])->name, ==, "Ann");

  /* Enrolled again before the undo: both are kept. */
  first = add (f->store, "Anna", LK_CAPTURE_ANCHOR, 20);
  {
    /* One even under a name that comes back. */
    g_autofree char *folder = g_path_get_dirname (first->path);
    g_autofree char *same = g_build_filename (folder, "000001.jpg", NULL);

    g_assert_cmpint (g_rename (first->path, same), ==, 0);
  }
  g_assert_true (lk_store_undo (f->store, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 4);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_POSITIVE), ==, 3);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_NEGATIVE), ==, 3);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);

  /* Closing deletes for good. */
  g_assert_true (lk_store_delete_person (f->store, "Anna", &error));
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 10);
  lk_store_close (f->store);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 1);
  f->store = lk_store_open (f->folder, NULL);
}

static void
test_delete_refuses (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) one = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *outside = g_build_filename (f->folder, "mine", NULL);
  g_autofree char *detour = g_build_filename (f->folder, "captures/anchor/../../mine", NULL);
  LkCapture capture = { outside, (char *) "Anna", (char *) "s", LK_CAPTURE_ANCHOR };

  g_assert_true (g_file_set_contents (outside, "x", 1, NULL));
  g_ptr_array_add (one, &capture);
  g_assert_false (lk_store_delete_captures (f->store, one, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_clear_error (&error);
  capture.path = detour;
  g_assert_false (lk_store_delete_captures (f->store, one, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_true (g_file_test (outside, G_FILE_TEST_EXISTS));
}

/* Two programs on one folder: no picture is lost or overwritten, and the one's closing
 * leaves the other's trash alone. */
static void
test_two_stores (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LkStore *other = lk_store_open (f->folder, &error);

  g_assert_no_error (error);
  for (int i = 0; i < 20; i++)
    {
      lk_capture_free (add (f->store, "Anna", LK_CAPTURE_ANCHOR, i));
      lk_capture_free (add (other, "Anna", LK_CAPTURE_ANCHOR, i));
    }
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 40);
  g_assert_cmpint (count (other, "Anna", LK_CAPTURE_ANCHOR), ==, 40);

  g_assert_true (lk_store_delete_person (f->store, "Anna", &error));
  lk_capture_free (add (other, "Bob", LK_CAPTURE_ANCHOR, 1));
  g_assert_true (lk_store_delete_person (other, "Bob", &error));
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 41);
  lk_store_close (other);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 40);
  g_assert_true (lk_store_undo (f->store, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 40);
}

static void
add_many (const char *folder)
{
  LkStore *store = lk_store_open (folder, NULL);

  for (int i = 0; i < 40; i++)
    {
      g_autoptr (GPtrArray) one = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);

      g_ptr_array_add (one, add (store, "Anna", LK_CAPTURE_ANCHOR, i));
      if (i % 4 == 0) /* its folder may go in the moment that another adds to it */
        g_assert_true (lk_store_delete_captures (store, one, NULL));
    }
  lk_store_close (store);
}

static void
test_processes (Fixture *f, gconstpointer data)
{
  pid_t children[4];
  int status;

  for (int i = 0; i < 4; i++)
    {
      children[i] = fork ();
      g_assert_cmpint (children[i], >=, 0);
      if (children[i] == 0)
        {
          add_many (f->folder);
          _exit (0);
        }
    }
  for (int i = 0; i < 4; i++)
    {
      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 4 * 30);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
}

static void
test_crashed (Fixture *f, gconstpointer data)
{
  g_autofree char *left = g_build_filename (f->folder, "trash/abcdef/person-1/anchor/x", NULL);
  g_autofree char *file = g_build_filename (left, "1.jpg", NULL);
  g_autofree char *temporary = g_build_filename (f->folder, "captures/anchor/.likeness-123456",
                                                 NULL);
  g_autofree char *fresh = g_build_filename (f->folder, "captures/anchor/.likeness-abcdef", NULL);
  struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

  g_assert_cmpint (g_mkdir_with_parents (left, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_true (g_file_set_contents (temporary, "x", 1, NULL));
  g_assert_true (g_file_set_contents (fresh, "x", 1, NULL)); /* perhaps being written */
  g_assert_cmpint (utimensat (-1, temporary, old, 0), ==, 0);
  lk_store_close (lk_store_open (f->folder, NULL));
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
  g_assert_false (g_file_test (temporary, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (fresh, G_FILE_TEST_EXISTS));
}

static void
test_permissions (Fixture *f, gconstpointer data)
{
  g_autoptr (LkCapture) capture = add (f->store, "Anna", LK_CAPTURE_ANCHOR, 0);
  g_autofree char *session = g_path_get_dirname (capture->path);
  g_autofree char *person = g_path_get_dirname (session);
  g_autofree char *mine = g_build_filename (f->folder, "mine", NULL);
  g_autofree char *link = g_build_filename (person, "link", NULL);
  GStatBuf info;

  g_assert_cmpint (g_stat (session, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0700);
  g_assert_true (g_file_set_contents (mine, "x", 1, NULL));
  g_assert_cmpint (g_chmod (mine, 0644), ==, 0);
  g_assert_cmpint (symlink (mine, link), ==, 0);
  g_assert_cmpint (g_chmod (capture->path, 0664), ==, 0);
  g_assert_cmpint (g_chmod (person, 0755), ==, 0);
  lk_store_close (lk_store_open (f->folder, NULL));
  g_assert_cmpint (g_stat (capture->path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (person, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (g_stat (mine, &info), ==, 0); /* not through a link */
  g_assert_cmphex (info.st_mode & 0777, ==, 0644);
}

static void
test_users_own (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "likeness", NULL);
  g_autofree char *config = g_build_filename (g_get_user_config_dir (), "likeness", NULL);
  g_autofree char *settings = g_build_filename (config, "settings", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkStore) store = NULL;
  g_autoptr (LkCapture) capture = NULL;
  GStatBuf info;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (config, 0755), ==, 0);
  g_assert_true (g_file_set_contents (settings, "[Likeness]\nperson=Anna\n", -1, NULL));
  g_assert_cmpint (g_chmod (settings, 0644), ==, 0);
  store = lk_store_open (NULL, &error);
  g_assert_no_error (error);
  capture = add (store, "Anna", LK_CAPTURE_ANCHOR, 0);
  g_assert_true (g_str_has_prefix (capture->path, folder));
  g_assert_cmpint (g_stat (folder, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0700);
  /* The settings tell whom one verifies. */
  g_assert_cmpint (g_stat (config, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0700);
  g_assert_cmpint (g_stat (settings, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
  g_assert_nonnull (strstr (lk_store_get_notice (store), " 3 files and folders"));
}

/* What else lies in the folders neither disturbs nor counts. */
static void
test_strange_entries (Fixture *f, gconstpointer data)
{
  static const char *const files[] = { "captures/README",
                                       "captures/anchor/loose.jpg",
                                       "captures/anchor/.hidden/s/1.jpg",
                                       "captures/anchor/50%/s/1.jpg",
                                       "captures/anchor/%41nna/s/1.jpg",
                                       "captures/anchor/%FF/s/1.jpg",
                                       "captures/anchor/Anna/s/notes.txt",
                                       "captures/anchor/Anna/s/.1.jpg",
                                       "captures/anchor/Anna/s/deep/1.jpg" };
  g_autofree char *beside = g_build_filename (f->folder, "captures/anchor/Bob/1.JPEG", NULL);
  g_autofree char *link = g_build_filename (f->folder, "captures/anchor/Linked", NULL);
  g_autoptr (GPtrArray) people = NULL, captures = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i <= G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = i < G_N_ELEMENTS (files)
                                  ? g_build_filename (f->folder, files[i], NULL)
                                  : g_strdup (beside);
      g_autofree char *folder = g_path_get_dirname (path);

      g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
      g_assert_true (g_file_set_contents (path, "junk", 4, NULL));
    }
  g_assert_cmpint (symlink ("Anna", link), ==, 0);
  g_assert_cmpint (count (f->store, NULL, LK_CAPTURE_ANCHOR), ==, 1);
  people = lk_store_list_people (f->store, &error);
  g_assert_cmpint (people->len, ==, 1);
  g_assert_cmpstr (((LkPerson *) people->pdata[0])->name, ==, "Bob");
  captures = lk_store_list_captures (f->store, "Bob", LK_CAPTURE_ANCHOR, &error);
  g_assert_cmpstr (((LkCapture *) captures->pdata[0])->session, ==, "");
  g_assert_true (lk_store_delete_captures (f->store, captures, &error));
  g_assert_false (g_file_test (beside, G_FILE_TEST_EXISTS));
  g_assert_true (lk_store_undo (f->store, &error));
  g_assert_true (g_file_test (beside, G_FILE_TEST_EXISTS));
}

/* A file that cannot be written: no part of it stays, what was there stays. */
static void
test_no_room (Fixture *f, gconstpointer data)
{
  struct rlimit old, low = { 100, RLIM_INFINITY };
  g_autoptr (LkImage) face = make_face (0);
  g_autoptr (GError) error = NULL;
  LkCapture *capture;

  lk_capture_free (add (f->store, "Anna", LK_CAPTURE_ANCHOR, 0));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  low.rlim_max = old.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
  capture = lk_store_add (f->store, "Bob", LK_CAPTURE_ANCHOR, face, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  g_assert_null (capture);
  g_assert_nonnull (error);
  g_assert_true (error->domain == G_FILE_ERROR);
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 1);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 1);
}

static void
test_not_writable (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (f->folder, "captures/anchor", NULL);
  g_autofree char *captures = g_path_get_dirname (folder);
  g_autoptr (LkImage) face = make_face (0);
  g_autoptr (GError) error = NULL, open_error = NULL;
  LkCapture *capture;

  g_assert_cmpint (g_chmod (scratch, 0755), ==, 0); /* nobody may come as far as there */
  g_assert_cmpint (g_chmod (f->folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (captures, 0755), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  if (getuid () == 0)
    g_assert_cmpint (seteuid (65534), ==, 0); /* root may write anywhere */
  capture = lk_store_add (f->store, "Bob", LK_CAPTURE_ANCHOR, face, &error);
  if (getuid () == 0)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
  g_assert_null (capture);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ACCES);

  g_assert_null (lk_store_open ("/dev/null/x", &open_error));
  g_assert_error (open_error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
}

int
main (int argc, char *argv[])
{
  int status;

  scratch_begin ();
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/store/add", test_add);
  ADD ("/store/names", test_names);
  ADD ("/store/delete-and-undo", test_delete_and_undo);
  ADD ("/store/delete-person", test_delete_person);
  ADD ("/store/delete-refuses", test_delete_refuses);
  ADD ("/store/two-stores", test_two_stores);
  ADD ("/store/processes", test_processes);
  ADD ("/store/crashed", test_crashed);
  ADD ("/store/permissions", test_permissions);
  ADD ("/store/strange-entries", test_strange_entries);
  ADD ("/store/no-room", test_no_room);
  ADD ("/store/not-writable", test_not_writable);
  g_test_add_func ("/store/users-own", test_users_own);
  status = g_test_run ();
  scratch_end ();
  return status;
}
