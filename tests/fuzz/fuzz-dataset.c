/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "train/lk-dataset.h"

#include <glib/gstdio.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any index.csv gives a dataset or an error. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static char *folder;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LkDataset) set = NULL;

  if (folder == NULL)
    folder = g_dir_make_tmp ("fuzz-dataset-XXXXXX", NULL);
  path = g_build_filename (folder, LK_DATASET_INDEX, NULL);
  g_assert_true (g_file_set_contents (path, (const char *) data, (gssize) size, NULL));
  set = lk_dataset_open (folder, 0, &error);
  g_assert_true ((set == NULL) == (error != NULL));
  g_unlink (path);
  return 0;
}
