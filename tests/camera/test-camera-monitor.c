/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <umockdev.h>

#include "camera/lk-camera-list.h"

/* Under umockdev-wrapper, which gives this process a /sys and events of its own. */

typedef struct
{
  GMainLoop *loop;
  guint n_changed;
} Seen;

static void
on_changed (LkCameraMonitor *monitor, Seen *seen)
{
  seen->n_changed++;
  g_main_loop_quit (seen->loop);
}

static gboolean
on_timeout (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
run_for (Seen *seen, guint ms)
{
  guint timeout = g_timeout_add (ms, on_timeout, seen->loop);
  guint n_changed = seen->n_changed;

  g_main_loop_run (seen->loop);
  if (seen->n_changed != n_changed)
    g_source_remove (timeout);
}

static void
test_changed (void)
{
  g_autoptr (UMockdevTestbed) testbed = umockdev_testbed_new ();
  g_autoptr (LkCameraMonitor) monitor = lk_camera_monitor_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Seen seen = { .loop = loop };
  g_autofree char *camera = NULL;

  g_signal_connect (monitor, "changed", G_CALLBACK (on_changed), &seen);

  /* Two nodes of one camera are one change. */
  camera = umockdev_testbed_add_device (testbed, "video4linux", "video0", NULL, "name", "Camera",
                                        NULL, "DEVNAME", "/dev/video0", NULL);
  g_free (umockdev_testbed_add_device (testbed, "video4linux", "video1", NULL, "name", "Camera",
                                       NULL, "DEVNAME", "/dev/video1", NULL));
  run_for (&seen, 5000);
  g_assert_cmpuint (seen.n_changed, ==, 1);
  run_for (&seen, 700);
  g_assert_cmpuint (seen.n_changed, ==, 1);

  /* Other devices are none of its business. */
  g_free (umockdev_testbed_add_device (testbed, "sound", "card0", NULL, NULL, NULL));
  run_for (&seen, 700);
  g_assert_cmpuint (seen.n_changed, ==, 1);

  umockdev_testbed_uevent (testbed, camera, "remove");
  run_for (&seen, 5000);
  g_assert_cmpuint (seen.n_changed, ==, 2);

  /* Nothing is called after the end, though a change was on its way. */
  umockdev_testbed_uevent (testbed, camera, "add");
  run_for (&seen, 100);
  g_object_add_weak_pointer (G_OBJECT (monitor), (gpointer *) &monitor);
  g_object_unref (monitor);
  g_assert_null (monitor);
  run_for (&seen, 700);
  g_assert_cmpuint (seen.n_changed, ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/monitor", test_changed);
  return g_test_run ();
}
