/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-new-file.h"
#include "lk-paths.h"
#include "lk-store-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

void
lk_person_free (LkPerson *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self);
}

LkCapture *
lk_capture_copy (const LkCapture *self)
{
  LkCapture *copy = g_new0 (LkCapture, 1);

  copy->path = g_strdup (self->path);
  copy->person = g_strdup (self->person);
  copy->session = g_strdup (self->session);
  copy->kind = self->kind;
  return copy;
}

void
lk_capture_free (LkCapture *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->person);
  g_free (self->session);
  g_free (self);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* DT_REG, DT_DIR, ...: not every file system tells it with the name. */
static int
get_type (DIR *dir, const struct dirent *entry)
{
  struct stat info;

  if (entry->d_type != DT_UNKNOWN)
    return entry->d_type;
  if (fstatat (dirfd (dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return DT_UNKNOWN;
  return IFTODT (info.st_mode);
}

GPtrArray *
lk_store_list_names (const char *folder, LkList what, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  DIR *dir = opendir (folder);
  struct dirent *entry;
  int code;

  if (dir == NULL && errno == ENOENT)
    return g_steal_pointer (&names);
  if (dir == NULL)
    {
      lk_file_set_error (error, errno, "read", folder);
      return NULL;
    }
  while (errno = 0, (entry = readdir (dir)) != NULL)
    {
      int type = get_type (dir, entry);

      if (entry->d_name[0] != '.' && (type == (what == LK_LIST_FOLDERS ? DT_DIR : DT_REG) ||
                                      (what == LK_LIST_FILES_AND_LINKS && type == DT_LNK)))
        g_ptr_array_add (names, g_strdup (entry->d_name));
    }
  code = errno;
  closedir (dir);
  if (code != 0)
    {
      lk_file_set_error (error, code, "read", folder);
      return NULL;
    }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

/* Adds the pictures of one folder; @session is "" for pictures that lie beside the
 * sessions, where a person may have put them. */
static gboolean
add_pictures (GPtrArray *out, const char *folder, const char *person, const char *session,
              LkCaptureKind kind, GError **error)
{
  g_autoptr (GPtrArray) names = lk_store_list_names (folder, LK_LIST_FILES, error);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      LkCapture *capture;

      if (!lk_image_is_image_name (names->pdata[i]))
        continue;
      capture = g_new0 (LkCapture, 1);
      capture->path = g_build_filename (folder, names->pdata[i], NULL);
      capture->person = g_strdup (person);
      capture->session = g_strdup (session);
      capture->kind = kind;
      g_ptr_array_add (out, capture);
    }
  return names != NULL;
}

static gboolean
add_person (LkStore *self, GPtrArray *out, const char *file_name, LkCaptureKind kind,
            GError **error)
{
  g_autofree char *folder = lk_store_person_folder (self, kind, file_name);
  g_autofree char *person = lk_paths_decode (file_name);
  g_autoptr (GPtrArray) sessions = NULL;

  if (person == NULL || !g_utf8_validate (person, -1, NULL)) /* not a folder of ours */
    return TRUE;
  sessions = lk_store_list_names (folder, LK_LIST_FOLDERS, error);
  if (sessions == NULL || !add_pictures (out, folder, person, "", kind, error))
    return FALSE;
  for (guint i = 0; i < sessions->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, sessions->pdata[i], NULL);

      if (!add_pictures (out, path, person, sessions->pdata[i], kind, error))
        return FALSE;
    }
  return TRUE;
}

static int
compare_captures (gconstpointer a, gconstpointer b)
{
  const LkCapture *x = *(const LkCapture *const *) a, *y = *(const LkCapture *const *) b;
  int order = strcmp (x->session, y->session);

  if (order == 0)
    order = strcmp (strrchr (x->path, '/'), strrchr (y->path, '/'));
  return order != 0 ? order : strcmp (x->path, y->path);
}

GPtrArray *
lk_store_list_captures (LkStore *self, const char *person, LkCaptureKind kind, GError **error)
{
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);

  if (person != NULL)
    {
      g_autofree char *file_name = lk_store_encode_person (person, error);

      if (file_name == NULL || !add_person (self, out, file_name, kind, error))
        return NULL;
    }
  else
    {
      g_autofree char *folder = lk_store_person_folder (self, kind, NULL);
      g_autoptr (GPtrArray) people = lk_store_list_names (folder, LK_LIST_FOLDERS, error);

      if (people == NULL)
        return NULL;
      for (guint i = 0; i < people->len; i++)
        if (!add_person (self, out, people->pdata[i], kind, error))
          return NULL;
    }
  g_ptr_array_sort (out, compare_captures);
  return g_steal_pointer (&out);
}

static int
compare_people (gconstpointer a, gconstpointer b)
{
  const LkPerson *x = *(const LkPerson *const *) a, *y = *(const LkPerson *const *) b;
  int order = g_utf8_collate (x->name, y->name);

  return order != 0 ? order : strcmp (x->name, y->name);
}

GPtrArray *
lk_store_list_people (LkStore *self, GError **error)
{
  g_autoptr (GPtrArray) out = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_person_free);
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);

  for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
    {
      g_autoptr (GPtrArray)
          captures = lk_store_list_captures (self, NULL, (LkCaptureKind) kind, error);

      if (captures == NULL)
        return NULL;
      for (guint i = 0; i < captures->len; i++)
        {
          const LkCapture *capture = captures->pdata[i];
          LkPerson *person = g_hash_table_lookup (by_name, capture->person);

          if (person == NULL)
            {
              person = g_new0 (LkPerson, 1);
              person->name = g_strdup (capture->person);
              g_hash_table_insert (by_name, person->name, person);
              g_ptr_array_add (out, person);
            }
          person->n[kind]++;
        }
    }
  g_ptr_array_sort (out, compare_people);
  return g_steal_pointer (&out);
}
