/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../store/scratch.h"
#include "base/lk-error.h"
#include "model/lk-half.h"
#include "model/lk-model.h"
#include "model/lk-safetensors.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define SMALL                                                                                      \
  "network small\n"                                                                                \
  "image     input     size=8x8x3\n"                                                               \
  "conv1     conv2d    image  filters=4 kernel=3\n"                                                \
  "norm1     batchnorm conv1\n"                                                                    \
  "flat      flatten   norm1\n"                                                                    \
  "embedding dense     flat   units=5 activation=sigmoid\n"                                        \
  "score     l1-head   embedding\n"
#define N_TENSORS 10 /* conv1 2, norm1 4, embedding 2, score 2 */

/* printf 'network tiny ...\n\0' and the five floats, through sha256sum */
#define TINY_HASH "425f662228a978da5f0f607ba098df2e5654935eed9beb747bc65ce26cb86661"

static char *
in_folder (const char *name)
{
  return g_build_filename (scratch, name, NULL);
}

static LkModel *
make_model (void)
{
  g_autoptr (GHashTable) meta = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) untrained = lk_model_new_untrained (SMALL, "small", 5, &error);
  LkModel *model;

  g_assert_no_error (error);
  g_assert_false (lk_model_is_trained (untrained));
  g_hash_table_insert (meta, (gpointer) "trained", (gpointer) "For 3 epochs on “numbers”.");
  g_hash_table_insert (meta, (gpointer) "threshold", (gpointer) "0.625");
  g_hash_table_insert (meta, (gpointer) "format", (gpointer) "something else");
  model = lk_model_new (SMALL, "small", lk_model_get_params (untrained), meta, &error);
  g_assert_no_error (error);
  return model;
}

static gsize
size_of (LkModel *model)
{
  return lk_network_get_size (lk_model_get_network (model)) * sizeof (float);
}

static void
test_round_trip (void)
{
  g_autofree char *path = in_folder ("Anna's net.safetensors");
  g_autoptr (LkModel) model = make_model (), back = NULL;
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_assert_true (lk_model_save (model, path, FALSE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmphex (info.st_mode & 0777, ==, 0600);
  back = lk_model_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (lk_model_get_params (model), size_of (model), lk_model_get_params (back),
                   size_of (back));
  g_assert_cmpuint ((guintptr) lk_model_get_params (back) % 64, ==, 0);
  g_assert_cmpstr (lk_model_get_name (back), ==, "Anna's net");
  g_assert_cmpstr (lk_model_get_architecture (back), ==, SMALL);
  g_assert_cmpstr (lk_network_get_name (lk_model_get_network (back)), ==, "small");
  g_assert_true (lk_model_is_trained (back));
  g_assert_cmpstr (lk_model_get_meta (back, "threshold"), ==, "0.625");
  g_assert_cmpstr (lk_model_get_meta (back, "format"), ==, "likeness-model-1");
  g_assert_cmpstr (lk_model_get_meta (back, "preprocessing"), ==, "rgb 8x8 /255");
  g_assert_null (lk_model_get_meta (back, "nothing"));
  g_assert_cmpstr (lk_model_get_hash (back), ==, lk_model_get_hash (model));
  g_remove (path);
}

static void
test_half (void)
{
  g_autofree char *path = in_folder ("half.safetensors");
  g_autoptr (LkModel) model = make_model (), back = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  const float *a, *b;

  g_assert_true (lk_model_save (model, path, TRUE, &error));
  back = lk_model_load (path, &error);
  g_assert_no_error (error);
  a = lk_model_get_params (model);
  b = lk_model_get_params (back);
  for (gsize i = 0; i < size_of (model) / sizeof (float); i++)
    g_assert_true (fabsf (a[i] - b[i]) <= MAX (fabsf (a[i]) * 0x1p-11f, 0x1p-25f));
  g_assert_cmpstr (lk_model_get_hash (back), !=, lk_model_get_hash (model));

  g_assert_true (lk_model_save (back, path, TRUE, &error));
  again = lk_model_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lk_model_get_hash (again), ==, lk_model_get_hash (back));
  g_remove (path);
}

static void
test_untrained (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) a = lk_model_new_untrained (SMALL, "x", 1, &error);
  g_autoptr (LkModel) b = lk_model_new_untrained (SMALL, "y", 1, &error);
  g_autoptr (LkModel) c = lk_model_new_untrained (SMALL, "x", 2, &error);

  g_assert_no_error (error);
  g_assert_cmpmem (lk_model_get_params (a), size_of (a), lk_model_get_params (b), size_of (b));
  g_assert_cmpstr (lk_model_get_hash (a), ==, lk_model_get_hash (b));
  g_assert_cmpstr (lk_model_get_hash (a), !=, lk_model_get_hash (c));

  g_assert_null (lk_model_new_untrained ("network x\nimage input size=0x1x1\n", "bad", 1, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_null (
      lk_model_new_untrained ("network tiny\nimage input size=8x8x2\nflat flatten image\n"
                              "e dense flat units=2\nscore l1-head e\n",
                              "two-channels", 1, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
}

static gpointer
get_hash (gpointer model)
{
  return (gpointer) lk_model_get_hash (model);
}

/* The hash is a promise across versions: what it is of was hashed by another program. */
static void
test_hash (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL, other = NULL;
  g_autofree float *params = NULL;
  static const char text[] =
      "network tiny\nimage input size=1x2x1\nflat flatten image\ne dense flat units=1\n"
      "score l1-head e\n";
  g_autofree char *longer = g_strconcat (text, "# more\n", NULL);
  GThread *threads[4];
  gsize n = 5; /* e.kernel 2, e.bias 1, score.kernel 1, score.bias 1 */

  params = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    params[i] = (float) i / 2;
  model = lk_model_new (text, "tiny", params, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size_of (model), ==, n * sizeof (float));
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("hash", get_hash, model);
  for (int i = 0; i < 4; i++)
    g_assert_true (g_thread_join (threads[i]) == (gpointer) lk_model_get_hash (model));
  g_assert_cmpstr (lk_model_get_hash (model), ==, TINY_HASH);

  params[4] = -0.0f;
  other = lk_model_new (text, "tiny", params, NULL, &error);
  g_assert_cmpstr (lk_model_get_hash (other), !=, TINY_HASH);
  lk_model_unref (g_steal_pointer (&other));
  params[4] = 2;
  other = lk_model_new (longer, "tiny", params, NULL, &error);
  g_assert_cmpstr (lk_model_get_hash (other), !=, TINY_HASH);
}

static void
test_names (void)
{
  g_autofree char *old = g_strdup (g_getenv ("LIKENESS_DATA_DIR"));
  g_autofree char *data = in_folder ("data"), *user = NULL, *models = NULL, *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL, trained = make_model ();

  models = g_build_filename (data, "models", NULL);
  user = g_build_filename (g_get_user_data_dir (), "likeness", "models", NULL);
  g_assert_cmpint (g_mkdir_with_parents (models, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (user, 0700), ==, 0);
  g_setenv ("LIKENESS_DATA_DIR", data, TRUE);

  g_assert_null (lk_model_load ("small", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_MODEL);
  g_clear_error (&error);
  g_assert_null (lk_model_load ("", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_MODEL);
  g_clear_error (&error);

  /* NAME.net, then NAME.safetensors before it, then the user's before both. */
  path = g_build_filename (models, "small.net", NULL);
  g_assert_true (g_file_set_contents (path, SMALL, -1, NULL));
  model = lk_model_load ("small", &error);
  g_assert_no_error (error);
  g_assert_false (lk_model_is_trained (model));
  g_assert_cmpstr (lk_model_get_name (model), ==, "small");
  lk_model_unref (g_steal_pointer (&model));
  model = lk_model_load (path, &error); /* and as a path */
  g_assert_no_error (error);
  g_assert_cmpstr (lk_model_get_name (model), ==, "small");
  lk_model_unref (g_steal_pointer (&model));
  g_free (path);

  path = g_build_filename (models, "small.safetensors", NULL);
  g_assert_true (lk_model_save (trained, path, FALSE, &error));
  model = lk_model_load ("small", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lk_model_get_hash (model), ==, lk_model_get_hash (trained));
  lk_model_unref (g_steal_pointer (&model));
  g_free (path);

  path = g_build_filename (user, "small.safetensors", NULL);
  g_assert_true (g_file_set_contents (path, "junk", -1, NULL));
  g_assert_null (lk_model_load ("small", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);
  g_free (path);

  path = in_folder ("none.safetensors");
  g_assert_null (lk_model_load (path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (lk_model_load ("none.net", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_clear_error (&error);
  g_assert_null (lk_model_load (scratch, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_clear_error (&error);
  g_assert_null (lk_model_load ("/dev/zero", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);

  if (old != NULL)
    g_setenv ("LIKENESS_DATA_DIR", old, TRUE);
  else
    g_unsetenv ("LIKENESS_DATA_DIR");
}

static void
test_bad_net (void)
{
  g_autofree char *path = in_folder ("bad.net"), *big = g_strnfill (64 * 1024 + 1, '\n');
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, SMALL "\xff", -1, NULL));
  g_assert_null (lk_model_load (path, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, SMALL "\0", sizeof SMALL + 1, NULL));
  g_assert_null (lk_model_load (path, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, big, -1, NULL));
  g_assert_null (lk_model_load (path, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_assert_null (lk_model_load (path, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_remove (path);
}

/* A good model's tensors and metadata, to be spoilt, stored and loaded again. */
typedef struct
{
  LkModel *model;
  float *params;
  LkTensor tensors[N_TENSORS + 1];
  gsize n;
  GHashTable *meta;
} Draft;

static void
spoil_nothing (Draft *draft)
{
}

static LkTensor *
find (Draft *draft, const char *name)
{
  for (gsize i = 0; i < draft->n; i++)
    if (strcmp (draft->tensors[i].name, name) == 0)
      return &draft->tensors[i];
  g_assert_not_reached ();
}

static float *
values (Draft *draft, const char *name)
{
  return draft->params + lk_network_find_param (lk_model_get_network (draft->model), name)->offset;
}

static void
drop_tensor (Draft *draft)
{
  *find (draft, "embedding.bias") = draft->tensors[--draft->n];
}

static void
add_tensor (Draft *draft)
{
  draft->tensors[draft->n++] = (LkTensor){ "adam.step", LK_DTYPE_F32, 1, { 3 }, 3, draft->params };
}

static void
rename_tensor (Draft *draft)
{
  find (draft, "conv1.bias")->name = "conv2.bias";
}

static void
transpose (Draft *draft)
{
  LkTensor *tensor = find (draft, "embedding.kernel");
  gsize rows = tensor->shape[0];

  tensor->shape[0] = tensor->shape[1];
  tensor->shape[1] = rows;
}

static void
flatten (Draft *draft)
{
  LkTensor *tensor = find (draft, "embedding.kernel");

  tensor->shape[0] *= tensor->shape[1];
  tensor->n_dims = 1;
}

static void
use_integers (Draft *draft)
{
  static const guint64 ones[4] = { 1, 1, 1, 1 };
  LkTensor *tensor = find (draft, "conv1.bias");

  g_assert_cmpuint (tensor->shape[0], ==, 4);
  tensor->dtype = LK_DTYPE_U64;
  tensor->data = ones;
}

static void
put_nan (Draft *draft)
{
  values (draft, "embedding.kernel")[17] = NAN;
}

static void
put_infinity (Draft *draft)
{
  values (draft, "score.bias")[0] = -INFINITY;
}

static void
put_negative_variance (Draft *draft)
{
  values (draft, "norm1.variance")[3] = -1e-3f;
}

static void
forget_format (Draft *draft)
{
  g_hash_table_remove (draft->meta, "format");
}

static void
other_format (Draft *draft)
{
  g_hash_table_insert (draft->meta, g_strdup ("format"), g_strdup ("likeness-model-2"));
}

static void
forget_architecture (Draft *draft)
{
  g_hash_table_remove (draft->meta, "architecture");
}

static void
other_architecture (Draft *draft)
{
  g_hash_table_insert (draft->meta, g_strdup ("architecture"),
                       g_strdup ("network tiny\nimage input size=8x8x3\nflat flatten image\n"
                                 "embedding dense flat units=5\nscore l1-head embedding\n"));
}

static void
damaged_architecture (Draft *draft)
{
  g_hash_table_insert (draft->meta, g_strdup ("architecture"), g_strdup (SMALL "x"));
}

static void
forget_preprocessing (Draft *draft)
{
  g_hash_table_remove (draft->meta, "preprocessing");
}

static void
other_preprocessing (Draft *draft)
{
  g_hash_table_insert (draft->meta, g_strdup ("preprocessing"), g_strdup ("bgr 8x8 /255"));
}

static void
checkpoint (Draft *draft)
{
  add_tensor (draft);
  g_hash_table_insert (draft->meta, g_strdup ("format"), g_strdup ("likeness-checkpoint-1"));
}

static void
incomplete_checkpoint (Draft *draft)
{
  checkpoint (draft);
  drop_tensor (draft);
}

static const struct
{
  const char *name;
  void (*spoil) (Draft *);
  int code; /* -1: it is still good */
} spoilers[] = {
  { "nothing", spoil_nothing, -1 },
  { "checkpoint", checkpoint, -1 },
  { "incomplete-checkpoint", incomplete_checkpoint, LK_ERROR_SHAPE },
  { "missing-tensor", drop_tensor, LK_ERROR_SHAPE },
  { "more-tensors", add_tensor, LK_ERROR_SHAPE },
  { "other-name", rename_tensor, LK_ERROR_SHAPE },
  { "transposed", transpose, LK_ERROR_SHAPE },
  { "flat", flatten, LK_ERROR_SHAPE },
  { "integers", use_integers, LK_ERROR_SHAPE },
  { "nan", put_nan, LK_ERROR_FORMAT },
  { "infinity", put_infinity, LK_ERROR_FORMAT },
  { "negative-variance", put_negative_variance, LK_ERROR_FORMAT },
  { "no-format", forget_format, LK_ERROR_FORMAT },
  { "other-format", other_format, LK_ERROR_FORMAT },
  { "no-architecture", forget_architecture, LK_ERROR_FORMAT },
  { "other-architecture", other_architecture, LK_ERROR_SHAPE },
  { "damaged-architecture", damaged_architecture, LK_ERROR_FORMAT },
  { "no-preprocessing", forget_preprocessing, LK_ERROR_FORMAT },
  { "other-preprocessing", other_preprocessing, LK_ERROR_FORMAT },
};

static void
test_spoilt (void)
{
  g_autofree char *path = in_folder ("spoilt.safetensors");

  for (guint i = 0; i < G_N_ELEMENTS (spoilers); i++)
    {
      g_autoptr (LkModel) model = make_model (), loaded = NULL;
      g_autofree float *params = g_memdup2 (lk_model_get_params (model), size_of (model));
      g_autoptr (GError) error = NULL;
      Draft draft = { .model = model, .params = params };
      GHashTableIter iter;
      gpointer key, value;

      draft.meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_iter_init (&iter, lk_model_get_all_meta (model));
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (draft.meta, g_strdup (key), g_strdup (value));
      draft.n = (gsize) lk_network_get_n_params (lk_model_get_network (model));
      g_assert_cmpuint (draft.n, ==, N_TENSORS);
      for (int k = 0; k < N_TENSORS; k++)
        {
          const LkParam *param = lk_network_get_param (lk_model_get_network (model), k);

          draft.tensors[k] = (LkTensor){ param->name, LK_DTYPE_F32,          param->n_dims, { 0 },
                                         0,           params + param->offset };
          memcpy (draft.tensors[k].shape, param->shape, sizeof param->shape);
        }

      spoilers[i].spoil (&draft);
      g_assert_true (lk_safetensors_write (path, draft.tensors, draft.n, draft.meta, &error));
      loaded = lk_model_load (path, &error);
      g_test_message ("%s: %s", spoilers[i].name, error != NULL ? error->message : "loaded");
      if (spoilers[i].code < 0)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (lk_model_get_hash (loaded), ==, lk_model_get_hash (model));
          g_assert_cmpstr (lk_model_get_meta (loaded, "format"), ==, "likeness-model-1");
        }
      else
        {
          g_assert_null (loaded);
          g_assert_error (error, LK_ERROR, spoilers[i].code);
        }
      g_hash_table_unref (draft.meta);
    }
  g_remove (path);
}

static void
test_damaged (void)
{
  g_autofree char *path = in_folder ("damaged.safetensors"), *data = NULL;
  g_autoptr (LkModel) model = make_model ();
  int n_loaded = 0;
  gsize size;

  g_assert_true (lk_model_save (model, path, FALSE, NULL));
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  for (gsize cut = 0; cut < size; cut += 1 + cut / 16)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, data, (gssize) cut, NULL));
      g_assert_null (lk_model_load (path, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
    }
  for (int round = 0; round < 400; round++)
    {
      g_autoptr (LkModel) loaded = NULL;
      g_autoptr (GError) error = NULL;
      gsize at = (gsize) g_test_rand_int_range (0, (int) (round % 2 ? size : MIN (size, 1200)));
      char flip = (char) (1 << g_test_rand_int_range (0, 8));

      data[at] ^= flip;
      g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
      loaded = lk_model_load (path, &error);
      g_assert_true ((loaded == NULL) == (error != NULL));
      n_loaded += loaded != NULL;
      data[at] ^= flip;
    }
  g_assert_cmpint (n_loaded, >, 0);
  g_assert_cmpint (n_loaded, <, 400);

  g_assert_cmpint (truncate (path, (off_t) LK_MODEL_MAX_SIZE + 1), ==, 0); /* sparse */
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (lk_model_load (path, &error));
    g_assert_error (error, LK_ERROR, LK_ERROR_TOO_LARGE);
  }
  g_remove (path);
}

int
main (int argc, char *argv[])
{
  int status;

  scratch_begin ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/round-trip", test_round_trip);
  g_test_add_func ("/model/half", test_half);
  g_test_add_func ("/model/untrained", test_untrained);
  g_test_add_func ("/model/hash", test_hash);
  g_test_add_func ("/model/names", test_names);
  g_test_add_func ("/model/bad-net", test_bad_net);
  g_test_add_func ("/model/spoilt", test_spoilt);
  g_test_add_func ("/model/damaged", test_damaged);
  status = g_test_run ();
  scratch_end ();
  return status;
}
