/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cartoon.h"
#include "lk-anchor-strip.h"
#include "lk-score-bar.h"
#include "widget-test.h"

#include <math.h>

/* How far the level reaches along the middle of the bar, in pixels. */
static int
measure_level (GtkWidget *bar)
{
  int width, height, n = 0;
  g_autofree guint8 *pixels = widget_test_draw (bar, &width, &height);

  for (int x = 0; x < width; x++)
    {
      const guint8 *p = pixels + 4 * ((height / 2) * width + x);

      n += ABS (p[0] - p[1]) > 40 || ABS (p[1] - p[2]) > 40; /* green or red, not grey */
    }
  return n;
}

static void
test_bar (void)
{
  GtkWidget *bar = lk_score_bar_new (), *window = widget_test_host (bar, 420, 60);
  LkScoreBar *self = LK_SCORE_BAR (bar);
  int width;

  g_assert_true (isnan (lk_score_bar_get_score (self)));
  g_assert_cmpint (measure_level (bar), ==, 0);
  gtk_test_accessible_assert_role (bar, GTK_ACCESSIBLE_ROLE_METER);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, "No score");

  lk_score_bar_set_threshold (self, 0.9);
  lk_score_bar_set_score (self, 0.25, LK_MARK_BAD);
  width = gtk_widget_get_width (bar);
  g_assert_cmpint (ABS (measure_level (bar) - width / 4), <=, 3);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, 0.25);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       "0.25, threshold 0.90");

  lk_score_bar_set_score (self, 0.75, LK_MARK_GOOD);
  g_assert_cmpint (ABS (measure_level (bar) - width * 3 / 4), <=, 3);
  lk_score_bar_set_score (self, NAN, LK_MARK_GOOD);
  g_assert_cmpint (measure_level (bar), ==, 0);
  widget_test_close (window, bar);
}

/* What it says is the score at once, wherever the level is on its way. */
static void
test_glide (void)
{
  GtkWidget *bar = lk_score_bar_new (), *window = widget_test_host (bar, 420, 60);
  LkScoreBar *self = LK_SCORE_BAR (bar);
  int first, last;

  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", TRUE, NULL);
  lk_score_bar_set_score (self, 0.1, LK_MARK_GOOD);
  widget_test_spin (300);
  lk_score_bar_set_score (self, 0.9, LK_MARK_GOOD);
  gtk_test_accessible_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, 0.9);
  first = measure_level (bar);
  widget_test_spin (400);
  last = measure_level (bar);
  g_assert_cmpint (first, <, last);
  g_assert_cmpint (ABS (last - gtk_widget_get_width (bar) * 9 / 10), <=, 4);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);

  /* Gone while it glides. */
  lk_score_bar_set_score (self, 0.2, LK_MARK_GOOD);
  widget_test_close (window, bar);
}

static GPtrArray *
make_anchors (int n)
{
  GPtrArray *anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);

  for (int i = 0; i < n; i++)
    g_ptr_array_add (anchors, cartoon_new (32, 32, i, i));
  return anchors;
}

static GtkWidget *
find_tile (GtkWidget *root, int *skip)
{
  if (g_str_equal (G_OBJECT_TYPE_NAME (root), "LkAnchorTile") && (*skip)-- == 0)
    return root;
  for (GtkWidget *c = gtk_widget_get_first_child (root); c; c = gtk_widget_get_next_sibling (c))
    {
      GtkWidget *hit = find_tile (c, skip);

      if (hit != NULL)
        return hit;
    }
  return NULL;
}

static GtkWidget *
get_tile (GtkWidget *strip, int i)
{
  return find_tile (strip, &i);
}

static void
show_scores (LkAnchorStrip *strip, float *scores, int n, double threshold)
{
  LkCheck check = {
    .policy.detection = threshold, .n_anchors = n, .scores = scores, .best = -1, .second = -1
  };

  lk_anchor_strip_show_check (strip, &check);
}

static void
test_strip (void)
{
  GtkWidget *strip = lk_anchor_strip_new (), *window = widget_test_host (strip, 500, 140);
  LkAnchorStrip *self = LK_ANCHOR_STRIP (strip);
  g_autoptr (GPtrArray) three = make_anchors (3), two = make_anchors (2);
  float scores[3] = { 0.876f, 0.5f, 0.123f };
  GtkWidget *tile;

  lk_anchor_strip_set_anchors (self, three);
  g_assert_cmpint (lk_anchor_strip_get_n_anchors (self), ==, 3);
  tile = get_tile (strip, 0);
  gtk_test_accessible_assert_role (tile, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (tile, GTK_ACCESSIBLE_PROPERTY_LABEL, "Anchor 1");

  widget_test_spin (600); /* assistive technology is not told 30 times a second */
  show_scores (self, scores, 3, 0.5);
  g_assert_true (get_tile (strip, 0) == tile); /* none is made anew */
  gtk_test_accessible_assert_property (tile, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Anchor 1: 0.87, a match");
  gtk_test_accessible_assert_property (get_tile (strip, 1), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Anchor 2: 0.50, no match"); /* above, not at */
  gtk_test_accessible_assert_property (get_tile (strip, 2), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Anchor 3: 0.12, no match");

  widget_test_spin (600);
  show_scores (self, scores, 2, 0.5); /* of other anchors */
  gtk_test_accessible_assert_property (tile, GTK_ACCESSIBLE_PROPERTY_LABEL, "Anchor 1");
  lk_anchor_strip_set_anchors (self, two);
  g_assert_cmpint (lk_anchor_strip_get_n_anchors (self), ==, 2);
  g_assert_null (get_tile (strip, 2));
  widget_test_close (window, strip);
}

static int n_layouts;

static void
on_layout (GdkFrameClock *clock, gpointer data)
{
  n_layouts++;
}

/* 200 anchors, many checks: quick, and no layout. */
static void
test_many (void)
{
  GtkWidget *strip = lk_anchor_strip_new (), *window = widget_test_host (strip, 500, 140);
  LkAnchorStrip *self = LK_ANCHOR_STRIP (strip);
  g_autoptr (GPtrArray) anchors = make_anchors (200);
  GdkFrameClock *clock;
  float scores[200];
  gint64 spent = 0;
  gulong id;

  lk_anchor_strip_set_anchors (self, anchors);
  widget_test_spin (200);
  clock = gtk_widget_get_frame_clock (strip);
  id = g_signal_connect (clock, "layout", G_CALLBACK (on_layout), NULL);
  n_layouts = 0;
  for (int k = 0; k < 50; k++)
    {
      gint64 start = g_get_monotonic_time ();

      for (int i = 0; i < 200; i++)
        scores[i] = (float) fabs (sin (k + i));
      show_scores (self, scores, 200, 0.5);
      spent += g_get_monotonic_time () - start;
      gtk_test_widget_wait_for_draw (window);
    }
  g_signal_handler_disconnect (clock, id);
  g_test_message ("200 scores set in %.3f ms", (double) spent / 50 / 1e3);
  g_assert_cmpint (spent / 50, <, 20000);
  g_assert_cmpint (n_layouts, <, 10);
  widget_test_close (window, strip);
}

int
main (int argc, char *argv[])
{
  widget_test_init (&argc, &argv);
  g_test_add_func ("/score-bar/score", test_bar);
  g_test_add_func ("/score-bar/glide", test_glide);
  g_test_add_func ("/anchor-strip/scores", test_strip);
  g_test_add_func ("/anchor-strip/many", test_many);
  return g_test_run ();
}
