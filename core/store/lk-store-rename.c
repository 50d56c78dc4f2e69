/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "base/lk-new-file.h"
#include "lk-store-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

gboolean
lk_store_rename_person (LkStore *self, const char *from, const char *to, GError **error)
{
  g_autofree char *from_name = lk_store_encode_person (from, error), *to_name = NULL;
  char *old[LK_N_CAPTURE_KINDS] = { NULL }, *new[LK_N_CAPTURE_KINDS] = { NULL };
  int n = 0, code = 0, kind;
  gboolean taken = FALSE;

  if (from_name == NULL || (to_name = lk_store_encode_person (to, error)) == NULL)
    return FALSE;
  if (strcmp (from_name, to_name) == 0)
    return TRUE;
  for (kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      old[kind] = lk_store_person_folder (self, (LkCaptureKind) kind, from_name);
      new[kind] = lk_store_person_folder (self, (LkCaptureKind) kind, to_name);
      taken = taken || access (new[kind], F_OK) == 0;
    }
  for (kind = 0; !taken && code == 0 && kind < LK_N_CAPTURE_KINDS; kind++)
    if (lk_rename_fresh (old[kind], new[kind]) == 0)
      n++;
    else if (errno != ENOENT)
      {
        /* All kinds or none: somebody with two half names would be two people. */
        code = errno;
        for (int back = kind - 1; back >= 0; back--)
          lk_rename_fresh (new[back], old[back]);
      }
  if (taken || code == EEXIST)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
                 _ ("Somebody is enrolled as “%s” already.  Choose another name."), to);
  else if (code != 0)
    lk_file_set_error (error, code, "renamed", old[0]);
  else if (n == 0)
    g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA, _ ("Nobody is enrolled as “%s”."), from);
  else
    {
      lk_store_forget_undo (self); /* what was deleted had the old name */
      if (self->database != NULL)  /* a wait is not lifted by another name */
        lk_database_rename_attempts (self->database, from, to, NULL);
      lk_store_forget_embeddings (self, from_name);
    }
  for (kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_free (old[kind]);
      g_free (new[kind]);
    }
  return !taken && code == 0 && n > 0;
}

void
lk_store_forget_embeddings (LkStore *self, const char *file_name)
{
  if (self->database == NULL)
    return;
  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autofree char *folder = lk_store_person_folder (self, (LkCaptureKind) kind, file_name);

      lk_database_forget_path (self->database, folder, NULL); /* and scrubs */
    }
}
