/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "lk-half.h"
#include "lk-safetensors.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* What is written of one tensor: LkTensor with n and the type in the file. */
typedef struct
{
  const LkTensor *tensor;
  gsize n;
  LkDtype stored;
} Item;

static const struct
{
  const char *name;
  gsize size;
} dtypes[] = {
  [LK_DTYPE_F32] = { "F32", 4 },
  [LK_DTYPE_F16] = { "F16", 2 },
  [LK_DTYPE_I64] = { "I64", 8 },
  [LK_DTYPE_U64] = { "U64", 8 },
};

/* Wide types first keeps every tensor aligned to its type. */
static int
compare_items (gconstpointer a, gconstpointer b)
{
  const Item *x = a, *y = b;

  if (dtypes[x->stored].size != dtypes[y->stored].size)
    return dtypes[x->stored].size > dtypes[y->stored].size ? -1 : 1;
  return strcmp (x->tensor->name, y->tensor->name);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("The model cannot be stored: %s.  Please report this as an error in Likeness."),
                  what);
  return FALSE;
}

static gboolean
collect (const LkTensor *tensors, gsize n, gboolean half, GArray *items, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (gsize i = 0; i < n; i++)
    {
      const LkTensor *tensor = &tensors[i];
      Item item = { tensor, 1, tensor->dtype };

      if (half && tensor->dtype == LK_DTYPE_F32)
        item.stored = LK_DTYPE_F16;
      if (tensor->n_dims < 0 || tensor->n_dims > LK_TENSOR_MAX_DIMS)
        return refuse (error, "a tensor has too many dimensions");
      for (int d = 0; d < tensor->n_dims; d++)
        if (!g_size_checked_mul (&item.n, item.n, tensor->shape[d]) || item.n > G_MAXSIZE / 8)
          return refuse (error, "a tensor is larger than any memory");
      if (!g_utf8_validate (tensor->name, -1, NULL) || strlen (tensor->name) > LK_TENSOR_MAX_NAME ||
          strcmp (tensor->name, "__metadata__") == 0)
        return refuse (error, "a tensor has an impossible name");
      if (!g_hash_table_add (names, (gpointer) tensor->name))
        return refuse (error, "two tensors have one name");
      g_array_append_val (items, item);
    }
  g_array_sort (items, compare_items);
  return TRUE;
}

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text != '\0'; text++)
    if (*text == '"' || *text == '\\')
      g_string_append_printf (out, "\\%c", *text);
    else if ((guint8) *text < 32)
      g_string_append_printf (out, "\\u%04x", (guint) *text);
    else
      g_string_append_c (out, *text);
  g_string_append_c (out, '"');
}

static gboolean
append_meta (GString *out, GHashTable *meta, GError **error)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (meta), (GCompareFunc) strcmp);

  g_string_append (out, "\"__metadata__\":{");
  for (GList *l = keys; l != NULL; l = l->next)
    {
      const char *key = l->data, *value = g_hash_table_lookup (meta, key);

      if (!g_utf8_validate (key, -1, NULL) || !g_utf8_validate (value, -1, NULL))
        return refuse (error, "its metadata is not text");
      append_string (out, key);
      g_string_append_c (out, ':');
      append_string (out, value);
      if (l->next != NULL)
        g_string_append_c (out, ',');
    }
  g_string_append (out, "},");
  return TRUE;
}

/* (transfer full): length and header */
static GString *
make_header (const GArray *items, GHashTable *meta, GError **error)
{
  g_autoptr (GString) out = g_string_new ("........{");
  guint64 offset = 0, header_size;

  if (meta != NULL && g_hash_table_size (meta) > 0 && !append_meta (out, meta, error))
    return NULL;
  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = &g_array_index (items, Item, i);
      guint64 end = offset + item->n * dtypes[item->stored].size;

      append_string (out, item->tensor->name);
      g_string_append_printf (out, ":{\"dtype\":\"%s\",\"shape\":[", dtypes[item->stored].name);
      for (int d = 0; d < item->tensor->n_dims; d++)
        g_string_append_printf (out, "%s%" G_GSIZE_FORMAT, d > 0 ? "," : "",
                                item->tensor->shape[d]);
      g_string_append_printf (
          out, "],\"data_offsets\":[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]},", offset, end);
      offset = end;
    }
  if (out->str[out->len - 1] == ',')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '}');
  while (out->len % 8 != 0) /* so that the tensors are aligned */
    g_string_append_c (out, ' ');

  header_size = out->len - sizeof header_size;
  if (header_size > LK_SAFETENSORS_MAX_HEADER)
    {
      refuse (error, "its description is too long");
      return NULL;
    }
  memcpy (out->str, &header_size, sizeof header_size);
  return g_steal_pointer (&out);
}

static gboolean
write_as_halves (LkNewFile *file, const float *values, gsize n, GError **error)
{
  guint16 block[8192];

  while (n > 0)
    {
      gsize count = MIN (n, G_N_ELEMENTS (block));

      for (gsize i = 0; i < count; i++)
        {
          block[i] = lk_half_from_float (values[i]);
          if ((block[i] & 0x7fff) == 0x7c00 && isfinite (values[i]))
            {
              g_set_error (
                  error, LK_ERROR, LK_ERROR_TOO_LARGE,
                  _ ("The model has numbers beyond the range of 16 bits.  Store it with 32 "
                     "bits instead."));
              return FALSE;
            }
        }
      if (!lk_new_file_write (file, block, count * sizeof *block, error))
        return FALSE;
      values += count;
      n -= count;
    }
  return TRUE;
}

static gboolean
write_all (const char *path, const LkTensor *tensors, gsize n, GHashTable *meta, gboolean half,
           GError **error)
{
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (LkNewFile) file = NULL;
  g_autoptr (GString) header = NULL;

  if (!collect (tensors, n, half, items, error))
    return FALSE;
  header = make_header (items, meta, error);
  if (header == NULL)
    return FALSE;
  file = lk_new_file_open (folder, error);
  if (file == NULL || !lk_new_file_write (file, header->str, header->len, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      const Item *item = &g_array_index (items, Item, i);
      const void *data = item->tensor->data;

      if (item->stored != item->tensor->dtype
              ? !write_as_halves (file, data, item->n, error)
              : !lk_new_file_write (file, data, item->n * dtypes[item->stored].size, error))
        return FALSE;
    }
  return lk_new_file_commit (file, path, TRUE, error);
}

gboolean
lk_safetensors_write (const char *path, const LkTensor *tensors, gsize n, GHashTable *meta,
                      GError **error)
{
  return write_all (path, tensors, n, meta, FALSE, error);
}

gboolean
lk_safetensors_write_half (const char *path, const LkTensor *tensors, gsize n, GHashTable *meta,
                           GError **error)
{
  return write_all (path, tensors, n, meta, TRUE, error);
}
