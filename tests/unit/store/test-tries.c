/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store-test.h"
#include "store/lk-tries.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

static void
put (Fixture *f, const char *model, const char *shown, gboolean matched, gboolean opened)
{
  g_autoptr (GError) error = NULL;

  lk_database_add_try (database (f), model, shown, matched, opened, &error);
  g_assert_no_error (error);
}

static void
on_found (const char *shown, gboolean matched, gboolean opened, gpointer data)
{
  g_ptr_array_add (data, g_strdup_printf ("%s %d %d", shown, matched, opened));
}

static GPtrArray *
list (Fixture *f, const char *model)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *tries = g_ptr_array_new_with_free_func (g_free);

  g_assert_true (lk_database_list_tries (database (f), model, on_found, tries, &error));
  g_assert_no_error (error);
  return tries;
}

static guint
count_tries (Fixture *f, const char *model)
{
  g_autoptr (GPtrArray) tries = list (f, model);

  return tries->len;
}

static void
write_sql (Fixture *f, const char *sql)
{
  g_autofree char *path = g_build_filename (f->folder, "likeness.db", NULL);
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "likeness.db", NULL);
  g_autoptr (GPtrArray) tries = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;

  put (f, "likeness", "film", TRUE, TRUE);
  put (f, "other", "print", TRUE, FALSE);
  put (f, "likeness", "person", TRUE, FALSE);
  put (f, "likeness", "screen", FALSE, FALSE);
  tries = list (f, "likeness");
  g_assert_cmpuint (tries->len, ==, 3);
  g_assert_cmpstr (tries->pdata[0], ==, "film 1 1");
  g_assert_cmpstr (tries->pdata[1], ==, "person 1 0");
  g_assert_cmpstr (tries->pdata[2], ==, "screen 0 0");
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);

  g_assert_true (lk_database_delete_tries (database (f), "likeness", &error));
  g_assert_cmpuint (count_tries (f, "likeness"), ==, 0);
  g_assert_cmpuint (count_tries (f, "other"), ==, 1);
}

/* Whoever can write to the file can write anything there. */
static void
test_nonsense (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) tries = NULL;

  put (f, "m", "print", TRUE, FALSE);
  write_sql (f, "INSERT INTO presentation (moment, model, shown, matched, opened) VALUES "
                "(1, 'm', 'print', 0, 1), (1, 'm', x'ff00', 1, 1)");
  tries = list (f, "m");
  g_assert_cmpuint (tries->len, ==, 2);                        /* what opened had matched, */
  g_assert_true (g_utf8_validate (tries->pdata[1], -1, NULL)); /* and a word is text */
}

static void
test_most (Fixture *f, gconstpointer data)
{
  g_autofree char *sql = g_strdup_printf (
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
      "INSERT INTO presentation (moment, model, shown, matched, opened) "
      "SELECT i, 'm', 'film', 1, 1 FROM n",
      LK_TRIES_MAX + 10);
  g_autoptr (GPtrArray) tries = NULL;

  write_sql (f, sql);
  put (f, "m", "person", TRUE, TRUE);
  tries = list (f, "m");
  g_assert_cmpuint (tries->len, ==, LK_TRIES_MAX);
  g_assert_cmpstr (tries->pdata[LK_TRIES_MAX - 1], ==, "person 1 1");
}

/* What an older version wrote has none; what version 3 wrote is found. */
static void
test_versions (Fixture *f, gconstpointer data)
{
  for (int version = 1; version <= LK_DATABASE_VERSION; version++)
    {
      g_autofree char *name = g_strdup_printf ("schema-v%d.sql", version), *sql = NULL;
      g_autofree char *from = g_test_build_filename (G_TEST_DIST, name, NULL);
      g_autofree char *path = g_build_filename (f->folder, "likeness.db", NULL);
      g_autoptr (GError) error = NULL;

      lk_store_close (g_steal_pointer (&f->store));
      g_assert_cmpint (g_unlink (path), ==, 0);
      g_assert_true (g_file_get_contents (from, &sql, NULL, NULL));
      write_sql (f, sql);
      g_assert_cmpint (g_chmod (path, 0600), ==, 0);
      f->store = lk_store_open (f->folder, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (count_tries (f, "likeness"), ==, version >= 3 ? 2 : 0);
      put (f, "likeness", "print", TRUE, FALSE);
      g_assert_cmpuint (count_tries (f, "likeness"), ==, version >= 3 ? 3 : 1);
    }
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scratch_begin ();
#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)
  ADD ("/tries/kept", test_kept);
  ADD ("/tries/nonsense", test_nonsense);
  ADD ("/tries/most", test_most);
  ADD ("/tries/versions", test_versions);
  status = g_test_run ();
  scratch_end ();
  return status;
}
