/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/lk-error.h"
#include "camera/lk-camera-list.h"
#include "camera/lk-camera.h"

/*
 * Prints what a camera does, a line each time, for guest-test to read.
 *
 *   usage: probe SOURCE FRAMES SECONDS [FOURCC [WIDTH HEIGHT]]
 *          probe --list
 *
 * Ends after so many frames (0: none will do) or seconds, or by SIGTERM.  The last
 * line tells the frames, those lost, and the colours in the middle of eight equal
 * columns, an eighth from the bottom: vivid's bars, clear of what it writes on them.
 */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards last */
static LkFrame *last;
static int n_wanted;

static volatile sig_atomic_t terminated;

static void
on_terminate (int signal_number)
{
  terminated = TRUE;
}

static void
on_frame (LkFrame *frame, gpointer data)
{
  pthread_mutex_lock (&lock);
  g_clear_pointer (&last, lk_frame_unref);
  last = lk_frame_ref (frame);
  pthread_mutex_unlock (&lock);
}

static void
on_state (LkCameraState state, const char *detail, const GError *error, gpointer data)
{
  static const char *const codes[] = { "not-found", "busy",    "permission",  "unplugged",
                                       "silent",    "damaged", "unsupported", "failed" };

  if (error != NULL)
    printf ("FAILED %s: %s\n", codes[error->code - LK_ERROR_CAMERA_NOT_FOUND], error->message);
  else
    printf ("%s %s\n", state == LK_CAMERA_STREAMING ? "STREAMING" : "STARTING",
            detail != NULL ? detail : "");
  fflush (stdout);
}

static gboolean
is_enough (void)
{
  gboolean enough;

  pthread_mutex_lock (&lock);
  enough = n_wanted > 0 && last != NULL && last->number + 1 >= (guint64) n_wanted;
  pthread_mutex_unlock (&lock);
  return enough;
}

static void
print_summary (gint64 begun_us)
{
  const LkImage *image;

  if (last == NULL)
    {
      printf ("FRAMES 0\n");
      return;
    }
  image = last->image;
  printf ("FRAMES %" G_GUINT64_FORMAT " LOST %" G_GUINT64_FORMAT " FPS %.1f BARS", last->number + 1,
          last->n_dropped, (last->number + 1) * 1e6 / (last->when_us - begun_us));
  for (int i = 0; i < 8; i++)
    {
      const guint8 *p = lk_image_get_pixels (image) +
                        3 * (gsize) image->width * (image->height * 7 / 8) +
                        3 * (gsize) ((2 * i + 1) * image->width / 16);

      printf (" %d,%d,%d", p[0], p[1], p[2]);
    }
  printf ("\n");
}

static int
list (void)
{
  g_autoptr (GPtrArray) devices = lk_camera_list ();

  for (guint i = 0; i < devices->len; i++)
    {
      const LkCameraDevice *device = devices->pdata[i];

      printf ("CAMERA %s (%s), %s, %s, %u modes\n", device->node, device->stable, device->name,
              device->bus, device->modes->len);
    }
  return 0;
}

int
main (int argc, char *argv[])
{
  LkCameraOptions options = { 0 };
  g_autoptr (LkCamera) camera = NULL;
  gint64 begun_us = g_get_monotonic_time (), end_us;

  if (argc > 1 && strcmp (argv[1], "--list") == 0)
    return list ();
  if (argc < 4)
    return 2;
  options.source = argv[1];
  n_wanted = (int) strtol (argv[2], NULL, 10);
  end_us = begun_us + strtol (argv[3], NULL, 10) * G_USEC_PER_SEC;
  if (argc > 4)
    memcpy (&options.fourcc, argv[4], MIN (strlen (argv[4]), 4)); /* little endian, as V4L2's */
  if (argc > 6)
    {
      options.width = (int) strtol (argv[5], NULL, 10);
      options.height = (int) strtol (argv[6], NULL, 10);
    }
  camera = lk_camera_new (&options);
  lk_camera_start (camera, on_frame, on_state, NULL);
  signal (SIGTERM, on_terminate);
  while (!terminated && !is_enough () && g_get_monotonic_time () < end_us)
    g_usleep (10000);
  lk_camera_stop (camera);
  print_summary (begun_us);
  g_clear_pointer (&last, lk_frame_unref);
  return 0;
}
