/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * safetensors files: an 8-byte little-endian length, that many bytes of JSON, then
 * raw little-endian tensors.  The file is mapped, not read; it is untrusted, and
 * every length, offset and shape is checked before it is believed.
 *
 * Source: the format's own description in huggingface/safetensors, README.md.
 */
typedef struct _LkSafetensors LkSafetensors;

typedef enum
{
  LK_DTYPE_F32,
  LK_DTYPE_F16,
  LK_DTYPE_I64,
  LK_DTYPE_U64,
} LkDtype;

#define LK_TENSOR_MAX_DIMS 4

typedef struct
{
  const char *name;
  LkDtype dtype;
  int n_dims;
  gsize shape[LK_TENSOR_MAX_DIMS];
  gsize n;          /* product of the shape */
  const void *data; /* reading: inside the mapped file, not necessarily aligned */
} LkTensor;

LkSafetensors *lk_safetensors_open (const char *path, GError **error);
void lk_safetensors_close (LkSafetensors *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkSafetensors, lk_safetensors_close)

/* The same over memory that the caller keeps (for fuzzing and tests). */
LkSafetensors *lk_safetensors_parse (GBytes *bytes, const char *name, GError **error);

/* (nullable) */
const LkTensor *lk_safetensors_get (LkSafetensors *self, const char *name);
const LkTensor *lk_safetensors_get_all (LkSafetensors *self, gsize *n);
const char *lk_safetensors_get_meta (LkSafetensors *self, const char *key);
GHashTable *lk_safetensors_get_all_meta (LkSafetensors *self); /* (transfer none) utf8 -> utf8 */

/* Converts F32 or F16 to floats; FALSE when the count or the type does not fit. */
gboolean lk_tensor_to_floats (const LkTensor *tensor, float *out, gsize n);

/**
 * lk_safetensors_write:
 * @tensors: names, types, shapes and data; data of F16 is given as raw halves
 * @meta: (element-type utf8 utf8) (nullable)
 *
 * Writes to a temporary file beside @path, fsyncs, renames; mode 0600.  Keys are
 * in a fixed order, so that the same content is the same file.
 */
gboolean lk_safetensors_write (const char *path, const LkTensor *tensors, gsize n, GHashTable *meta,
                               GError **error);

G_END_DECLS
