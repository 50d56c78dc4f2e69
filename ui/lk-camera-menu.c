/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera-menu.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

/* What the menu needs of a LkCameraDevice. */
typedef struct
{
  char *name, *node, *stable;
  GArray *modes; /* of LkCameraMode */
} Device;

struct _LkCameraMenu
{
  GMenu *camera_section, *mode_section; /* (nullable) */
  GPtrArray *devices;                   /* (element-type Device) */
  char *camera;                         /* the source */
  char *mode;                           /* "MJPG 640x480" or "" */
  char *detail;                         /* (nullable) */
};

static void
device_free (gpointer data)
{
  Device *device = data;

  g_free (device->name);
  g_free (device->node);
  g_free (device->stable);
  g_array_unref (device->modes);
  g_free (device);
}

static const Device *
find_device (const LkCameraMenu *self)
{
  for (guint i = 0; i < self->devices->len; i++)
    {
      const Device *device = self->devices->pdata[i];

      if (g_str_equal (device->stable, self->camera) || g_str_equal (device->node, self->camera))
        return device;
    }
  return NULL;
}

static void
append_choice (GMenu *menu, const char *label, const char *action, const char *target)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (NULL, NULL);
  g_auto (GStrv) parts = g_strsplit (label, "_", -1);
  g_autofree char *plain = g_strjoinv ("__", parts); /* a name is no mnemonic */

  g_menu_item_set_label (item, plain);
  g_menu_item_set_action_and_target (item, action, "s", target);
  g_menu_append_item (menu, item);
}

static void
build (LkCameraMenu *self)
{
  const Device *current = find_device (self);
  g_autoptr (GMenu) cameras = g_menu_new ();
  g_autoptr (GMenu) modes = g_menu_new ();

  if (self->camera_section == NULL)
    return;
  g_menu_remove_all (self->camera_section);
  g_menu_remove_all (self->mode_section);
  for (guint i = 0; i < self->devices->len; i++)
    {
      const Device *device = self->devices->pdata[i];

      append_choice (cameras, device->name, "win.camera",
                     device == current ? self->camera : device->stable);
    }
  if (g_str_has_prefix (self->camera, "files:"))
    {
      g_autofree char *name = g_path_get_basename (self->camera + strlen ("files:"));

      append_choice (cameras, name, "win.camera", self->camera);
    }
  else if (current == NULL && *self->camera != '\0')
    append_choice (cameras, self->camera, "win.camera", self->camera);
  g_menu_append_section (self->camera_section,
                         self->detail ? self->detail : _("Camera"), G_MENU_MODEL (cameras));

  if (current == NULL || current->modes->len == 0)
    return;
  append_choice (modes, _("Automatic"), "win.camera-mode", "");
  for (guint i = 0; i < current->modes->len; i++)
    {
      const LkCameraMode *mode = &g_array_index (current->modes, LkCameraMode, i);
      g_autofree char *target = g_strdup_printf ("%s %dx%d", mode->name, mode->width, mode->height);
      g_autofree char *label = mode->max_fps > 0
          ? g_strdup_printf (_("%d × %d %s, %.0f fps"), mode->width, mode->height, mode->name,
                                mode->max_fps)
          : g_strdup_printf (_("%d × %d %s"), mode->width, mode->height, mode->name);

      append_choice (modes, label, "win.camera-mode", target);
    }
  g_menu_append_submenu (self->mode_section, _("Format and Size"), G_MENU_MODEL (modes));
}

static guint32
fourcc_of (const char *name)
{
  return (guint32) (guchar) name[0] | (guint32) (guchar) name[1] << 8 |
         (guint32) (guchar) name[2] << 16 | (guint32) (guchar) name[3] << 24;
}

LkCameraMenu *
lk_camera_menu_new (void)
{
  LkCameraMenu *self = g_new0 (LkCameraMenu, 1);

  self->devices = g_ptr_array_new_with_free_func (device_free);
  self->camera = g_strdup ("");
  self->mode = g_strdup ("");
  return self;
}

void
lk_camera_menu_free (LkCameraMenu *self)
{
  g_clear_object (&self->camera_section);
  g_clear_object (&self->mode_section);
  g_ptr_array_unref (self->devices);
  g_free (self->camera);
  g_free (self->mode);
  g_free (self->detail);
  g_free (self);
}

void
lk_camera_menu_fill (LkCameraMenu *self, GMenu *cameras, GMenu *modes)
{
  g_set_object (&self->camera_section, cameras);
  g_set_object (&self->mode_section, modes);
  build (self);
}

void
lk_camera_menu_set_cameras (LkCameraMenu *self, GPtrArray *devices, const char *source,
                            guint32 fourcc, int width, int height)
{
  g_autoptr (GPtrArray) copies = g_ptr_array_new_with_free_func (device_free);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const LkCameraDevice *device = devices->pdata[i];
      Device *copy = g_new0 (Device, 1);

      copy->name = g_strdup (device->name);
      copy->node = g_strdup (device->node);
      copy->stable = g_strdup (device->stable);
      copy->modes = g_array_copy (device->modes);
      g_ptr_array_add (copies, copy);
    }
  g_ptr_array_unref (self->devices);
  self->devices = g_steal_pointer (&copies);
  g_free (self->camera);
  self->camera = g_strdup (source ? source : "");
  g_free (self->mode);
  if (fourcc != 0)
    self->mode = g_strdup_printf ("%c%c%c%c %dx%d", fourcc & 0xff, fourcc >> 8 & 0xff,
                                  fourcc >> 16 & 0xff, fourcc >> 24 & 0xff, width, height);
  else
    self->mode = g_strdup ("");
  build (self);
}

void
lk_camera_menu_set_detail (LkCameraMenu *self, const char *detail)
{
  if (g_strcmp0 (detail, self->detail) == 0)
    return;
  g_free (self->detail);
  self->detail = g_strdup (detail);
  build (self);
}

const char *
lk_camera_menu_get_camera (const LkCameraMenu *self)
{
  return self->camera;
}

const char *
lk_camera_menu_get_mode (const LkCameraMenu *self)
{
  return self->mode;
}

void
lk_camera_menu_parse_mode (const char *mode, guint32 *fourcc, int *width, int *height)
{
  char name[5] = "";

  *fourcc = 0;
  if (sscanf (mode, "%4[^\n] %dx%d", name, width, height) == 3 && strlen (name) == 4)
    *fourcc = fourcc_of (name);
  else
    *width = *height = 0;
}
