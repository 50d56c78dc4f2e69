/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-npy.h"

#include "base/lk-error.h"
#include "base/lk-random.h"
#include "model/lk-half.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define MAGIC      "\x93NUMPY"
#define MAX_HEADER 65536
#define MAX_TURNED 1024 /* columns: the time grows with their number cubed */

typedef struct
{
  const char *at, *end;
  gsize rows, columns;
  int bytes; /* of a number */
  guint seen;
} Header;

enum
{
  SEEN_DESCR = 1,
  SEEN_ORDER = 2,
  SEEN_SHAPE = 4,
};

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (
      error, LK_ERROR, LK_ERROR_FORMAT,
      _ ("%s is not a matrix of embeddings that can be used: %s. It should be a NumPy file of "
         "float16 or float32 numbers, one row a picture."),
         name, why);
  return FALSE;
}

static void
skip_blanks (Header *self)
{
  while (self->at < self->end && (*self->at == ' ' || *self->at == '\n'))
    self->at++;
}

/* Whether @text comes next; goes past it. */
static gboolean
accept (Header *self, const char *text)
{
  gsize n = strlen (text);

  skip_blanks (self);
  if ((gsize) (self->end - self->at) < n || memcmp (self->at, text, n) != 0)
    return FALSE;
  self->at += n;
  return TRUE;
}

static gboolean
read_count (Header *self, gsize *value)
{
  const char *start;

  skip_blanks (self);
  start = self->at;
  *value = 0;
  while (self->at < self->end && g_ascii_isdigit (*self->at) && self->at - start < 10)
    *value = *value * 10 + (gsize) (*self->at++ - '0');
  return self->at > start && (self->at == self->end || !g_ascii_isdigit (*self->at));
}

static gboolean
read_entry (Header *self)
{
  guint what;

  if (accept (self, "'descr'"))
    {
      what = SEEN_DESCR;
      if (!accept (self, ":"))
        return FALSE;
      self->bytes = accept (self, "'<f2'") ? 2 : accept (self, "'<f4'") ? 4 : 0;
      if (self->bytes == 0)
        return FALSE;
    }
  else if (accept (self, "'fortran_order'"))
    {
      what = SEEN_ORDER;
      if (!accept (self, ":") || !accept (self, "False"))
        return FALSE;
    }
  else if (accept (self, "'shape'"))
    {
      what = SEEN_SHAPE;
      if (!accept (self, ":") || !accept (self, "(") || !read_count (self, &self->rows) ||
          !accept (self, ",") || !read_count (self, &self->columns))
        return FALSE;
      accept (self, ",");
      if (!accept (self, ")"))
        return FALSE;
    }
  else
    return FALSE;
  if (self->seen & what)
    return FALSE;
  self->seen |= what;
  return TRUE;
}

static gboolean
read_header (Header *self)
{
  if (!accept (self, "{"))
    return FALSE;
  while (!accept (self, "}"))
    if (!read_entry (self) || (!accept (self, ",") && (self->at == self->end || *self->at != '}')))
      return FALSE;
  skip_blanks (self);
  return self->at == self->end && self->seen == (SEEN_DESCR | SEEN_ORDER | SEEN_SHAPE);
}

/* Where the numbers begin; 0 when it is no such file. */
static gsize
read_preamble (const guint8 *data, gsize size, Header *header)
{
  gsize length, begin;

  if (size < 12 || memcmp (data, MAGIC, 6) != 0 || data[6] < 1 || data[6] > 3)
    return 0;
  begin = data[6] == 1 ? 10 : 12;
  length = (gsize) data[8] | (gsize) data[9] << 8;
  if (begin == 12)
    length |= (gsize) data[10] << 16 | (gsize) data[11] << 24;
  if (length > MAX_HEADER || length > size - begin)
    return 0;
  header->at = (const char *) data + begin;
  header->end = header->at + length;
  return read_header (header) ? begin + length : 0;
}

static gboolean
convert (LkNpy *self, const guint8 *data, int bytes)
{
  for (gsize i = 0; i < self->rows * (gsize) self->columns; i++, data += bytes)
    {
      if (bytes == 2)
        self->values[i] = lk_half_to_float ((guint16) (data[0] | data[1] << 8));
      else
        {
          guint32 bits = (guint32) data[0] | (guint32) data[1] << 8 | (guint32) data[2] << 16 |
                         (guint32) data[3] << 24;

          memcpy (&self->values[i], &bits, sizeof bits);
        }
      if (!isfinite (self->values[i]))
        return FALSE;
    }
  return TRUE;
}

LkNpy *
lk_npy_load (const char *path, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GMappedFile) file = g_mapped_file_new (path, FALSE, &failure);
  g_autoptr (LkNpy) self = NULL;
  const guint8 *data;
  Header header = { 0 };
  gsize size, begin;

  if (file == NULL)
    {
      g_set_error (error, failure->domain, failure->code,
                   _ ("The teacher's embeddings cannot be read: %s."), failure->message);
      return NULL;
    }
  size = g_mapped_file_get_length (file);
  data = (const guint8 *) g_mapped_file_get_contents (file);
  begin = read_preamble (data, size, &header);
  if (begin == 0)
    {
      refuse (path, "its header is of another kind or damaged", error);
      return NULL;
    }
  if (size > LK_NPY_MAX_SIZE || header.columns > LK_NPY_MAX_COLUMNS)
    {
      g_autofree char *name = g_filename_display_basename (path);

      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("The matrix in %s is too large: up to 1 GiB and %d numbers a row are read."),
                      name, LK_NPY_MAX_COLUMNS);
      return NULL;
    }
  /* Ten digits times 8192 times 4 cannot overflow. */
  if (header.rows < 1 || header.columns < 1 ||
      header.rows * header.columns * (gsize) header.bytes != size - begin)
    {
      refuse (path, "its length does not fit the shape that its header names", error);
      return NULL;
    }
  self = g_new0 (LkNpy, 1);
  self->rows = header.rows;
  self->columns = (int) header.columns;
  self->values = g_try_new (float, header.rows *header.columns);
  if (self->values == NULL)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("There is not enough memory for the embeddings in %s. Close other programs and "
             "try again."),
             path);
      return NULL;
    }
  if (!convert (self, data + begin, header.bytes))
    {
      refuse (path, "it holds numbers that are not finite", error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
lk_npy_free (LkNpy *self)
{
  if (self == NULL)
    return;
  g_free (self->values);
  g_free (self);
}

/* [d, d], rows of length 1, perpendicular to each other: normal numbers, then Gram and
 * Schmidt's way, twice for its rounding. */
static void
draw_rotation (double *out, gsize d)
{
  LkRandom random;

  lk_random_seed (&random, d);
  for (gsize i = 0; i < d * d; i++)
    out[i] = lk_random_normal (&random);
  for (gsize i = 0; i < d; i++)
    {
      double *row = out + i * d, length = 0;

      for (int pass = 0; pass < 2; pass++)
        for (gsize k = 0; k < i; k++)
          {
            const double *other = out + k * d;
            double dot = 0;

            for (gsize j = 0; j < d; j++)
              dot += row[j] * other[j];
            for (gsize j = 0; j < d; j++)
              row[j] -= dot * other[j];
          }
      for (gsize j = 0; j < d; j++)
        length += row[j] * row[j];
      for (gsize j = 0; j < d; j++)
        row[j] /= sqrt (length);
    }
}

gboolean
lk_npy_turn (LkNpy *self, GError **error)
{
  gsize d = (gsize) self->columns;
  g_autofree double *rotation = NULL, *turned = NULL;

  if (d > MAX_TURNED)
    return TRUE;
  rotation = g_try_new (double, d *d);
  turned = g_try_new (double, d);
  if (rotation == NULL || turned == NULL)
    {
      g_set_error_literal (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                           _ ("There is not enough memory for the teacher's embeddings. Close "
                              "other programs and try again."));
      return FALSE;
    }
  draw_rotation (rotation, d);
  for (gsize i = 0; i < self->rows; i++)
    {
      float *row = self->values + i * d;

      memset (turned, 0, d * sizeof *turned);
      for (gsize k = 0; k < d; k++)
        for (gsize j = 0; j < d; j++)
          turned[j] += (double) row[k] * rotation[k * d + j];
      for (gsize j = 0; j < d; j++)
        row[j] = (float) turned[j];
    }
  return TRUE;
}
