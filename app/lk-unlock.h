/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * How the program gets at the key of the pictures (store/lk-keys.h).
 *
 * On the command line: from keyring or file; a passphrase is read from the file descriptor
 * that LIKENESS_PASSPHRASE_FD names (a line each time it is asked for), else asked for on the
 * terminal.  In the window: from keyring or file; for a passphrase the window asks
 * (lk-session-keys.c).
 */
void lk_unlock_begin_command (void);
void lk_unlock_begin_window (void);

/* (transfer full): what was typed; free it with lk_unlock_free_passphrase().  NULL with
 * %LK_ERROR_LOCKED where there is nobody to ask. */
char *lk_unlock_read_passphrase (const char *prompt, GError **error);
void lk_unlock_free_passphrase (char *passphrase); /* wipes; accepts NULL */

G_END_DECLS
