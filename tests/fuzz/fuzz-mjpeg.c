/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "camera/lk-mjpeg.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* A film: every picture lies in the file, has its markers, and is given once. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = memfd_create ("film", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (LkMjpegReader) reader = NULL;
  const guint8 *picture;
  gsize length, total = 0, n_results = 0;
  LkMjpegResult result;

  g_assert_true (write (fd, data, size) == (gssize) size);
  reader = lk_mjpeg_reader_new (path, NULL);
  g_assert_nonnull (reader);
  while ((result = lk_mjpeg_reader_next (reader, &picture, &length)) != LK_MJPEG_END)
    {
      g_assert_cmpuint (++n_results, <=, size / 2);
      if (result != LK_MJPEG_PICTURE)
        continue;
      g_assert_cmpuint (length, >=, 4);
      total += length;
      g_assert_cmpuint (total, <=, size);
      g_assert_cmpuint (picture[0] << 8 | picture[1], ==, 0xffd8);
      g_assert_cmpuint (picture[length - 2] << 8 | picture[length - 1], ==, 0xffd9);
    }
  close (fd);
  return 0;
}
