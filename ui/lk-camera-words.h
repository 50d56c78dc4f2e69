/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a camera's failure is called. */
typedef struct
{
  const char *icon, *title; /* the title to be translated */
  gboolean choose;          /* whether another camera would help */
} LkCameraWords;

const LkCameraWords *lk_camera_words_find (const GError *error);

G_END_DECLS
