/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-model-row"

#include "lk-model-row.h"

#include "lk-histogram.h"
#include "lk-line-style.h"

#include <glib/gi18n.h>
#include <math.h>

LkShownPair *
lk_shown_pair_new (const LkImage *a, const LkImage *b, const char *caption)
{
  LkShownPair *self = g_new (LkShownPair, 1);

  *self = (LkShownPair){ lk_image_ref ((LkImage *) a), lk_image_ref ((LkImage *) b),
                         g_strdup (caption) };
  return self;
}

void
lk_shown_pair_free (LkShownPair *self)
{
  lk_image_unref (self->a);
  lk_image_unref (self->b);
  g_free (self->caption);
  g_free (self);
}

/* A share with its interval; "–" for none. */
static char *
format_share (const LkInterval *share)
{
  if (!isfinite (share->value))
    return g_strdup ("–");
  if (!isfinite (share->low))
    return g_strdup_printf (_ ("%.2f %%"), 100 * share->value);
  return g_strdup_printf (_ ("%.2f %% (%.2f–%.2f)"), 100 * share->value, 100 * share->low,
                             100 * share->high);
}

char *
lk_model_row_summarise (const LkReport *report, const LkReportModel *model)
{
  int n_trials = (int) report->evaluation->protocol->trials->len;
  const LkMeasures *m = model->measures;
  GString *text = g_string_new (NULL);

  if (report->evaluation->protocol->pairs->len > 0)
    {
      g_autofree char *eer = format_share (&m->eer);

      g_string_append_printf (text, _ ("Accuracy %.2f %% ± %.2f, EER %s"),
                                       100 * model->accuracy.accuracy,
                                       100 * model->accuracy.accuracy_se, eer);
      for (int i = 1; i <= 2; i++)
        if (m->at_fmr[i].supported)
          g_string_append_printf (text, _ (", TAR at FAR 1e-%d %.2f %%"), i + 1,
                                           100 * m->at_fmr[i].tar.value);
    }
  if (n_trials > 0)
    g_string_append_printf (text, _ ("%d of %d one-shot trials right"), model->run->n_correct,
                                     n_trials);
  return g_string_free (text, FALSE);
}

/* ---- what the row opens to ---- */

static GtkWidget *
make_label (const char *text, float xalign, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), xalign);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

static void
add_row (GtkGrid *grid, int row, const char *const *texts, int n, const char *style)
{
  for (int column = 0; column < n; column++)
    {
      GtkWidget *label = make_label (texts[column], column == 0 ? 0 : 1, style);

      gtk_label_set_wrap (GTK_LABEL (label), FALSE); /* it scrolls where it is too wide */

      gtk_widget_add_css_class (label, "numeric");
      gtk_widget_set_hexpand (label, column > 0);
      gtk_grid_attach (grid, label, column, row, 1, 1);
    }
}

static GtkWidget *
make_thresholds (const LkReportModel *model)
{
  static const char *const names[] = { N_ ("Wished FMR"), N_ ("Threshold"), N_ ("Matched"),
                                                                                N_ ("FNMR") };
  const LkMeasures *m = model->measures;
  GtkWidget *grid = gtk_grid_new (), *scroller = gtk_scrolled_window_new ();
  const char *texts[G_N_ELEMENTS (names)];

  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    texts[i] = _ (names[i]);
  add_row (GTK_GRID (grid), 0, texts, G_N_ELEMENTS (names), "heading");
  for (int i = 0; i < LK_N_FMRS; i++)
    {
      const LkOperatingPoint *point = &m->at_fmr[i];
      LkInterval fnmr = { 1 - point->tar.value, 1 - point->tar.high, 1 - point->tar.low };
      g_autofree char *wished = g_strdup_printf ("1e-%d", i + 1);
      g_autofree char *threshold = g_strdup_printf ("%.4f", point->threshold);
      g_autofree char *matched = g_strdup_printf (_ ("%d of %d"), point->n_false_matches,
                                                     m->n_impostor);
      g_autofree char *missed = format_share (&fnmr);

      texts[0] = wished;
      texts[1] = point->supported ? threshold : _ ("too few impostors");
      texts[2] = point->supported ? matched : "–";
      texts[3] = point->supported ? missed : "–";
      add_row (GTK_GRID (grid), i + 1, texts, G_N_ELEMENTS (names), NULL);
    }
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), grid);
  return scroller;
}

static GtkWidget *
make_picture (const LkImage *image, const char *name)
{
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (
      image->width, image->height, GDK_MEMORY_R8G8B8, image->bytes, 3 * (gsize) image->width);
  GtkWidget *picture = gtk_picture_new_for_paintable (GDK_PAINTABLE (texture));

  gtk_widget_set_size_request (picture, 84, 84);
  gtk_picture_set_can_shrink (GTK_PICTURE (picture), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  gtk_widget_add_css_class (picture, "lk-thumbnail");
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  return picture;
}

static GtkWidget *
make_pairs (GPtrArray *pairs)
{
  GtkWidget *flow = gtk_flow_box_new ();

  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), 4);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (flow), 12);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (flow), 12);
  for (guint i = 0; i < pairs->len; i++)
    {
      const LkShownPair *pair = pairs->pdata[i];
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
      GtkWidget *both = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 3);
      GtkWidget *child;

      gtk_box_append (GTK_BOX (both), make_picture (pair->a, pair->caption));
      gtk_box_append (GTK_BOX (both), make_picture (pair->b, pair->caption));
      gtk_box_append (GTK_BOX (box), both);
      gtk_box_append (GTK_BOX (box), make_label (pair->caption, 0, "caption"));
      gtk_flow_box_append (GTK_FLOW_BOX (flow), box);
      child = gtk_widget_get_parent (box);
      gtk_widget_set_focusable (child, FALSE);
      gtk_widget_set_halign (child, GTK_ALIGN_START);
    }
  return flow;
}

static GtkWidget *
make_details (const LkReportModel *model, GPtrArray *pairs)
{
  const LkMeasures *m = model->measures;
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *histogram = lk_histogram_new ();
  g_autofree char *threshold = NULL, *counts = NULL, *more = NULL;

  gtk_widget_add_css_class (box, "lk-card");
  threshold = g_strdup_printf (_ ("Threshold %.4f: %s."), model->threshold.value,
                                  model->threshold.from);
  counts = g_strdup_printf (_ ("There %d of %d genuine pairs match, and %d of %d impostors."),
                               model->counts.true_positives, m->n_genuine,
                               model->counts.false_positives, m->n_impostor);
  more = g_strdup_printf (_ ("AUC %.4f. Best F1 %.4f at %.4f. By the cosine of embeddings: EER %.2f "
                             "%%. %.2f ms an embedding."),
      m->auc.value, m->f1, m->f1_threshold, 100 * model->cosine->eer.value, model->run->embed_ms);
  gtk_box_append (GTK_BOX (box), make_label (threshold, 0, NULL));
  gtk_box_append (GTK_BOX (box), make_label (counts, 0, NULL));
  lk_histogram_set_counts (LK_HISTOGRAM (histogram), m->genuine, m->impostor, LK_MEASURES_BINS,
                           model->threshold.value);
  gtk_box_append (GTK_BOX (box), histogram);
  gtk_box_append (GTK_BOX (box), make_thresholds (model));
  gtk_box_append (GTK_BOX (box), make_label (more, 0, "dim-label"));
  if (pairs != NULL && pairs->len > 0)
    {
      gtk_box_append (GTK_BOX (box),
                      make_label (_ ("Pairs That It Judged Worst and Best"), 0, "heading"));
      gtk_box_append (GTK_BOX (box), make_pairs (pairs));
    }
  return box;
}

static void
draw_sample (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer style)
{
  lk_line_style_use (cr, GTK_WIDGET (area), GPOINTER_TO_INT (style));
  cairo_move_to (cr, 0, height / 2.0);
  cairo_line_to (cr, width, height / 2.0);
  cairo_stroke (cr);
}

/* A piece of the model's line in the curves. */
static GtkWidget *
make_sample (int style)
{
  GtkWidget *sample = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role",
                                    GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (sample), 28);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (sample), 12);
  gtk_widget_set_valign (sample, GTK_ALIGN_CENTER);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (sample), draw_sample, GINT_TO_POINTER (style),
                                  NULL);
  return sample;
}

GtkWidget *
lk_model_row_new (const LkReport *report, const LkReportModel *model, int style, GPtrArray *pairs)
{
  GtkWidget *row = adw_expander_row_new (), *inner;
  g_autofree char *summary = lk_model_row_summarise (report, model);

  g_object_set (row, "use-markup", FALSE, NULL); /* before there is text to parse */
  g_object_set (row, "title", model->run->name, "subtitle", summary, NULL);
  if (report->evaluation->protocol->pairs->len > 0)
    {
      adw_expander_row_add_prefix (ADW_EXPANDER_ROW (row), make_sample (style));
      inner = gtk_list_box_row_new ();
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (inner), FALSE);
      gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (inner), make_details (model, pairs));
      gtk_accessible_update_property (GTK_ACCESSIBLE (inner), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ ("Details"), -1);
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), inner);
    }
  return row;
}
