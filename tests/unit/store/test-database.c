/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "scratch.h"
#include "store/lk-runs.h"

#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder; /* fresh, removed afterwards */
  char *path;   /* of the database in it */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_build_filename (scratch, "database-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (f->folder));
  f->path = g_build_filename (f->folder, "likeness.db", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  scratch_remove (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

/* Opens it; @notice: a part of what must be told, or NULL for nothing */
static LkDatabase *
open_it (Fixture *f, const char *notice)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  LkDatabase *db = lk_database_open (f->folder, &said, &error);

  g_assert_no_error (error);
  g_assert_nonnull (db);
  if (notice == NULL)
    g_assert_null (said);
  else
    {
      g_assert_nonnull (said);
      g_assert_nonnull (strstr (said, notice));
    }
  return db;
}

static void
fail_to_open (Fixture *f, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkDatabase) db = lk_database_open (f->folder, NULL, &error);

  g_assert_error (error, LK_ERROR, code);
  g_assert_null (db);
  g_assert_nonnull (strstr (error->message, part));
}

static gint64
add_run (LkDatabase *db, const char *name, LkRunState state)
{
  g_autoptr (LkRun) run = lk_run_new (name, "siamese");
  g_autoptr (GError) error = NULL;

  run->state = state;
  lk_run_set_option (run, "epochs", "30");
  lk_run_set_figure (run, "eer", 0.25);
  lk_database_add_run (db, run, &error);
  g_assert_no_error (error);
  g_assert_cmpint (run->id, >, 0);
  return run->id;
}

static GPtrArray *
list (LkDatabase *db)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *runs = lk_database_list_runs (db, &error);

  g_assert_no_error (error);
  return runs;
}

static guint
count_runs (LkDatabase *db)
{
  g_autoptr (GPtrArray) runs = list (db);

  return runs->len;
}

/* Files of the folder whose name begins with @prefix */
static int
count_files (Fixture *f, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;
  int n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);
      GStatBuf info;

      g_assert_cmpint (g_stat (path, &info), ==, 0);
      g_assert_cmpint (info.st_mode & 0777, ==, 0600);
      n += g_str_has_prefix (name, prefix);
    }
  return n;
}

static void
test_runs (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "loss", "recall" };
  g_autoptr (LkDatabase) db = open_it (f, NULL);
  g_autoptr (LkRun) run = lk_run_new ("Ada’s", "siamese");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = NULL, curves = NULL;
  g_autoptr (GArray) points = NULL;
  LkRun *found;
  double value = 7;

  lk_run_set_option (run, "epochs", "3");
  lk_run_set_option (run, "epochs", "30");
  g_assert_true (lk_database_add_run (db, run, &error));
  for (int i = 0; i < 5; i++) /* 1, 2, 3, and once more from a checkpoint */
    {
      int step = i < 3 ? i + 1 : i - 1;

      g_assert_true (lk_database_add_points (
          db, run->id, step, names, (double[]){ i, step == 2 ? (double) NAN : 0.5 }, 2, &error));
    }
  run->state = LK_RUN_FINISHED;
  run->model = g_strdup ("ada");
  lk_run_set_figure (run, "eer", 0.125);
  lk_run_set_figure (run, "auc", 1);
  lk_run_set_figure (run, "auc", (double) INFINITY);
  g_assert_true (lk_database_update_run (db, run, &error));
  add_run (db, "Bob", LK_RUN_FAILED);

  lk_database_close (g_steal_pointer (&db));
  g_assert_cmpint (count_files (f, "likeness.db"), ==, 1);
  db = open_it (f, NULL);
  runs = list (db);
  g_assert_cmpuint (runs->len, ==, 2);
  g_assert_cmpstr (((LkRun *) runs->pdata[0])->name, ==, "Bob");
  found = runs->pdata[1];
  g_assert_cmpstr (found->name, ==, "Ada’s");
  g_assert_cmpstr (found->network, ==, "siamese");
  g_assert_cmpstr (found->model, ==, "ada");
  g_assert_cmpint (found->state, ==, LK_RUN_FINISHED);
  g_assert_cmpint (found->began, ==, run->began);
  g_assert_cmpint (found->ended, >=, run->began);
  g_assert_cmpstr (lk_run_get_option (found, "epochs"), ==, "30");
  g_assert_null (lk_run_get_option (found, "eer"));
  g_assert_true (lk_run_get_figure (found, "eer", &value));
  g_assert_cmpfloat (value, ==, 0.125);
  g_assert_false (lk_run_get_figure (found, "auc", &value));
  g_assert_cmpfloat (value, ==, 0.125);

  curves = lk_database_list_curves (db, found->id, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (curves->len, ==, 2);
  g_assert_cmpstr (curves->pdata[1], ==, "recall");
  points = lk_database_list_points (db, found->id, "recall", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (points->len, ==, 2);
  g_assert_cmpint (g_array_index (points, LkRunPoint, 0).step, ==, 1);
  g_assert_cmpint (g_array_index (points, LkRunPoint, 1).step, ==, 3);
  g_clear_pointer (&points, g_array_unref);
  points = lk_database_list_points (db, found->id, "loss", &error);
  g_assert_cmpuint (points->len, ==, 3); /* each once, as it was last */
  g_assert_cmpfloat (g_array_index (points, LkRunPoint, 0).value, ==, 0);
  g_assert_cmpfloat (g_array_index (points, LkRunPoint, 1).value, ==, 3);
  g_assert_cmpfloat (g_array_index (points, LkRunPoint, 2).value, ==, 4);
}

static void
test_rename_delete (Fixture *f, gconstpointer data)
{
  g_autoptr (LkDatabase) db = open_it (f, NULL);
  g_autoptr (GError) error = NULL;
  gint64 ada = add_run (db, "Ada", LK_RUN_FINISHED), bob = add_run (db, "Bob", LK_RUN_FINISHED);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GArray) points = NULL;

  g_assert_true (lk_database_add_points (db, bob, 1, (const char *const[]){ "loss" },
                                         (double[]){ 1 }, 1, &error));
  g_assert_true (lk_database_rename_run (db, ada, "Countess", &error));
  g_assert_true (lk_database_delete_run (db, bob, &error));
  runs = list (db);
  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpstr (((LkRun *) runs->pdata[0])->name, ==, "Countess");
  points = lk_database_list_points (db, bob, "loss", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (points->len, ==, 0);

  g_assert_false (lk_database_rename_run (db, bob, "Robert", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);
  g_assert_false (lk_database_delete_run (db, bob, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);
  /* Points of a run that is gone would be nobody's. */
  g_assert_false (lk_database_add_points (db, bob, 2, (const char *const[]){ "loss" },
                                          (double[]){ 1 }, 1, &error));
  g_assert_nonnull (error);
}

static void
test_interrupted (Fixture *f, gconstpointer data)
{
  g_autoptr (LkDatabase) db = open_it (f, NULL), other = NULL;
  g_autoptr (GPtrArray) before = NULL, after = NULL;

  add_run (db, "Ada", LK_RUN_RUNNING);
  other = open_it (f, NULL); /* somebody may be running it */
  before = list (other);
  g_assert_cmpint (((LkRun *) before->pdata[0])->state, ==, LK_RUN_RUNNING);
  lk_database_close (g_steal_pointer (&db));
  lk_database_close (g_steal_pointer (&other));
  db = open_it (f, NULL);
  after = list (db);
  g_assert_cmpint (((LkRun *) after->pdata[0])->state, ==, LK_RUN_INTERRUPTED);
  g_assert_cmpint (((LkRun *) after->pdata[0])->ended, >, 0);
}

/* Four processes write at once; nothing is lost and nothing fails. */
static void
test_processes (Fixture *f, gconstpointer data)
{
  pid_t children[4];

  for (int i = 0; i < 4; i++)
    if ((children[i] = fork ()) == 0)
      {
        LkDatabase *db = open_it (f, NULL);

        for (int k = 0; k < 25; k++)
          add_run (db, "Ada", LK_RUN_FINISHED);
        lk_database_close (db);
        _exit (0);
      }
  for (int i = 0; i < 4; i++)
    {
      int status;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  {
    g_autoptr (LkDatabase) db = open_it (f, NULL);

    g_assert_cmpuint (count_runs (db), ==, 100);
  }
  g_assert_cmpint (count_files (f, ".likeness-"), ==, 0);
}

static void
write_sql (const char *path, const char *sql)
{
  sqlite3 *db = NULL;
  char *why = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, sql, NULL, NULL, &why);
  g_assert_cmpstr (why, ==, NULL);
  sqlite3_close (db);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
}

/* As files that were written more than a week ago. */
static void
make_old (Fixture *f, const char *prefix)
{
  g_autofree char *folder = g_path_get_dirname (f->path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const struct timespec old[2] = { { .tv_sec = time (NULL) - 8 * 24 * 3600 },
                                   { .tv_sec = time (NULL) - 8 * 24 * 3600 } };
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);

        g_assert_cmpint (utimensat (AT_FDCWD, path, old, 0), ==, 0);
      }
}

/* Every older version, from what it wrote. */
static void
test_migrations (Fixture *f, gconstpointer data)
{
  for (int version = 1; version <= LK_DATABASE_VERSION; version++)
    {
      g_autofree char *name = g_strdup_printf ("schema-v%d.sql", version);
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, name, NULL), *sql = NULL;
      g_autofree char *backup = g_strdup_printf ("%s.before-v%d", f->path, version + 1);
      g_autoptr (LkDatabase) db = NULL;
      g_autoptr (GPtrArray) runs = NULL;
      g_autoptr (GArray) points = NULL;
      const LkRun *run;
      double eer = 0;

      g_assert_true (g_file_get_contents (path, &sql, NULL, NULL));
      write_sql (f->path, sql);
      db = open_it (f, NULL);
      runs = list (db);
      g_assert_cmpuint (runs->len, ==, 2);
      run = runs->pdata[0];
      g_assert_cmpstr (run->name, ==, "Größer");
      g_assert_null (run->model);
      run = runs->pdata[1];
      g_assert_cmpstr (run->model, ==, "siamese-2026-09-21-1413");
      g_assert_cmpstr (lk_run_get_option (run, "epochs"), ==, "30");
      g_assert_true (lk_run_get_figure (run, "eer", &eer));
      g_assert_cmpfloat (eer, ==, 0.25);
      points = lk_database_list_points (db, 1, "loss", NULL);
      g_assert_cmpuint (points->len, ==, 2);
      add_run (db, "New", LK_RUN_FINISHED);
      lk_database_close (g_steal_pointer (&db));

      g_assert_cmpint (count_files (f, "likeness.db.before-v"), ==, version < LK_DATABASE_VERSION);
      if (version < LK_DATABASE_VERSION)
        {
          g_assert_true (g_file_test (backup, G_FILE_TEST_EXISTS));
          db = open_it (f, NULL);
          g_assert_true (g_file_test (backup, G_FILE_TEST_EXISTS));
          lk_database_close (g_steal_pointer (&db));
          make_old (f, "likeness.db.before-v");
          db = open_it (f, NULL);
          g_assert_false (g_file_test (backup, G_FILE_TEST_EXISTS));
          lk_database_close (g_steal_pointer (&db));
        }
      g_unlink (f->path);
    }
}

static void
test_newer (Fixture *f, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;
  gsize size;

  write_sql (f->path, "CREATE TABLE run (x); PRAGMA user_version = 1000");
  g_assert_true (g_file_get_contents (f->path, &before, &size, NULL));
  fail_to_open (f, LK_ERROR_FORMAT, "newer");
  g_assert_cmpint (count_files (f, "likeness.db.damaged"), ==, 0);
  g_assert_true (g_file_get_contents (f->path, &after, NULL, NULL));
  /* Turned to WAL at the most: the rest is as it was. */
  g_assert_cmpint (memcmp (before + 100, after + 100, size - 100), ==, 0);
}

/* A database whose runs fill many pages. */
static void
fill (Fixture *f, int n)
{
  g_autoptr (LkDatabase) db = open_it (f, NULL);
  g_autofree char *long_name = g_strnfill (200, 'x');

  for (int i = 0; i < n; i++)
    add_run (db, long_name, LK_RUN_FINISHED);
}

static void
overwrite (Fixture *f, goffset at, gsize n)
{
  g_autofree char *nonsense = g_strnfill (n, 'N');
  int fd = open (f->path, O_WRONLY);

  g_assert_cmpint (pwrite (fd, nonsense, n, at), ==, (gssize) n);
  close (fd);
}

static goffset
size_of (Fixture *f)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (f->path, &info), ==, 0);
  return info.st_size;
}

static void
test_damaged_page (Fixture *f, gconstpointer data)
{
  g_autoptr (LkDatabase) db = NULL, again = NULL;
  guint n;

  fill (f, 300);
  overwrite (f, size_of (f) / 4096 / 2 * 4096, 4096);
  make_old (f, "likeness.db"); /* was not used for long: that is no reason to delete it at once */
  db = open_it (f, "damaged");
  n = count_runs (db);
  g_assert_cmpuint (n, >=, 250); /* a page holds some fifteen */
  g_assert_cmpint (count_files (f, "likeness.db.damaged"), ==, 1);
  g_assert_cmpint (count_files (f, "likeness.db.repaired"), ==, 0);
  g_assert_cmpint (add_run (db, "New", LK_RUN_FINISHED), >, 250);
  lk_database_close (g_steal_pointer (&db));
  again = open_it (f, NULL);
  g_assert_cmpuint (count_runs (again), ==, n + 1);
  lk_database_close (g_steal_pointer (&again));

  /* The copy is kept for a week from when it was put aside. */
  g_assert_cmpint (count_files (f, "likeness.db.damaged"), ==, 1);
  make_old (f, "likeness.db.damaged");
  again = open_it (f, NULL);
  g_assert_cmpint (count_files (f, "likeness.db.damaged"), ==, 0);
}

/* Each page in turn: it opens, says so, and loses no more than that page can hold. */
static void
test_damaged_pages (Fixture *f, gconstpointer data)
{
  g_autofree char *whole = NULL;
  gsize size;
  guint most = 0, n_repaired = 0;

  fill (f, 100);
  g_assert_true (g_file_get_contents (f->path, &whole, &size, NULL));
  for (gsize page = 0; page < size / 4096; page++)
    {
      g_autoptr (LkDatabase) db = NULL;
      g_autofree char *said = NULL;
      g_autoptr (GError) error = NULL;

      scratch_remove (f->folder);
      g_assert_cmpint (g_mkdir (f->folder, 0700), ==, 0);
      g_assert_true (g_file_set_contents_full (f->path, whole, (gssize) size, 0, 0600, NULL));
      overwrite (f, (goffset) page * 4096 + 8, 4000);
      db = lk_database_open (f->folder, &said, &error);
      g_assert_no_error (error);
      if (said == NULL) /* the free part of an empty table's page */
        g_assert_cmpuint (count_runs (db), ==, 100);
      else
        {
          g_assert_cmpint (count_files (f, "likeness.db.damaged"), >=, 1);
          most = MAX (most, count_runs (db));
          n_repaired++;
        }
      add_run (db, "New", LK_RUN_FINISHED);
    }
  g_assert_cmpuint (most, ==, 100); /* a page that is no run's */
  g_assert_cmpuint (n_repaired, >, size / 4096 / 2);
}

/* What the file says of itself: the schema's format, and the program's version. */
static void
test_damaged_header (Fixture *f, gconstpointer data)
{
  fill (f, 100);
  for (int all = 0; all < 2; all++)
    {
      g_autoptr (LkDatabase) db = NULL;

      overwrite (f, all ? 24 : 44, all ? 4000 : 4);
      db = open_it (f, "damaged");
      g_assert_cmpint (count_files (f, "likeness.db.damaged"), ==, all + 1);
      add_run (db, "New", LK_RUN_FINISHED);
    }
}

static void
test_hopeless (Fixture *f, gconstpointer data)
{
  static const char *const contents[] = { "", "not a database, but some text", "SQLite format 3",
                                          NULL };

  for (int i = 0; contents[i] != NULL; i++)
    {
      g_autoptr (LkDatabase) db = NULL;

      g_unlink (f->path);
      g_assert_true (g_file_set_contents_full (f->path, contents[i], -1, 0, 0600, NULL));
      db = open_it (f, "damaged");
      g_assert_cmpint (count_files (f, "likeness.db.damaged"), ==, i + 1);
      add_run (db, "New", LK_RUN_FINISHED);
    }
}

static void
test_damaged_in_use (Fixture *f, gconstpointer data)
{
  g_autoptr (LkDatabase) db = NULL;

  fill (f, 100);
  db = open_it (f, NULL);
  overwrite (f, 8192, 4096 * 4);
  overwrite (f, 0, 4096);
  fail_to_open (f, LK_ERROR_STORE_BUSY, "close that one");
  g_assert_cmpint (count_files (f, "likeness.db.damaged"), ==, 0);
}

static void
test_migrate_in_use (Fixture *f, gconstpointer data)
{
  g_autoptr (LkDatabase) db = open_it (f, NULL);

  g_assert_nonnull (db); /* holds it */
  write_sql (f->path, "PRAGMA user_version = 0");
  fail_to_open (f, LK_ERROR_STORE_BUSY, "brought up to date");
}

/* An attacker's link must not have us write elsewhere. */
static void
test_link (Fixture *f, gconstpointer data)
{
  g_autofree char *target = g_build_filename (f->folder, "target", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkDatabase) db = NULL;

  g_assert_true (g_file_set_contents_full (target, "", 0, 0, 0600, NULL));
  g_assert_cmpint (symlink (target, f->path), ==, 0);
  db = lk_database_open (f->folder, NULL, &error);
  g_assert_null (db);
  g_assert_nonnull (error);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/database/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scratch_begin ();
  ADD ("runs", test_runs);
  ADD ("rename-delete", test_rename_delete);
  ADD ("interrupted", test_interrupted);
  ADD ("processes", test_processes);
  ADD ("migrations", test_migrations);
  ADD ("newer", test_newer);
  ADD ("damaged-page", test_damaged_page);
  ADD ("damaged-pages", test_damaged_pages);
  ADD ("damaged-header", test_damaged_header);
  ADD ("hopeless", test_hopeless);
  ADD ("damaged-in-use", test_damaged_in_use);
  ADD ("migrate-in-use", test_migrate_in_use);
  ADD ("link", test_link);
  status = g_test_run ();
  scratch_end ();
  return status;
}
