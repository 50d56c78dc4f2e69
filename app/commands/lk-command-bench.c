/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/lk-models.h"
#include "base/lk-cpu.h"
#include "base/lk-error.h"
#include "image/lk-jpeg.h"
#include "lk-command.h"
#include "nn/lk-infer.h"
#include "train/lk-training.h"
#include "verify/lk-verifier.h"

#include <glib/gi18n.h>
#include <math.h>
#include <stdio.h>

#define SECONDS   1.0 /* for which each thing is done again and again */
#define LEAST     3   /* times */
#define MOST      1000
#define N_ANCHORS 50
#define N_PAIRS   16
#define WIDTH     640
#define HEIGHT    480

/* Medians. */
typedef struct
{
  const char *name;
  int n_threads;       /* that there are */
  double embed_ms[2];  /* on one thread, on all */
  double frame_ms;     /* from a JPEG to the verdict, on all */
  double train_ms;     /* a step */
  gsize verify_memory; /* bytes: what is made ready, activations and scratch */
  gsize train_memory;  /* bytes: parameters, gradients, moments, activations and scratch */
} Result;

typedef gboolean (*RunFunc) (gpointer data, GError **error);

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Runs once to warm up and then again and again. */
static gboolean
measure (RunFunc run, gpointer data, double *median_ms, GError **error)
{
  double times[MOST];
  gint64 begun;
  int n = 0;

  if (!run (data, error))
    return FALSE;
  begun = g_get_monotonic_time ();
  while (n < MOST &&
         (n < LEAST || (double) (g_get_monotonic_time () - begun) < SECONDS * G_USEC_PER_SEC))
    {
      gint64 start = g_get_monotonic_time ();

      if (!run (data, error))
        return FALSE;
      times[n++] = (double) (g_get_monotonic_time () - start) / 1e3;
    }
  qsort (times, n, sizeof *times, compare);
  *median_ms = times[n / 2];
  return TRUE;
}

static gboolean
fail_memory (GError **error)
{
  g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                       _("There is not enough memory to measure this network. Close other "
                         "programs, or name a smaller one."));
  return FALSE;
}

static float *
draw_numbers (gsize n)
{
  float *numbers = g_try_new (float, n);
  LkRandom random;

  lk_random_seed (&random, n);
  for (gsize i = 0; numbers != NULL && i < n; i++)
    numbers[i] = (float) lk_random_range (&random, 0, 1);
  return numbers;
}

static gsize
picture_size (const LkNetwork *network)
{
  int height, width, channels;

  lk_network_get_input (network, &height, &width, &channels);
  return (gsize) height * (gsize) width * (gsize) channels;
}

/* ---- A single embedding. ---- */

typedef struct
{
  LkInfer *infer;
  float *picture, *embedding;
} Embedding;

static gboolean
run_embedding (gpointer data, GError **error)
{
  Embedding *self = data;

  lk_infer_embed (self->infer, self->picture, 1, self->embedding);
  return TRUE;
}

static gboolean
measure_embedding (const LkModel *model, int n_threads, double *ms, gsize *memory, GError **error)
{
  const LkNetwork *network = lk_model_get_network (model);
  LkPool *pool = n_threads > 1 ? lk_pool_new (n_threads, 0) : NULL;
  Embedding self = {
    .infer = lk_infer_new (network, lk_model_get_params (model), 1, pool),
    .picture = draw_numbers (picture_size (network)),
    .embedding = g_try_new (float, lk_network_get_embedding_size (network)),
  };
  gboolean ok;

  if (self.infer == NULL || self.picture == NULL || self.embedding == NULL)
    ok = fail_memory (error);
  else
    {
      ok = measure (run_embedding, &self, ms, error);
      *memory = lk_infer_get_memory (self.infer);
    }
  lk_infer_free (self.infer);
  lk_pool_free (pool);
  g_free (self.picture);
  g_free (self.embedding);
  return ok;
}

/* ---- From a camera's frame to the verdict. ---- */

typedef struct
{
  LkVerifier *verifier;
  LkFinder *finder;
  GBytes *jpeg;
} Frame;

/* Somebody's picture has about as much in it. */
static LkImage *
draw_picture (int width, int height)
{
  guint8 *pixels = g_malloc (3 * width * height);
  LkRandom random;

  lk_random_seed (&random, 1);
  for (int i = 0; i < 3 * width * height; i++)
    pixels[i] = (guint8) (120 + 50 * sin (0.01 * (i / 3 % width)) +
                          40 * cos (0.02 * (i / 3 / width)) + lk_random_range (&random, -6, 6));
  return lk_image_new_take (width, height, pixels);
}

static gboolean
run_frame (gpointer data, GError **error)
{
  const LkPolicy policy = LK_POLICY_DEFAULT;
  Frame *self = data;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (self->jpeg, &size);
  g_autoptr (LkImage) frame = lk_jpeg_decode (bytes, size, 0, error);
  g_autoptr (LkCheck) check = NULL;
  g_autoptr (GError) none = NULL;
  g_auto (LkSighting) seen = { 0 };

  if (frame == NULL)
    return FALSE;
  /* There is no face in it: the whole of it is searched, which takes longest. */
  if (!lk_finder_follow (self->finder, frame, g_get_monotonic_time (), LK_FACE_DETECT, NULL, &seen,
                         &none) &&
      none->domain != LK_RETRY)
    {
      g_propagate_error (error, g_steal_pointer (&none));
      return FALSE;
    }
  if (!seen.has_face && !lk_finder_look (self->finder, frame, LK_FACE_GUIDE, NULL, &seen, error))
    return FALSE;
  check = lk_verifier_check (self->verifier, &seen, &policy);
  return TRUE;
}

static gboolean
measure_frame (LkModel *model, double *ms, GError **error)
{
  g_autoptr (LkVerifier) verifier = lk_verifier_new (model, 0, error);
  g_autoptr (LkFinder) finder = lk_finder_new ();
  g_autoptr (LkImage) picture = draw_picture (WIDTH, HEIGHT);
  g_autoptr (LkImage) anchor = draw_picture (LK_FACE_CROP_SIDE, LK_FACE_CROP_SIDE);
  g_autoptr (GPtrArray) anchors = g_ptr_array_new ();
  g_autoptr (GBytes) jpeg = lk_jpeg_encode (picture, 85, error);
  Frame self = { verifier, finder, jpeg };

  for (int i = 0; i < N_ANCHORS; i++)
    g_ptr_array_add (anchors, anchor);
  return verifier != NULL && jpeg != NULL && lk_verifier_set_anchors (verifier, anchors, error) &&
         measure (run_frame, &self, ms, error);
}

/* ---- A step of training. ---- */

typedef struct
{
  LkTraining *training;
  LkBatch batch;
} Step;

static gboolean
run_step (gpointer data, GError **error)
{
  Step *self = data;
  double loss;

  return lk_training_step (self->training, &self->batch, &loss, error);
}

static gboolean
measure_step (LkModel *model, double *ms, gsize *memory, GError **error)
{
  gsize picture = picture_size (lk_model_get_network (model));
  g_autofree float *images = draw_numbers (2 * N_PAIRS * picture);
  g_autoptr (LkTraining) training = NULL;
  LkTrainOptions options;
  LkPair pairs[N_PAIRS];
  Step self;

  if (images == NULL)
    return fail_memory (error);
  for (int i = 0; i < N_PAIRS; i++)
    pairs[i] = (LkPair){ .a = i, .b = N_PAIRS + i, .same = i % 2 == 0 };
  lk_train_options_init (&options, lk_model_get_name (model));
  options.batch_pairs = N_PAIRS;
  training = lk_training_new (model, &options, NULL, error);
  lk_train_options_clear (&options);
  if (training == NULL)
    return FALSE;
  self = (Step){ training,
                 { .images = images, .n = 2 * N_PAIRS, .pairs = pairs, .n_pairs = N_PAIRS } };
  *memory = lk_pass_get_memory (training->pass) +
            (4 * lk_network_get_size (training->network) + 2 * N_PAIRS * picture) * sizeof (float);
  return measure (run_step, &self, ms, error);
}

static gboolean
measure_all (LkModel *model, Result *result, GError **error)
{
  LkPool *pool = lk_pool_new (0, 0);
  gsize memory;

  result->name = lk_model_get_name (model);
  result->n_threads = lk_pool_get_n_threads (pool);
  lk_pool_free (pool);
  return measure_embedding (model, 1, &result->embed_ms[0], &memory, error) &&
         measure_embedding (model, result->n_threads, &result->embed_ms[1], &result->verify_memory,
                            error) &&
         measure_frame (model, &result->frame_ms, error) &&
         measure_step (model, &result->train_ms, &result->train_memory, error);
}

static void
print_json (const Result *result)
{
  const struct
  {
    const char *name;
    double value;
  } numbers[] = {
    { "embed_one_thread_ms", result->embed_ms[0] },
    { "embed_ms", result->embed_ms[1] },
    { "frame_to_verdict_ms", result->frame_ms },
    { "train_step_ms", result->train_ms },
    { "train_pairs_per_s", N_PAIRS * 1e3 / result->train_ms },
    { "verify_memory_mb", (double) result->verify_memory / 1e6 },
    { "train_memory_mb", (double) result->train_memory / 1e6 },
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "network");
  json_builder_add_string_value (builder, result->name);
  json_builder_set_member_name (builder, "instructions");
  json_builder_add_string_value (builder, lk_cpu_level_to_string (lk_cpu_get_level ()));
  json_builder_set_member_name (builder, "threads");
  json_builder_add_int_value (builder, result->n_threads);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      json_builder_set_member_name (builder, numbers[i].name);
      json_builder_add_double_value (builder, numbers[i].value);
    }
  json_builder_end_object (builder);
  lk_command_print_json (builder);
}

static void
print_text (const Result *result, gboolean first)
{
  if (first)
    printf (_("Instructions: %s\n"), lk_cpu_level_to_string (lk_cpu_get_level ()));
  printf (_("%s\n"
            "  embedding         %8.2f ms on one thread, %.2f ms on %d\n"
            "  frame to verdict  %8.2f ms\n"
            "  training step     %8.1f ms, %.1f pairs a second\n"
            "  memory            %8.0f MB to verify, %.0f MB to train\n"),
             result->name, result->embed_ms[0], result->embed_ms[1], result->n_threads,
             result->frame_ms, result->train_ms, N_PAIRS * 1e3 / result->train_ms,
             (double) result->verify_memory / 1e6, (double) result->train_memory / 1e6);
  fflush (stdout);
}

int
lk_command_bench (int argc, char *argv[])
{
  gboolean json = FALSE;
  const GOptionEntry options[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_("Print one JSON object a network"), NULL },
      { NULL },
  };
  int n, status = lk_command_parse (
             &argc, &argv, options, "[MODEL...]",
             _("Measures how fast the networks are on this computer, as the median of some "
               "seconds each: one embedding; from a camera's frame (a JPEG of 640x480) to the "
               "verdict by 50 anchors; and a step of training with 16 pairs. Without a MODEL it "
               "takes the program's own networks. The environment variable LIKENESS_CPU "
               "(portable, avx2, avx512) forces simpler instructions."));
  const LkBuiltinNetwork *own = lk_models_get_builtin (&n);

  if (status >= 0)
    return status;
  for (int i = 0; i < (argc > 1 ? argc - 1 : n); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LkModel) model = lk_model_load (argc > 1 ? argv[1 + i] : own[i].name, &error);
      Result result;

      if (model == NULL || !measure_all (model, &result, &error))
        return lk_command_fail (error);
      if (json)
        print_json (&result);
      else
        print_text (&result, i == 0);
    }
  return LK_EXIT_OK;
}
