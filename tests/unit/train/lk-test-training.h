/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-test-people.h"
#include "train/lk-trainer.h"

/* A run of the trainer in a test's main loop, and a folder with pictures to train on. */
typedef struct
{
  GMainLoop *loop;
  LkTrainer *trainer;
  GThread *main_thread;
  LkTrainProgress last;
  LkTrainState states[64];
  int n_states;
  int n_calls, n_epochs_ended;
  GError *error;
  /* What to do, when: */
  int stop_at_step, pause_at_step, free_at_step;
  int step_at_pause;
} Run;

static inline gboolean
resume_later (gpointer data)
{
  Run *run = data;

  run->step_at_pause = run->last.step;
  lk_trainer_resume (run->trainer);
  return G_SOURCE_REMOVE;
}

static inline void
on_progress (const LkTrainProgress *progress, const GError *error, gpointer data)
{
  Run *run = data;

  g_assert_true (g_thread_self () == run->main_thread);
  g_assert_cmpint (progress->step, >=, run->last.step);
  g_assert_cmpint (progress->step, <=, progress->steps);
  if (run->n_calls++ == 0 || progress->state != run->last.state)
    {
      g_assert_cmpint (run->n_states, <, G_N_ELEMENTS (run->states));
      run->states[run->n_states++] = progress->state;
      if (progress->state == LK_TRAIN_PAUSED)
        g_timeout_add (150, resume_later, run);
    }
  run->last = *progress;
  if (progress->epoch_ended)
    {
      run->n_epochs_ended++;
      g_assert_cmpint (progress->step % (progress->steps / progress->epochs), ==, 0);
      g_assert_cmpint (progress->epoch, ==, progress->step / (progress->steps / progress->epochs));
    }
  g_assert_cmpint (error != NULL, ==, progress->state == LK_TRAIN_FAILED);
  if (error != NULL)
    run->error = g_error_copy (error);
  if (run->pause_at_step > 0 && progress->step >= run->pause_at_step)
    {
      run->pause_at_step = 0;
      lk_trainer_pause (run->trainer);
    }
  if (run->stop_at_step > 0 && progress->step >= run->stop_at_step &&
      progress->state == LK_TRAIN_RUNNING)
    {
      run->stop_at_step = 0;
      lk_trainer_stop (run->trainer);
    }
  if (run->free_at_step > 0 && progress->step >= run->free_at_step)
    {
      run->free_at_step = 0;
      g_clear_pointer (&run->trainer, lk_trainer_free);
      g_main_loop_quit (run->loop);
    }
  if (progress->state == LK_TRAIN_DONE || progress->state == LK_TRAIN_FAILED)
    g_main_loop_quit (run->loop);
}

static inline void
train (const LkTrainOptions *options, Run *run)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);

  run->loop = loop;
  run->main_thread = g_thread_self ();
  run->trainer = lk_trainer_start (options, on_progress, run, &error);
  g_assert_no_error (error);
  g_main_loop_run (loop);
  g_clear_pointer (&run->trainer, lk_trainer_free);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static inline void
train_fully (const LkTrainOptions *options, Run *run)
{
  train (options, run);
  g_assert_no_error (run->error);
  g_assert_cmpint (run->last.state, ==, LK_TRAIN_DONE);
}

typedef struct
{
  char *folder, *network, *data, *output, *checkpoint;
  LkTrainOptions options;
} Fixture;

static inline void
write_text (const char *path, const char *text)
{
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static inline void
test_set_up (Fixture *f, gconstpointer data)
{
  f->folder = test_folder_new ();
  f->network = test_folder_path (f->folder, "tiny.net");
  f->data = g_build_filename (f->folder, "data", NULL);
  f->output = test_folder_path (f->folder, "out/model.safetensors");
  f->checkpoint = g_strconcat (f->output, ".checkpoint", NULL);
  write_text (f->network, TEST_NETWORK);
  test_people_documents (f->data, 40);
  lk_train_options_init (&f->options, f->network);
  f->options.data = g_strdup (f->data);
  f->options.output = g_strdup (f->output);
  f->options.batch_pairs = 8;
  f->options.steps_per_epoch = 10;
  f->options.epochs = 6;
  f->options.rate = 3e-3;
  f->options.n_threads = 2;
  f->options.seed = 5;
}

static inline void
test_tear_down (Fixture *f, gconstpointer data)
{
  lk_train_options_clear (&f->options);
  test_folder_remove (f->folder);
  g_free (f->folder);
  g_free (f->network);
  g_free (f->data);
  g_free (f->output);
  g_free (f->checkpoint);
}

static inline gboolean
test_exists (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static inline void
assert_run_fails (const LkTrainOptions *options, GQuark domain, int code)
{
  Run run = { 0 };

  train (options, &run);
  g_assert_error (run.error, domain, code);
  g_assert_true (g_str_has_suffix (run.error->message, "."));
  g_clear_error (&run.error);
}
