/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "image/lk-jpeg.h"
#include "recorder.h"

/*
 * Ten thousand frames and no more memory at the end than after the first thousand,
 * whatever is kept from frame to frame and from round to round.
 */
#define N_FRAMES  10000
#define N_WARM_UP 1000
#define GROWTH_KB 512 /* pages that the allocator happens to touch; one frame has 225 */

static long
resident_kb (void)
{
  g_autofree char *status = NULL;
  const char *line;

  malloc_trim (0);
  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "\nVmRSS:");
  g_assert_nonnull (line);
  return (long) g_ascii_strtoll (line + strlen ("\nVmRSS:"), NULL, 10);
}

static void
check (const char *source)
{
  g_autofree char *full = g_strconcat ("files:", source, NULL);
  LkCameraOptions options = { .source = full, .fps = 1e6 };
  g_autoptr (Recorder) r = recorder_new (&options);
  guint share = recorder_is_instrumented () ? 10 : 1;
  long before_kb, after_kb;

  recorder_wait_frames (r, N_WARM_UP / share);
  before_kb = resident_kb ();
  for (guint n = 2 * N_WARM_UP; n <= N_FRAMES; n += N_WARM_UP)
    recorder_wait_frames (r, n / share);
  after_kb = resident_kb ();
  recorder_stop (r);
  g_test_message ("%u frames: %ld kB, then %ld kB", r->n_frames, before_kb, after_kb);
  if (!recorder_is_instrumented ()) /* whose allocators keep what was freed, but find leaks
                                       themselves */
    g_assert_cmpint (after_kb - before_kb, <, GROWTH_KB);
}

static void
test_folder (void)
{
  g_autofree char *folder = g_dir_make_tmp ("likeness-test-XXXXXX", NULL);
  g_autofree char *film = g_build_filename (folder, "film.mjpeg", NULL);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%02d.jpg", folder, i);
      g_autoptr (LkImage) image = red_and_blue (320, 240);
      g_autoptr (GBytes) jpeg = lk_jpeg_encode (image, 80, NULL);
      gsize size;
      const guint8 *data = g_bytes_get_data (jpeg, &size);

      /* One in ten is broken: what an error leaves behind counts as well. */
      size = i % 10 == 3 ? size / 2 : size;
      g_assert_true (g_file_set_contents (name, (const char *) data, (gssize) size, NULL));
      g_byte_array_append (bytes, data, (guint) size);
    }
  g_assert_true (g_file_set_contents (film, (const char *) bytes->data, (gssize) bytes->len, NULL));
  check (folder);
  check (film);

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%02d.jpg", folder, i);

      remove (name);
    }
  remove (film);
  remove (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/camera/soak", test_folder);
  return g_test_run ();
}
