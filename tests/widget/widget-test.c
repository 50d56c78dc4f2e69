/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "widget-test.h"

#include "lk-enrol-page.h"

#include <gdk/x11/gdkx.h>

#define PATIENCE_US (10 * G_USEC_PER_SEC)

void
widget_test_init (int *argc, char ***argv)
{
  gtk_test_init (argc, argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
}

GtkWidget *
widget_test_host (GtkWidget *child, int width, int height)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (window);
  return window;
}

void
widget_test_close (GtkWidget *window, GtkWidget *child)
{
  gpointer alive = child;

  g_object_add_weak_pointer (G_OBJECT (child), &alive);
  gtk_window_destroy (GTK_WINDOW (window));
  widget_test_spin (20);
  g_assert_null (alive);
}

static GtkWidget *
find (GtkWidget *root, const char *id)
{
  const char *name = GTK_IS_BUILDABLE (root) ? gtk_buildable_get_buildable_id (GTK_BUILDABLE (root))
                                             : NULL;

  if (g_strcmp0 (name, id) == 0)
    return root;
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *hit = find (c, id);

      if (hit != NULL)
        return hit;
    }
  return NULL;
}

GtkWidget *
widget_test_find (GtkWidget *root, const char *id)
{
  GtkWidget *hit = find (root, id);

  if (hit == NULL)
    g_error ("no widget “%s”", id);
  return hit;
}

const char *
widget_test_text (GtkWidget *root, const char *id)
{
  GtkWidget *widget = widget_test_find (root, id);

  return GTK_IS_LABEL (widget) ? gtk_label_get_text (GTK_LABEL (widget))
                               : gtk_button_get_label (GTK_BUTTON (widget));
}

void
widget_test_wait (gboolean (*done) (gpointer), gpointer data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (!done (data))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }
}

void
widget_test_spin (int ms)
{
  gint64 end = g_get_monotonic_time () + ms * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

gboolean
widget_test_press (GtkWidget *window, const char *key)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");
  g_autofree char *command = NULL;
  g_autoptr (GError) error = NULL;
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (window));

  if (xdotool == NULL)
    {
      g_test_skip ("there is no xdotool");
      return FALSE;
    }
  /* There is no window manager: the focus has to be given by hand. */
  command = g_strdup_printf ("%s windowfocus --sync %lu key %s", xdotool,
                             gdk_x11_surface_get_xid (surface), key);
  g_spawn_command_line_sync (command, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  widget_test_spin (100);
  return TRUE;
}

guint8 *
widget_test_draw (GtkWidget *widget, int *width, int *height)
{
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  guint8 *pixels;

  widget_test_spin (20);
  gtk_test_widget_wait_for_draw (
      GTK_WIDGET (gtk_widget_get_native (widget))); /* a layout that is due */
  paintable = gtk_widget_paintable_new (widget);
  *width = gtk_widget_get_width (widget);
  *height = gtk_widget_get_height (widget);
  gtk_snapshot_append_color (snapshot, &(GdkRGBA){ 1, 1, 1, 1 },
                             &GRAPHENE_RECT_INIT (0, 0, *width, *height));
  gdk_paintable_snapshot (paintable, snapshot, *width, *height);
  node = gtk_snapshot_free_to_node (snapshot);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (gtk_widget_get_native (widget)),
                                         node, &GRAPHENE_RECT_INIT (0, 0, *width, *height));
  pixels = g_malloc ((gsize) *width * *height * 4);
  gdk_texture_download (texture, pixels, (gsize) *width * 4);
  return pixels;
}

guint
widget_test_pixel (const guint8 *pixels, int width, int x, int y)
{
  return ((const guint32 *) (gconstpointer) pixels)[y * width + x] &
         0xffffff; /* little-endian ARGB */
}

/* Those whose parts GTK and libadwaita name, or that are no control of their own. */
static gboolean
is_whole (GtkWidget *widget)
{
  return GTK_IS_SPIN_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || ADW_IS_COMBO_ROW (widget) ||
         ADW_IS_ENTRY_ROW (widget) || GTK_IS_SCROLLBAR (widget) || GTK_IS_SCALE (widget) ||
         GTK_IS_WINDOW_CONTROLS (widget);
}

static gboolean
is_control (GtkWidget *widget)
{
  return GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_CHECK_BUTTON (widget) ||
         GTK_IS_SPIN_BUTTON (widget) || GTK_IS_SCALE (widget) || GTK_IS_SWITCH (widget) ||
         GTK_IS_PICTURE (widget) || GTK_IS_PROGRESS_BAR (widget) || GTK_IS_SPINNER (widget) ||
         GTK_IS_GRID_VIEW (widget);
}

void
widget_test_assert_named (GtkWidget *root)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (root);

  if (g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (root)), "enable_switch") == 0)
    return; /* AdwExpanderRow's own, not shown */
  if (is_control (root) &&
      !gtk_test_accessible_has_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL) &&
      !gtk_test_accessible_has_relation (accessible, GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    {
      const char *id = gtk_buildable_get_buildable_id (GTK_BUILDABLE (root));

      g_test_message ("%s “%s” has no name", G_OBJECT_TYPE_NAME (root), id ? id : "?");
      g_test_fail ();
    }
  if (is_whole (root))
    return;
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    widget_test_assert_named (c);
}

void
widget_test_count (int *n)
{
  (*n)++;
}

LkCapture *
widget_test_capture (const char *path, const char *person, LkCaptureKind kind)
{
  LkCapture capture = { (char *) path, (char *) person, (char *) "2026-03-01T18-30-05", kind };

  return lk_capture_copy (&capture);
}

GPtrArray *
widget_test_people (int n_anchors, const char *name, ...)
{
  GPtrArray *people = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_person_free);
  va_list args;

  va_start (args, name);
  for (; name != NULL; name = va_arg (args, const char *))
    {
      LkPerson *person = g_new0 (LkPerson, 1);

      person->name = g_strdup (name);
      person->n[LK_CAPTURE_ANCHOR] = n_anchors;
      g_ptr_array_add (people, person);
    }
  va_end (args);
  return people;
}

void
widget_test_ready_to_enrol (GtkWidget *page)
{
  g_autoptr (GPtrArray) people = widget_test_people (2, "Ada", "Grace", NULL);

  lk_enrol_page_set_people (LK_ENROL_PAGE (page), people, NULL);
  lk_enrol_page_set_ready (LK_ENROL_PAGE (page), TRUE);
}

void
widget_test_name_person (GtkWidget *page, const char *name)
{
  GtkWidget *row = widget_test_find (page, "name_row");

  gtk_editable_set_text (GTK_EDITABLE (row), name);
  g_signal_emit_by_name (row, "apply");
}
