/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "store-test.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* (transfer full): FOLDER/in, with the documents' layout in it */
static char *
make_source (const char *folder)
{
  static const char *const files[] = { "anchor/b.jpg",   "anchor/a.JPG",   "anchor/deep/er/c.jpeg",
                                       "positive/p.png", "negative/n.jpg", "negative/.hidden.jpg" };
  char *source = g_build_filename (folder, "in", NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (source, files[i], NULL);
      g_autofree char *parent = g_path_get_dirname (path);
      g_autoptr (LkImage) face = make_face ((int) i);

      g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
      g_assert_true (lk_image_save (face, path, &error));
    }
  return source;
}

static void
put (const char *source, const char *name, const char *data, gsize size)
{
  g_autofree char *path = g_build_filename (source, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
test_import (Fixture *f, gconstpointer data)
{
  g_autofree char *source = make_source (f->folder), *first = NULL, *original = NULL, *copy = NULL;
  g_autofree guint8 *plain = NULL;
  g_autofree char *other = g_build_filename (source, "anchor/a.JPG", NULL);
  g_autofree char *link = g_build_filename (source, "anchor/z.jpg", NULL);
  g_autofree char *circle = g_build_filename (source, "anchor/circle", NULL);
  g_autoptr (GPtrArray) captures = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LkImage) face = make_face (3), back = NULL;
  int n_skipped = -1;
  gsize n_original, n_copy;
  GStatBuf info;

  put (source, "anchor/notes.txt", "x", 1);
  put (source, "anchor/damaged.jpg", "\xff\xd8\xff junk", 8);
  put (source, "positive/empty.png", "", 0);
  g_assert_true (g_file_get_contents (other, &original, &n_original, NULL));
  put (source, "negative/cut.jpg", original, n_original / 2);
  g_assert_cmpint (symlink ("a.JPG", link), ==, 0);
  g_assert_cmpint (symlink ("..", circle), ==, 0);

  g_assert_cmpint (lk_store_import (f->store, "Anna", source, NULL, &n_skipped, &error), ==, 6);
  g_assert_no_error (error);
  g_assert_cmpint (n_skipped, ==, 3);
  captures = lk_store_list_captures (f->store, "Anna", LK_CAPTURE_ANCHOR, &error);
  g_assert_cmpint (captures->len, ==, 4);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_POSITIVE), ==, 1);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_NEGATIVE), ==, 1);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);

  /* In the order of names, byte for byte, private. */
  first = g_strdup (((LkCapture *) captures->pdata[0])->path);
  g_assert_true (g_file_get_contents (first, &copy, &n_copy, NULL));
  g_assert_cmpuint (n_copy, ==, n_original + LK_VAULT_OVERHEAD);
  g_assert_null (memmem (copy, n_copy, original + 100, 32));
  plain = lk_vault_unseal (copy, n_copy, NULL, &n_copy, &error);
  g_assert_cmpmem (plain, n_copy, original, n_original);
  g_assert_cmpint (g_stat (first, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);

  /* The PNG has become a JPEG of the same picture. */
  g_ptr_array_unref (captures);
  captures = lk_store_list_captures (f->store, "Anna", LK_CAPTURE_POSITIVE, &error);
  back = lk_image_load (((LkCapture *) captures->pdata[0])->path, &error);
  g_assert_no_error (error);
  for (int i = 0; i < 3 * 40 * 40; i++)
    g_assert_cmpint (ABS (lk_image_get_pixels (back)[i] - lk_image_get_pixels (face)[i]), <, 24);

  /* Twice in one second: two sessions. */
  g_assert_cmpint (lk_store_import (f->store, "Anna", source, NULL, NULL, &error), ==, 6);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 8);
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 12);
}

static void
test_import_errors (Fixture *f, gconstpointer data)
{
  g_autofree char *source = g_build_filename (f->folder, "in", NULL), *anchor = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  int n_skipped = -1;

  anchor = g_build_filename (source, "anchor", NULL);
  g_assert_cmpint (lk_store_import (f->store, "Anna", source, NULL, &n_skipped, &error), ==, -1);
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);
  g_assert_cmpint (g_mkdir_with_parents (anchor, 0700), ==, 0);
  put (source, "anchor/damaged.jpg", "junk", 4);
  g_assert_cmpint (lk_store_import (f->store, "Anna", source, NULL, &n_skipped, &error), ==, -1);
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);
  g_assert_cmpint (n_skipped, ==, -1);
  g_free (source);

  source = make_source (f->folder);
  g_assert_cmpint (lk_store_import (f->store, " ", source, NULL, &n_skipped, &error), ==, -1);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (lk_store_import (f->store, "Anna", source, cancellable, &n_skipped, &error), ==,
                   -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 0);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
}

static void
test_import_no_room (Fixture *f, gconstpointer data)
{
  g_autofree char *source = make_source (f->folder);
  g_autoptr (GError) error = NULL;
  struct rlimit old, low;
  int n;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  low = old;
  low.rlim_cur = 100;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
  n = lk_store_import (f->store, "Anna", source, NULL, NULL, &error);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  g_assert_cmpint (n, ==, -1);
  g_assert_true (error != NULL && error->domain == G_FILE_ERROR);
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 0);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
}

int
main (int argc, char *argv[])
{
  int status;

  scratch_begin ();
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/store/import", test_import);
  ADD ("/store/import-errors", test_import_errors);
  ADD ("/store/import-no-room", test_import_no_room);
  status = g_test_run ();
  scratch_end ();
  return status;
}
