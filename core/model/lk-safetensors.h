/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * safetensors files: an 8-byte little-endian length, that many bytes of JSON, then
 * raw little-endian tensors without gaps.  The file is untrusted, and every length,
 * offset, shape and name is checked before it is believed.
 *
 * The file is mapped, not read, so opening takes no memory for tensors.  The price:
 * should another program cut the file short while it is open here, touching the lost
 * part kills the process (SIGBUS).  Likeness itself only ever replaces files whole,
 * which leaves a mapping as it was; hold one no longer than needed.
 *
 * Immutable once open: any number of threads may read one.
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
/* A name's bytes, without control characters. */
#define LK_TENSOR_MAX_NAME 255
/* A header is some hundred bytes a tensor. */
#define LK_SAFETENSORS_MAX_HEADER (4u << 20)

typedef struct
{
  const char *name;
  LkDtype dtype;
  int n_dims; /* 0: a single number */
  gsize shape[LK_TENSOR_MAX_DIMS];
  gsize n;          /* product of the shape; when writing it need not be set */
  const void *data; /* reading: inside the mapped file, not necessarily aligned */
} LkTensor;

/* Returns: (transfer full): the file, or %NULL with %G_FILE_ERROR (cannot be read),
 * %LK_ERROR_FORMAT or %LK_ERROR_TOO_LARGE */
LkSafetensors *lk_safetensors_open (const char *path, GError **error);
void lk_safetensors_close (LkSafetensors *self); /* accepts NULL */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LkSafetensors, lk_safetensors_close)

/* The same over memory; takes a reference of @bytes.  @name is for error messages. */
LkSafetensors *lk_safetensors_parse (GBytes *bytes, const char *name, GError **error);

/* (nullable): owned by @self, as all that follows */
const LkTensor *lk_safetensors_get (LkSafetensors *self, const char *name);
const LkTensor *lk_safetensors_get_all (LkSafetensors *self, gsize *n); /* in the file's order */
const char *lk_safetensors_get_meta (LkSafetensors *self, const char *key);
GHashTable *lk_safetensors_get_all_meta (LkSafetensors *self); /* (transfer none) utf8 -> utf8 */

/* Converts F32 or F16 to floats; FALSE when the count or the type does not fit. */
gboolean lk_tensor_to_floats (const LkTensor *tensor, float *out, gsize n);
/* Copies I64 or U64, each as its 64 bits; FALSE as above. */
gboolean lk_tensor_to_uint64s (const LkTensor *tensor, guint64 *out, gsize n);

/**
 * lk_safetensors_write:
 * @tensors: (array length=n): names, types, shapes and data, aligned as their type;
 *   data of F16 is given as raw halves
 * @meta: (element-type utf8 utf8) (nullable)
 *
 * Writes to a temporary file beside @path, fsyncs, renames; mode 0600.  Tensors are
 * written from where they lie, wide types first and then by name, and keys are
 * sorted: the same content is the same file.
 *
 * Returns: FALSE with %G_FILE_ERROR, or with %LK_ERROR_FORMAT for names, shapes or
 *   metadata that the format cannot hold; @path is then as it was
 */
gboolean lk_safetensors_write (const char *path, const LkTensor *tensors, gsize n, GHashTable *meta,
                               GError **error);

/* The same, with every F32 tensor stored as F16, converted on the way.  A finite
 * number beyond a half's range (65504) is %LK_ERROR_TOO_LARGE. */
gboolean lk_safetensors_write_half (const char *path, const LkTensor *tensors, gsize n,
                                    GHashTable *meta, GError **error);

G_END_DECLS
