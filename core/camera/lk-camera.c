/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/lk-error.h"
#include "lk-camera-backend.h"

struct _LkCamera
{
  LkCameraOptions options; /* (owned) source; defaults filled in */
  const LkCameraBackend *backend;
  LkCameraFrameFunc on_frame;
  LkCameraStateFunc on_state;
  gpointer data;
  GThread *thread; /* (nullable): while started */
  int stop_fd;     /* -1 while not started */
  int retry_ms;
};

/* What the thread keeps from one opening of the source to the next. */
typedef struct
{
  guint64 n_frames;
  guint64 n_dropped;
  GError *shown; /* (owned) (nullable): the failure last reported, until frames arrive again */
} Progress;

typedef struct
{
  LkFrame frame;
  int n_refs;
} CountedFrame;

LkFrame *
lk_frame_new (void)
{
  CountedFrame *self = g_new0 (CountedFrame, 1);

  self->n_refs = 1;
  return &self->frame;
}

LkFrame *
lk_frame_ref (LkFrame *self)
{
  g_atomic_int_inc (&((CountedFrame *) self)->n_refs);
  return self;
}

void
lk_frame_unref (LkFrame *self)
{
  if (self == NULL || !g_atomic_int_dec_and_test (&((CountedFrame *) self)->n_refs))
    return;
  g_clear_pointer (&self->image, lk_image_unref);
  g_free (self->name);
  g_free (self);
}

gboolean
lk_camera_wait (int stop_fd, gint64 until_us)
{
  struct pollfd fd = { .fd = stop_fd, .events = POLLIN };
  int n;

  do
    {
      gint64 left = MAX (until_us - g_get_monotonic_time (), 0);
      struct timespec time = { left / G_USEC_PER_SEC, left % G_USEC_PER_SEC * 1000 };

      n = ppoll (&fd, 1, &time, NULL);
    }
  while (n < 0 && errno == EINTR);
  return n != 0;
}

static void
report (LkCamera *self, LkCameraState state, const char *detail, const GError *error)
{
  if (self->on_state != NULL)
    self->on_state (state, detail, error, self->data);
}

/* A failure is told once, not at each retry; and a camera that was pulled out stays
 * "unplugged", though all that the retries can see is that it is not there. */
static void
report_failure (LkCamera *self, Progress *progress, const GError *error)
{
  const GError *shown = progress->shown;

  if (shown != NULL && shown->domain == error->domain &&
      ((shown->code == error->code && strcmp (shown->message, error->message) == 0) ||
       (shown->code == LK_ERROR_CAMERA_UNPLUGGED && error->code == LK_ERROR_CAMERA_NOT_FOUND)))
    return;
  g_clear_error (&progress->shown);
  progress->shown = g_error_copy (error);
  report (self, LK_CAMERA_FAILED, NULL, error);
}

static LkCameraStep
play (LkCamera *self, gpointer source, Progress *progress, GError **error)
{
  gboolean told = FALSE;

  for (;;)
    {
      g_autoptr (LkFrame) frame = lk_frame_new ();
      LkCameraStep step = self->backend->next (source, frame, &progress->n_dropped, error);

      if (step != LK_CAMERA_STEP_FRAME)
        return step;
      if (!told)
        {
          g_autofree char *detail = self->backend->describe (source, frame);

          g_clear_error (&progress->shown);
          report (self, LK_CAMERA_STREAMING, detail, NULL);
          told = TRUE;
        }
      frame->number = progress->n_frames++;
      frame->n_dropped = progress->n_dropped;
      if (self->on_frame != NULL)
        self->on_frame (frame, self->data);
    }
}

static gpointer
run (gpointer user_data)
{
  LkCamera *self = user_data;
  Progress progress = { 0 };
  LkCameraStep step;

  report (self, LK_CAMERA_STARTING, NULL, NULL);
  do
    {
      g_autoptr (GError) error = NULL;
      gpointer source = self->backend->open (&self->options, self->stop_fd, &error);

      if (source != NULL)
        {
          step = play (self, source, &progress, &error);
          self->backend->close (source);
        }
      else
        step = error != NULL ? LK_CAMERA_STEP_FAILED : LK_CAMERA_STEP_STOPPED;

      if (step == LK_CAMERA_STEP_FAILED)
        report_failure (self, &progress, error);
    }
  while (step == LK_CAMERA_STEP_FAILED &&
         !lk_camera_wait (self->stop_fd, g_get_monotonic_time () + self->retry_ms * 1000));

  if (step == LK_CAMERA_STEP_ENDED)
    report (self, LK_CAMERA_ENDED, NULL, NULL);
  g_clear_error (&progress.shown);
  return NULL;
}

/* Without a descriptor to be stopped by there is nothing that could be waited for. */
static gpointer
run_without_descriptor (gpointer user_data)
{
  g_autoptr (GError) error = g_error_new_literal (
      LK_ERROR, LK_ERROR_CAMERA_FAILED,
      _ ("The camera cannot be started, because this program has too many files "
         "open. Close the program and start it again."));

  report (user_data, LK_CAMERA_FAILED, NULL, error);
  return NULL;
}

LkCamera *
lk_camera_new (const LkCameraOptions *options)
{
  LkCamera *self = g_new0 (LkCamera, 1);

  self->options = *options;
  self->options.source = g_strdup (options->source != NULL ? options->source : "");
  if (self->options.width <= 0)
    self->options.width = 640;
  if (self->options.height <= 0)
    self->options.height = 480;
  if (!isfinite (self->options.fps) || self->options.fps <= 0)
    self->options.fps = 30;
  self->backend = g_str_has_prefix (self->options.source, LK_CAMERA_FILES_PREFIX)
                      ? &lk_camera_files_backend
                      : &lk_camera_v4l2_backend;
  self->stop_fd = -1;
  self->retry_ms = LK_CAMERA_RETRY_MS;
  return self;
}

void
lk_camera_set_retry_ms (LkCamera *self, int retry_ms)
{
  self->retry_ms = retry_ms;
}

void
lk_camera_start (LkCamera *self, LkCameraFrameFunc on_frame, LkCameraStateFunc on_state,
                 gpointer data)
{
  g_return_if_fail (self->thread == NULL);

  self->on_frame = on_frame;
  self->on_state = on_state;
  self->data = data;
  self->stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->thread = g_thread_new ("lk-camera", self->stop_fd >= 0 ? run : run_without_descriptor,
                               self);
}

void
lk_camera_stop (LkCamera *self)
{
  if (self->thread == NULL)
    return;
  if (self->stop_fd >= 0)
    eventfd_write (self->stop_fd, 1);
  g_thread_join (self->thread);
  self->thread = NULL;
  if (self->stop_fd >= 0)
    close (self->stop_fd);
  self->stop_fd = -1;
}

void
lk_camera_free (LkCamera *self)
{
  if (self == NULL)
    return;
  lk_camera_stop (self);
  g_free (self->options.source);
  g_free (self);
}
