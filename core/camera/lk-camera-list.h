/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One way that a camera can send frames. */
typedef struct
{
  guint32 fourcc;
  char name[5]; /* the four characters, "MJPG" */
  int width, height;
  double max_fps; /* 0 when the driver does not say */
} LkCameraMode;

/* A camera found on this machine.  (boxed: lk_camera_device_free()) */
typedef struct
{
  char *name;    /* what the driver calls it, "Integrated Camera" */
  char *node;    /* "/dev/video0": changes from boot to boot */
  char *stable;  /* by-id or by-path link where there is one, else the node: to be remembered */
  char *bus;     /* "usb-0000:00:14.0-8" */
  GArray *modes; /* of LkCameraMode, larger first */
} LkCameraDevice;

void lk_camera_device_free (LkCameraDevice *self);

/* (transfer full): @modes for people: each pixel format at its largest, and how many frames a
 * second it then has where the driver says that: "MJPG 1920×1080 30/s, YUYV 640×480"; "" for none
 */
char *lk_camera_modes_to_string (const GArray *modes);

/**
 * lk_camera_list:
 *
 * Every V4L2 node that captures video by streaming, judged by device_caps; nodes
 * for metadata or output, and raw nodes that need a media controller (IO_MC), are
 * left out.  A camera that is busy is listed.  Opens each node for a moment: for a
 * worker thread, not for the main one.
 *
 * Returns: (transfer full) (element-type LkCameraDevice): possibly empty
 */
GPtrArray *lk_camera_list (void);

/*
 * LkCameraMonitor: tells when cameras come and go (udev's video4linux subsystem).
 *
 * Signals: "changed" (void), in the main context of its creation, at most a few
 * times a second; call lk_camera_list() again then.
 */
#define LK_TYPE_CAMERA_MONITOR (lk_camera_monitor_get_type ())
G_DECLARE_FINAL_TYPE (LkCameraMonitor, lk_camera_monitor, LK, CAMERA_MONITOR, GObject)
LkCameraMonitor *lk_camera_monitor_new (void);

G_END_DECLS
