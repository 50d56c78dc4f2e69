/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-image.h"

#include "base/lk-error.h"
#include "base/lk-vault.h"
#include "lk-image-private.h"
#include "lk-jpeg.h"

#include <errno.h>
#include <fcntl.h>
#include <gdk-pixbuf/gdk-pixbuf.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The largest picture that is taken, uncompressed with four channels. */
#define MAX_FILE_SIZE (4 * LK_IMAGE_MAX_PIXELS + 1024)

#define JPEG_QUALITY 95

static void
set_file_error (GError **error, int code, const char *verb, const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (code),
               _ ("The picture “%s” cannot be %s: %s."), name, _ (verb), g_strerror (code));
}

/* Not g_file_get_contents(): it would wait for ever on a named pipe, and read
 * a file of any size. */
static guint8 *
read_file (const char *path, gsize *size, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  guint8 *data = NULL;
  gsize n = 0;
  struct stat st;
  int code = 0;

  if (fd < 0 || fstat (fd, &st) < 0)
    code = errno;
  else if (S_ISDIR (st.st_mode))
    code = EISDIR;
  else if (!S_ISREG (st.st_mode))
    code = EINVAL;
  else if (st.st_size > MAX_FILE_SIZE || (data = g_try_malloc (st.st_size + 1)) == NULL)
    code = EFBIG;

  while (code == 0 && n < (gsize) st.st_size)
    {
      gssize got = read (fd, data + n, st.st_size - n);

      if (got > 0)
        n += got;
      else if (got == 0)
        break;
      else if (errno != EINTR)
        code = errno;
    }
  if (fd >= 0)
    close (fd);

  if (code == 0)
    {
      *size = n;
      return data;
    }
  g_free (data);
  if (code == EFBIG)
    {
      g_autofree char *name = g_filename_display_name (path);

      g_set_error (error, LK_ERROR, LK_ERROR_TOO_LARGE,
                   _ ("The picture “%s” is too large a file. Make it smaller first."), name);
    }
  else
    set_file_error (error, code, "read", path);
  return NULL;
}

static LkImage *
from_jpeg (const guint8 *data, gsize size, GError **error)
{
  g_autoptr (LkImage) image = lk_jpeg_decode (data, size, 0, error);
  int orientation = lk_jpeg_orientation (data, size);

  if (image == NULL || orientation == 1)
    return g_steal_pointer (&image);
  return lk_image_upright (image, orientation);
}

LkImage *
lk_image_load_bytes (const guint8 *data, gsize size, const char *name, GError **error)
{
  static const struct
  {
    const char *magic;
    gsize n;
    LkImage *(*load) (const guint8 *, gsize, GError **);
  } kinds[] = {
    { "\xff\xd8\xff", 3, from_jpeg },
    { "\x89PNG\r\n\x1a\n", 8, lk_image_from_png },
    { "BM", 2, lk_image_from_bmp },
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (size >= kinds[i].n && memcmp (data, kinds[i].magic, kinds[i].n) == 0)
      {
        LkImage *image = kinds[i].load (data, size, error);

        if (image == NULL && name != NULL)
          g_prefix_error (error, "“%s”: ", name);
        return image;
      }
  if (name == NULL)
    name = _ ("This");
  if (size == 0)
    g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                 _ ("“%s” is empty. Choose a JPEG, PNG or BMP file."), name);
  else
    g_set_error (
        error, LK_ERROR, LK_ERROR_FORMAT,
        _ ("“%s” is not a picture of a kind that is read here. Choose a JPEG, PNG or BMP file."),
           name);
  return NULL;
}

LkImage *
lk_image_load (const char *path, GError **error)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree guint8 *data = NULL;
  gsize size;

  data = read_file (path, &size, error);
  if (data != NULL && lk_vault_is_sealed (data, size))
    {
      guint8 *plain = lk_vault_unseal (data, size, name, &size, error);

      g_free (data);
      data = plain;
    }
  return data != NULL ? lk_image_load_bytes (data, size, name, error) : NULL;
}

static gboolean
has_extension (const char *name, const char *extension)
{
  gsize n = strlen (name), m = strlen (extension);

  return n > m && g_ascii_strcasecmp (name + n - m, extension) == 0;
}

gboolean
lk_image_is_image_name (const char *name)
{
  return has_extension (name, ".jpg") || has_extension (name, ".jpeg") ||
         has_extension (name, ".png") || has_extension (name, ".bmp");
}

static GBytes *
encode_png (const LkImage *self, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_bytes (
      self->bytes, GDK_COLORSPACE_RGB, FALSE, 8, self->width, self->height, 3 * self->width);
  g_autoptr (GError) local = NULL;
  gsize size;
  char *file;

  if (gdk_pixbuf_save_to_buffer (pixbuf, &file, &size, "png", &local, NULL))
    return g_bytes_new_take (file, size);
  g_set_error (
      error, LK_ERROR, LK_ERROR_TOO_LARGE,
      _ ("The picture could not be written as PNG (%s). Close other programs and try again."),
         local->message);
  return NULL;
}

gboolean
lk_image_save (const LkImage *self, const char *path, GError **error)
{
  g_autoptr (GBytes) file = has_extension (path, ".png")
                                ? encode_png (self, error)
                                : lk_jpeg_encode (self, JPEG_QUALITY, error);
  g_autofree char *name = g_filename_display_name (path);

  if (file == NULL)
    return FALSE;
  if (g_file_set_contents_full (path, g_bytes_get_data (file, NULL), g_bytes_get_size (file),
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                error))
    return TRUE;
  g_prefix_error (error, _ ("The picture “%s” could not be saved. "), name);
  return FALSE;
}
