/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-curves"

#include "lk-curves.h"

#include "lk-line-style.h"

#include <glib/gi18n.h>
#include <math.h>

#define GAP 6

typedef struct
{
  char *name, *sentence;
  int style, n;
  double (*points)[2];
} Curve;

typedef struct
{
  double place;
  char *text;
} Tick;

struct _LkCurves
{
  GtkWidget parent_instance;

  char *title, *x_name, *y_name; /* (nullable) */
  GArray *ticks;                 /* of Tick */
  GArray *curves;                /* of Curve */
};

G_DEFINE_FINAL_TYPE (LkCurves, lk_curves, GTK_TYPE_WIDGET)

static void
clear_curve (gpointer data)
{
  Curve *curve = data;

  g_free (curve->name);
  g_free (curve->sentence);
  g_free (curve->points);
}

static void
clear_tick (gpointer data)
{
  g_free (((Tick *) data)->text);
}

static void
tell_accessible (LkCurves *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->curves->len; i++)
    {
      const Curve *curve = &g_array_index (self->curves, Curve, i);

      g_string_append_printf (text, "%s%s: %s", i > 0 ? "; " : "", curve->name, curve->sentence);
    }
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, self->title != NULL ? self->title : "",
      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->len > 0 ? text->str : _ ("No curves yet"), -1);
}

/* ---- drawing ---- */

typedef struct
{
  GtkSnapshot *snapshot;
  PangoLayout *layout;
  GdkRGBA fore, dim, grid;
  graphene_rect_t area; /* between the axes */
} Pen;

static void
measure_text (Pen *pen, const char *text, int *width, int *height)
{
  pango_layout_set_text (pen->layout, text, -1);
  pango_layout_get_pixel_size (pen->layout, width, height);
}

/* @align: 0 begins at x, 1 ends there */
static void
put_text (Pen *pen, const char *text, double x, double y, double align)
{
  int width, height;

  measure_text (pen, text, &width, &height);
  gtk_snapshot_save (pen->snapshot);
  gtk_snapshot_translate (
      pen->snapshot, &GRAPHENE_POINT_INIT ((float) floor (x - align * width), (float) floor (y)));
  gtk_snapshot_append_layout (pen->snapshot, pen->layout, &pen->dim);
  gtk_snapshot_restore (pen->snapshot);
}

static double
place_x (const Pen *pen, double x)
{
  return (double) pen->area.origin.x + CLAMP (x, 0, 1) * (double) pen->area.size.width;
}

static double
place_y (const Pen *pen, double y)
{
  return (double) pen->area.origin.y + (1 - CLAMP (y, 0, 1)) * (double) pen->area.size.height;
}

static void
draw_ticks (LkCurves *self, Pen *pen, int text_height)
{
  double right_of_last = -1;

  for (guint i = 0; i < self->ticks->len; i++)
    {
      const Tick *tick = &g_array_index (self->ticks, Tick, i);
      double x = floor (place_x (pen, tick->place)), y = floor (place_y (pen, tick->place));
      int width, height;

      gtk_snapshot_append_color (
          pen->snapshot, &pen->grid,
          &GRAPHENE_RECT_INIT ((float) x, pen->area.origin.y, 1, pen->area.size.height));
      gtk_snapshot_append_color (
          pen->snapshot, &pen->grid,
          &GRAPHENE_RECT_INIT (pen->area.origin.x, (float) y, pen->area.size.width, 1));
      put_text (pen, tick->text, (double) pen->area.origin.x - GAP, y - text_height / 2.0, 1);
      measure_text (pen, tick->text, &width, &height);
      if (x - width / 2.0 > right_of_last + GAP) /* those that have room */
        {
          put_text (pen, tick->text, x, place_y (pen, 0) + 2, 0.5);
          right_of_last = x + width / 2.0;
        }
    }
}

static void
draw_curves (LkCurves *self, Pen *pen)
{
  graphene_rect_t bounds = pen->area;
  cairo_t *cr;

  graphene_rect_inset (&bounds, -3, -3);
  cr = gtk_snapshot_append_cairo (pen->snapshot, &bounds);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  gdk_cairo_set_source_rgba (cr, &pen->dim);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, (double[]){ 1, 4 }, 2, 0);
  cairo_move_to (cr, place_x (pen, 0), place_y (pen, 0));
  cairo_line_to (cr, place_x (pen, 1), place_y (pen, 1));
  cairo_stroke (cr);
  for (guint i = self->curves->len; i > 0; i--) /* the first one lies on top */
    {
      const Curve *curve = &g_array_index (self->curves, Curve, i - 1);

      lk_line_style_use (cr, GTK_WIDGET (self), curve->style);
      for (int k = 0; k < curve->n; k++)
        (k == 0 ? cairo_move_to : cairo_line_to) (cr, place_x (pen, curve->points[k][0]),
                                                  place_y (pen, curve->points[k][1]));
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
}

static void
lk_curves_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkCurves *self = LK_CURVES (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, NULL);
  PangoAttrList *attrs = pango_attr_list_new ();
  Pen pen = { .snapshot = snapshot, .layout = layout };
  int tick_width = 0, text_width = 0, text_height = 0, side, left;

  pango_attr_list_insert (attrs, pango_attr_scale_new (0.85));
  pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attrs);
  pango_attr_list_unref (attrs);
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &pen.fore);
  pen.dim = pen.grid = pen.fore;
  pen.dim.alpha *= 0.7f;
  pen.grid.alpha *= 0.13f;

  measure_text (&pen, "0", &text_width, &text_height);
  for (guint i = 0; i < self->ticks->len; i++)
    {
      measure_text (&pen, g_array_index (self->ticks, Tick, i).text, &text_width, &text_height);
      tick_width = MAX (tick_width, text_width);
    }
  side = MIN (width - tick_width - 2 * GAP, height - 3 * text_height - 2 * GAP);
  if (side < 20)
    return;
  left = MAX (tick_width + GAP, (width - side) / 2);
  pen.area = GRAPHENE_RECT_INIT ((float) left, (float) (text_height + GAP), (float) side,
                                 (float) side);
  if (self->y_name != NULL)
    put_text (&pen, self->y_name, MAX (0, left - tick_width - GAP), 0, 0);
  draw_ticks (self, &pen, text_height);
  if (self->x_name != NULL)
    put_text (&pen, self->x_name, left + side, place_y (&pen, 0) + 2 + text_height, 1);
  draw_curves (self, &pen);
}

static void
lk_curves_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                   int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = 220;
  *natural = 280;
}

/* ---- life ---- */

static void
lk_curves_finalize (GObject *object)
{
  LkCurves *self = LK_CURVES (object);

  g_free (self->title);
  g_free (self->x_name);
  g_free (self->y_name);
  g_array_unref (self->ticks);
  g_array_unref (self->curves);
  G_OBJECT_CLASS (lk_curves_parent_class)->finalize (object);
}

static void
lk_curves_class_init (LkCurvesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lk_curves_finalize;
  widget_class->snapshot = lk_curves_snapshot;
  widget_class->measure = lk_curves_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "curves");
}

static void
lk_curves_init (LkCurves *self)
{
  self->ticks = g_array_new (FALSE, FALSE, sizeof (Tick));
  g_array_set_clear_func (self->ticks, clear_tick);
  self->curves = g_array_new (FALSE, FALSE, sizeof (Curve));
  g_array_set_clear_func (self->curves, clear_curve);
  /* A switch between light and dark changes the lines' colours. */
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

GtkWidget *
lk_curves_new (void)
{
  return g_object_new (LK_TYPE_CURVES, NULL);
}

void
lk_curves_set_axes (LkCurves *self, const char *title, const char *x_name, const char *y_name,
                    const LkCurvesTick *ticks, int n_ticks)
{
  g_return_if_fail (LK_IS_CURVES (self));

  g_free (self->title);
  g_free (self->x_name);
  g_free (self->y_name);
  self->title = g_strdup (title);
  self->x_name = g_strdup (x_name);
  self->y_name = g_strdup (y_name);
  g_array_set_size (self->ticks, 0);
  for (int i = 0; i < n_ticks; i++)
    {
      Tick tick = { ticks[i].place, g_strdup (ticks[i].text) };

      g_array_append_val (self->ticks, tick);
    }
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_curves_add (LkCurves *self, const char *name, const char *sentence, int style,
               const double (*points)[2], int n)
{
  Curve curve = { g_strdup (name), g_strdup (sentence), style, n, NULL };

  g_return_if_fail (LK_IS_CURVES (self));

  curve.points = g_memdup2 (points, (gsize) n * sizeof *points);
  g_array_append_val (self->curves, curve);
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_curves_clear (LkCurves *self)
{
  g_return_if_fail (LK_IS_CURVES (self));

  g_array_set_size (self->curves, 0);
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
