/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Keys that act wherever the focus is, as long as their page is shown; a letter alone does not
 * where it can be typed. */
typedef struct
{
  guint key; /* GDK_KEY_... */
  GdkModifierType modifiers;
  const char *action; /* static: of the page */
} LkPageKey;

void lk_page_keys_add (GtkWidget *page, const LkPageKey *keys, int n);

G_END_DECLS
