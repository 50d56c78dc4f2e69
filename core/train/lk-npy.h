/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * LkNpy: a matrix from a NumPy .npy file, for embeddings that a teacher made.
 *
 * Read: versions 1 to 3 of the format, little-endian float16 and float32, two
 * dimensions, C order.  The file is untrusted: its header is read by a parser for just
 * the dictionary that NumPy writes, its length must be what the shape says, and every
 * number must be finite.
 *
 * Source: NumPy's own description, numpy/lib/format.py.
 */
typedef struct
{
  gsize rows;
  int columns;
  float *values; /* (owned): [rows, columns] */
} LkNpy;

#define LK_NPY_MAX_COLUMNS 8192
/* The largest file that is read, in bytes. */
#define LK_NPY_MAX_SIZE (1u << 30)

/* Returns: (transfer full): the matrix, or %NULL with %G_FILE_ERROR (cannot be read),
 * %LK_ERROR_FORMAT or %LK_ERROR_TOO_LARGE */
LkNpy *lk_npy_load (const char *path, GError **error);
void lk_npy_free (LkNpy *self); /* accepts NULL */

/**
 * lk_npy_turn:
 *
 * Turns every row by one random rotation, the same for a number of columns on every machine:
 * distances and angles between rows stay.  For embeddings whose columns are principal axes: the
 * first ones then carry most, and a sum of absolute differences, as the Siamese head's, is far
 * from their distance; between turned rows it nearly is proportional to it.  More than 1024
 * columns are left as they are.
 *
 * Source: random orthogonal matrices: F. Mezzadri, "How to Generate Random Matrices from the
 * Classical Compact Groups", Notices of the AMS 54(5), 2007, section 5 (the columns of a normal
 * matrix made perpendicular).
 *
 * Returns: FALSE with %LK_ERROR_TOO_LARGE when memory is short; the rows are as they were
 */
gboolean lk_npy_turn (LkNpy *self, GError **error);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkNpy, lk_npy_free)

G_END_DECLS
