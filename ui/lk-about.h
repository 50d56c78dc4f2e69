/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The window that says what Likeness is, by whom, and what it cannot promise.
 * @parent: (nullable) */
GtkWidget *lk_about_new (GtkWindow *parent, const char *version);

G_END_DECLS
