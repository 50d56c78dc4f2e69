/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-inference"

#include "lk-inference.h"

#include "base/lk-mailbox.h"
#include "base/lk-recycler.h"
#include "base/lk-worker.h"
#include "lk-embedder.h"
#include "lk-models.h"
#include "store/lk-database.h"
#include "store/lk-paths.h"

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

typedef struct
{
  LkVerifier *verifier; /* (owned) (nullable) */
  GError *error;        /* (owned) (nullable): why there is none */
  char **paths;         /* (owned) (nullable): of the anchors it has in its gallery */
  char **people;        /* (owned) (nullable): whose they are */
  GPtrArray *anchors;   /* (owned) (nullable) */
} Ready;

typedef struct
{
  int n_done, n_all;
} Progress;

struct _LkInference
{
  LkCheckedFunc checked;
  LkPreparedFunc prepared;
  gpointer data;
  int n_threads;
  LkRecycler *jobs, *results; /* of Job and Result: a frame's come and go with it */
  LkWorker *worker;
  LkWorker *preparer;
  LkMailbox *mailbox;      /* of Prepared */
  LkMailbox *progresses;   /* of Progress */
  LkProgressFunc progress; /* (nullable) */

  pthread_mutex_t lock; /* guards what is wished for */
  char *model_name;     /* (owned) (nullable): as lk_model_load() */
  GError *no_model;     /* (owned) (nullable): why there is no name */
  char **anchor_paths;  /* (owned) */
  char **anchor_people; /* (owned) (nullable) */
  guint anchors_serial; /* counts the wishes; 0: none yet */
  Ready *ready;         /* (owned) (nullable): a model for the inference thread to take up */
  LkPolicy policy;
  LkQualityLimits limits;
  GCancellable *preparing; /* (owned) (nullable): of the preparing thread: cancelled by a
                            * newer wish for a model */

  /* The inference thread's own. */
  LkFinder *finder;
  LkVerifier *verifier; /* (owned) (nullable) */
  GError *failure;      /* (owned) (nullable): why there is no verifier */
  LkDatabase *database; /* (owned) (nullable) */
  guint anchors_done;

  /* The preparing thread's own. */
  LkFinder *preparer_finder;     /* (owned) (nullable) */
  LkDatabase *preparer_database; /* (owned) (nullable) */
};

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->frame, lk_frame_unref);
  lk_recycler_give (job);
}

/* @frame: (nullable): NULL to have the inference thread take up what has changed */
static void
submit (LkInference *self, LkFrame *frame, LkFaceRule rule, gboolean verify)
{
  Job *job = lk_recycler_take (self->jobs, sizeof *job);

  *job = (Job){ frame != NULL ? lk_frame_ref (frame) : NULL, rule, verify };
  lk_worker_submit (self->worker, job);
}

static void
result_free (gpointer data)
{
  Result *result = data;

  g_clear_pointer (&result->frame, lk_frame_unref);
  g_clear_pointer (&result->check, lk_check_free);
  g_clear_error (&result->advice);
  lk_sighting_clear (&result->seen);
  lk_recycler_give (result);
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

static void
ready_free (gpointer data)
{
  Ready *ready = data;

  if (ready == NULL)
    return;
  lk_verifier_free (ready->verifier);
  g_clear_pointer (&ready->anchors, g_ptr_array_unref);
  g_clear_error (&ready->error);
  g_strfreev (ready->paths);
  g_strfreev (ready->people);
  g_free (ready);
}

static void
progress_free (gpointer data)
{
  g_free (data);
}

/* Each thread has its own, opened when it first needs it; without one, embeddings are
 * computed each time. */
static LkDatabase *
need_database (LkDatabase **database)
{
  if (*database == NULL)
    {
      g_autofree char *folder = lk_paths_user (NULL, NULL);

      *database = lk_database_open (folder, NULL, NULL);
    }
  return *database;
}

static void
on_embedded (int n_done, int n_all, gpointer data)
{
  LkInference *self = data;
  Progress *progress = g_new0 (Progress, 1);

  progress->n_done = n_done;
  progress->n_all = n_all;
  lk_mailbox_post (self->progresses, progress);
}

/* The preparing thread: a model is loaded, and the anchors are embedded with it, while the
 * inference thread goes on with the one before. */
static gpointer
make_ready (gpointer item, gpointer data, GError **error)
{
  LkInference *self = data;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (LkModel) model = NULL;
  g_autofree char *model_name = NULL;
  Ready *ready = g_new0 (Ready, 1);

  g_free (item);
  pthread_mutex_lock (&self->lock);
  model_name = g_strdup (self->model_name);
  ready->error = self->no_model != NULL ? g_error_copy (self->no_model) : NULL;
  ready->paths = g_strdupv (self->anchor_paths);
  ready->people = g_strdupv (self->anchor_people);
  g_set_object (&self->preparing, cancellable);
  pthread_mutex_unlock (&self->lock);

  if (ready->error == NULL && (model = lk_model_load (model_name, &ready->error)) != NULL)
    ready->verifier = lk_verifier_new (model, self->n_threads, &ready->error);
  if (ready->verifier != NULL)
    {
      if (self->preparer_finder == NULL)
        self->preparer_finder = lk_finder_new ();
      if (!lk_embedder_fill (
              ready->verifier, self->preparer_finder, need_database (&self->preparer_database),
              (const char *const *) ready->paths, (const char *const *) ready->people, cancellable,
              on_embedded, self, &ready->anchors, NULL))
        g_clear_pointer (&ready->anchors, g_ptr_array_unref);
      else if (self->preparer_database != NULL)
        lk_embedder_forget_others (ready->verifier, self->preparer_database);
    }
  return ready;
}

/* On the main thread: hands it to the inference thread. */
static void
on_ready (gpointer item, const GError *error, gpointer data)
{
  LkInference *self = data;

  pthread_mutex_lock (&self->lock);
  ready_free (self->ready);
  self->ready = item;
  pthread_mutex_unlock (&self->lock);
  submit (self, NULL, LK_FACE_DETECT, FALSE);
}

static gboolean
are_equal (char **a, char **b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_strv_equal ((const char *const *) a, (const char *const *) b);
}

/* Takes up what is ready or wished for.  Returns: whether frames can be checked. */
static gboolean
prepare (LkInference *self)
{
  g_auto (GStrv) paths = NULL, people = NULL;
  guint anchors_serial;
  gboolean is_new;
  Ready *ready;
  Prepared *prepared;

  pthread_mutex_lock (&self->lock);
  ready = g_steal_pointer (&self->ready);
  anchors_serial = self->anchors_serial;
  /* Before the first model there is nothing that anchors could be embedded with. */
  is_new = ready != NULL || (anchors_serial != self->anchors_done &&
                             (self->verifier != NULL || self->failure != NULL));
  if (is_new)
    {
      paths = g_strdupv (self->anchor_paths);
      people = g_strdupv (self->anchor_people);
    }
  pthread_mutex_unlock (&self->lock);
  if (!is_new)
    return self->verifier != NULL;

  prepared = g_new0 (Prepared, 1);
  if (ready != NULL)
    {
      g_clear_pointer (&self->verifier, lk_verifier_free);
      g_clear_error (&self->failure);
      self->verifier = g_steal_pointer (&ready->verifier);
      self->failure = g_steal_pointer (&ready->error);
      if (ready->anchors != NULL && are_equal (paths, ready->paths) &&
          are_equal (people, ready->people))
        prepared->anchors = g_steal_pointer (&ready->anchors);
    }
  ready_free (ready);
  prepared->error = self->failure != NULL ? g_error_copy (self->failure) : NULL;
  if (self->verifier != NULL)
    {
      prepared->model = lk_model_ref (lk_verifier_get_model (self->verifier));
      if (prepared->anchors == NULL)
        lk_embedder_fill (self->verifier, self->finder, need_database (&self->database),
                          (const char *const *) paths, (const char *const *) people, NULL, NULL,
                          NULL, &prepared->anchors, NULL);
    }
  self->anchors_done = anchors_serial;
  lk_mailbox_post (self->mailbox, prepared);
  return self->verifier != NULL;
}

static gpointer
work (gpointer item, gpointer data, GError **error)
{
  LkInference *self = data;
  Job *job = item;
  Result *result = lk_recycler_take (self->results, sizeof *result);
  gboolean ready = prepare (self);

  *result = (Result){ 0 };
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

static void
receive_progress (gpointer item, gpointer data)
{
  LkInference *self = data;
  Progress *progress = item;

  if (self->progress != NULL)
    self->progress (progress->n_done, progress->n_all, self->data);
  g_free (progress);
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
  self->jobs = lk_recycler_new ();
  self->results = lk_recycler_new ();
  pthread_mutex_init (&self->lock, NULL);
  self->mailbox = lk_mailbox_new (receive_prepared, self, prepared_free);
  self->progresses = lk_mailbox_new (receive_progress, self, progress_free);
  self->preparer = lk_worker_new (make_ready, on_ready, self, g_free, ready_free);
  self->worker = lk_worker_new (work, done, self, job_free, result_free);
  return self;
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

  lk_worker_free (self->preparer);
  lk_worker_free (self->worker);
  lk_recycler_free (self->jobs);
  lk_recycler_free (self->results);
  lk_mailbox_free (self->mailbox);
  lk_mailbox_free (self->progresses);
  ready_free (self->ready);
  lk_database_close (self->database);
  lk_database_close (self->preparer_database);
  g_clear_pointer (&self->preparer_finder, lk_finder_free);
  lk_verifier_free (self->verifier);
  lk_finder_free (self->finder);
  g_clear_error (&self->failure);
  g_clear_error (&self->no_model);
  g_clear_object (&self->preparing);
  g_free (self->model_name);
  g_strfreev (self->anchor_paths);
  g_strfreev (self->anchor_people);
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
  if (self->preparing != NULL)
    g_cancellable_cancel (self->preparing);
  pthread_mutex_unlock (&self->lock);
  lk_worker_submit (self->preparer, g_new0 (char, 1)); /* a wish: what for is in self */
}

void
lk_inference_set_anchors (LkInference *self, const char *const *paths, const char *const *people)
{
  pthread_mutex_lock (&self->lock);
  g_strfreev (self->anchor_paths);
  self->anchor_paths = g_strdupv ((char **) paths);
  g_strfreev (self->anchor_people);
  self->anchor_people = g_strdupv ((char **) people);
  self->anchors_serial++;
  pthread_mutex_unlock (&self->lock);
  submit (self, NULL, LK_FACE_DETECT, FALSE);
}

void
lk_inference_set_captures (LkInference *self, GPtrArray *captures)
{
  g_autofree const char **paths = g_new0 (const char *, captures->len + 1);
  g_autofree const char **people = g_new0 (const char *, captures->len + 1);

  for (guint i = 0; i < captures->len; i++)
    {
      paths[i] = ((LkCapture *) captures->pdata[i])->path;
      people[i] = ((LkCapture *) captures->pdata[i])->person;
    }
  lk_inference_set_anchors (self, paths, people[0] != NULL ? people : NULL);
}

void
lk_inference_set_progress (LkInference *self, LkProgressFunc progress)
{
  self->progress = progress;
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
  submit (self, frame, rule, verify);
}
