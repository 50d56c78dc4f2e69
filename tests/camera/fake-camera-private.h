/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* --- fake-entry.c: where the program, and libv4l2, would enter the kernel --- */

/* The bare system call, which nobody intercepts. */
long fake_kernel (long n, long a, long b, long c, long d, long e, long f);

/* --- fake-camera.c: what the entry points ask ------------------------------ */

/* Each returns FALSE when the node or descriptor is none of a fake camera's. */
gboolean fake_take_open (const char *node, long *result);
gboolean fake_take_ioctl (long fd, long request, long arg, long *result);
gboolean fake_take_close (long fd, long *result);
/* What to map instead of @fd. */
long fake_memory_of (long fd);

/* --- fake-picture.c: what a camera sees ------------------------------------ */

guint32 fake_stride (guint32 fourcc, guint32 width, guint padding);
/* Draws to @out, which has room for @size bytes.  Returns: bytesused */
guint32 fake_draw (guint32 fourcc, guint32 width, guint32 height, guint32 stride, GBytes *jpeg,
                   guint8 *out, guint32 size);

G_END_DECLS
