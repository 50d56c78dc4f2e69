/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-test-card"

#include "lk-test-card.h"

#include "eval/lk-metrics.h"
#include "lk-histogram.h"
#include "lk-label.h"

#include <glib/gi18n.h>

struct _LkTestCard
{
  AdwBin parent_instance;

  GtkLabel *test_label, *precision_label, *recall_label, *genuine_label, *impostor_label;
  GtkWidget *histogram_box;
  LkHistogram *histogram;
  GtkButton *use_button;
};

G_DEFINE_FINAL_TYPE (LkTestCard, lk_test_card, ADW_TYPE_BIN)

static void
lk_test_card_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_TEST_CARD);
  G_OBJECT_CLASS (lk_test_card_parent_class)->dispose (object);
}

static void
lk_test_card_class_init (LkTestCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_test_card_dispose;
  g_type_ensure (LK_TYPE_HISTOGRAM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-test-card.ui");
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, test_label);
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, precision_label);
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, recall_label);
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, genuine_label);
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, impostor_label);
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, histogram_box);
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, histogram);
  gtk_widget_class_bind_template_child (widget_class, LkTestCard, use_button);
}

static void
lk_test_card_init (LkTestCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* A share with its 95 % interval: 1 of 1 is "100 % (21–100)", and says so little. */
static void
set_share (GtkLabel *label, int k, int n)
{
  double low, high;

  if (n == 0)
    {
      lk_label_set (label, "–");
      return;
    }
  lk_wilson (k, n, &low, &high);
  lk_label_set_format (label, _("%.0f %% (%.0f–%.0f)"), 100.0 * k / n, 100 * low, 100 * high);
}

void
lk_test_card_show (LkTestCard *self, const LkTrainEvaluation *test)
{
  int genuine = test->true_positives + test->false_negatives;
  int impostors = test->false_positives + test->true_negatives;

  g_return_if_fail (LK_IS_TEST_CARD (self));

  gtk_widget_set_visible (self->histogram_box, FALSE);
  set_share (self->precision_label, test->true_positives,
             test->true_positives + test->false_positives);
  set_share (self->recall_label, test->true_positives, genuine);
  if (test->n_pairs == 0)
    {
      lk_label_set (self->test_label,
                    _("There were too few pictures to keep some for a test: how well "
                                        "the model does is not known."));
      lk_label_set (self->genuine_label, "–");
      lk_label_set (self->impostor_label, "–");
      return;
    }
  lk_label_set_format (
      self->test_label,
      _("%d pairs of pictures that were never trained on, at a threshold of %.2f. "
                         "Loss %.3f."),
         test->n_pairs, test->threshold, test->loss);
  lk_label_set_format (self->genuine_label, _("%d of %d"), test->true_positives, genuine);
  lk_label_set_format (self->impostor_label, _("%d of %d"), test->false_positives, impostors);
}

void
lk_test_card_show_histogram (LkTestCard *self, const int *genuine, const int *impostor, int n_bins,
                             double threshold)
{
  g_return_if_fail (LK_IS_TEST_CARD (self));

  lk_histogram_set_counts (self->histogram, genuine, impostor, n_bins, threshold);
  gtk_widget_set_visible (self->histogram_box, TRUE);
}

void
lk_test_card_set_in_use (LkTestCard *self, gboolean in_use)
{
  g_return_if_fail (LK_IS_TEST_CARD (self));

  gtk_button_set_label (self->use_button, in_use ? _("In Use") : _("Use This Model"));
}
