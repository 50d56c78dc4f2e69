/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/lk-attempts.h"
#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkAttemptsWindow: who tried, when, and with what result; with the pictures of the refused
 * ones, where they are kept.
 *
 * Passive, and for reading only: an attempt that could be deleted here would lift a wait.
 */
#define LK_TYPE_ATTEMPTS_WINDOW (lk_attempts_window_get_type ())
G_DECLARE_FINAL_TYPE (LkAttemptsWindow, lk_attempts_window, LK, ATTEMPTS_WINDOW, AdwWindow)

GtkWidget *lk_attempts_window_new (GtkWindow *parent);

/* Adds one below those before.  @picture: (nullable): its pixels are not copied */
void lk_attempts_window_add (LkAttemptsWindow *self, const LkAttempt *attempt,
                             const LkImage *picture);

G_END_DECLS
