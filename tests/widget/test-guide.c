/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Enrol page, while somebody is led through an enrolment. */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-enrol-page.h"
#include "widget-test.h"

typedef struct
{
  int n_begun, n_skipped, n_cancelled, n_again, n_gone_on, n_added, n_saved, n_renamed;
  gboolean replaces;
  char *person, *name;
} Led;

static void
on_guide (LkEnrolPage *page, const char *person, gboolean replaces, Led *led)
{
  led->n_begun++;
  led->replaces = replaces;
  g_free (led->person);
  led->person = g_strdup (person);
}

static void
on_save (LkGuide *guide, const char *name, Led *led)
{
  led->n_saved++;
  g_free (led->name);
  led->name = g_strdup (name);
}

static void
on_rename (LkPersonChooser *chooser, const char *from, const char *to, Led *led)
{
  led->n_renamed++;
  g_assert_cmpstr (from, ==, "Ada");
  g_free (led->name);
  led->name = g_strdup (to);
}

static void
led_clear (Led *led)
{
  g_free (led->person);
  g_free (led->name);
}

static LkGuide *
connect_guide (GtkWidget *page, Led *led)
{
  LkGuide *guide = lk_enrol_page_get_guide (LK_ENROL_PAGE (page));

  g_signal_connect (page, "guide", G_CALLBACK (on_guide), led);
  g_signal_connect_swapped (guide, "skip", G_CALLBACK (widget_test_count), &led->n_skipped);
  g_signal_connect_swapped (guide, "cancel", G_CALLBACK (widget_test_count), &led->n_cancelled);
  g_signal_connect_swapped (guide, "again", G_CALLBACK (widget_test_count), &led->n_again);
  g_signal_connect_swapped (guide, "go-on", G_CALLBACK (widget_test_count), &led->n_gone_on);
  g_signal_connect_swapped (guide, "add", G_CALLBACK (widget_test_count), &led->n_added);
  g_signal_connect (guide, "save", G_CALLBACK (on_save), led);
  return guide;
}

/* Frames of a look straight, until it has passed. */
static void
look_straight (LkEnrolment *enrolment)
{
  LkEnrolFrame frame = { 1, TRUE, TRUE, { .scale = 60 }, 0.6, 1 };
  int slot;

  while (lk_enrolment_get_n_passed (enrolment) == 0)
    {
      frame.when_us += 33333;
      lk_enrolment_update (enrolment, &frame, &slot);
    }
}

/* Somebody new, the one chosen once more, or anew; not without a camera, and not twice. */
static void
test_guide_begin (void)
{
  Led led = { 0 };
  GtkWidget *page = lk_enrol_page_new (), *window = widget_test_host (page, 1000, 700);
  GtkWidget *button = widget_test_find (page, "guide_button");

  connect_guide (page, &led);
  g_assert_true (gtk_widget_get_visible (button)); /* nobody yet: the first thing to do */
  g_assert_false (gtk_widget_is_sensitive (button));
  lk_enrol_page_set_ready (LK_ENROL_PAGE (page), TRUE);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpint (led.n_begun, ==, 1);
  g_assert_null (led.person);
  gtk_widget_activate_action (page, "enrol.add-sitting", NULL); /* of whom? */
  g_assert_cmpint (led.n_begun, ==, 1);

  widget_test_ready_to_enrol (page);
  g_assert_false (gtk_widget_get_visible (button));
  gtk_widget_activate_action (page, "enrol.add-sitting", NULL);
  g_assert_cmpint (led.n_begun, ==, 2);
  g_assert_cmpstr (led.person, ==, "Ada");
  g_assert_false (led.replaces);
  gtk_widget_activate_action (page, "enrol.again", NULL);
  g_assert_cmpint (led.n_begun, ==, 3);
  g_assert_true (led.replaces);
  if (widget_test_press (window, "ctrl+n"))
    {
      for (int i = 0; i < 50 && led.n_begun == 3; i++)
        widget_test_spin (100);
      g_assert_cmpint (led.n_begun, ==, 4);
      g_assert_null (led.person);
    }
  lk_enrol_page_set_guiding (LK_ENROL_PAGE (page), TRUE);
  led.n_begun = 0;
  gtk_widget_activate_action (page, "enrol.guide", NULL);
  g_assert_cmpint (led.n_begun, ==, 0);
  g_signal_connect_swapped (page, "capture", G_CALLBACK (widget_test_count), &led.n_begun);
  gtk_widget_activate_action (page, "enrol.capture-anchor", NULL);
  g_assert_cmpint (led.n_begun, ==, 0);
  led_clear (&led);
  widget_test_close (window, page);
}

static void
test_guide (void)
{
  Led led = { 0 };
  GtkWidget *page = lk_enrol_page_new (), *window = widget_test_host (page, 1000, 700);
  LkGuide *guide = connect_guide (page, &led);
  GtkWidget *panel = GTK_WIDGET (guide), *side = widget_test_find (page, "side");
  LkEnrolRing *ring = lk_camera_view_get_ring (lk_enrol_page_get_view (LK_ENROL_PAGE (page)));
  g_autoptr (LkEnrolment) enrolment = lk_enrolment_new ();
  g_autoptr (LkImage) frame = cartoon_new (640, 480, 0, 0);
  g_autoptr (GError) dark = g_error_new_literal (LK_RETRY, LK_RETRY_TOO_DARK, "Turn on a light.");
  LkSighting seen = { .warning = -1 };

  widget_test_ready_to_enrol (page);
  lk_camera_view_set_image (lk_enrol_page_get_view (LK_ENROL_PAGE (page)), frame);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (ring)));
  lk_enrol_page_set_guiding (LK_ENROL_PAGE (page), TRUE);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (ring)));
  g_assert_false (gtk_widget_get_visible (side));

  /* One sentence at a time, and how far it is; the straight look cannot be skipped. */
  lk_enrol_ring_show (ring, enrolment);
  lk_guide_show (guide, enrolment, "Look straight at the camera.");
  g_assert_cmpstr (widget_test_text (panel, "sentence_label"), ==, "Look straight at the camera.");
  gtk_test_accessible_assert_role (widget_test_find (panel, "sentence_label"),
                                   GTK_ACCESSIBLE_ROLE_STATUS);
  g_assert_cmpstr (widget_test_text (panel, "step_label"), ==, "Step 1 of 7");
  g_assert_false (gtk_widget_is_sensitive (widget_test_find (panel, "skip_button")));
  gtk_test_accessible_assert_property (ring, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, 0.0);
  lk_enrol_page_show_sighting (LK_ENROL_PAGE (page), &seen, dark); /* not two sentences */
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (widget_test_find (
      GTK_WIDGET (lk_enrol_page_get_view (LK_ENROL_PAGE (page))), "advice_revealer"))));
  look_straight (enrolment);
  lk_enrol_ring_show (ring, enrolment);
  lk_guide_show (guide, enrolment, "Turn your head a little to the left.");
  g_assert_cmpstr (widget_test_text (panel, "step_label"), ==, "Step 2 of 7");
  gtk_test_accessible_assert_property (ring, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, 1.0);
  gtk_test_accessible_assert_property (ring, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       "1 of 7 steps done");
  g_signal_emit_by_name (widget_test_find (panel, "skip_button"), "clicked");
  g_assert_cmpint (led.n_skipped, ==, 1);
  widget_test_assert_named (page);
  if (widget_test_press (window, "Escape"))
    {
      for (int i = 0; i < 50 && led.n_cancelled == 0; i++) /* the key comes when it comes */
        widget_test_spin (100);
      g_assert_cmpint (led.n_cancelled, ==, 1);
    }

  /* Somebody has the face already. */
  lk_guide_ask (guide, "Grace");
  g_assert_nonnull (strstr (widget_test_text (panel, "question_label"), "“Grace”"));
  gtk_test_accessible_assert_property (widget_test_find (panel, "add_button"),
                                       GTK_ACCESSIBLE_PROPERTY_LABEL, "Add to “Grace”");
  g_signal_emit_by_name (widget_test_find (panel, "add_button"), "clicked");
  g_signal_emit_by_name (widget_test_find (panel, "go_on_button"), "clicked");
  g_assert_cmpint (led.n_added, ==, 1);
  g_assert_cmpint (led.n_gone_on, ==, 1);
  widget_test_assert_named (page);

  lk_guide_show (guide, enrolment, "");
  g_assert_true (gtk_spinner_get_spinning (GTK_SPINNER (widget_test_find (panel, "spinner"))));
  lk_guide_show_failure (guide, "Nobody was seen.");
  g_assert_false (gtk_spinner_get_spinning (GTK_SPINNER (widget_test_find (panel, "spinner"))));
  g_assert_cmpstr (widget_test_text (panel, "failure_label"), ==, "Nobody was seen.");
  g_signal_emit_by_name (widget_test_find (panel, "again_button"), "clicked");
  g_assert_cmpint (led.n_again, ==, 1);

  lk_enrol_page_set_guiding (LK_ENROL_PAGE (page), FALSE);
  g_assert_true (gtk_widget_get_visible (side));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (ring)));
  led_clear (&led);
  widget_test_close (window, page);
}

/* The name at the end; one that is taken is told. */
static void
test_guide_name (void)
{
  Led led = { 0 };
  GtkWidget *page = lk_enrol_page_new (), *window = widget_test_host (page, 1000, 700);
  LkGuide *guide = connect_guide (page, &led);
  GtkWidget *panel = GTK_WIDGET (guide);
  GtkWidget *row = widget_test_find (panel, "whose_row"),
            *button = widget_test_find (panel, "save_button");
  GtkRevealer *taken = GTK_REVEALER (widget_test_find (panel, "taken_revealer"));
  g_autoptr (GPtrArray) faces = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  g_autoptr (GPtrArray) people = widget_test_people (2, "Ada", NULL);

  for (int i = 0; i < 14; i++)
    g_ptr_array_add (faces, cartoon_new (100, 100, 0, i));
  widget_test_ready_to_enrol (page);
  lk_enrol_page_set_guiding (LK_ENROL_PAGE (page), TRUE);
  lk_guide_ask_name (guide, faces, people);
  g_assert_nonnull (strstr (widget_test_text (panel, "faces_label"), "14"));
  g_assert_false (gtk_widget_is_sensitive (button));
  gtk_editable_set_text (GTK_EDITABLE (row), "   ");
  g_assert_false (gtk_widget_is_sensitive (button));
  gtk_editable_set_text (GTK_EDITABLE (row), " Ada ");
  g_assert_true (gtk_revealer_get_reveal_child (taken));
  gtk_editable_set_text (GTK_EDITABLE (row), " Edith ");
  g_assert_false (gtk_revealer_get_reveal_child (taken));
  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
  g_assert_cmpint (led.n_saved, ==, 1);
  g_assert_cmpstr (led.name, ==, "Edith");
  g_signal_emit_by_name (row, "entry-activated"); /* Enter does it, too */
  g_assert_cmpint (led.n_saved, ==, 2);
  widget_test_assert_named (page);
  led_clear (&led);
  widget_test_close (window, page);
}

/* One sitting is not much: another one is offered, until there are two. */
static void
test_second_sitting (void)
{
  GtkWidget *page = lk_enrol_page_new (), *window = widget_test_host (page, 1000, 700);
  GtkWidget *row = widget_test_find (page, "sitting_row");
  g_autoptr (GPtrArray)
      captures = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_capture_free);
  LkCapture *capture;

  widget_test_ready_to_enrol (page);
  g_assert_false (gtk_widget_get_visible (row));
  for (int i = 0; i < 3; i++)
    g_ptr_array_add (captures, widget_test_capture ("/nowhere/0.jpg", "Ada", LK_CAPTURE_ANCHOR));
  lk_enrol_page_set_captures (LK_ENROL_PAGE (page), LK_CAPTURE_ANCHOR, captures);
  g_assert_true (gtk_widget_get_visible (row));
  capture = captures->pdata[2];
  g_free (capture->session);
  capture->session = g_strdup ("another");
  lk_enrol_page_set_captures (LK_ENROL_PAGE (page), LK_CAPTURE_ANCHOR, captures);
  g_assert_false (gtk_widget_get_visible (row));
  widget_test_close (window, page);
}

static void
test_rename (void)
{
  Led led = { 0 };
  GtkWidget *page = lk_enrol_page_new (), *window = widget_test_host (page, 1000, 700);
  LkPersonChooser *chooser = lk_enrol_page_get_chooser (LK_ENROL_PAGE (page));
  GtkWidget *row = widget_test_find (page, "name_row");

  g_signal_connect (chooser, "rename", G_CALLBACK (on_rename), &led);
  widget_test_ready_to_enrol (page);
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (chooser), "person.rename", NULL));
  g_assert_true (gtk_widget_get_visible (row));
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, "Ada");
  widget_test_name_person (page, "Ada"); /* the same: nothing to do */
  g_assert_cmpint (led.n_renamed, ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (chooser), "person.rename", NULL);
  widget_test_name_person (page, " Augusta ");
  g_assert_cmpint (led.n_renamed, ==, 1);
  g_assert_cmpstr (led.name, ==, "Augusta");
  /* And the next name that is typed is a new person's again. */
  gtk_widget_activate_action (page, "enrol.new-person", NULL);
  widget_test_name_person (page, "Edith");
  g_assert_cmpint (led.n_renamed, ==, 1);
  g_assert_cmpstr (lk_enrol_page_get_person (LK_ENROL_PAGE (page)), ==, "Edith");
  led_clear (&led);
  widget_test_close (window, page);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/guide/begin", test_guide_begin);
  g_test_add_func ("/guide/stages", test_guide);
  g_test_add_func ("/guide/name", test_guide_name);
  g_test_add_func ("/guide/second-sitting", test_second_sitting);
  g_test_add_func ("/guide/rename", test_rename);
  return g_test_run ();
}
