/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-window.h"
#include "widget-test.h"

typedef struct
{
  int n_pages, n_chosen, n_undo, n_retries;
  char *source;
  guint fourcc;
  int width, height;
} Heard;

static void
on_camera (LkWindow *window, const char *source, guint fourcc, int width, int height, Heard *heard)
{
  heard->n_chosen++;
  g_free (heard->source);
  heard->source = g_strdup (source);
  heard->fourcc = fourcc;
  heard->width = width;
  heard->height = height;
}

static LkWindow *
make_window (Heard *heard)
{
  LkWindow *window = lk_window_new (NULL);

  g_signal_connect_swapped (window, "notify::page", G_CALLBACK (widget_test_count),
                            &heard->n_pages);
  g_signal_connect (window, "camera-chosen", G_CALLBACK (on_camera), heard);
  g_signal_connect_swapped (window, "undo", G_CALLBACK (widget_test_count), &heard->n_undo);
  g_signal_connect_swapped (window, "retry-camera", G_CALLBACK (widget_test_count),
                            &heard->n_retries);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
  return window;
}

static void
close_window (LkWindow *window, Heard *heard)
{
  gpointer verify = lk_window_get_verify_page (window);

  g_object_add_weak_pointer (verify, &verify);
  widget_test_close (GTK_WIDGET (window), GTK_WIDGET (window));
  g_assert_null (verify);
  g_free (heard->source);
}

static void
test_pages (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);

  g_assert_cmpstr (lk_window_get_page (window), ==, "verify");
  lk_window_set_page (window, "train");
  g_assert_cmpstr (lk_window_get_page (window), ==, "train");
  lk_window_set_page (window, "nowhere");
  g_assert_cmpstr (lk_window_get_page (window), ==, "train");
  g_assert_cmpint (heard.n_pages, ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.page", "s", "enrol");
  g_assert_cmpstr (lk_window_get_page (window), ==, "enrol");
  if (widget_test_press (GTK_WIDGET (window), "ctrl+3"))
    {
      g_assert_cmpstr (lk_window_get_page (window), ==, "train");
      widget_test_press (GTK_WIDGET (window), "ctrl+1");
      g_assert_cmpstr (lk_window_get_page (window), ==, "verify");
      widget_test_press (GTK_WIDGET (window), "ctrl+4");
      g_assert_cmpstr (lk_window_get_page (window), ==, "evaluate");
      widget_test_press (GTK_WIDGET (window), "ctrl+2");
      g_assert_cmpstr (lk_window_get_page (window), ==, "enrol");
      widget_test_press (GTK_WIDGET (window), "F1");
      g_assert_true (gtk_widget_get_visible (
          GTK_WIDGET (gtk_application_window_get_help_overlay (GTK_APPLICATION_WINDOW (window)))));
    }
  widget_test_assert_named (GTK_WIDGET (window));
  close_window (window, &heard);
}

static LkCameraDevice *
make_device (const char *name, const char *node, const char *stable)
{
  LkCameraDevice *device = g_new0 (LkCameraDevice, 1);
  const LkCameraMode modes[] = { { 0x47504a4d, "MJPG", 1280, 720, 30 },
                                 { 0x56595559, "YUYV", 640, 480, 0 } };

  device->name = g_strdup (name);
  device->node = g_strdup (node);
  device->stable = g_strdup (stable);
  device->bus = g_strdup ("usb-1");
  device->modes = g_array_new (FALSE, FALSE, sizeof (LkCameraMode));
  g_array_append_vals (device->modes, modes, 2);
  return device;
}

static GPtrArray *
make_devices (void)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_camera_device_free);

  g_ptr_array_add (devices, make_device ("Front_Camera", "/dev/video0", "/dev/v4l/by-id/front"));
  g_ptr_array_add (devices, make_device ("Desk", "/dev/video2", "/dev/v4l/by-id/desk"));
  return devices;
}

/* All labels of a menu and what lies in it, a line each. */
static void
list_menu (GMenuModel *menu, GString *text)
{
  for (int i = 0; i < g_menu_model_get_n_items (menu); i++)
    {
      g_autofree char *label = NULL;
      g_autoptr (GMenuLinkIter) links = g_menu_model_iterate_item_links (menu, i);

      if (g_menu_model_get_item_attribute (menu, i, G_MENU_ATTRIBUTE_LABEL, "s", &label))
        g_string_append_printf (text, "%s\n", label);
      while (g_menu_link_iter_next (links))
        {
          g_autoptr (GMenuModel) below = g_menu_link_iter_get_value (links);

          list_menu (below, text);
        }
    }
}

static char *
get_camera_menu (LkWindow *window)
{
  GtkWidget *button = widget_test_find (GTK_WIDGET (window), "camera_button");
  GString *text = g_string_new (NULL);

  list_menu (gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (button)), text);
  return g_string_free (text, FALSE);
}

static void
test_cameras (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);
  GtkWidget *widget = GTK_WIDGET (window);
  g_autoptr (GPtrArray) devices = make_devices ();
  g_autofree char *none = get_camera_menu (window), *two = NULL, *files = NULL;
  g_autofree char *camera = NULL, *mode = NULL;

  g_assert_null (strstr (none, "Format and Size"));
  lk_window_set_cameras (window, devices, "/dev/video0", 0, 0, 0);
  lk_window_set_camera_detail (window, "640×480 MJPG, 30 fps");
  g_assert_cmpint (heard.n_chosen, ==, 0);
  two = get_camera_menu (window);
  g_assert_nonnull (strstr (two, "640×480 MJPG, 30 fps\nFront__Camera\nDesk\n"));
  g_assert_nonnull (
      strstr (two, "Format and Size\nAutomatic\n1280 × 720 MJPG, 30 fps\n640 × 480 YUYV\n"));

  gtk_widget_activate_action (widget, "win.camera", "s", "/dev/v4l/by-id/desk");
  g_assert_cmpint (heard.n_chosen, ==, 1);
  g_assert_cmpstr (heard.source, ==, "/dev/v4l/by-id/desk");
  g_assert_cmpuint (heard.fourcc, ==, 0);
  gtk_widget_activate_action (widget, "win.camera", "s",
                              "/dev/video0"); /* the one in use: nothing to do */
  g_assert_cmpint (heard.n_chosen, ==, 1);

  gtk_widget_activate_action (widget, "win.camera-mode", "s", "MJPG 1280x720");
  g_assert_cmpint (heard.n_chosen, ==, 2);
  g_assert_cmpstr (heard.source, ==, "/dev/video0");
  g_assert_cmphex (heard.fourcc, ==, 0x47504a4d);
  g_assert_cmpint (heard.width, ==, 1280);
  g_assert_cmpint (heard.height, ==, 720);
  gtk_widget_activate_action (widget, "win.camera-mode", "s", "nonsense 1x");
  g_assert_cmphex (heard.fourcc, ==, 0);

  lk_window_set_cameras (window, devices, "/dev/video0", 0x47504a4d, 1280, 720);
  g_object_get (window, "camera", &camera, "camera-mode", &mode, NULL);
  g_assert_cmpstr (camera, ==, "/dev/video0");
  g_assert_cmpstr (mode, ==, "MJPG 1280x720");

  lk_window_set_cameras (window, devices, "files:/home/me/faces", 0, 0, 0);
  files = get_camera_menu (window);
  g_assert_nonnull (strstr (files, "faces\n"));
  g_assert_null (strstr (files, "Format and Size"));
  close_window (window, &heard);
}

static void
test_views (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);
  LkCameraView *verify = lk_verify_page_get_view (lk_window_get_verify_page (window));
  LkCameraView *enrol = lk_enrol_page_get_view (lk_window_get_enrol_page (window));
  g_autoptr (LkImage) frame = cartoon_new (640, 480, 0, 0);
  g_autoptr (GError) busy = g_error_new_literal (LK_ERROR, LK_ERROR_CAMERA_BUSY, "Busy.");

  lk_window_show_frame (window, frame);
  g_assert_cmpint (lk_camera_view_get_state (verify), ==, LK_CAMERA_VIEW_LIVE);
  g_assert_cmpint (lk_camera_view_get_state (enrol), ==, LK_CAMERA_VIEW_STARTING);
  lk_window_set_page (window, "enrol");
  lk_window_show_frame (window, frame);
  g_assert_cmpint (lk_camera_view_get_state (enrol), ==, LK_CAMERA_VIEW_LIVE);

  lk_window_show_camera_error (window, busy);
  g_assert_cmpint (lk_camera_view_get_state (verify), ==, LK_CAMERA_VIEW_FAILED);
  g_assert_cmpint (lk_camera_view_get_state (enrol), ==, LK_CAMERA_VIEW_FAILED);
  lk_window_show_camera_starting (window, NULL); /* it tries again by itself */
  g_assert_cmpint (lk_camera_view_get_state (enrol), ==, LK_CAMERA_VIEW_FAILED);
  gtk_widget_activate_action (GTK_WIDGET (enrol), "camera.retry", NULL);
  g_assert_cmpint (heard.n_retries, ==, 1);
  lk_window_show_camera_starting (window, NULL); /* it was asked to: on both */
  g_assert_cmpint (lk_camera_view_get_state (enrol), ==, LK_CAMERA_VIEW_STARTING);
  g_assert_cmpint (lk_camera_view_get_state (verify), ==, LK_CAMERA_VIEW_STARTING);
  lk_window_show_camera_ended (window);
  g_assert_cmpint (lk_camera_view_get_state (verify), ==, LK_CAMERA_VIEW_ENDED);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.mirror", NULL);
  g_assert_false (lk_camera_view_get_mirror (verify));
  g_assert_false (lk_camera_view_get_mirror (enrol));
  g_object_set (window, "mirror", TRUE, NULL);
  g_assert_true (lk_camera_view_get_mirror (enrol));
  close_window (window, &heard);
}

static GtkWidget *
find_button (GtkWidget *root, const char *label)
{
  if (GTK_IS_BUTTON (root) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), label) == 0)
    return root;
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *hit = find_button (c, label);

      if (hit != NULL)
        return hit;
    }
  return NULL;
}

static gboolean
has_undone_again (gpointer heard)
{
  return ((Heard *) heard)->n_undo == 2;
}

/* It is shown to the end of the sentence, and stays. */
static void
test_trouble (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);
  GtkWidget *label = widget_test_find (GTK_WIDGET (window), "trouble_label");

  g_assert_false (gtk_widget_get_child_visible (label) && gtk_widget_get_mapped (label));
  lk_window_show_trouble (window, "Nothing can be kept: the disk is full.");
  widget_test_spin (700);
  g_assert_true (gtk_widget_get_mapped (label));
  g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==,
                   "Nothing can be kept: the disk is full.");
  g_assert_cmpint (gtk_label_get_ellipsize (GTK_LABEL (label)), ==, PANGO_ELLIPSIZE_NONE);
  close_window (window, &heard);
}

static void
test_toasts (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);
  GtkWidget *button;

  lk_window_toast (window, "3 < 5 & done");
  lk_window_toast_undo (window, "“<Ada>” deleted");
  lk_window_toast_undo (window, "1 picture deleted"); /* in its place */
  widget_test_spin (200);
  button = find_button (GTK_WIDGET (window), "Undo");
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpint (heard.n_undo, ==, 1);
  widget_test_spin (500); /* the one that was replaced does not come back */
  g_assert_null (find_button (GTK_WIDGET (window), "Undo"));

  /* By the key, as long as it is offered. */
  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL);
  g_assert_cmpint (heard.n_undo, ==, 1);
  lk_window_toast_undo (window, "“Grace” deleted");
  if (widget_test_press (GTK_WIDGET (window), "ctrl+z"))
    {
      widget_test_wait (has_undone_again, &heard);
      widget_test_press (GTK_WIDGET (window), "ctrl+z");
      widget_test_spin (500);
      g_assert_null (find_button (GTK_WIDGET (window), "Undo"));
      g_assert_cmpint (heard.n_undo, ==, 2);
    }
  heard.n_undo = 0;
  lk_window_toast_undo (window, "2 pictures deleted");
  close_window (window, &heard); /* with one on it */
  g_assert_cmpint (heard.n_undo, ==, 0);
}

/* libadwaita 1.2 crashes where a toast goes within 0.2 s of coming up in another's place. */
static void
test_toast_at_once (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);

  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
  lk_window_toast_undo (window, "1 picture deleted");
  widget_test_spin (1000);
  lk_window_toast_undo (window, "2 pictures deleted");
  widget_test_spin (50);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL);
  g_assert_cmpint (heard.n_undo, ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL);
  g_assert_cmpint (heard.n_undo, ==, 1);
  widget_test_spin (2000);
  g_assert_null (find_button (GTK_WIDGET (window), "Undo"));
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  close_window (window, &heard);
}

/* The whole fits on a phone: with every page visited, and narrow from the start. */
static void
test_narrow (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);
  const char *pages[] = { "verify", "enrol", "train" };
  gtk_window_set_default_size (GTK_WINDOW (window), 360, 640);
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      int minimum;

      lk_window_set_page (window, pages[i]);
      widget_test_spin (150);
      gtk_widget_measure (GTK_WIDGET (window), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL,
                          NULL);
      g_test_message ("%s: %d", pages[i], minimum);
      g_assert_cmpint (minimum, <=, 370); /* with the frame that it draws where nobody else does */
    }
  close_window (window, &heard);
}

/* Back and forth across the width at which pages change their shape: nothing may ask for
 * another layout after the layout (GTK would warn). */
static void
test_resizing (void)
{
  Heard heard = { 0 };
  LkWindow *window = make_window (&heard);
  const char *pages[] = { "verify", "enrol", "train" };
  g_autoptr (LkImage) frame = cartoon_new (640, 480, 0, 0);

  for (int i = 0; i < 36; i++)
    {
      lk_window_set_page (window, pages[i / 2 % 3]);
      lk_window_show_frame (window, frame);
      gtk_window_set_default_size (GTK_WINDOW (window), i % 2 ? 360 : 700 + 15 * i,
                                   i % 3 ? 640 : 900);
      widget_test_spin (g_test_rand_int_range (5, 80));
    }
  close_window (window, &heard);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/window/pages", test_pages);
  g_test_add_func ("/window/cameras", test_cameras);
  g_test_add_func ("/window/views", test_views);
  g_test_add_func ("/window/toasts", test_toasts);
  g_test_add_func ("/window/toast-at-once", test_toast_at_once);
  g_test_add_func ("/window/trouble", test_trouble);
  g_test_add_func ("/window/narrow", test_narrow);
  g_test_add_func ("/window/resizing", test_resizing);
  return g_test_run ();
}
