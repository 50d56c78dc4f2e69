/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-enrol-page.h"
#include "lk-gallery.h"
#include "widget-test.h"

typedef struct
{
  int n_captures[LK_N_CAPTURE_KINDS];
  int n_chosen, n_deleted_people;
  guint n_deleted;
  char *chosen, *deleted;
} Heard;

static void
on_capture (LkEnrolPage *page, int kind, Heard *heard)
{
  heard->n_captures[kind]++;
}

static void
on_chosen (LkEnrolPage *page, const char *name, Heard *heard)
{
  heard->n_chosen++;
  g_free (heard->chosen);
  heard->chosen = g_strdup (name);
}

static void
on_delete_person (LkEnrolPage *page, const char *name, Heard *heard)
{
  heard->n_deleted_people++;
  g_free (heard->deleted);
  heard->deleted = g_strdup (name);
}

static void
on_delete_captures (LkEnrolPage *page, GPtrArray *captures, Heard *heard)
{
  heard->n_deleted += captures->len;
}

static GtkWidget *
make_page (Heard *heard)
{
  GtkWidget *page = lk_enrol_page_new ();

  g_signal_connect (page, "capture", G_CALLBACK (on_capture), heard);
  g_signal_connect (page, "person-chosen", G_CALLBACK (on_chosen), heard);
  g_signal_connect (page, "delete-person", G_CALLBACK (on_delete_person), heard);
  g_signal_connect (page, "delete-captures", G_CALLBACK (on_delete_captures), heard);
  return page;
}

static void
close_page (GtkWidget *window, GtkWidget *page, Heard *heard)
{
  widget_test_close (window, page);
  g_free (heard->chosen);
  g_free (heard->deleted);
}

static void
add_capture (GtkWidget *page, LkCaptureKind kind)
{
  g_autoptr (LkCapture) capture = widget_test_capture ("/nowhere/1.jpg", "Ada", kind);

  lk_enrol_page_add_capture (LK_ENROL_PAGE (page), capture);
}

/* Capturing needs somebody, and a camera. */
static void
test_enabled (void)
{
  Heard heard = { 0 };
  GtkWidget *page = make_page (&heard), *window = widget_test_host (page, 1000, 700);
  GtkWidget *button = widget_test_find (page, "anchor_button");

  g_assert_null (lk_enrol_page_get_person (LK_ENROL_PAGE (page)));
  g_assert_false (gtk_widget_is_sensitive (button));
  lk_enrol_page_set_ready (LK_ENROL_PAGE (page), TRUE);
  g_assert_false (gtk_widget_is_sensitive (button));
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_ANCHOR], ==, 0);

  widget_test_ready_to_enrol (page);
  g_assert_cmpstr (lk_enrol_page_get_person (LK_ENROL_PAGE (page)), ==, "Ada");
  g_assert_cmpint (heard.n_chosen, ==, 0);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (gtk_widget_activate_action (page, "enrol.capture-anchor", NULL));
  g_assert_true (gtk_widget_activate_action (page, "enrol.capture-positive", NULL));
  g_assert_true (gtk_widget_activate_action (page, "enrol.capture-negative", NULL));
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_ANCHOR], ==, 2);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_POSITIVE], ==, 1);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_NEGATIVE], ==, 1);
  /* The gallery follows what is captured. */
  g_assert_true (gtk_toggle_button_get_active (
      GTK_TOGGLE_BUTTON (widget_test_find (page, "negative_toggle"))));

  lk_enrol_page_set_ready (LK_ENROL_PAGE (page), FALSE);
  g_assert_false (gtk_widget_is_sensitive (button));
  widget_test_assert_named (page);
  close_page (window, page, &heard);
}

static void
test_keys (void)
{
  Heard heard = { 0 };
  GtkWidget *page = make_page (&heard), *window = widget_test_host (page, 1000, 700);
  GtkWidget *name_row = widget_test_find (page, "name_row");

  widget_test_ready_to_enrol (page);
  if (!widget_test_press (window, "a"))
    return;
  widget_test_press (window, "p");
  widget_test_press (window, "n");
  widget_test_press (window, "n");
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_ANCHOR], ==, 1);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_POSITIVE], ==, 1);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_NEGATIVE], ==, 2);

  /* Not where a name is typed. */
  gtk_widget_activate_action (page, "enrol.new-person", NULL);
  g_assert_true (gtk_widget_get_visible (name_row));
  widget_test_press (window, "p");
  widget_test_press (window, "a");
  widget_test_press (window, "n");
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (name_row)), ==, "pan");
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_ANCHOR], ==, 1);
  widget_test_press (window, "Return");
  g_assert_cmpstr (heard.chosen, ==, "pan");
  widget_test_press (window, "a"); /* and at once after it */
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_ANCHOR], ==, 2);
  close_page (window, page, &heard);
}

static void
test_new_person (void)
{
  Heard heard = { 0 };
  GtkWidget *page = make_page (&heard), *window = widget_test_host (page, 1000, 700);
  LkEnrolPage *self = LK_ENROL_PAGE (page);
  GtkWidget *name_row = widget_test_find (page, "name_row"),
            *person_row = widget_test_find (page, "person_row");
  g_autoptr (GPtrArray) nobody = g_ptr_array_new (), ada = widget_test_people (1, "Ada", NULL);
  g_autoptr (GPtrArray) both = widget_test_people (1, "Ada", "Edith", NULL);

  g_assert_true (gtk_widget_get_visible (name_row)); /* nobody: a name is asked for */
  g_assert_false (gtk_widget_get_visible (person_row));
  widget_test_name_person (page, "   ");
  g_assert_cmpint (heard.n_chosen, ==, 0);
  widget_test_name_person (page, "  Edith ");
  g_assert_cmpstr (heard.chosen, ==, "Edith");
  g_assert_cmpint (heard.n_chosen, ==, 1);
  g_assert_false (gtk_widget_get_visible (name_row));
  g_assert_true (gtk_widget_get_visible (person_row));

  /* She has no picture yet, and stays. */
  lk_enrol_page_set_people (self, nobody, NULL);
  g_assert_cmpstr (lk_enrol_page_get_person (self), ==, "Edith");
  lk_enrol_page_set_people (self, ada, NULL);
  g_assert_cmpstr (lk_enrol_page_get_person (self), ==, "Edith");
  lk_enrol_page_set_people (self, both, NULL);
  g_assert_cmpstr (lk_enrol_page_get_person (self), ==, "Edith");
  g_assert_cmpint (heard.n_chosen, ==, 1);
  lk_enrol_page_set_people (self, ada, NULL); /* was deleted: a name no more */
  g_assert_cmpstr (lk_enrol_page_get_person (self), ==, "Ada");

  /* A name that is there is chosen, not doubled. */
  gtk_widget_activate_action (page, "enrol.new-person", NULL);
  widget_test_name_person (page, "Ada");
  g_assert_cmpstr (heard.chosen, ==, "Ada");
  g_assert_cmpuint (g_list_model_get_n_items (adw_combo_row_get_model (ADW_COMBO_ROW (person_row))),
                    ==, 1);

  /* Deleting a name that is only a name deletes nothing. */
  widget_test_name_person (page, "Grace");
  g_assert_true (gtk_widget_activate_action (page, "enrol.delete-person", NULL));
  g_assert_cmpint (heard.n_deleted_people, ==, 0);
  g_assert_cmpstr (heard.chosen, ==, "Ada");
  g_assert_true (gtk_widget_activate_action (page, "enrol.delete-person", NULL));
  g_assert_cmpstr (heard.deleted, ==, "Ada");
  lk_enrol_page_set_people (self, nobody, NULL);
  g_assert_null (lk_enrol_page_get_person (self));
  g_assert_true (gtk_widget_get_visible (name_row));
  close_page (window, page, &heard);
}

static void
test_captures (void)
{
  Heard heard = { 0 };
  GtkWidget *page = make_page (&heard), *window = widget_test_host (page, 1000, 700);
  g_autoptr (GPtrArray)
      captures = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  GtkRevealer *revealer = GTK_REVEALER (widget_test_find (page, "selection_revealer"));
  LkGallery *gallery = LK_GALLERY (widget_test_find (page, "anchor_gallery"));

  widget_test_ready_to_enrol (page);
  g_ptr_array_add (captures, widget_test_capture ("/nowhere/0.jpg", "Ada", LK_CAPTURE_ANCHOR));
  lk_enrol_page_set_captures (LK_ENROL_PAGE (page), LK_CAPTURE_ANCHOR, captures);
  add_capture (page, LK_CAPTURE_ANCHOR);
  add_capture (page, LK_CAPTURE_NEGATIVE);
  g_assert_cmpstr (widget_test_text (page, "anchor_label"), ==, "Anchors 2");
  g_assert_cmpstr (widget_test_text (page, "positive_label"), ==, "Positives");
  g_assert_cmpstr (widget_test_text (page, "negative_label"), ==, "Negatives 1");
  gtk_test_accessible_assert_property (widget_test_find (page, "anchor_toggle"),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "Anchors 2");

  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (widget_test_find (page, "anchor_toggle")), TRUE);
  g_assert_false (gtk_revealer_get_reveal_child (revealer));
  lk_gallery_select (gallery, 0, TRUE);
  lk_gallery_select (gallery, 1, TRUE);
  g_assert_true (gtk_revealer_get_reveal_child (revealer));
  g_assert_cmpstr (widget_test_text (page, "selection_label"), ==, "2 selected");
  g_signal_emit_by_name (widget_test_find (page, "delete_button"), "clicked");
  g_assert_cmpuint (heard.n_deleted, ==, 2);
  g_ptr_array_set_size (captures, 0);
  lk_enrol_page_set_captures (LK_ENROL_PAGE (page), LK_CAPTURE_ANCHOR, captures);
  g_assert_cmpstr (widget_test_text (page, "anchor_label"), ==, "Anchors");
  g_assert_false (gtk_revealer_get_reveal_child (revealer));
  close_page (window, page, &heard);
}

static void
test_burst (void)
{
  Heard heard = { 0 };
  GtkWidget *page = make_page (&heard), *window = widget_test_host (page, 1000, 700);
  LkEnrolPage *self = LK_ENROL_PAGE (page);
  GtkStack *stack = GTK_STACK (widget_test_find (page, "capture_stack"));
  g_autoptr (GError) dark = g_error_new_literal (LK_RETRY, LK_RETRY_TOO_DARK, "Turn on a light.");
  LkSighting seen = { .warning = -1 };
  gboolean burst;

  widget_test_ready_to_enrol (page);
  lk_enrol_page_set_burst (self, FALSE, 3, 100, 0);
  gtk_widget_activate_action (page, "enrol.burst", NULL);
  g_object_get (page, "burst", &burst, NULL);
  g_assert_true (burst);
  g_assert_true (
      gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (widget_test_find (page, "burst_toggle"))));

  lk_enrol_page_show_sighting (self, &seen, dark); /* it waits for light */
  gtk_widget_activate_action (page, "enrol.capture-positive", NULL);
  g_assert_true (lk_enrol_page_is_bursting (self));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "burst");
  widget_test_spin (300);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_POSITIVE], ==, 0);
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL); /* one at a time */
  lk_enrol_page_show_sighting (self, &seen, NULL);
  widget_test_spin (700);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_POSITIVE], ==, 3);
  g_assert_cmpint (heard.n_captures[LK_CAPTURE_ANCHOR], ==, 0);
  g_assert_false (lk_enrol_page_is_bursting (self));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (stack), ==, "buttons");

  /* The camera goes, the page goes, somebody says stop. */
  lk_enrol_page_set_burst (self, TRUE, 50, 100, 0);
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL);
  lk_enrol_page_set_ready (self, FALSE);
  g_assert_false (lk_enrol_page_is_bursting (self));
  lk_enrol_page_set_ready (self, TRUE);
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL);
  g_assert_true (lk_enrol_page_is_bursting (self));
  gtk_widget_set_visible (page, FALSE);
  g_assert_false (lk_enrol_page_is_bursting (self));
  gtk_widget_set_visible (page, TRUE);
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL);
  g_signal_emit_by_name (widget_test_find (page, "stop_button"), "clicked");
  g_assert_false (lk_enrol_page_is_bursting (self));
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL);
  if (widget_test_press (window, "Escape"))
    g_assert_false (lk_enrol_page_is_bursting (self));

  /* The page is closed in the middle of one. */
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL);
  close_page (window, page, &heard);
}

static void
test_advice (void)
{
  Heard heard = { 0 };
  GtkWidget *page = make_page (&heard), *window = widget_test_host (page, 1000, 700);
  g_autoptr (GError) dark = g_error_new_literal (LK_RETRY, LK_RETRY_TOO_DARK, "Turn on a light.");
  g_autoptr (LkImage) frame = cartoon_new (640, 480, 0, 0);
  GtkWidget *view = GTK_WIDGET (lk_enrol_page_get_view (LK_ENROL_PAGE (page)));
  LkSighting seen = { .has_face = TRUE, .face = { 10, 10, 100, 100 }, .warning = -1 };

  lk_camera_view_set_image (LK_CAMERA_VIEW (view), frame);
  lk_enrol_page_show_sighting (LK_ENROL_PAGE (page), &seen, dark);
  g_assert_cmpstr (widget_test_text (view, "advice_label"), ==, "Turn on a light.");
  g_assert_true (
      gtk_revealer_get_reveal_child (GTK_REVEALER (widget_test_find (view, "advice_revealer"))));
  lk_enrol_page_show_sighting (LK_ENROL_PAGE (page), &seen, NULL);
  g_assert_true (/* it can be read */
                 gtk_revealer_get_reveal_child (
                     GTK_REVEALER (widget_test_find (view, "advice_revealer"))));
  widget_test_spin (750);
  lk_enrol_page_show_sighting (LK_ENROL_PAGE (page), &seen, NULL);
  g_assert_false (
      gtk_revealer_get_reveal_child (GTK_REVEALER (widget_test_find (view, "advice_revealer"))));

  lk_person_chooser_set_importing (lk_enrol_page_get_chooser (LK_ENROL_PAGE (page)), TRUE);
  g_assert_true (
      gtk_spinner_get_spinning (GTK_SPINNER (widget_test_find (page, "import_spinner"))));
  lk_person_chooser_set_importing (lk_enrol_page_get_chooser (LK_ENROL_PAGE (page)), FALSE);
  g_assert_true (gtk_widget_get_child_visible (widget_test_find (page, "person_menu")));
  close_page (window, page, &heard);
}

static void
test_narrow (void)
{
  Heard heard = { 0 };
  GtkWidget *page = make_page (&heard), *window;
  int minimum, natural;

  widget_test_ready_to_enrol (page);
  window = widget_test_host (page, 360, 600);
  gtk_widget_measure (page, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
  gtk_widget_measure (page, GTK_ORIENTATION_VERTICAL, 360, &minimum, &natural, NULL, NULL);
  g_assert_cmpint (minimum, <=, 540); /* a phone's screen less the bars */
  close_page (window, page, &heard);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/enrol-page/enabled", test_enabled);
  g_test_add_func ("/enrol-page/keys", test_keys);
  g_test_add_func ("/enrol-page/new-person", test_new_person);
  g_test_add_func ("/enrol-page/captures", test_captures);
  g_test_add_func ("/enrol-page/burst", test_burst);
  g_test_add_func ("/enrol-page/advice", test_advice);
  g_test_add_func ("/enrol-page/narrow", test_narrow);
  return g_test_run ();
}
