/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-models.h"
#include "lk-preferences.h"
#include "lk-session-private.h"
#include "lk-settings.h"
#include "store/lk-attempts.h"
#include "store/lk-keys.h"
#include "store/lk-paths.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

/*
 * The preferences' page "Your Data".
 *
 * Nothing is deleted before its toast has gone: until then it can be undone, and what is
 * shown elsewhere in the window stays whole.  Who closes the preferences means it.
 */
typedef struct
{
  LkSession *session;
  LkPreferences *preferences; /* it goes with them */
  LkDataPage *page;           /* (owned) */
  AdwToast *toast;            /* (owned) (nullable): of the deletion that waits */
  LkDataKind waiting;
} Data;

/* (transfer full) */
static char *
folder_of (LkDataKind kind)
{
  switch (kind)
    {
    case LK_DATA_PEOPLE:
      return lk_paths_user ("captures", NULL);
    case LK_DATA_MODELS:
      return lk_paths_user ("models", NULL);
    case LK_DATA_SETTINGS:
      return g_build_filename (g_get_user_config_dir (), "likeness", NULL);
    case LK_DATA_REFUSED:
    case LK_DATA_KEY:
    default:
      return lk_paths_user (NULL, NULL);
    }
}

/* (transfer full): "3.2 MB", of all files of a folder */
static char *
measure (const char *folder)
{
  g_autoptr (GFile) file = g_file_new_for_path (folder);
  guint64 size = 0;

  g_file_measure_disk_usage (file, G_FILE_MEASURE_APPARENT_SIZE, NULL, NULL, NULL, &size, NULL,
                             NULL, NULL);
  return g_format_size (size);
}

/* (transfer full) */
static char *
describe_people (LkSession *self, gboolean *any)
{
  g_autoptr (GPtrArray) people = self->store != NULL ? lk_store_list_people (self->store, NULL)
                                                     : NULL;
  guint n_people = people != NULL ? people->len : 0, n_pictures = 0;
  g_autofree char *folder = folder_of (LK_DATA_PEOPLE), *size = measure (folder);
  g_autofree char *persons = NULL, *pictures = NULL;

  for (guint i = 0; i < n_people; i++)
    for (int kind = 0; kind < LK_N_CAPTURE_KINDS; kind++)
      n_pictures += (guint) ((LkPerson *) people->pdata[i])->n[kind];
  *any = n_people > 0;
  if (n_people == 0)
    return g_strdup (_ ("Nobody is enrolled yet"));
  persons = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u person", "%u people", n_people),
                             n_people);
  pictures = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u picture", "%u pictures", n_pictures), n_pictures);
  return g_strdup_printf ("%s, %s, %s", persons, pictures, size);
}

/* (transfer full) (element-type utf8): the files of the user's models and checkpoints */
static GPtrArray *
list_model_files (void)
{
  g_autofree char *folder = folder_of (LK_DATA_MODELS);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".safetensors") || g_str_has_suffix (name, ".checkpoint"))
      g_ptr_array_add (files, g_build_filename (folder, name, NULL));
  return files;
}

static char *
describe_models (gboolean *any)
{
  g_autofree char *folder = folder_of (LK_DATA_MODELS), *size = measure (folder), *text = NULL;
  g_autoptr (GPtrArray) files = list_model_files ();

  *any = files->len > 0;
  if (files->len == 0)
    return g_strdup (_ ("None yet"));
  text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u file", "%u files", files->len),
                          files->len);
  return g_strdup_printf ("%s, %s", text, size);
}

static char *
describe_refused (LkSession *self, gboolean *any)
{
  LkDatabase *database = self->store != NULL ? lk_store_get_database (self->store) : NULL;
  g_autoptr (GPtrArray) attempts = database != NULL ? lk_database_list_attempts (database, NULL)
                                                    : NULL;
  guint n = 0;

  for (guint i = 0; attempts != NULL && i < attempts->len; i++)
    n += ((LkAttempt *) attempts->pdata[i])->has_picture;
  *any = n > 0;
  if (n == 0)
    return g_strdup (_ ("None"));
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u picture", "%u pictures", n), n);
}

static char *
describe_key (void)
{
  LkKeyPlace place = LK_KEY_NONE;
  g_autoptr (GError) error = NULL;

  if (!lk_keys_get_place (NULL, &place, &error))
    return g_strdup (error->message);
  return g_strdup (place == LK_KEY_KEYRING ? _ ("In your keyring")
                                           : place == LK_KEY_PASSPHRASE
                   ? _ ("Behind your passphrase")
                   : place == LK_KEY_FILE
                   ? _ ("In a file: who can read it can read the pictures")
                   : _ ("None yet: the first picture makes one"));
}

static void
show (Data *self)
{
  for (int kind = 0; kind < LK_N_DATA_KINDS; kind++)
    {
      g_autofree char *folder = folder_of (kind), *sentence = NULL;
      gboolean any = TRUE;

      sentence = kind == LK_DATA_PEOPLE    ? describe_people (self->session, &any)
                 : kind == LK_DATA_MODELS  ? describe_models (&any)
                 : kind == LK_DATA_REFUSED ? describe_refused (self->session, &any)
                 : kind == LK_DATA_KEY     ? describe_key ()
                                           : g_strdup (_ ("What you chose in this program"));
      lk_data_page_show (self->page, kind, sentence, folder, any);
    }
}

static void
delete_people (LkSession *self)
{
  g_autoptr (GPtrArray) people = NULL;
  g_autoptr (GError) error = NULL;

  if (self->store == NULL)
    return;
  people = lk_store_list_people (self->store, &error);
  for (guint i = 0; error == NULL && people != NULL && i < people->len; i++)
    lk_store_delete_person (self->store, ((LkPerson *) people->pdata[i])->name, &error);
  lk_store_empty_trash (self->store);
  if (error != NULL)
    lk_session_report (self, error);
  lk_session_refresh_people (self);
}

static void
delete_models (LkSession *self)
{
  g_autoptr (GPtrArray) files = list_model_files ();

  for (guint i = 0; i < files->len; i++)
    if (g_unlink (files->pdata[i]) != 0)
      lk_window_toast (self->window,
                       _ ("A network could not be deleted. Check the permissions of its folder."));
  lk_inference_set_model (self->inference, NULL);
  lk_session_refresh_data (self);
  lk_session_refresh_evaluate_page (self);
}

static void
reset_settings (LkSession *self)
{
  GSettings *settings = lk_settings_get ();
  g_autoptr (GSettingsSchema) schema = NULL;
  g_auto (GStrv) keys = NULL;

  g_object_get (settings, "settings-schema", &schema, NULL);
  keys = g_settings_schema_list_keys (schema);
  for (guint i = 0; keys[i] != NULL; i++)
    if (!g_str_equal (keys[i], "welcomed"))
      g_settings_reset (settings, keys[i]);
  lk_session_apply_preferences (self);
}

/* Returns: whether something waited, which is then for the caller to do or not */
static gboolean
drop_toast (Data *self)
{
  if (self->toast == NULL)
    return FALSE;
  g_signal_handlers_disconnect_by_data (self->toast, self);
  g_clear_object (&self->toast);
  return TRUE;
}

/* Does what waits, if something does. */
static void
finish (Data *self)
{
  LkSession *session = self->session;

  if (!drop_toast (self))
    return;
  switch (self->waiting)
    {
    case LK_DATA_PEOPLE:
      delete_people (session);
      break;
    case LK_DATA_MODELS:
      delete_models (session);
      break;
    case LK_DATA_REFUSED:
      if (session->store != NULL && lk_store_get_database (session->store) != NULL)
        lk_database_expire_attempts (lk_store_get_database (session->store), 0, NULL);
      break;
    case LK_DATA_SETTINGS:
      reset_settings (session);
      break;
    case LK_DATA_KEY:
    default:
      break;
    }
}

static void
on_dismissed (Data *self)
{
  finish (self);
  show (self);
}

static void
on_undo (Data *self)
{
  drop_toast (self);
}

static void
on_delete (LkDataPage *page, int kind, Data *self)
{
  const char *const sentences[LK_N_DATA_KINDS] = {
    [LK_DATA_PEOPLE] = _ ("Everybody is being deleted"),
        [LK_DATA_MODELS] = _ ("Your networks are being deleted"),
            [LK_DATA_REFUSED] = _ ("The pictures are being deleted"), [LK_DATA_SETTINGS] =
                                                       _ ("The settings are being reset"),
                };
  AdwToast *toast;

  if (kind == LK_DATA_MODELS && lk_session_is_training (self->session))
    {
      adw_preferences_window_add_toast (
          ADW_PREFERENCES_WINDOW (self->preferences),
          adw_toast_new (_ ("A network is being trained. Stop that first.")));
      return;
    }
  if (self->toast != NULL && self->waiting == (LkDataKind) kind) /* pressed twice */
    return;
  finish (self);
  toast = adw_toast_new (sentences[kind]);
  adw_toast_set_timeout (toast, 10);
  adw_toast_set_button_label (toast, _ ("Undo"));
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  self->toast = g_object_ref (toast);
  self->waiting = (LkDataKind) kind;
  g_signal_connect_swapped (toast, "button-clicked", G_CALLBACK (on_undo), self);
  g_signal_connect_swapped (toast, "dismissed", G_CALLBACK (on_dismissed), self);
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self->preferences), toast);
}

static void
on_shown (GObject *window, GAsyncResult *result, gpointer data)
{
  g_autofree char *sentence = NULL, *folder = data;
  g_autoptr (GError) error = NULL;

  if (gtk_show_uri_full_finish (GTK_WINDOW (window), result, &error) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  sentence = g_markup_printf_escaped (_ ("No program here shows folders. It is %s."), folder);
  adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (window), adw_toast_new (sentence));
}

static void
on_open (LkDataPage *page, int kind, Data *self)
{
  g_autofree char *folder = folder_of (kind), *uri = g_filename_to_uri (folder, NULL, NULL);

  lk_paths_make_folder (folder, NULL);
  gtk_show_uri_full (GTK_WINDOW (self->preferences), uri, GDK_CURRENT_TIME,
                     self->session->cancellable, on_shown, g_steal_pointer (&folder));
}

static void
on_preferences_gone (Data *self)
{
  g_signal_handlers_disconnect_by_data (self->page, self);
  finish (self);
  g_object_unref (self->page);
  g_free (self);
}

void
lk_session_add_data (LkSession *session, GtkWidget *preferences)
{
  Data *self = g_new0 (Data, 1);
  LkDataPage *page = lk_preferences_get_data_page (LK_PREFERENCES (preferences));

  self->session = session;
  self->preferences = LK_PREFERENCES (preferences);
  self->page = g_object_ref (page);
  g_settings_bind (lk_settings_get (), "keep-refused", page, "keep-refused",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (lk_settings_get (), "keep-refused-days", page, "keep-days",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect (page, "delete", G_CALLBACK (on_delete), self);
  g_signal_connect (page, "open", G_CALLBACK (on_open), self);
  g_signal_connect_swapped (preferences, "destroy", G_CALLBACK (on_preferences_gone), self);
  show (self);
}
