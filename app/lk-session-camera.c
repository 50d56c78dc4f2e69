/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "base/lk-error.h"
#include "lk-session-private.h"
#include "lk-settings.h"

#include <glib/gi18n.h>

#define RATE_INTERVAL_US G_USEC_PER_SEC

/* What the camera's thread says of its state, on its way to the main one. */
typedef struct
{
  LkCameraState state;
  char *detail;  /* (owned) (nullable) */
  GError *error; /* (owned) (nullable) */
} State;

static void
state_free (gpointer data)
{
  State *state = data;

  g_free (state->detail);
  g_clear_error (&state->error);
  g_free (state);
}

void
lk_session_look_at (LkSession *self, LkFrame *frame)
{
  LkWants wants = (LkWants) g_atomic_int_get (&self->wants);

  if (wants != LK_WANTS_NOTHING)
    lk_inference_submit (self->inference, frame, (LkFaceRule) g_atomic_int_get (&self->rule),
                         wants == LK_WANTS_CHECK);
}

static void
on_camera_frame (LkFrame *frame, gpointer data)
{
  LkSession *self = data;

  lk_mailbox_post (self->frames, lk_frame_ref (frame));
  lk_session_look_at (self, frame);
}

static void
on_camera_state (LkCameraState state, const char *detail, const GError *error, gpointer data)
{
  LkSession *self = data;
  State *item = g_new0 (State, 1);

  item->state = state;
  item->detail = g_strdup (detail);
  item->error = error != NULL ? g_error_copy (error) : NULL;
  lk_mailbox_post (self->states, item);
}

static void
show_rate (LkSession *self)
{
  gint64 now = g_get_monotonic_time (), passed = now - self->rate_since_us;

  if (passed < RATE_INTERVAL_US)
    return;
  lk_verify_page_show_rate (self->verify, self->n_shown * 1e6 / (double) passed,
                            self->n_checked * 1e6 / (double) passed, self->frame->n_dropped,
                            self->latency_us);
  self->rate_since_us = now;
  self->n_shown = self->n_checked = 0;
}

static void
receive_frame (gpointer item, gpointer data)
{
  LkSession *self = data;

  g_clear_pointer (&self->frame, lk_frame_unref);
  self->frame = item;
  self->n_shown++;
  lk_window_show_frame (self->window, self->frame->image);
  lk_enrol_page_set_ready (self->enrol, TRUE);
  show_rate (self);
}

static void
lose_frame (LkSession *self)
{
  g_clear_pointer (&self->frame, lk_frame_unref);
  lk_enrol_page_set_ready (self->enrol, FALSE);
  lk_verify_page_show_waiting (self->verify);
  lk_keeper_lose_camera (self->keeper);
  lk_session_lose_attack (self);
}

static const char *
name_of (LkSession *self, const char *source)
{
  for (guint i = 0; self->devices != NULL && i < self->devices->len; i++)
    {
      LkCameraDevice *device = self->devices->pdata[i];

      if (g_str_equal (device->stable, source) || g_str_equal (device->node, source))
        return device->name;
    }
  return NULL;
}

static void
receive_state (gpointer item, gpointer data)
{
  LkSession *self = data;
  State *state = item;

  lk_window_set_camera_detail (self->window, state->detail);
  switch (state->state)
    {
    case LK_CAMERA_STARTING:
      lk_window_show_camera_starting (self->window, name_of (self, self->source));
      break;
    case LK_CAMERA_STREAMING:
      break; /* the first frame shows it */
    case LK_CAMERA_FAILED:
      lose_frame (self);
      lk_window_show_camera_error (self->window, state->error);
      break;
    case LK_CAMERA_ENDED:
      lose_frame (self);
      lk_window_show_camera_ended (self->window);
      break;
    }
  state_free (state);
}

/* Plays @source from now on; NULL for none. */
static void
play (LkSession *self, const char *source)
{
  GSettings *settings = lk_settings_get ();
  LkCameraOptions options = { .fourcc = g_settings_get_uint (settings, "camera-format"),
                              .width = g_settings_get_int (settings, "camera-width"),
                              .height = g_settings_get_int (settings, "camera-height") };

  g_clear_pointer (&self->camera, lk_camera_free);
  lose_frame (self);
  g_free (self->source);
  self->source = g_strdup (source);
  lk_window_set_cameras (self->window, self->devices, source, options.fourcc, options.width,
                         options.height);
  if (source == NULL)
    {
      g_autoptr (GError) error = g_error_new_literal (
          LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND,
          _("No camera was found. Connect one, or play a folder of pictures instead."));

      lk_window_show_camera_error (self->window, error);
      return;
    }
  options.source = self->source;
  g_atomic_int_set (&self->rule, (gint) lk_settings_get_rule (source));
  self->camera = lk_camera_new (&options);
  lk_window_show_camera_starting (self->window, name_of (self, source));
  lk_camera_start (self->camera, on_camera_frame, on_camera_state, self);
}

static gboolean
is_welcoming (LkSession *self)
{
  return g_strcmp0 (lk_window_get_page (self->window), "welcome") == 0;
}

static void
list_in_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, lk_camera_list (), (GDestroyNotify) g_ptr_array_unref);
}

static void
on_listed (GObject *object, GAsyncResult *result, gpointer data)
{
  LkSession *self = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *devices = g_task_propagate_pointer (G_TASK (result), &error);
  g_autofree char *remembered = NULL;

  if (devices == NULL)
    return; /* cancelled: the session is gone */
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  self->devices = devices;

  if (self->source != NULL)
    {
      GSettings *settings = lk_settings_get ();

      lk_window_set_cameras (self->window, devices, self->source,
                             g_settings_get_uint (settings, "camera-format"),
                             g_settings_get_int (settings, "camera-width"),
                             g_settings_get_int (settings, "camera-height"));
      return; /* it plays, or comes back by itself */
    }
  if (is_welcoming (self))
    return;
  /* A camera that was remembered but is not there must not keep another from being used;
   * files are taken at their word. */
  remembered = g_settings_get_string (lk_settings_get (), "camera");
  if (g_str_has_prefix (remembered, "files:") || name_of (self, remembered) != NULL)
    play (self, remembered);
  else if (devices->len > 0)
    play (self, ((LkCameraDevice *) devices->pdata[0])->stable);
  else
    play (self, NULL);
}

static void
list_cameras (LkSession *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, on_listed, self);

  g_task_set_source_tag (task, list_cameras);
  g_task_run_in_thread (task, list_in_thread);
}

static void
on_cameras_changed (LkCameraMonitor *monitor, LkSession *self)
{
  list_cameras (self);
}

static void
remember (const char *source, guint fourcc, int width, int height)
{
  GSettings *settings = lk_settings_get ();

  g_settings_set_string (settings, "camera", source);
  g_settings_set_uint (settings, "camera-format", fourcc);
  g_settings_set_int (settings, "camera-width", width);
  g_settings_set_int (settings, "camera-height", height);
}

static void
on_camera_chosen (LkWindow *window, const char *source, guint fourcc, int width, int height,
                  LkSession *self)
{
  remember (source, fourcc, width, height);
  play (self, source);
}

static void
on_play_files (LkWindow *window, GFile *file, LkSession *self)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *source = g_strconcat ("files:", path, NULL);

  if (path == NULL)
    {
      lk_window_toast (window, _("Only files on this computer can be played."));
      return;
    }
  remember (source, 0, 0, 0);
  play (self, source);
}

static void
on_retry (LkWindow *window, LkSession *self)
{
  g_autofree char *source = g_strdup (self->source);

  if (source != NULL)
    play (self, source);
  else
    list_cameras (self);
}

/* Whoever is told what happens to faces is not looked at yet. */
static void
on_welcomed (LkWindow *window, GParamSpec *spec, LkSession *self)
{
  g_signal_handlers_disconnect_by_func (window, on_welcomed, self);
  list_cameras (self);
}

void
lk_session_start_camera (LkSession *self, const char *override)
{
  self->frames = lk_mailbox_new (receive_frame, self, (GDestroyNotify) lk_frame_unref);
  self->states = lk_mailbox_new (receive_state, self, state_free);
  self->rate_since_us = g_get_monotonic_time ();
  self->monitor = lk_camera_monitor_new ();
  g_signal_connect (self->monitor, "changed", G_CALLBACK (on_cameras_changed), self);
  g_signal_connect (self->window, "camera-chosen", G_CALLBACK (on_camera_chosen), self);
  g_signal_connect (self->window, "play-files", G_CALLBACK (on_play_files), self);
  g_signal_connect (self->window, "retry-camera", G_CALLBACK (on_retry), self);

  if (override != NULL)
    play (self, override);
  else
    lk_window_show_camera_starting (self->window, NULL);
  if (override == NULL && is_welcoming (self))
    g_signal_connect (self->window, "notify::page", G_CALLBACK (on_welcomed), self);
  else
    list_cameras (self);
}

void
lk_session_stop_camera (LkSession *self)
{
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  g_clear_pointer (&self->camera, lk_camera_free);
  g_clear_pointer (&self->frames, lk_mailbox_free);
  g_clear_pointer (&self->states, lk_mailbox_free);
  g_clear_pointer (&self->frame, lk_frame_unref);
  g_clear_pointer (&self->devices, g_ptr_array_unref);
  g_clear_pointer (&self->source, g_free);
}
