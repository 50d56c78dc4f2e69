/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "camera/lk-camera-list.h"
#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkCameraMenu: what the camera's menu holds: the cameras, and what the one that plays can do.
 *
 * Its items do "win.camera" with a source, and "win.camera-mode" with "MJPG 640x480", or "" for
 * automatic.
 */
typedef struct _LkCameraMenu LkCameraMenu;

LkCameraMenu *lk_camera_menu_new (void);
void lk_camera_menu_free (LkCameraMenu *self);

/* The two sections that are kept up to date from here on. */
void lk_camera_menu_fill (LkCameraMenu *self, GMenu *cameras, GMenu *modes);

/* As lk_window_set_cameras(). */
void lk_camera_menu_set_cameras (LkCameraMenu *self, GPtrArray *devices, const char *source,
                                 guint32 fourcc, int width, int height);
/* As lk_window_set_camera_detail(). */
void lk_camera_menu_set_detail (LkCameraMenu *self, const char *detail);

const char *lk_camera_menu_get_camera (const LkCameraMenu *self); /* the source, or "" */
const char *lk_camera_menu_get_mode (const LkCameraMenu *self);

/* @mode as an item has it.  All 0 for automatic, and for what is none. */
void lk_camera_menu_parse_mode (const char *mode, guint32 *fourcc, int *width, int *height);

G_END_DECLS
