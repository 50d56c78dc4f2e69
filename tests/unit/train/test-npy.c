/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-test-index.h"
#include "train/lk-npy.h"

#include <math.h>

enum
{
  ROWS = 5,
  COLUMNS = 3,
  HEADER = 128
};

typedef struct
{
  char *folder, *path;
  float values[ROWS * COLUMNS];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = test_folder_new ();
  f->path = g_build_filename (f->folder, "a.npy", NULL);
  for (int i = 0; i < ROWS * COLUMNS; i++)
    f->values[i] = (float) (i - 7) / 8;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  test_folder_remove (f->folder);
  g_free (f->folder);
  g_free (f->path);
}

static void
test_reads (Fixture *f, gconstpointer data)
{
  for (int half = 0; half < 2; half++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkNpy) npy = NULL;

      test_npy_write (f->path, f->values, ROWS, COLUMNS, half);
      npy = lk_npy_load (f->path, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (npy->rows, ==, ROWS);
      g_assert_cmpint (npy->columns, ==, COLUMNS);
      g_assert_cmpmem (npy->values, sizeof f->values, f->values, sizeof f->values);
    }
}

static double
dot (const float *a, const float *b, int d)
{
  double sum = 0;

  for (int j = 0; j < d; j++)
    sum += (double) a[j] * (double) b[j];
  return sum;
}

/* Angles and lengths stay; what lay on one axis lies on all. */
static void
test_turns (Fixture *f, gconstpointer data)
{
  enum
  {
    N = 4,
    D = 192
  };
  static const int axes[N] = { 0, 1, D - 1, 0 };
  float values[N * D] = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkNpy) npy = NULL, again = NULL;
  double sum = 0;

  for (int i = 0; i < N; i++)
    values[i * D + axes[i]] = (float) (i + 1);
  test_npy_write (f->path, values, N, D, FALSE);
  npy = lk_npy_load (f->path, &error);
  again = lk_npy_load (f->path, &error);
  g_assert_no_error (error);
  g_assert_true (lk_npy_turn (npy, &error));
  g_assert_true (lk_npy_turn (again, &error));
  g_assert_cmpmem (npy->values, sizeof values, again->values, sizeof values);
  for (int a = 0; a < N; a++)
    for (int b = 0; b < N; b++)
      g_assert_cmpfloat_with_epsilon (dot (npy->values + a * D, npy->values + b * D, D),
                                      dot (values + a * D, values + b * D, D), 1e-5);
  for (int j = 0; j < D; j++)
    sum += fabs ((double) npy->values[j]);
  /* Of a unit vector in no special direction sqrt (2 D / pi), of an axis 1. */
  g_assert_cmpfloat_with_epsilon (sum, sqrt (2 * D / G_PI), 1);
}

static void
assert_refused (const char *path, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lk_npy_load (path, &error));
  g_assert_error (error, LK_ERROR, code);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const char *const headers[] = {
    "{'descr': '<f2', 'fortran_order': True, 'shape': (5, 3), }",
    "{'descr': '>f2', 'fortran_order': False, 'shape': (5, 3), }",
    "{'descr': '<f8', 'fortran_order': False, 'shape': (5, 3), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (15,), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (5, 3, 1), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (5, 4), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (4, 3), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (0, 3), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (-5, -3), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (99999999999, 3), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (18446744073709551616, 3), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (5, 3), } x",
    "{'descr': '<f2', 'descr': '<f2', 'fortran_order': False, 'shape': (5, 3), }",
    "{'descr': '<f2', 'shape': (5, 3), }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (5, 3), 'more': 1, }",
    "{'descr': '<f2', 'fortran_order': False, 'shape': (5, 3),",
    "",
  };
  g_autofree char *content = NULL;
  const char *wide = "{'descr': '<f2', 'fortran_order': False, 'shape': (1, 9000), }";
  float endless = (float) INFINITY;
  gsize size;

  test_npy_write (f->path, f->values, ROWS, COLUMNS, TRUE);
  g_assert_true (g_file_get_contents (f->path, &content, &size, NULL));
  g_assert_cmpuint (size, ==, HEADER + 2 * ROWS * COLUMNS);
  for (gsize cut = 0; cut < size; cut++)
    {
      g_assert_true (g_file_set_contents (f->path, content, (gssize) cut, NULL));
      assert_refused (f->path, LK_ERROR_FORMAT);
    }
  g_assert_true (g_file_set_contents (f->path, content, (gssize) size, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      memset (content + 10, ' ', HEADER - 10);
      memcpy (content + 10, headers[i], strlen (headers[i]));
      g_assert_true (g_file_set_contents (f->path, content, (gssize) size, NULL));
      assert_refused (f->path, LK_ERROR_FORMAT);
    }
  f->values[4] = endless;
  test_npy_write (f->path, f->values, ROWS, COLUMNS, FALSE);
  assert_refused (f->path, LK_ERROR_FORMAT);

  memset (content + 10, ' ', HEADER - 10);
  memcpy (content + 10, wide, strlen (wide));
  g_assert_true (g_file_set_contents (f->path, content, (gssize) size, NULL));
  assert_refused (f->path, LK_ERROR_TOO_LARGE);
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (lk_npy_load ("/nowhere/a.npy", &error));
    g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/npy/reads", Fixture, NULL, set_up, test_reads, tear_down);
  g_test_add ("/npy/turns", Fixture, NULL, set_up, test_turns, tear_down);
  g_test_add ("/npy/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  return g_test_run ();
}
