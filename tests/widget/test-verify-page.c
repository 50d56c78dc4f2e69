/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/lk-error.h"
#include "cartoon.h"
#include "lk-anchor-strip.h"
#include "lk-lock-badge.h"
#include "lk-score-bar.h"
#include "lk-verify-page.h"
#include "widget-test.h"

#include <math.h>

#define N_ANCHORS 4

typedef struct
{
  int n_people, n_policies, n_enrol, n_train, n_begin, n_lock, n_attempts;
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
  g_signal_connect_swapped (page, "begin", G_CALLBACK (widget_test_count), &heard->n_begin);
  g_signal_connect_swapped (page, "lock", G_CALLBACK (widget_test_count), &heard->n_lock);
  g_signal_connect_swapped (page, "show-attempts", G_CALLBACK (widget_test_count),
                            &heard->n_attempts);
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
  LkCheck check = { .n_anchors = N_ANCHORS,
                    .n_matches = n_matches,
                    .accepted = accepted,
                    .best = -1,
                    .second = -1,
                    .policy = LK_POLICY_DEFAULT };
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
  g_autoptr (GPtrArray) nobody = g_ptr_array_new (), empty = widget_test_people (0, "Ada", NULL);
  g_autoptr (LkImage) frame = cartoon_new (640, 480, 0, 0);

  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_NO_MODEL);
  g_assert_true (is_visible (page, "train_button"));
  g_assert_false (is_visible (page, "lock_button"));
  g_assert_false (is_visible (page, "scores"));
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
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_LOCK);
  lk_camera_view_set_image (lk_verify_page_get_view (page), frame);
  g_assert_true (is_visible (page, "scores"));
  g_assert_true (is_visible (page, "lock_button"));
  g_assert_false (is_visible (page, "enrol_button"));
  lk_verify_page_set_preparing (page, TRUE);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_PREPARING);
  g_assert_false (is_visible (page, "lock_button"));
  lk_verify_page_set_preparing (page, FALSE);

  /* An untrained network judges nobody, whatever it computes. */
  lk_verify_page_set_model (page, "siamese", FALSE, NULL);
  show_check (page, 4, TRUE);
  g_assert_cmpint (lk_verify_page_get_verdict (page), ==, LK_VERDICT_UNTRAINED);
  g_assert_false (gtk_widget_has_css_class (widget_test_find (widget, "verdict_box"), "success"));
  lk_verify_page_set_people (page, nobody, NULL);
  g_assert_null (lk_verify_page_get_person (page));
  widget_test_close (window, widget);
  g_free (heard.person);
}

static LkLockBadge *
find_badge (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if (LK_IS_LOCK_BADGE (widget))
    return LK_LOCK_BADGE (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = GTK_WIDGET (find_badge (child));
  return (LkLockBadge *) found;
}

/* Each state of the lock: what is said, by which mark, and what the button would do. */
static const struct
{
  LkLockStatus status;
  int n_left;
  const char *title, *detail, *css_class, *button;
  gboolean button_works;
} locks[] = {
  { { .state = LK_LOCK_LOCKED, .reason = LK_LOCK_BY_HAND, .may_begin = TRUE },
    0,
    "Locked",
    "It was locked by hand.",
    NULL,
    "Unlock",
    TRUE },
  { { .state = LK_LOCK_LOCKED, .reason = LK_LOCK_NOBODY, .may_begin = TRUE },
    0,
    "Locked",
    "Nobody was seen.",
    NULL,
    "Unlock",
    TRUE },
  { { .state = LK_LOCK_STARTING, .is_trying = TRUE },
    0,
    "Waiting for the Camera",
    "Without a picture there is nothing to verify.",
    NULL,
    "Stop",
    TRUE },
  { { .state = LK_LOCK_LOOKING, .is_trying = TRUE },
    0,
    "Look into the Camera",
    "Bring your face into the picture.",
    NULL,
    "Stop",
    TRUE },
  { { .state = LK_LOCK_ADVICE, .is_trying = TRUE, .sentence = "Turn on a light." },
    0,
    "Not Quite",
    "Turn on a light.",
    "warning",
    "Stop",
    TRUE },
  { { .state = LK_LOCK_CHECKING, .is_trying = TRUE, .progress = 0.4 },
    0,
    "Checking…",
    "Hold still for a moment.",
    NULL,
    "Stop",
    TRUE },
  { { .state = LK_LOCK_CHALLENGE, .is_trying = TRUE, .sentence = "Turn your head." },
    0,
    "Are You There?",
    "Turn your head.",
    NULL,
    "Stop",
    TRUE },
  { { .state = LK_LOCK_ACCEPTED,
      .took_us = 420 * 1000,
      .tally = { .name = "Ada", .n_anchors = 4, .n_matches = 3 } },
    0,
    "This Is Ada",
    "Opened in 0.4 seconds; 3 of 4 anchors match.",
    "success",
    "Lock",
    TRUE },
  { { .state = LK_LOCK_ACCEPTED,
      .took_us = 61 * G_USEC_PER_SEC,
      .tally = { .name = "Grace",
                 .n_anchors = 4,
                 .n_matches = 4,
                 .way = LK_WAY_FUSED,
                 .score = 0.984,
                 .margin = 2.5,
                 .other = "Ada" } },
    0,
    "This Is Grace",
    "Opened in 61 seconds; a score of 0.98, 12 times as likely as Ada.",
    "success",
    "Lock",
    TRUE },
  /* Six of the newest picture's eight anchors match, but that did not decide. */
  { { .state = LK_LOCK_REFUSED,
      .may_begin = TRUE,
      .tally = { .lacks = LK_LACKS_FRAMES,
                 .n_frames = 8,
                 .n_accepted = 4,
                 .n_enough = 5,
                 .n_anchors = 8,
                 .n_matches = 6 } },
    3,
    "This Is Not Ada",
    "4 of the last 8 pictures matched, and 5 are needed. 3 more refusals bring a wait.",
    "error",
    "Try Again",
    TRUE },
  { { .state = LK_LOCK_REFUSED,
      .may_begin = TRUE,
      .sentence = "The face moved as a picture on paper does.",
      .tally = { .n_anchors = 4, .n_matches = 4 } },
    2,
    "Not Opened",
    "The face moved as a picture on paper does. 2 more refusals bring a wait.",
    "error",
    "Try Again",
    TRUE },
  { { .state = LK_LOCK_LOCKED_OUT, .wait_us = 29500 * 1000 },
    0,
    "Locked Out",
    "There were too many refused attempts. Try again in 30 seconds.",
    "error",
    "Try Again",
    FALSE },
  { { .state = LK_LOCK_LOCKED_OUT, .wait_us = 600 * G_USEC_PER_SEC },
    0,
    "Locked Out",
    "There were too many refused attempts. Try again in 10 minutes.",
    "error",
    "Try Again",
    FALSE },
};

static gboolean
has_begun_again (gpointer heard)
{
  return ((Heard *) heard)->n_begin == 5;
}

static gboolean
has_locked_again (gpointer heard)
{
  return ((Heard *) heard)->n_lock == 8;
}

static void
test_lock (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  GtkWidget *box = widget_test_find (widget, "verdict_box"),
            *button = widget_test_find (widget, "lock_button"),
            *title = widget_test_find (widget, "verdict_label");
  LkLockBadge *badge = find_badge (widget);
  static const char *const classes[] = { "success", "error", "warning" };

  make_ready (page);
  for (guint i = 0; i < G_N_ELEMENTS (locks); i++)
    {
      int n = heard.n_begin + heard.n_lock;

      g_test_message ("lock %u", i);
      lk_verify_page_show_lock (page, &locks[i].status, locks[i].n_left);
      g_assert_cmpstr (text (page, "verdict_label"), ==, locks[i].title);
      g_assert_cmpstr (text (page, "detail_label"), ==, locks[i].detail);
      for (guint k = 0; k < G_N_ELEMENTS (classes); k++)
        g_assert_cmpint (gtk_widget_has_css_class (box, classes[k]), ==,
                         g_strcmp0 (classes[k], locks[i].css_class) == 0);
      g_assert_cmpstr (text (page, "lock_button"), ==, locks[i].button);
      g_assert_cmpint (gtk_widget_is_sensitive (button), ==, locks[i].button_works);
      g_assert_cmpint (lk_lock_badge_get_state (badge), ==, locks[i].status.state);
      gtk_widget_activate_action (widget, "verify.toggle", NULL);
      g_assert_cmpint (heard.n_begin + heard.n_lock - n, ==, locks[i].button_works);
      /* For those who hear the screen. */
      gtk_test_accessible_assert_role (title, GTK_ACCESSIBLE_ROLE_STATUS);
      gtk_test_accessible_assert_property (title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                           locks[i].detail);
      gtk_test_accessible_assert_property (GTK_WIDGET (badge), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                           locks[i].status.state == LK_LOCK_ACCEPTED ? "Open"
                                                                                     : "Locked");
    }
  g_assert_cmpint (heard.n_begin, ==, 4); /* locked, locked, refused, refused */
  g_assert_cmpint (heard.n_lock, ==, 7);

  /* By keyboard, too. */
  lk_verify_page_show_lock (page, &locks[0].status, 0);
  if (widget_test_press (window, "l")) /* it is locked already */
    {
      widget_test_press (window, "u");
      widget_test_wait (has_begun_again, &heard);
      g_assert_cmpint (heard.n_lock, ==, 7);
      lk_verify_page_show_lock (page, &locks[7].status, 0);
      widget_test_press (window, "u"); /* it is open already */
      widget_test_press (window, "l");
      widget_test_wait (has_locked_again, &heard);
      g_assert_cmpint (heard.n_begin, ==, 5);
    }
  g_assert_true (gtk_widget_activate_action (widget, "verify.show-attempts", NULL));
  g_assert_cmpint (heard.n_attempts, ==, 1);
  widget_test_close (window, widget);
}

/* Over the picture nothing else is said than what the head is to do. */
static void
test_challenge (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  GtkWidget *advice = widget_test_find (widget, "advice_revealer");
  LkLockStatus asks = { .state = LK_LOCK_CHALLENGE,
                        .is_trying = TRUE,
                        .turn = 1,
                        .sentence = "Turn your head to the right." };
  LkLockStatus checks = { .state = LK_LOCK_CHECKING, .is_trying = TRUE };
  LkSighting seen = { .has_face = TRUE, .warning = LK_QUALITY_YAW };

  make_ready (page);
  lk_verify_page_show_lock (page, &asks, 0);
  for (int i = 0; i < 2; i++)
    {
      lk_verify_page_show_sighting (page, &seen, NULL);
      widget_test_spin (750);
      g_assert_cmpstr (text (page, "advice_label"), ==, "Turn your head to the right.");
      g_assert_true (gtk_revealer_get_reveal_child (GTK_REVEALER (advice)));
    }
  lk_verify_page_show_lock (page, &checks, 0);
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (advice)));
  widget_test_close (window, widget);
}

/* A sentence stays long enough to be read, while frames say different things. */
static void
test_advice (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  g_autoptr (GError) dark = g_error_new_literal (LK_RETRY, LK_RETRY_TOO_DARK, "Light.");
  g_autoptr (GError) damaged = g_error_new_literal (LK_ERROR, LK_ERROR_FORMAT, "It is damaged.");
  LkLockStatus status = { .state = LK_LOCK_ADVICE, .is_trying = TRUE, .sentence = "Light." };
  LkSighting seen = { .warning = -1 };

  make_ready (page);
  show_check (page, 3, TRUE);
  lk_verify_page_show_sighting (page, &seen, dark);
  g_assert_cmpstr (text (page, "score_label"), ==, "–"); /* no score of an older frame */
  lk_verify_page_show_lock (page, &status, 0);
  status.sentence = "Hold still.";
  lk_verify_page_show_lock (page, &status, 0);
  g_assert_cmpstr (text (page, "detail_label"), ==, "Light.");
  widget_test_spin (750);
  lk_verify_page_show_lock (page, &status, 0);
  g_assert_cmpstr (text (page, "detail_label"), ==, "Hold still.");

  /* What is not about the face, but keeps any from being found, is said over the picture. */
  for (int i = 0; i < 2; i++)
    {
      lk_verify_page_show_sighting (page, &seen, damaged);
      widget_test_spin (750);
    }
  g_assert_cmpstr (text (page, "advice_label"), ==, "It is damaged.");
  widget_test_close (window, widget);
}

/* Among several: whose anchors are shown, and by how much one is ahead. */
static void
test_several (void)
{
  Heard heard = { 0 };
  LkVerifyPage *page = make_page (&heard);
  GtkWidget *widget = GTK_WIDGET (page), *window = widget_test_host (widget, 1000, 700);
  LkAnchorStrip *strip = LK_ANCHOR_STRIP (widget_test_find (widget, "strip"));
  g_autoptr (GPtrArray) people = widget_test_people (2, "Ada", "Grace", NULL);
  float scores[] = { 0.9f, 0.9f, 0.1f, 0.1f, 0.1f };
  LkMatch matches[] = { { "Ada", 0, 2 }, { "Grace", 2, 3 } };
  g_autoptr (LkImage) crop = cartoon_new (100, 100, 0, 0);
  LkCheck check = {
    .n_anchors = 5, .scores = scores, .n_people = 2, .people = matches, .crop = crop
  };

  lk_verify_page_set_model (page, "siamese", TRUE, NULL);
  lk_verify_page_set_people (page, people, NULL);
  g_assert_null (lk_verify_page_get_person (page));
  set_anchors (page, 5);
  g_assert_false (is_visible (page, "ranking"));
  lk_policy_decide (&LK_POLICY_DEFAULT, &check);
  lk_verify_page_show_check (page, &check);
  g_assert_true (is_visible (page, "ranking"));
  g_assert_cmpint (lk_anchor_strip_get_n_anchors (strip), ==, 2);
  g_assert_cmpstr (text (page, "score_label"), ==, "0.89");
  g_assert_cmpstr (text (page, "share_label"), ==, "100 %");

  /* A frame that says otherwise does not turn the page over; half a second of them does. */
  for (int i = 0; i < 5; i++)
    scores[i] = i < 2 ? 0.1f : 0.9f;
  lk_policy_decide (&LK_POLICY_DEFAULT, &check);
  lk_verify_page_show_check (page, &check);
  g_assert_cmpint (lk_anchor_strip_get_n_anchors (strip), ==, 2);
  widget_test_spin (600);
  lk_verify_page_show_check (page, &check);
  g_assert_cmpint (lk_anchor_strip_get_n_anchors (strip), ==, 3);
  lk_verify_page_show_waiting (page);
  g_assert_false (is_visible (page, "ranking"));
  widget_test_close (window, widget);
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
      adw_expander_row_get_subtitle (ADW_EXPANDER_ROW (widget_test_find (widget, "times"))), ==,
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
  lk_verify_page_set_people (page, three, "Nobody"); /* unknown: everybody */
  g_assert_null (lk_verify_page_get_person (page));
  g_assert_cmpint (heard.n_people, ==, 0);

  g_assert_true (gtk_widget_activate_action (widget, "verify.next-person", NULL));
  g_assert_cmpint (heard.n_people, ==, 1);
  g_assert_cmpstr (heard.person, ==, "Ada");
  gtk_widget_activate_action (widget, "verify.next-person", NULL);
  gtk_widget_activate_action (widget, "verify.next-person", NULL);
  g_assert_cmpstr (heard.person, ==, "Grace");
  gtk_widget_activate_action (widget, "verify.next-person", NULL);
  g_assert_null (heard.person); /* and everybody again */

  lk_verify_page_set_people (page, one, "Ada");
  g_assert_cmpstr (lk_verify_page_get_person (page), ==, "Grace");
  g_assert_false (is_visible (page, "person_row"));
  g_assert_cmpint (heard.n_people, ==, 4);
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
  g_test_add_func ("/verify-page/lock", test_lock);
  g_test_add_func ("/verify-page/advice", test_advice);
  g_test_add_func ("/verify-page/challenge", test_challenge);
  g_test_add_func ("/verify-page/several", test_several);
  g_test_add_func ("/verify-page/scores", test_scores);
  g_test_add_func ("/verify-page/policy", test_policy);
  g_test_add_func ("/verify-page/people", test_people);
  g_test_add_func ("/verify-page/narrow", test_narrow);
  return g_test_run ();
}
