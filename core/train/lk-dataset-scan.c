/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "image/lk-image.h"
#include "image/lk-picture-names.h"

#include "lk-dataset-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static const char *const role_folders[] = { NULL, "anchor", "positive", "negative" };

/* The number of a key; a new one gets the next, from 0. */
static int
number_of (GHashTable *numbers, const char *key, int *next)
{
  gpointer value;

  if (!g_hash_table_lookup_extended (numbers, key, NULL, &value))
    {
      value = GINT_TO_POINTER (*next);
      *next += 1;
      g_hash_table_insert (numbers, g_strdup (key), value);
    }
  return GPOINTER_TO_INT (value);
}

typedef struct
{
  LkDataset *set;
  GHashTable *people;   /* key -> index into set->people */
  GHashTable *sessions; /* key -> number */
  GHashTable *groups;   /* of negatives: key -> number */
} Scan;

static int
person_of (Scan *scan, const char *key, const char *name)
{
  int next = (int) scan->set->people->len, number = number_of (scan->people, key, &next);

  if (next > (int) scan->set->people->len)
    g_ptr_array_add (scan->set->people, g_filename_display_name (name));
  return number;
}

/* LFW's "Some_Name_0001.jpg" -> "Some_Name"; empty when there is nothing but digits. */
static char *
stem_without_digits (const char *name)
{
  const char *dot = strrchr (name, '.');
  gsize length = dot != NULL ? (gsize) (dot - name) : strlen (name);

  while (length > 0 && g_ascii_isdigit (name[length - 1]))
    length--;
  return g_strndup (name, length);
}

/* Whether a stem is somebody's name, rather than a date or the rest of a UUID: it ends
 * in a separator and has two letters in a row. */
static gboolean
stem_is_name (const char *stem)
{
  gsize length = strlen (stem);

  if (length == 0 || strchr ("_- ", stem[length - 1]) == NULL)
    return FALSE;
  for (gsize i = 0; i + 1 < length; i++)
    if ((g_ascii_isalpha (stem[i]) || (stem[i] & 0x80)) &&
        (g_ascii_isalpha (stem[i + 1]) || (stem[i + 1] & 0x80)))
      return TRUE;
  return FALSE;
}

/* Fills in who a negative shows and which group it is split with.  @person and
 * @session: (nullable): the folders it lies in. */
static void
place_negative (Scan *scan, const char *person, const char *session, const char *name,
                LkSample *sample, int *claim, int *group)
{
  g_autofree char *stem = stem_without_digits (name), *key = NULL;
  gpointer whose;
  gboolean claimed = person != NULL &&
                     g_hash_table_lookup_extended (scan->people, person, NULL, &whose) &&
                     GPOINTER_TO_INT (whose) < scan->set->n_enrolled;

  *claim = claimed ? GPOINTER_TO_INT (whose) : -1;
  if (person != NULL && !claimed)
    {
      key = g_strconcat ("shows/", person, NULL);
      sample->person = person_of (scan, key, person);
    }
  else
    {
      key = g_strconcat ("negative/", claimed ? person : "", "/", session != NULL ? session : "",
                         "/", stem, NULL);
      sample->person = -1;
      if (stem_is_name (stem))
        {
          g_autofree char *shown = g_strndup (stem, strlen (stem) - 1);
          g_autofree char *shown_key = g_strconcat ("shows/", shown, NULL);

          /* The same name in two sessions is the same person, so the same group. */
          g_free (key);
          key = g_strdup (shown_key);
          sample->person = person_of (scan, shown_key, shown);
        }
    }
  *group = number_of (scan->groups, key, &scan->set->n_groups);
}

/* @person: (nullable): NULL for pictures that lie flat in a role's folder */
static gboolean
add_picture (Scan *scan, LkRole role, const char *folder, const char *person, const char *session,
             const char *name, GError **error)
{
  LkDataset *set = scan->set;
  LkSample sample = { .role = role, .person = -1 };
  g_autofree char *key = NULL;
  int claim = -1, group = -1;

  if (set->samples->len >= LK_DATASET_MAX_SAMPLES)
    {
      g_set_error (
          error, LK_ERROR, LK_ERROR_TOO_LARGE,
          _ ("%s has more than %d pictures, which is more than can be trained on. Choose a "
             "folder with fewer."),
             set->folder, LK_DATASET_MAX_SAMPLES);
      return FALSE;
    }
  if (role == LK_ROLE_NEGATIVE)
    place_negative (scan, person, session, name, &sample, &claim, &group);
  else
    {
      g_autofree char *base = g_path_get_basename (set->folder);

      sample.person = person_of (scan, person != NULL ? person : "",
                                 person != NULL ? person : base);
    }
  /* An anchor and a positive of one sitting share the session. */
  key = g_strdup_printf ("%s/%s/%s", role == LK_ROLE_NEGATIVE ? "negative" : "",
                         person != NULL ? person : "", session != NULL ? session : "");
  sample.session = number_of (scan->sessions, key, &set->n_sessions);
  sample.path = g_build_filename (folder, name, NULL);
  g_array_append_val (set->samples, sample);
  g_array_append_val (set->claims, claim);
  g_array_append_val (set->groups, group);
  return TRUE;
}

/* The pictures of one folder, which are of one session or of those that their names tell, and
 * those one below as sessions.  @person: (nullable) */
static gboolean
scan_pictures (Scan *scan, LkRole role, const char *folder, const char *person, const char *session,
               GError **error)
{
  g_autoptr (GPtrArray) names = lk_picture_names_list (folder, NULL);
  gboolean told;

  if (names == NULL)
    {
      scan->set->n_no_access++;
      return TRUE;
    }
  told = session == NULL && person != NULL && role != LK_ROLE_NEGATIVE &&
         lk_picture_names_have_sessions (names);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *own = told ? lk_picture_name_get_session (name) : NULL;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          if (session != NULL)
            scan->set->n_too_deep++;
          else if (!scan_pictures (scan, role, path, person, name, error))
            return FALSE;
        }
      else if (!lk_image_is_image_name (name) || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
        scan->set->n_not_pictures++;
      else if (!add_picture (scan, role, folder, person, told ? own : session, name, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
has_folders (const char *folder)
{
  g_autoptr (GPtrArray) names = lk_picture_names_list (folder, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, g_ptr_array_index (names, i), NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return TRUE;
    }
  return FALSE;
}

/* A folder of people; pictures that lie beside the people's folders are used when
 * @flat: as those of a person without a name, or (negatives) each by its own name. */
static gboolean
scan_people (Scan *scan, LkRole role, const char *folder, gboolean flat, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) names = lk_picture_names_list (folder, &failure);

  if (names == NULL)
    {
      g_set_error (error, failure->domain, failure->code,
                   _ ("The training pictures cannot be read. %s."), failure->message);
      return FALSE;
    }
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          if (!scan_pictures (scan, role, path, name, NULL, error))
            return FALSE;
        }
      else if (!lk_image_is_image_name (name) || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
        scan->set->n_not_pictures++;
      else if (!flat)
        scan->set->n_flat_beside++;
      else if (!add_picture (scan, role, folder, NULL, NULL, name, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
scan_documents (Scan *scan, char *folders[], GError **error)
{
  gboolean flat = !(folders[LK_ROLE_ANCHOR] != NULL && has_folders (folders[LK_ROLE_ANCHOR])) &&
                  !(folders[LK_ROLE_POSITIVE] != NULL && has_folders (folders[LK_ROLE_POSITIVE]));

  for (int role = LK_ROLE_ANCHOR; role <= LK_ROLE_NEGATIVE; role++)
    {
      /* A negative of somebody is told by the names of anchors and positives. */
      if (role == LK_ROLE_NEGATIVE)
        scan->set->n_enrolled = (int) scan->set->people->len;
      if (folders[role] != NULL && !scan_people (scan, (LkRole) role, folders[role],
                                                 flat || role == LK_ROLE_NEGATIVE, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
lk_dataset_scan (LkDataset *self, GError **error)
{
  g_autoptr (GHashTable) people = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Scan scan = { self, people, sessions, groups };
  char *folders[G_N_ELEMENTS (role_folders)] = { NULL };
  gboolean ok;

  for (int role = LK_ROLE_ANCHOR; role <= LK_ROLE_NEGATIVE; role++)
    {
      folders[role] = g_build_filename (self->folder, role_folders[role], NULL);
      if (g_file_test (folders[role], G_FILE_TEST_IS_DIR))
        self->documents = TRUE;
      else
        g_clear_pointer (&folders[role], g_free);
    }
  if (self->documents)
    ok = scan_documents (&scan, folders, error);
  else
    {
      ok = scan_people (&scan, LK_ROLE_ANY, self->folder, FALSE, error);
      self->n_enrolled = (int) self->people->len;
    }
  for (guint role = 0; role < G_N_ELEMENTS (role_folders); role++)
    g_free (folders[role]);
  return ok;
}
