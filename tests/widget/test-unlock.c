/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the Verify page is made of: the chart of scores, and the attempts. */
#include "cartoon.h"
#include "lk-attempts-window.h"
#include "lk-score-chart.h"
#include "widget-test.h"

#include <math.h>

static void
test_chart (void)
{
  GtkWidget *chart = lk_score_chart_new (), *window = widget_test_host (chart, 300, 100);
  LkScoreChart *self = LK_SCORE_CHART (chart);
  g_autofree guint8 *pixels = NULL;
  int width, height, above = 0, below = 0;

  for (int i = 0; i < 400; i++)
    lk_score_chart_append (self, G_USEC_PER_SEC + i * 40000, 0.5 + 0.4 * sin (i * 0.1));
  g_assert_cmpint (lk_score_chart_get_n_points (self), ==, 251); /* of ten seconds */
  lk_score_chart_append (self, 17 * G_USEC_PER_SEC, (double) NAN);
  lk_score_chart_append (self, 18 * G_USEC_PER_SEC, (double) NAN); /* one gap is enough */
  g_assert_cmpint (lk_score_chart_get_n_points (self), <=, 251);
  widget_test_spin (100);
  pixels = widget_test_draw (chart, &width, &height);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        guint colour = widget_test_pixel (pixels, width, x, y);
        int red = (int) (colour >> 16), green = (int) (colour >> 8 & 0xff);

        if (green > red + 60)
          above += y < height / 2 ? 1 : -1000;
        if (red > green + 60)
          below += y >= height / 2 - 2 ? 1 : -1000;
      }
  g_assert_cmpint (above, >, 100); /* what matches is above the threshold, */
  g_assert_cmpint (below, >, 100); /* and what does not, below */
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_LABEL, "Score history");
  lk_score_chart_clear (self);
  g_assert_cmpint (lk_score_chart_get_n_points (self), ==, 0);
  widget_test_close (window, chart);
}

static gboolean
has_text (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL &&
      gtk_widget_get_mapped (widget))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (has_text (child, text))
      return TRUE;
  return FALSE;
}

static void
test_attempts (void)
{
  GtkWidget *window = lk_attempts_window_new (NULL);
  LkAttempt attempt = { .when = 1772389800, .person = (char *) "A<b> & C", .score = 0.31 };
  g_autoptr (LkImage) picture = cartoon_new (640, 480, 0, 0);

  g_assert_false (gtk_window_get_modal (GTK_WINDOW (window))); /* it is for reading */
  gtk_window_present (GTK_WINDOW (window));
  widget_test_spin (200);
  g_assert_true (has_text (window, "No Attempts Yet"));
  lk_attempts_window_add (LK_ATTEMPTS_WINDOW (window), &attempt, picture);
  widget_test_spin (200);
  g_assert_false (has_text (window, "No Attempts Yet"));
  g_assert_true (has_text (window, "Refused as A<b> & C")); /* a name is no markup */
  g_assert_true (has_text (window, "score 0.31"));
  widget_test_assert_named (window);
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/unlock/chart", test_chart);
  g_test_add_func ("/unlock/attempts", test_attempts);
  return g_test_run ();
}
