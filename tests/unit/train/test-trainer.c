/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-test-training.h"
#include "model/lk-model.h"

#include <math.h>
#include <string.h>

static void
test_recipes (void)
{
  LkTrainOptions o;

  lk_train_options_init (&o, "siamese-bn");
  g_assert_cmpint (o.batch_pairs, ==, 32);
  g_assert_cmpfloat (o.rate, ==, 5e-5);
  g_assert_cmpint (o.schedule, ==, LK_SCHEDULE_EXPONENTIAL);
  g_assert_cmpfloat (o.clip_value, ==, 1);
  g_assert_cmpint (o.epochs, ==, 50);
  lk_train_options_clear (&o);
  lk_train_options_init (&o, "siamese");
  g_assert_cmpint (o.batch_pairs, ==, 16);
  g_assert_cmpfloat (o.rate, ==, 1e-4);
  g_assert_cmpint (o.schedule, ==, LK_SCHEDULE_CONSTANT);
  g_assert_cmpfloat (o.clip_value, ==, 0);
  g_assert_cmpint (o.checkpoint_epochs, ==, 10);
  lk_train_options_clear (&o);
}

/* An easy set is learnt, and what was learnt holds for what was not trained on. */
static void
test_learns (Fixture *f, gconstpointer data)
{
  const LkTrainState expected[] = { LK_TRAIN_LOADING, LK_TRAIN_RUNNING, LK_TRAIN_TESTING,
                                    LK_TRAIN_DONE };
  Run run = { 0 };
  g_autoptr (LkModel) model = NULL;
  LkTrainEvaluation *test = &run.last.test;
  int genuine = 0, impostor = 0, rejected = 0, bin;

  f->options.epochs = 25;
  train_fully (&f->options, &run);
  g_assert_cmpmem (run.states, (gsize) run.n_states * sizeof *run.states, expected,
                   sizeof expected);
  g_assert_cmpint (run.n_epochs_ended, ==, 25);
  g_assert_cmpint (run.last.step, ==, 250);
  g_assert_cmpint (run.last.n_unusable, ==, 0);
  g_test_message (
      "loss %.4f, validation %.4f, precision %.3f, recall %.3f, test %d/%d/%d/%d at %.3f",
      run.last.mean_loss, run.last.validation_loss, run.last.precision, run.last.recall,
      test->true_positives, test->false_positives, test->true_negatives, test->false_negatives,
      test->threshold);
  g_assert_cmpfloat (run.last.mean_loss, <, 0.15);
  g_assert_cmpfloat (run.last.validation_loss, <, 0.5);
  g_assert_cmpfloat (run.last.eer, <, 0.1);
  g_assert_cmpfloat (run.last.recall, >, 0.7);
  g_assert_cmpfloat (run.last.precision, >, 0.9);
  g_assert_cmpint (test->n_pairs, >, 20);
  /* Each pair is counted once, so that the few genuine ones are fewer than half. */
  g_assert_cmpint (test->true_positives + test->false_negatives, >, 5);
  g_assert_cmpint (test->true_positives + test->false_negatives, <, test->n_pairs / 2);
  g_assert_cmpint (test->true_positives, >=, 9 * test->false_negatives);
  g_assert_cmpint (test->true_negatives, >=, 4 * test->false_positives);
  for (int b = 0; b < LK_TRAIN_BINS; b++)
    {
      genuine += test->genuine[b];
      impostor += test->impostor[b];
    }
  bin = (int) (test->threshold * LK_TRAIN_BINS);
  for (int b = 0; b < bin; b++)
    rejected += test->genuine[b];
  g_assert_cmpint (rejected, <=, test->false_negatives);
  g_assert_cmpint (rejected + test->genuine[bin], >=, test->false_negatives);
  g_assert_cmpint (genuine, ==, test->true_positives + test->false_negatives);
  g_assert_cmpint (impostor, ==, test->n_pairs - genuine);
  g_assert_cmpfloat (run.last.waited, >=, 0);
  g_assert_cmpfloat (run.last.waited, <=, 1);
  g_assert_cmpfloat (run.last.pairs_per_s, >, 0);

  model = lk_model_load (f->output, NULL);
  g_assert_nonnull (model);
  g_assert_true (lk_model_is_trained (model));
  g_assert_nonnull (strstr (lk_model_get_meta (model, "trained"), "tiny.net"));
  g_assert_cmpfloat_with_epsilon (g_ascii_strtod (lk_model_get_meta (model, "threshold"), NULL),
                                  test->threshold, 1e-6);
  g_assert_cmpstr (lk_model_get_meta (model, "epochs"), ==, "25");
  g_assert_cmpstr (lk_model_get_meta (model, "seed"), ==, "5");
}

/* People's folders, a grey network, and the default number of steps. */
static void
test_people_grey (Fixture *f, gconstpointer data)
{
  LkRandom random;
  Run run = { 0 };

  lk_random_seed (&random, 2);
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 6; j++)
      {
        g_autofree char *name = g_strdup_printf ("people/p%02d/%d.png", i, j);

        test_people_draw (f->folder, name, i, &random);
      }
  write_text (f->network, TEST_NETWORK_GREY);
  g_free (f->options.data);
  f->options.data = g_build_filename (f->folder, "people", NULL);
  f->options.steps_per_epoch = 0;
  f->options.epochs = 2;
  train_fully (&f->options, &run);
  g_assert_cmpint (run.last.steps, ==, 2 * 6); /* 8 people for training, 48 pictures */
  g_assert_cmpint (run.last.test.n_pairs, >, 0);
}

/* Another seed is another run: what test_resume_exactly() relies on can differ. */
static void
test_seed_matters (Fixture *f, gconstpointer data)
{
  Run a = { 0 }, b = { 0 }, c = { 0 };

  f->options.epochs = 1;
  train_fully (&f->options, &a);
  train_fully (&f->options, &b);
  f->options.seed++;
  train_fully (&f->options, &c);
  g_assert_cmpfloat (a.last.mean_loss, ==, b.last.mean_loss);
  g_assert_cmpfloat (a.last.mean_loss, !=, c.last.mean_loss);
}

/* The mean of an epoch is of all its steps, and of its own. */
static void
test_mean_loss (Fixture *f, gconstpointer data)
{
  Run one = { 0 }, two = { 0 }, three = { 0 };

  f->options.epochs = 1;
  f->options.steps_per_epoch = 1;
  train_fully (&f->options, &one);
  g_assert_cmpfloat (one.last.mean_loss, ==, one.last.loss);
  f->options.steps_per_epoch = 2; /* whose first step is that one */
  train_fully (&f->options, &two);
  g_assert_cmpfloat (two.last.loss, !=, one.last.loss);
  g_assert_cmpfloat_with_epsilon (two.last.mean_loss, (one.last.loss + two.last.loss) / 2, 1e-12);
  f->options.epochs = 3;
  f->options.steps_per_epoch = 1;
  train_fully (&f->options, &three);
  g_assert_cmpfloat (three.last.mean_loss, ==, three.last.loss);
}

static void
test_pause_and_stop (Fixture *f, gconstpointer data)
{
  Run run = { .pause_at_step = 20 };

  f->options.epochs = 100000;
  f->options.checkpoint_epochs = 100000;
  run.stop_at_step = 200;
  train_fully (&f->options, &run);
  g_assert_cmpint (run.states[2], ==, LK_TRAIN_PAUSED);
  g_assert_cmpint (run.states[3], ==, LK_TRAIN_RUNNING);
  g_assert_cmpint (run.states[4], ==, LK_TRAIN_TESTING);
  g_assert_cmpint (run.step_at_pause, >=, 20);
  g_assert_cmpint (run.last.step, >=, 200);
  g_assert_cmpint (run.last.step, <, 100000);
  g_assert_cmpint (run.last.test.n_pairs, >, 0);
  g_assert_true (test_exists (f->output));
  g_assert_true (test_exists (f->checkpoint));
}

/* Waiting in a pause does not keep it from ending. */
static void
test_free_while_paused (Fixture *f, gconstpointer data)
{
  for (int i = 0; i < 20; i++)
    {
      Run run = { .main_thread = g_thread_self () };
      LkTrainer *trainer;

      f->options.epochs = 100000;
      run.pause_at_step = G_MAXINT;
      trainer = lk_trainer_start (&f->options, on_progress, &run, NULL);
      if (i % 2)
        lk_trainer_pause (trainer);
      g_usleep ((gulong) (i / 2 * 3000));
      lk_trainer_free (trainer);
      g_assert_cmpint (run.n_calls, ==, 0);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_free_in_callback (Fixture *f, gconstpointer data)
{
  Run run = { .free_at_step = 20 };

  f->options.epochs = 100000;
  train (&f->options, &run);
  g_assert_cmpint (run.last.state, ==, LK_TRAIN_RUNNING);
  g_assert_true (test_exists (f->checkpoint)); /* what was learnt is not lost */
  g_assert_true (test_exists (f->output));
}

static void
test_stop_at_once (Fixture *f, gconstpointer data)
{
  Run run = { .main_thread = g_thread_self () };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  run.loop = loop;
  run.trainer = lk_trainer_start (&f->options, on_progress, &run, NULL);
  lk_trainer_pause (run.trainer); /* so that it cannot be quicker than we are */
  lk_trainer_stop (run.trainer);
  g_main_loop_run (loop);
  if (run.last.step == 0)
    {
      g_assert_error (run.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_false (test_exists (f->output));
      g_assert_false (test_exists (f->checkpoint));
    }
  else
    g_assert_true (test_exists (f->output));
  g_clear_error (&run.error);
  lk_trainer_free (run.trainer);
}

static void
test_diverges (Fixture *f, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (LkModel) model = NULL, saved = NULL;
  Run first = { 0 }, run = { 0 };
  gsize size, size_after;

  f->options.epochs = 1;
  train_fully (&f->options, &first);
  g_assert_true (g_file_get_contents (f->checkpoint, &before, &size, NULL));

  f->options.epochs = 20;
  f->options.rate = 1e38;
  f->options.resume = TRUE;
  f->options.checkpoint_epochs = 1;
  train_fully (&f->options, &run);
  g_assert_true (run.last.diverged);
  g_assert_false (first.last.diverged);
  g_assert_true (g_file_get_contents (f->checkpoint, &after, &size_after, NULL));
  g_assert_cmpmem (before, size, after, size_after);
  model = lk_model_load (f->output, NULL);
  saved = lk_model_load (f->checkpoint, NULL);
  g_assert_cmpstr (lk_model_get_hash (model), ==, lk_model_get_hash (saved));

  /* With nothing to go back to it is an error, and nothing is written. */
  f->options.resume = FALSE;
  g_unlink (f->output);
  run = (Run){ 0 };
  train (&f->options, &run);
  g_assert_error (run.error, LK_ERROR, LK_ERROR_DIVERGED);
  g_assert_cmpint (run.last.state, ==, LK_TRAIN_FAILED);
  g_assert_false (test_exists (f->output));
  g_clear_error (&run.error);
}

/* A network that cannot learn is told from one that does. */
static void
test_warnings (Fixture *f, gconstpointer data)
{
  Run run = { 0 };

  f->options.epochs = 4;
  f->options.rate = 1e-12; /* stays where it began: alike, for this small network */
  train_fully (&f->options, &run);
  g_test_message ("loss %.4f, warning %d", run.last.mean_loss, run.last.warning);
  g_assert_cmpint (run.last.warning, !=, LK_TRAIN_WARNING_NONE);
  f->options.rate = 3e-3;
  run = (Run){ 0 };
  train_fully (&f->options, &run);
  g_assert_cmpint (run.last.warning, ==, LK_TRAIN_WARNING_NONE);
}

/* One-shot trials say how many were won, choose the best epoch and end the run. */
static void
test_one_shot (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LkModel) model = NULL;
  Run run = { 0 };

  f->options.one_shot_ways = 100;
  g_assert_null (lk_trainer_start (&f->options, on_progress, &run, &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_NO_DATA);
  f->options.one_shot_ways = 2;
  f->options.one_shot_trials = 50;
  f->options.judge = LK_JUDGE_ONE_SHOT;
  f->options.patience = 3;
  f->options.epochs = 60;
  train_fully (&f->options, &run);
  g_test_message ("%.3f won, best epoch %d of %d", run.last.one_shot, run.last.best_epoch,
                  run.last.epoch);
  g_assert_cmpfloat (run.last.one_shot, >, 0.8);
  g_assert_cmpint (run.last.epoch, <, 60);
  g_assert_cmpint (run.last.epoch, ==, run.last.best_epoch + 3);

  /* The model is the best epoch's, and so is what is said of it. */
  model = lk_model_load (f->output, NULL);
  g_assert_null (lk_model_get_meta (model, "validation_eer"));
  g_assert_cmpfloat (g_ascii_strtod (lk_model_get_meta (model, "validation_one_shot"), NULL), >=,
                     run.last.one_shot);
}

/* Damaged pictures are passed over and counted, unless there is nothing else. */
static void
test_unusable (Fixture *f, gconstpointer data)
{
  g_autofree char *one = g_build_filename (f->data, "anchor/003.jpg", NULL);
  g_autofree char *two = g_build_filename (f->data, "negative/Other_AA_0001.jpg", NULL);
  Run run = { 0 };

  write_text (one, "not a picture");
  write_text (two, "");
  train_fully (&f->options, &run);
  g_assert_cmpint (run.last.n_unusable, >=, 1);
  g_assert_cmpint (run.last.n_unusable, <=, 2);

  for (int i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("anchor/%03d.jpg", i);
      g_autofree char *path = g_build_filename (f->data, name, NULL);

      write_text (path, "not a picture");
    }
  run = (Run){ 0 };
  train (&f->options, &run);
  g_assert_error (run.error, LK_ERROR, LK_ERROR_NO_DATA);
  g_clear_error (&run.error);
}

static void
assert_start_fails (const LkTrainOptions *options, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  Run run = { 0 };

  g_assert_null (lk_trainer_start (options, on_progress, &run, &error));
  g_assert_error (error, domain, code);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_errors (Fixture *f, gconstpointer data)
{
  g_autofree char *empty = g_build_filename (f->folder, "empty", NULL);
  g_autofree char *nowhere = g_build_filename (f->folder, "none", "model.safetensors", NULL);
  g_autofree char *missing = g_build_filename (f->folder, "none", NULL);
  LkTrainOptions o = f->options;

  g_mkdir (empty, 0700);
  o.data = empty;
  assert_start_fails (&o, LK_ERROR, LK_ERROR_NO_DATA);
  o.data = missing;
  assert_start_fails (&o, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  o = f->options;
  o.output = nowhere;
  assert_start_fails (&o, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  o = f->options;
  o.epochs = 0;
  assert_start_fails (&o, LK_ERROR, LK_ERROR_TOO_LARGE);
  o = f->options;
  o.batch_pairs = 100000;
  assert_start_fails (&o, LK_ERROR, LK_ERROR_TOO_LARGE);
  o = f->options;
  o.rate = (double) NAN;
  assert_start_fails (&o, LK_ERROR, LK_ERROR_TOO_LARGE);
  o = f->options;
  o.epochs = 1000000;
  o.steps_per_epoch = 1000000;
  assert_start_fails (&o, LK_ERROR, LK_ERROR_TOO_LARGE);
  o = f->options;
  o.network = (char *) "no-such-network";
  assert_run_fails (&o, LK_ERROR, LK_ERROR_NO_MODEL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define add(name, func)                                                                            \
  g_test_add ("/trainer/" name, Fixture, NULL, test_set_up, func, test_tear_down)
  g_test_add_func ("/trainer/recipes", test_recipes);
  add ("learns", test_learns);
  add ("people-grey", test_people_grey);
  add ("seed-matters", test_seed_matters);
  add ("mean-loss", test_mean_loss);
  add ("pause-and-stop", test_pause_and_stop);
  add ("free-while-paused", test_free_while_paused);
  add ("free-in-callback", test_free_in_callback);
  add ("stop-at-once", test_stop_at_once);
  add ("diverges", test_diverges);
  add ("warnings", test_warnings);
  add ("one-shot", test_one_shot);
  add ("unusable", test_unusable);
  add ("errors", test_errors);
  return g_test_run ();
}
