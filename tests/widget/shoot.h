/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

/* Shows @window in that size (-1: its own) and writes what it looks like to @folder/@name.png. */
void shoot_window (GtkWindow *window, const char *folder, const char *name, int width, int height);
