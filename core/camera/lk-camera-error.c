/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/lk-error.h"

static gboolean
has_open (const char *pid, const char *path)
{
  g_autofree char *folder = g_build_filename ("/proc", pid, "fd", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *fd;

  while (dir != NULL && (fd = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_build_filename (folder, fd, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      if (g_strcmp0 (target, path) == 0)
        return TRUE;
    }
  return FALSE;
}

char *
lk_camera_find_holder (const char *node)
{
  g_autoptr (GDir) proc = g_dir_open ("/proc", 0, NULL);
  char *path = realpath (node, NULL); /* links to a node are not what /proc shows */
  char *holder = NULL;
  const char *pid;

  while (proc != NULL && path != NULL && holder == NULL && (pid = g_dir_read_name (proc)) != NULL)
    if (g_ascii_isdigit (pid[0]) && g_ascii_strtoll (pid, NULL, 10) != getpid () &&
        has_open (pid, path))
      {
        g_autofree char *comm = g_build_filename ("/proc", pid, "comm", NULL);
        g_autofree char *name = NULL;

        if (g_file_get_contents (comm, &name, NULL, NULL))
          {
            g_autofree char *valid = g_utf8_make_valid (g_strchomp (name), -1);

            holder = g_strdup_printf ("%s (process %s)", valid, pid);
          }
      }
  free (path);
  return holder;
}

static void
set_busy (GError **error, const char *node, const char *name)
{
  g_autofree char *holder = lk_camera_find_holder (node);

  g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_BUSY,
               _ ("The camera “%s” is in use by %s. Close it, and the picture comes by itself."),
                  name, holder != NULL ? holder : _ ("another program"));
}

void
lk_camera_set_open_error (GError **error, const char *node, int errnum)
{
  switch (errnum)
    {
    case ENOENT:
    case ENOTDIR:
    case ENXIO:
    case ENODEV:
      if (node[0] == '\0')
        g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND,
                     _ ("No camera has been chosen. Plug one in, or choose one."));
      else
        g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND,
                     _ ("There is no camera at “%s”. Plug it in, or choose another one."), node);
      break;
    case EBUSY:
      set_busy (error, node, node);
      break;
    case EACCES:
    case EPERM:
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_PERMISSION,
                   _ ("This user may not use the camera “%s”. Add the user to the group “video” "
                      "(sudo usermod -aG video %s) and log in again."),
                      node, g_get_user_name ());
      break;
    case ENOTTY:
    case EINVAL:
    case EISDIR:
    case ENOSYS:
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_UNSUPPORTED,
                   _ ("“%s” is not a camera. Choose another device."), node);
      break;
    default:
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_FAILED,
                   _ ("The camera “%s” cannot be opened: %s. Unplug it and plug it in again."),
                      node, g_strerror (errnum));
    }
}

void
lk_camera_set_driver_error (GError **error, const char *node, const char *name, int errnum,
                            const char *request)
{
  switch (errnum)
    {
    case ENODEV:
      g_set_error (
          error, LK_ERROR, LK_ERROR_CAMERA_UNPLUGGED,
          _ ("The camera “%s” was unplugged. Plug it in again, and the picture comes back."), name);
      break;
    case EBUSY:
      set_busy (error, node, name);
      break;
    case ENOSPC: /* what uvcvideo says when it cannot reserve the bandwidth */
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_FAILED,
                   _ ("The USB bus has not enough room for the camera “%s”. Plug it in at another "
                      "socket, or choose a smaller size or the format MJPG."),
                      name);
      break;
    default:
      g_set_error (error, LK_ERROR, LK_ERROR_CAMERA_FAILED,
                   _ ("The driver of the camera “%s” reported an error (%s: %s). If it stays, "
                      "choose another format or size, or plug the camera in again."),
                      name, request, g_strerror (errnum));
    }
}
