/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "camera/lk-camera-error.h"
#include "camera/lk-camera-list-private.h"
#include "camera/lk-camera-modes.h"
#include "fake-camera.h"

/* A /sys and a /dev of our own. */
typedef struct
{
  char *root, *class, *dev; /* (owned) */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *by_id = NULL;
  g_autofree char *by_path = NULL;

  f->root = g_dir_make_tmp ("likeness-test-XXXXXX", NULL);
  g_assert_nonnull (f->root);
  f->class = g_build_filename (f->root, "class", NULL);
  f->dev = g_build_filename (f->root, "dev", NULL);
  by_id = g_build_filename (f->dev, "v4l", "by-id", NULL);
  by_path = g_build_filename (f->dev, "v4l", "by-path", NULL);
  g_assert_cmpint (g_mkdir_with_parents (by_id, 0700), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (by_path, 0700), ==, 0);
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
  fake_camera_reset ();
  remove_all (f->root);
  g_free (f->root);
  g_free (f->class);
  g_free (f->dev);
}

static void
write_text (const char *folder, const char *name, const char *file, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, file, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
add (Fixture *f, const char *name, const char *index, const FakeCamera *script)
{
  g_autofree char *node = g_build_filename (f->dev, name, NULL);

  write_text (f->class, name, "name", "Name in sysfs\n");
  write_text (f->class, name, "index", index);
  g_assert_true (g_file_set_contents (node, "", 0, NULL)); /* for the links to lead to */
  fake_camera_set (node, script);
}

static void
add_link (Fixture *f, const char *folder, const char *name, const char *target)
{
  g_autofree char *link = g_build_filename (f->dev, "v4l", folder, name, NULL);

  g_assert_cmpint (symlink (target, link), ==, 0);
}

static void
assert_ends_with (const char *text, const char *end)
{
  if (!g_str_has_suffix (text, end))
    g_error ("“%s” does not end with “%s”", text, end);
}

static void
test_which (Fixture *f, gconstpointer data)
{
  FakeCamera camera = { .card = "Front Camera",
                        .formats = { V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_MJPEG } };
  FakeCamera metadata = { .device_caps = V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING };
  FakeCamera output = { .device_caps = V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING };
  FakeCamera raw = { .device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_IO_MC };
  FakeCamera reading = { .device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_READWRITE };
  FakeCamera second = { .card = "Back \xff Camera" };
  g_autoptr (GPtrArray) found = NULL;
  const LkCameraDevice *device;
  const LkCameraMode *mode;

  add (f, "video10", "0", &second); /* behind video9, and first in the alphabet */
  add (f, "video9", "0", &camera);
  add (f, "video1", "1", &metadata);
  add (f, "video2", "0", &output);
  add (f, "video3", "0", &raw);
  add (f, "video4", "0", &reading);
  write_text (f->class, "video5", "name", "Gone"); /* no node */
  write_text (f->class, "radio0", "name", "Radio");
  add_link (f, "by-id", "usb-Front_Camera_1234-video-index0", "../../video9");
  add_link (f, "by-id", "usb-Front_Camera_1234-video-index1", "../../video1");
  add_link (f, "by-path", "pci-0000:00:14.0-usb-0:1:1.0-video-index0", "../../video9");
  add_link (f, "by-path", "pci-0000:00:14.0-usb-0:2:1.0-video-index0", "../../video10");
  add_link (f, "by-path", "broken", "../../nothing");

  found = lk_camera_list_in (f->class, f->dev);
  g_assert_cmpuint (found->len, ==, 2);
  device = found->pdata[0];
  g_assert_cmpstr (device->name, ==, "Front Camera");
  g_assert_cmpstr (device->bus, ==, "usb-fake-1");
  assert_ends_with (device->node, "/video9");
  assert_ends_with (device->stable, "/by-id/usb-Front_Camera_1234-video-index0");

  /* Larger first, then by the name of the format. */
  g_assert_cmpuint (device->modes->len, ==, 4);
  mode = &g_array_index (device->modes, LkCameraMode, 0);
  g_assert_cmpstr (mode->name, ==, "MJPG");
  g_assert_cmpint (mode->width, ==, 1280);
  g_assert_cmpint (mode->height, ==, 720);
  g_assert_cmpfloat (mode->max_fps, ==, 30);
  mode = &g_array_index (device->modes, LkCameraMode, 3);
  g_assert_cmpstr (mode->name, ==, "YUYV");
  g_assert_cmpuint (mode->fourcc, ==, V4L2_PIX_FMT_YUYV);
  g_assert_cmpint (mode->width, ==, 640);

  device = found->pdata[1];
  g_assert_true (g_utf8_validate (device->name, -1, NULL));
  assert_ends_with (device->stable, "/by-path/pci-0000:00:14.0-usb-0:2:1.0-video-index0");
  g_assert_cmpint (fake_camera_n_open (device->node), ==, 0);
}

/* A camera that cannot be opened is there all the same; the node beside it is none. */
static void
test_locked (Fixture *f, gconstpointer data)
{
  FakeCamera locked = { .open_errno = EACCES };
  g_autoptr (GPtrArray) found = NULL;
  const LkCameraDevice *device;

  add (f, "video0", "0\n", &locked);
  add (f, "video1", "1\n", &locked);
  found = lk_camera_list_in (f->class, f->dev);
  g_assert_cmpuint (found->len, ==, 1);
  device = found->pdata[0];
  g_assert_cmpstr (device->name, ==, "Name in sysfs");
  g_assert_cmpstr (device->stable, ==, device->node);
  g_assert_cmpuint (device->modes->len, ==, 0);
}

static void
test_none (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) found = lk_camera_list_in (f->class, f->dev);
  g_autoptr (GPtrArray) real = lk_camera_list ();

  g_assert_cmpuint (found->len, ==, 0);
  g_assert_nonnull (real);
  lk_camera_device_free (NULL);
}

static void
test_steps (Fixture *f, gconstpointer data)
{
  FakeCamera steps = { .stepwise = TRUE };
  g_autoptr (GPtrArray) found = NULL;
  const LkCameraDevice *device;
  gboolean has_vga = FALSE;

  add (f, "video0", "0", &steps);
  found = lk_camera_list_in (f->class, f->dev);
  g_assert_cmpuint (found->len, ==, 1);
  device = found->pdata[0];
  for (guint i = 0; i < device->modes->len; i++)
    {
      const LkCameraMode *mode = &g_array_index (device->modes, LkCameraMode, i);

      has_vga = has_vga || (mode->width == 640 && mode->height == 480);
      g_assert_cmpint (mode->width, <=, 1280);
      g_assert_cmpint (mode->height, <=, 960);
    }
  g_assert_true (has_vga);
}

/* --- choosing a mode: a table of what there is and what is taken ------------ */

static GArray *
parse_modes (const char *offered)
{
  GArray *modes = g_array_new (FALSE, TRUE, sizeof (LkCameraMode));
  g_auto (GStrv) items = g_strsplit (offered, " ", -1);

  for (int i = 0; items[i] != NULL && items[i][0] != '\0'; i++)
    {
      LkCameraMode mode = { 0 };
      char *rest = items[i] + 5; /* "YUYV:640x480@30" */

      mode.fourcc = v4l2_fourcc (items[i][0], items[i][1], items[i][2], items[i][3]);
      mode.width = (int) strtol (rest, &rest, 10);
      mode.height = (int) strtol (rest + 1, &rest, 10);
      mode.max_fps = g_ascii_strtod (rest + 1, NULL);
      lk_camera_fourcc_name (mode.fourcc, mode.name);
      g_array_append_val (modes, mode);
    }
  return modes;
}

static void
check_choice (const char *offered, int width, int height, double fps, const char *chosen)
{
  g_autoptr (GArray) modes = parse_modes (offered);
  char name[5];

  lk_camera_fourcc_name (lk_camera_modes_choose (modes, width, height, fps), name);
  g_assert_cmpstr (name, ==, chosen);
}

static void
test_choice (void)
{
  const char *usual = "MJPG:1280x720@30 MJPG:640x480@30 YUYV:1280x720@10 YUYV:640x480@30";

  check_choice (usual, 640, 480, 30, "YUYV");
  check_choice (usual, 1280, 720, 30, "MJPG");
  check_choice (usual, 1280, 720, 10, "YUYV");
  check_choice (usual, 1920, 1080, 30, "MJPG");
  check_choice (usual, 640, 480, 60, "MJPG");
  check_choice ("YUYV:640x480@29.97 MJPG:640x480@30", 640, 480, 30, "YUYV");
  check_choice ("YUYV:640x480@0 MJPG:640x480@30", 640, 480, 30, "YUYV");
  check_choice ("YUYV:640x480@5", 640, 480, 30, "YUYV");
  check_choice ("GREY:640x480@30 JPEG:640x480@30", 640, 480, 30, "JPEG");
  check_choice ("GREY:640x480@30 NV12:640x480@30", 640, 480, 30, "NV12");
  check_choice ("GREY:640x480@30 UYVY:640x480@30", 640, 480, 30, "RGB3");
  check_choice ("GREY:640x480@30", 640, 480, 30, "GREY");
  check_choice ("UYVY:640x480@30", 640, 480, 30, "RGB3");
  check_choice ("", 640, 480, 30, "RGB3");
}

static void
check_words (const char *offered, const char *expected)
{
  g_autoptr (GArray) modes = parse_modes (offered);
  g_autofree char *words = lk_camera_modes_to_string (modes);

  g_assert_cmpstr (words, ==, expected);
}

static void
test_words (void)
{
  check_words ("MJPG:1280x720@30 YUYV:1280x720@10 MJPG:640x480@60 YUYV:640x480@30",
               "MJPG 1280×720 30/s, YUYV 1280×720 10/s");
  check_words ("GREY:640x480@0", "GREY 640×480");
  check_words ("", "");
}

static void
test_fourcc_name (void)
{
  char name[5];

  lk_camera_fourcc_name (v4l2_fourcc ('Y', '1', '6', ' '), name);
  g_assert_cmpstr (name, ==, "Y16");
  lk_camera_fourcc_name (v4l2_fourcc_be ('Y', '1', '6', ' '), name);
  g_assert_cmpstr (name, ==, "Y16");
  lk_camera_fourcc_name (0x01020304, name);
  g_assert_cmpstr (name, ==, "????");
}

/* --- who holds a camera ---------------------------------------------------- */

static void
test_holder (Fixture *f, gconstpointer data)
{
  g_autofree char *file = g_build_filename (f->root, "held", NULL);
  g_autofree char *link = g_build_filename (f->root, "link", NULL);
  g_autofree char *holder = NULL;
  g_autofree char *expected = NULL;
  GPid child;
  int in;
  const char *argv[] = { "/bin/cat", NULL };

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_cmpint (symlink ("held", link), ==, 0);
  g_assert_null (lk_camera_find_holder (file));
  g_assert_null (lk_camera_find_holder ("/nowhere"));

  {
    int fd = g_open (file, O_RDWR, 0); /* and hands it down to the child */

    g_assert_cmpint (fd, >=, 0);
    g_assert_null (lk_camera_find_holder (file)); /* this process does not count */
    g_assert_true (g_spawn_async_with_pipes (
        NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_LEAVE_DESCRIPTORS_OPEN,
        NULL, NULL, &child, &in, NULL, NULL, NULL));
    close (fd);
  }
  holder = lk_camera_find_holder (link);
  expected = g_strdup_printf ("cat (process %d)", child);
  g_assert_cmpstr (holder, ==, expected);
  close (in);
  waitpid (child, NULL, 0);
  g_assert_null (lk_camera_find_holder (file));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add ("/camera/list/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("which", test_which);
  ADD ("locked", test_locked);
  ADD ("none", test_none);
  ADD ("steps", test_steps);
  ADD ("holder", test_holder);
  g_test_add_func ("/camera/list/choice", test_choice);
  g_test_add_func ("/camera/list/words", test_words);
  g_test_add_func ("/camera/list/fourcc-name", test_fourcc_name);
  return g_test_run ();
}
