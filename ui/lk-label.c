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
