/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "eval/lk-lfw.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

/* (transfer full): from a list with this text */
static LkLfwList *
load (const char *text, GError **error)
{
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp ("likeness-test-XXXXXX", &path, NULL);
  LkLfwList *list;

  g_assert_cmpint (fd, >=, 0);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  list = lk_lfw_list_load (path, "/lfw", error);
  g_unlink (path);
  return list;
}

static const LkLfwPair *
pair_at (const LkLfwList *list, guint i)
{
  return &g_array_index (list->pairs, LkLfwPair, i);
}

static void
test_folds (void)
{
  g_autoptr (LkLfwList) list = load ("2\t1\n"
                                     "Ann_Lee\t1\t12\n"
                                     "Ann_Lee\t2\tBob\t3\r\n"
                                     "Bob 4 10000\n"
                                     "Cy\t1\tDi\t2\n\n",
                                     NULL);

  g_assert_nonnull (list);
  g_assert_cmpint (list->n_folds, ==, 2);
  g_assert_cmpuint (list->pairs->len, ==, 4);
  g_assert_cmpstr (pair_at (list, 0)->a, ==, "/lfw/Ann_Lee/Ann_Lee_0001.jpg");
  g_assert_cmpstr (pair_at (list, 0)->b, ==, "/lfw/Ann_Lee/Ann_Lee_0012.jpg");
  g_assert_true (pair_at (list, 0)->same);
  g_assert_cmpstr (pair_at (list, 1)->a, ==, "/lfw/Ann_Lee/Ann_Lee_0002.jpg");
  g_assert_cmpstr (pair_at (list, 1)->b, ==, "/lfw/Bob/Bob_0003.jpg");
  g_assert_false (pair_at (list, 1)->same);
  g_assert_cmpint (pair_at (list, 1)->fold, ==, 0);
  g_assert_cmpint (pair_at (list, 2)->fold, ==, 1);
  g_assert_cmpstr (pair_at (list, 2)->b, ==, "/lfw/Bob/Bob_10000.jpg");
}

static void
test_dev (void)
{
  g_autoptr (LkLfwList) list = load ("1\nAnn\t1\t2\nAnn\t2\tBob\t3", NULL);

  g_assert_nonnull (list);
  g_assert_cmpint (list->n_folds, ==, 1);
  g_assert_cmpuint (list->pairs->len, ==, 2);
}

/* A list that does not say how many it has. */
static void
test_no_header (void)
{
  g_autoptr (LkLfwList) list = load ("Ann\t1\t2\nAnn\t1\t3\nAnn\t2\tBob\t3\n", NULL);
  g_autofree char *faces = g_build_filename (LK_TEST_FACES, "lfw-dev", NULL);
  g_autofree char *pairs = g_build_filename (faces, "pairsDevTest.txt", NULL);
  g_autofree char *root = g_build_filename (faces, "images", NULL);
  g_autoptr (LkLfwList) real = NULL;
  int n_same = 0;

  g_assert_nonnull (list);
  g_assert_cmpint (list->n_folds, ==, 1);
  g_assert_cmpuint (list->pairs->len, ==, 3);
  g_assert_cmpint (pair_at (list, 2)->fold, ==, 0);

  if (!g_file_test (pairs, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("no faces beside the source tree");
      return;
    }
  real = lk_lfw_list_load (pairs, root, NULL);
  g_assert_nonnull (real);
  g_assert_cmpuint (real->pairs->len, ==, 1000);
  for (guint i = 0; i < 1000; i++)
    {
      n_same += pair_at (real, i)->same;
      g_assert_true (g_file_test (pair_at (real, i)->a, G_FILE_TEST_IS_REGULAR));
      g_assert_true (g_file_test (pair_at (real, i)->b, G_FILE_TEST_IS_REGULAR));
    }
  g_assert_cmpint (n_same, ==, 500);
}

static void
test_errors (void)
{
  static const struct
  {
    const char *text, *says;
  } cases[] = {
    { "", "line 1 is not followed" },
    { "x\n", "line 1 should" },
    { "0\n", "line 1 should" },
    { "-1\n", "line 1 should" },
    { "1 2 3 4 5\n", "line 1 should" },
    { "1000 1000000\n", "line 1 should" },
    { "99999999999999999999\n", "line 1 should" },
    { "1\nAnn 1 2\n", "line 1 is not followed" },
    { "1\nAnn 1 2\nAnn 1 Bob 1\nAnn 1 3\n", "line 4 is more" },
    { "1\nAnn 1\nAnn 1 Bob 1\n", "line 2 should" },
    { "1\nAnn 1 2\nAnn 1 Bob\n", "line 3 should" },
    { "1\nAnn 1 2\nAnn 0 Bob 1\n", "line 3 should" },
    { "1\n../../etc/passwd 1 2\nAnn 1 Bob 1\n", "line 2 should" },
    { "1\n.. 1 2\nAnn 1 Bob 1\n", "line 2 should" },
    { "1\nAnn 1 2\nAnn 1 a/b 1\n", "line 3 should" },
  };
  g_autoptr (GError) missing = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (load (cases[i].text, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
      if (strstr (error->message, cases[i].says) == NULL)
        g_error ("%s: %s", cases[i].text, error->message);
    }
  g_assert_null (lk_lfw_list_load ("/nowhere/pairs.txt", "/lfw", &missing));
  g_assert_error (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* Three folds of two pairs, by hand. */
static void
test_evaluate (void)
{
  const float scores[] = { 0.9f, 0.1f, 0.8f, 0.5f, 0.3f, 0.2f };
  const gboolean same[] = { TRUE, FALSE, TRUE, FALSE, TRUE, FALSE };
  const int folds[] = { 0, 0, 1, 1, 2, 2 };
  LkLfwResult r;

  /* Fold 0: of .8+ .5- .3+ .2-, three are right at .8 (and at .3): all of its own.
   * Fold 1: of .9+ .1- .3+ .2-, all at .3; its own .8+ .5-: one of two.
   * Fold 2: of .9+ .1- .8+ .5-, all at .8; its own .3+ .2-: one of two. */
  lk_lfw_evaluate (scores, same, folds, 6, 3, 0, &r);
  g_assert_cmpint (r.n_pairs, ==, 6);
  g_assert_cmpint (r.n_right, ==, 4);
  g_assert_cmpfloat_with_epsilon (r.accuracy, 2.0 / 3, 1e-12);
  /* Deviations 1/3, -1/6, -1/6: sum of squares 1/6; sqrt (1/6 / 2 / 3) */
  g_assert_cmpfloat_with_epsilon (r.accuracy_se, 1.0 / 6, 1e-12);
  g_assert_cmpfloat_with_epsilon (r.threshold, (0.8 + 0.3 + 0.8) / 3, 1e-6);
  g_assert_cmpfloat (r.low, <, 4.0 / 6);
  g_assert_cmpfloat (r.high, >, 4.0 / 6);
}

static void
test_evaluate_dev (void)
{
  const float scores[] = { 0.9f, NAN, 0.1f, 0.5f }, none[] = { NAN, NAN, NAN, NAN };
  const gboolean same[] = { TRUE, TRUE, FALSE, FALSE };
  LkLfwResult r;

  /* right: .9 and .1; the missing face is wrong */
  lk_lfw_evaluate (scores, same, NULL, 4, 1, 0.5, &r);
  g_assert_cmpfloat_with_epsilon (r.accuracy, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (r.accuracy_se, 0.25, 1e-12); /* sqrt (.5 * .5 / 4) */
  g_assert_cmpfloat (r.threshold, ==, 0.5);
  lk_lfw_evaluate (none, same, NULL, 4, 1, 0.5, &r);
  g_assert_cmpfloat_with_epsilon (r.accuracy, 0.5, 1e-12);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lfw/folds", test_folds);
  g_test_add_func ("/lfw/dev", test_dev);
  g_test_add_func ("/lfw/no-header", test_no_header);
  g_test_add_func ("/lfw/errors", test_errors);
  g_test_add_func ("/lfw/evaluate", test_evaluate);
  g_test_add_func ("/lfw/evaluate-dev", test_evaluate_dev);
  return g_test_run ();
}
