/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../unit/image/draw.h"
#include "image/lk-jpeg.h"
#include "verify/lk-cohort.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

/* make-seeds FOLDER: what the fuzzers start from, drawn here. */

static void
put (const char *folder, const char *kind, const char *name, gconstpointer data, gsize size)
{
  g_autofree char *dir = g_build_filename (folder, kind, NULL);
  g_autofree char *path = g_build_filename (dir, name, NULL);

  g_mkdir_with_parents (dir, 0755);
  if (!g_file_set_contents (path, data, size, NULL))
    g_error ("%s cannot be written.", path);
}

static void
put_picture (const char *folder, const char *name, LkImage *image, const char *type)
{
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_new_from_bytes (
      image->bytes, GDK_COLORSPACE_RGB, FALSE, 8, image->width, image->height, 3 * image->width);
  g_autofree char *data = NULL;
  gsize size;

  if (!gdk_pixbuf_save_to_buffer (pixbuf, &data, &size, type, NULL, NULL))
    g_error ("%s cannot be written.", type);
  put (folder, "image", name, data, size);
}

/* Every type, metadata, escapes. */
static void
put_model (const char *folder)
{
  static const char header[] =
      "{\"__metadata__\":{\"format\":\"x\",\"t\\u00e9\":\"a\\n\"},"
      "\"a\":{\"dtype\":\"U64\",\"shape\":[],\"data_offsets\":[0,8]},"
      "\"b\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[8,16]},"
      "\"c\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[16,24]},"
      "\"d\":{\"dtype\":\"F16\",\"shape\":[2,1,2,1],\"data_offsets\":[24,32]}}";
  guint8 file[8 + sizeof header - 1 + 32] = { 0 };
  guint64 size = sizeof header - 1;

  memcpy (file, &size, sizeof size);
  memcpy (file + 8, header, size);
  put (folder, "safetensors", "every-type", file, sizeof file);
}

/* The model of fuzz-cohort.c. */
static void
put_cohort (const char *folder)
{
  g_autoptr (LkModel)
      model = lk_model_new_untrained ("network tiny\n"
                                      "image     input   size=4x4x3\n"
                                      "flat      flatten image\n"
                                      "embedding dense   flat units=3 activation=sigmoid\n"
                                      "score     l1-head embedding\n",
                                      "tiny", 1, NULL);
  const float embeddings[] = { 0.5f, 0.25f, -1, 0, 1, 0.125f };
  g_autofree char *dir = g_build_filename (folder, "cohort", NULL);
  g_autofree char *path = g_build_filename (dir, "two", NULL);

  g_mkdir_with_parents (dir, 0755);
  if (!lk_cohort_save (path, model, embeddings, 2, "nobody", NULL))
    g_error ("%s cannot be written.", path);
}

int
main (int argc, char *argv[])
{
  static const char exif[] = "\xff\xe1\0\x22"
                             "Exif\0\0II*\0\x8\0\0\0\x1\0\x12\x1\x3\0\x1\0\0\0\x6\0\0\0\0\0\0\0";
  g_autoptr (LkImage) disc = draw_disc (40, 24);
  g_autoptr (LkImage) gradient = draw_gradient (17, 33);
  g_autoptr (LkImage) noise = draw_noise (16, 8, 1);
  g_autoptr (GBytes) jpeg = lk_jpeg_encode (disc, 80, NULL);
  g_autoptr (GBytes) fine = lk_jpeg_encode (gradient, 95, NULL);
  g_autoptr (GByteArray) turned = g_byte_array_new ();
  gint32 yuv[3 + 96] = { 16, 8, 24 };
  gsize size;
  const guint8 *data = g_bytes_get_data (jpeg, &size);

  if (argc != 2)
    return 2;
  put (argv[1], "image", "disc.jpg", data, size);
  put (argv[1], "image", "gradient.jpg", g_bytes_get_data (fine, NULL), g_bytes_get_size (fine));
  g_byte_array_append (turned, data, 2);
  g_byte_array_append (turned, (const guint8 *) exif, 2 + 0x22);
  g_byte_array_append (turned, data + 2, size - 2);
  put (argv[1], "image", "turned.jpg", turned->data, turned->len);
  put_picture (argv[1], "disc.png", disc, "png");
  put_picture (argv[1], "noise.png", noise, "png");
  put_picture (argv[1], "noise.bmp", noise, "bmp");

  memcpy (yuv + 3, lk_image_get_pixels (noise), 4 * 96);
  put (argv[1], "yuv", "16x8", yuv, sizeof yuv);
  yuv[2] = 48;
  put (argv[1], "yuv", "16x8-rows-of-48", yuv, sizeof yuv);
  put_model (argv[1]);
  put_cohort (argv[1]);
  return 0;
}
