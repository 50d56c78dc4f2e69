/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * LkWelcome: what the program does with faces, in three sentences, and the way to enrolment.
 *
 * It says the same to a screen reader: its one button is described by the sentences, and has the
 * focus first.  The button activates "win.page" with "enrol".
 */
#define LK_TYPE_WELCOME (lk_welcome_get_type ())
G_DECLARE_FINAL_TYPE (LkWelcome, lk_welcome, LK, WELCOME, AdwBin)

GtkWidget *lk_welcome_new (void);

G_END_DECLS
