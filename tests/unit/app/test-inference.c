/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../count-allocations.h"
#include "../store/store-test.h"
#include "lk-inference.h"
#include "store/lk-embeddings.h"

#include <sqlite3.h>

#define N_ANCHORS 60

static const char *const texts[] = {
  "network tiny\n"
  "image input size=100x100x3\n"
  "conv conv2d image filters=4 kernel=10 activation=relu\n"
  "pool maxpool conv window=8 stride=8\n"
  "flat flatten pool\n"
  "embedding dense flat units=16 activation=sigmoid\n"
  "score l1-head embedding\n",
  "network tiny\n"
  "image input size=100x100x3\n"
  "conv conv2d image filters=4 kernel=10 activation=relu\n"
  "pool maxpool conv window=8 stride=8\n"
  "flat flatten pool\n"
  "embedding dense flat units=24 activation=sigmoid\n"
  "score l1-head embedding\n",
};

typedef struct
{
  LkInference *inference;
  int n_prepared, n_checked, n_progress;
  gsize n_anchors;
  char *hash;
  int checked_anchors;
  float scores[N_ANCHORS];
  LkCheck *kept; /* a copy of the last, as the window keeps one */
} Watch;

static void
on_checked (const LkFrame *frame, const LkSighting *seen, const LkCheck *check,
            const GError *advice, gpointer data)
{
  Watch *self = data;

  if (check == NULL)
    return;
  self->n_checked++;
  self->checked_anchors = check->n_anchors;
  for (int i = 0; i < check->n_anchors; i++)
    self->scores[i] = check->scores[i];
  lk_check_free (self->kept);
  self->kept = lk_check_copy (check);
}

static void
on_prepared (LkModel *model, GPtrArray *anchors, const GError *error, gpointer data)
{
  Watch *self = data;

  g_assert_no_error (error);
  self->n_prepared++;
  self->n_anchors = anchors->len;
  g_free (self->hash);
  self->hash = g_strdup (lk_model_get_hash (model));
}

static void
on_progress (int n_done, int n_all, gpointer data)
{
  g_assert_cmpint (n_all, ==, N_ANCHORS);
  g_assert_cmpint (n_done, >, 0);
  g_assert_cmpint (n_done, <=, n_all);
  ((Watch *) data)->n_progress++;
}

static LkFrame *
make_frame (LkImage *image)
{
  LkFrame *frame = lk_frame_new ();

  frame->image = lk_image_ref (image);
  frame->when_us = g_get_monotonic_time ();
  return frame;
}

static void
submit (Watch *self, LkImage *image)
{
  LkFrame *frame = make_frame (image);

  lk_inference_submit (self->inference, frame, LK_FACE_WHOLE, TRUE);
  lk_frame_unref (frame);
}

static void
wait_prepared (Watch *self, int n)
{
  while (self->n_prepared < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
check_one (Watch *self, LkImage *image)
{
  int before = self->n_checked;

  submit (self, image);
  while (self->n_checked == before)
    g_main_context_iteration (NULL, TRUE);
}

/* From the camera's thread through the inference thread to the main one. */
static void
assert_no_allocation (Watch *self, LkImage *image)
{
  for (int i = 0; i < 12; i++)
    {
      g_autoptr (LkFrame) frame = make_frame (image);
      int before = self->n_checked, n;

      start_counting ();
      lk_inference_submit (self->inference, frame, LK_FACE_GUIDE, TRUE);
      while (self->n_checked == before)
        g_main_context_iteration (NULL, TRUE);
      n = stop_counting ();
      if (i >= 6)
        g_assert_cmpint (n, ==, 0);
    }
}

static int
count_rows (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("XDG_DATA_HOME"), "likeness", "likeness.db",
                                            NULL);
  sqlite3 *db;
  sqlite3_stmt *row;
  int n;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (db, "SELECT count(*) FROM embedding", -1, &row, NULL), ==,
                   0);
  g_assert_cmpint (sqlite3_step (row), ==, SQLITE_ROW);
  n = sqlite3_column_int (row, 0);
  sqlite3_finalize (row);
  sqlite3_close (db);
  return n;
}

static void
test_models_change (void)
{
  static const guint8 key[LK_VAULT_KEY_SIZE] = { 7 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LkStore) store = NULL;
  g_autoptr (LkImage) face = make_face (1);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  char *files[2] = { NULL };
  g_autofree char *model = NULL;
  Watch self = { 0 };
  const gboolean is_counted = count_is_possible ();
  float size[16] = { 0 };
  int before;

  g_assert_true (lk_vault_unlock (key, NULL));
  store = lk_store_open (NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < N_ANCHORS; i++)
    {
      g_autoptr (LkCapture) capture = lk_store_add (store, "Ada", LK_CAPTURE_ANCHOR, face, &error);

      g_assert_no_error (error);
      g_ptr_array_add (paths, g_strdup (capture->path));
    }
  g_ptr_array_add (paths, NULL);
  for (int i = 0; i < 2; i++)
    {
      files[i] = g_strdup_printf ("%s/%d.net", scratch, i);
      g_assert_true (g_file_set_contents (files[i], texts[i], -1, NULL));
    }

  g_assert_true (lk_database_put_embedding (lk_store_get_database (store), paths->pdata[0],
                                            "of long ago", size, G_N_ELEMENTS (size), &error));
  self.inference = lk_inference_new (on_checked, on_prepared, &self, 1);
  lk_inference_set_progress (self.inference, on_progress);
  lk_inference_set_anchors (self.inference, (const char *const *) paths->pdata, NULL);
  lk_inference_set_model (self.inference, files[0]);
  wait_prepared (&self, 1);
  g_assert_cmpuint (self.n_anchors, ==, N_ANCHORS);
  g_assert_cmpint (self.n_progress, >, 0);
  check_one (&self, face);
  g_assert_cmpint (self.checked_anchors, ==, N_ANCHORS);
  for (int i = 1; i < N_ANCHORS; i++)
    g_assert_cmpfloat (self.scores[i], ==, self.scores[0]);
  g_assert_cmpint (count_rows (), ==, N_ANCHORS + 1);
  model = g_strconcat (self.hash, "@", LK_VERSION, NULL);
  if (is_counted)
    assert_no_allocation (&self, face);

  /* The old one verifies until the new one is ready. */
  before = self.n_checked;
  lk_inference_set_model (self.inference, files[1]);
  while (self.n_prepared < 2)
    {
      submit (&self, face);
      g_main_context_iteration (NULL, TRUE);
    }
  g_assert_cmpint (self.n_checked, >, before);
  g_assert_cmpint (self.checked_anchors, ==, N_ANCHORS);
  g_assert_false (g_str_has_prefix (model, self.hash));
  g_assert_cmpint (count_rows (), ==, 2 * N_ANCHORS); /* of it and of the one before, no more */
  lk_inference_free (self.inference);

  /* What is known is not computed again: an embedding of our own is believed. */
  g_assert_true (lk_database_put_embedding (lk_store_get_database (store), paths->pdata[0], model,
                                            size, G_N_ELEMENTS (size), &error));
  self.inference = lk_inference_new (on_checked, on_prepared, &self, 1);
  lk_inference_set_anchors (self.inference, (const char *const *) paths->pdata, NULL);
  lk_inference_set_model (self.inference, files[0]);
  wait_prepared (&self, 3);
  check_one (&self, face);
  g_assert_cmpfloat (self.scores[0], !=, self.scores[1]);
  g_assert_cmpfloat (self.scores[2], ==, self.scores[1]);

  /* Fewer anchors, the same model. */
  g_clear_pointer (&paths->pdata[1], g_free);
  lk_inference_set_anchors (self.inference, (const char *const *) paths->pdata, NULL);
  wait_prepared (&self, 4);
  check_one (&self, face);
  g_assert_cmpint (self.checked_anchors, ==, 1);
  lk_inference_free (self.inference);
  for (int i = 2; i < N_ANCHORS; i++)
    g_clear_pointer (&paths->pdata[i], g_free);
  lk_check_free (self.kept); /* outlives the verifier */
  g_free (self.hash);
  g_free (files[0]);
  g_free (files[1]);
  g_assert_true (lk_store_delete_person (store, "Ada", &error));
  g_assert_cmpint (count_rows (), ==, 0);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, NULL);
  scratch_begin ();
  g_test_add_func ("/inference/models-change", test_models_change);
  status = g_test_run ();
  scratch_end ();
  return status;
}
