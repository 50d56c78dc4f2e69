/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-preferences.h"
#include "widget-test.h"

typedef struct
{
  int n, kind, n_find;
  double refuse;
} Heard;

static void
on_limit_changed (LkPreferences *preferences, int kind, double refuse, Heard *heard)
{
  heard->n++;
  heard->kind = kind;
  heard->refuse = refuse;
}

static void
on_find_face (LkPreferences *preferences, GParamSpec *spec, Heard *heard)
{
  heard->n_find++;
}

/* The spin button that a screen reader calls so. */
static GtkSpinButton *
find_spin (GtkWidget *root, const char *row_title)
{
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkSpinButton *found;

      if (GTK_IS_SPIN_BUTTON (child))
        {
          GtkWidget *row = gtk_widget_get_ancestor (child, ADW_TYPE_ACTION_ROW);

          if (g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (row)), row_title))
            return GTK_SPIN_BUTTON (child);
        }
      found = find_spin (child, row_title);
      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
test_limits (void)
{
  GtkWidget *preferences = lk_preferences_new (NULL);
  LkPreferences *self = LK_PREFERENCES (preferences);
  GtkSpinButton *eyes = find_spin (preferences, "Distance between the eyes");
  GtkSpinButton *light = find_spin (preferences, "Brightness");
  LkQualityLimits limits;
  Heard heard = { 0 };
  gboolean find;

  g_signal_connect (self, "limit-changed", G_CALLBACK (on_limit_changed), &heard);
  g_signal_connect (self, "notify::find-face", G_CALLBACK (on_find_face), &heard);
  for (int i = 0; i < LK_N_QUALITIES; i++) /* a row each, with what holds */
    g_assert_cmpfloat_with_epsilon (
        gtk_spin_button_get_value (find_spin (preferences, lk_quality_get_info (i)->name)),
        lk_quality_get_info (i)->refuse, 1e-9);

  lk_quality_limits_init (&limits);
  limits.refuse[LK_QUALITY_EYE_DISTANCE] = 30;
  lk_preferences_set_limits (self, &limits);
  g_assert_cmpint (heard.n, ==, 0); /* a setter emits nothing */
  g_assert_cmpfloat (gtk_spin_button_get_value (eyes), ==, 30);

  gtk_spin_button_set_value (eyes, 40);
  g_assert_cmpint (heard.n, ==, 1);
  g_assert_cmpint (heard.kind, ==, LK_QUALITY_EYE_DISTANCE);
  g_assert_cmpfloat (heard.refuse, ==, 40);
  gtk_spin_button_set_value (light, 60);
  g_assert_cmpint (heard.kind, ==, LK_QUALITY_UNDER_EXPOSURE);

  gtk_widget_activate_action (preferences, "preferences.reset-limits", NULL);
  g_assert_cmpint (heard.n, ==, 4);
  g_assert_cmpfloat (gtk_spin_button_get_value (eyes), ==,
                     lk_quality_get_info (LK_QUALITY_EYE_DISTANCE)->refuse);
  gtk_widget_activate_action (preferences, "preferences.reset-limits", NULL); /* nothing to do */
  g_assert_cmpint (heard.n, ==, 4);

  /* In the guide frame, only the light is judged. */
  g_object_set (self, "find-face", FALSE, NULL);
  g_assert_cmpint (heard.n_find, ==, 1);
  g_object_get (self, "find-face", &find, NULL);
  g_assert_false (find);
  g_assert_false (gtk_widget_is_sensitive (GTK_WIDGET (eyes)));
  g_assert_true (gtk_widget_is_sensitive (GTK_WIDGET (light)));
  g_object_set (self, "find-face", TRUE, NULL);
  g_assert_true (gtk_widget_is_sensitive (GTK_WIDGET (eyes)));
  gtk_window_destroy (GTK_WINDOW (preferences));
}

static void
test_way (void)
{
  GtkWidget *preferences = lk_preferences_new (NULL);
  AdwComboRow *row = ADW_COMBO_ROW (widget_test_find (preferences, "way_row"));
  int n = 0;
  gboolean vote;

  g_signal_connect_swapped (preferences, "notify::vote", G_CALLBACK (widget_test_count), &n);
  g_object_get (preferences, "vote", &vote, NULL);
  g_assert_false (vote);
  adw_combo_row_set_selected (row, 1);
  g_object_get (preferences, "vote", &vote, NULL);
  g_assert_true (vote);
  g_assert_cmpint (n, ==, 1);
  g_object_set (preferences, "vote", FALSE, NULL);
  g_assert_cmpuint (adw_combo_row_get_selected (row), ==, 0);
  gtk_window_destroy (GTK_WINDOW (preferences));
}

static void
test_unlocking (void)
{
  GtkWidget *preferences = lk_preferences_new (NULL);
  GtkSpinButton *relock = find_spin (preferences, "Seconds Until It Locks Again");
  GtkSpinButton *lockout = find_spin (preferences, "Refused Attempts Before a Wait");
  GtkSwitch *liveness = GTK_SWITCH (widget_test_find (preferences, "liveness_switch"));
  int n_relock = 0, n_lockout = 0, n_liveness = 0, value;
  gboolean asks;

  g_signal_connect_swapped (preferences, "notify::relock-seconds", G_CALLBACK (widget_test_count),
                            &n_relock);
  g_signal_connect_swapped (preferences, "notify::lockout-attempts", G_CALLBACK (widget_test_count),
                            &n_lockout);
  g_signal_connect_swapped (preferences, "notify::liveness", G_CALLBACK (widget_test_count),
                            &n_liveness);
  g_object_get (preferences, "liveness", &asks, NULL);
  g_assert_false (asks);
  gtk_switch_set_active (liveness, TRUE);
  g_object_get (preferences, "liveness", &asks, NULL);
  g_assert_true (asks);
  g_assert_cmpint (n_liveness, ==, 1);
  g_object_set (preferences, "liveness", FALSE, NULL);
  g_assert_false (gtk_switch_get_active (liveness));
  g_object_get (preferences, "offer-pictures", &asks, NULL);
  g_assert_false (asks);
  gtk_switch_set_active (GTK_SWITCH (widget_test_find (preferences, "offer_switch")), TRUE);
  g_object_get (preferences, "offer-pictures", &asks, NULL);
  g_assert_true (asks);
  gtk_spin_button_set_value (relock, 0);
  g_object_get (preferences, "relock-seconds", &value, NULL);
  g_assert_cmpint (value, ==, 0);
  g_assert_cmpint (n_relock, ==, 1);
  gtk_spin_button_set_value (lockout, 0); /* one at least */
  g_object_get (preferences, "lockout-attempts", &value, NULL);
  g_assert_cmpint (value, ==, 1);
  g_assert_cmpint (n_lockout, ==, 1);
  g_object_set (preferences, "relock-seconds", 60, "lockout-attempts", 3, NULL);
  g_assert_cmpint (gtk_spin_button_get_value_as_int (relock), ==, 60);
  g_assert_cmpint (gtk_spin_button_get_value_as_int (lockout), ==, 3);
  gtk_window_destroy (GTK_WINDOW (preferences));
}

int
main (int argc, char **argv)
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/preferences/limits", test_limits);
  g_test_add_func ("/preferences/way", test_way);
  g_test_add_func ("/preferences/unlocking", test_unlocking);
  return g_test_run ();
}
