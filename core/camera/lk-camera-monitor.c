/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gudev/gudev.h>

#include "lk-camera-list.h"

/* One camera is several nodes, each with some events. */
#define SETTLE_MS 300

struct _LkCameraMonitor
{
  GObject parent_instance;

  GUdevClient *client;
  GMainContext *context;
  GSource *settling; /* (owned) (nullable): "changed" is to come */
};

G_DEFINE_FINAL_TYPE (LkCameraMonitor, lk_camera_monitor, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
on_settled (gpointer user_data)
{
  LkCameraMonitor *self = user_data;

  g_clear_pointer (&self->settling, g_source_unref);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static void
on_uevent (LkCameraMonitor *self, const char *action, GUdevDevice *device)
{
  if (self->settling != NULL)
    return;
  self->settling = g_timeout_source_new (SETTLE_MS);
  g_source_set_callback (self->settling, on_settled, self, NULL);
  g_source_attach (self->settling, self->context);
}

static void
lk_camera_monitor_dispose (GObject *object)
{
  LkCameraMonitor *self = (LkCameraMonitor *) object;

  if (self->settling != NULL)
    g_source_destroy (self->settling);
  g_clear_pointer (&self->settling, g_source_unref);
  g_clear_object (&self->client);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (lk_camera_monitor_parent_class)->dispose (object);
}

static void
lk_camera_monitor_class_init (LkCameraMonitorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lk_camera_monitor_dispose;

  /**
   * LkCameraMonitor::changed:
   *
   * Cameras came or went.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
lk_camera_monitor_init (LkCameraMonitor *self)
{
  static const char *const subsystems[] = { "video4linux", NULL };

  self->context = g_main_context_ref_thread_default ();
  self->client = g_udev_client_new (subsystems);
  g_signal_connect_object (self->client, "uevent", G_CALLBACK (on_uevent), self, G_CONNECT_SWAPPED);
}

LkCameraMonitor *
lk_camera_monitor_new (void)
{
  return g_object_new (LK_TYPE_CAMERA_MONITOR, NULL);
}
