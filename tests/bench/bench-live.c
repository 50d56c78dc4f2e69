/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Measures the live path beside a training.  usage: bench-live [NETWORK [SECONDS [FPS]]]
 *
 * A camera of files sends frames of 640x480; each goes to the preview (the main thread, where
 * the window would show it) and to the verifier (found, embedded, compared with 50 anchors),
 * newest wins.  First alone, then beside a training of the same network, untrained, with as
 * many threads as there are cores.
 *
 * delivered_fps: of the preview; longest_gap_ms: between two frames of it; ms: from a frame's
 * being complete to its verdict on the main thread. */
#include "../unit/face/draw-face.h"
#include "../unit/train/lk-test-people.h"
#include "bench.h"

#include "base/lk-mailbox.h"
#include "base/lk-worker.h"
#include "camera/lk-camera.h"
#include "train/lk-trainer.h"
#include "verify/lk-verifier.h"

#include <stdio.h>
#include <stdlib.h>

#define N_ANCHORS  50
#define N_PICTURES 30
#define N_SAMPLES  100 /* of each kind, to train on */
#define WARM_UP_S  1.0

typedef struct
{
  GMainLoop *loop;
  LkFinder *finder;
  LkVerifier *verifier;
  LkWorker *worker;
  LkMailbox *preview;
  LkTrainProgress progress;
  gboolean is_counting;
  int n_shown;
  gint64 last_shown_us, longest_gap_us;
  GArray *delays; /* double: ms */
} Live;

typedef struct
{
  gint64 when_us;
} Verdict;

static void
fail (const char *what, const GError *error)
{
  fprintf (stderr, "%s: %s\n", what, error != NULL ? error->message : "failed");
  exit (2);
}

/* The inference thread. */
static gpointer
work (gpointer item, gpointer data, GError **error)
{
  const LkPolicy policy = LK_POLICY_DEFAULT;
  Live *self = data;
  g_autoptr (LkFrame) frame = item;
  g_autoptr (LkCheck) check = NULL;
  g_auto (LkSighting) seen = { 0 };
  Verdict *verdict = g_new0 (Verdict, 1);

  if (lk_finder_follow (self->finder, frame->image, frame->when_us, LK_FACE_DETECT, NULL, &seen,
                        NULL))
    {
      check = lk_verifier_check (self->verifier, &seen, &policy);
      verdict->when_us = frame->when_us;
    }
  return verdict;
}

static void
on_verdict (gpointer item, const GError *error, gpointer data)
{
  Live *self = data;
  g_autofree Verdict *verdict = item;
  double ms = (double) (g_get_monotonic_time () - verdict->when_us) / 1e3;

  if (self->is_counting && verdict->when_us > 0)
    g_array_append_val (self->delays, ms);
}

static void
on_preview (gpointer item, gpointer data)
{
  Live *self = data;
  gint64 now = g_get_monotonic_time ();

  lk_frame_unref (item);
  if (!self->is_counting)
    return;
  self->n_shown++;
  if (self->last_shown_us > 0)
    self->longest_gap_us = MAX (self->longest_gap_us, now - self->last_shown_us);
  self->last_shown_us = now;
}

/* The camera's thread. */
static void
on_frame (LkFrame *frame, gpointer data)
{
  Live *self = data;

  lk_mailbox_post (self->preview, lk_frame_ref (frame));
  lk_worker_submit (self->worker, lk_frame_ref (frame));
}

static void
on_state (LkCameraState state, const char *detail, const GError *error, gpointer data)
{
  if (state == LK_CAMERA_FAILED)
    fail ("camera", error);
}

static void
on_progress (const LkTrainProgress *progress, const GError *error, gpointer data)
{
  Live *self = data;

  if (progress->state == LK_TRAIN_FAILED)
    fail ("training", error);
  self->progress = *progress;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
run_for (Live *self, double seconds)
{
  g_timeout_add ((guint) (seconds * 1e3), quit, self->loop);
  g_main_loop_run (self->loop);
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
measure (Live *self, const char *network, const char *beside, double fps, double seconds)
{
  const double *delays;
  int n, step = self->progress.step;
  double begun, took;

  run_for (self, WARM_UP_S);
  g_array_set_size (self->delays, 0);
  self->n_shown = 0;
  self->last_shown_us = self->longest_gap_us = 0;
  self->is_counting = TRUE;
  begun = bench_now ();
  step = self->progress.step;
  run_for (self, seconds);
  took = bench_now () - begun;
  self->is_counting = FALSE;
  g_array_sort (self->delays, compare);
  n = (int) self->delays->len;
  if (n == 0)
    fail ("verifier", NULL);
  delays = (const double *) (gpointer) self->delays->data;
  printf ("{\"case\": \"live/%s/%s\", \"camera_fps\": %g, \"delivered_fps\": %.2f, "
          "\"longest_gap_ms\": %.1f, \"verdicts_per_s\": %.2f, \"median_ms\": %.2f, "
          "\"p95_ms\": %.2f, \"training_steps_per_s\": %.2f, \"seconds\": %.1f}\n",
          network, beside, fps, self->n_shown / took, (double) self->longest_gap_us / 1e3, n / took,
          delays[n / 2], delays[(n - 1) * 95 / 100], (self->progress.step - step) / took, took);
  fflush (stdout);
}

/* A face that moves from side to side. */
static void
draw_frames (const char *folder)
{
  for (int i = 0; i < N_PICTURES; i++)
    {
      g_autofree char *name = g_strdup_printf ("frames/%02d.jpg", i);
      g_autofree char *path = test_folder_path (folder, name);
      DrawnFace face = {
        .x = 280 + 5 * ABS (i - N_PICTURES / 2), .y = 200, .eyes = 70, .light = 1
      };
      g_autoptr (LkImage) image = draw_faces (640, 480, &face, 1);

      if (!lk_image_save (image, path, NULL))
        fail (path, NULL);
    }
}

int
main (int argc, char *argv[])
{
  const char *network = argc > 1 ? argv[1] : "siamese";
  double seconds = argc > 2 ? g_ascii_strtod (argv[2], NULL) : 8;
  double fps = argc > 3 ? g_ascii_strtod (argv[3], NULL) : 30;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = test_folder_new ();
  g_autofree char *data = g_build_filename (folder, "data", NULL);
  g_autofree char *output = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *source = g_strdup_printf ("files:%s/frames", folder);
  LkCameraOptions camera_options = { .source = source, .fps = fps };
  g_autoptr (LkModel) model = lk_model_load (network, &error);
  g_autoptr (GPtrArray) anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  LkTrainOptions options;
  LkCamera *camera;
  LkTrainer *trainer;
  Live self = { .loop = g_main_loop_new (NULL, FALSE), .finder = lk_finder_new () };

  if (model == NULL)
    fail (network, error);
  draw_frames (folder);
  test_people_documents (data, N_SAMPLES);
  self.verifier = lk_verifier_new (model, 0, &error);
  for (int i = 0; i < N_ANCHORS; i++)
    {
      DrawnFace face = { .x = 50, .y = 40, .eyes = 30 + i % 7, .light = 1 };

      g_ptr_array_add (anchors, draw_faces (100, 100, &face, 1));
    }
  if (self.verifier == NULL || !lk_verifier_set_anchors (self.verifier, anchors, &error))
    fail (network, error);
  self.delays = g_array_new (FALSE, FALSE, sizeof (double));
  self.preview = lk_mailbox_new (on_preview, &self, (GDestroyNotify) lk_frame_unref);
  self.worker = lk_worker_new (work, on_verdict, &self, (GDestroyNotify) lk_frame_unref, g_free);
  camera = lk_camera_new (&camera_options);
  lk_camera_start (camera, on_frame, on_state, &self);
  measure (&self, network, "alone", fps, seconds);

  lk_train_options_init (&options, network);
  options.data = g_strdup (data);
  options.output = g_strdup (output);
  options.epochs = 1000;
  trainer = lk_trainer_start (&options, on_progress, &self, &error);
  if (trainer == NULL)
    fail ("training", error);
  while (self.progress.step < 2)
    g_main_context_iteration (NULL, TRUE);
  measure (&self, network, "training", fps, seconds);

  lk_trainer_free (trainer);
  lk_train_options_clear (&options);
  lk_camera_free (camera);
  lk_worker_free (self.worker);
  lk_mailbox_free (self.preview);
  lk_finder_free (self.finder);
  lk_verifier_free (self.verifier);
  g_array_unref (self.delays);
  g_main_loop_unref (self.loop);
  test_folder_remove (folder);
  return 0;
}
