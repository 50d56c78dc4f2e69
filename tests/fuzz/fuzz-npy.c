/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "train/lk-npy.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any bytes are a matrix or an error. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = memfd_create ("npy", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autoptr (GError) error = NULL;
  g_autoptr (LkNpy) matrix = NULL;

  g_assert_true (write (fd, data, size) == (gssize) size);
  matrix = lk_npy_load (path, &error);
  g_assert_true ((matrix == NULL) == (error != NULL));
  close (fd);
  return 0;
}
