/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-result"

#include "lk-train-result.h"

#include "eval/lk-metrics.h"
#include "lk-histogram.h"
#include "lk-label.h"
#include "lk-report-curves.h"

#include <glib/gi18n.h>

struct _LkTrainResult
{
  AdwBin parent_instance;

  GtkLabel *test_label, *accuracy_label, *precision_label, *recall_label, *fmr_label; /* template */
  GtkLabel *tp_label, *fn_label, *fp_label, *tn_label;
  GtkWidget *numbers_box, *comparing_card, *curves_card;
  GtkLabel *comparing_label;
  GtkSpinner *spinner;
  LkHistogram *histogram;
  AdwPreferencesGroup *models_group;
  LkCurves *roc, *det;
  GtkCheckButton *faces_check;

  GPtrArray *rows; /* (element-type GtkWidget): of models_group */
  GtkFileChooserNative *chooser;
  LkExport wished; /* what the chooser is for */
};

G_DEFINE_FINAL_TYPE (LkTrainResult, lk_train_result, ADW_TYPE_BIN)

static guint export_signal;

static void
on_file_chosen (GtkNativeDialog *dialog, int response, LkTrainResult *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_clear_object (&self->chooser);
  if (file != NULL)
    g_signal_emit (self, export_signal, 0, file, (int) self->wished,
                   gtk_check_button_get_active (self->faces_check));
}

static void
on_export (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkTrainResult *self = LK_TRAIN_RESULT (widget);
  GtkRoot *root = gtk_widget_get_root (widget);

  if (self->chooser != NULL)
    return;
  self->wished = g_str_equal (action_name, "result.export-html")  ? LK_EXPORT_HTML
                 : g_str_equal (action_name, "result.export-csv") ? LK_EXPORT_CSV
                                                                  : LK_EXPORT_CURVES;
  self->chooser = gtk_file_chooser_native_new (_("Save"),
                                                  GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                                  GTK_FILE_CHOOSER_ACTION_SAVE, _("_Save"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser),
                                     self->wished == LK_EXPORT_HTML  ? "training.html"
                                     : self->wished == LK_EXPORT_CSV ? "scores.csv"
                                                                     : "training.csv");
  g_signal_connect (self->chooser, "response", G_CALLBACK (on_file_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
lk_train_result_dispose (GObject *object)
{
  LkTrainResult *self = LK_TRAIN_RESULT (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_TRAIN_RESULT);
  G_OBJECT_CLASS (lk_train_result_parent_class)->dispose (object);
}

static void
lk_train_result_class_init (LkTrainResultClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_train_result_dispose;
  export_signal = g_signal_new ("export", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 3, G_TYPE_FILE, G_TYPE_INT,
                                G_TYPE_BOOLEAN);
  g_type_ensure (LK_TYPE_HISTOGRAM);
  g_type_ensure (LK_TYPE_CURVES);
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
  BIND (comparing_card);
  BIND (comparing_label);
  BIND (spinner);
  BIND (curves_card);
  BIND (models_group);
  BIND (roc);
  BIND (det);
  BIND (faces_check);
#undef BIND
  gtk_widget_class_install_action (widget_class, "result.export-html", NULL, on_export);
  gtk_widget_class_install_action (widget_class, "result.export-csv", NULL, on_export);
  gtk_widget_class_install_action (widget_class, "result.export-curves", NULL, on_export);
}

static void
lk_train_result_init (LkTrainResult *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_ptr_array_new ();
  lk_report_curves_prepare (self->roc, self->det);
  lk_train_result_show_no_report (self, NULL);
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

  lk_train_result_show_no_report (self, NULL);
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

static void
show_comparing (LkTrainResult *self, const char *sentence, gboolean busy)
{
  gtk_widget_set_visible (self->comparing_card, sentence != NULL);
  if (sentence != NULL)
    lk_label_set (self->comparing_label, sentence);
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
}

void
lk_train_result_show_comparing (LkTrainResult *self, int done, int total)
{
  g_autofree char *sentence = NULL;

  g_return_if_fail (LK_IS_TRAIN_RESULT (self));

  if (total == 0)
    sentence = g_strdup (_("The report is on its way…"));
  else
    sentence = g_strdup_printf (
        _("The report is on its way: %d of %d pictures have been compared."), done, total);
  show_comparing (self, sentence, TRUE);
}

void
lk_train_result_show_no_report (LkTrainResult *self, const GError *error)
{
  g_return_if_fail (LK_IS_TRAIN_RESULT (self));

  show_comparing (self, error != NULL ? error->message : NULL, FALSE);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->models_group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  lk_curves_clear (self->roc);
  lk_curves_clear (self->det);
  gtk_widget_set_visible (GTK_WIDGET (self->models_group), FALSE);
  gtk_widget_set_visible (self->curves_card, FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "result.export-html", FALSE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "result.export-csv", FALSE);
}

void
lk_train_result_show_report (LkTrainResult *self, const LkReport *report, GPtrArray *pairs)
{
  g_return_if_fail (LK_IS_TRAIN_RESULT (self));

  lk_train_result_show_no_report (self, NULL);
  for (guint i = 0; i < report->models->len; i++)
    {
      GtkWidget *row = lk_model_row_new (report, report->models->pdata[i],
                                         lk_report_curves_get_style (i), pairs->pdata[i]);

      lk_report_curves_add (self->roc, self->det, report, i);
      adw_preferences_group_add (self->models_group, row);
      g_ptr_array_add (self->rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->models_group), TRUE);
  gtk_widget_set_visible (self->curves_card, TRUE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "result.export-html", TRUE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "result.export-csv", TRUE);
}
