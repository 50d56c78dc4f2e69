/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera-list.h"

#include <errno.h>
#include <fcntl.h>
#include <libv4l2.h>
#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lk-camera-list-private.h"
#include "lk-camera-modes.h"

void
lk_camera_device_free (LkCameraDevice *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->node);
  g_free (self->stable);
  g_free (self->bus);
  g_clear_pointer (&self->modes, g_array_unref);
  g_free (self);
}

static char *
text (const guint8 *bytes, gsize size)
{
  g_autofree char *copy = g_strndup ((const char *) bytes, size);

  return g_utf8_make_valid (copy, -1);
}

/* Returns: (nullable): the link in @folder that leads to @node, the first by name */
static char *
find_link (const char *folder, const char *node)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autofree char *best = NULL;
  char *wanted = realpath (node, NULL);
  const char *name;

  while (dir != NULL && wanted != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (folder, name, NULL);
      char *target = realpath (link, NULL);

      if (g_strcmp0 (target, wanted) == 0 && (best == NULL || strcmp (link, best) < 0))
        {
          g_free (best);
          best = g_steal_pointer (&link);
        }
      free (target);
    }
  free (wanted);
  return g_steal_pointer (&best);
}

static char *
find_stable (const char *device_folder, const char *node)
{
  g_autofree char *by_id = g_build_filename (device_folder, "v4l", "by-id", NULL);
  g_autofree char *by_path = g_build_filename (device_folder, "v4l", "by-path", NULL);
  char *link = find_link (by_id, node);

  if (link == NULL)
    link = find_link (by_path, node);
  return link != NULL ? link : g_strdup (node);
}

/* What sysfs says about a node in one line: "name", "index". */
static char *
read_attribute (const char *class_folder, const char *device, const char *attribute)
{
  g_autofree char *path = g_build_filename (class_folder, device, attribute, NULL);
  g_autofree char *contents = NULL;

  if (!g_file_get_contents (path, &contents, NULL, NULL))
    return NULL;
  return g_utf8_make_valid (g_strchomp (contents), -1);
}

/* The name and modes of the node, if it is a camera. */
static gboolean
ask_driver (LkCameraDevice *device, int fd)
{
  struct v4l2_capability caps = { 0 };
  guint32 can;

  if (v4l2_ioctl (fd, VIDIOC_QUERYCAP, &caps) != 0)
    return FALSE;
  /* `capabilities` is what all nodes of the device can do together: the node for
   * metadata beside a camera has VIDEO_CAPTURE there as well. */
  can = (caps.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? caps.device_caps : caps.capabilities;
  if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0)
    return FALSE;
#ifdef V4L2_CAP_IO_MC
  if ((can & V4L2_CAP_IO_MC) != 0)
    return FALSE;
#endif
  device->name = text (caps.card, sizeof caps.card);
  device->bus = text (caps.bus_info, sizeof caps.bus_info);
  device->modes = lk_camera_modes_read (fd);
  return TRUE;
}

/* A camera that cannot be opened is listed all the same, so that choosing it can
 * tell why; its metadata nodes have an index of 1 and more. */
static gboolean
ask_sysfs (LkCameraDevice *device, const char *class_folder, const char *name)
{
  g_autofree char *index = read_attribute (class_folder, name, "index");

  device->name = read_attribute (class_folder, name, "name");
  if (device->name == NULL || g_strcmp0 (index, "0") != 0)
    return FALSE;
  device->bus = g_strdup ("");
  device->modes = g_array_new (FALSE, TRUE, sizeof (LkCameraMode));
  return TRUE;
}

static void
add_node (GPtrArray *devices, const char *class_folder, const char *device_folder, const char *name)
{
  LkCameraDevice *device = g_new0 (LkCameraDevice, 1);
  gboolean is_camera;
  int fd;

  device->node = g_build_filename (device_folder, name, NULL);
  fd = open (device->node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd >= 0)
    {
      is_camera = ask_driver (device, fd);
      close (fd);
    }
  else
    is_camera = (errno == EBUSY || errno == EACCES || errno == EPERM) &&
                ask_sysfs (device, class_folder, name);
  if (!is_camera)
    {
      lk_camera_device_free (device);
      return;
    }
  device->stable = find_stable (device_folder, device->node);
  g_ptr_array_add (devices, device);
}

static int
by_number (gconstpointer a, gconstpointer b)
{
  const char *one = *(char *const *) a, *two = *(char *const *) b;

  return g_ascii_strtoll (one + strlen ("video"), NULL, 10) <
                 g_ascii_strtoll (two + strlen ("video"), NULL, 10)
             ? -1
             : 1;
}

GPtrArray *
lk_camera_list_in (const char *class_folder, const char *device_folder)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_camera_device_free);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (class_folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "video"))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, by_number);
  for (guint i = 0; i < names->len; i++)
    add_node (devices, class_folder, device_folder, names->pdata[i]);
  return devices;
}

GPtrArray *
lk_camera_list (void)
{
  return lk_camera_list_in ("/sys/class/video4linux", "/dev");
}
