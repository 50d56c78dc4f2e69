/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"
#include "store/lk-paths.h"

#include <glib/gstdio.h>
#include <string.h>

static const struct
{
  const char *name, *file_name;
} names[] = {
  { "Anna", "Anna" },
  { "Anna Müller 😀", "Anna Müller 😀" },
  { "../x", "%2E.%2Fx" },
  { "..", "%2E." },
  { ".", "%2E" },
  { ".hidden", "%2Ehidden" },
  { "a.b", "a.b" },
  { "a/b", "a%2Fb" },
  { "100%", "100%25" },
  { "%2F", "%252F" },
  { "a\nb\x7f", "a%0Ab%7F" },
  { "a\xc2\x85", "a%C2%85" }, /* U+0085, a control character of two bytes */
  { "a\xff\xc3", "a%FF%C3" },
  { "", "" },
};

static void
test_names (void)
{
  static const char *const never[] = {
    ".",      "..",  ".git",  "50%", "%",  "%2",   "%zz",
    "%41nna", "%2f", "a%00b", "a/b", "\n", "\xff", "%2Ehidden%"
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *file_name = lk_paths_encode (names[i].name);
      g_autofree char *back = lk_paths_decode (names[i].file_name);

      g_assert_cmpstr (file_name, ==, names[i].file_name);
      g_assert_cmpstr (back, ==, names[i].name);
    }
  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    g_assert_null (lk_paths_decode (never[i]));
}

static void
test_random_names (void)
{
  for (int round = 0; round < 10000; round++)
    {
      char name[12] = { 0 };
      g_autofree char *file_name = NULL, *back = NULL;

      for (int i = 0; i < g_test_rand_int_range (0, 12); i++)
        name[i] = (char) g_test_rand_int_range (1, 256);
      file_name = lk_paths_encode (name);
      back = lk_paths_decode (file_name);
      g_assert_cmpstr (back, ==, name);
      g_assert_true (g_utf8_validate (file_name, -1, NULL));
      g_assert_null (strchr (file_name, '/'));
      g_assert_true (file_name[0] != '.');
    }
}

static void
test_user (void)
{
  g_autofree char *path = lk_paths_user ("a", "b", NULL);
  g_autofree char *root = g_build_filename (g_get_user_data_dir (), "likeness", NULL);
  g_autofree char *expected = g_build_filename (g_get_user_data_dir (), "likeness", "a", "b", NULL);
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_assert_cmpstr (path, ==, expected);
  g_assert_false (g_file_test (root, G_FILE_TEST_EXISTS));
  g_assert_true (lk_paths_make_folder (path, &error));
  g_assert_true (lk_paths_make_folder (path, &error)); /* is there already */
  g_assert_no_error (error);
  for (char *end = path; end != NULL; end = strrchr (path, '/'))
    {
      g_assert_cmpint (g_stat (path, &info), ==, 0);
      g_assert_cmphex (info.st_mode & 0777, ==, 0700);
      if (strcmp (path, root) == 0)
        break;
      *strrchr (path, '/') = '\0';
    }

  g_assert_false (lk_paths_make_folder ("/dev/null/x", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
}

static void
test_data (void)
{
  g_autofree char *old = g_strdup (g_getenv ("LIKENESS_DATA_DIR"));
  g_autofree char *root = g_dir_make_tmp ("lk-paths-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (root, "file", NULL), *path = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_setenv ("LIKENESS_DATA_DIR", root, TRUE);
  path = lk_paths_data (&error, "file", NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, file);
  g_assert_null (lk_paths_data (&error, "models", "file", NULL));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, "LIKENESS_DATA_DIR"));
  g_clear_error (&error);
  g_remove (file);
  g_rmdir (root);
  if (old != NULL)
    g_setenv ("LIKENESS_DATA_DIR", old, TRUE);
  else
    g_unsetenv ("LIKENESS_DATA_DIR");
}

/* This program lies uninstalled in a build folder below the source. */
static void
test_uninstalled (void)
{
  g_autofree char *old = g_strdup (g_getenv ("LIKENESS_DATA_DIR")), *path = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_test (SOURCE_DATA "/models", G_FILE_TEST_IS_DIR) || !IN_SOURCE)
    {
      g_test_skip ("the build folder is not below the source, or there are no models yet");
      return;
    }
  g_unsetenv ("LIKENESS_DATA_DIR");
  path = lk_paths_data (&error, "models", NULL);
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, SOURCE_DATA "/models");
  if (old != NULL)
    g_setenv ("LIKENESS_DATA_DIR", old, TRUE);
}

int
main (int argc, char *argv[])
{
  int status;

  scratch_begin ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paths/names", test_names);
  g_test_add_func ("/paths/random-names", test_random_names);
  g_test_add_func ("/paths/user", test_user);
  g_test_add_func ("/paths/data", test_data);
  g_test_add_func ("/paths/uninstalled", test_uninstalled);
  status = g_test_run ();
  scratch_end ();
  return status;
}
