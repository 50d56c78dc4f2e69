/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-person-chooser"

#include "lk-person-chooser.h"

#include "store/lk-store.h"

#include <glib/gi18n.h>

struct _LkPersonChooser
{
  AdwBin parent_instance;

  AdwComboRow *person_row; /* template children: borrowed */
  AdwEntryRow *name_row;
  GtkStringList *people;
  GtkStack *import_stack;
  GtkWidget *person_menu, *import_spinner, *sitting_row;

  char *typed; /* (nullable): a new name that has no picture yet */
  gboolean quiet;
  gboolean renames; /* what is typed is a new name for the chosen person */
  GtkFileChooserNative *files;
};

G_DEFINE_FINAL_TYPE (LkPersonChooser, lk_person_chooser, ADW_TYPE_BIN)

enum
{
  CHOSEN,
  RENAME,
  EXPORT,
  IMPORT,
  IMPORT_FOLDER,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static guint
get_n_people (LkPersonChooser *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->people));
}

static guint
find (LkPersonChooser *self, const char *name)
{
  guint n = get_n_people (self);

  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (gtk_string_list_get_string (self->people, i), name) == 0)
      return i;
  return GTK_INVALID_LIST_POSITION;
}

/* The entry is there when it is asked for, and when there is nobody. */
static void
show_name_row (LkPersonChooser *self, gboolean wanted)
{
  guint n = get_n_people (self);

  gtk_widget_set_visible (GTK_WIDGET (self->person_row), n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->name_row), wanted || n == 0);
}

/* What can be done with whom. */
static void
update_actions (LkPersonChooser *self)
{
  const char *person = lk_person_chooser_get_person (self);
  gboolean stored = person != NULL && g_strcmp0 (person, self->typed) != 0;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "person.rename", stored);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "person.export", stored);
}

static void
on_selected (LkPersonChooser *self)
{
  const char *person = lk_person_chooser_get_person (self);

  update_actions (self);
  if (!self->quiet && person != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, person);
}

static void
forget_typed (LkPersonChooser *self)
{
  guint position = self->typed ? find (self, self->typed) : GTK_INVALID_LIST_POSITION;

  g_clear_pointer (&self->typed, g_free);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_string_list_remove (self->people, position);
}

static void
on_name_applied (LkPersonChooser *self)
{
  g_autofree char *name = g_strstrip (
      g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_row))));
  guint position;

  if (*name == '\0')
    return;
  if (self->renames)
    {
      g_autofree char *from = g_strdup (lk_person_chooser_get_person (self));

      show_name_row (self, FALSE);
      gtk_widget_grab_focus (GTK_WIDGET (self->person_row));
      if (from != NULL && !g_str_equal (from, name))
        g_signal_emit (self, signals[RENAME], 0, from, name);
      return;
    }
  self->quiet = TRUE;
  position = find (self, name);
  if (position == GTK_INVALID_LIST_POSITION)
    {
      forget_typed (self);
      self->typed = g_strdup (name);
      gtk_string_list_append (self->people, name);
      position = get_n_people (self) - 1;
    }
  adw_combo_row_set_selected (self->person_row, position);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), "");
  self->quiet = FALSE;
  show_name_row (self, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->person_row)); /* out of the entry: keys capture now */
  on_selected (self);
}

static void
ask_name (LkPersonChooser *self, gboolean renames)
{
  self->renames = renames;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->name_row),
                                 renames ? _("New Name") : _("Name of the New Person"));
  gtk_editable_set_text (GTK_EDITABLE (self->name_row),
                         renames ? lk_person_chooser_get_person (self) : "");
  show_name_row (self, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
}

static void
on_rename (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  ask_name (LK_PERSON_CHOOSER (widget), TRUE);
}

static void
on_file_chosen (GtkNativeDialog *dialog, int response, LkPersonChooser *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  if (file != NULL)
    switch (gtk_file_chooser_get_action (GTK_FILE_CHOOSER (dialog)))
      {
      case GTK_FILE_CHOOSER_ACTION_SAVE:
        g_signal_emit (self, signals[EXPORT], 0, lk_person_chooser_get_person (self), file);
        break;
      case GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER:
        g_signal_emit (self, signals[IMPORT_FOLDER], 0, file);
        break;
      case GTK_FILE_CHOOSER_ACTION_OPEN:
      default:
        g_signal_emit (self, signals[IMPORT], 0, file);
      }
  g_clear_object (&self->files);
}

static void
choose_file (LkPersonChooser *self, GtkFileChooserAction action, const char *title,
             const char *accept)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (self->files != NULL)
    return;
  self->files = gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                             action, accept, NULL);
  if (action == GTK_FILE_CHOOSER_ACTION_SAVE)
    {
      g_autofree char *name = g_strconcat (lk_person_chooser_get_person (self), ".likeness", NULL);

      gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->files),
                                         g_strdelimit (name, "/", '-'));
    }
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->files), TRUE);
  g_signal_connect (self->files, "response", G_CALLBACK (on_file_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->files));
}

static void
on_export (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  choose_file (LK_PERSON_CHOOSER (widget), GTK_FILE_CHOOSER_ACTION_SAVE,
               _("Export a Person"), _("_Export"));
}

static void
on_import (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  choose_file (LK_PERSON_CHOOSER (widget), GTK_FILE_CHOOSER_ACTION_OPEN,
               _("Import a Person"), _("_Import"));
}

static void
on_import_folder (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  choose_file (LK_PERSON_CHOOSER (widget), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
               _("Import a Folder"), _("_Import"));
}

static void
lk_person_chooser_dispose (GObject *object)
{
  LkPersonChooser *self = LK_PERSON_CHOOSER (object);

  self->quiet = TRUE;
  if (self->files != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->files));
  g_clear_object (&self->files);
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_PERSON_CHOOSER);
  g_clear_pointer (&self->typed, g_free);
  G_OBJECT_CLASS (lk_person_chooser_parent_class)->dispose (object);
}

static void
lk_person_chooser_class_init (LkPersonChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_person_chooser_dispose;

  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[RENAME] = g_signal_new ("rename", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
  signals[EXPORT] = g_signal_new ("export", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_FILE);
  signals[IMPORT] = g_signal_new ("import-person", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                  NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_FILE);
  signals[IMPORT_FOLDER] = g_signal_new ("import-folder", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_FILE);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-person-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, person_row);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, name_row);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, people);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, import_stack);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, person_menu);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, import_spinner);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, sitting_row);
  gtk_widget_class_install_action (widget_class, "person.rename", NULL, on_rename);
  gtk_widget_class_install_action (widget_class, "person.export", NULL, on_export);
  gtk_widget_class_install_action (widget_class, "person.import", NULL, on_import);
  gtk_widget_class_install_action (widget_class, "person.import-folder", NULL, on_import_folder);
}

static void
lk_person_chooser_init (LkPersonChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->person_row, "notify::selected", G_CALLBACK (on_selected), self);
  g_signal_connect_swapped (self->name_row, "apply", G_CALLBACK (on_name_applied), self);
  show_name_row (self, FALSE);
  update_actions (self);
}

void
lk_person_chooser_set_people (LkPersonChooser *self, GPtrArray *people, const char *selected)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *chosen = NULL;
  guint n, position;
  gboolean changed;

  g_return_if_fail (LK_IS_PERSON_CHOOSER (self));

  n = get_n_people (self);
  chosen = g_strdup (selected ? selected : lk_person_chooser_get_person (self));
  for (guint i = 0; i < people->len; i++)
    {
      const char *name = ((LkPerson *) people->pdata[i])->name;

      if (g_strcmp0 (name, self->typed) == 0) /* has pictures now */
        g_clear_pointer (&self->typed, g_free);
      g_ptr_array_add (names, (gpointer) name);
    }
  if (self->typed != NULL)
    g_ptr_array_add (names, self->typed);
  changed = names->len != n;
  for (guint i = 0; !changed && i < n; i++)
    changed = !g_str_equal (names->pdata[i], gtk_string_list_get_string (self->people, i));
  g_ptr_array_add (names, NULL);

  self->quiet = TRUE;
  if (changed)
    gtk_string_list_splice (self->people, 0, n, (const char *const *) names->pdata);
  position = find (self, chosen);
  if (position == GTK_INVALID_LIST_POSITION && get_n_people (self) > 0)
    position = 0;
  adw_combo_row_set_selected (self->person_row, position);
  self->quiet = FALSE;
  show_name_row (self, gtk_widget_get_visible (GTK_WIDGET (self->name_row)) && n > 0);
  update_actions (self);
}

const char *
lk_person_chooser_get_person (LkPersonChooser *self)
{
  guint position;

  g_return_val_if_fail (LK_IS_PERSON_CHOOSER (self), NULL);

  position = adw_combo_row_get_selected (self->person_row);
  return position == GTK_INVALID_LIST_POSITION
             ? NULL
             : gtk_string_list_get_string (self->people, position);
}

void
lk_person_chooser_ask_name (LkPersonChooser *self)
{
  g_return_if_fail (LK_IS_PERSON_CHOOSER (self));

  if (gtk_widget_get_visible (GTK_WIDGET (self->name_row)) && !self->renames &&
      get_n_people (self) > 0)
    show_name_row (self, FALSE);
  else
    ask_name (self, FALSE);
}

gboolean
lk_person_chooser_drop_new (LkPersonChooser *self)
{
  g_return_val_if_fail (LK_IS_PERSON_CHOOSER (self), FALSE);

  if (self->typed == NULL || g_strcmp0 (self->typed, lk_person_chooser_get_person (self)) != 0)
    return FALSE;
  self->quiet = TRUE;
  forget_typed (self);
  self->quiet = FALSE;
  show_name_row (self, FALSE);
  return TRUE;
}

void
lk_person_chooser_set_importing (LkPersonChooser *self, gboolean importing)
{
  g_return_if_fail (LK_IS_PERSON_CHOOSER (self));

  gtk_stack_set_visible_child (self->import_stack,
                               importing ? self->import_spinner : self->person_menu);
  gtk_spinner_set_spinning (GTK_SPINNER (self->import_spinner), importing);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "person.import", !importing);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "person.import-folder", !importing);
}

void
lk_person_chooser_offer_sitting (LkPersonChooser *self, gboolean offered)
{
  g_return_if_fail (LK_IS_PERSON_CHOOSER (self));
  gtk_widget_set_visible (self->sitting_row, offered);
}
