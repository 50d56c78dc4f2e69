/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recorder.h"

#include "base/lk-error.h"
#include "camera/lk-camera-backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STOP_MS 100

#ifdef __has_feature /* clang */
#  define HAS(sanitizer) __has_feature (sanitizer)
#else
#  define HAS(sanitizer) 0
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || HAS(address_sanitizer) ||       \
    HAS(thread_sanitizer)
#  define SANITIZED TRUE
#else
#  define SANITIZED FALSE
#endif

gboolean
recorder_is_instrumented (void)
{
  const char *preloaded = g_getenv ("LD_PRELOAD");

  return SANITIZED || (preloaded != NULL && strstr (preloaded, "vgpreload") != NULL);
}

static int
stop_limit_ms (void)
{
  double load = 0;
  gboolean crowded = getloadavg (&load, 1) == 1 && load > 2 * g_get_num_processors ();

  return recorder_is_instrumented () || crowded ? 10 * STOP_MS : STOP_MS;
}

static void
on_frame (LkFrame *frame, gpointer data)
{
  Recorder *self = data;

  pthread_mutex_lock (&self->lock);
  g_assert_cmpuint (frame->number, ==, self->n_frames);
  if (self->last != NULL)
    {
      g_assert_cmpint (frame->when_us, >=, self->last->when_us);
      g_assert_cmpuint (frame->n_dropped, >=, self->last->n_dropped);
    }
  g_clear_pointer (&self->last, lk_frame_unref);
  self->last = lk_frame_ref (frame);
  self->n_frames++;
  if (frame->name != NULL && self->names->len < 1000)
    g_ptr_array_add (self->names, g_path_get_basename (frame->name));
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);
}

static void
on_state (LkCameraState state, const char *detail, const GError *error, gpointer data)
{
  Recorder *self = data;

  g_assert_true ((error != NULL) == (state == LK_CAMERA_FAILED));
  g_assert_true ((detail != NULL) == (state == LK_CAMERA_STREAMING));
  if (error != NULL) /* always ours, and a sentence */
    {
      g_assert_true (error->domain == LK_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_assert_cmpuint (strlen (error->message), >, 30);
      g_assert_true (g_str_has_suffix (error->message, "."));
    }
  pthread_mutex_lock (&self->lock);
  self->state = state;
  g_string_append_c (self->states, "SPFE"[state]);
  g_free (self->detail);
  self->detail = g_strdup (detail);
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : NULL;
  pthread_cond_broadcast (&self->wake);
  pthread_mutex_unlock (&self->lock);
}

Recorder *
recorder_new (const LkCameraOptions *options)
{
  Recorder *self = g_new0 (Recorder, 1);

  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->wake, NULL);
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->states = g_string_new (NULL);
  self->camera = lk_camera_new (options);
  lk_camera_set_retry_ms (self->camera, RECORDER_RETRY_MS);
  lk_camera_start (self->camera, on_frame, on_state, self);
  return self;
}

void
recorder_stop (Recorder *self)
{
  gint64 begun_us = g_get_monotonic_time ();
  guint n_frames;

  lk_camera_stop (self->camera);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, stop_limit_ms () * 1000);
  n_frames = self->n_frames;
  g_usleep (50000);
  g_assert_cmpuint (self->n_frames, ==, n_frames);
}

void
recorder_free (Recorder *self)
{
  if (self == NULL)
    return;
  lk_camera_free (self->camera);
  g_clear_pointer (&self->last, lk_frame_unref);
  g_ptr_array_unref (self->names);
  g_string_free (self->states, TRUE);
  g_free (self->detail);
  g_clear_error (&self->error);
  pthread_cond_destroy (&self->wake);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

typedef gboolean (*Condition) (const Recorder *self, int value);

/* Fails, with what did come, when it does not come in time. */
static void
wait_for (Recorder *self, Condition condition, int value, const char *what)
{
  struct timespec until;
  int r = 0;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += RECORDER_WAIT_MS / 1000;
  pthread_mutex_lock (&self->lock);
  while (!condition (self, value) && r != ETIMEDOUT)
    r = pthread_cond_timedwait (&self->wake, &self->lock, &until);
  if (!condition (self, value))
    g_error ("no %s %d: %u frames, states %s, %s", what, value, self->n_frames, self->states->str,
             self->error != NULL ? self->error->message : "no error");
  pthread_mutex_unlock (&self->lock);
}

static gboolean
has_frames (const Recorder *self, int n)
{
  return self->n_frames >= (guint) n;
}

static gboolean
has_state (const Recorder *self, int state)
{
  return self->states->len > 0 && self->state == (LkCameraState) state;
}

static gboolean
has_error (const Recorder *self, int code)
{
  return self->error != NULL && self->error->code == code;
}

void
recorder_wait_frames (Recorder *self, guint n)
{
  wait_for (self, has_frames, (int) n, "frames");
}

void
recorder_wait_state (Recorder *self, LkCameraState state)
{
  wait_for (self, has_state, state, "state");
}

void
recorder_wait_error (Recorder *self, int code)
{
  wait_for (self, has_error, code, "error");
}

LkFrame *
recorder_get_last (Recorder *self)
{
  LkFrame *last;

  pthread_mutex_lock (&self->lock);
  last = self->last != NULL ? lk_frame_ref (self->last) : NULL;
  pthread_mutex_unlock (&self->lock);
  return last;
}

/* JPEG, and libv4l2's arithmetic, are off by a few. */
static void
assert_colour (const LkImage *image, int x, int y, int red, int green, int blue)
{
  const guint8 *p = lk_image_get_pixels (image) + 3 * (y * image->width + x);

  g_assert_cmpint (ABS (p[0] - red), <=, 24);
  g_assert_cmpint (ABS (p[1] - green), <=, 24);
  g_assert_cmpint (ABS (p[2] - blue), <=, 24);
}

void
assert_red_and_blue (const LkImage *image, int width, int height)
{
  g_assert_cmpint (image->width, ==, width);
  g_assert_cmpint (image->height, ==, height);
  for (int y = 0; y < height; y += MAX (height / 7, 1))
    {
      assert_colour (image, 1, y, 255, 0, 0);
      assert_colour (image, width / 4, y, 255, 0, 0);
      assert_colour (image, width * 3 / 4, y, 0, 0, 255);
      assert_colour (image, width - 2, y, 0, 0, 255);
    }
}

LkImage *
red_and_blue (int width, int height)
{
  guint8 *pixels = g_malloc0 ((gsize) 3 * width * height);

  for (int i = 0; i < width * height; i++)
    pixels[3 * i + (i % width < width / 2 ? 0 : 2)] = 255;
  return lk_image_new_take (width, height, pixels);
}
