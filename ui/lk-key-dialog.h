/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * Asks for the passphrase of the pictures, or for a new one.  Where there is a keyring
 * nobody ever sees this.
 */

/**
 * LkKeyDialogFunc:
 * @passphrase: (nullable): what was typed; NULL: keep the key in a file (only when a new one
 *   was asked for)
 *
 * Not called when the person cancels.
 */
typedef void (*LkKeyDialogFunc) (const char *passphrase, gpointer data);

/* @is_new: a new passphrase, typed twice, or the wish to do without; @why: (nullable): a
 * sentence above: what was wrong with the last one */
GtkWidget *lk_key_dialog_show (GtkWindow *parent, gboolean is_new, const char *why,
                               LkKeyDialogFunc done, gpointer data);

/* The passphrase of a file that somebody is exported to, typed twice, or imported from. */
GtkWidget *lk_key_dialog_show_file (GtkWindow *parent, gboolean exports, LkKeyDialogFunc done,
                                    gpointer data);

G_END_DECLS
