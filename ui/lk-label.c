/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-label.h"

void
lk_label_set (GtkLabel *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text);
}

void
lk_label_set_format (GtkLabel *label, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  lk_label_set (label, text);
}

char *
lk_label_make_breakable (const char *name)
{
  GString *text = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c++)
    {
      g_string_append_c (text, *c);
      if (*c == '-' || *c == '_')
        g_string_append (text, "\u200b"); /* ZERO WIDTH SPACE */
    }
  return g_string_free (text, FALSE);
}

void
lk_label_name_buttons (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_button_get_use_underline (GTK_BUTTON (widget)))
    gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    lk_label_name_buttons (child);
}
