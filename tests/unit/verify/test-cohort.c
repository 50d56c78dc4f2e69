/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "model/lk-safetensors.h"
#include "verify/lk-cohort.h"

#include <glib/gstdio.h>
#include <math.h>

#define TINY                                                                                       \
  "network tiny\n"                                                                                 \
  "image     input   size=4x4x3\n"                                                                 \
  "flat      flatten image\n"                                                                      \
  "embedding dense   flat units=3 activation=sigmoid\n"                                            \
  "score     l1-head embedding\n"

typedef struct
{
  char *folder, *path, *cohort;
  LkModel *model; /* as loaded from path */
} Fixture;

static LkModel *
save_model (const char *path, guint64 seed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) made = lk_model_new_untrained (TINY, "tiny", seed, &error);
  LkModel *model;

  g_assert_true (lk_model_save (made, path, TRUE, &error));
  model = lk_model_load (path, &error);
  g_assert_no_error (error);
  return model;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("lk-cohort-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "tiny.safetensors", NULL);
  f->cohort = g_build_filename (f->folder, "tiny.cohort", NULL);
  f->model = save_model (f->path, 1);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_unlink (f->path);
  g_unlink (f->cohort);
  g_rmdir (f->folder);
  lk_model_unref (f->model);
  g_free (f->folder);
  g_free (f->path);
  g_free (f->cohort);
}

static const float strangers[] = { 0.5f, -0.25f, 1, 2, 0.125f, -3 };

static void
test_round_trip (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkCohort) cohort = NULL;
  g_autofree char *path = lk_cohort_get_path (f->model);

  g_assert_cmpstr (path, ==, f->cohort);
  g_assert_null (lk_cohort_load (f->model, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&error);

  g_assert_true (lk_cohort_save (path, f->model, strangers, 2, "two people", &error));
  cohort = lk_cohort_load (f->model, &error);
  g_assert_no_error (error);
  g_assert_cmpint (cohort->n, ==, 2);
  g_assert_cmpint (cohort->size, ==, 3);
  g_assert_cmpstr (cohort->about, ==, "two people");
  for (int i = 0; i < 6; i++)
    g_assert_cmpfloat (cohort->embeddings[i], ==, strangers[i]); /* all are halves */
}

/* The same network with other numbers: its embeddings are elsewhere. */
static void
test_other_model (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) other = NULL;

  g_assert_true (lk_cohort_save (f->cohort, f->model, strangers, 2, "x", NULL));
  other = save_model (f->path, 2);
  g_assert_null (lk_cohort_load (other, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_SHAPE);
}

/* Rounding first is what makes the hash of the file's model that of the one in memory. */
static void
test_half (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) made = lk_model_new_untrained (TINY, "tiny", 1, &error);
  g_autoptr (LkModel) rounded = lk_model_to_half (made, &error);
  g_autoptr (LkModel) memory = lk_model_new_untrained (TINY, "tiny", 1, NULL);
  float large[48 * 3 + 3 + 3 + 1] = { 70000 };

  g_assert_cmpstr (lk_model_get_hash (rounded), ==, lk_model_get_hash (f->model));
  g_assert_cmpstr (lk_model_get_hash (made), !=, lk_model_get_hash (f->model));
  g_assert_null (lk_model_get_path (memory));
  g_assert_cmpstr (lk_model_get_path (f->model), ==, f->path);
  lk_model_unref (g_steal_pointer (&made));
  made = lk_model_new (TINY, "large", large, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (lk_model_to_half (made, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_TOO_LARGE);
}

static void
write_forged (Fixture *f, const char *format, const char *name, gsize n, gsize size, float value)
{
  g_autoptr (GHashTable) meta = g_hash_table_new (g_str_hash, g_str_equal);
  float values[12] = { 0 };
  LkTensor tensor = { .name = name, .dtype = LK_DTYPE_F32, .n_dims = 2, .shape = { n, size } };
  g_autoptr (GError) error = NULL;

  values[3] = value;
  tensor.data = values;
  g_hash_table_insert (meta, (gpointer) "format", (gpointer) format);
  g_hash_table_insert (meta, (gpointer) "model", (gpointer) lk_model_get_hash (f->model));
  g_assert_true (lk_safetensors_write (f->cohort, &tensor, 1, meta, &error));
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  const struct
  {
    const char *format, *name;
    gsize n, size;
    float value;
  } cases[] = {
    { "likeness-model-1", "cohort", 2, 3, 0 },
    { "likeness-cohort-1", "else", 2, 3, 0 },
    { "likeness-cohort-1", "cohort", 3, 2, 0 },
    { "likeness-cohort-1", "cohort", 0, 3, 0 },
    { "likeness-cohort-1", "cohort", 2, 3, (float) INFINITY },
  };
  g_autoptr (LkCohort) good = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      write_forged (f, cases[i].format, cases[i].name, cases[i].n, cases[i].size, cases[i].value);
      g_test_message ("case %u", i);
      g_assert_null (lk_cohort_load (f->model, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
    }
  write_forged (f, "likeness-cohort-1", "cohort", 2, 3, 1);
  good = lk_cohort_load (f->model, NULL);
  g_assert_nonnull (good);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)
  ADD ("/cohort/round-trip", test_round_trip);
  ADD ("/cohort/other-model", test_other_model);
  ADD ("/cohort/half", test_half);
  ADD ("/cohort/damaged", test_damaged);
  return g_test_run ();
}
