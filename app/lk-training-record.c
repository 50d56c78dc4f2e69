/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-training-record"

#include "lk-training-record.h"

#include "lk-models.h"
#include "train/lk-recipe.h"

#include <string.h>

/* A folder that is named from here is still the same when the record is read elsewhere. */
static void
record_options (LkRun *run, const LkTrainOptions *options, const LkDataset *set, const char *preset)
{
  g_autofree char *split = lk_dataset_get_digest (set);

  lk_run_set_option (run, "split", split);
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      g_autofree char *value = lk_recipe_get (options, key->key), *whole = NULL;

      if (value == NULL || g_str_equal (key->key, "output"))
        continue;
      if (g_str_equal (key->key, "data") || g_str_equal (key->key, "teacher"))
        whole = g_canonicalize_filename (value, NULL);
      lk_run_set_option (run, key->key, whole != NULL ? whole : value);
    }
  if (preset != NULL)
    lk_run_set_option (run, "preset", preset);
}

/* (transfer full) (nullable): the newest run that wrote this model */
static LkRun *
find_earlier (LkDatabase *database, const char *model)
{
  g_autoptr (GPtrArray) runs = lk_database_list_runs (database, NULL);

  for (guint i = 0; runs != NULL && i < runs->len; i++)
    if (g_strcmp0 (((LkRun *) runs->pdata[i])->model, model) == 0)
      return g_ptr_array_steal_index (runs, i);
  return NULL;
}

LkRun *
lk_training_record_begin (LkDatabase *database, const LkTrainOptions *options, const LkDataset *set,
                          const char *preset, GError **error)
{
  g_autofree char *model = lk_models_name_of_file (options->output);
  g_autofree char *name = g_path_get_basename (model);
  g_autoptr (LkRun) run = NULL;

  if (g_str_has_suffix (name, ".safetensors"))
    name[strlen (name) - strlen (".safetensors")] = '\0';
  if (options->resume && lk_models_is_interrupted (model))
    run = find_earlier (database, model);
  if (run != NULL)
    {
      record_options (run, options, set, preset); /* to more epochs, perhaps */
      run->state = LK_RUN_RUNNING;
      run->ended = 0;
      return lk_database_update_run (database, run, error) ? g_steal_pointer (&run) : NULL;
    }
  run = lk_run_new (name, options->network);
  run->model = g_strdup (model);
  record_options (run, options, set, preset);
  return lk_database_add_run (database, run, error) ? g_steal_pointer (&run) : NULL;
}

/* ---- the test's counts ---- */

static const struct
{
  const char *name;
  gsize offset;
} counts[] = {
  { "test pairs", G_STRUCT_OFFSET (LkTrainEvaluation, n_pairs) },
  { "test true positives", G_STRUCT_OFFSET (LkTrainEvaluation, true_positives) },
  { "test false positives", G_STRUCT_OFFSET (LkTrainEvaluation, false_positives) },
  { "test true negatives", G_STRUCT_OFFSET (LkTrainEvaluation, true_negatives) },
  { "test false negatives", G_STRUCT_OFFSET (LkTrainEvaluation, false_negatives) },
};

/* @array: as in "test genuine 07", pairs by score */
static void
name_bin (char name[32], const char *array, int bin)
{
  g_snprintf (name, 32, "test %s %02d", array, bin);
}

static void
record_test (LkRun *run, const LkTrainEvaluation *test)
{
  char name[32];

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    lk_run_set_figure (run, counts[i].name, G_STRUCT_MEMBER (int, test, counts[i].offset));
  lk_run_set_figure (run, "test right", test->true_positives + test->true_negatives);
  lk_run_set_figure (run, "test threshold", test->threshold);
  for (int i = 0; i < LK_TRAIN_BINS; i++)
    {
      name_bin (name, "genuine", i);
      lk_run_set_figure (run, name, test->genuine[i]);
      name_bin (name, "impostor", i);
      lk_run_set_figure (run, name, test->impostor[i]);
    }
}

/* A file may say anything: a count is one of pairs. */
static gboolean
read_count (const LkRun *run, const char *name, int *count)
{
  double value;

  if (!lk_run_get_figure (run, name, &value) || !(value >= 0 && value <= G_MAXINT / 4))
    return FALSE;
  *count = (int) value;
  return TRUE;
}

gboolean
lk_training_record_get_test (const LkRun *run, LkTrainEvaluation *test)
{
  LkTrainEvaluation read = { 0 };
  char name[32];

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    if (!read_count (run, counts[i].name, &G_STRUCT_MEMBER (int, &read, counts[i].offset)))
      return FALSE;
  if (!lk_run_get_figure (run, "test threshold", &read.threshold))
    return FALSE;
  for (int i = 0; i < LK_TRAIN_BINS; i++)
    {
      name_bin (name, "genuine", i);
      if (!read_count (run, name, &read.genuine[i]))
        return FALSE;
      name_bin (name, "impostor", i);
      if (!read_count (run, name, &read.impostor[i]))
        return FALSE;
    }
  *test = read;
  return TRUE;
}

/* ---- as it goes ---- */

gboolean
lk_training_record_add (LkDatabase *database, LkRun *run, const LkTrainProgress *p, GError **error)
{
  static const char *const names[] = { "loss", "validation loss", "eer", "auc", "tar", "one-shot" };
  const double values[] = { p->mean_loss, p->validation_loss, p->eer, p->auc, p->tar, p->one_shot };

  if (p->epoch_ended)
    {
      lk_run_set_figure (run, "epochs", p->epoch);
      lk_run_set_figure (run, "loss", p->mean_loss);
      lk_run_set_figure (run, "best epoch", p->best_epoch);
      if (p->best_epoch == p->epoch)
        lk_run_set_figure (run, "best eer", p->eer);
      if (!lk_database_add_points (database, run->id, p->epoch, names, values,
                                   G_N_ELEMENTS (values), error))
        return FALSE;
    }
  if (p->state != LK_TRAIN_DONE && p->state != LK_TRAIN_FAILED)
    return TRUE;
  run->state = p->state == LK_TRAIN_FAILED || p->diverged ? LK_RUN_FAILED
               : p->step < p->steps                       ? LK_RUN_STOPPED
                                                          : LK_RUN_FINISHED;
  if (p->state == LK_TRAIN_DONE)
    record_test (run, &p->test);
  return lk_database_update_run (database, run, error);
}

void
lk_training_record_get_options (const LkRun *run, LkTrainOptions *options)
{
  lk_train_options_init (options, run->network);
  for (const LkRecipeKey *key = lk_recipe_get_keys (); key->key != NULL; key++)
    {
      const char *value = lk_run_get_option (run, key->key);

      if (value != NULL)
        lk_recipe_set (options, key->key, value, NULL);
    }
}
