/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-attack-page.h"
#include "lk-evaluate-page.h"
#include "lk-turn-hint.h"
#include "widget-test.h"

#include <string.h>

static LkAttackPage *
make_page (GtkWidget **window)
{
  GtkWidget *page = lk_attack_page_new ();

  *window = widget_test_host (page, 1000, 700);
  return LK_ATTACK_PAGE (page);
}

static const char *
text (LkAttackPage *page, const char *id)
{
  return widget_test_text (GTK_WIDGET (page), id);
}

static gboolean
is_shown (LkAttackPage *page, const char *id)
{
  return gtk_widget_get_visible (widget_test_find (GTK_WIDGET (page), id));
}

static gboolean
can (LkAttackPage *page, const char *id)
{
  return gtk_widget_is_sensitive (widget_test_find (GTK_WIDGET (page), id));
}

static GtkCheckButton *
find_check (GtkWidget *widget, const char *title)
{
  GtkCheckButton *found = NULL;

  if (ADW_IS_ACTION_ROW (widget) &&
      g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0)
    return GTK_CHECK_BUTTON (adw_action_row_get_activatable_widget (ADW_ACTION_ROW (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_check (child, title);
  return found;
}

/* The row of a kind, by its title. */
static const char *
find_subtitle (GtkWidget *widget, const char *title)
{
  const char *found = NULL;

  if (ADW_IS_ACTION_ROW (widget) &&
      g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)), title) == 0)
    return adw_action_row_get_subtitle (ADW_ACTION_ROW (widget));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_subtitle (child, title);
  return found;
}

static void
test_tries (void)
{
  GtkWidget *window;
  LkAttackPage *page = make_page (&window);
  LkLockStatus status = { .state = LK_LOCK_CHALLENGE,
                          .is_trying = TRUE,
                          .turn = -1,
                          .progress = 0.5,
                          .sentence = "Turn your head to the left." };
  const LkPresentation refused = { LK_SHOWN_PRINT, TRUE, FALSE };
  const LkPresentation opened = { LK_SHOWN_FILM, TRUE, TRUE };
  int n_started = 0, n_stopped = 0, n_back = 0;

  g_signal_connect_swapped (page, "start", G_CALLBACK (widget_test_count), &n_started);
  g_signal_connect_swapped (page, "stop", G_CALLBACK (widget_test_count), &n_stopped);
  g_signal_connect_swapped (page, "back", G_CALLBACK (widget_test_count), &n_back);
  lk_attack_page_show_ready (page, "Enrol somebody.");
  g_assert_cmpstr (text (page, "detail_label"), ==, "Enrol somebody.");
  g_assert_false (can (page, "start_button"));
  gtk_widget_activate_action (GTK_WIDGET (page), "attacks.start", NULL);
  g_assert_cmpint (n_started, ==, 0);
  lk_attack_page_show_ready (page, NULL);
  g_assert_cmpstr (text (page, "state_label"), ==, "Ready");
  g_assert_true (can (page, "start_button"));
  g_assert_cmpint (lk_attack_page_get_shown (page), ==, LK_SHOWN_PERSON);
  gtk_check_button_set_active (find_check (GTK_WIDGET (page), "A Film on a Screen"), TRUE);
  g_assert_cmpint (lk_attack_page_get_shown (page), ==, LK_SHOWN_FILM);
  gtk_widget_activate_action (GTK_WIDGET (page), "attacks.next-kind", NULL);
  g_assert_cmpint (lk_attack_page_get_shown (page), ==, LK_SHOWN_PERSON);
  gtk_widget_activate_action (GTK_WIDGET (page), "attacks.next-kind", NULL);
  g_assert_cmpint (lk_attack_page_get_shown (page), ==, LK_SHOWN_PRINT);
  g_assert_cmpint (lk_attack_page_get_n_tries (page), ==, 10);
  gtk_widget_activate_action (GTK_WIDGET (page), "attacks.start", NULL);
  g_assert_cmpint (n_started, ==, 1);

  lk_attack_page_show_try (page, 3, 10, &status);
  g_assert_cmpstr (text (page, "state_label"), ==, "3 of 10: Are You There?");
  g_assert_cmpstr (text (page, "detail_label"), ==, "Turn your head to the left.");
  g_assert_cmpstr (widget_test_text (GTK_WIDGET (lk_attack_page_get_view (page)), "advice_label"),
                   ==, "Turn your head to the left.");
  g_assert_false (is_shown (page, "start_button"));
  g_assert_true (is_shown (page, "stop_button"));
  g_assert_false (can (page, "tries_row"));
  g_assert_false (
      gtk_widget_is_sensitive (GTK_WIDGET (find_check (GTK_WIDGET (page), "A Film on a Screen"))));
  lk_attack_page_show_end (page, 3, 10, &refused, "It moved like paper.");
  g_assert_cmpstr (text (page, "state_label"), ==, "3 of 10: Opened without the Turn");
  g_assert_nonnull (strstr (text (page, "detail_label"), "It moved like paper. The next"));
  lk_attack_page_show_end (page, 10, 10, &opened, NULL);
  g_assert_cmpstr (text (page, "state_label"), ==, "10 of 10: Opened");
  g_assert_null (strstr (text (page, "detail_label"), "next"));
  lk_attack_page_show_end (page, 4, 10, NULL, "Nobody was seen.");
  g_assert_cmpstr (text (page, "state_label"), ==, "4 of 10: Not Counted");
  gtk_widget_activate_action (GTK_WIDGET (page), "attacks.stop", NULL);
  g_assert_cmpint (n_stopped, ==, 1);
  lk_attack_page_show_ready (page, NULL);
  g_assert_true (is_shown (page, "start_button"));
  g_assert_true (can (page, "tries_row"));
  gtk_widget_activate_action (GTK_WIDGET (page), "attacks.back", NULL);
  g_assert_cmpint (n_back, ==, 1);
  widget_test_assert_named (GTK_WIDGET (page));
  widget_test_close (window, GTK_WIDGET (page));
}

static void
test_rates (void)
{
  GtkWidget *window;
  LkAttackPage *page = make_page (&window);
  LkPresentation tries[] = { { LK_SHOWN_PRINT, TRUE, TRUE },    { LK_SHOWN_PRINT, TRUE, FALSE },
                             { LK_SHOWN_PRINT, TRUE, FALSE },   { LK_SHOWN_PRINT, FALSE, FALSE },
                             { LK_SHOWN_SCREEN, FALSE, FALSE }, { LK_SHOWN_PERSON, TRUE, FALSE },
                             { LK_SHOWN_PERSON, TRUE, TRUE } };
  LkShownRates rates[LK_N_SHOWN];
  int n_forgotten = 0;

  g_signal_connect_swapped (page, "forget", G_CALLBACK (widget_test_count), &n_forgotten);
  g_assert_cmpstr (find_subtitle (GTK_WIDGET (page), "A Print"), ==, "Not tried yet");
  g_assert_false (can (page, "forget_button"));
  lk_presentations_count (tries, G_N_ELEMENTS (tries), rates);
  lk_attack_page_show_rates (page, rates, "likeness");
  g_assert_cmpstr (find_subtitle (GTK_WIDGET (page), "A Print"), ==,
                   "Opened with the turn: 1 of 4, APCER 25 % (5 to 70)\n"
                   "Opened without: 3 of 4, APCER 75 % (30 to 95)");
  g_assert_cmpstr (find_subtitle (GTK_WIDGET (page), "Yourself"), ==,
                   "Refused with the turn: 1 of 2, BPCER 50 % (9 to 91)\n"
                   "Refused without: 0 of 2, BPCER 0 % (0 to 66)");
  g_assert_cmpstr (find_subtitle (GTK_WIDGET (page), "A Film on a Screen"), ==, "Not tried yet");
  g_assert_cmpstr (adw_preferences_group_get_description (
                       ADW_PREFERENCES_GROUP (widget_test_find (GTK_WIDGET (page), "shown_group"))),
                   ==, "An attacker chooses the worst: “A Print”, 25 %.");
  g_assert_nonnull (strstr (text (page, "about_label"), "“likeness”"));
  g_assert_nonnull (strstr (text (page, "about_label"), "no picture"));
  gtk_widget_activate_action (GTK_WIDGET (page), "attacks.forget", NULL);
  g_assert_cmpint (n_forgotten, ==, 1);
  widget_test_close (window, GTK_WIDGET (page));
}

/* The way there and back, in the Evaluate page. */
static void
on_shown (LkEvaluatePage *page, gboolean is_shown, gpointer data)
{
  *(int *) data += is_shown ? 1 : 100;
}

static void
test_way (void)
{
  GtkWidget *page = lk_evaluate_page_new (), *window = widget_test_host (page, 1000, 700);
  GtkWidget *attacks = GTK_WIDGET (lk_evaluate_page_get_attacks (LK_EVALUATE_PAGE (page)));
  int told = 0;

  g_signal_connect (page, "attacks-shown", G_CALLBACK (on_shown), &told);
  g_assert_false (gtk_widget_get_child_visible (attacks));
  gtk_widget_activate_action (page, "evaluate.attacks", NULL);
  g_assert_cmpint (told, ==, 1);
  g_assert_true (gtk_widget_get_child_visible (attacks));
  gtk_widget_activate_action (attacks, "attacks.back", NULL);
  g_assert_cmpint (told, ==, 101);
  widget_test_close (window, page);
}

/* Which thirds differ from the picture of nothing: 1 the left, 2, 4 the right. */
static guint
find_ink (GtkWidget *hint, const guint8 *nothing)
{
  int width, height;
  g_autofree guint8 *pixels = widget_test_draw (hint, &width, &height);
  guint sides = 0;

  for (int i = 0; i < width * height; i++)
    if (memcmp (pixels + 4 * i, nothing + 4 * i, 3) != 0)
      sides |= i % width < width / 3 ? 1 : i % width >= 2 * width / 3 ? 4 : 2;
  return sides;
}

static void
test_hint (void)
{
  GtkWidget *hint = lk_turn_hint_new (), *window = widget_test_host (hint, 300, 200);
  LkTurnHint *self = LK_TURN_HINT (hint);
  int width, height;
  g_autofree guint8 *nothing = widget_test_draw (hint, &width, &height);

  lk_turn_hint_set (self, -1, TRUE);
  g_assert_cmpuint (find_ink (hint, nothing), ==, 1); /* in a mirror the left is at the left */
  lk_turn_hint_set (self, -1, FALSE);
  g_assert_cmpuint (find_ink (hint, nothing), ==, 4);
  lk_turn_hint_set (self, 1, TRUE);
  g_assert_cmpuint (find_ink (hint, nothing), ==, 4);
  lk_turn_hint_set (self, 0, TRUE);
  g_assert_cmpuint (find_ink (hint, nothing), ==, 0);
  widget_test_close (window, hint);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/attack-page/tries", test_tries);
  g_test_add_func ("/attack-page/rates", test_rates);
  g_test_add_func ("/attack-page/way", test_way);
  g_test_add_func ("/attack-page/hint", test_hint);
  return g_test_run ();
}
