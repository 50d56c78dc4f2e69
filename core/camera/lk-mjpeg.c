/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-mjpeg.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The markers of ITU-T T.81, annex B.  A picture is walked segment by segment,
 * because a preview inside an APP segment has an SOI and an EOI of its own.
 */
enum
{
  TEM = 0x01,
  RST0 = 0xd0,
  RST7 = 0xd7,
  SOI = 0xd8,
  EOI = 0xd9,
  SOS = 0xda,
};

#define CHUNK (256 * 1024)

struct _LkMjpegReader
{
  int fd;
  guint8 *data; /* (owned): `begin` .. `end` is what is still to be looked at */
  gsize begin, end, size;
};

LkMjpegReader *
lk_mjpeg_reader_new (const char *path, GError **error)
{
  /* Non-blocking, so that opening a FIFO by mistake does not wait for its writer. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  int saved = errno;
  struct stat info;
  LkMjpegReader *self;

  if (fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (saved),
                   _ ("The file “%s” cannot be read: %s."), path, g_strerror (saved));
      return NULL;
    }
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      close (fd);
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, _ ("“%s” is not a file."), path);
      return NULL;
    }
  self = g_new0 (LkMjpegReader, 1);
  self->fd = fd;
  return self;
}

void
lk_mjpeg_reader_free (LkMjpegReader *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  g_free (self->data);
  g_free (self);
}

/* Makes the byte begin + @offset available.  Returns: whether there is one. */
static gboolean
reach (LkMjpegReader *self, gsize offset)
{
  while (self->end - self->begin <= offset)
    {
      gssize n;

      if (offset >= LK_MJPEG_MAX_BYTES)
        return FALSE;
      if (self->begin > 0 && self->size - self->end < CHUNK)
        {
          memmove (self->data, self->data + self->begin, self->end - self->begin);
          self->end -= self->begin;
          self->begin = 0;
        }
      if (self->size - self->end < CHUNK)
        {
          self->size = MAX (2 * self->size, 2 * CHUNK);
          self->data = g_realloc (self->data, self->size);
        }
      do
        n = read (self->fd, self->data + self->end, CHUNK);
      while (n < 0 && errno == EINTR);
      if (n <= 0)
        return FALSE;
      self->end += n;
    }
  return TRUE;
}

static guint8
at (const LkMjpegReader *self, gsize offset)
{
  return self->data[self->begin + offset];
}

/* Drops what precedes the next FF D8 FF.  Returns: whether there is one. */
static gboolean
find_start (LkMjpegReader *self)
{
  while (reach (self, 2))
    {
      const guint8 *p = self->data + self->begin, *found;
      gsize n = self->end - self->begin;

      found = memmem (p, n, "\xff\xd8\xff", 3);
      if (found != NULL)
        {
          self->begin += found - p;
          return TRUE;
        }
      self->begin += n - 2;
    }
  return FALSE;
}

/* Finds the length of the picture at `begin`, 0 when it is broken; *@seen is how
 * far it was looked at. */
static gsize
measure (LkMjpegReader *self, gsize *seen)
{
  gboolean in_scan = FALSE;
  gsize i = 2;

  for (; reach (self, i + 1); *seen = i)
    {
      guint8 marker;

      if (at (self, i) != 0xff)
        {
          const guint8 *p = self->data + self->begin, *found;

          if (!in_scan)
            return 0;
          found = memchr (p + i, 0xff, self->end - self->begin - i);
          i = found != NULL ? (gsize) (found - p) : self->end - self->begin;
          continue;
        }
      marker = at (self, i + 1);
      if (marker == EOI)
        return i + 2;
      if (marker == SOI)
        return 0;
      if (marker == 0xff) /* fill byte */
        i++;
      else if (marker == TEM || (marker >= RST0 && marker <= RST7) || marker == 0)
        {
          if (marker == 0 && !in_scan)
            return 0;
          i += 2;
        }
      else
        {
          gsize length;

          if (!reach (self, i + 3))
            return 0;
          length = (gsize) at (self, i + 2) << 8 | at (self, i + 3);
          if (length < 2)
            return 0;
          i += 2 + length;
          in_scan = in_scan || marker == SOS;
        }
    }
  return 0;
}

LkMjpegResult
lk_mjpeg_reader_next (LkMjpegReader *self, const guint8 **data, gsize *size)
{
  gsize length, seen = 2;

  if (!find_start (self))
    return LK_MJPEG_END;
  length = measure (self, &seen);
  if (length == 0)
    {
      /* Not just behind its start, where a preview of its own may lie. */
      self->begin += MIN (seen, self->end - self->begin);
      return LK_MJPEG_BROKEN;
    }
  *data = self->data + self->begin;
  *size = length;
  self->begin += length;
  return LK_MJPEG_PICTURE;
}
