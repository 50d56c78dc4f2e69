/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a driver says, in sentences (private to core/camera). */

/**
 * lk_camera_set_open_error:
 * @node: device node or link, for the sentence
 * @errnum: of open() or VIDIOC_QUERYCAP
 *
 * Sets %LK_ERROR_CAMERA_NOT_FOUND, _BUSY, _PERMISSION, _UNSUPPORTED or _FAILED.
 */
void lk_camera_set_open_error (GError **error, const char *node, int errnum);

/**
 * lk_camera_set_driver_error:
 * @name: what the driver calls the camera
 * @errnum: of an ioctl on the opened device
 * @request: its name, "VIDIOC_S_FMT"
 *
 * Sets %LK_ERROR_CAMERA_UNPLUGGED (ENODEV), _BUSY or _FAILED.
 */
void lk_camera_set_driver_error (GError **error, const char *node, const char *name, int errnum,
                                 const char *request);

/**
 * lk_camera_find_holder:
 * @node: a file, which need not be a camera
 *
 * Looks through the processes that this user may look into for one, other than
 * this, that has @node open.
 *
 * Returns: (transfer full) (nullable): "cheese (process 4711)"
 */
char *lk_camera_find_holder (const char *node);

G_END_DECLS
