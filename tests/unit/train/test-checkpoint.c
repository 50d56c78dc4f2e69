/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-test-training.h"
#include "model/lk-safetensors.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *program;

/* The files of two runs hold the same numbers. */
static void
assert_same_tensors (const char *a, const char *b)
{
  g_autoptr (LkSafetensors) x = lk_safetensors_open (a, NULL), y = lk_safetensors_open (b, NULL);
  gsize n, m;
  const LkTensor *tensors;

  g_assert_nonnull (x);
  g_assert_nonnull (y);
  tensors = lk_safetensors_get_all (x, &n);
  lk_safetensors_get_all (y, &m);
  g_assert_cmpuint (n, ==, m);
  g_assert_cmpuint (n, >, 0);
  for (gsize i = 0; i < n; i++)
    {
      const LkTensor *other = lk_safetensors_get (y, tensors[i].name);

      g_assert_nonnull (other);
      g_assert_cmpmem (tensors[i].data, tensors[i].n * 4, other->data, other->n * 4);
    }
  g_assert_cmpstr (lk_safetensors_get_meta (x, "step"), ==, lk_safetensors_get_meta (y, "step"));
  g_assert_cmpstr (lk_safetensors_get_meta (x, "random"), ==,
                   lk_safetensors_get_meta (y, "random"));
}

/* Stopped in the middle of epochs, at a checkpoint and at an end, and gone on with. */
static void
test_resume_exactly (Fixture *f, gconstpointer data)
{
  const char *kind = data;
  g_autofree char *other = g_build_filename (f->folder, "out/whole.safetensors", NULL);
  g_autofree char *other_checkpoint = g_strconcat (other, ".checkpoint", NULL);
  const int stops[] = { 3, 17, 40 };
  Run whole = { 0 }, last = { 0 };
  int n_interrupted = 0;

  if (kind == NULL)
    {
      f->options.schedule = LK_SCHEDULE_EXPONENTIAL;
      f->options.clip_value = 0.5;
      f->options.optimizer = LK_OPTIMIZER_MUON;
    }
  else
    {
      f->options.loss = LK_TRAIN_TRIPLET;
      f->options.mining = LK_MINING_RANDOM;
      f->options.augment = lk_augment_faces;
      f->options.patience = 100;
      f->options.warmup_steps = 15;
      f->options.optimizer = LK_OPTIMIZER_SGD;
      f->options.clip_norm = 3;
      f->options.rate = 0.05;
    }
  g_free (f->options.output);
  f->options.output = g_strdup (other);
  train_fully (&f->options, &whole);

  g_free (f->options.output);
  f->options.output = g_strdup (f->output);
  f->options.resume = TRUE; /* there is nothing to go on from yet */
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      Run part = { .stop_at_step = stops[i] };

      train_fully (&f->options, &part);
      n_interrupted += part.last.step < 60;
    }
  g_assert_cmpint (n_interrupted, ==, 3);
  f->options.epochs = 5;
  train_fully (&f->options, &last);
  g_assert_cmpint (last.last.step, ==, 50);
  f->options.epochs = 6;
  last = (Run){ 0 };
  train_fully (&f->options, &last);
  g_assert_cmpint (last.last.step, ==, 60);
  g_assert_cmpfloat (last.last.mean_loss, ==, whole.last.mean_loss);
  g_assert_cmpfloat (last.last.validation_loss, ==, whole.last.validation_loss);
  g_assert_cmpint (last.last.best_epoch, ==, whole.last.best_epoch);
  assert_same_tensors (f->output, other);
  assert_same_tensors (f->checkpoint, other_checkpoint);

  /* The checkpoint of the other threads' count goes on as well, only not exactly. */
  f->options.n_threads = 1;
  f->options.epochs = 7;
  last = (Run){ 0 };
  train_fully (&f->options, &last);
  g_assert_cmpint (last.last.step, ==, 70);
}

/* A checkpoint of another run, and damaged ones, are told and kept. */
static void
test_checkpoint_errors (Fixture *f, gconstpointer data)
{
  g_autofree char *content = NULL;
  g_autofree char *picture = g_build_filename (f->data, "anchor/039.jpg", NULL);
  Run run = { 0 };
  gsize size;

  f->options.epochs = 1;
  train_fully (&f->options, &run);
  f->options.resume = TRUE;
  f->options.epochs = 2;
  f->options.seed++;
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_SHAPE);
  f->options.seed--;
  f->options.batch_pairs++;
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_SHAPE);
  f->options.batch_pairs--;
  write_text (f->network, TEST_NETWORK_GREY);
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_SHAPE);
  write_text (f->network, TEST_NETWORK);

  g_assert_true (g_file_get_contents (f->checkpoint, &content, &size, NULL));
  for (gsize cut = 0; cut < 6; cut++)
    {
      g_assert_true (g_file_set_contents (f->checkpoint, content, (gssize) (size * cut / 6), NULL));
      assert_run_fails (&f->options, LK_ERROR, LK_ERROR_FORMAT);
    }
  g_assert_true (g_file_set_contents (f->checkpoint, content, (gssize) size, NULL));

  /* A trained model is not a checkpoint. */
  {
    g_autofree char *model = NULL;
    gsize model_size;

    g_assert_true (g_file_get_contents (f->output, &model, &model_size, NULL));
    g_assert_true (g_file_set_contents (f->checkpoint, model, (gssize) model_size, NULL));
    assert_run_fails (&f->options, LK_ERROR, LK_ERROR_FORMAT);
    g_assert_true (g_file_set_contents (f->checkpoint, content, (gssize) size, NULL));
  }
  g_unlink (picture);
  assert_run_fails (&f->options, LK_ERROR, LK_ERROR_SHAPE);
}

/* Trains until it is killed. */
static int
train_as_child (char *folder)
{
  Fixture f = { 0 };
  Run run = { 0 };

  lk_train_options_init (&f.options, "tiny");
  g_free (f.options.network);
  f.options.network = g_build_filename (folder, "tiny.net", NULL);
  f.options.data = g_build_filename (folder, "data", NULL);
  f.options.output = g_build_filename (folder, "out/model.safetensors", NULL);
  f.options.batch_pairs = 4;
  f.options.steps_per_epoch = 1;
  f.options.checkpoint_epochs = 1; /* most of the time is spent writing */
  f.options.epochs = 100000;
  f.options.n_threads = 1;
  f.options.resume = TRUE;
  train_fully (&f.options, &run);
  return 0;
}

/* In nanoseconds; 0 when there is no such file. */
static gint64
changed_at (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return 0;
  return (gint64) info.st_mtim.tv_sec * 1000000000 + info.st_mtim.tv_nsec;
}

/* Whenever the process dies, the checkpoint is whole and the run goes on from it. */
static void
test_kill (Fixture *f, gconstpointer data)
{
  int rounds = g_test_slow () ? 50 : 10, n_grown = 0;
  gint64 last_step = 0;
  LkRandom random;

  lk_random_seed (&random, (guint64) g_get_monotonic_time ());
  for (int i = 0; i < rounds; i++)
    {
      char *argv[] = { (char *) program, (char *) "--train", f->folder, NULL };
      g_autoptr (LkSafetensors) file = NULL;
      g_autoptr (GError) error = NULL;
      gint64 step = 0, deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
      gint64 before = changed_at (f->checkpoint);
      GPid pid;
      int status;

      g_assert_true (
          g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error));
      /* Every other time when it is certainly writing one checkpoint after the other. */
      while ((i % 2 == 0 ? changed_at (f->checkpoint) == before : !test_exists (f->checkpoint)) &&
             g_get_monotonic_time () < deadline)
        g_usleep (1000);
      g_usleep (lk_random_below (&random, i % 2 == 0 ? 20000 : 200000));
      g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
      g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);

      file = lk_safetensors_open (f->checkpoint, &error);
      g_assert_no_error (error);
      g_assert_true (g_ascii_string_to_signed (lk_safetensors_get_meta (file, "step"), 10, 1,
                                               G_MAXINT, &step, &error));
      g_assert_cmpint (step, >=, last_step);
      n_grown += step > last_step;
      last_step = step;
    }
  g_test_message ("%d rounds, %d went on, %" G_GINT64_FORMAT " steps", rounds, n_grown, last_step);
  g_assert_cmpint (n_grown, >=, rounds / 2);
}

int
main (int argc, char *argv[])
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], "--train") == 0)
    return train_as_child (argv[2]);
  g_test_init (&argc, &argv, NULL);
#define add(name, func)                                                                            \
  g_test_add ("/checkpoint/" name, Fixture, NULL, test_set_up, func, test_tear_down)
  add ("resume-exactly", test_resume_exactly);
  g_test_add ("/checkpoint/resume-exactly-all", Fixture, "all", test_set_up, test_resume_exactly,
              test_tear_down);
  add ("errors", test_checkpoint_errors);
  add ("kill", test_kill);
  return g_test_run ();
}
