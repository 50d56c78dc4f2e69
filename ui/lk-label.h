/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Sets a label's text, but touches it only when the text is another: what is said 30
 * times a second mostly says the same, and a label that is set is laid out anew. */
void lk_label_set (GtkLabel *label, const char *text);
void lk_label_set_format (GtkLabel *label, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* (transfer full): a name that may be broken behind its hyphens and underscores: Pango would do so
 * between any two letters of "siamese-2026-03-01-1830" */
char *lk_label_make_breakable (const char *name);

/* Of @widget and all in it: buttons with a mnemonic are called by what their label shows.  GTK 4.8
 * gives them the label with its underscore for a name, and what it shows after that.  A name that
 * the program gave such a button is forgotten: give it later. */
void lk_label_name_buttons (GtkWidget *widget);

G_END_DECLS
