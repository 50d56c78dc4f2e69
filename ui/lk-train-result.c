/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-result"

#include "lk-train-result.h"

#include "eval/lk-metrics.h"
#include "lk-histogram.h"
#include "lk-label.h"

#include <glib/gi18n.h>

struct _LkTrainResult
{
  AdwBin parent_instance;

  GtkLabel *test_label, *accuracy_label, *precision_label, *recall_label, *fmr_label; /* template */
  GtkLabel *tp_label, *fn_label, *fp_label, *tn_label;
  GtkWidget *numbers_box;
  LkHistogram *histogram;
};

G_DEFINE_FINAL_TYPE (LkTrainResult, lk_train_result, ADW_TYPE_BIN)

static void
lk_train_result_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_TRAIN_RESULT);
  G_OBJECT_CLASS (lk_train_result_parent_class)->dispose (object);
}

static void
lk_train_result_class_init (LkTrainResultClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_train_result_dispose;
  g_type_ensure (LK_TYPE_HISTOGRAM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-train-result.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkTrainResult, child)
  BIND (test_label);
  BIND (accuracy_label);
  BIND (precision_label);
  BIND (recall_label);
  BIND (fmr_label);
  BIND (tp_label);
  BIND (fn_label);
  BIND (fp_label);
  BIND (tn_label);
  BIND (numbers_box);
  BIND (histogram);
#undef BIND
}

static void
lk_train_result_init (LkTrainResult *self)
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
lk_train_result_show_test (LkTrainResult *self, const LkTrainEvaluation *test)
{
  int genuine = test->true_positives + test->false_negatives;
  int impostors = test->false_positives + test->true_negatives;

  g_return_if_fail (LK_IS_TRAIN_RESULT (self));

  gtk_widget_set_visible (self->numbers_box, test->n_pairs > 0);
  if (test->n_pairs == 0)
    {
      lk_label_set (self->test_label, _("There were too few pictures to keep some for a test: how "
                                        "well the model does is not known."));
      return;
    }
  lk_label_set_format (self->test_label,
                       _("%d pairs of pictures that were never trained on, at the threshold of "
                         "%.2f, which was chosen on others. In brackets: the range that 95 %% of "
                         "such tests would give."),
                          test->n_pairs, test->threshold);
  set_share (self->accuracy_label, test->true_positives + test->true_negatives, test->n_pairs);
  set_share (self->precision_label, test->true_positives,
             test->true_positives + test->false_positives);
  set_share (self->recall_label, test->true_positives, genuine);
  set_share (self->fmr_label, test->false_positives, impostors);
  lk_label_set_format (self->tp_label, "%d", test->true_positives);
  lk_label_set_format (self->fn_label, "%d", test->false_negatives);
  lk_label_set_format (self->fp_label, "%d", test->false_positives);
  lk_label_set_format (self->tn_label, "%d", test->true_negatives);
  lk_histogram_set_counts (self->histogram, test->genuine, test->impostor, LK_TRAIN_BINS,
                           test->threshold);
}
