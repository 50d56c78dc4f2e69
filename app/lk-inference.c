/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-inference"

#include "lk-inference.h"

#include "base/lk-mailbox.h"
#include "base/lk-worker.h"
#include "lk-models.h"

#include <pthread.h>

typedef struct
{
  LkFrame *frame; /* (owned) (nullable): NULL only to have changes taken up */
  LkFaceRule rule;
  gboolean verify;
} Job;

typedef struct
{
  LkFrame *frame; /* (owned) (nullable) */
  LkCheck *check; /* (owned) (nullable) */
  GError *advice; /* (owned) (nullable) */
  LkSighting seen;
} Result;

typedef struct
{
  LkModel *model;     /* (owned) (nullable) */
  GPtrArray *anchors; /* (owned) (nullable) */
  GError *error;      /* (owned) (nullable) */
} Prepared;

struct _LkInference
{
  LkCheckedFunc checked;
  LkPreparedFunc prepared;
  gpointer data;
  int n_threads;
  LkWorker *worker;
  LkMailbox *mailbox; /* of Prepared */

  pthread_mutex_t lock; /* guards what is wished for */
  char *model_name;     /* (owned) (nullable): as lk_model_load() */
  GError *no_model;     /* (owned) (nullable): why there is no name */
  char **anchor_paths;  /* (owned) */
  guint model_serial;   /* counts the wishes; 0: none yet */
  guint anchors_serial;
  LkPolicy policy;
  LkQualityLimits limits;
  GCancellable *preparing; /* (owned) (nullable): cancelled by a newer wish */

  /* The inference thread's own. */
  LkFinder *finder;
  LkVerifier *verifier; /* (owned) (nullable) */
  GError *failure;      /* (owned) (nullable): why there is no verifier */
  guint model_done;
  guint anchors_done;
};

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->frame, lk_frame_unref);
  g_free (job);
}

static void
result_free (gpointer data)
{
  Result *result = data;

  g_clear_pointer (&result->frame, lk_frame_unref);
  g_clear_pointer (&result->check, lk_check_free);
  g_clear_error (&result->advice);
  lk_sighting_clear (&result->seen);
  g_free (result);
}

static void
prepared_free (gpointer data)
{
  Prepared *prepared = data;

  g_clear_pointer (&prepared->model, lk_model_unref);
  g_clear_pointer (&prepared->anchors, g_ptr_array_unref);
  g_clear_error (&prepared->error);
  g_free (prepared);
}

/* A picture that cannot be read any more is left out: the others still serve.  One that the
 * guide frame has cut out, or another program, may hold no face for the detector: it is
 * taken as it is. */
static GPtrArray *
load_anchors (LkInference *self, char **paths)
{
  GPtrArray *anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  for (char **path = paths; path != NULL && *path != NULL; path++)
    {
      g_autoptr (LkImage) image = lk_image_load (*path, NULL);
      LkImage *face = NULL;

      if (image != NULL)
        face = lk_finder_extract (self->finder, image, LK_FACE_AUTO, NULL, NULL);
      if (face != NULL || image != NULL)
        g_ptr_array_add (anchors, face != NULL ? face : g_steal_pointer (&image));
    }
  return anchors;
}

/* Takes up what is wished for, if it has changed.  Returns: whether frames can be checked. */
static gboolean
prepare (LkInference *self)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) no_model = NULL;
  g_autofree char *model_name = NULL;
  g_auto (GStrv) paths = NULL;
  guint model_serial, anchors_serial;
  Prepared *prepared;

  pthread_mutex_lock (&self->lock);
  model_serial = self->model_serial;
  anchors_serial = self->anchors_serial;
  if (model_serial == self->model_done && anchors_serial == self->anchors_done)
    {
      pthread_mutex_unlock (&self->lock);
      return self->verifier != NULL;
    }
  model_name = g_strdup (self->model_name);
  no_model = self->no_model != NULL ? g_error_copy (self->no_model) : NULL;
  paths = g_strdupv (self->anchor_paths);
  g_set_object (&self->preparing, cancellable);
  pthread_mutex_unlock (&self->lock);

  prepared = g_new0 (Prepared, 1);
  if (model_serial != self->model_done)
    {
      g_autoptr (LkModel) model = NULL;

      g_clear_pointer (&self->verifier, lk_verifier_free);
      g_clear_error (&self->failure);
      if (no_model != NULL)
        self->failure = g_steal_pointer (&no_model);
      else if ((model = lk_model_load (model_name, &self->failure)) != NULL)
        self->verifier = lk_verifier_new (model, self->n_threads, &self->failure);
    }
  prepared->error = self->failure != NULL ? g_error_copy (self->failure) : NULL;
  prepared->anchors = load_anchors (self, paths);
  if (self->verifier != NULL)
    {
      prepared->model = lk_model_ref (lk_verifier_get_model (self->verifier));
      if (!lk_verifier_set_anchors (self->verifier, prepared->anchors, cancellable, NULL))
        g_ptr_array_set_size (prepared->anchors, 0); /* cancelled: a newer wish is coming */
    }
  self->model_done = model_serial;
  self->anchors_done = anchors_serial;

  pthread_mutex_lock (&self->lock);
  g_clear_object (&self->preparing);
  pthread_mutex_unlock (&self->lock);
  lk_mailbox_post (self->mailbox, prepared);
  return self->verifier != NULL;
}

static gpointer
work (gpointer item, gpointer data, GError **error)
{
  LkInference *self = data;
  Job *job = item;
  Result *result = g_new0 (Result, 1);
  gboolean ready = prepare (self);

  if (job->frame != NULL)
    {
      gint64 begun = g_get_monotonic_time (), found;
      gboolean usable;
      LkPolicy policy;
      LkQualityLimits limits;

      pthread_mutex_lock (&self->lock);
      policy = self->policy;
      limits = self->limits;
      pthread_mutex_unlock (&self->lock);

      result->frame = lk_frame_ref (job->frame);
      usable = lk_finder_follow (self->finder, job->frame->image, job->frame->when_us, job->rule,
                                 &limits, &result->seen, &result->advice);
      found = g_get_monotonic_time ();
      if (usable && ready && job->verify)
        {
          result->check = lk_verifier_check (self->verifier, &result->seen, &policy);
          result->check->find_us = found - begun;
        }
    }
  job_free (job);
  return result;
}

static void
done (gpointer item, const GError *error, gpointer data)
{
  LkInference *self = data;
  Result *result = item;

  if (result->frame != NULL)
    self->checked (result->frame, &result->seen, result->check, result->advice, self->data);
  result_free (result);
}

static void
receive_prepared (gpointer item, gpointer data)
{
  LkInference *self = data;
  Prepared *prepared = item;

  self->prepared (prepared->model, prepared->anchors, prepared->error, self->data);
  prepared_free (prepared);
}

LkInference *
lk_inference_new (LkCheckedFunc checked, LkPreparedFunc prepared, gpointer data, int n_threads)
{
  LkInference *self = g_new0 (LkInference, 1);

  self->checked = checked;
  self->prepared = prepared;
  self->data = data;
  self->n_threads = n_threads;
  self->policy = LK_POLICY_DEFAULT;
  lk_quality_limits_init (&self->limits);
  self->finder = lk_finder_new ();
  pthread_mutex_init (&self->lock, NULL);
  self->mailbox = lk_mailbox_new (receive_prepared, self, prepared_free);
  self->worker = lk_worker_new (work, done, self, job_free, result_free);
  return self;
}

/* A wish was made: the one being fulfilled is out of date, and a worker without frames
 * must be woken.  With the lock held. */
static void
wish (LkInference *self)
{
  if (self->preparing != NULL)
    g_cancellable_cancel (self->preparing);
  pthread_mutex_unlock (&self->lock);
  lk_worker_submit (self->worker, g_new0 (Job, 1));
}

void
lk_inference_free (LkInference *self)
{
  if (self == NULL)
    return;
  pthread_mutex_lock (&self->lock);
  if (self->preparing != NULL)
    g_cancellable_cancel (self->preparing);
  pthread_mutex_unlock (&self->lock);

  lk_worker_free (self->worker);
  lk_mailbox_free (self->mailbox);
  lk_verifier_free (self->verifier);
  lk_finder_free (self->finder);
  g_clear_error (&self->failure);
  g_clear_error (&self->no_model);
  g_free (self->model_name);
  g_strfreev (self->anchor_paths);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

void
lk_inference_set_model (LkInference *self, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *in_use = name != NULL ? g_strdup (name) : lk_models_get_in_use (&error);

  pthread_mutex_lock (&self->lock);
  g_free (self->model_name);
  self->model_name = g_steal_pointer (&in_use);
  g_clear_error (&self->no_model);
  self->no_model = g_steal_pointer (&error);
  self->model_serial++;
  wish (self);
}

void
lk_inference_set_anchors (LkInference *self, const char *const *paths)
{
  pthread_mutex_lock (&self->lock);
  g_strfreev (self->anchor_paths);
  self->anchor_paths = g_strdupv ((char **) paths);
  self->anchors_serial++;
  wish (self);
}

void
lk_inference_set_policy (LkInference *self, const LkPolicy *policy)
{
  pthread_mutex_lock (&self->lock);
  self->policy = *policy;
  pthread_mutex_unlock (&self->lock);
}

void
lk_inference_set_limits (LkInference *self, const LkQualityLimits *limits)
{
  pthread_mutex_lock (&self->lock);
  self->limits = *limits;
  pthread_mutex_unlock (&self->lock);
}

void
lk_inference_submit (LkInference *self, LkFrame *frame, LkFaceRule rule, gboolean verify)
{
  Job *job = g_new0 (Job, 1);

  job->frame = lk_frame_ref (frame);
  job->rule = rule;
  job->verify = verify;
  lk_worker_submit (self->worker, job);
}
