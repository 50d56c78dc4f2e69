/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The program's settings: schema app.likeness.Likeness, kept in
 * $XDG_CONFIG_HOME/likeness/settings (0600) unless GSETTINGS_BACKEND says otherwise, so
 * that they last on systems without dconf and the command line sees them too.
 *
 * Returns: (transfer none): made on first use, for the main thread
 */
GSettings *lk_settings_get (void);

/* Writes what has not been written yet and lets go of the settings. */
void lk_settings_close (void);

G_END_DECLS
