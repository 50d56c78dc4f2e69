/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/lk-vault.h"
#include "scratch.h"
#include "store/lk-store.h"

#include <string.h>

/* What the tests of the store share. */

typedef struct
{
  char *folder; /* fresh, removed afterwards */
  LkStore *store;
} Fixture;

static inline void
set_up (Fixture *f, gconstpointer data)
{
  static const guint8 key[LK_VAULT_KEY_SIZE] = { 1, 2, 3 };
  g_autoptr (GError) error = NULL;

  g_assert_true (lk_vault_unlock (key, &error));
  f->folder = g_build_filename (scratch, "store-XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp (f->folder));
  f->store = lk_store_open (f->folder, &error);
  g_assert_no_error (error);
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  lk_store_close (f->store);
  scratch_remove (f->folder);
  g_free (f->folder);
}

static inline LkDatabase *
database (Fixture *f)
{
  LkDatabase *db = lk_store_get_database (f->store);

  g_assert_null (lk_store_get_notice (f->store));
  g_assert_nonnull (db);
  return db;
}

/* A smooth picture, different for each @seed. */
static inline LkImage *
make_face (int seed)
{
  guint8 *pixels = g_malloc (3 * 40 * 40);

  for (int y = 0; y < 40; y++)
    for (int x = 0; x < 40; x++)
      for (int c = 0; c < 3; c++)
        pixels[3 * (40 * y + x) + c] = (guint8) (x * (c + 1) + y + seed * 7);
  return lk_image_new_take (40, 40, pixels);
}

static inline LkCapture *
add (LkStore *store, const char *person, LkCaptureKind kind, int seed)
{
  g_autoptr (LkImage) face = make_face (seed);
  g_autoptr (GError) error = NULL;
  LkCapture *capture = lk_store_add (store, person, kind, face, &error);

  g_assert_no_error (error);
  g_assert_nonnull (capture);
  return capture;
}

/* Pictures of a person, or of all, by a listing of their own. */
static inline int
count (LkStore *store, const char *person, LkCaptureKind kind)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) captures = lk_store_list_captures (store, person, kind, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < captures->len; i++)
    g_assert_true (g_file_test (((LkCapture *) captures->pdata[i])->path, G_FILE_TEST_IS_REGULAR));
  return (int) captures->len;
}

static int test_n_files;

static inline int
test_count_entry (const char *path, const struct stat *info, int type, struct FTW *where)
{
  test_n_files += type == FTW_F && strcmp (path + where->base, "lock") != 0;
  return 0;
}

/* Files below @folder/@part, however they are called, without locks. */
static inline int
count_files (const char *folder, const char *part)
{
  g_autofree char *path = g_build_filename (folder, part, NULL);

  test_n_files = 0;
  nftw (path, test_count_entry, 16, FTW_PHYS);
  return test_n_files;
}
