/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-plot"

#include "lk-plot.h"

#include "lk-line-style.h"

#include <glib/gi18n.h>
#include <math.h>

#define MAX_SERIES LK_N_LINE_STYLES
#define LARGEST    1e30 /* what is beyond is no measurement */
#define GAP        6    /* between text and axes */

typedef struct
{
  double x, y;
} Point;

typedef struct
{
  char *name;
  GArray *points; /* of Point, by x */
} Series;

typedef struct
{
  double low, high, step; /* low and high are multiples of step */
} Axis;

struct _LkPlot
{
  GtkWidget parent_instance;

  char *title, *x_label, *marker_label; /* (nullable) */
  double y_low, y_high, marker;
  Series series[MAX_SERIES];
  int n_series;
};

G_DEFINE_FINAL_TYPE (LkPlot, lk_plot, GTK_TYPE_WIDGET)

static gboolean
is_point (const Point *p)
{
  return fabs (p->x) < LARGEST && fabs (p->y) < LARGEST; /* false for NAN */
}

/* 1, 2 or 5 times a power of ten, so that about @n steps fill the range. */
static void
fit_axis (Axis *axis, double low, double high, int n, gboolean whole)
{
  double rough, power, unit;

  if (high - low < 1e-9 * MAX (fabs (low), fabs (high)) || high == low) /* flat */
    high = low + (low == 0 ? 1 : fabs (low) * 0.5);
  rough = (high - low) / MAX (n, 1);
  power = pow (10, floor (log10 (rough)));
  unit = rough / power;
  axis->step = power * (unit <= 1 ? 1 : unit <= 2 ? 2 : unit <= 5 ? 5 : 10);
  if (whole)
    axis->step = MAX (1, axis->step);
  axis->low = floor (low / axis->step + 1e-9) * axis->step;
  axis->high = ceil (high / axis->step - 1e-9) * axis->step;
}

static void
format_tick (const Axis *axis, double value, char *text, gsize size)
{
  int digits = (int) CLAMP (-floor (log10 (axis->step) + 1e-9), 0, 6);

  g_snprintf (text, size, "%.*f", digits, fabs (value) < axis->step * 1e-6 ? 0.0 : value);
}

static void
get_limits (LkPlot *self, int width, int height, Axis *x_axis, Axis *y_axis)
{
  double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;

  for (int s = 0; s < self->n_series; s++)
    for (guint i = 0; i < self->series[s].points->len; i++)
      {
        const Point *p = &g_array_index (self->series[s].points, Point, i);

        if (!is_point (p))
          continue;
        x_low = MIN (x_low, p->x);
        x_high = MAX (x_high, p->x);
        y_low = MIN (y_low, p->y);
        y_high = MAX (y_high, p->y);
      }
  if (!isfinite (x_low))
    x_low = 0, x_high = 1, y_low = 0, y_high = 1;
  if (y_low > 0 && y_low < y_high / 2) /* a loss: show where nothing would be */
    y_low = 0;
  if (self->y_high > self->y_low)
    y_low = self->y_low, y_high = self->y_high;
  x_high = MAX (x_high, x_low + MAX (1, fabs (x_low) * 1e-9));
  fit_axis (x_axis, x_low, x_high, MAX (2, width / 80), TRUE);
  x_axis->high = x_high; /* the lines begin and end at the edges */
  x_axis->low = x_low;
  fit_axis (y_axis, y_low, y_high, MAX (2, height / 40), FALSE);
}

typedef struct
{
  LkPlot *self;
  GtkSnapshot *snapshot;
  PangoLayout *layout;
  GdkRGBA fore;
} Pen;

static void
measure_text (Pen *pen, const char *text, int *width, int *height)
{
  pango_layout_set_text (pen->layout, text, -1);
  pango_layout_get_pixel_size (pen->layout, width, height);
}

/* @align: 0 begins at x, 1 ends there */
static void
put_text (Pen *pen, const char *text, double x, double y, double align, const GdkRGBA *colour)
{
  int width, height;

  measure_text (pen, text, &width, &height);
  gtk_snapshot_save (pen->snapshot);
  gtk_snapshot_translate (
      pen->snapshot, &GRAPHENE_POINT_INIT ((float) floor (x - align * width), (float) floor (y)));
  gtk_snapshot_append_layout (pen->snapshot, pen->layout, colour);
  gtk_snapshot_restore (pen->snapshot);
}

/* The names of the lines with a piece of each.  Returns its height. */
static int
put_legend (Pen *pen, int width)
{
  LkPlot *self = pen->self;
  int x = 0, y = 0, line = 0;

  for (int s = 0; s < self->n_series; s++)
    {
      cairo_t *cr;
      int w, h;

      measure_text (pen, self->series[s].name, &w, &h);
      if (x > 0 && x + 24 + GAP + w > width)
        x = 0, y += h + 2;
      line = h;
      cr = gtk_snapshot_append_cairo (pen->snapshot, &GRAPHENE_RECT_INIT (x, y, 24, h));
      lk_line_style_use (cr, GTK_WIDGET (self), s);
      cairo_set_line_width (cr, cairo_get_line_width (cr) + 0.5);
      cairo_move_to (cr, x, y + h / 2.0);
      cairo_line_to (cr, x + 24, y + h / 2.0);
      cairo_stroke (cr);
      cairo_destroy (cr);
      put_text (pen, self->series[s].name, x + 24 + GAP, y, 0, &pen->fore);
      x += 24 + GAP + w + 18;
    }
  return y + line + GAP;
}

/* One line, with at most four points for each pixel of width: first, lowest, highest and last
 * of those that fall in it. */
static void
trace_series (const Series *series, cairo_t *cr, const graphene_rect_t *area, const Axis *x_axis,
              const Axis *y_axis)
{
  double sx = area->size.width / (x_axis->high - x_axis->low);
  double sy = area->size.height / (y_axis->high - y_axis->low);
  double left = area->origin.x, bottom = area->origin.y + area->size.height;
  gboolean down = FALSE;
  guint n = series->points->len;

  for (guint i = 0; i < n;)
    {
      const Point *p = &g_array_index (series->points, Point, i);
      double px, low, high, last;
      guint n_here = 0;

      if (!is_point (p))
        {
          down = FALSE;
          i++;
          continue;
        }
      px = left + (p->x - x_axis->low) * sx;
      low = high = last = p->y;
      if (down)
        cairo_line_to (cr, px, bottom - (p->y - y_axis->low) * sy);
      else
        {
          cairo_move_to (cr, px, bottom - (p->y - y_axis->low) * sy);
          if (i + 1 == n || !is_point (p + 1)) /* alone: a dot */
            cairo_line_to (cr, px, bottom - (p->y - y_axis->low) * sy);
        }
      down = TRUE;
      for (i++; i < n; i++, n_here++)
        {
          const Point *q = &g_array_index (series->points, Point, i);

          if (!is_point (q) || floor (left + (q->x - x_axis->low) * sx) != floor (px))
            break;
          low = MIN (low, q->y);
          high = MAX (high, q->y);
          last = q->y;
        }
      if (n_here > 0)
        {
          cairo_line_to (cr, px, bottom - (low - y_axis->low) * sy);
          cairo_line_to (cr, px, bottom - (high - y_axis->low) * sy);
          cairo_line_to (cr, px, bottom - (last - y_axis->low) * sy);
        }
    }
}

static void
snapshot_lines (LkPlot *self, Pen *pen, const graphene_rect_t *area, const Axis *x_axis,
                const Axis *y_axis)
{
  graphene_rect_t bounds = *area;
  cairo_t *cr;

  graphene_rect_inset (&bounds, -3, -3);
  cr = gtk_snapshot_append_cairo (pen->snapshot, &bounds);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (int s = self->n_series - 1; s >= 0; s--) /* the first one lies on top */
    {
      lk_line_style_use (cr, GTK_WIDGET (self), s);
      trace_series (&self->series[s], cr, area, x_axis, y_axis);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
snapshot_marker (LkPlot *self, Pen *pen, const graphene_rect_t *area, const Axis *x_axis)
{
  float x = area->origin.x + (float) ((self->marker - x_axis->low) / (x_axis->high - x_axis->low)) *
                                 area->size.width;
  int w, h;

  if (self->marker_label == NULL || self->marker < x_axis->low || self->marker > x_axis->high)
    return;
  gtk_snapshot_append_color (
      pen->snapshot, &pen->fore,
      &GRAPHENE_RECT_INIT (floorf (x), area->origin.y, 1, area->size.height));
  measure_text (pen, self->marker_label, &w, &h);
  /* Above the lines, where there are none to be hidden. */
  put_text (pen, self->marker_label,
            MAX (0, MIN (x - w / 2.0, area->origin.x + area->size.width - w)), area->origin.y - h,
            0, &pen->fore);
}

static void
lk_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkPlot *self = LK_PLOT (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  PangoAttrList *attrs = pango_attr_list_new ();
  Pen pen = { self, snapshot, layout, { 0 } };
  Axis x_axis, y_axis;
  graphene_rect_t area;
  GdkRGBA dim, grid;
  int top, tick_width = 0, tick_height = 0, x_label_width = 0;
  char text[32];

  pango_attr_list_insert (attrs, pango_attr_scale_new (0.85));
  pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attrs);
  pango_attr_list_unref (attrs);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &pen.fore);
  dim = grid = pen.fore;
  dim.alpha *= 0.7f;
  grid.alpha *= 0.13f;

  top = put_legend (&pen, width);
  measure_text (&pen, "0", &tick_width, &tick_height);
  get_limits (self, width, height - top - tick_height - GAP, &x_axis, &y_axis);
  tick_width = 0;
  for (double y = y_axis.low; y <= y_axis.high + y_axis.step / 2; y += y_axis.step)
    {
      int w, h;

      format_tick (&y_axis, y, text, sizeof text);
      measure_text (&pen, text, &w, &h);
      tick_width = MAX (tick_width, w);
    }
  area = GRAPHENE_RECT_INIT (tick_width + GAP, top + tick_height, width - tick_width - GAP - 3,
                             height - top - 2 * tick_height - GAP);
  if (area.size.width < 20 || area.size.height < 20)
    return;

  for (double y = y_axis.low; y <= y_axis.high + y_axis.step / 2; y += y_axis.step)
    {
      float py = area.origin.y +
                 area.size.height * (float) (1 - (y - y_axis.low) / (y_axis.high - y_axis.low));

      gtk_snapshot_append_color (
          snapshot, &grid, &GRAPHENE_RECT_INIT (area.origin.x, floorf (py), area.size.width, 1));
      format_tick (&y_axis, y, text, sizeof text);
      put_text (&pen, text, area.origin.x - GAP, py - tick_height / 2.0, 1, &dim);
    }
  if (self->x_label != NULL)
    {
      int h;

      measure_text (&pen, self->x_label, &x_label_width, &h);
      put_text (&pen, self->x_label, width, height - tick_height, 1, &dim);
    }
  for (double x = ceil (x_axis.low / x_axis.step) * x_axis.step; x <= x_axis.high + 1e-9;
       x += x_axis.step)
    {
      double px = area.origin.x + area.size.width * (x - x_axis.low) / (x_axis.high - x_axis.low);
      int w, h;

      format_tick (&x_axis, x, text, sizeof text);
      measure_text (&pen, text, &w, &h);
      if (px + w / 2.0 < width - x_label_width - 2 * GAP)
        put_text (&pen, text, px, height - tick_height, 0.5, &dim);
    }
  snapshot_lines (self, &pen, &area, &x_axis, &y_axis);
  snapshot_marker (self, &pen, &area, &x_axis);
}

static void
lk_plot_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                 int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 140;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 200;
}

/* "Loss. Training 0.213, Validation 0.301." */
static void
tell_accessible (LkPlot *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int s = 0; s < self->n_series; s++)
    {
      const GArray *points = self->series[s].points;

      for (guint i = points->len; i > 0; i--)
        {
          const Point *p = &g_array_index (points, Point, i - 1);

          if (!is_point (p))
            continue;
          g_string_append_printf (text, _("%s %.3f"), self->series[s].name, p->y);
          g_string_append (text, "; ");
          break;
        }
    }
  if (text->len == 0)
    g_string_append (text, _("No points yet"));
  else
    g_string_truncate (text, text->len - 2);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->title ? self->title : "",
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
}

static void
lk_plot_finalize (GObject *object)
{
  LkPlot *self = LK_PLOT (object);

  for (int s = 0; s < self->n_series; s++)
    {
      g_free (self->series[s].name);
      g_array_unref (self->series[s].points);
    }
  g_free (self->title);
  g_free (self->x_label);
  g_free (self->marker_label);
  G_OBJECT_CLASS (lk_plot_parent_class)->finalize (object);
}

static void
lk_plot_class_init (LkPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lk_plot_finalize;
  widget_class->snapshot = lk_plot_snapshot;
  widget_class->measure = lk_plot_measure;
  gtk_widget_class_set_css_name (widget_class, "plot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lk_plot_init (LkPlot *self)
{
  tell_accessible (self);
}

GtkWidget *
lk_plot_new (void)
{
  return g_object_new (LK_TYPE_PLOT, NULL);
}

void
lk_plot_set_labels (LkPlot *self, const char *title, const char *x_label)
{
  g_return_if_fail (LK_IS_PLOT (self));

  g_free (self->title);
  g_free (self->x_label);
  self->title = g_strdup (title);
  self->x_label = g_strdup (x_label);
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_plot_set_y_range (LkPlot *self, double low, double high)
{
  g_return_if_fail (LK_IS_PLOT (self));

  self->y_low = low;
  self->y_high = high;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

int
lk_plot_add_series (LkPlot *self, const char *name)
{
  g_return_val_if_fail (LK_IS_PLOT (self), -1);
  g_return_val_if_fail (self->n_series < MAX_SERIES, -1);

  self->series[self->n_series].name = g_strdup (name);
  self->series[self->n_series].points = g_array_new (FALSE, FALSE, sizeof (Point));
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return self->n_series++;
}

void
lk_plot_append (LkPlot *self, int series, double x, double y)
{
  Point p = { x, y };

  g_return_if_fail (LK_IS_PLOT (self));
  g_return_if_fail (series >= 0 && series < self->n_series);

  g_array_append_val (self->series[series].points, p);
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

int
lk_plot_get_n_points (LkPlot *self, int series)
{
  g_return_val_if_fail (LK_IS_PLOT (self), 0);
  g_return_val_if_fail (series >= 0 && series < self->n_series, 0);
  return (int) self->series[series].points->len;
}

void
lk_plot_rewind (LkPlot *self, int series, double x)
{
  GArray *points;
  guint n;

  g_return_if_fail (LK_IS_PLOT (self));
  g_return_if_fail (series >= 0 && series < self->n_series);

  points = self->series[series].points;
  for (n = points->len; n > 0 && g_array_index (points, Point, n - 1).x >= x; n--)
    ;
  if (n == points->len)
    return;
  g_array_set_size (points, n);
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_plot_set_marker (LkPlot *self, double x, const char *label)
{
  g_return_if_fail (LK_IS_PLOT (self));

  g_free (self->marker_label);
  self->marker_label = g_strdup (label);
  self->marker = x;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_plot_clear (LkPlot *self)
{
  g_return_if_fail (LK_IS_PLOT (self));

  for (int s = 0; s < self->n_series; s++)
    g_array_set_size (self->series[s].points, 0);
  g_clear_pointer (&self->marker_label, g_free);
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
