/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/lk-attempts.h"
#include "store/lk-embeddings.h"
#include "store/lk-runs.h"
#include "store/lk-tries.h"

#include <glib/gstdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
on_try (const char *shown, gboolean matched, gboolean opened, gpointer data)
{
  g_assert_true (g_utf8_validate (shown, -1, NULL));
}

/* Whatever likeness.db holds, it opens (repaired, it may be) or there is a sentence; and what
 * is in it can be listed, or not, with a sentence. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static char *folder;
  g_autofree char *path = NULL, *notice = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LkDatabase) db = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (folder == NULL)
    {
      g_autofree char *template = g_strdup ("/dev/shm/fuzz-database-XXXXXX");

      folder = g_strdup (g_mkdtemp (template));
    }
  path = g_build_filename (folder, "likeness.db", NULL);
  g_assert_true (g_file_set_contents_full (path, (const char *) data, (gssize) size,
                                           G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL));
  db = lk_database_open (folder, &notice, &error);
  g_assert_true ((db == NULL) == (error != NULL));
  if (db != NULL)
    {
      g_autoptr (GPtrArray) runs = lk_database_list_runs (db, NULL);
      g_autoptr (GPtrArray) attempts = lk_database_list_attempts (db, NULL);
      float vector[4];

      for (guint i = 0; runs != NULL && i < runs->len; i++)
        {
          g_autoptr (GArray) points G_GNUC_UNUSED = lk_database_list_points (
              db, ((LkRun *) runs->pdata[i])->id, "loss", NULL);

          g_assert_true (g_utf8_validate (((LkRun *) runs->pdata[i])->name, -1, NULL));
        }
      for (guint i = 0; attempts != NULL && i < attempts->len; i++)
        g_assert_true (g_utf8_validate (((LkAttempt *) attempts->pdata[i])->person, -1, NULL));
      lk_database_get_embedding (db, path, "abc", vector, 4);
      lk_database_get_lockout (db, "Ada", LK_LOCKOUT_FREE);
      lk_database_list_tries (db, "likeness", on_try, NULL, NULL);
    }
  lk_database_close (g_steal_pointer (&db));
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (folder, name, NULL);

      g_unlink (file);
    }
  return 0;
}
