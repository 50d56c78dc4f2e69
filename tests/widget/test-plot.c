/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lk-histogram.h"
#include "lk-plot.h"
#include "widget-test.h"

#include <math.h>

/* Pixels that are no grey: what is drawn in a line's own colour. */
static int
count_colour (GtkWidget *widget)
{
  int width, height, n = 0;
  g_autofree guint8 *pixels = widget_test_draw (widget, &width, &height);

  for (int i = 0; i < width * height; i++)
    n += ABS (pixels[4 * i] - pixels[4 * i + 2]) > 40;
  return n;
}

static void
test_points (void)
{
  GtkWidget *plot = lk_plot_new (), *window = widget_test_host (plot, 500, 300);
  LkPlot *self = LK_PLOT (plot);
  int a, b, before;

  lk_plot_set_labels (self, "Loss", "epoch");
  gtk_test_accessible_assert_property (plot, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "No points yet");
  a = lk_plot_add_series (self, "training");
  b = lk_plot_add_series (self, "validation");
  before = count_colour (plot); /* the legend */
  lk_plot_append (self, a, 1, 0.9);
  lk_plot_append (self, a, 2, 0.5);
  lk_plot_append (self, b, 1, 0.7);
  lk_plot_append (self, b, 2, NAN); /* a gap: the last value is the one before */
  g_assert_cmpint (lk_plot_get_n_points (self, a), ==, 2);
  g_assert_cmpint (lk_plot_get_n_points (self, b), ==, 2);
  gtk_test_accessible_assert_role (plot, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (plot, GTK_ACCESSIBLE_PROPERTY_LABEL, "Loss");
  gtk_test_accessible_assert_property (plot, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "training 0.500; validation 0.700");
  g_assert_cmpint (count_colour (plot), >, before + 300);
  lk_plot_rewind (self, a, 2); /* and not b's */
  g_assert_cmpint (lk_plot_get_n_points (self, a), ==, 1);
  g_assert_cmpint (lk_plot_get_n_points (self, b), ==, 2);
  gtk_test_accessible_assert_property (plot, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "training 0.900; validation 0.700");
  lk_plot_clear (self);
  g_assert_cmpint (lk_plot_get_n_points (self, a), ==, 0);
  g_assert_cmpint (count_colour (plot), ==, before);
  widget_test_close (window, plot);
}

/* A gap splits a line; a point alone is still seen. */
static void
test_gap (void)
{
  GtkWidget *plot = lk_plot_new (), *window = widget_test_host (plot, 500, 300);
  LkPlot *self = LK_PLOT (plot);
  int s = lk_plot_add_series (self, "line"), empty = count_colour (plot), whole, gap;

  for (int i = 0; i <= 10; i++)
    lk_plot_append (self, s, i, 0.5);
  whole = count_colour (plot);
  lk_plot_clear (self);
  for (int i = 0; i <= 10; i++)
    lk_plot_append (self, s, i, i > 2 && i < 8 ? NAN : 0.5);
  gap = count_colour (plot);
  g_assert_cmpint (gap - empty, >, (whole - empty) / 4);
  g_assert_cmpint (gap - empty, <, (whole - empty) * 2 / 3);
  lk_plot_clear (self);
  lk_plot_append (self, s, 0, NAN);
  lk_plot_append (self, s, 5, 0.5);
  lk_plot_append (self, s, 10, NAN);
  g_assert_cmpint (count_colour (plot), >, empty);
  widget_test_close (window, plot);
}

static void
draw (GtkWidget *plot)
{
  int width, height;

  g_free (widget_test_draw (plot, &width, &height));
}

/* Numbers that no training should give: the axes must end. */
static void
test_extremes (void)
{
  static const double values[] = {
    0,   -0.0, 1e-300, -1e-300, 1e29,        -1e29,       1e300,
    NAN, -NAN, 5e-324, 1.0,     1.0 + 4e-16, 123456789.0, -INFINITY
  };
  GtkWidget *plot = lk_plot_new (), *window = widget_test_host (plot, 300, 200);
  LkPlot *self = LK_PLOT (plot);
  int s = lk_plot_add_series (self, "line");

  draw (plot);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (guint k = 0; k < G_N_ELEMENTS (values); k++)
      {
        lk_plot_clear (self);
        lk_plot_append (self, s, MIN (values[i], values[k]), values[i]);
        lk_plot_append (self, s, MAX (values[i], values[k]), values[k]);
        lk_plot_set_marker (self, values[i], "here");
        gtk_widget_queue_draw (plot);
        gtk_test_widget_wait_for_draw (window);
      }
  lk_plot_set_y_range (self, 0, 1);
  draw (plot);
  widget_test_close (window, plot);
}

static void
test_many (void)
{
  GtkWidget *plot = lk_plot_new (), *window = widget_test_host (plot, 600, 300);
  LkPlot *self = LK_PLOT (plot);
  int s = lk_plot_add_series (self, "line"), empty = count_colour (plot), with;
  gint64 start, spent;

  for (int i = 0; i < 10000; i++)
    lk_plot_append (self, s, i, i % 2);
  g_assert_cmpint (lk_plot_get_n_points (self, s), ==, 10000);
  g_assert_cmpint (count_colour (plot) - empty, >, 300 * 100);

  /* One point among so many is still seen, down or up. */
  lk_plot_set_y_range (self, 0, 1);
  for (int up = 0; up < 2; up++)
    {
      lk_plot_clear (self);
      for (int i = 0; i < 10000; i++)
        lk_plot_append (self, s, i, i == 5003 ? up : 0.5);
      with = count_colour (plot);
      lk_plot_clear (self);
      for (int i = 0; i < 10000; i++)
        lk_plot_append (self, s, i, 0.5);
      g_assert_cmpint (with, >, count_colour (plot) + 60);
    }
  lk_plot_clear (self);
  for (int i = 0; i < 10000; i++)
    lk_plot_append (self, s, i, i % 2);
  start = g_get_monotonic_time ();
  for (int i = 0; i < 20; i++)
    {
      GtkSnapshot *snapshot = gtk_snapshot_new ();

      GTK_WIDGET_GET_CLASS (plot)->snapshot (plot, snapshot);
      gsk_render_node_unref (gtk_snapshot_free_to_node (snapshot));
    }
  spent = (g_get_monotonic_time () - start) / 20;
  g_test_message ("10,000 points drawn in %.1f ms", (double) spent / 1e3);
  g_assert_cmpint (spent, <, 200000); /* far above: sanitizers, busy machines */
  widget_test_close (window, plot);
}

static void
test_histogram (void)
{
  GtkWidget *histogram = lk_histogram_new (), *window = widget_test_host (histogram, 400, 200);
  const int genuine[4] = { 1, 2, 3, 14 }, impostor[4] = { 9, 5, 3, 1 }, none[4] = { 0 };

  g_assert_cmpint (count_colour (histogram), ==, 0);
  lk_histogram_set_counts (LK_HISTOGRAM (histogram), genuine, impostor, 4, 0.5);
  gtk_test_accessible_assert_property (
      histogram, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
      "Above the threshold of 0.50 lie 17 of 20 genuine pairs and 4 of 18 impostors");
  g_assert_cmpint (count_colour (histogram), >, 2000);
  lk_histogram_set_counts (LK_HISTOGRAM (histogram), none, none, 4, 0.5);
  g_assert_cmpint (count_colour (histogram), ==, 0);
  widget_test_close (window, histogram);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/plot/points", test_points);
  g_test_add_func ("/plot/gap", test_gap);
  g_test_add_func ("/plot/extremes", test_extremes);
  g_test_add_func ("/plot/many", test_many);
  g_test_add_func ("/histogram/counts", test_histogram);
  return g_test_run ();
}
