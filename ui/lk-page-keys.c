/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-page-keys.h"

static gboolean
act (GtkWidget *page, GVariant *args, gpointer action)
{
  return gtk_widget_get_mapped (page) && gtk_widget_activate_action (page, action, NULL);
}

static gboolean
act_unless_typing (GtkWidget *page, GVariant *args, gpointer action)
{
  GtkRoot *root = gtk_widget_get_root (page);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return (focus == NULL || !GTK_IS_EDITABLE (focus)) && act (page, args, action);
}

void
lk_page_keys_add (GtkWidget *page, const LkPageKey *keys, int n)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  for (int i = 0; i < n; i++)
    {
      gboolean typed = keys[i].modifiers == 0 &&
                       g_unichar_isprint (gdk_keyval_to_unicode (keys[i].key));

      gtk_shortcut_controller_add_shortcut (
          GTK_SHORTCUT_CONTROLLER (controller),
          gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, keys[i].modifiers),
                            gtk_callback_action_new (typed ? act_unless_typing : act,
                                                     (gpointer) keys[i].action, NULL)));
    }
  gtk_widget_add_controller (page, controller);
}
