/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-histogram"

#include "lk-histogram.h"

#include "lk-mark.h"

#include <glib/gi18n.h>

struct _LkHistogram
{
  GtkWidget parent_instance;

  int *genuine, *impostor; /* (owned) (nullable): [n_bins] */
  int n_bins;
  double threshold;
};

G_DEFINE_FINAL_TYPE (LkHistogram, lk_histogram, GTK_TYPE_WIDGET)

static int
sum (const int *counts, int n)
{
  int total = 0;

  for (int i = 0; i < n; i++)
    total += counts[i];
  return total;
}

static int
highest (const int *counts, int n)
{
  int most = 0;

  for (int i = 0; i < n; i++)
    most = MAX (most, counts[i]);
  return most;
}

/* Bars from the line @y, upwards or downwards, the highest share of both @per pixel. */
static void
append_bars (LkHistogram *self, GtkSnapshot *snapshot, const int *counts, double y, double per,
             gboolean up, const GdkRGBA *colour)
{
  double step = (double) gtk_widget_get_width (GTK_WIDGET (self)) / self->n_bins;
  int total = MAX (1, sum (counts, self->n_bins));

  for (int i = 0; i < self->n_bins; i++)
    {
      double h = counts[i] == 0 ? 0 : MAX (1.5, (double) counts[i] / total * per);

      gtk_snapshot_append_color (snapshot, colour,
                                 &GRAPHENE_RECT_INIT ((float) (i * step), (float) (up ? y - h : y),
                                                      (float) MAX (1, step - 1), (float) h));
    }
}

static void
put_text (GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y,
          double align_x, double align_y, const GdkRGBA *colour)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  PangoAttrList *attrs = pango_attr_list_new ();
  int w, h, width = gtk_widget_get_width (widget);

  pango_attr_list_insert (attrs, pango_attr_scale_new (0.85));
  pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attrs);
  pango_attr_list_unref (attrs);
  pango_layout_get_pixel_size (layout, &w, &h);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT ((float) CLAMP (x - align_x * w, 0, MAX (0, width - w)),
                                      (float) (y - align_y * h)));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}

static void
lk_histogram_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkHistogram *self = LK_HISTOGRAM (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  const int text = 18; /* a line of small text */
  double top = text + 2, bottom = height - text - 2, middle = (top + bottom) / 2;
  double most, x = self->threshold * width;
  g_autofree char *threshold = g_strdup_printf (_("threshold %.2f"), self->threshold);
  GdkRGBA fore, dim, good, bad;

  if (self->n_bins == 0)
    return;
  lk_mark_get_colour (LK_MARK_NEUTRAL, widget, &fore);
  lk_mark_get_colour (LK_MARK_GOOD, widget, &good);
  lk_mark_get_colour (LK_MARK_BAD, widget, &bad);
  dim = fore;
  dim.alpha *= 0.7f;

  most = MAX ((double) highest (self->genuine, self->n_bins) /
                  MAX (1, sum (self->genuine, self->n_bins)),
              (double) highest (self->impostor, self->n_bins) /
                  MAX (1, sum (self->impostor, self->n_bins)));
  append_bars (self, snapshot, self->genuine, middle, (middle - top - 2) / MAX (most, 1e-9), TRUE,
               &good);
  append_bars (self, snapshot, self->impostor, middle + 1, (bottom - middle - 2) / MAX (most, 1e-9),
               FALSE, &bad);
  gtk_snapshot_append_color (snapshot, &dim, &GRAPHENE_RECT_INIT (0, (float) middle, width, 1));
  gtk_snapshot_append_color (
      snapshot, &fore, &GRAPHENE_RECT_INIT ((float) x - 1, (float) top, 2, (float) (bottom - top)));
  put_text (widget, snapshot, threshold, x, 0, 0.5, 0, &dim);
  put_text (widget, snapshot, "0", 0, height, 0, 1, &dim);
  put_text (widget, snapshot, "1", width, height, 1, 1, &dim);
}

static void
lk_histogram_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 140;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 400 : 160;
}

static void
lk_histogram_finalize (GObject *object)
{
  g_free (LK_HISTOGRAM (object)->genuine);
  g_free (LK_HISTOGRAM (object)->impostor);
  G_OBJECT_CLASS (lk_histogram_parent_class)->finalize (object);
}

static void
lk_histogram_class_init (LkHistogramClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = lk_histogram_finalize;
  widget_class->snapshot = lk_histogram_snapshot;
  widget_class->measure = lk_histogram_measure;
  gtk_widget_class_set_css_name (widget_class, "histogram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lk_histogram_init (LkHistogram *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Distribution of scores"), -1);
}

GtkWidget *
lk_histogram_new (void)
{
  return g_object_new (LK_TYPE_HISTOGRAM, NULL);
}

void
lk_histogram_set_counts (LkHistogram *self, const int *genuine, const int *impostor, int n_bins,
                         double threshold)
{
  g_autofree char *text = NULL;
  int right = 0, wrong = 0;

  g_return_if_fail (LK_IS_HISTOGRAM (self));
  g_return_if_fail (n_bins > 0);

  g_free (self->genuine);
  g_free (self->impostor);
  self->genuine = g_memdup2 (genuine, n_bins * sizeof *genuine);
  self->impostor = g_memdup2 (impostor, n_bins * sizeof *impostor);
  self->n_bins = n_bins;
  self->threshold = threshold;
  for (int i = 0; i < n_bins; i++)
    if ((i + 0.5) / n_bins > threshold)
      right += genuine[i], wrong += impostor[i];
  text = g_strdup_printf (
      _("Above the threshold of %.2f lie %d of %d genuine pairs and %d of %d impostors"),
         threshold, right, sum (genuine, n_bins), wrong, sum (impostor, n_bins));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
