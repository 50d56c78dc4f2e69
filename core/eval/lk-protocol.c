/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-protocol.h"

#include "base/lk-error.h"
#include "image/lk-image.h"
#include "image/lk-picture-names.h"

#include "lk-lfw.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
clear_picture (gpointer picture)
{
  g_free (((LkProtocolPicture *) picture)->path);
}

LkProtocol *
lk_protocol_new (const char *name, LkPictureKind kind)
{
  LkProtocol *self = g_new0 (LkProtocol, 1);

  self->name = g_strdup (name);
  self->kind = kind;
  self->n_folds = 1;
  self->people = g_ptr_array_new_with_free_func (g_free);
  self->pictures = g_array_new (FALSE, FALSE, sizeof (LkProtocolPicture));
  g_array_set_clear_func (self->pictures, clear_picture);
  self->pairs = g_array_new (FALSE, FALSE, sizeof (LkProtocolPair));
  self->trials = g_array_new (FALSE, FALSE, sizeof (LkProtocolTrial));
  self->candidates = g_array_new (FALSE, FALSE, sizeof (int));
  self->look_alike = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->person_index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->picture_index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
lk_protocol_free (LkProtocol *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->about);
  g_ptr_array_unref (self->people);
  g_array_unref (self->pictures);
  g_array_unref (self->pairs);
  g_array_unref (self->trials);
  g_array_unref (self->candidates);
  g_array_unref (self->look_alike);
  g_hash_table_unref (self->person_index);
  g_hash_table_unref (self->picture_index);
  g_free (self);
}

int
lk_protocol_add_person (LkProtocol *self, const char *name)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (self->person_index, name, NULL, &value))
    {
      value = GINT_TO_POINTER ((int) self->people->len);
      g_hash_table_insert (self->person_index, g_strdup (name), value);
      g_ptr_array_add (self->people, g_filename_display_name (name));
    }
  return GPOINTER_TO_INT (value);
}

int
lk_protocol_add_picture (LkProtocol *self, const char *path, int person, int session)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (self->picture_index, path, NULL, &value))
    {
      LkProtocolPicture picture = { g_strdup (path), person, session };

      value = GINT_TO_POINTER ((int) self->pictures->len);
      g_hash_table_insert (self->picture_index, g_strdup (path), value);
      g_array_append_val (self->pictures, picture);
    }
  return GPOINTER_TO_INT (value);
}

void
lk_protocol_add_pair (LkProtocol *self, int a, int b, gboolean same, int fold)
{
  LkProtocolPair pair = { a, b, same != FALSE, fold };

  g_array_append_val (self->pairs, pair);
}

/* ---- LFW's lists ---- */

/* A picture of an LFW list: its person is the folder that it lies in. */
static int
add_lfw_picture (LkProtocol *self, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *name = g_path_get_basename (folder);

  return lk_protocol_add_picture (self, path, lk_protocol_add_person (self, name), -1);
}

LkProtocol *
lk_protocol_load_pairs (const char *path, const char *root, GError **error)
{
  g_autoptr (LkLfwList) list = lk_lfw_list_load (path, root, error);
  g_autofree char *name = g_filename_display_basename (path);
  LkProtocol *self;

  if (list == NULL)
    return NULL;
  self = lk_protocol_new (name, LK_PICTURE_PHOTO);
  self->n_folds = list->n_folds;
  for (guint i = 0; i < list->pairs->len; i++)
    {
      const LkLfwPair *pair = &g_array_index (list->pairs, LkLfwPair, i);
      int a = add_lfw_picture (self, pair->a), b = add_lfw_picture (self, pair->b);

      lk_protocol_add_pair (self, a, b, pair->same, pair->fold);
    }
  return self;
}

/* ---- people's folders ---- */

/* Which session a picture is of by its name, with the numbers that were given so far. */
static int
number_session (GHashTable *numbers, const char *name, int *n_sessions)
{
  char *session = lk_picture_name_get_session (name);
  gpointer number;

  if (!g_hash_table_lookup_extended (numbers, session, NULL, &number))
    {
      number = GINT_TO_POINTER ((*n_sessions)++);
      g_hash_table_insert (numbers, g_strdup (session), number);
    }
  g_free (session);
  return GPOINTER_TO_INT (number);
}

/* The pictures of @path, and of folders in it, which are sessions, when @deeper. */
static gboolean
scan_person (LkProtocol *self, const char *path, const char *person, int session, gboolean deeper,
             int *n_sessions, GError **error)
{
  g_autoptr (GPtrArray) names = lk_picture_names_list (path, error);
  g_autoptr (GHashTable) numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean told;

  if (names == NULL)
    return FALSE;
  told = deeper && lk_picture_names_have_sessions (names);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      g_autofree char *inner = g_build_filename (path, name, NULL);

      if (g_file_test (inner, G_FILE_TEST_IS_DIR))
        {
          if (deeper &&
              !scan_person (self, inner, person, (*n_sessions)++, FALSE, n_sessions, error))
            return FALSE;
        }
      else if (lk_image_is_image_name (name))
        {
          if (self->pictures->len >= LK_PROTOCOL_MAX_PICTURES)
            {
              g_set_error (
                  error, LK_ERROR, LK_ERROR_TOO_LARGE,
                  _ ("There are more than %d pictures in the folder. Choose one with fewer."),
                     LK_PROTOCOL_MAX_PICTURES);
              return FALSE;
            }
          lk_protocol_add_picture (self, inner, lk_protocol_add_person (self, person),
                                   told ? number_session (numbers, name, n_sessions) : session);
        }
    }
  return TRUE;
}

LkProtocol *
lk_protocol_load_folders (const char *folder, GError **error)
{
  g_autofree char *shown = g_filename_display_basename (folder);
  g_autoptr (LkProtocol) self = lk_protocol_new (shown, LK_PICTURE_PHOTO);
  g_autoptr (GPtrArray) names = lk_picture_names_list (folder, error);
  int n_sessions = 0;

  if (names == NULL)
    {
      g_prefix_error (error, _ ("The folder of people cannot be read. "));
      return NULL;
    }
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) &&
          !scan_person (self, path, names->pdata[i], -1, TRUE, &n_sessions, error))
        return NULL;
    }
  if (self->people->len < 2)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_NO_DATA,
          _ ("“%s” does not hold pictures of two people. Choose a folder that has a folder "
             "for each person."),
             shown);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* ---- Omniglot's runs ---- */

/* A path of class_labels.txt below @folder; NULL when it would lead out of it.  A
 * character is a person here. */
static int
add_drawing (LkProtocol *self, const char *folder, const char *name, const char *character)
{
  g_autofree char *path = NULL;

  if (g_path_is_absolute (name) || strstr (name, "..") != NULL)
    return -1;
  path = g_build_filename (folder, name, NULL);
  return lk_protocol_add_picture (self, path, lk_protocol_add_person (self, character), -1);
}

static gboolean
load_run (LkProtocol *self, const char *folder, const char *run, GError **error)
{
  g_autofree char *path = g_build_filename (folder, run, "class_labels.txt", NULL), *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint first_trial = self->trials->len, first = self->candidates->len;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", 1001);
  for (int i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (g_strstrip (lines[i]), " ", -1);
      int probe, right, n_here;

      if (words[0] == NULL)
        continue;
      right = g_strv_length (words) == 2 && i < 1000
                  ? add_drawing (self, folder, words[1], words[1])
                  : -1;
      probe = right >= 0 ? add_drawing (self, folder, words[0], words[1]) : -1;
      if (probe < 0)
        {
          g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                       _ ("%s is not a run of one-shot trials: line %d should name two drawings."),
                          path, i + 1);
          return FALSE;
        }
      n_here = (int) (self->candidates->len - first);
      g_array_append_val (self->candidates, right);
      g_array_append_vals (self->trials, &(LkProtocolTrial){ probe, (int) first, 0, n_here }, 1);
    }
  for (guint i = first_trial; i < self->trials->len; i++)
    g_array_index (self->trials, LkProtocolTrial, i).n = (int) (self->candidates->len - first);
  return TRUE;
}

LkProtocol *
lk_protocol_load_runs (const char *folder, GError **error)
{
  g_autofree char *shown = g_filename_display_basename (folder);
  g_autoptr (LkProtocol) self = lk_protocol_new (shown, LK_PICTURE_PLAIN);
  g_autoptr (GPtrArray) names = lk_picture_names_list (folder, error);
  int n_runs = 0;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *run = names->pdata[i];
      g_autofree char *labels = g_build_filename (folder, run, "class_labels.txt", NULL);

      if (!g_file_test (labels, G_FILE_TEST_IS_REGULAR))
        continue;
      if (!load_run (self, folder, run, error))
        return NULL;
      n_runs++;
    }
  if (names == NULL)
    return NULL;
  if (self->trials->len == 0)
    {
      g_set_error (error, LK_ERROR, LK_ERROR_FORMAT,
                   _ ("“%s” has no one-shot runs: there is no run01/class_labels.txt in it."),
                      shown);
      return NULL;
    }
  self->about = g_strdup_printf ("%d runs of one-shot trials, %u in all.", n_runs,
                                 self->trials->len);
  return g_steal_pointer (&self);
}
