/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-score-chart"

#include "lk-score-chart.h"

#include "lk-mark.h"
#include "verify/lk-fusion.h"

#include <glib/gi18n.h>
#include <math.h>

#define HEIGHT   88
#define N_POINTS 512 /* ten seconds at up to 50 checks a second */
#define N_MARKS  8
#define ODDS_MAX 7.6                  /* log odds at the upper edge: 0.9995 */
#define GAP_US   (G_USEC_PER_SEC)     /* without a check for so long: no line across */
#define TELL_US  (2 * G_USEC_PER_SEC) /* how often a screen reader's words change */

typedef struct
{
  gint64 when_us;
  double score;
} Point;

typedef struct
{
  gint64 when_us; /* 0: none */
  gboolean good;
} Event;

struct _LkScoreChart
{
  GtkWidget parent_instance;

  Point points[N_POINTS]; /* a ring */
  int first, n;
  Event events[N_MARKS];
  int next_event;
  double threshold;
  gint64 told_us;
};

G_DEFINE_FINAL_TYPE (LkScoreChart, lk_score_chart, GTK_TYPE_WIDGET)

static const Point *
get_point (const LkScoreChart *self, int i)
{
  return &self->points[(self->first + i) % N_POINTS];
}

static gint64
get_end (const LkScoreChart *self)
{
  return self->n > 0 ? get_point (self, self->n - 1)->when_us : 0;
}

static double
to_y (double score, double height)
{
  double odds = CLAMP (lk_log_odds (score), -ODDS_MAX, ODDS_MAX);

  return 2 + (height - 4) * (0.5 - odds / ODDS_MAX / 2);
}

static double
to_x (const LkScoreChart *self, gint64 when_us, double width)
{
  return width * (1 - (double) (get_end (self) - when_us) / LK_SCORE_CHART_US);
}

static void
draw_line (LkScoreChart *self, cairo_t *cr, double width, double height)
{
  const Point *last = NULL;

  for (int i = 0; i < self->n; i++)
    {
      const Point *point = get_point (self, i);
      double x = to_x (self, point->when_us, width);

      if (isnan (point->score))
        {
          last = NULL;
          continue;
        }
      if (last == NULL || point->when_us - last->when_us > GAP_US)
        cairo_move_to (cr, x, to_y (point->score, height));
      cairo_line_to (cr, x, to_y (point->score, height));
      last = point;
    }
  cairo_stroke (cr);
}

/* The part of the line that lies on one side of the threshold. */
static void
draw_side (LkScoreChart *self, cairo_t *cr, double width, double height, LkMark mark)
{
  double y = to_y (self->threshold, height);
  GdkRGBA colour;

  lk_mark_get_colour (mark, GTK_WIDGET (self), &colour);
  cairo_save (cr);
  if (mark == LK_MARK_GOOD)
    cairo_rectangle (cr, 0, 0, width, y);
  else
    cairo_rectangle (cr, 0, y, width, height - y);
  cairo_clip (cr);
  gdk_cairo_set_source_rgba (cr, &colour);
  draw_line (self, cr, width, height);
  cairo_restore (cr);
}

static void
draw_events (LkScoreChart *self, cairo_t *cr, double width, double height)
{
  for (int i = 0; i < N_MARKS; i++)
    {
      const Event *event = &self->events[i];
      GdkRGBA colour;
      double x;

      if (event->when_us == 0 || event->when_us < get_end (self) - LK_SCORE_CHART_US)
        continue;
      x = MIN (to_x (self, event->when_us, width), width - 1);
      lk_mark_get_colour (event->good ? LK_MARK_GOOD : LK_MARK_BAD, GTK_WIDGET (self), &colour);
      colour.alpha *= 0.55f;
      gdk_cairo_set_source_rgba (cr, &colour);
      cairo_rectangle (cr, x - 1, 0, 2, height);
      cairo_fill (cr);
    }
}

static void
lk_score_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkScoreChart *self = LK_SCORE_CHART (widget);
  const double dash[] = { 4, 4 };
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (0, 0, width, height);
  GskRoundedRect clip;
  GdkRGBA fore, back;
  cairo_t *cr;

  lk_mark_get_colour (LK_MARK_NEUTRAL, widget, &fore);
  back = fore;
  back.alpha *= 0.06f;
  gsk_rounded_rect_init_from_rect (&clip, &rect, 8);
  gtk_snapshot_push_rounded_clip (snapshot, &clip);
  gtk_snapshot_append_color (snapshot, &back, &rect);
  cr = gtk_snapshot_append_cairo (snapshot, &rect);
  if (rtl)
    {
      cairo_translate (cr, width, 0);
      cairo_scale (cr, -1, 1);
    }
  draw_events (self, cr, width, height);
  fore.alpha *= 0.55f;
  gdk_cairo_set_source_rgba (cr, &fore);
  cairo_set_line_width (cr, 1.5);
  cairo_set_dash (cr, dash, 2, 0);
  cairo_move_to (cr, 0, to_y (self->threshold, height));
  cairo_line_to (cr, width, to_y (self->threshold, height));
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  draw_side (self, cr, width, height, LK_MARK_GOOD);
  draw_side (self, cr, width, height, LK_MARK_BAD);
  cairo_destroy (cr);
  gtk_snapshot_pop (snapshot);
}

static void
lk_score_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                        int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 100;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 240;
}

static void
tell_accessible (LkScoreChart *self)
{
  double least = NAN, most = NAN;
  g_autofree char *text = NULL;

  for (int i = 0; i < self->n; i++)
    {
      least = fmin (least, get_point (self, i)->score); /* NAN is passed over */
      most = fmax (most, get_point (self, i)->score);
    }
  text = isnan (least)
      ? g_strdup (_("No scores yet"))
      : g_strdup_printf (_("From %.2f to %.2f in the last %d seconds, threshold "
                                            "%.2f"),
                            least, most, (int) (LK_SCORE_CHART_US / G_USEC_PER_SEC),
                            self->threshold);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

static void
lk_score_chart_class_init (LkScoreChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = lk_score_chart_snapshot;
  widget_class->measure = lk_score_chart_measure;
  gtk_widget_class_set_css_name (widget_class, "score-chart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lk_score_chart_init (LkScoreChart *self)
{
  self->threshold = 0.5;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Score history"), -1);
  tell_accessible (self);
}

GtkWidget *
lk_score_chart_new (void)
{
  return g_object_new (LK_TYPE_SCORE_CHART, NULL);
}

void
lk_score_chart_append (LkScoreChart *self, gint64 when_us, double score)
{
  g_return_if_fail (LK_IS_SCORE_CHART (self));

  if (isnan (score) && (self->n == 0 || isnan (get_point (self, self->n - 1)->score)))
    return; /* one gap is enough */
  while (self->n == N_POINTS ||
         (self->n > 0 && get_point (self, 0)->when_us < when_us - LK_SCORE_CHART_US))
    {
      self->first = (self->first + 1) % N_POINTS;
      self->n--;
    }
  self->points[(self->first + self->n) % N_POINTS] = (Point){ when_us, score };
  self->n++;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (when_us - self->told_us >= TELL_US)
    {
      self->told_us = when_us;
      tell_accessible (self);
    }
}

void
lk_score_chart_set_threshold (LkScoreChart *self, double threshold)
{
  g_return_if_fail (LK_IS_SCORE_CHART (self));

  if (threshold == self->threshold)
    return;
  self->threshold = threshold;
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_score_chart_mark (LkScoreChart *self, gint64 when_us, gboolean good)
{
  g_return_if_fail (LK_IS_SCORE_CHART (self));

  self->events[self->next_event] = (Event){ when_us, good };
  self->next_event = (self->next_event + 1) % N_MARKS;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_score_chart_clear (LkScoreChart *self)
{
  g_return_if_fail (LK_IS_SCORE_CHART (self));

  self->n = 0;
  memset (self->events, 0, sizeof self->events);
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

int
lk_score_chart_get_n_points (LkScoreChart *self)
{
  g_return_val_if_fail (LK_IS_SCORE_CHART (self), 0);
  return self->n;
}
