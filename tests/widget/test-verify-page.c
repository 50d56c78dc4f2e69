/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-anchor-strip.h"
#include "lk-score-bar.h"
#include "lk-verify-page.h"
#include "widget-test.h"

#include <math.h>

#define N_ANCHORS 4

typedef struct
{
  int n_people, n_policies, n_enrol, n_train;
  char *person;
  LkPolicy policy;
} Heard;

static void
on_person (LkVerifyPage *page, const char *name, Heard *heard)
{
  heard->n_people++;
  g_free (heard->person);
  heard->person = g_strdup (name);
}

static void
on_policy (LkVerifyPage *page, double detection, double verification, Heard *heard)
{
  heard->n_policies++;
  heard->policy = (LkPolicy){ detection, verification };
}

static LkVerifyPage *
make_page (Heard *heard)
{
  LkVerifyPage *page = LK_VERIFY_PAGE (lk_verify_page_new ());

  g_signal_connect (page, "person-chosen", G_CALLBACK (on_person), heard);
  g_signal_connect (page, "policy-changed", G_CALLBACK (on_policy), heard);
  g_signal_connect_swapped (page, "go-enrol", G_CALLBACK (widget_test_count), &heard->n_enrol);
  g_signal_connect_swapped (page, "go-train", G_CALLBACK (widget_test_count), &heard->n_train);
  return page;
}

static void
set_anchors (LkVerifyPage *page, int n)
{
  g_autoptr (GPtrArray) anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  for (int i = 0; i < n; i++)
    g_ptr_array_add (anchors, cartoon_new (50, 50, 0, i));
  lk_verify_page_set_anchors (page, anchors);
}

/* A page at which somebody can be verified. */
static void
make_ready (LkVerifyPage *page)
{
  g_autoptr (GPtrArray) people = widget_test_people (N_ANCHORS, "Ada", "Grace", NULL);

  lk_verify_page_set_model (page, "siamese", TRUE, "Trained.");
  lk_verify_page_set_people (page, people, "Ada");
  set_anchors (page, N_ANCHORS);
}

static void
show_check (LkVerifyPage *page, int n_matches, gboolean accepted)
{
  LkCheck check = { .n_anchors = N_ANCHORS, .n_matches = n_matches, .accepted = accepted };
  g_autoptr (LkImage) crop = cartoon_new (100, 100, 0, 0);
  float scores[N_ANCHORS];

  for (int i = 0; i < N_ANCHORS; i++)
    scores[i] = i < n_matches ? 0.9f : 0.1f;
  check.score = 0.597f;
  check.scores = scores;
  check.crop = crop;
  check.face = (LkFace){ 10, 10, 50, 50 };
  check.find_us = 1234;
  check.embed_us = 8100;
  check.match_us = 90;
  lk_verify_page_show_check (page, &check);
}

static gboolean
is_visible (LkVerifyPage *page, const char *id)
{
  return gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), id));
}

static const char *
text (LkVerifyPage *page, const char *id)
{
  return widget_test_text (GTK_WIDGET (page), id);
}

static void
test_verdicts (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  GtkWidget *box = widget_test_find (widget, "verdict_box");
  g_autoptr (GPtrArray) nobody = g_ptr_array_new (), empty = widget_test_people (0, "Ada", NULL);
  g_autoptr (LkImage) frame = cartoon_new (640, 480, 0, 0);
  g_autoptr (GError) dark = g_error_new_literal (LK_RETRY, LK_RETRY_TOO_DARK, "Turn on a light.");
  LkSighting seen = { .warning = -1 };

  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_NO_MODEL);
  g_assert_true (is_visible (page, "train_button"));
  g_assert_false (is_visible (page, "scores_box"));
  lk_verify_page_set_model (page, NULL, FALSE, "The file is damaged.");
  g_assert_cmpstr (text (page, "detail_label"), ==, "The file is damaged.");
  g_signal_emit_by_name (widget_test_find (widget, "train_button"), "clicked");
  g_assert_cmpint (heard.n_train, ==, 1);

  lk_verify_page_set_model (page, "siamese", FALSE, NULL);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_UNTRAINED);
  g_assert_true (is_visible (page, "train_button"));

  lk_verify_page_set_model (page, "siamese", TRUE, NULL);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_NOBODY);
  lk_verify_page_set_people (page, empty, NULL); /* without an anchor: as nobody */
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_NOBODY);
  g_assert_true (is_visible (page, "enrol_button"));
  g_assert_false (is_visible (page, "train_button"));
  g_signal_emit_by_name (widget_test_find (widget, "enrol_button"), "clicked");
  g_assert_true (gtk_widget_activate_action (widget, "verify.go-enrol", NULL));
  g_assert_true (gtk_widget_activate_action (widget, "verify.go-train", NULL));
  g_assert_cmpint (heard.n_enrol, ==, 2);
  g_assert_cmpint (heard.n_train, ==, 2);

  make_ready (page);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_WAITING);
  g_assert_cmpstr (text (page, "verdict_label"), ==, "Waiting for the Camera");
  lk_camera_view_set_image (lk_verify_page_get_view (page), frame);
  g_assert_cmpstr (text (page, "verdict_label"), ==, "Look into the Camera");
  g_assert_true (is_visible (page, "scores_box"));
  g_assert_false (is_visible (page, "enrol_button"));
  lk_verify_page_set_preparing (page, TRUE);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_PREPARING);
  lk_verify_page_set_preparing (page, FALSE);

  show_check (page, 3, TRUE);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_ACCEPTED);
  g_assert_cmpstr (text (page, "verdict_label"), ==, "This Is Ada");
  g_assert_cmpstr (text (page, "detail_label"), ==, "3 of 4 anchors match");
  g_assert_true (gtk_widget_has_css_class (box, "success"));
  gtk_test_accessible_assert_role (widget_test_find (widget, "verdict_label"),
                                   GTK_ACCESSIBLE_ROLE_STATUS);

  show_check (page, 2, FALSE);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_REFUSED);
  g_assert_cmpstr (text (page, "verdict_label"), ==, "This Is Not Ada");
  g_assert_cmpstr (text (page, "detail_label"), ==,
                   "2 of 4 anchors match, 3 are needed"); /* more than half */
  g_assert_true (gtk_widget_has_css_class (box, "error"));
  g_assert_false (gtk_widget_has_css_class (box, "success"));

  lk_verify_page_show_sighting (page, &seen, NULL);
  lk_verify_page_show_sighting (page, &seen, dark); /* a single frame does not count */
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_REFUSED);
  widget_test_spin (300);
  lk_verify_page_show_sighting (page, &seen, dark);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_ADVICE);
  g_assert_cmpstr (text (page, "detail_label"), ==, "Turn on a light.");
  g_assert_true (gtk_widget_has_css_class (box, "warning"));
  g_assert_cmpstr (text (page, "score_label"), ==, "–"); /* no score of an older frame */

  lk_verify_page_show_waiting (page);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_WAITING);

  /* An untrained network accepts nobody, whatever it computes. */
  lk_verify_page_set_model (page, "siamese", FALSE, NULL);
  show_check (page, 4, TRUE);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_UNTRAINED);
  g_assert_false (gtk_widget_has_css_class (box, "success"));
  lk_verify_page_set_people (page, nobody, NULL);
  g_assert_null (lk_verify_page_get_person (page));
  widget_test_close (window, widget);
  g_free (heard.person);
}

static void
test_scores (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  GtkPicture *crop = GTK_PICTURE (widget_test_find (widget, "crop_picture"));

  make_ready (page);
  show_check (page, 3, TRUE);
  g_assert_cmpstr (text (page, "score_label"), ==, "0.59"); /* 0.597 is not above 0.597 */
  g_assert_cmpstr (text (page, "share_label"), ==, "75 %");
  g_assert_cmpfloat_with_epsilon (
      lk_score_bar_get_score (LK_SCORE_BAR (widget_test_find (widget, "score_bar"))), 0.597, 1e-6);
  g_assert_cmpfloat (lk_score_bar_get_score (LK_SCORE_BAR (widget_test_find (widget, "share_bar"))),
                     ==, 0.75);
  g_assert_cmpstr (text (page, "find_label"), ==, "1.2 ms");
  g_assert_cmpstr (text (page, "embed_label"), ==, "8.1 ms");
  g_assert_cmpstr (text (page, "match_label"), ==, "0.09 ms");
  g_assert_cmpint (gdk_paintable_get_intrinsic_width (gtk_picture_get_paintable (crop)), ==, 100);
  g_assert_cmpint (
      lk_anchor_strip_get_n_anchors (LK_ANCHOR_STRIP (widget_test_find (widget, "strip"))), ==,
      N_ANCHORS);

  lk_verify_page_show_rate (page, 29.97, 28.2, 7, 12345);
  g_assert_cmpstr (text (page, "camera_label"), ==, "30.0 frames a second");
  g_assert_cmpstr (text (page, "dropped_label"), ==, "7");
  g_assert_cmpstr (text (page, "latency_label"), ==, "12.3 ms");
  g_assert_cmpstr (
      adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (widget_test_find (widget, "speed_row"))), ==,
      "28 checks a second");

  /* Another gallery: the old scores are not of it. */
  set_anchors (page, 2);
  g_assert_cmpstr (text (page, "score_label"), ==, "–");
  g_assert_true (
      isnan (lk_score_bar_get_score (LK_SCORE_BAR (widget_test_find (widget, "score_bar")))));
  lk_verify_page_show_waiting (page);
  g_assert_null (gtk_picture_get_paintable (crop));
  widget_test_close (window, widget);
}

static void
test_policy (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  GtkWidget *detection = widget_test_find (widget, "detection_scale"),
            *reset = widget_test_find (widget, "reset_button");
  LkPolicy policy = { 0.37, 0.8 };

  make_ready (page);
  g_assert_false (gtk_widget_get_visible (reset));
  lk_verify_page_set_policy (page, &policy);
  g_assert_cmpint (heard.n_policies, ==, 0); /* not the user */
  g_assert_true (gtk_widget_get_visible (reset));
  g_assert_cmpfloat (
      lk_score_bar_get_threshold (LK_SCORE_BAR (widget_test_find (widget, "score_bar"))), ==, 0.37);
  g_assert_cmpfloat (
      lk_score_bar_get_threshold (LK_SCORE_BAR (widget_test_find (widget, "share_bar"))), ==, 0.8);
  g_assert_nonnull (strstr (text (page, "detection_label"), "0.37"));
  g_assert_nonnull (strstr (text (page, "verification_label"), "80 %"));

  gtk_range_set_value (GTK_RANGE (detection), 0.6);
  g_assert_cmpint (heard.n_policies, ==, 1);
  g_assert_cmpfloat (heard.policy.detection, ==, 0.6);
  g_assert_cmpfloat (heard.policy.verification, ==, 0.8);

  /* By keyboard, in hundredths. */
  gtk_widget_grab_focus (detection);
  if (widget_test_press (window, "Right"))
    {
      g_assert_cmpint (heard.n_policies, ==, 2);
      g_assert_cmpfloat_with_epsilon (heard.policy.detection, 0.61, 1e-9);
    }

  policy = (LkPolicy){ 0.45, 0.5 };
  lk_verify_page_set_default_policy (page, &policy);
  g_signal_emit_by_name (reset, "clicked");
  g_assert_cmpfloat (heard.policy.detection, ==, 0.45);
  g_assert_cmpfloat (heard.policy.verification, ==, 0.5);
  lk_verify_page_get_policy (page, &policy);
  g_assert_cmpfloat (policy.detection, ==, 0.45);
  g_assert_false (gtk_widget_get_visible (reset));
  widget_test_close (window, widget);
}

static void
test_people (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  g_autoptr (GPtrArray) three = widget_test_people (1, "Ada", "Edith", "Grace", NULL);
  g_autoptr (GPtrArray) one = widget_test_people (1, "Grace", NULL);

  lk_verify_page_set_people (page, three, "Edith");
  g_assert_cmpstr (lk_verify_page_get_person (page), ==, "Edith");
  g_assert_true (is_visible (page, "person_row"));
  lk_verify_page_set_people (page, three, "Nobody"); /* unknown: the first */
  g_assert_cmpstr (lk_verify_page_get_person (page), ==, "Ada");
  g_assert_cmpint (heard.n_people, ==, 0);

  g_assert_true (gtk_widget_activate_action (widget, "verify.next-person", NULL));
  g_assert_cmpint (heard.n_people, ==, 1);
  g_assert_cmpstr (heard.person, ==, "Edith");
  gtk_widget_activate_action (widget, "verify.next-person", NULL);
  gtk_widget_activate_action (widget, "verify.next-person", NULL);
  g_assert_cmpstr (heard.person, ==, "Ada");

  lk_verify_page_set_people (page, one, "Ada");
  g_assert_cmpstr (lk_verify_page_get_person (page), ==, "Grace");
  g_assert_false (is_visible (page, "person_row"));
  g_assert_cmpint (heard.n_people, ==, 3);
  widget_test_close (window, widget);
  g_free (heard.person);
}

static gboolean
strip_is_in_side (gpointer page)
{
  return gtk_widget_is_ancestor (widget_test_find (page, "strip"),
                                 widget_test_find (page, "side_box"));
}

static gboolean
strip_is_in_main (gpointer page)
{
  return !strip_is_in_side (page);
}

static void
test_narrow (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window;
  int minimum;

  make_ready (page);
  window = widget_test_host (widget, 360, 600);
  widget_test_wait (strip_is_in_side, widget);
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_assert_cmpint (minimum, <=, 360);
  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 700);
  widget_test_wait (strip_is_in_main, widget);
  widget_test_assert_named (widget);
  widget_test_close (window, widget);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/verify-page/verdicts", test_verdicts);
  g_test_add_func ("/verify-page/scores", test_scores);
  g_test_add_func ("/verify-page/policy", test_policy);
  g_test_add_func ("/verify-page/people", test_people);
  g_test_add_func ("/verify-page/narrow", test_narrow);
  return g_test_run ();
}
