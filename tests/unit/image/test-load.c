/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "draw.h"
#include "image/lk-jpeg.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("lk-load-XXXXXX", NULL);
  g_assert_nonnull (f->folder);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  GDir *dir = g_dir_open (f->folder, 0, NULL);

  for (const char *name = g_dir_read_name (dir); name != NULL; name = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (f->folder, name, NULL);

      g_remove (path);
    }
  g_dir_close (dir);
  g_rmdir (f->folder);
  g_free (f->folder);
}

static void
assert_not_loaded (const char *path, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (lk_image_load (path, &error));
  g_assert_error (error, domain, code);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
assert_bytes_refused (gconstpointer data, gsize size, int code)
{
  g_autofree guint8 *block = g_memdup2 (data, MAX (size, 1)); /* so that reading on is noticed */
  g_autoptr (GError) error = NULL;

  g_assert_null (lk_image_load_bytes (block, size, "test", &error));
  g_assert_error (error, LK_ERROR, code);
  g_assert_true (g_str_has_suffix (error->message, "."));
}

static void
test_save_and_load (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *name;
    int distance;
    const char *magic;
  } kinds[] = { { "a.png", 0, "\x89PNG" },
                { "a.PNG", 0, "\x89PNG" },
                { "a.jpg", 4, "\xff\xd8\xff" },
                { "a.JPEG", 4, "\xff\xd8\xff" } };
  g_autoptr (LkImage) image = draw_gradient (61, 43);
  mode_t mask = umask (0);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = g_build_filename (f->folder, kinds[i].name, NULL);
      g_autofree char *bytes = NULL;
      g_autoptr (LkImage) back = NULL;
      g_autoptr (GError) error = NULL;
      struct stat st;

      g_assert_true (lk_image_save (image, path, &error));
      g_assert_true (lk_image_save (image, path, &error)); /* over the old one */
      g_assert_no_error (error);
      back = lk_image_load (path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (distance (image, back), <=, kinds[i].distance);
      g_assert_cmpint (stat (path, &st), ==, 0);
      g_assert_cmpint (st.st_mode & 07777, ==, 0600);
      g_assert_true (g_file_get_contents (path, &bytes, NULL, NULL));
      g_assert_cmpmem (bytes, strlen (kinds[i].magic), kinds[i].magic, strlen (kinds[i].magic));
    }
  umask (mask);
}

static void
test_save_fails (Fixture *f, gconstpointer data)
{
  g_autoptr (LkImage) image = draw_gradient (6, 4);
  g_autofree char *path = g_build_filename (f->folder, "missing", "a.jpg", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (lk_image_save (image, path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* A PNG that calls itself JPEG. */
static void
test_wrong_extension (Fixture *f, gconstpointer data)
{
  g_autoptr (LkImage) image = draw_noise (9, 7, 1);
  g_autofree char *png = g_build_filename (f->folder, "a.png", NULL);
  g_autofree char *jpg = g_build_filename (f->folder, "a.jpg", NULL);
  g_autoptr (LkImage) back = NULL;

  g_assert_true (lk_image_save (image, png, NULL));
  g_assert_cmpint (g_rename (png, jpg), ==, 0);
  back = lk_image_load (jpg, NULL);
  g_assert_nonnull (back);
  assert_same (back, image);
}

static void
test_not_a_file (Fixture *f, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (f->folder, "missing.jpg", NULL);
  g_autofree char *fifo = g_build_filename (f->folder, "fifo.jpg", NULL);
  g_autofree char *empty = g_build_filename (f->folder, "empty.jpg", NULL);
  g_autofree char *hole = g_build_filename (f->folder, "hole.jpg", NULL);

  assert_not_loaded (missing, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  assert_not_loaded (f->folder, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  assert_not_loaded ("/dev/zero", G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0); /* opening it the usual way would hang */
  assert_not_loaded (fifo, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  assert_not_loaded (empty, LK_ERROR, LK_ERROR_FORMAT);
  g_assert_true (g_file_set_contents (hole, "", 0, NULL));
  g_assert_cmpint (truncate (hole, 4 * LK_IMAGE_MAX_PIXELS + 1025), ==, 0);
  assert_not_loaded (hole, LK_ERROR, LK_ERROR_TOO_LARGE);
}

static void
test_no_permission (Fixture *f, gconstpointer data)
{
  g_autoptr (LkImage) image = draw_noise (9, 7, 1);
  g_autofree char *path = g_build_filename (f->folder, "a.jpg", NULL);
  gboolean is_root = geteuid () == 0;

  g_assert_true (lk_image_save (image, path, NULL));
  g_assert_cmpint (g_chmod (path, 0), ==, 0);
  if (is_root)
    g_assert_cmpint (seteuid (65534), ==, 0); /* nobody: root may read everything */
  assert_not_loaded (path, G_FILE_ERROR, G_FILE_ERROR_ACCES);
  if (is_root)
    g_assert_cmpint (seteuid (0), ==, 0);
}

/* What gdk-pixbuf could open and we do not, and what is nothing at all. */
static void
test_other_kinds (void)
{
  static const char *const others[] = {
    "GIF89a\1\0\1\0\200\0\0\0\0\0\377\377\377,\0\0\0\0\1\0\1\0\0\2\2D\1\0;",
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
    "/* XPM */ static char *a[] = {\"1 1 1 1\", \"a c #fff\", \"a\"};",
    "II*\0\10\0\0\0",
    "P6 1 1 255 abc",
    "RIFF\0\0\0\0WEBPVP8 ",
    "\x89PNX\r\n\x1a\n",
    "\xff\xd8",
    "B",
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    assert_bytes_refused (others[i], 40 < strlen (others[i]) ? 40 : strlen (others[i]),
                          LK_ERROR_FORMAT);
  assert_bytes_refused ("", 0, LK_ERROR_FORMAT);
}

static GBytes *
from_pixbuf (GdkPixbuf *pixbuf, const char *type)
{
  char *data;
  gsize size;

  g_assert_true (gdk_pixbuf_save_to_buffer (pixbuf, &data, &size, type, NULL, NULL));
  return g_bytes_new_take (data, size);
}

/* Over white: 255 - alpha / 255 * (255 - value). */
static void
test_png_alpha (void)
{
  guint8 rgba[] = { 10, 20, 30, 255, 10, 20, 30, 0, 0, 255, 100, 51 };
  g_autoptr (GdkPixbuf)
      pixbuf = gdk_pixbuf_new_from_data (rgba, GDK_COLORSPACE_RGB, TRUE, 8, 3, 1, 12, NULL, NULL);
  g_autoptr (GBytes) file = from_pixbuf (pixbuf, "png");
  g_autoptr (LkImage) image = NULL;
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);

  image = lk_image_load_bytes (data, size, "test", NULL);
  g_assert_nonnull (image);
  g_assert_cmpmem (lk_image_get_pixels (image), 9,
                   ((guint8[]){ 10, 20, 30, 255, 255, 255, 204, 255, 224 }), 9);
}

static void
test_png_damaged (void)
{
  g_autoptr (LkImage) image = draw_disc (40, 24);
  g_autoptr (GdkPixbuf)
      pixbuf = gdk_pixbuf_new_from_bytes (image->bytes, GDK_COLORSPACE_RGB, FALSE, 8, 40, 24, 120);
  g_autoptr (GBytes) file = from_pixbuf (pixbuf, "png");
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);

  for (gsize n = 0; n < size; n++)
    assert_bytes_refused (data, n, LK_ERROR_FORMAT);
  for (gsize bit = 0; bit < 8 * size; bit++)
    {
      g_autoptr (LkImage) back = NULL;
      g_autoptr (GError) error = NULL;

      copy[bit / 8] ^= 1 << bit % 8;
      back = lk_image_load_bytes (copy, size, "test", &error);
      copy[bit / 8] ^= 1 << bit % 8;
      g_assert_true ((back == NULL) == (error != NULL));
      if (back != NULL) /* a flip that does not matter, in a checksum or a text */
        assert_same (back, image);
    }
}

static void
test_png_oversized (void)
{
  guint8 header[8 + 25] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
  static const guint32 sizes[][2] = {
    { 16385, 1 }, { 1, 16385 }, { 16384, 4097 }, { 0x7fffffff, 0x7fffffff }, { 0xffffffff, 1 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      guint32 width = GUINT32_TO_BE (sizes[i][0]), height = GUINT32_TO_BE (sizes[i][1]);

      memcpy (header + 16, &width, 4);
      memcpy (header + 20, &height, 4);
      assert_bytes_refused (header, sizeof header, LK_ERROR_TOO_LARGE);
    }
  memset (header + 16, 0, 4);
  assert_bytes_refused (header, sizeof header, LK_ERROR_FORMAT);
}

/* 3 by 2 pixels of 24 bits, blue first, rows of 12 bytes; bottom row first
 * unless the height is negative. */
static gsize
write_bmp (guint8 *out, int width, int height, int compression)
{
  const guint32 fields[] = { 40, width, height, 1 | 24 << 16, compression, 24, 0, 0, 0, 0 };
  const guint8 rows[24] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 11, 12, 13, 14, 15, 16, 17, 18, 19
  };
  const guint32 offset = GUINT32_TO_LE (54), size = GUINT32_TO_LE (54 + 24);

  memset (out, 0, 54);
  memcpy (out, "BM", 2);
  memcpy (out + 2, &size, 4);
  memcpy (out + 10, &offset, 4);
  for (int i = 0; i < 10; i++)
    {
      guint32 field = GUINT32_TO_LE (fields[i]);

      memcpy (out + 14 + 4 * i, &field, 4);
    }
  memcpy (out + 54, rows, 24);
  return 54 + 24;
}

static void
test_bmp (void)
{
  const guint8 first[9] = { 3, 2, 1, 6, 5, 4, 9, 8, 7 };
  const guint8 second[9] = { 13, 12, 11, 16, 15, 14, 19, 18, 17 };
  guint8 file[100];
  gsize size = write_bmp (file, 3, 2, 0);
  g_autoptr (LkImage) upwards = lk_image_load_bytes (file, size, "test", NULL);
  g_autoptr (LkImage) downwards = NULL;

  write_bmp (file, 3, -2, 0);
  downwards = lk_image_load_bytes (file, size, "test", NULL);
  g_assert_cmpint (upwards->width, ==, 3);
  g_assert_cmpint (upwards->height, ==, 2);
  g_assert_cmpmem (pixel_at (upwards, 0, 0), 9, second, 9);
  g_assert_cmpmem (pixel_at (upwards, 0, 1), 9, first, 9);
  g_assert_cmpmem (pixel_at (downwards, 0, 0), 9, first, 9);
  g_assert_cmpmem (pixel_at (downwards, 0, 1), 9, second, 9);
}

static void
test_bmp_damaged (void)
{
  static const struct
  {
    int width, height, compression, code;
  } cases[] = {
    { 5, 2, 0, LK_ERROR_FORMAT },           { 3, 3, 0, LK_ERROR_FORMAT },
    { 0, 2, 0, LK_ERROR_FORMAT },           { -3, 2, 0, LK_ERROR_FORMAT },
    { 3, G_MININT, 0, LK_ERROR_TOO_LARGE }, { G_MAXINT, G_MAXINT, 0, LK_ERROR_TOO_LARGE },
    { 16385, 1, 0, LK_ERROR_TOO_LARGE },    { 3, 2, 1, LK_ERROR_FORMAT }, /* run lengths */
  };
  guint8 file[100];
  gsize size = write_bmp (file, 3, 2, 0);

  for (gsize n = 0; n < size; n++)
    assert_bytes_refused (file, n, LK_ERROR_FORMAT);
  for (gsize bit = 0; bit < 8 * size; bit++)
    {
      g_autoptr (LkImage) back = NULL;
      g_autoptr (GError) error = NULL;

      file[bit / 8] ^= 1 << bit % 8;
      back = lk_image_load_bytes (file, size, "test", &error);
      file[bit / 8] ^= 1 << bit % 8;
      g_assert_true ((back == NULL) == (error != NULL));
    }
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      write_bmp (file, cases[i].width, cases[i].height, cases[i].compression);
      assert_bytes_refused (file, size, cases[i].code);
    }
}

/* gdk-pixbuf finds 16 GB for such a palette, and reads the runs of a file that
 * ends in the midst of them as a picture: neither may get there. */
static void
test_bmp_traps (void)
{
  static const guint8 runs[] = {
    'B', 'M', 70, 0, 0,   0,   0,   0, 0, 0, 62, 0, 0, 0,                   /* file header */
    40,  0,   0,  0, 3,   0,   0,   0, 2, 0, 0,  0, 1, 0, 8, 0, 1, 0, 0, 0, /* 3 by 2, runs */
    8,   0,   0,  0, 0,   0,   0,   0, 0, 0, 0,  0, 2, 0, 0, 0, 0, 0, 0, 0, /* two colours: */
    0,   0,   0,  0, 255, 255, 255, 0, 3, 1, 0,  0, 3, 1, 0, 0, /* black, white; two rows */
  };
  g_autoptr (GError) error = NULL;
  guint8 file[100];
  gsize size = write_bmp (file, 3, 2, 0);

  memset (file + 46, 0xff, 4);
  g_assert_null (lk_image_load_bytes (file, size, "test", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "too many colours"));
  g_clear_error (&error);

  g_assert_null (lk_image_load_bytes (runs, sizeof runs, "test", &error));
  g_assert_error (error, LK_ERROR, LK_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "of this kind"));
}

static void
test_names (void)
{
  static const char *const yes[] = { "a.jpg", "a.JPG", "b.Jpeg", "c.png", "d.bmp", "x/y.z.jpg" };
  static const char *const no[] = { "jpg", ".jpg", "a.jp", "a.gif", "a.jpg.txt", "", "a.jpge" };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    g_assert_true (lk_image_is_image_name (yes[i]));
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    g_assert_false (lk_image_is_image_name (no[i]));
}

/* Real ones, where this machine has some; never committed. */
static void
test_real_pictures (void)
{
  const char *root = g_getenv ("LIKENESS_FACES");
  g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
  int n = 0;

  if (root == NULL || !g_file_test (root, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("there is no folder of real faces beside the source");
      return;
    }
  g_ptr_array_add (folders, g_strdup (root));
  for (guint i = 0; i < folders->len && n < 50; i++)
    {
      g_autoptr (GDir) dir = g_dir_open (folders->pdata[i], 0, NULL);

      for (const char *name; n < 50 && dir != NULL && (name = g_dir_read_name (dir)) != NULL;)
        {
          g_autofree char *path = g_build_filename (folders->pdata[i], name, NULL);
          g_autoptr (LkImage) image = NULL;
          g_autoptr (GError) error = NULL;

          if (g_file_test (path, G_FILE_TEST_IS_DIR))
            g_ptr_array_add (folders, g_steal_pointer (&path));
          if (path == NULL || !lk_image_is_image_name (name))
            continue;
          image = lk_image_load (path, &error);
          g_assert_no_error (error);
          g_assert_cmpint (image->width, >, 20);
          g_assert_cmpfloat (lk_image_mean_luma (image), >, 5);
          n++;
        }
    }
  g_assert_cmpint (n, >, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/load/save-and-load", test_save_and_load);
  ADD ("/load/save-fails", test_save_fails);
  ADD ("/load/wrong-extension", test_wrong_extension);
  ADD ("/load/not-a-file", test_not_a_file);
  ADD ("/load/no-permission", test_no_permission);
  g_test_add_func ("/load/other-kinds", test_other_kinds);
  g_test_add_func ("/load/png-alpha", test_png_alpha);
  g_test_add_func ("/load/png-damaged", test_png_damaged);
  g_test_add_func ("/load/png-oversized", test_png_oversized);
  g_test_add_func ("/load/bmp", test_bmp);
  g_test_add_func ("/load/bmp-damaged", test_bmp_damaged);
  g_test_add_func ("/load/bmp-traps", test_bmp_traps);
  g_test_add_func ("/load/names", test_names);
  g_test_add_func ("/load/real-pictures", test_real_pictures);
  return g_test_run ();
}
