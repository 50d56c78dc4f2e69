/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "store-test.h"
#include "store/lk-attempts.h"
#include "store/lk-embeddings.h"

#include <math.h>
#include <sqlite3.h>
#include <unistd.h>

/* Embeddings and attempts; sealing and renaming, which they follow. */

#define SIZE 512

static void
put (Fixture *f, const char *path, const char *model, float value)
{
  float embedding[SIZE];
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < SIZE; i++)
    embedding[i] = value + (float) i;
  lk_database_put_embedding (database (f), path, model, embedding, SIZE, &error);
  g_assert_no_error (error);
}

/* The first of the stored numbers, NAN where there are none */
static float
get (Fixture *f, const char *path, const char *model)
{
  float embedding[SIZE];

  if (!lk_database_get_embedding (database (f), path, model, embedding, SIZE))
    return NAN;
  for (int i = 0; i < SIZE; i++)
    g_assert_cmpfloat (embedding[i], ==, embedding[0] + (float) i);
  return embedding[0];
}

#define assert_none(value) g_assert_true (isnan (value))

static void
test_embeddings (Fixture *f, gconstpointer data)
{
  g_autoptr (LkCapture) one = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1);
  g_autoptr (LkCapture) two = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 2);
  float few[3];
  g_autoptr (GError) error = NULL;

  assert_none (get (f, one->path, "m"));
  put (f, one->path, "m", 7);
  put (f, one->path, "n", 8);
  put (f, two->path, "m", 9);
  put (f, one->path, "m", 10);
  g_assert_cmpfloat (get (f, one->path, "m"), ==, 10);
  g_assert_cmpfloat (get (f, one->path, "n"), ==, 8);
  g_assert_cmpfloat (get (f, two->path, "m"), ==, 9);
  assert_none (get (f, two->path, "n"));
  g_assert_false (lk_database_get_embedding (database (f), one->path, "m", few, 3));
  put (f, "/etc/hostname", "m", 1);
  assert_none (get (f, "/etc/hostname", "m"));

  put (f, one->path, "it's", 11);
  g_assert_true (lk_database_drop_models (database (f), "m", &error));
  assert_none (get (f, one->path, "n"));
  g_assert_cmpfloat (get (f, one->path, "m"), ==, 10);
  g_assert_cmpfloat (get (f, two->path, "m"), ==, 9);
  g_assert_cmpfloat (get (f, one->path, "it's"), ==, 11); /* the one before */
  g_assert_true (lk_database_drop_models (database (f), "new", &error));
  assert_none (get (f, one->path, "m"));
  g_assert_true (lk_database_drop_models (database (f), "it's", &error));
  g_assert_cmpfloat (get (f, one->path, "it's"), ==, 11);
  put (f, one->path, "m", 10);

  /* Another file of that name. */
  g_assert_cmpint (truncate (one->path, 100), ==, 0);
  assert_none (get (f, one->path, "m"));
}

/* Somebody who can write to the database moves Ada's embedding to Eve's row. */
static void
test_swapped (Fixture *f, gconstpointer data)
{
  g_autoptr (LkCapture) ada = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1);
  g_autoptr (LkCapture) eve = add (f->store, "Eve", LK_CAPTURE_ANCHOR, 2);
  g_autofree char *path = g_build_filename (f->folder, "likeness.db", NULL);
  sqlite3 *db;

  put (f, ada->path, "m", 1);
  put (f, eve->path, "m", 2);
  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db,
                                 "UPDATE embedding SET vector = (SELECT vector FROM embedding "
                                 "WHERE capture LIKE '%Ada%')",
                                 NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (db);
  g_assert_cmpfloat (get (f, ada->path, "m"), ==, 1);
  assert_none (get (f, eve->path, "m"));
}

static LkImage *
picture_of (Fixture *f, gint64 id)
{
  g_autoptr (GError) error = NULL;
  LkImage *image = lk_database_load_attempt (database (f), id, &error);

  g_assert_true ((image == NULL) == (error != NULL));
  return image;
}

static void
try_once (Fixture *f, const char *person, gboolean accepted, const LkImage *picture)
{
  g_autoptr (GError) error = NULL;

  lk_database_add_attempt (database (f), person, accepted, 0.25, 0.5, picture, &error);
  g_assert_no_error (error);
}

static void
test_attempts (Fixture *f, gconstpointer data)
{
  g_autoptr (LkImage) face = make_face (1);
  g_autoptr (LkImage) back = NULL;
  g_autoptr (GPtrArray) attempts = NULL, later = NULL;
  g_autoptr (GError) error = NULL;
  const LkAttempt *last;

  try_once (f, "Ada", TRUE, NULL);
  try_once (f, "Bob", FALSE, face);
  g_assert_true (
      lk_database_add_attempt (database (f), "Ada", FALSE, (double) NAN, 0.5, NULL, NULL));
  attempts = lk_database_list_attempts (database (f), &error);
  g_assert_cmpuint (attempts->len, ==, 3);
  last = attempts->pdata[0];
  g_assert_cmpfloat (last->score, ==, -1);
  last = attempts->pdata[1];
  g_assert_cmpstr (last->person, ==, "Bob");
  g_assert_false (last->accepted);
  g_assert_cmpfloat (last->score, ==, 0.25);
  g_assert_true (last->has_picture);
  g_assert_cmpint (ABS (last->when - g_get_real_time () / G_USEC_PER_SEC), <, 5);
  back = picture_of (f, last->id);
  g_assert_cmpint (back->width, ==, 40);
  g_assert_null (picture_of (f, ((LkAttempt *) attempts->pdata[2])->id));
  g_assert_true (((LkAttempt *) attempts->pdata[2])->accepted);

  /* Pictures go with time, attempts stay. */
  g_assert_true (lk_database_expire_attempts (database (f), 7, &error));
  lk_image_unref (g_steal_pointer (&back));
  back = picture_of (f, last->id);
  g_assert_nonnull (back);
  g_assert_true (lk_database_expire_attempts (database (f), 0, &error));
  g_assert_null (picture_of (f, last->id));
  g_assert_true (lk_database_delete_attempt (database (f), last->id, &error));
  later = lk_database_list_attempts (database (f), &error);
  g_assert_cmpuint (later->len, ==, 2);
}

static void
test_lockout (Fixture *f, gconstpointer data)
{
  static const int waits[] = { 0, 0, 30, 60, 120 };
  LkDatabase *db = database (f);
  gint64 last = 0, now = g_get_real_time () / G_USEC_PER_SEC;
  int left;

  g_assert_cmpint (lk_lockout_get_wait (2, 3), ==, 0);
  for (int n = 1; n <= 5; n++)
    {
      try_once (f, "Ada", FALSE, NULL);
      left = lk_database_get_lockout (db, "Ada", 3);
      g_assert_cmpint (lk_lockout_get_wait (n, 3), ==, waits[n - 1]);
      g_assert_cmpint (left, <=, waits[n - 1]);
      g_assert_cmpint (left, >=, waits[n - 1] - 20); /* the time it took */
      g_assert_cmpint (lk_database_count_refused (db, "Ada", &last), ==, n);
      g_assert_cmpint (last, >=, now);
    }
  g_assert_cmpint (lk_lockout_get_wait (100000, 3), ==, LK_LOCKOUT_MAX_S);
  g_assert_cmpint (lk_database_get_lockout (db, "Ada", 6), ==, 0);
  g_assert_cmpint (lk_database_get_lockout (db, "Grace", 1), ==, 0);
  try_once (f, "Grace", TRUE, NULL);
  g_assert_cmpint (lk_database_get_lockout (db, "Ada", 3), >, 0); /* not Ada's success */
  try_once (f, "Ada", TRUE, NULL);
  g_assert_cmpint (lk_database_get_lockout (db, "Ada", 3), ==, 0);
  try_once (f, "Ada", FALSE, NULL);
  g_assert_cmpint (lk_database_count_refused (db, "Ada", NULL), ==, 1);
}

/* Refused among several: it is nobody's, counts for everybody, and may show any of them. */
static void
test_nobodys (Fixture *f, gconstpointer data)
{
  g_autoptr (LkCapture) ada = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1);
  g_autoptr (LkCapture) bob = add (f->store, "Bob", LK_CAPTURE_ANCHOR, 2);
  g_autoptr (LkImage) face = make_face (1);
  g_autoptr (GPtrArray) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;
  LkDatabase *db = database (f);
  const LkAttempt *attempt;

  g_assert_true (ada != NULL && bob != NULL);
  try_once (f, "Ada", FALSE, NULL);
  try_once (f, NULL, FALSE, face);
  try_once (f, NULL, FALSE, face);
  g_assert_cmpint (lk_database_count_refused (db, "Ada", NULL), ==, 3);
  g_assert_cmpint (lk_database_count_refused (db, "Bob", NULL), ==, 2);
  try_once (f, "Bob", TRUE, NULL);
  g_assert_cmpint (lk_database_count_refused (db, "Ada", NULL), ==, 1);
  try_once (f, NULL, FALSE, face);
  g_assert_cmpint (lk_database_count_refused (db, "Ada", NULL), ==, 2);
  g_assert_cmpint (lk_database_count_refused (db, "Bob", NULL), ==, 1);
  before = lk_database_list_attempts (db, &error);
  attempt = before->pdata[0];
  g_assert_null (attempt->person);
  g_assert_true (attempt->has_picture);

  /* A new name lifts no wait. */
  g_assert_true (lk_store_rename_person (f->store, "Ada", "Ada L.", &error));
  g_assert_cmpint (lk_database_count_refused (db, "Ada L.", NULL), ==, 2);

  g_assert_true (lk_store_delete_person (f->store, "Ada L.", &error));
  after = lk_database_list_attempts (db, &error);
  g_assert_cmpuint (after->len, ==, 4); /* Bob's, and nobody's three, without pictures */
  for (guint i = 0; i < after->len; i++)
    g_assert_false (((LkAttempt *) after->pdata[i])->has_picture);
  g_assert_cmpint (lk_database_count_refused (db, "Bob", NULL), ==, 1);
}

static void
test_attempts_are_few (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) attempts = NULL;

  for (int i = 0; i < LK_ATTEMPTS_MAX + 3; i++)
    try_once (f, i == 0 ? "First" : "Ada", FALSE, NULL);
  attempts = lk_database_list_attempts (database (f), NULL);
  g_assert_cmpuint (attempts->len, ==, LK_ATTEMPTS_MAX);
  g_assert_cmpstr (((LkAttempt *) attempts->pdata[LK_ATTEMPTS_MAX - 1])->person, ==, "Ada");
}

/* Whether a file of the store holds these bytes. */
static gboolean
on_disk (Fixture *f, const char *name, const void *bytes, gsize size)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL), *data = NULL;
  gsize n = 0;

  return g_file_get_contents (path, &data, &n, NULL) && memmem (data, n, bytes, size) != NULL;
}

static void
change (const char *path, const char *sql)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

/* (transfer full): the sealed picture of the only attempt, the middle of it: a row may be in
 * several pages */
static GBytes *
read_picture (const char *path)
{
  sqlite3 *db;
  sqlite3_stmt *row;
  GBytes *bytes;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT picture FROM attempt", -1, &row, NULL), ==, 0);
  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  g_assert_cmpint (sqlite3_column_bytes (row, 0), >, 300);
  bytes = g_bytes_new ((const guint8 *) sqlite3_column_blob (row, 0) + 200, 64);
  sqlite3_finalize (row);
  sqlite3_close (db);
  return bytes;
}

static gboolean
holds (Fixture *f, const char *name, GBytes *bytes)
{
  return on_disk (f, name, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* Of anybody, whether they are in a list or not. */
static int
count_attempts (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, "likeness.db", NULL);
  sqlite3 *db;
  sqlite3_stmt *row;
  int n;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT count(*) FROM attempt", -1, &row, NULL), ==, 0);
  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  n = sqlite3_column_int (row, 0);
  sqlite3_finalize (row);
  sqlite3_close (db);
  return n;
}

static void
test_forgotten (Fixture *f, gconstpointer data)
{
  static const char *const files[] = { "likeness.db", "likeness.db-wal", "likeness.db.before-v2",
                                       "likeness.db.damaged-2026-03-01T18-30-05",
                                       "likeness.db.damaged-2026-03-01T18-30-05-wal" };
  g_autoptr (LkCapture) ada = add (f->store, "Adalberta", LK_CAPTURE_ANCHOR, 1);
  g_autoptr (LkCapture) bob = add (f->store, "Bob", LK_CAPTURE_ANCHOR, 2);
  g_autoptr (LkCapture) alike = add (f->store, "Adalbertas friend", LK_CAPTURE_ANCHOR, 2);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) attempts = NULL;

  put (f, ada->path, "m", 1);
  put (f, bob->path, "m", 2);
  put (f, alike->path, "m", 3);
  try_once (f, "Adalberta", FALSE, NULL);
  try_once (f, "Bob", FALSE, NULL);
  for (gsize i = 2; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *copy = g_build_filename (f->folder, files[i], NULL);

      g_assert_true (g_file_set_contents (copy, "Adalberta\n", -1, NULL));
    }
  g_assert_true (on_disk (f, files[1], "Adalberta/", 10) ||
                 on_disk (f, files[0], "Adalberta/", 10));

  g_assert_true (lk_store_delete_person (f->store, "Adalberta", &error));
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_assert_false (on_disk (f, files[i], "Adalberta/", 10));
      g_assert_false (on_disk (f, files[i], "Adalberta\n", 10));
    }
  g_assert_cmpfloat (get (f, bob->path, "m"), ==, 2);
  g_assert_cmpfloat (get (f, alike->path, "m"), ==, 3);
  attempts = lk_database_list_attempts (database (f), NULL);
  g_assert_cmpuint (attempts->len, ==, 1);
  g_assert_cmpint (count_attempts (f), ==, 2); /* for undo */
  lk_store_empty_trash (f->store);
  g_assert_cmpint (count_attempts (f), ==, 1);

  /* One picture of several. */
  {
    g_autoptr (GPtrArray)
        captures = lk_store_list_captures (f->store, "Bob", LK_CAPTURE_ANCHOR, NULL);

    g_assert_true (lk_store_delete_captures (f->store, captures, &error));
    g_assert_false (on_disk (f, files[0], "Bob/", 4));
    g_assert_false (on_disk (f, files[1], "Bob/", 4));
    g_assert_false (on_disk (f, files[0], "Bob", 3)); /* with the last one, the attempts */
    g_assert_true (lk_store_undo (f->store, &error));
    g_assert_cmpint (lk_database_count_refused (database (f), "Bob", NULL), ==, 1);
  }
}

/* Who is locked out deletes the person, and brings them back. */
static void
test_undone (Fixture *f, gconstpointer data)
{
  g_autoptr (LkCapture) ada G_GNUC_UNUSED = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1);
  g_autoptr (LkCapture) bob G_GNUC_UNUSED = add (f->store, "Bob", LK_CAPTURE_ANCHOR, 2);
  g_autoptr (LkStore) other = lk_store_open (f->folder, NULL), later = NULL;
  g_autofree char *trash = g_build_filename (f->folder, "trash", NULL);
  g_autoptr (GError) error = NULL;

  try_once (f, "Ada", TRUE, NULL);
  for (int i = 0; i < 3; i++)
    {
      try_once (f, "Ada", FALSE, NULL);
      try_once (f, NULL, FALSE, NULL);
    }
  g_assert_cmpint (lk_database_count_refused (database (f), "Ada", NULL), ==, 6);
  g_assert_cmpint (lk_database_count_refused (database (f), "Bob", NULL), ==, 3);
  g_assert_true (lk_store_delete_person (f->store, "Ada", &error));
  g_assert_false (on_disk (f, "likeness.db", "Ada", 3));
  g_assert_cmpint (lk_database_count_refused (database (f), "Bob", NULL), ==, 3);
  try_once (f, "Bob", FALSE, NULL);
  lk_store_empty_trash (other); /* another's trash is not its business */
  g_assert_true (lk_store_undo (f->store, &error));
  g_assert_cmpint (lk_database_count_refused (database (f), "Ada", NULL), ==, 6);
  g_assert_cmpint (lk_database_get_lockout (database (f), "Ada", 3), >, 0);
  g_assert_cmpint (lk_database_count_refused (database (f), "Bob", NULL), ==, 4);

  /* A run that crashed before the undo: what is in its trash goes, and so do they. */
  g_assert_true (lk_store_delete_person (f->store, "Ada", &error));
  g_assert_cmpint (count_attempts (f), ==, 8);
  scratch_remove (trash);
  later = lk_store_open (f->folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_attempts (f), ==, 4);
}

/* For so many days as was chosen, and not in a copy for longer. */
static void
test_expired (Fixture *f, gconstpointer data)
{
  static const char *const files[] = { "likeness.db", "likeness.db-wal", "likeness.db.before-v2",
                                       "likeness.db.damaged-2026-03-01T18-30-05" };
  g_autoptr (LkImage) face = make_face (1);
  g_autofree char *path = g_build_filename (f->folder, files[0], NULL);
  g_autoptr (GBytes) sealed = NULL;
  g_autoptr (GError) error = NULL;

  try_once (f, "Ada", FALSE, face);
  sealed = read_picture (path);
  for (gsize i = 2; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *copy = g_build_filename (f->folder, files[i], NULL);

      g_assert_true (g_file_set_contents (copy, g_bytes_get_data (sealed, NULL),
                                          (gssize) g_bytes_get_size (sealed), NULL));
    }
  g_assert_true (lk_database_expire_attempts (database (f), 1, &error));
  for (gsize i = 2; i < G_N_ELEMENTS (files); i++) /* nothing was old: nothing else is touched */
    g_assert_true (holds (f, files[i], sealed));
  g_assert_true (holds (f, files[0], sealed) || holds (f, files[1], sealed));

  change (path, "UPDATE attempt SET moment = moment - 86401");
  g_assert_true (lk_database_expire_attempts (database (f), 1, &error));
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    g_assert_false (holds (f, files[i], sealed));
  g_assert_cmpint (count_attempts (f), ==, 1);
}

/* Whether there is anything of it below the folder, sealed or not. */
static gboolean
has_personal (Fixture *f, const char *kind_and_person)
{
  g_autofree char *path = g_build_filename (f->folder, "captures", kind_and_person, ".personal",
                                            NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* What was learnt of a person is sealed, goes with a new name, and is gone with any picture. */
static void
test_personal (Fixture *f, gconstpointer data)
{
  static const char words[] = "a head, say";
  g_autoptr (GBytes) bytes = g_bytes_new_static (words, sizeof words), read = NULL;
  g_autoptr (LkCapture) anchor = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1);
  g_autoptr (LkCapture) positive = add (f->store, "Ada", LK_CAPTURE_POSITIVE, 2);
  g_autoptr (GPtrArray) one = g_ptr_array_new (), people = NULL;
  g_autofree char *path = g_build_filename (f->folder, "captures/anchor/Ada/.personal", NULL);
  g_autofree char *raw = NULL;
  g_autoptr (GError) error = NULL;
  gsize n;

  g_assert_null (lk_store_get_personal (f->store, "Ada"));
  g_assert_true (lk_store_set_personal (f->store, "Ada", NULL, &error)); /* nothing to forget */
  g_assert_true (lk_store_set_personal (f->store, "Ada", bytes, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &raw, &n, NULL));
  g_assert_true (lk_vault_is_sealed (raw, n));
  g_assert_null (memmem (raw, n, words, strlen (words)));
  people = lk_store_list_captures (f->store, "Ada", LK_CAPTURE_ANCHOR, NULL);
  g_assert_cmpuint (people->len, ==, 1); /* no picture */

  g_assert_true (lk_store_rename_person (f->store, "Ada", "Eve", &error));
  read = lk_store_get_personal (f->store, "Eve");
  g_assert_nonnull (read);
  g_assert_true (g_bytes_equal (read, bytes));
  g_assert_true (lk_store_rename_person (f->store, "Eve", "Ada", &error));

  g_ptr_array_add (one, positive);
  g_assert_true (lk_store_delete_captures (f->store, one, &error));
  g_assert_false (has_personal (f, "anchor/Ada"));

  /* With the person: into the trash, and back. */
  g_assert_true (lk_store_set_personal (f->store, "Ada", bytes, &error));
  g_assert_true (lk_store_delete_person (f->store, "Ada", &error));
  g_assert_false (has_personal (f, "anchor/Ada"));
  g_assert_true (lk_store_undo (f->store, &error));
  g_assert_true (has_personal (f, "anchor/Ada"));

  /* With the last anchor nothing is left, not even a folder. */
  g_ptr_array_set_size (one, 0);
  g_ptr_array_add (one, anchor);
  g_assert_true (lk_store_delete_captures (f->store, one, &error));
  g_free (raw);
  raw = g_build_filename (f->folder, "captures/anchor/Ada", NULL);
  g_assert_false (g_file_test (raw, G_FILE_TEST_EXISTS));
}

static void
test_rename (Fixture *f, gconstpointer data)
{
  g_autoptr (LkCapture) one = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1);
  g_autoptr (LkCapture) two = add (f->store, "Ada", LK_CAPTURE_NEGATIVE, 2);
  g_autoptr (LkCapture) eve = add (f->store, "Eve", LK_CAPTURE_POSITIVE, 3);
  g_autoptr (GError) error = NULL;

  g_assert_true (one != NULL && two != NULL && eve != NULL);
  g_assert_true (lk_store_rename_person (f->store, "Ada", "Ada/Countess", &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (f->store, "Ada", LK_CAPTURE_ANCHOR), ==, 0);
  g_assert_cmpint (count (f->store, "Ada/Countess", LK_CAPTURE_ANCHOR), ==, 1);
  g_assert_cmpint (count (f->store, "Ada/Countess", LK_CAPTURE_NEGATIVE), ==, 1);

  g_assert_false (lk_store_rename_person (f->store, "Ada/Countess", "Eve", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_assert_nonnull (strstr (error->message, "already"));
  g_clear_error (&error);
  g_assert_cmpint (count (f->store, "Ada/Countess", LK_CAPTURE_ANCHOR), ==, 1);
  g_assert_false (lk_store_rename_person (f->store, "Nobody", "Somebody", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);
  g_assert_false (lk_store_rename_person (f->store, "Eve", "  ", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
}

static int n_sealed, n_to_seal;

static void
on_sealed (int n_done, int n_all, gpointer data)
{
  n_sealed++;
  g_assert_cmpint (n_done, ==, n_sealed);
  n_to_seal = n_all;
  if (data != NULL && n_sealed == 2)
    g_cancellable_cancel (data);
}

/* Pictures of a version that did not encrypt. */
static void
test_seal (Fixture *f, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (f->folder, "captures/anchor/Ada/s", NULL);
  g_autoptr (LkImage) face = make_face (1), back = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *first = g_build_filename (folder, "0.jpg", NULL), *contents = NULL;
  gsize size;

  lk_capture_free (add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1));
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  for (int i = 0; i < 5; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%d.jpg", folder, i);

      g_assert_true (lk_image_save (face, path, NULL));
    }
  g_assert_cmpint (lk_store_count_plain (f->store, &error), ==, 5);
  n_sealed = 0;
  g_assert_false (lk_store_seal (f->store, on_sealed, cancellable, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (n_to_seal, ==, 5);
  g_assert_cmpint (lk_store_count_plain (f->store, &error), ==, 3);
  n_sealed = 0;
  g_assert_true (lk_store_seal (f->store, on_sealed, NULL, NULL, &error));
  g_assert_cmpint (n_sealed, ==, 3);
  g_assert_cmpint (lk_store_count_plain (f->store, &error), ==, 0);
  g_assert_cmpint (count (f->store, "Ada", LK_CAPTURE_ANCHOR), ==, 6);

  g_assert_true (g_file_get_contents (first, &contents, &size, NULL));
  g_assert_true (lk_vault_is_sealed (contents, size));
  back = lk_image_load (first, &error);
  g_assert_no_error (error);
  g_assert_cmpint (back->width, ==, 40);
  lk_vault_lock ();
  g_assert_null (lk_image_load (first, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_null (lk_store_add (f->store, "Ada", LK_CAPTURE_ANCHOR, face, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_LOCKED);
  g_assert_cmpint (count (f->store, "Ada", LK_CAPTURE_ANCHOR), ==, 6);
}

/* Loose permissions are mended, and said to be. */
static void
test_mended (Fixture *f, gconstpointer data)
{
  g_autoptr (LkCapture) one = add (f->store, "Ada", LK_CAPTURE_ANCHOR, 1);
  g_autofree char *captures = g_build_filename (f->folder, "captures", NULL);
  g_autoptr (LkStore) store = NULL;
  GStatBuf info;

  g_assert_cmpint (g_chmod (one->path, 0644), ==, 0);
  g_assert_cmpint (g_chmod (captures, 0750), ==, 0);
  store = lk_store_open (f->folder, NULL);
  g_assert_nonnull (lk_store_get_notice (store));
  g_assert_nonnull (strstr (lk_store_get_notice (store), " 2 files and folders"));
  g_assert_cmpint (g_stat (one->path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (captures, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0700);
}

/* A database that cannot be opened takes nobody's pictures away. */
static void
test_without_database (Fixture *f, gconstpointer data)
{
  g_autofree char *other = g_build_filename (f->folder, "other", NULL);
  g_autofree char *path = g_build_filename (other, "likeness.db", NULL);
  g_autoptr (LkStore) store = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0); /* a folder of that name */
  store = lk_store_open (other, &error);
  g_assert_no_error (error);
  g_assert_null (lk_store_get_database (store));
  g_assert_nonnull (lk_store_get_notice (store));
  lk_capture_free (add (store, "Ada", LK_CAPTURE_ANCHOR, 1));
  g_assert_true (lk_store_delete_person (store, "Ada", &error));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/records/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scratch_begin ();
  ADD ("embeddings", test_embeddings);
  ADD ("swapped", test_swapped);
  ADD ("attempts", test_attempts);
  ADD ("nobodys-attempts", test_nobodys);
  ADD ("lockout", test_lockout);
  ADD ("attempts-are-few", test_attempts_are_few);
  ADD ("forgotten", test_forgotten);
  ADD ("undone", test_undone);
  ADD ("expired", test_expired);
  ADD ("personal", test_personal);
  ADD ("rename", test_rename);
  ADD ("seal", test_seal);
  ADD ("mended", test_mended);
  ADD ("without-database", test_without_database);
  status = g_test_run ();
  scratch_end ();
  return status;
}
