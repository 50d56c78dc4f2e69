/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>

/* A folder for one run of a test program, in place of the user's own.  (GLib's
 * G_TEST_OPTION_ISOLATE_DIRS does more, and leaks.) */
static char *scratch;

/* Before anything asks for the user's folders. */
static inline void
scratch_begin (void)
{
  g_autofree char *data = NULL, *config = NULL;

  scratch = g_dir_make_tmp ("likeness-test-XXXXXX", NULL);
  g_assert_nonnull (scratch);
  data = g_build_filename (scratch, "data", NULL);
  config = g_build_filename (scratch, "config", NULL);
  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
}

static inline int
scratch_remove_entry (const char *path, const struct stat *info, int type, struct FTW *where)
{
  return remove (path);
}

static inline void
scratch_remove (const char *folder)
{
  nftw (folder, scratch_remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static inline void
scratch_end (void)
{
  scratch_remove (scratch);
  g_clear_pointer (&scratch, g_free);
}
