/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-evaluation.h"

#include "base/lk-error.h"
#include "base/lk-secret.h"
#include "face/lk-align.h"
#include "face/lk-finder.h"
#include "image/lk-image.h"
#include "nn/lk-infer.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Pictures read, and embedded, at a time: enough for the threads to share evenly. */
#define BATCH 16

typedef struct
{
  LkModelRun *run;  /* (not owned) */
  LkInfer *infer;   /* (nullable): NULL for the baseline */
  float *input;     /* [BATCH, height, width, channels] */
  float *embedding; /* [n_pictures looked at, size] */
  int height, width, channels;
  gint64 embed_us;
} Runner;

typedef struct
{
  const LkProtocol *protocol;
  const LkEvaluationOptions *options;
  LkEvaluation *result;
  LkPool *pool;
  LkFinder **finders; /* [threads] */
  GArray *runners;    /* (element-type Runner) */
  int *rows;          /* [pictures]: its place among those looked at; -1: none, or failed */
  int *wanted;        /* [n]: pictures looked at */
  int n;
  int begin;             /* of the batch in hand, an index into wanted */
  LkImage *crops[BATCH]; /* (owned) (nullable) each */
  GError *errors[BATCH]; /* (owned) (nullable) each */
} Work;

static void
clear_failure (gpointer failure)
{
  g_free (((LkFailure *) failure)->why);
}

static void
run_free (LkModelRun *run)
{
  g_clear_pointer (&run->model, lk_model_unref);
  g_free (run->name);
  g_free (run->scores);
  g_free (run->cosines);
  g_free (run->correct);
  if (run->embeddings != NULL)
    lk_secret_wipe (run->embeddings,
                    sizeof (float) * (gsize) run->n_embeddings * (gsize) run->size);
  g_free (run->embeddings);
  g_free (run);
}

void
lk_evaluation_free (LkEvaluation *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->failures);
  g_ptr_array_unref (self->runs);
  g_free (self->rows);
  g_free (self);
}

static void
work_clear (Work *self)
{
  for (int t = 0; self->finders != NULL && t < lk_pool_get_n_threads (self->pool); t++)
    lk_finder_free (self->finders[t]);
  g_free (self->finders);
  for (guint i = 0; self->runners != NULL && i < self->runners->len; i++)
    {
      Runner *runner = &g_array_index (self->runners, Runner, i);

      lk_infer_free (runner->infer);
      g_free (runner->input);
      /* Too many to be locked: that memory is the anchors'. */
      if (runner->embedding != NULL)
        lk_secret_wipe (runner->embedding,
                        sizeof (float) * (gsize) self->n * (gsize) runner->run->size);
      g_free (runner->embedding);
    }
  g_clear_pointer (&self->runners, g_array_unref);
  for (int i = 0; i < BATCH; i++)
    {
      g_clear_pointer (&self->crops[i], lk_image_unref);
      g_clear_error (&self->errors[i]);
    }
  g_free (self->rows);
  g_free (self->wanted);
  lk_pool_free (self->pool);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

/* ---- pictures ---- */

static LkImage *
load_crop (const LkProtocol *protocol, int picture, const LkEvaluationOptions *options,
           LkFinder *finder, GError **error)
{
  const char *path = g_array_index (protocol->pictures, LkProtocolPicture, picture).path;
  g_autoptr (LkImage) image = lk_image_load (path, error), face = NULL;

  if (image == NULL)
    return NULL;
  if (protocol->kind == LK_PICTURE_PLAIN)
    return g_steal_pointer (&image);
  if (protocol->kind == LK_PICTURE_ALIGNED)
    {
      int side = MIN (LK_FACE_CROP_SIDE, MIN (image->width, image->height));

      face = lk_image_crop (image, (image->width - side) / 2, (image->height - side) / 2, side,
                            side);
      return lk_face_to_crop (face);
    }
  face = lk_finder_extract (finder, image, options->rule, NULL, error);
  return face != NULL ? lk_face_to_crop (face) : NULL;
}

LkImage *
lk_evaluation_load (const LkProtocol *protocol, int picture, const LkEvaluationOptions *options,
                    GError **error)
{
  g_autoptr (LkFinder) finder = lk_finder_new ();

  return load_crop (protocol, picture, options, finder, error);
}

static void
load_some (int begin, int end, int thread, void *data)
{
  Work *self = data;

  for (int i = begin; i < end; i++)
    self->crops[i] = load_crop (self->protocol, self->wanted[self->begin + i], self->options,
                                self->finders[thread], &self->errors[i]);
}

/* ---- embedding ---- */

/* Grey pixels as they are, or (@ink) how dark they are: what nearest neighbours are told by. */
static void
embed_plain (const Runner *runner, gboolean ink, const float *input, float *out)
{
  gsize n = (gsize) runner->height * (gsize) runner->width;

  for (gsize i = 0; i < n; i++)
    out[i] = ink ? 1 - input[i] : input[i];
}

static void
embed_batch (Work *self, Runner *runner, const int *places, int n, int first_row)
{
  gsize pixels = (gsize) runner->height * (gsize) runner->width * (gsize) runner->channels;
  float *out = runner->embedding + (gsize) first_row * (gsize) runner->run->size;
  gboolean plain = self->protocol->kind == LK_PICTURE_PLAIN;
  gint64 begun;

  for (int i = 0; i < n; i++)
    {
      /* A network is trained on crops, and sees drawings as one, too. */
      g_autoptr (LkImage) crop = plain && runner->infer != NULL
                                     ? lk_face_to_crop (self->crops[places[i]])
                                     : lk_image_ref (self->crops[places[i]]);

      lk_face_to_input (crop, runner->height, runner->width, runner->channels,
                        runner->input + (gsize) i * pixels);
    }
  begun = g_get_monotonic_time ();
  if (runner->infer != NULL)
    lk_infer_embed (runner->infer, runner->input, n, out);
  else
    for (int i = 0; i < n; i++)
      embed_plain (runner, plain, runner->input + (gsize) i * pixels, out + (gsize) i * pixels);
  runner->embed_us += g_get_monotonic_time () - begun;
}

/* Reads and embeds the batch that begins at self->begin; rows are given from *n_rows. */
static void
do_batch (Work *self, int *n_rows)
{
  int n = MIN (BATCH, self->n - self->begin), n_here = 0, places[BATCH];

  lk_pool_run (self->pool, n, 1, load_some, self);
  for (int i = 0; i < n; i++)
    {
      int picture = self->wanted[self->begin + i];

      if (self->crops[i] != NULL)
        {
          self->rows[picture] = *n_rows + n_here;
          places[n_here++] = i;
        }
      else
        {
          LkFailure failure = { picture, g_strdup (self->errors[i]->message) };

          g_array_append_val (self->result->failures, failure);
          g_clear_error (&self->errors[i]);
        }
    }
  for (guint r = 0; n_here > 0 && r < self->runners->len; r++)
    embed_batch (self, &g_array_index (self->runners, Runner, r), places, n_here, *n_rows);
  *n_rows += n_here;
  for (int i = 0; i < n; i++)
    g_clear_pointer (&self->crops[i], lk_image_unref);
}

/* ---- scoring ---- */

typedef struct
{
  const Work *work;
  const Runner *runner;
} Scoring;

static double
dot (const float *a, const float *b, int n)
{
  double sum = 0;

  for (int i = 0; i < n; i++)
    sum += (double) a[i] * (double) b[i];
  return sum;
}

static double
cosine (const float *a, const float *b, int n)
{
  return dot (a, b, n) / sqrt (MAX (1e-30, dot (a, a, n) * dot (b, b, n)));
}

static float
compare (const Scoring *self, const float *a, const float *b)
{
  const Runner *runner = self->runner;
  double sum = 0;
  float score;

  if (runner->infer != NULL)
    {
      lk_infer_score (runner->infer, a, b, 1, &score);
      return score;
    }
  if (self->work->protocol->kind == LK_PICTURE_PLAIN)
    return (float) cosine (a, b, runner->run->size);
  for (int i = 0; i < runner->run->size; i++)
    sum += (double) (a[i] - b[i]) * (double) (a[i] - b[i]);
  return (float) (1 / (1 + sqrt (sum)));
}

/* (nullable): the embedding of a picture */
static const float *
row_of (const Work *work, const Runner *runner, int picture)
{
  int row = work->rows[picture];

  return row >= 0 ? runner->embedding + (gsize) row * (gsize) runner->run->size : NULL;
}

static void
score_pairs (int begin, int end, int thread, void *data)
{
  const Scoring *self = data;
  LkModelRun *run = self->runner->run;

  for (int i = begin; i < end; i++)
    {
      const LkProtocolPair *pair = &g_array_index (self->work->protocol->pairs, LkProtocolPair, i);
      const float *a = row_of (self->work, self->runner, pair->a);
      const float *b = row_of (self->work, self->runner, pair->b);

      run->scores[i] = run->cosines[i] = NAN;
      if (a == NULL || b == NULL)
        continue;
      run->scores[i] = compare (self, a, b);
      run->cosines[i] = (float) cosine (a, b, run->size);
    }
}

static void
score_trials (int begin, int end, int thread, void *data)
{
  const Scoring *self = data;
  const LkProtocol *protocol = self->work->protocol;

  for (int i = begin; i < end; i++)
    {
      const LkProtocolTrial *trial = &g_array_index (protocol->trials, LkProtocolTrial, i);
      const float *probe = row_of (self->work, self->runner, trial->probe);
      float best = -INFINITY, right = NAN;

      for (int c = 0; c < trial->n && probe != NULL; c++)
        {
          int picture = g_array_index (protocol->candidates, int, trial->first + c);
          const float *candidate = row_of (self->work, self->runner, picture);

          if (candidate != NULL && c == trial->correct)
            right = compare (self, probe, candidate);
          else if (candidate != NULL)
            best = MAX (best, compare (self, probe, candidate));
        }
      self->runner->run->correct[i] = right > best;
    }
}

/* ---- the whole ---- */

static gboolean
set_no_memory (GError **error)
{
  g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                       _ ("There is not enough memory for these models and so many pictures. Close "
                          "other programs, or choose fewer."));
  return FALSE;
}

static gboolean
add_runner (Work *self, LkModel *model, GError **error)
{
  int n_pairs = (int) self->protocol->pairs->len, n_trials = (int) self->protocol->trials->len;
  Runner *runner;

  g_array_set_size (self->runners, self->runners->len + 1); /* cleared */
  runner = &g_array_index (self->runners, Runner, self->runners->len - 1);
  runner->run = g_new0 (LkModelRun, 1);
  g_ptr_array_add (self->result->runs, runner->run);
  runner->run->name = g_strdup (model != NULL ? lk_model_get_name (model) : "nearest-neighbour");
  if (model == NULL)
    {
      runner->height = runner->width = LK_BASELINE_SIDE;
      runner->channels = 1;
      runner->run->size = LK_BASELINE_SIDE * LK_BASELINE_SIDE;
    }
  else
    {
      const LkNetwork *network = lk_model_get_network (model);

      runner->run->model = lk_model_ref (model);
      if (lk_network_has_maps (network))
        {
          g_set_error (error, LK_ERROR, LK_ERROR_SHAPE,
                       _ ("The model “%s” finds things in pictures and cannot compare them. Choose "
                          "another model."),
                          lk_model_get_name (model));
          return FALSE;
        }
      lk_network_get_input (network, &runner->height, &runner->width, &runner->channels);
      runner->run->size = lk_network_get_embedding_size (network);
      runner->infer = lk_infer_new (network, lk_model_get_params (model), BATCH, self->pool);
      if (runner->infer == NULL)
        return set_no_memory (error);
    }
  runner->input = g_try_new (
      float,
      (gsize) BATCH *(gsize) runner->height *(gsize) runner->width *(gsize) runner->channels);
  runner->embedding = g_try_new (float, (gsize) self->n *(gsize) runner->run->size);
  runner->run->scores = g_try_new (float, (gsize) MAX (1, n_pairs));
  runner->run->cosines = g_try_new (float, (gsize) MAX (1, n_pairs));
  runner->run->correct = g_try_new0 (gboolean, (gsize) MAX (1, n_trials));
  if (runner->input == NULL || runner->embedding == NULL || runner->run->scores == NULL ||
      runner->run->cosines == NULL || runner->run->correct == NULL)
    return set_no_memory (error);
  return TRUE;
}

/* Notes which pictures are in a pair or a trial, in their order. */
static void
choose_pictures (Work *self)
{
  const LkProtocol *protocol = self->protocol;
  int n = (int) protocol->pictures->len;

  self->rows = g_new0 (int, MAX (1, n));
  self->wanted = g_new (int, MAX (1, n));
  for (guint i = 0; i < protocol->pairs->len; i++)
    {
      const LkProtocolPair *pair = &g_array_index (protocol->pairs, LkProtocolPair, i);

      self->rows[pair->a] = self->rows[pair->b] = 1;
    }
  for (guint i = 0; i < protocol->trials->len; i++)
    self->rows[g_array_index (protocol->trials, LkProtocolTrial, i).probe] = 1;
  for (guint i = 0; i < protocol->candidates->len; i++)
    self->rows[g_array_index (protocol->candidates, int, i)] = 1;
  for (int i = 0; i < n; i++)
    {
      if (self->rows[i])
        self->wanted[self->n++] = i;
      self->rows[i] = -1;
    }
}

static gboolean
prepare (Work *self, LkModel *const *models, int n_models, GError **error)
{
  int n_threads;

  self->pool = lk_pool_new (self->options->n_threads, self->options->nice);
  n_threads = lk_pool_get_n_threads (self->pool);
  self->finders = g_new0 (LkFinder *, n_threads);
  self->runners = g_array_new (FALSE, TRUE, sizeof (Runner));
  for (int t = 0; t < n_threads; t++)
    self->finders[t] = lk_finder_new ();
  for (int m = 0; m < n_models; m++)
    if (!add_runner (self, models[m], error))
      return FALSE;
  return TRUE;
}

static void
finish_run (Work *self, Runner *runner, int n_rows)
{
  LkModelRun *run = runner->run;
  Scoring scoring = { self, runner };

  lk_pool_run (self->pool, (int) self->protocol->pairs->len, 256, score_pairs, &scoring);
  lk_pool_run (self->pool, (int) self->protocol->trials->len, 4, score_trials, &scoring);
  for (guint i = 0; i < self->protocol->trials->len; i++)
    run->n_correct += run->correct[i] ? 1 : 0;
  if (self->options->keep)
    {
      run->embeddings = g_steal_pointer (&runner->embedding);
      run->n_embeddings = self->n;
    }
  run->embed_ms = n_rows > 0 ? (double) runner->embed_us * 1e-3 / n_rows : 0;
}

LkEvaluation *
lk_evaluate (LkModel *const *models, int n_models, const LkProtocol *protocol,
             const LkEvaluationOptions *options, LkEvaluationFunc progress, gpointer data,
             GCancellable *cancellable, GError **error)
{
  g_autoptr (LkEvaluation) self = g_new0 (LkEvaluation, 1);
  g_auto (Work) work = { .protocol = protocol, .options = options, .result = self };
  int n_rows = 0;

  self->protocol = protocol;
  self->failures = g_array_new (FALSE, FALSE, sizeof (LkFailure));
  g_array_set_clear_func (self->failures, clear_failure);
  self->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) run_free);
  choose_pictures (&work);
  self->n_pictures = work.n;
  if (!prepare (&work, models, n_models, error))
    return NULL;

  for (work.begin = 0; work.begin < work.n; work.begin += BATCH)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      do_batch (&work, &n_rows);
      if (progress != NULL)
        progress (MIN (work.begin + BATCH, work.n), work.n, data);
    }
  if (n_rows == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                   _ ("None of the %d pictures could be used. %s"), work.n,
                      self->failures->len > 0 ? g_array_index (self->failures, LkFailure, 0).why
                                              : "");
      return NULL;
    }
  for (guint r = 0; r < work.runners->len; r++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      finish_run (&work, &g_array_index (work.runners, Runner, r), n_rows);
    }
  self->rows = g_steal_pointer (&work.rows);
  return g_steal_pointer (&self);
}

LkMeasures *
lk_evaluation_measure (const LkEvaluation *self, const LkModelRun *run, gboolean cosine,
                       LkPool *pool)
{
  const LkProtocol *protocol = self->protocol;
  int n = (int) protocol->pairs->len;
  g_autofree gboolean *same = g_new (gboolean, MAX (1, n));
  g_autofree int *a = g_new (int, MAX (1, n)), *b = g_new (int, MAX (1, n));

  for (int i = 0; i < n; i++)
    {
      const LkProtocolPair *pair = &g_array_index (protocol->pairs, LkProtocolPair, i);

      same[i] = pair->same;
      a[i] = g_array_index (protocol->pictures, LkProtocolPicture, pair->a).person;
      b[i] = g_array_index (protocol->pictures, LkProtocolPicture, pair->b).person;
    }
  /* As many rounds as take a second or two. */
  return lk_measures_new (cosine ? run->cosines : run->scores, same, a, b, n,
                          (int) protocol->people->len, cosine ? -1 : 0, 1,
                          CLAMP (100000000 / MAX (1, n), 200, 1000), pool);
}
