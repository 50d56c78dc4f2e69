/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "store-test.h"

#include <signal.h>
#include <sys/resource.h>

static GPtrArray *
make_faces (int n, int seed)
{
  GPtrArray *faces = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  for (int i = 0; i < n; i++)
    g_ptr_array_add (faces, make_face (seed + i));
  return faces;
}

/* Each is a sitting of its own, in the same second and beside what the run captures. */
static void
test_sessions (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) anchors = make_faces (3, 0), positives = make_faces (2, 10);
  GPtrArray *const both[] = { anchors, positives, NULL }, *const one[] = { anchors, NULL, NULL };
  g_autoptr (LkCapture) single = add (f->store, "Anna", LK_CAPTURE_ANCHOR, 0);
  g_autofree char *first = NULL, *second = NULL;
  g_autoptr (GPtrArray) captures = NULL;
  g_autoptr (LkImage) back = NULL;
  GStatBuf info;
  int n_first = 0;

  g_assert_true (lk_store_add_session (f->store, "Anna", both, &first, &error));
  g_assert_no_error (error);
  g_assert_true (lk_store_add_session (f->store, "Anna", one, &second, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (first, !=, second);
  g_assert_cmpstr (first, !=, single->session);
  g_assert_cmpstr (second, !=, single->session);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_ANCHOR), ==, 7);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_POSITIVE), ==, 2);
  g_assert_cmpint (count (f->store, "Anna", LK_CAPTURE_NEGATIVE), ==, 0);

  captures = lk_store_list_captures (f->store, "Anna", LK_CAPTURE_ANCHOR, &error);
  for (guint i = 0; i < captures->len; i++)
    {
      const LkCapture *capture = captures->pdata[i];

      g_assert_cmpint (g_stat (capture->path, &info), ==, 0);
      g_assert_cmphex (info.st_mode & 0777, ==, 0600);
      if (!g_str_equal (capture->session, first))
        continue;
      back = lk_image_load (capture->path, &error);
      g_assert_no_error (error);
      for (int p = 0; p < 3 * 40 * 40; p++)
        g_assert_cmpint (
            ABS (lk_image_get_pixels (back)[p] - lk_image_get_pixels (anchors->pdata[n_first])[p]),
            <, 24);
      g_clear_pointer (&back, lk_image_unref);
      n_first++;
    }
  g_assert_cmpint (n_first, ==, 3);
}

/* All of it or nothing, and nothing is left behind. */
static void
test_whole (Fixture *f, gconstpointer data)
{
  struct rlimit old, low = { 1000, RLIM_INFINITY };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) anchors = make_faces (3, 0);
  GPtrArray *const faces[] = { anchors, NULL, NULL };
  g_autofree char *session = NULL;
  guint8 *noise = g_malloc (3 * 40 * 40);

  for (int i = 0; i < 3 * 40 * 40; i++)
    noise[i] = (guint8) (i * 7919 >> 3);
  g_ptr_array_add (anchors, lk_image_new_take (40, 40, noise)); /* the last is too long a file */
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old), ==, 0);
  low.rlim_max = old.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &low), ==, 0);
  g_assert_false (lk_store_add_session (f->store, "Anna", faces, &session, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old), ==, 0);
  g_assert_true (error->domain == G_FILE_ERROR);
  g_assert_null (session);
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 0);
  g_assert_cmpint (count_files (f->folder, "trash"), ==, 0);
  g_clear_error (&error);

  g_assert_false (lk_store_add_session (f->store, "  ", faces, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  lk_vault_lock ();
  g_assert_false (lk_store_add_session (f->store, "Anna", faces, NULL, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_LOCKED);
  g_assert_cmpint (count_files (f->folder, "captures"), ==, 0);
}

int
main (int argc, char *argv[])
{
  int status;

  scratch_begin ();
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store-session/sessions", Fixture, NULL, set_up, test_sessions, tear_down);
  g_test_add ("/store-session/whole", Fixture, NULL, set_up, test_whole, tear_down);
  status = g_test_run ();
  scratch_end ();
  return status;
}
