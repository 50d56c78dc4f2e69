/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "lk-test-people.h"
#include "model/lk-half.h"

#include <string.h>

enum
{
  TEST_INDEX_D = 8,
  TEST_INDEX_EACH = 4 /* pictures of a person */
};

/* A .npy file of float16, or of float32. */
static inline void
test_npy_write (const char *path, const float *values, int rows, int columns, gboolean half)
{
  g_autoptr (GString) file = g_string_new (NULL);
  g_autofree char *header = g_strdup_printf (
      "{'descr': '<f%d', 'fortran_order': False, 'shape': (%d, %d), }", half ? 2 : 4, rows,
      columns);

  g_string_append_len (file, "\x93NUMPY\x01\x00v\x00", 10);
  g_string_append_printf (file, "%-117s\n", header);
  for (int i = 0; i < rows * columns; i++)
    if (half)
      {
        guint16 bits = lk_half_from_float (values[i]);

        g_string_append_len (file, (const char *) &bits, 2);
      }
    else
      g_string_append_len (file, (const char *) &values[i], 4);
  g_assert_true (g_file_set_contents (path, file->str, (gssize) file->len, NULL));
}

/* @n people of four pictures of 120x120 each, every third for validation, and for four of
 * five pictures for training one that is unlabelled; a teacher who knows them all.  People
 * 0 and 1 are similar, as are 0 and 4. */
static inline void
test_index_make (const char *folder, int n)
{
  g_autoptr (GString) index = g_string_new ("row,file,split,person,source,typicality,eye_px\n");
  g_autofree char *index_path = test_folder_path (folder, "index.csv");
  g_autofree char *similar = g_build_filename (folder, "similar.csv", NULL);
  g_autofree char *teacher = g_build_filename (folder, "teacher.npy", NULL);
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (float));
  int row = 0;
  LkRandom random;

  lk_random_seed (&random, 21);
  for (int person = 0; person < n; person++)
    for (int i = 0; i < TEST_INDEX_EACH + (person % 3 == 0 ? 1 : 0); i++, row++)
      {
        g_autofree char *name = g_strdup_printf ("crops/%03d.jpg", row);
        g_autofree char *path = g_build_filename (folder, name, NULL);
        g_autoptr (LkImage) small = NULL, large = NULL;
        gboolean unlabelled = i == TEST_INDEX_EACH;
        float vector[TEST_INDEX_D];
        LkRandom own;

        test_people_draw (folder, name, 100 + person, &random);
        small = lk_image_load (path, NULL);
        large = lk_image_resize (small, 120, 120, LK_FILTER_BILINEAR);
        g_assert_true (lk_image_save (large, path, NULL));
        lk_random_seed (&own, (guint64) person);
        for (int j = 0; j < TEST_INDEX_D; j++)
          vector[j] = (float) (lk_random_range (&own, -1, 1) +
                               lk_random_range (&random, -0.1, 0.1));
        g_array_append_vals (rows, vector, TEST_INDEX_D);
        g_string_append_printf (index, "%d,%s,%s,", row, name,
                                unlabelled        ? "unlabelled"
                                : person % 3 == 2 ? "val"
                                                  : "train");
        if (!unlabelled)
          g_string_append_printf (index, "%d", person);
        /* One label is doubtful, one picture stands alone. */
        g_string_append_printf (index, ",drawn,%s,30\n", row == 1 ? "0.1" : row == 2 ? "" : "0.7");
      }
  g_assert_true (g_file_set_contents (index_path, index->str, -1, NULL));
  g_assert_true (g_file_set_contents (
      similar, "person_a,person_b,cosine\n0,1,0.5\n0,4,0.45\n0,999,0.6\n", -1, NULL));
  test_npy_write (teacher, (const float *) (gpointer) rows->data, row, TEST_INDEX_D, TRUE);
}
