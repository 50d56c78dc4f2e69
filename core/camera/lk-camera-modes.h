/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-camera-list.h"

G_BEGIN_DECLS

/* The ways in which a device can send frames (private to core/camera). */

/**
 * lk_camera_modes_read:
 * @fd: an opened V4L2 capture device, from open() or v4l2_open()
 *
 * Asks the driver for its own formats, not those that libv4l2 adds.  For sizes
 * that go in steps the usual ones among them are listed.  Bounded, whatever the
 * driver says.
 *
 * Returns: (transfer full) (element-type LkCameraMode): larger first
 */
GArray *lk_camera_modes_read (int fd);

/**
 * lk_camera_modes_choose:
 * @modes: (element-type LkCameraMode): what there is
 *
 * YUYV, if it comes at the wished size and rate: nothing is lost and little is
 * to be decoded.  Else MJPEG.  Else what comes nearest to a colour picture.
 *
 * Returns: the pixel format to ask for; RGB24 if libv4l2 has to convert
 */
guint32 lk_camera_modes_choose (const GArray *modes, int width, int height, double fps);

/* The four characters of a pixel format, for people. */
void lk_camera_fourcc_name (guint32 fourcc, char name[5]);

G_END_DECLS
