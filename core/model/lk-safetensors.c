/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-safetensors.h"

#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "lk-half.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN); /* tensors are copied as they are */

struct _LkSafetensors
{
  GBytes *bytes;
  GArray *tensors;     /* of LkTensor, whose names it owns; in the order of the data */
  GHashTable *by_name; /* names (of tensors) -> index + 1 */
  GHashTable *meta;
};

/*
 * The header is read by a parser for just this grammar, not by a general one: what
 * a general one lets pass (a key twice, comments, endless nesting) is a lie here.
 *
 *     header = { entry, ... }
 *     entry  = "__metadata__": { "key": "value", ... }
 *            | "name": { "dtype": "F32", "shape": [ n, ... ], "data_offsets": [ n, n ] }
 */
typedef struct
{
  const char *p, *end;
  const char *why; /* (nullable): set once, by the first that is wrong */
} Parser;

static gboolean
wrong (Parser *self, const char *why)
{
  if (self->why == NULL)
    self->why = why;
  return FALSE;
}

static void
skip_space (Parser *self)
{
  while (self->p < self->end && strchr (" \t\r\n", *self->p) != NULL && *self->p != '\0')
    self->p++;
}

static gboolean
accept (Parser *self, char c)
{
  skip_space (self);
  if (self->p == self->end || *self->p != c)
    return FALSE;
  self->p++;
  return TRUE;
}

static gboolean
expect (Parser *self, char c)
{
  return accept (self, c) || wrong (self, "its header is not of the known form");
}

/* Whether another element of a list follows; *first is TRUE before the first. */
static gboolean
another (Parser *self, gboolean *first, char close)
{
  if (self->why != NULL)
    return FALSE;
  if (accept (self, close))
    return FALSE;
  if (!*first && !expect (self, ','))
    return FALSE;
  *first = FALSE;
  return TRUE;
}

static gboolean
read_hex4 (Parser *self, gunichar *c)
{
  *c = 0;
  if (self->end - self->p < 4)
    return FALSE;
  for (int i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*self->p++);

      if (digit < 0)
        return FALSE;
      *c = *c * 16 + (gunichar) digit;
    }
  return TRUE;
}

/* What follows a backslash. */
static gboolean
read_escape (Parser *self, GString *out)
{
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const char *found;
  gunichar c, low;

  if (self->p == self->end)
    return FALSE;
  if (*self->p != 'u')
    {
      found = *self->p != '\0' ? strchr (letters, *self->p) : NULL;
      if (found == NULL)
        return FALSE;
      self->p++;
      g_string_append_c (out, meant[found - letters]);
      return TRUE;
    }
  self->p++;
  if (!read_hex4 (self, &c) || c == 0)
    return FALSE;
  if (c >= 0xd800 && c < 0xdc00)
    {
      if (self->end - self->p < 2 || *self->p++ != '\\' || *self->p++ != 'u' ||
          !read_hex4 (self, &low) || low < 0xdc00 || low > 0xdfff)
        return FALSE;
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
  else if (c >= 0xdc00 && c < 0xe000)
    return FALSE;
  g_string_append_unichar (out, c);
  return TRUE;
}

/* (transfer full) (nullable): valid UTF-8 without NUL */
static char *
read_string (Parser *self)
{
  g_autoptr (GString) out = NULL;

  if (!expect (self, '"'))
    return NULL;
  out = g_string_new (NULL);
  while (self->p < self->end && *self->p != '"')
    {
      const char *begin = self->p;

      if (*self->p == '\\')
        {
          self->p++;
          if (!read_escape (self, out))
            {
              wrong (self, "its header has a damaged text");
              return NULL;
            }
          continue;
        }
      while (self->p < self->end && *self->p != '"' && *self->p != '\\' && (guint8) *self->p >= 32)
        self->p++;
      if (self->p == begin) /* a control character */
        break;
      g_string_append_len (out, begin, self->p - begin);
    }
  if (self->p == self->end || *self->p != '"' ||
      !g_utf8_validate (out->str, (gssize) out->len, NULL))
    {
      wrong (self, "its header has a damaged text");
      return NULL;
    }
  self->p++;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static gboolean
read_number (Parser *self, guint64 *value)
{
  const char *begin;

  skip_space (self);
  begin = self->p;
  *value = 0;
  for (; self->p < self->end && g_ascii_isdigit (*self->p); self->p++)
    {
      guint digit = (guint) (*self->p - '0');

      if (*value > (G_MAXUINT64 - digit) / 10)
        return wrong (self, "its header has a number that is too large");
      *value = *value * 10 + digit;
    }
  if (self->p == begin || (*begin == '0' && self->p - begin > 1))
    return wrong (self, "its header is not of the known form");
  return TRUE;
}

/* At most @max numbers. */
static gboolean
read_numbers (Parser *self, guint64 *values, int max, int *n)
{
  gboolean first = TRUE;

  *n = 0;
  if (!expect (self, '['))
    return FALSE;
  while (another (self, &first, ']'))
    {
      if (*n == max)
        return wrong (self, "a tensor in it has more dimensions than Likeness knows");
      if (!read_number (self, &values[(*n)++]))
        return FALSE;
    }
  return self->why == NULL;
}

static gboolean
read_meta (Parser *self, GHashTable *meta)
{
  gboolean first = TRUE;

  if (!expect (self, '{'))
    return FALSE;
  while (another (self, &first, '}'))
    {
      g_autofree char *key = read_string (self), *value = NULL;

      if (key == NULL || !expect (self, ':'))
        return FALSE;
      value = read_string (self);
      if (value == NULL)
        return FALSE;
      if (g_hash_table_contains (meta, key))
        return wrong (self, "its header says one thing twice");
      g_hash_table_insert (meta, g_steal_pointer (&key), g_steal_pointer (&value));
    }
  return self->why == NULL;
}

static gsize
dtype_size (LkDtype dtype)
{
  return dtype == LK_DTYPE_F16 ? 2 : dtype == LK_DTYPE_F32 ? 4 : 8;
}

static gboolean
read_dtype (Parser *self, LkDtype *dtype)
{
  static const char *const names[] = { "F32", "F16", "I64", "U64" };
  g_autofree char *name = read_string (self);

  if (name == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      {
        *dtype = (LkDtype) i;
        return TRUE;
      }
  return wrong (self, "a tensor in it is of a type that Likeness does not know");
}

/* The tensor after its name; @data is where the offsets count from. */
static gboolean
read_tensor (Parser *self, LkTensor *tensor, const char *data, gsize data_size)
{
  guint64 shape[LK_TENSOR_MAX_DIMS], offsets[2];
  gboolean first = TRUE;
  int seen = 0, n_offsets = 0;
  gsize size;

  if (!expect (self, '{'))
    return FALSE;
  while (another (self, &first, '}'))
    {
      g_autofree char *key = read_string (self);
      int bit;

      if (key == NULL || !expect (self, ':'))
        return FALSE;
      bit = strcmp (key, "dtype") == 0 ? 1 : strcmp (key, "shape") == 0 ? 2 : 4;
      if (bit == 4 && strcmp (key, "data_offsets") != 0)
        return wrong (self, "its header is not of the known form");
      if (seen & bit)
        return wrong (self, "its header says one thing twice");
      seen |= bit;
      if (bit == 1   ? !read_dtype (self, &tensor->dtype)
          : bit == 2 ? !read_numbers (self, shape, LK_TENSOR_MAX_DIMS, &tensor->n_dims)
                     : !read_numbers (self, offsets, 2, &n_offsets))
        return FALSE;
    }
  if (self->why != NULL)
    return FALSE;
  if (seen != 7 || n_offsets != 2)
    return wrong (self, "its header does not say all about a tensor");

  tensor->n = 1;
  for (int i = 0; i < tensor->n_dims; i++)
    {
      tensor->shape[i] = (gsize) shape[i];
      if (!g_size_checked_mul (&tensor->n, tensor->n, (gsize) shape[i]))
        return wrong (self, "a tensor in it is larger than any memory");
    }
  if (!g_size_checked_mul (&size, tensor->n, dtype_size (tensor->dtype)))
    return wrong (self, "a tensor in it is larger than any memory");
  if (offsets[0] > offsets[1] || offsets[1] - offsets[0] != size)
    return wrong (self, "a tensor in it does not have the size of its shape");
  if (offsets[1] > data_size)
    return wrong (self, "a tensor in it lies beyond the end of the file, which may be cut short");
  tensor->data = data + offsets[0];
  return TRUE;
}

static int
compare_place (gconstpointer a, gconstpointer b)
{
  const LkTensor *x = a, *y = b;

  if (x->data != y->data)
    return (const char *) x->data < (const char *) y->data ? -1 : 1;
  return (x->n > y->n) - (x->n < y->n); /* empty ones first */
}

/* Sorts the tensors and checks that they cover the data once, without gaps. */
static gboolean
check_places (LkSafetensors *self, Parser *parser, const char *data, gsize data_size)
{
  const char *next = data;

  g_array_sort (self->tensors, compare_place);
  for (guint i = 0; i < self->tensors->len; i++)
    {
      const LkTensor *tensor = &g_array_index (self->tensors, LkTensor, i);

      if ((const char *) tensor->data != next)
        return wrong (parser, "tensors in it overlap or leave a gap");
      next += tensor->n * dtype_size (tensor->dtype);
      g_hash_table_insert (self->by_name, (gpointer) tensor->name, GUINT_TO_POINTER (i + 1));
    }
  return next == data + data_size || wrong (parser, "it has more bytes than its tensors");
}

/* Names are shown in error messages. */
static gboolean
is_good_name (const char *name)
{
  if (strlen (name) > LK_TENSOR_MAX_NAME)
    return FALSE;
  for (; *name != '\0'; name = g_utf8_next_char (name))
    if (g_unichar_iscntrl (g_utf8_get_char (name)))
      return FALSE;
  return TRUE;
}

static gboolean
read_header (LkSafetensors *self, Parser *parser, const char *data, gsize data_size)
{
  /* Until the tensors are sorted, by_name only knows which names there have been. */
  gboolean first = TRUE, meta_seen = FALSE;

  if (!expect (parser, '{'))
    return FALSE;
  while (another (parser, &first, '}'))
    {
      g_autofree char *name = read_string (parser);
      LkTensor tensor = { 0 };

      if (name == NULL || !expect (parser, ':'))
        return FALSE;
      if (strcmp (name, "__metadata__") == 0 ? meta_seen
                                             : g_hash_table_contains (self->by_name, name))
        return wrong (parser, "its header says one thing twice");
      if (strcmp (name, "__metadata__") == 0)
        {
          meta_seen = TRUE;
          if (!read_meta (parser, self->meta))
            return FALSE;
          continue;
        }
      if (!is_good_name (name))
        return wrong (parser, "a tensor in it has an impossible name");
      if (!read_tensor (parser, &tensor, data, data_size))
        return FALSE;
      tensor.name = g_steal_pointer (&name);
      g_array_append_val (self->tensors, tensor);
      g_hash_table_add (self->by_name, (gpointer) tensor.name);
    }
  skip_space (parser);
  if (parser->why == NULL && parser->p != parser->end)
    wrong (parser, "its header is not of the known form");
  return parser->why == NULL && check_places (self, parser, data, data_size);
}

static void
clear_tensor (gpointer tensor)
{
  g_free ((char *) ((LkTensor *) tensor)->name);
}

LkSafetensors *
lk_safetensors_parse (GBytes *bytes, const char *name, GError **error)
{
  g_autoptr (LkSafetensors) self = g_new0 (LkSafetensors, 1);
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *shown = g_filename_display_basename (name);
  Parser parser = { 0 };
  guint64 header_size;

  self->bytes = g_bytes_ref (bytes);
  self->tensors = g_array_new (FALSE, FALSE, sizeof (LkTensor));
  g_array_set_clear_func (self->tensors, clear_tensor);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (size < sizeof header_size)
    wrong (&parser, "it is too short");
  else
    {
      memcpy (&header_size, data, sizeof header_size);
      if (header_size > LK_SAFETENSORS_MAX_HEADER)
        {
          g_set_error (
              error, LK_ERROR, LK_ERROR_TOO_LARGE,
              _ ("“%s” has a header of more than %u MB.  Likely it is not a safetensors file; "
                 "choose another one."),
                 shown, LK_SAFETENSORS_MAX_HEADER >> 20);
          return NULL;
        }
      if (header_size > size - sizeof header_size)
        wrong (&parser, "it is cut short");
      else
        {
          parser.p = data + sizeof header_size;
          parser.end = parser.p + header_size;
          read_header (self, &parser, parser.end, size - sizeof header_size - (gsize) header_size);
        }
    }
  if (parser.why == NULL)
    return g_steal_pointer (&self);
  g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
               _ ("“%s” is damaged or not a safetensors file: %s.  Use another copy of it."), shown,
                  parser.why);
  return NULL;
}

LkSafetensors *
lk_safetensors_open (const char *path, GError **error)
{
  /* O_NONBLOCK: opening must not wait, should this be a pipe. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), code = errno;
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local = NULL;
  struct stat info;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      code = fd < 0 ? code : errno;
      if (fd >= 0)
        close (fd);
      lk_file_set_error (error, code, "read", path);
      return NULL;
    }
  if (S_ISREG (info.st_mode))
    file = g_mapped_file_new_from_fd (fd, FALSE, &local);
  close (fd);
  if (file == NULL)
    {
      lk_file_set_error (error,
                         S_ISDIR (info.st_mode)   ? EISDIR
                         : S_ISREG (info.st_mode) ? ENOMEM
                                                  : EINVAL,
                         "read", path);
      return NULL;
    }
  bytes = g_mapped_file_get_bytes (file);
  return lk_safetensors_parse (bytes, path, error);
}

void
lk_safetensors_close (LkSafetensors *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_name);
  g_array_unref (self->tensors);
  g_hash_table_unref (self->meta);
  g_bytes_unref (self->bytes);
  g_free (self);
}

const LkTensor *
lk_safetensors_get (LkSafetensors *self, const char *name)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name));

  return index > 0 ? &g_array_index (self->tensors, LkTensor, index - 1) : NULL;
}

const LkTensor *
lk_safetensors_get_all (LkSafetensors *self, gsize *n)
{
  *n = self->tensors->len;
  return (const LkTensor *) (gpointer) self->tensors->data;
}

const char *
lk_safetensors_get_meta (LkSafetensors *self, const char *key)
{
  return g_hash_table_lookup (self->meta, key);
}

GHashTable *
lk_safetensors_get_all_meta (LkSafetensors *self)
{
  return self->meta;
}

gboolean
lk_tensor_to_floats (const LkTensor *tensor, float *out, gsize n)
{
  const char *data = tensor->data;

  if (tensor->n != n || (tensor->dtype != LK_DTYPE_F32 && tensor->dtype != LK_DTYPE_F16))
    return FALSE;
  if (tensor->dtype == LK_DTYPE_F32 && n > 0)
    memcpy (out, data, n * sizeof *out);
  if (tensor->dtype == LK_DTYPE_F16)
    for (gsize i = 0; i < n; i++)
      {
        guint16 half;

        memcpy (&half, data + i * sizeof half, sizeof half);
        out[i] = lk_half_to_float (half);
      }
  return TRUE;
}

gboolean
lk_tensor_to_uint64s (const LkTensor *tensor, guint64 *out, gsize n)
{
  if (tensor->n != n || (tensor->dtype != LK_DTYPE_I64 && tensor->dtype != LK_DTYPE_U64))
    return FALSE;
  if (n > 0)
    memcpy (out, tensor->data, n * sizeof *out);
  return TRUE;
}
