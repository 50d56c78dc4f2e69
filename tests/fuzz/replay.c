/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* replay FOLDER: runs a fuzzer over what was found before, with any compiler. */
int
main (int argc, char *argv[])
{
  g_autoptr (GDir) dir = argc == 2 ? g_dir_open (argv[1], 0, NULL) : NULL;
  const char *name;
  int n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL), *data = NULL;
      gsize size;

      if (!g_file_get_contents (path, &data, &size, NULL))
        return 1;
      LLVMFuzzerTestOneInput ((const guint8 *) data, size);
      n++;
    }
  g_print ("%d files\n", n);
  return n == 0;
}
