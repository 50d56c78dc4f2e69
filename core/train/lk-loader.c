/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-loader.h"

#include "base/lk-error.h"
#include "base/lk-random.h"
#include "face/lk-face.h"

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
  int *samples;       /* of the rows of the batch in preparation */
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
        {
          g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                       "Hardly any of the training pictures can be used. The last one tried: %s",
                       failure->message);
          return FALSE;
        }
      others = lk_dataset_pairs (o->set, LK_PART_TRAIN, 2, seed + (guint64) attempt);
      *pair = g_array_index (others, LkSamplePair, pair->same ? 0 : 1);
    }
}

static void
fill_input (LkLoader *self, LkImage *crop, guint64 number, float *out)
{
  const LkLoaderOptions *o = &self->options;
  g_autoptr (LkImage) changed = NULL;
  LkRandom random;

  lk_random_seed (&random, lk_stream_seed (o->seed, LK_STREAM_AUGMENT, number));
  changed = lk_augment_apply (&o->augment, crop, &random);
  lk_face_to_input (changed, o->height, o->width, o->channels, out);
}

static gboolean
prepare (LkLoader *self, int step, const LkSamplePair *pairs, LkBatch *batch, GError **error)
{
  const LkLoaderOptions *o = &self->options;

  for (int i = 0; i < o->batch_pairs; i++)
    {
      guint64 place = (guint64) step * (guint64) o->batch_pairs + (guint64) i;
      LkSamplePair pair = pairs[i];
      LkImage *crops[2];

      if (stopping (self) || !load_pair (self, &pair, place, crops, error))
        return FALSE;
      for (int side = 0; side < 2; side++)
        {
          gsize row = (gsize) i + (gsize) side * (gsize) o->batch_pairs;

          fill_input (self, crops[side], 2 * place + (guint64) side,
                      batch->images + row * self->picture_size);
          lk_image_unref (crops[side]);
        }
      batch->pairs[i] = (LkPair){ i, o->batch_pairs + i, pair.same };
      self->samples[i] = pair.a;
      self->samples[o->batch_pairs + i] = pair.b;
    }
  if (batch->relations != NULL)
    for (int a = 0; a < 2 * o->batch_pairs; a++)
      for (int b = 0; b < 2 * o->batch_pairs; b++)
        batch->relations[2 * a * o->batch_pairs + b] = (guint8) lk_dataset_compare (
            o->set, self->samples[a], self->samples[b]);
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
  g_autoptr (GArray) pairs = NULL;
  int epoch = -1;

  setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), NICE);
  for (int step = o->first_step; step < o->end_step && wait_for_room (self); step++)
    {
      g_autoptr (GError) error = NULL;
      int number = step - o->first_step;
      gboolean ok;

      if (step / o->steps_per_epoch != epoch)
        {
          epoch = step / o->steps_per_epoch;
          g_clear_pointer (&pairs, g_array_unref);
          pairs = lk_dataset_pairs (o->set, LK_PART_TRAIN, o->steps_per_epoch * o->batch_pairs,
                                    lk_stream_seed (o->seed, LK_STREAM_PAIRS, (guint64) epoch));
        }
      ok = prepare (
          self, step,
          &g_array_index (pairs, LkSamplePair, step % o->steps_per_epoch * o->batch_pairs),
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
  gsize n = 2 * (gsize) options->batch_pairs;

  self->options = *options;
  self->picture_size = (gsize) options->height * (gsize) options->width * (gsize) options->channels;
  self->samples = g_new (int, n);
  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  for (int i = 0; i < RING; i++)
    {
      self->ring[i].n_pairs = options->batch_pairs;
      self->ring[i].pairs = g_new0 (LkPair, options->batch_pairs);
      self->ring[i].images = g_try_new (float, n * self->picture_size);
      if (options->relations)
        self->ring[i].relations = g_try_malloc (n * n);
      if (self->ring[i].images == NULL || (options->relations && self->ring[i].relations == NULL))
        {
          g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                       "There is not enough memory for batches of %d pairs. Choose fewer.",
                       options->batch_pairs);
          lk_loader_free (self);
          return NULL;
        }
    }
  self->started = pthread_create (&self->thread, NULL, run, self) == 0;
  if (!self->started)
    {
      g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                           "The system has no room for another thread, so training cannot start. "
                           "Close other programs and try again.");
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
      g_free (self->ring[i].pairs);
      g_free (self->ring[i].relations);
    }
  g_free (self->samples);
  g_clear_error (&self->error);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
