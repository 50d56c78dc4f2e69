/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the names in folders of pictures say. */

/* (transfer full) (element-type filename) (nullable): the names in a folder in byte order, without
 * hidden ones; %NULL with %G_FILE_ERROR */
GPtrArray *lk_picture_names_list (const char *folder, GError **error);

/**
 * lk_picture_names_have_sessions:
 * @names: (element-type filename): what one person's folder holds; what is no picture's name is
 *   passed over
 *
 * Whether the names tell sittings apart: without the digits at their end they are two or more
 * (2026-03-01_001.jpg, 2026-03-02_001.jpg), each of two pictures or more.  Names that are all
 * different, and LFW's, which are all the same, do not.
 */
gboolean lk_picture_names_have_sessions (const GPtrArray *names);

/* (transfer full): "2026-03-01_001.jpg" -> "2026-03-01" */
char *lk_picture_name_get_session (const char *name);

G_END_DECLS
