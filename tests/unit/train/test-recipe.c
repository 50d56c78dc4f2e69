/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-test-folder.h"
#include "train/lk-recipe.h"
#include "train/lk-train-options.h"

static void
assert_load (const char *path, const char *text, LkTrainOptions *options)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  lk_train_options_init (options, "siamese");
  g_assert_true (lk_recipe_load (options, path, &error));
  g_assert_no_error (error);
}

static void
test_file (void)
{
  g_autofree char *folder = test_folder_new (), *path = g_build_filename (folder, "a", NULL);
  LkTrainOptions o;

  /* The loss sets a margin that the line before it changes all the same. */
  assert_load (path,
               "# a recipe\n[training]\nmargin=0.4\naugment-blur=3\nloss=distillation\n"
               "augment-strength=0.5\naugment=faces\nrate=2e-3\nschedule=level\nfall=3\n"
               "optimizer=sgd\nfreeze=no\nseed=18446744073709551615\nteacher=t.npy\npictures=128\n",
               &o);
  g_assert_cmpint (o.loss, ==, LK_TRAIN_DISTILLATION);
  g_assert_cmpint (o.sampling, ==, LK_SAMPLING_PICTURES);
  g_assert_cmpint (o.scoring, ==, LK_SCORING_COSINE);
  g_assert_cmpfloat (o.margin, ==, 0.4);
  g_assert_cmpfloat (o.scale, ==, 64);
  g_assert_cmpfloat (o.augment.blur, ==, 3);
  g_assert_cmpfloat (o.augment.shift, ==, lk_augment_faces.shift / 2);
  g_assert_cmpint (o.augment.jpeg, ==, 95 - (95 - lk_augment_faces.jpeg) / 2);
  g_assert_cmpfloat (o.rate, ==, 2e-3);
  g_assert_cmpint (o.schedule, ==, LK_SCHEDULE_LEVEL);
  g_assert_cmpint (o.fall_epochs, ==, 3);
  g_assert_true (o.optimizer == LK_OPTIMIZER_SGD);
  g_assert_cmpuint (o.seed, ==, G_MAXUINT64);
  g_assert_cmpstr (o.teacher, ==, "t.npy");
  g_assert_cmpint (o.batch_pictures, ==, 128);
  g_assert_cmpint (o.batch_pairs, ==, 16); /* of siamese */
  lk_train_options_clear (&o);

  assert_load (path, "[training]\noptimizer=muon\ndecay=0.1\n", &o);
  g_assert_true (o.optimizer == LK_OPTIMIZER_MUON);
  g_assert_cmpfloat (o.decay, ==, 0.1);
  lk_train_options_clear (&o);

  /* The network's own recipe first. */
  assert_load (path, "[training]\nepochs=7\nnetwork=siamese-bn\n", &o);
  g_assert_cmpint (o.batch_pairs, ==, 32);
  g_assert_cmpint (o.epochs, ==, 7);
  lk_train_options_clear (&o);
  test_folder_remove (folder);
}

/* What lk_recipe_get() says sets the same. */
static void
test_round_trip (void)
{
  LkTrainOptions a, b;

  lk_train_options_init (&a, "siamese-bn");
  lk_train_options_set_loss (&a, LK_TRAIN_CIRCLE);
  a.augment = lk_augment_faces;
  a.seed = 77;
  a.rate = 1.0 / 3;
  lk_train_options_init (&b, "koch");
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      g_autofree char *value = lk_recipe_get (&a, key->key);
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;

      if (value == NULL)
        continue;
      g_assert_true (lk_recipe_set (&b, key->key, value, &error));
      after = lk_recipe_get (&b, key->key);
      g_assert_cmpstr (after, ==, value);
    }
  g_assert_cmpfloat (b.rate, ==, a.rate);
  g_assert_cmpint (b.loss, ==, LK_TRAIN_CIRCLE);
  g_assert_cmpmem (&b.augment, sizeof b.augment, &a.augment, sizeof a.augment);
  lk_train_options_clear (&a);
  lk_train_options_clear (&b);
}

/* Every recipe that comes with the program can be read, and says something of its own. */
static void
test_own (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("LIKENESS_DATA_DIR"), "recipes", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  int n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GError) error = NULL;
      LkTrainOptions o;

      lk_train_options_init (&o, "none");
      g_assert_true (lk_recipe_load (&o, path, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (o.network, !=, "none");
      o.data = g_strdup ("data");
      o.output = g_build_filename (g_get_tmp_dir (), "m.safetensors", NULL);
      g_assert_true (lk_train_options_check (&o, &error));
      g_assert_no_error (error);
      lk_train_options_clear (&o);
      n++;
    }
  g_assert_cmpint (n, >=, 8);
}

static void
test_errors (void)
{
  static const char *const wrong[] = {
    "",
    "rate=1\n",
    "[other]\nrate=1\n",
    "[training]\nrate=1\n[more]\na=1\n",
    "[training]\nlearning=1\n",
    "[training]\nrate=fast\n",
    "[training]\nrate=nan\n",
    "[training]\nepochs=1.5\n",
    "[training]\nepochs=99999999999\n",
    "[training]\nseed=-1\n",
    "[training]\nloss=triplets\n",
    "[training]\naugment=all\n",
    "[training]\naugment-strength=3\n",
    "[training]\nfreeze=maybe\n",
    "[training]\noutput=\n",
  };
  g_autofree char *folder = test_folder_new (), *path = g_build_filename (folder, "a", NULL);
  g_autoptr (GError) none = NULL;
  LkTrainOptions o;

  lk_train_options_init (&o, "siamese");
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (g_file_set_contents (path, wrong[i], -1, NULL));
      g_assert_false (lk_recipe_load (&o, path, &error));
      g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
  g_assert_false (lk_recipe_load (&o, "/nowhere", &none));
  g_assert_error (none, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  lk_train_options_clear (&o);
  test_folder_remove (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recipe/file", test_file);
  g_test_add_func ("/recipe/round-trip", test_round_trip);
  g_test_add_func ("/recipe/own", test_own);
  g_test_add_func ("/recipe/errors", test_errors);
  return g_test_run ();
}
