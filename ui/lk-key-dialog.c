/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-key-dialog"

#include "lk-key-dialog.h"

#include "lk-label.h"

#include <glib/gi18n.h>

typedef struct
{
  AdwMessageDialog *dialog;
  GtkEditable *one,
      *two; /* (owned): a dialog that goes empties one after the other; two: (nullable) */
  LkKeyDialogFunc done;
  gpointer data;
} Asking;

static void
asking_free (gpointer data)
{
  Asking *self = data;

  g_clear_object (&self->one);
  g_clear_object (&self->two);
  g_free (self);
}

static void
on_changed (GtkEditable *entry, Asking *self)
{
  const char *one = gtk_editable_get_text (self->one);
  gboolean usable = *one != '\0' &&
                    (self->two == NULL || g_str_equal (one, gtk_editable_get_text (self->two)));

  adw_message_dialog_set_response_enabled (self->dialog, "ok", usable);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Asking *self)
{
  if (g_str_equal (response, "ok"))
    self->done (gtk_editable_get_text (self->one), self->data);
  else if (g_str_equal (response, "file"))
    self->done (NULL, self->data);
}

static void
name_by_tooltip (GtkWidget *button)
{
  const char *tooltip = gtk_widget_get_tooltip_text (button);

  if (tooltip != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                    -1);
}

/* The eye that shows what is typed: libadwaita 1.2 gives it a tooltip, and no name. */
static void
name_eye (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget))
    {
      name_by_tooltip (widget);
      g_signal_connect (widget, "notify::tooltip-text", G_CALLBACK (name_by_tooltip), NULL);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_eye (child);
}

static GtkEditable *
add_entry (GtkWidget *list, const char *title)
{
  GtkWidget *row = adw_password_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row), TRUE);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  name_eye (row);
  return GTK_EDITABLE (row);
}

/* @twice: asked for a second time, as it is new; @file: (nullable): the label of the button for
 * doing without */
static GtkWidget *
show (GtkWindow *parent, const char *heading, const char *body, gboolean twice, const char *cancel,
      const char *file, const char *ok, LkKeyDialogFunc done, gpointer data)
{
  Asking *self = g_new0 (Asking, 1);
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);

  gtk_window_set_title (GTK_WINDOW (dialog), heading); /* of the window, which has no bar */
  self->dialog = ADW_MESSAGE_DIALOG (dialog);
  self->done = done;
  self->data = data;
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  self->one = g_object_ref (add_entry (list, _("Passphrase")));
  if (twice)
    self->two = g_object_ref (add_entry (list, _("Once More")));
  adw_message_dialog_set_extra_child (self->dialog, list);
  adw_message_dialog_add_response (self->dialog, "cancel", cancel);
  if (file != NULL)
    adw_message_dialog_add_response (self->dialog, "file", file);
  adw_message_dialog_add_response (self->dialog, "ok", ok);
  adw_message_dialog_set_response_appearance (self->dialog, "ok", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (self->dialog, "ok");
  adw_message_dialog_set_close_response (self->dialog, "cancel");
  adw_message_dialog_set_response_enabled (self->dialog, "ok", FALSE);
  g_signal_connect (self->one, "changed", G_CALLBACK (on_changed), self);
  if (self->two != NULL)
    g_signal_connect (self->two, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), self);
  g_object_set_data_full (G_OBJECT (dialog), "asking", self,
                          asking_free); /* outlives its entries */
  lk_label_name_buttons (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

GtkWidget *
lk_key_dialog_show (GtkWindow *parent, gboolean is_new, const char *why, LkKeyDialogFunc done,
                    gpointer data)
{
  const char *body = is_new
      ? _("The pictures of enrolled people are encrypted. This computer has no keyring for "
          "the key: choose a passphrase, which will be asked for at every start; or keep the "
          "key in a file, which protects the pictures from nobody who can read your files.")
      : _("Type the passphrase of the enrolled people’s pictures.");

  return show (parent,
               is_new             ? _("Protect the Pictures")
                                  : _("Pictures Are Locked"), why != NULL ? why : body, is_new,
                           is_new ? _("_Cancel")
                                  : _("_Later"), is_new ? _("_Keep in a File") : NULL,
                                                              is_new ? _("_Protect")
                                                                     : _("_Unlock"), done, data);
}

GtkWidget *
lk_key_dialog_show_file (GtkWindow *parent, gboolean exports, LkKeyDialogFunc done, gpointer data)
{
  return show (parent, exports
               ? _("Protect the File")
               : _("The File Is Locked"), exports
                    ? _("The pictures in the file are encrypted. Whoever is to import it needs "
                           "this passphrase; without it, nobody can read it.")
                    : _("Type the passphrase that the file was exported with."), exports,
                         _("_Cancel"), NULL, exports ? _("_Export") : _("_Import"), done, data);
}
