/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shoot.h"

static void
spin (int ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (2000);
}

void
shoot_window (GtkWindow *window, const char *folder, const char *name, int width, int height)
{
  g_autofree char *file = g_strdup_printf ("%s.png", name),
                  *path = g_build_filename (folder, file, NULL);
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  GtkSnapshot *snapshot;

  gtk_window_set_default_size (window, width, height);
  if (gtk_widget_get_mapped (GTK_WIDGET (window)))
    gtk_widget_set_visible (GTK_WIDGET (window), FALSE);
  gtk_window_present (window);
  spin (900);
  paintable = gtk_widget_paintable_new (GTK_WIDGET (window));
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_free_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, NULL);
  gdk_texture_save_to_png (texture, path);
  g_print ("%s %dx%d\n", path, gdk_texture_get_width (texture), gdk_texture_get_height (texture));
}
