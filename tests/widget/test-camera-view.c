/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "lk-camera-view.h"
#include "widget-test.h"

#define RED  0xff0000
#define BLUE 0x0000ff

/* Left half red, right half blue. */
static LkImage *
halves (int width, int height)
{
  guint8 *pixels = g_malloc0 ((gsize) width * height * 3);

  for (int i = 0; i < width * height; i++)
    pixels[3 * i + (i % width < width / 2 ? 0 : 2)] = 255;
  return lk_image_new_take (width, height, pixels);
}

static void
set_error (GtkWidget *view, int code, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (LK_ERROR, code, sentence);

  lk_camera_view_set_error (LK_CAMERA_VIEW (view), error);
}

static const char *
shown_page (GtkWidget *view)
{
  return gtk_stack_get_visible_child_name (GTK_STACK (widget_test_find (view, "stack")));
}

static void
test_mirror (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 400, 300);
  g_autoptr (LkImage) image = halves (64, 48);
  g_autofree guint8 *mirrored = NULL, *plain = NULL;
  int width, height;

  lk_camera_view_set_image (LK_CAMERA_VIEW (view), image);
  mirrored = widget_test_draw (view, &width, &height);
  g_assert_cmphex (widget_test_pixel (mirrored, width, width / 4, height / 2), ==, BLUE);
  g_assert_cmphex (widget_test_pixel (mirrored, width, width * 3 / 4, height / 2), ==, RED);

  g_object_set (view, "mirror", FALSE, NULL);
  plain = widget_test_draw (view, &width, &height);
  g_assert_cmphex (widget_test_pixel (plain, width, width / 4, height / 2), ==, RED);
  g_assert_cmphex (widget_test_pixel (plain, width, width * 3 / 4, height / 2), ==, BLUE);
  widget_test_close (window, view);
}

/* All of a picture is shown, not stretched, whatever the view's shape. */
static void
test_aspect (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 600, 200);
  g_autoptr (LkImage) image = halves (100, 100);
  g_autofree guint8 *pixels = NULL;
  int width, height, side, n = 0;

  lk_camera_view_set_image (LK_CAMERA_VIEW (view), image);
  pixels = widget_test_draw (view, &width, &height);
  for (int x = 0; x < width; x++)
    {
      guint p = widget_test_pixel (pixels, width, x, height / 2);

      n += p == RED || p == BLUE;
    }
  side = MIN (width, height);
  g_assert_cmpint (ABS (n - side), <=, 2); /* where the halves meet */
  widget_test_close (window, view);
}

static void
on_free (gpointer data)
{
  *(gboolean *) data = TRUE;
}

/* The pixels are not copied, and not kept longer than they are shown. */
static void
test_no_copy (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 400, 300);
  static guint8 pixels[64 * 48 * 3];
  gboolean freed = FALSE;
  g_autoptr (GBytes) bytes = g_bytes_new_with_free_func (pixels, sizeof pixels, on_free, &freed);
  g_autoptr (LkImage) first = lk_image_new (64, 48, bytes), second = halves (64, 48);

  lk_camera_view_set_image (LK_CAMERA_VIEW (view), first);
  g_clear_pointer (&bytes, g_bytes_unref);
  g_clear_pointer (&first, lk_image_unref);
  widget_test_spin (50);
  g_assert_false (freed); /* it is what is shown */
  lk_camera_view_set_image (LK_CAMERA_VIEW (view), second);
  gtk_test_widget_wait_for_draw (window);
  widget_test_spin (50);
  g_assert_true (freed);
  widget_test_close (window, view);
}

static void
test_face (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 400, 300);
  g_autoptr (LkImage) image = halves (400, 300);
  LkFace face = { 20, 100, 80, 80 };
  guint8 *pixels;
  int width, height, y;
  double scale;

  lk_camera_view_set_mirror (LK_CAMERA_VIEW (view), FALSE);
  lk_camera_view_set_image (LK_CAMERA_VIEW (view), image);
  lk_camera_view_set_face (LK_CAMERA_VIEW (view), &face, NULL, 0, LK_MARK_GOOD);
  pixels = widget_test_draw (view, &width, &height);
  scale = MIN (width / 400.0, height / 300.0);
  y = (int) ((height - 300 * scale) / 2 + 140 * scale);
  g_assert_cmphex (
      widget_test_pixel (pixels, width, (int) ((width - 400 * scale) / 2 + 20 * scale), y), !=,
      RED);
  g_assert_cmphex (
      widget_test_pixel (pixels, width, (int) ((width - 400 * scale) / 2 + 60 * scale), y), ==,
      RED);
  g_free (pixels);

  /* Mirrored, the frame goes with the face. */
  lk_camera_view_set_mirror (LK_CAMERA_VIEW (view), TRUE);
  pixels = widget_test_draw (view, &width, &height);
  g_assert_cmphex (
      widget_test_pixel (pixels, width, (int) ((width - 400 * scale) / 2 + 380 * scale), y), !=,
      RED);
  g_assert_cmphex (
      widget_test_pixel (pixels, width, (int) ((width - 400 * scale) / 2 + 340 * scale), y), ==,
      RED);
  g_assert_cmphex (
      widget_test_pixel (pixels, width, (int) ((width - 400 * scale) / 2 + 20 * scale), y), ==,
      BLUE);
  g_free (pixels);

  /* Corners alone while nothing is known: the middle of a side is free. */
  lk_camera_view_set_face (LK_CAMERA_VIEW (view), &face, NULL, 0, LK_MARK_NEUTRAL);
  pixels = widget_test_draw (view, &width, &height);
  g_assert_cmphex (
      widget_test_pixel (pixels, width, (int) ((width - 400 * scale) / 2 + 380 * scale), y), ==,
      RED);
  g_free (pixels);

  lk_camera_view_set_face (LK_CAMERA_VIEW (view), NULL, NULL, 0, LK_MARK_GOOD);
  pixels = widget_test_draw (view, &width, &height);
  g_assert_cmphex (
      widget_test_pixel (pixels, width, (int) ((width - 400 * scale) / 2 + 380 * scale), y), ==,
      RED);
  g_free (pixels);
  widget_test_close (window, view);
}

static const struct
{
  LkError code;
  const char *title;
  gboolean choose;
} failures[] = {
  { LK_ERROR_CAMERA_NOT_FOUND, "No Camera Found", TRUE },
  { LK_ERROR_CAMERA_BUSY, "Camera Is in Use", TRUE },
  { LK_ERROR_CAMERA_PERMISSION, "No Access to the Camera", FALSE },
  { LK_ERROR_CAMERA_UNPLUGGED, "Camera Was Unplugged", TRUE },
  { LK_ERROR_CAMERA_SILENT, "Camera Sends No Pictures", TRUE },
  { LK_ERROR_CAMERA_DAMAGED, "Pictures Are Damaged", TRUE },
  { LK_ERROR_CAMERA_UNSUPPORTED, "Camera Is Not Supported", TRUE },
  { LK_ERROR_CAMERA_FAILED, "Camera Failed", TRUE },
};

static void
test_failures (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 600, 500);
  AdwStatusPage *status = ADW_STATUS_PAGE (widget_test_find (view, "status"));
  int n_retries = 0, n_choices = 0;

  g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_STARTING);
  g_assert_cmpstr (shown_page (view), ==, "starting");
  for (guint i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      set_error (view, (int) failures[i].code, "A & B < C.");
      g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_FAILED);
      g_assert_cmpstr (shown_page (view), ==, "status");
      g_assert_cmpstr (adw_status_page_get_title (status), ==, failures[i].title);
      g_assert_cmpstr (adw_status_page_get_description (status), ==, "A &amp; B &lt; C.");
      g_assert_true (
          gtk_icon_theme_has_icon (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                   adw_status_page_get_icon_name (status)));
      g_assert_cmpint (gtk_widget_get_visible (widget_test_find (view, "choose_button")), ==,
                       failures[i].choose);
      widget_test_spin (20);
    }

  g_signal_connect_swapped (view, "retry", G_CALLBACK (widget_test_count), &n_retries);
  g_signal_connect_swapped (view, "choose-camera", G_CALLBACK (widget_test_count), &n_choices);
  g_signal_emit_by_name (widget_test_find (view, "retry_button"), "clicked");
  g_signal_emit_by_name (widget_test_find (view, "choose_button"), "clicked");
  g_assert_true (gtk_widget_activate_action (view, "camera.retry", NULL));
  g_assert_true (gtk_widget_activate_action (view, "camera.choose", NULL));
  g_assert_cmpint (n_retries, ==, 2);
  g_assert_cmpint (n_choices, ==, 2);
  widget_test_assert_named (view);
  widget_test_close (window, view);
}

/* A camera that is tried again every second must not make the page blink. */
static void
test_failure_stays (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 600, 500);
  g_autoptr (LkImage) image = halves (64, 48);

  set_error (view, LK_ERROR_CAMERA_BUSY, "Busy.");
  lk_camera_view_set_starting (LK_CAMERA_VIEW (view), "Webcam");
  g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_FAILED);

  gtk_widget_activate_action (view, "camera.retry", NULL);
  lk_camera_view_set_starting (LK_CAMERA_VIEW (view), "Webcam");
  g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_STARTING);
  g_assert_cmpstr (widget_test_text (view, "starting_label"), ==, "Starting Webcam…");

  set_error (view, LK_ERROR_CAMERA_BUSY, "Busy.");
  lk_camera_view_set_starting (LK_CAMERA_VIEW (view), NULL); /* asked for once only */
  g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_FAILED);
  lk_camera_view_expect_start (LK_CAMERA_VIEW (view));
  lk_camera_view_set_starting (LK_CAMERA_VIEW (view), NULL);
  g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_STARTING);

  set_error (view, LK_ERROR_CAMERA_BUSY, "Busy.");
  lk_camera_view_set_image (LK_CAMERA_VIEW (view), image);
  g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_LIVE);
  g_assert_cmpstr (shown_page (view), ==, "live");

  lk_camera_view_set_ended (LK_CAMERA_VIEW (view));
  g_assert_cmpint (lk_camera_view_get_state (LK_CAMERA_VIEW (view)), ==, LK_CAMERA_VIEW_ENDED);
  g_assert_cmpstr (widget_test_text (view, "retry_button"), ==, "Play Again");
  widget_test_close (window, view);
}

static void
test_overlays (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 600, 500);
  GtkWidget *countdown = widget_test_find (view, "countdown_label");
  GtkRevealer *advice = GTK_REVEALER (widget_test_find (view, "advice_revealer"));
  g_autoptr (LkImage) image = halves (64, 48);

  lk_camera_view_set_image (LK_CAMERA_VIEW (view), image);
  g_assert_false (gtk_widget_get_visible (countdown));
  lk_camera_view_set_countdown (LK_CAMERA_VIEW (view), 3);
  g_assert_true (gtk_widget_get_visible (countdown));
  g_assert_cmpstr (widget_test_text (view, "countdown_label"), ==, "3");
  lk_camera_view_set_countdown (LK_CAMERA_VIEW (view), 0);
  g_assert_false (gtk_widget_get_visible (countdown));

  lk_camera_view_set_advice (LK_CAMERA_VIEW (view), "Come closer.");
  g_assert_true (gtk_revealer_get_reveal_child (advice));
  g_assert_cmpstr (widget_test_text (view, "advice_label"), ==, "Come closer.");
  gtk_test_accessible_assert_role (widget_test_find (view, "advice_label"),
                                   GTK_ACCESSIBLE_ROLE_STATUS);
  lk_camera_view_set_advice (LK_CAMERA_VIEW (view), NULL);
  g_assert_false (gtk_revealer_get_reveal_child (advice));
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_LABEL, "Camera preview");
  widget_test_close (window, view);
}

/* The flash shows, and goes; it does not come where animations are off. */
static void
test_flash (void)
{
  GtkWidget *view = lk_camera_view_new (), *window = widget_test_host (view, 400, 300);
  g_autoptr (LkImage) image = halves (64, 48);
  guint8 *pixels;
  guint seen = BLUE;
  int width, height;

  lk_camera_view_set_image (LK_CAMERA_VIEW (view), image);
  lk_camera_view_flash (LK_CAMERA_VIEW (view));
  pixels = widget_test_draw (view, &width, &height);
  g_assert_cmphex (widget_test_pixel (pixels, width, width / 4, height / 2), ==, BLUE);
  g_free (pixels);

  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
  for (int i = 0; i < 20 && seen == BLUE;
       i++) /* on a busy machine it may be over before it is drawn */
    {
      lk_camera_view_flash (LK_CAMERA_VIEW (view));
      pixels = widget_test_draw (view, &width, &height);
      seen = widget_test_pixel (pixels, width, width / 4, height / 2);
      g_free (pixels);
    }
  g_assert_cmphex (seen, !=, BLUE);
  widget_test_spin (600);
  pixels = widget_test_draw (view, &width, &height);
  g_assert_cmphex (widget_test_pixel (pixels, width, width / 4, height / 2), ==, BLUE);
  g_free (pixels);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
  widget_test_close (window, view);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/camera-view/mirror", test_mirror);
  g_test_add_func ("/camera-view/aspect", test_aspect);
  g_test_add_func ("/camera-view/no-copy", test_no_copy);
  g_test_add_func ("/camera-view/face", test_face);
  g_test_add_func ("/camera-view/failures", test_failures);
  g_test_add_func ("/camera-view/failure-stays", test_failure_stays);
  g_test_add_func ("/camera-view/overlays", test_overlays);
  g_test_add_func ("/camera-view/flash", test_flash);
  return g_test_run ();
}
