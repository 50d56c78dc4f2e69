/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-about"

#include "lk-about.h"

#include <glib/gi18n.h>

GtkWidget *
lk_about_new (GtkWindow *parent, const char *version)
{
  return g_object_new (
      ADW_TYPE_ABOUT_WINDOW, "transient-for", parent, "application-name", "Likeness",
      "application-icon", "app.likeness.Likeness", "version", version, "developer-name",
      _("The Likeness developers"), "license-type", GTK_LICENSE_GPL_3_0, "comments",
         _("Says, live, whether the face in front of the camera is the enrolled one. Everything is "
         "computed and kept on this computer. A photograph or a video of you may pass: do not use "
         "it as the only lock on anything that matters."),
            NULL);
}
