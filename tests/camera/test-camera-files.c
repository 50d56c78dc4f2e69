/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lk-error.h"
#include "image/lk-jpeg.h"
#include "recorder.h"

typedef struct
{
  char *folder; /* (owned) */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("likeness-test-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL
                                                                    : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  remove_all (f->folder);
  g_free (f->folder);
}

/* Writes a picture to @name, "a/b.jpg", below the folder. */
static void
write_picture (Fixture *f, const char *name, int width)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (LkImage) image = red_and_blue (width, 16);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  lk_image_save (image, path, &error);
  g_assert_no_error (error);
}

static void
write_bytes (Fixture *f, const char *name, const void *data, gsize size)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static Recorder *
play (Fixture *f, const char *name, double fps, gboolean once)
{
  g_autofree char *source = g_strconcat ("files:", f->folder, "/", name, NULL);
  LkCameraOptions options = { .source = source, .fps = fps, .once = once };

  return recorder_new (&options);
}

static void
assert_names (Recorder *r, const char *expected)
{
  g_autofree char *names = NULL;

  g_ptr_array_add (r->names, NULL);
  names = g_strjoinv (" ", (char **) r->names->pdata);
  g_ptr_array_set_size (r->names, (int) r->names->len - 1);
  g_assert_cmpstr (names, ==, expected);
}

static void
test_order (Fixture *f, gconstpointer data)
{
  g_autoptr (Recorder) r = NULL;
  g_autofree char *back = g_build_filename (f->folder, "b", "back", NULL);

  write_picture (f, "c.png", 32);
  write_picture (f, "a.jpg", 32);
  write_picture (f, "b/2.JPG", 32);
  write_picture (f, "b/1.jpeg", 32);
  write_picture (f, "b/x/3.jpg", 32);
  write_picture (f, ".hidden.jpg", 32);
  write_bytes (f, "notes.txt", "text", 4);
  g_assert_cmpint (symlink ("..", back), ==, 0); /* a circle */

  r = play (f, "", 1000, TRUE);
  recorder_wait_state (r, LK_CAMERA_ENDED);
  assert_names (r, "a.jpg 1.jpeg 2.JPG 3.jpg c.png");
  g_assert_cmpstr (r->states->str, ==, "SPE");
  g_assert_cmpuint (r->last->n_dropped, ==, 0);
  assert_red_and_blue (r->last->image, 32, 16);
  recorder_stop (r);
}

static void
wait_for_width (Recorder *r, int width)
{
  for (int i = 0; i < 100; i++)
    {
      g_autoptr (LkFrame) frame = recorder_get_last (r);

      if (frame->image->width == width)
        return;
      recorder_wait_frames (r, (guint) frame->number + 2);
    }
  g_error ("no picture of %d pixels", width);
}

/* In place: the same inode. */
static void
overwrite (Fixture *f, const char *name, const char *with)
{
  g_autofree char *to = g_build_filename (f->folder, name, NULL);
  g_autofree char *from = g_build_filename (f->folder, with, NULL);
  g_autofree char *contents = NULL;
  gsize size;
  FILE *file;

  g_assert_true (g_file_get_contents (from, &contents, &size, NULL));
  file = fopen (to, "wb");
  g_assert_cmpuint (fwrite (contents, 1, size, file), ==, size);
  fclose (file);
}

static void
test_loop_and_single (Fixture *f, gconstpointer data)
{
  g_autoptr (Recorder) r = NULL;
  g_autoptr (LkFrame) first = NULL;
  g_autoptr (LkFrame) later = NULL;

  write_picture (f, "a.jpg", 32);
  r = play (f, "a.jpg", 500, FALSE);
  recorder_wait_frames (r, 3);
  first = recorder_get_last (r);
  recorder_wait_frames (r, 30);
  later = recorder_get_last (r);
  g_assert_true (first->image == later->image); /* decoded once */

  /* … but not kept when another takes its place, … */
  write_picture (f, "a.jpg", 64);
  wait_for_width (r, 64);
  /* … or it is written to. */
  write_picture (f, "b.jpg", 48);
  overwrite (f, "a.jpg", "b.jpg");
  wait_for_width (r, 48);
  recorder_stop (r);
  assert_red_and_blue (r->last->image, 48, 16);
  g_assert_true (g_str_has_prefix (r->states->str, "SP")); /* it may have been seen half written */
  g_assert_true (g_str_has_suffix (r->detail, "×16 pictures, 500 fps"));
}

/* What now and then takes four of the ten-millisecond periods … */
static void
dawdle (LkFrame *frame, gpointer data)
{
  gint64 *when_us = data;

  if (frame->number % 5 == 0)
    g_usleep (42000);
  if (frame->number == 100)
    *when_us = frame->when_us;
}

/* … is caught up with: the time of a frame is set by the clock, not by the one before. */
static void
test_rate (Fixture *f, gconstpointer data)
{
  g_autofree char *source = g_strconcat ("files:", f->folder, NULL);
  LkCameraOptions options = { .source = source, .fps = 100 };
  g_autoptr (LkCamera) camera = lk_camera_new (&options);
  gint64 when_us = 0, begun_us;

  write_picture (f, "a.jpg", 32);
  write_picture (f, "b.jpg", 32);
  begun_us = g_get_monotonic_time ();
  lk_camera_start (camera, dawdle, NULL, &when_us);
  g_usleep (2 * G_USEC_PER_SEC);
  lk_camera_stop (camera);
  g_assert_cmpint (when_us - begun_us, >, 950 * 1000);
  g_assert_cmpint (when_us - begun_us, <, 1350 * 1000);
}

static void
test_slow_stops_at_once (Fixture *f, gconstpointer data)
{
  g_autoptr (Recorder) r = NULL;

  write_picture (f, "a.jpg", 32);
  r = play (f, "", 0.01, FALSE);
  recorder_wait_frames (r, 1);
  recorder_stop (r);
}

static void
test_restart (Fixture *f, gconstpointer data)
{
  g_autofree char *source = g_strconcat ("files:", f->folder, NULL);
  LkCameraOptions options = { .source = source, .fps = 1000, .once = TRUE };
  g_autoptr (LkCamera) camera = lk_camera_new (&options);

  write_picture (f, "a.jpg", 32);
  for (int i = 0; i < 50; i++)
    {
      lk_camera_start (camera, NULL, NULL, NULL);
      if (i % 3 == 0)
        g_usleep (i * 100);
      lk_camera_stop (camera);
    }
  lk_camera_stop (camera); /* once more does no harm */
  lk_camera_free (NULL);
}

static void
test_broken_pictures_are_skipped (Fixture *f, gconstpointer data)
{
  g_autoptr (Recorder) r = NULL;
  g_autofree char *fifo = g_build_filename (f->folder, "d.jpg", NULL);
  g_autofree char *nowhere = g_build_filename (f->folder, "e.jpg", NULL);

  write_picture (f, "a.jpg", 32);
  write_bytes (f, "b.jpg", "\xff\xd8\xff\xe0 no picture", 15);
  write_bytes (f, "c.png", "", 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0); /* to open it would wait for ever */
  g_assert_cmpint (symlink ("gone", nowhere), ==, 0);
  write_picture (f, "z.png", 32);

  r = play (f, "", 1000, TRUE);
  recorder_wait_state (r, LK_CAMERA_ENDED);
  assert_names (r, "a.jpg z.png");
  g_assert_cmpuint (r->last->n_dropped, ==, 2);
  recorder_stop (r);
}

static void
test_nothing_to_play (Fixture *f, gconstpointer data)
{
  g_autoptr (Recorder) r = play (f, "missing", 100, FALSE);

  recorder_wait_error (r, LK_ERROR_CAMERA_NOT_FOUND);
  recorder_stop (r);
  g_assert_nonnull (strstr (r->error->message, "missing"));
  g_clear_pointer (&r, recorder_free);

  r = play (f, "", 100, FALSE); /* an empty folder, … */
  recorder_wait_error (r, LK_ERROR_CAMERA_NOT_FOUND);
  write_picture (f, "a.jpg", 32); /* … until there is a picture */
  recorder_wait_frames (r, 2);
  recorder_stop (r);
  g_assert_cmpstr (r->states->str, ==, "SFP");
  g_clear_pointer (&r, recorder_free);

  write_bytes (f, "a.jpg", "\xff\xd8\xff", 3);
  r = play (f, "", 100, FALSE);
  recorder_wait_error (r, LK_ERROR_CAMERA_NOT_FOUND);
  recorder_stop (r);
  g_clear_pointer (&r, recorder_free);

  r = play (f, "../../../dev/null", 100, FALSE);
  recorder_wait_error (r, LK_ERROR_CAMERA_NOT_FOUND);
  recorder_stop (r);
}

static void
test_unplugged_and_back (Fixture *f, gconstpointer data)
{
  g_autoptr (Recorder) r = NULL;
  g_autoptr (LkFrame) last = NULL;
  g_autofree char *here = g_build_filename (f->folder, "camera", NULL);
  g_autofree char *away = g_build_filename (f->folder, "away", NULL);

  write_picture (f, "camera/a.jpg", 32);
  write_picture (f, "camera/b.jpg", 32);
  r = play (f, "camera", 200, FALSE);
  recorder_wait_frames (r, 5);
  g_assert_cmpint (g_rename (here, away), ==, 0);
  recorder_wait_error (r, LK_ERROR_CAMERA_UNPLUGGED);

  /* The retries find that it is not there, which is no news. */
  g_usleep (RECORDER_RETRY_MS * 3500);
  last = recorder_get_last (r);
  g_assert_cmpint (g_rename (away, here), ==, 0);
  recorder_wait_frames (r, (guint) last->number + 6);

  g_assert_cmpint (g_rename (here, away), ==, 0);
  recorder_wait_error (r, LK_ERROR_CAMERA_UNPLUGGED);
  recorder_stop (r);
  g_assert_cmpstr (r->states->str, ==, "SPFPF");
}

static void
test_permission (Fixture *f, gconstpointer data)
{
  g_autoptr (Recorder) r = NULL;
  g_autofree char *path = g_build_filename (f->folder, "locked", NULL);

  write_picture (f, "locked/a.jpg", 32);
  g_chmod (path, 0000);
  if (getuid () == 0) /* who may read everything, and so steps down */
    {
      g_assert_cmpint (chmod (f->folder, 0755), ==, 0);
      g_assert_cmpint (seteuid (65534), ==, 0);
    }
  r = play (f, "locked", 100, FALSE);
  recorder_wait_error (r, LK_ERROR_CAMERA_PERMISSION);
  g_assert_cmpint (seteuid (getuid ()), ==, 0);
  g_chmod (path, 0755);
  recorder_wait_frames (r, 1);
  recorder_stop (r);
  g_assert_cmpstr (r->states->str, ==, "SFP");
}

/* --- MJPEG ---------------------------------------------------------------- */

static GBytes *
jpeg (int width)
{
  g_autoptr (LkImage) image = red_and_blue (width, 16);
  GBytes *bytes = lk_jpeg_encode (image, 90, NULL);

  g_assert_nonnull (bytes);
  return bytes;
}

static void
append (GByteArray *out, const void *data, gsize size)
{
  g_byte_array_append (out, data, (guint) size);
}

static void
append_jpeg (GByteArray *out, int width)
{
  g_autoptr (GBytes) bytes = jpeg (width);

  append (out, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
assert_mjpeg (Fixture *f, GByteArray *data, guint n_frames, guint n_dropped)
{
  g_autoptr (Recorder) r = NULL;

  write_bytes (f, "film.MJPEG", data->data, data->len);
  r = play (f, "film.MJPEG", 10000, TRUE);
  recorder_wait_state (r, LK_CAMERA_ENDED);
  g_assert_cmpuint (r->n_frames, ==, n_frames);
  g_assert_cmpuint (r->last->n_dropped, ==, n_dropped);
  recorder_stop (r);
}

static void
test_mjpeg (Fixture *f, gconstpointer data)
{
  g_autoptr (GByteArray) film = g_byte_array_new ();
  g_autoptr (Recorder) r = NULL;

  for (int i = 0; i < 300; i++) /* more than one chunk is read */
    {
      append (film, "\r\n--boundary\r\nContent-Type: image/jpeg\r\n\r\n", 42);
      append_jpeg (film, 160 + 16 * (i % 3));
    }
  assert_mjpeg (f, film, 300, 0);

  r = play (f, "film.MJPEG", 10000, FALSE);
  recorder_wait_frames (r, 650);
  recorder_stop (r);
  assert_red_and_blue (r->last->image, r->last->image->width, 16);
  g_assert_nonnull (strstr (r->detail, "MJPEG"));
}

/* A preview inside a picture is not a picture of the film. */
static void
test_mjpeg_preview (Fixture *f, gconstpointer data)
{
  g_autoptr (GByteArray) film = g_byte_array_new ();
  g_autoptr (GBytes) whole = jpeg (64), preview = jpeg (16);
  guint8 segment[4] = { 0xff, 0xe1, 0, 0 };
  gsize length = g_bytes_get_size (preview) + 2;
  const guint8 *p = g_bytes_get_data (whole, NULL);

  segment[2] = (guint8) (length >> 8);
  segment[3] = (guint8) length;
  for (int i = 0; i < 3; i++)
    {
      append (film, p, 2);
      append (film, segment, 4);
      append (film, g_bytes_get_data (preview, NULL), g_bytes_get_size (preview));
      append (film, p + 2, g_bytes_get_size (whole) - 2);
    }
  assert_mjpeg (f, film, 3, 0);
}

static void
test_mjpeg_damaged (Fixture *f, gconstpointer data)
{
  g_autoptr (GByteArray) film = g_byte_array_new ();
  g_autoptr (GBytes) whole = jpeg (64);
  const guint8 *p = g_bytes_get_data (whole, NULL);
  gsize size = g_bytes_get_size (whole);

  append (film, "junk \xff\xd8 junk", 12);
  append_jpeg (film, 64);
  append (film, p, size - 40); /* interrupted in its scan by the next */
  append_jpeg (film, 64);
  append (film, p, 30); /* interrupted in its tables */
  append_jpeg (film, 64);
  append (film, "\xff\xd8\xff\xe0\0\1", 6); /* a length that cannot be */
  append_jpeg (film, 64);
  append (film, "\xff\xd8\xff\xd9", 4); /* well formed, and empty */
  append_jpeg (film, 64);
  append (film, p, size - 10); /* cut off by the end of the file */
  {
    g_autoptr (Recorder) r = NULL;

    write_bytes (f, "film.mjpg", film->data, film->len);
    r = play (f, "film.mjpg", 1000, TRUE);
    recorder_wait_state (r, LK_CAMERA_ENDED);
    /* The one in whose tables the 30 bytes ran on may be lost with them. */
    g_assert_cmpuint (r->n_frames, >=, 4);
    g_assert_cmpuint (r->n_frames, <=, 5);
    g_assert_cmpuint (r->last->n_dropped, >=, 4);
    assert_red_and_blue (r->last->image, 64, 16);
    recorder_stop (r);
  }
  write_bytes (f, "film.mjpg", "no picture at all", 17);
  {
    g_autoptr (Recorder) r = play (f, "film.mjpg", 1000, FALSE);

    recorder_wait_error (r, LK_ERROR_CAMERA_NOT_FOUND);
    recorder_stop (r);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add ("/camera/files/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("order", test_order);
  ADD ("loop-and-single", test_loop_and_single);
  ADD ("rate", test_rate);
  ADD ("slow-stops-at-once", test_slow_stops_at_once);
  ADD ("restart", test_restart);
  ADD ("broken-pictures-are-skipped", test_broken_pictures_are_skipped);
  ADD ("nothing-to-play", test_nothing_to_play);
  ADD ("unplugged-and-back", test_unplugged_and_back);
  ADD ("permission", test_permission);
  ADD ("mjpeg", test_mjpeg);
  ADD ("mjpeg/preview", test_mjpeg_preview);
  ADD ("mjpeg/damaged", test_mjpeg_damaged);
  return g_test_run ();
}
