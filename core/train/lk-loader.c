/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-loader.h"

#include "base/lk-error.h"
#include "base/lk-random.h"
#include "face/lk-face.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RING           4
#define MAX_SUBSTITUTE 100
#define NICE           10

struct _LkLoader
{
  LkLoaderOptions options;
  LkBatch ring[RING];
  gsize picture_size; /* in floats */
  pthread_t thread;
  gboolean started;

  pthread_mutex_t lock; /* guards everything below */
  pthread_cond_t changed;
  int n_prepared; /* batches, since the start; number i lies in ring[i % RING] */
  int n_taken;    /* the last taken one is in use */
  gboolean stop;
  GError *error; /* (owned) (nullable): there will be no further batch */
};

guint64
lk_stream_seed (guint64 seed, LkStream stream, guint64 n)
{
  LkRandom random;

  lk_random_seed (&random, seed);
  lk_random_seed (&random, lk_random_next (&random) + (guint64) stream);
  lk_random_seed (&random, lk_random_next (&random) + n);
  return lk_random_next (&random);
}

static gboolean
stopping (LkLoader *self)
{
  gboolean stop;

  pthread_mutex_lock (&self->lock);
  stop = self->stop;
  pthread_mutex_unlock (&self->lock);
  return stop;
}

static gboolean
refuse (const GError *last, GError **error)
{
  g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
               _ ("Hardly any of the training pictures can be used. The last one tried: %s"),
                  last->message);
  return FALSE;
}

/* Both pictures of @pair, or of one of the same kind that takes its place. */
static gboolean
load_pair (LkLoader *self, LkSamplePair *pair, guint64 place, LkImage *crops[2], GError **error)
{
  const LkLoaderOptions *o = &self->options;
  guint64 seed = lk_stream_seed (o->seed, LK_STREAM_SUBSTITUTES, place);

  for (int attempt = 0;; attempt++)
    {
      g_autoptr (GArray) others = NULL;
      g_autoptr (GError) failure = NULL;

      crops[0] = lk_pictures_get (o->pictures, pair->a, &failure);
      crops[1] = failure == NULL ? lk_pictures_get (o->pictures, pair->b, &failure) : NULL;
      if (failure == NULL)
        return TRUE;
      g_clear_pointer (&crops[0], lk_image_unref);
      if (attempt == MAX_SUBSTITUTE)
        return refuse (failure, error);
      others = lk_dataset_pairs (o->set, LK_PART_TRAIN, 2, seed + (guint64) attempt);
      *pair = g_array_index (others, LkSamplePair, pair->same ? 0 : 1);
    }
}

/* The picture of @row, or another of that person (of anybody) in its place. */
static LkImage *
load_row (LkLoader *self, int *row, guint64 place, GError **error)
{
  const LkLoaderOptions *o = &self->options;
  gboolean same = o->sampler.sampling == LK_SAMPLING_PEOPLE;
  int n = lk_dataset_get_n_samples (o->set), person = lk_dataset_get_sample (o->set, *row)->person;
  LkRandom random;

  lk_random_seed (&random, lk_stream_seed (o->seed, LK_STREAM_SUBSTITUTES, place));
  for (int attempt = 0;; attempt++)
    {
      g_autoptr (GError) failure = NULL;
      LkImage *crop = lk_pictures_get (o->pictures, *row, &failure);
      const LkSample *sample;

      if (crop != NULL)
        return crop;
      if (attempt == MAX_SUBSTITUTE)
        {
          refuse (failure, error);
          return NULL;
        }
      *row = (int) lk_random_below (&random, (guint32) n);
      do
        {
          *row = (*row + 1) % n;
          sample = lk_dataset_get_sample (o->set, *row);
        }
      while (sample->part != LK_PART_TRAIN || (same && sample->person != person));
    }
}

static void
fill_input (LkLoader *self, LkImage *crop, guint64 number, float *out)
{
  const LkLoaderOptions *o = &self->options;
  g_autoptr (LkImage) changed = NULL;
  LkRandom random;

  lk_random_seed (&random, lk_stream_seed (o->seed, LK_STREAM_AUGMENT, number));
  changed = lk_augment_apply (&o->augment, crop, lk_pictures_get_margin (crop), &random);
  lk_face_to_input (changed, o->height, o->width, o->channels, out);
}

static gboolean
prepare_pairs (LkLoader *self, int step, LkBatch *batch, GError **error)
{
  const LkLoaderOptions *o = &self->options;
  int n = batch->n_pairs, first = step % o->steps_per_epoch * n; /* of the epoch's pairs */

  for (int i = 0; i < n; i++)
    {
      guint64 place = (guint64) step * (guint64) n + (guint64) i;
      LkSamplePair pair = { batch->samples[i], batch->samples[n + i], (first + i) % 2 == 0 };
      LkImage *crops[2];

      if (stopping (self) || !load_pair (self, &pair, place, crops, error))
        return FALSE;
      for (int side = 0; side < 2; side++)
        {
          gsize row = (gsize) i + (gsize) side * (gsize) n;

          fill_input (self, crops[side], 2 * place + (guint64) side,
                      batch->images + row * self->picture_size);
          lk_image_unref (crops[side]);
        }
      batch->pairs[i] = (LkPair){ i, n + i, pair.same };
      batch->samples[i] = pair.a;
      batch->samples[n + i] = pair.b;
    }
  return TRUE;
}

static gboolean
prepare_rows (LkLoader *self, int step, LkBatch *batch, GError **error)
{
  for (int i = 0; i < batch->n; i++)
    {
      guint64 place = (guint64) step * (guint64) batch->n + (guint64) i;
      g_autoptr (LkImage) crop = NULL;

      if (!stopping (self))
        crop = load_row (self, &batch->samples[i], place, error);
      if (crop == NULL)
        return FALSE;
      fill_input (self, crop, place, batch->images + (gsize) i * self->picture_size);
    }
  return TRUE;
}

static gboolean
prepare (LkLoader *self, int step, const int *samples, LkBatch *batch, GError **error)
{
  const LkDataset *set = self->options.set;

  memcpy (batch->samples, samples, (gsize) batch->n * sizeof *samples);
  if (batch->n_pairs > 0 ? !prepare_pairs (self, step, batch, error)
                         : !prepare_rows (self, step, batch, error))
    return FALSE;
  if (batch->relations != NULL)
    for (int a = 0; a < batch->n; a++)
      for (int b = 0; b < batch->n; b++)
        batch->relations[a * batch->n + b] = (guint8) lk_dataset_compare (set, batch->samples[a],
                                                                          batch->samples[b]);
  return TRUE;
}

/* FALSE: the end. */
static gboolean
wait_for_room (LkLoader *self)
{
  gboolean stop;

  pthread_mutex_lock (&self->lock);
  /* The batch taken last is still being read. */
  while (!self->stop && self->n_prepared - MAX (0, self->n_taken - 1) == RING)
    pthread_cond_wait (&self->changed, &self->lock);
  stop = self->stop;
  pthread_mutex_unlock (&self->lock);
  return !stop;
}

static void *
run (void *user_data)
{
  LkLoader *self = user_data;
  const LkLoaderOptions *o = &self->options;
  g_autofree int *samples = NULL; /* of the epoch in hand */
  int epoch = -1;

  if (!o->alone)
    setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), NICE);
  for (int step = o->first_step; step < o->end_step && wait_for_room (self); step++)
    {
      g_autoptr (GError) error = NULL;
      int number = step - o->first_step;
      gboolean ok;

      if (step / o->steps_per_epoch != epoch)
        {
          epoch = step / o->steps_per_epoch;
          g_free (samples);
          samples = lk_sampler_draw (&o->sampler, o->set, o->steps_per_epoch,
                                     lk_stream_seed (o->seed, LK_STREAM_PAIRS, (guint64) epoch));
        }
      ok = prepare (self, step,
                    samples + (gsize) (step % o->steps_per_epoch) * (gsize) o->sampler.batch,
                    &self->ring[number % RING], &error);

      pthread_mutex_lock (&self->lock);
      if (ok)
        self->n_prepared++;
      else
        self->error = g_steal_pointer (&error);
      pthread_cond_signal (&self->changed);
      pthread_mutex_unlock (&self->lock);
      if (!ok)
        break;
    }
  return NULL;
}

LkLoader *
lk_loader_new (const LkLoaderOptions *options, GError **error)
{
  LkLoader *self = g_new0 (LkLoader, 1);
  gsize n = (gsize) options->sampler.batch;

  self->options = *options;
  self->picture_size = (gsize) options->height * (gsize) options->width * (gsize) options->channels;
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  for (int i = 0; i < RING; i++)
    {
      LkBatch *batch = &self->ring[i];

      batch->n = (int) n;
      batch->n_pairs = options->sampler.sampling == LK_SAMPLING_PAIRS ? (int) n / 2 : 0;
      batch->samples = g_new0 (int, n);
      batch->pairs = g_new0 (LkPair, MAX (1, batch->n_pairs));
      batch->images = g_try_new (float, n * self->picture_size);
      if (options->relations)
        batch->relations = g_try_malloc (n * n);
      if (batch->images == NULL || (options->relations && batch->relations == NULL))
        {
          g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                       _ ("There is not enough memory for batches of %d pictures. Choose fewer."),
                          options->sampler.batch);
          lk_loader_free (self);
          return NULL;
        }
    }
  self->started = pthread_create (&self->thread, NULL, run, self) == 0;
  if (!self->started)
    {
      g_set_error_literal (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("The system has no room for another thread, so training cannot start. "
             "Close other programs and try again."));
      lk_loader_free (self);
      return NULL;
    }
  return self;
}

const LkBatch *
lk_loader_take (LkLoader *self, GError **error)
{
  const LkBatch *batch = NULL;

  pthread_mutex_lock (&self->lock);
  while (self->n_prepared == self->n_taken && self->error == NULL)
    pthread_cond_wait (&self->changed, &self->lock);
  if (self->n_prepared > self->n_taken)
    {
      batch = &self->ring[self->n_taken++ % RING];
      pthread_cond_signal (&self->changed);
    }
  else
    g_propagate_error (error, g_error_copy (self->error));
  pthread_mutex_unlock (&self->lock);
  return batch;
}

void
lk_loader_free (LkLoader *self)
{
  if (self == NULL)
    return;
  if (self->started)
    {
      pthread_mutex_lock (&self->lock);
      self->stop = TRUE;
      pthread_cond_signal (&self->changed);
      pthread_mutex_unlock (&self->lock);
      pthread_join (self->thread, NULL);
    }
  for (int i = 0; i < RING; i++)
    {
      g_free (self->ring[i].images);
      g_free (self->ring[i].samples);
      g_free (self->ring[i].pairs);
      g_free (self->ring[i].relations);
    }
  g_clear_error (&self->error);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
