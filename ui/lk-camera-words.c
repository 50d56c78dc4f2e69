/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-camera-words.h"

#include "base/lk-error.h"

#include <glib/gi18n.h>

static const struct
{
  LkError code;
  LkCameraWords words;
} failures[] = {
  /* clang-format off */
  { LK_ERROR_CAMERA_NOT_FOUND, { "camera-disabled-symbolic", N_("No Camera Found"), TRUE } },
  { LK_ERROR_CAMERA_BUSY, { "camera-video-symbolic", N_("Camera Is in Use"), TRUE } },
  { LK_ERROR_CAMERA_PERMISSION, { "changes-prevent-symbolic", N_("No Access to the Camera"), FALSE } },
  { LK_ERROR_CAMERA_UNPLUGGED, { "camera-web-symbolic", N_("Camera Was Unplugged"), TRUE } },
  { LK_ERROR_CAMERA_SILENT, { "content-loading-symbolic", N_("Camera Sends No Pictures"), TRUE } },
  { LK_ERROR_CAMERA_DAMAGED, { "image-missing-symbolic", N_("Pictures Are Damaged"), TRUE } },
  { LK_ERROR_CAMERA_UNSUPPORTED, { "camera-disabled-symbolic", N_("Camera Is Not Supported"), TRUE } },
              /* clang-format on */
            };

const LkCameraWords *
lk_camera_words_find (const GError *error)
{
  static const LkCameraWords other = { "camera-disabled-symbolic", N_("Camera Failed"), TRUE };

  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    if (g_error_matches (error, LK_ERROR, failures[i].code))
      return &failures[i].words;
  return &other;
}
