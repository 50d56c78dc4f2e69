/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-test-index.h"
#include "lk-test-training.h"
#include "model/lk-model.h"
#include "model/lk-safetensors.h"
#include "train/lk-training.h"

#include <math.h>

/* Ends in as many numbers as the teacher's rows have. */
#define NETWORK                                                                                    \
  "network tiny-8\n"                                                                               \
  "image     input      size=20x20x3\n"                                                            \
  "conv1     conv2d     image  filters=12 kernel=5\n"                                              \
  "norm1     batchnorm  conv1\n"                                                                   \
  "relu1     relu       norm1\n"                                                                   \
  "pool1     maxpool    relu1  window=2 stride=2 padding=same\n"                                   \
  "conv2     conv2d     pool1  filters=16 kernel=3 activation=relu\n"                              \
  "flat      flatten    conv2\n"                                                                   \
  "embedding dense      flat   units=8\n"                                                          \
  "score     l1-head    embedding\n"

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = test_folder_new ();
  f->network = test_folder_path (f->folder, "tiny.net");
  f->data = g_build_filename (f->folder, "data", NULL);
  f->output = test_folder_path (f->folder, "out/model.safetensors");
  f->checkpoint = g_strconcat (f->output, ".checkpoint", NULL);
  write_text (f->network, NETWORK);
  test_index_make (f->data, 18);
  lk_train_options_init (&f->options, f->network);
  lk_train_options_set_loss (&f->options, LK_TRAIN_DISTILLATION);
  f->options.data = g_strdup (f->data);
  f->options.output = g_strdup (f->output);
  f->options.batch_pictures = 12;
  f->options.batch_people = 4;
  f->options.per_person = 3;
  f->options.epochs = 30;
  f->options.rate = 3e-3;
  f->options.n_threads = 2;
  f->options.seed = 5;
}

/* Its loss falls on pictures that it saw; those of strangers become telling as well, by
 * cosine and in the end by the head, which was fitted to the embeddings. */
static void
test_learns (Fixture *f, gconstpointer data)
{
  static const struct
  {
    LkTrainLoss loss;
    LkDistillation kind;
    double weight, most;
  } cases[] = {
    { LK_TRAIN_DISTILLATION, LK_DISTILLATION_COSINE, 0, 0.15 },
    { LK_TRAIN_DISTILLATION, LK_DISTILLATION_SQUARED, 0, 0.6 },
    { LK_TRAIN_DISTILLATION, LK_DISTILLATION_COSINE, 0.2, 0.8 },
    { LK_TRAIN_ARCFACE, LK_DISTILLATION_COSINE, 0, 1.5 },
    { LK_TRAIN_CIRCLE, LK_DISTILLATION_COSINE, 0, 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LkModel) model = NULL;
      Run run = { 0 };

      lk_train_options_set_loss (&f->options, cases[i].loss);
      f->options.scale = 16;
      f->options.distillation = cases[i].kind;
      f->options.identity_weight = cases[i].weight;
      train_fully (&f->options, &run);
      model = lk_model_load (f->output, NULL);
      g_assert_nonnull (model);
      g_test_message ("loss %d, %d, %g: %.3f, validation %.3f, EER %.3f, AUC %.3f, TAR %.3f",
                      cases[i].loss, cases[i].kind, cases[i].weight, run.last.mean_loss,
                      run.last.validation_loss, run.last.eer, run.last.auc, run.last.tar);
      g_assert_cmpfloat (run.last.mean_loss, <, cases[i].most);
      g_assert_cmpfloat (run.last.eer, <, 0.35);
      g_assert_cmpfloat (run.last.auc, >, 0.7);
      g_assert_cmpfloat (run.last.tar, >=, 0);
      g_assert_cmpint (isnan (run.last.validation_loss), ==,
                       cases[i].loss != LK_TRAIN_DISTILLATION);
      g_assert_cmpfloat (lk_model_get_threshold (model), >, 0);
    }
}

/* Batches of people, whose pictures are embedded once for all pairs and triplets. */
static void
test_people (Fixture *f, gconstpointer data)
{
  static const struct
  {
    LkTrainLoss loss;
    LkMining mining;
    LkBatchPairs pairs;
    double most;
  } cases[] = {
    { LK_TRAIN_CROSS_ENTROPY, 0, LK_BATCH_PAIRS_BALANCED, 0.45 },
    { LK_TRAIN_CROSS_ENTROPY, 0, LK_BATCH_PAIRS_ALL, 0.35 },
    { LK_TRAIN_CONTRASTIVE, 0, LK_BATCH_PAIRS_BALANCED, 0.2 },
    { LK_TRAIN_TRIPLET, LK_MINING_SEMI_HARD, 0, 0.4 },
    { LK_TRAIN_TRIPLET, LK_MINING_BATCH_HARD, 0, 0.6 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Run run = { 0 };

      lk_train_options_set_loss (&f->options, cases[i].loss);
      f->options.sampling = LK_SAMPLING_PEOPLE;
      f->options.mining = cases[i].mining;
      f->options.pairs = cases[i].pairs;
      train_fully (&f->options, &run);
      g_test_message ("loss %d, %d, %d: %.3f, EER %.3f", cases[i].loss, cases[i].mining,
                      cases[i].pairs, run.last.mean_loss, run.last.eer);
      g_assert_cmpfloat (run.last.mean_loss, <, cases[i].most);
    }
}

/* The head tells the training pictures apart; the rest of the network is as it was. */
static void
test_head (Fixture *f, gconstpointer data)
{
  g_autoptr (LkModel) before = NULL, after = NULL;
  const LkNetwork *network;
  const LkParam *head;
  Run run = { 0 };

  train_fully (&f->options, &run);
  before = lk_model_load (f->output, NULL);
  g_free (f->options.network);
  f->options.network = g_strdup (f->output);
  g_free (f->options.output);
  f->options.output = g_build_filename (f->folder, "out/head.safetensors", NULL);
  lk_train_options_set_loss (&f->options, LK_TRAIN_CROSS_ENTROPY);
  f->options.freeze = TRUE;
  f->options.rate = 0.02;
  run = (Run){ 0 };
  train_fully (&f->options, &run);
  after = lk_model_load (f->options.output, NULL);
  network = lk_model_get_network (after);
  head = lk_network_find_param (network, "score.kernel");
  g_assert_cmpmem (lk_model_get_params (before), head->offset * sizeof (float),
                   lk_model_get_params (after), head->offset * sizeof (float));
  g_assert_cmpint (memcmp (lk_model_get_params (before) + head->offset,
                           lk_model_get_params (after) + head->offset, head->n * sizeof (float)),
                   !=, 0);
  g_test_message ("loss %.3f, EER %.3f", run.last.mean_loss, run.last.eer);
  g_assert_cmpfloat (run.last.mean_loss, <, 0.5);
}

/* Of many people some are more alike than one person's pictures, by a network that was never
 * trained: a head that is fitted to the most alike pairs of all tells less than the cosine. */
static void
test_head_of_many (Fixture *f, gconstpointer data)
{
  double cosine;
  Run run = { 0 };

  g_free (f->options.data);
  f->options.data = g_build_filename (f->folder, "many", NULL);
  test_index_make (f->options.data, 240);
  f->options.epochs = 1;
  f->options.rate = 1e-9; /* as the network was made, and the head fitted */
  train_fully (&f->options, &run);
  cosine = run.last.auc;

  g_free (f->options.network);
  f->options.network = g_strdup (f->output);
  g_free (f->options.output);
  f->options.output = g_build_filename (f->folder, "out/head.safetensors", NULL);
  lk_train_options_set_loss (&f->options, LK_TRAIN_CROSS_ENTROPY);
  f->options.freeze = TRUE;
  f->options.steps_per_epoch = 1;
  run = (Run){ 0 };
  train_fully (&f->options, &run);
  g_test_message ("AUC by cosine %.3f, by the head %.3f", cosine, run.last.auc);
  g_assert_cmpfloat (cosine, >, 0.6);
  g_assert_cmpfloat (run.last.auc, >, cosine - 0.01);
}

/* Most of everybody's pictures get the name of another: genuine pairs are then farther apart than
 * the most alike of four impostor pairs. */
static void
mix_names (const char *data, int n)
{
  g_autofree char *path = g_build_filename (data, "index.csv", NULL), *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GString) out = g_string_new (NULL);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], ",", -1);

      if (i > 0 && *fields[3] != '\0')
        {
          int person = ((int) g_ascii_strtoll (fields[3], NULL, 10) + 3 * (i % 4 % 3)) %
                       n; /* of the same split */

          g_free (fields[3]);
          fields[3] = g_strdup_printf ("%d", person);
        }
      g_autofree char *line = g_strjoinv (",", fields);

      g_string_append_printf (out, "%s\n", line);
    }
  g_assert_true (g_file_set_contents (path, out->str, -1, NULL));
}

/* Such a head would take those for one person who are far apart. */
static void
test_head_of_muddle (Fixture *f, gconstpointer data)
{
  g_autoptr (LkModel) model = NULL;
  const LkParam *head;
  double sum = 0;
  Run run = { 0 };

  g_free (f->options.data);
  f->options.data = g_build_filename (f->folder, "mixed", NULL);
  test_index_make (f->options.data, 240);
  mix_names (f->options.data, 240);
  f->options.epochs = 1;
  f->options.rate = 1e-9;
  train_fully (&f->options, &run);
  model = lk_model_load (f->output, NULL);
  head = lk_network_find_param (lk_model_get_network (model), "score.kernel");
  for (gsize i = 0; i < head->n; i++)
    sum += (double) lk_model_get_params (model)[head->offset + i];
  g_test_message ("AUC by cosine %.3f; all weights %.3f", run.last.auc, sum);
  g_assert_cmpfloat (run.last.auc, >, 0.5);
  g_assert_cmpfloat (sum, <, 0);
}

/* The embedding's metric is changed where the network ends as that needs, before the head is fitted
 * to it; what is before stays. */
static void
test_whiten (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = g_strsplit (NETWORK, "embedding dense      flat   units=8\n", 2);
  g_autoptr (LkModel) before = NULL;
  const double strengths[] = { 0, 0.5 };
  double auc[2], loss[2];

  text = g_strjoinv ("dense dense flat units=8 bias=none\n"
                     "dense-n batchnorm dense\n"
                     "embedding normalize dense-n\n",
                     parts);
  write_text (f->network, text);
  g_free (f->options.data);
  f->options.data = g_build_filename (f->folder, "many", NULL);
  test_index_make (f->options.data, 120);
  f->options.epochs = 1;
  train_fully (&f->options, &(Run){ 0 });
  before = lk_model_load (f->output, NULL);
  g_free (f->options.network);
  f->options.network = g_strdup (f->output);
  lk_train_options_set_loss (&f->options, LK_TRAIN_CROSS_ENTROPY);
  f->options.freeze = TRUE;
  f->options.steps_per_epoch = 1;
  f->options.rate = 1e-9;
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LkModel) after = NULL;
      const LkParam *dense, *gamma;
      Run run = { 0 };

      g_free (f->options.output);
      f->options.output = g_strdup_printf ("%s/out/head-%d.safetensors", f->folder, i);
      f->options.whiten = strengths[i];
      train_fully (&f->options, &run);
      auc[i] = run.last.auc;
      loss[i] = run.last.validation_loss;
      after = lk_model_load (f->options.output, NULL);
      dense = lk_network_find_param (lk_model_get_network (after), "dense.kernel");
      gamma = lk_network_find_param (lk_model_get_network (after), "dense-n.gamma");
      g_assert_cmpmem (lk_model_get_params (before), dense->offset * sizeof (float),
                       lk_model_get_params (after), dense->offset * sizeof (float));
      g_assert_cmpint (memcmp (lk_model_get_params (before) + dense->offset,
                               lk_model_get_params (after) + dense->offset,
                               dense->n * sizeof (float)) == 0,
                       ==, i == 0);
      for (gsize j = 0; i == 1 && j < gamma->n; j++)
        g_assert_cmpfloat ((double) lk_model_get_params (after)[gamma->offset + j], ==, 1);
    }
  g_test_message ("without: AUC %.3f, loss %.3f; with: %.3f, %.3f", auc[0], loss[0], auc[1],
                  loss[1]);
  g_assert_cmpfloat (auc[1], >, auc[0] - 0.02);
  g_assert_cmpfloat (loss[1], <, loss[0]); /* the head is fitted to what comes out now */
}

/* What is written lies between the network that it began with and what was learnt. */
static void
test_blend (Fixture *f, gconstpointer data)
{
  g_autoptr (LkModel) start = NULL;
  const double blends[] = { 1, 0.25 };
  float *params[2];
  gsize n;

  train_fully (&f->options, &(Run){ 0 });
  start = lk_model_load (f->output, NULL);
  n = lk_network_find_param (lk_model_get_network (start), "score.kernel")->offset;
  g_free (f->options.network);
  f->options.network = g_strdup (f->output);
  f->options.epochs = 2;
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (LkModel) model = NULL;

      g_free (f->options.output);
      f->options.output = g_strdup_printf ("%s/out/blend-%d.safetensors", f->folder, i);
      f->options.blend = blends[i];
      train_fully (&f->options, &(Run){ 0 });
      model = lk_model_load (f->options.output, NULL);
      params[i] = g_memdup2 (lk_model_get_params (model), n * sizeof (float));
    }
  g_assert_cmpint (memcmp (params[0], lk_model_get_params (start), n * sizeof (float)), !=, 0);
  for (gsize k = 0; k < n; k++)
    g_assert_cmpfloat_with_epsilon ((double) params[1][k],
                                    0.75 * (double) lk_model_get_params (start)[k] +
                                        0.25 * (double) params[0][k],
                                    1e-6 * (1 + fabs ((double) params[0][k])));
  g_free (params[0]);
  g_free (params[1]);

  {
    Run run = { 0 };

    g_free (f->options.network); /* never trained */
    f->options.network = g_strdup (f->network);
    train (&f->options, &run);
    g_assert_cmpint (run.last.state, ==, LK_TRAIN_FAILED);
    g_assert_error (run.error, LK_ERROR, LK_ERROR_NO_DATA);
    g_clear_error (&run.error);
  }
}

static void
assert_same_file (const char *a, const char *b)
{
  g_autofree char *x = NULL, *y = NULL;
  gsize n, m;

  g_assert_true (g_file_get_contents (a, &x, &n, NULL));
  g_assert_true (g_file_get_contents (b, &y, &m, NULL));
  g_assert_cmpmem (x, n, y, m);
}

/* With centres and their moments: the files are the same, byte by byte. */
static void
test_resume (Fixture *f, gconstpointer data)
{
  g_autofree char *other = g_build_filename (f->folder, "out/whole.safetensors", NULL);
  g_autofree char *other_checkpoint = g_strconcat (other, ".checkpoint", NULL);
  g_autoptr (LkSafetensors) file = NULL;
  const int stops[] = { 2, 7, 12 };
  Run whole = { 0 }, last = { 0 };

  f->options.identity_weight = 0.1;
  f->options.average = 0.9;
  f->options.augment = lk_augment_faces;
  f->options.schedule = LK_SCHEDULE_LEVEL;
  f->options.fall_epochs = 2;
  f->options.epochs = 5;
  g_free (f->options.output);
  f->options.output = g_strdup (other);
  train_fully (&f->options, &whole);

  g_free (f->options.output);
  f->options.output = g_strdup (f->output);
  f->options.resume = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      Run part = { .stop_at_step = stops[i] };

      train_fully (&f->options, &part);
    }
  train_fully (&f->options, &last);
  g_assert_cmpint (last.last.step, ==, whole.last.steps);
  g_assert_cmpfloat (last.last.validation_loss, ==, whole.last.validation_loss);
  assert_same_file (f->checkpoint, other_checkpoint);
  file = lk_safetensors_open (f->checkpoint, NULL);
  g_assert_nonnull (lk_safetensors_get (file, "centres"));
  g_assert_nonnull (lk_safetensors_get (file, "moment2.centres"));
  g_assert_nonnull (lk_safetensors_get (file, "average.conv1.kernel"));
  g_assert_cmpuint (lk_safetensors_get (file, "centres")->shape[0], ==, 12);

  /* Without the identity it is another run. */
  f->options.identity_weight = 0;
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_SHAPE);
}

/* The mean by its definition, from checkpoints of every step; it is what is written. */
static void
test_average (Fixture *f, gconstpointer data)
{
  g_autofree float *mean = NULL;
  g_autoptr (LkModel) written = NULL;

  f->options.average = 0.7;
  f->options.steps_per_epoch = 1;
  f->options.checkpoint_epochs = 1;
  f->options.resume = TRUE;
  for (int step = 1; step <= 6; step++)
    {
      g_autoptr (LkModel) model = NULL;
      double decay = MIN (0.7, (1.0 + step) / (10.0 + step));
      const float *params;
      gsize n, head;
      Run run = { 0 };

      f->options.epochs = step;
      train_fully (&f->options, &run);
      model = lk_model_load (f->checkpoint, NULL);
      params = lk_model_get_params (model);
      n = lk_network_get_size (lk_model_get_network (model));
      head = lk_network_find_param (lk_model_get_network (model), "score.kernel")->offset;
      if (mean == NULL)
        {
          LkRandom random;

          mean = g_new (float, n);
          lk_random_seed (&random, lk_stream_seed (5, LK_STREAM_PARAMETERS, 0));
          lk_network_init (lk_model_get_network (model), mean, &random);
        }
      for (gsize i = 0; i < n; i++)
        mean[i] = (float) (decay * (double) mean[i] + (1 - decay) * (double) params[i]);
      g_clear_pointer (&written, lk_model_unref);
      written = lk_model_load (f->output, NULL);
      for (gsize i = 0; i < head; i++)
        g_assert_cmpfloat_with_epsilon (lk_model_get_params (written)[i], mean[i], 1e-5);
      g_assert_cmpint (memcmp (lk_model_get_params (written), params, head * sizeof (float)), !=,
                       0);
    }
}

static void
test_errors (Fixture *f, gconstpointer data)
{
  g_autofree char *teacher = g_build_filename (f->data, "teacher.npy", NULL);
  const float few[6 * TEST_INDEX_D] = { 0 };

  f->options.epochs = 1;
  test_npy_write (teacher, few, 6, TEST_INDEX_D, TRUE);
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_SHAPE);
  test_npy_write (teacher, few, 8, 6, TRUE);
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_SHAPE);
  write_text (teacher, "no");
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_FORMAT);
  f->options.teacher = g_strdup ("/nowhere/teacher.npy");
  assert_run_fails (&f->options, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_free (f->options.data);
  f->options.data = g_build_filename (f->folder, "documents", NULL);
  test_people_documents (f->options.data, 10);
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_NO_DATA);
  lk_train_options_set_loss (&f->options, LK_TRAIN_ARCFACE);
  f->options.margin = 2;
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (lk_trainer_start (&f->options, on_progress, NULL, &error));
    g_assert_error (error, LK_ERROR, LK_ERROR_TOO_LARGE);
  }
  lk_train_options_set_loss (&f->options, LK_TRAIN_CIRCLE);
  f->options.sampling = LK_SAMPLING_PICTURES;
  {
    g_autoptr (GError) error = NULL;

    g_assert_null (lk_trainer_start (&f->options, on_progress, NULL, &error));
    g_assert_error (error, LK_ERROR, LK_ERROR_TOO_LARGE);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(name, func)                                                                            \
  g_test_add ("/distillation/" name, Fixture, NULL, set_up, func, test_tear_down)
  add ("learns", test_learns);
  add ("people", test_people);
  add ("head", test_head);
  add ("head-of-many", test_head_of_many);
  add ("head-of-muddle", test_head_of_muddle);
  add ("whiten", test_whiten);
  add ("blend", test_blend);
  add ("resume", test_resume);
  add ("average", test_average);
  add ("errors", test_errors);
  return g_test_run ();
}
