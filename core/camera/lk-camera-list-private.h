/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-camera-list.h"

G_BEGIN_DECLS

/* lk_camera_list() with the folders "/sys/class/video4linux" and "/dev" given, for tests. */
GPtrArray *lk_camera_list_in (const char *class_folder, const char *device_folder);

G_END_DECLS
