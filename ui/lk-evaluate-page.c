/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-evaluate-page"

#include "lk-evaluate-page.h"

#include "lk-curves.h"
#include "lk-label.h"
#include "lk-report-curves.h"
#include "lk-split.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LkEvaluatePage
{
  AdwBin parent_instance;

  GtkStack *stack;
  LkAttackPage *attacks;
  GtkLabel *state_label, *detail_label, *about_label;
  GtkProgressBar *progress_bar;
  GtkButton *start_button, *cancel_button;
  GtkWidget *results_box, *settings_box, *curves_box;
  LkCurves *roc, *det;
  AdwPreferencesGroup *models_group, *rows_group;
  GtkWidget *no_models_row;
  AdwExpanderRow *failures_row;
  GtkCheckButton *baseline_check, *own_check, *folder_check, *pairs_check, *faces_check;
  AdwActionRow *own_row, *folder_row, *pairs_row, *root_row;

  GPtrArray *model_rows, *model_checks;  /* (element-type GtkWidget), not owned */
  GPtrArray *model_names;                /* (element-type utf8) */
  GPtrArray *failure_rows, *result_rows; /* (element-type GtkWidget), not owned */
  char *folder, *pairs, *root;           /* (nullable) */
  gboolean own_usable, running, has_report;
  GtkFileChooserNative *chooser;
  const char *choosing; /* the action that opened it */
};

G_DEFINE_FINAL_TYPE (LkEvaluatePage, lk_evaluate_page, ADW_TYPE_BIN)

enum
{
  START,
  CANCEL,
  EXPORT,
  ATTACKS_SHOWN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

#define MAX_FAILURE_ROWS 50

/* ---- what can be done ---- */

static int
count_models (LkEvaluatePage *self)
{
  int n = 0;

  for (guint i = 0; i < self->model_checks->len; i++)
    n += gtk_check_button_get_active (self->model_checks->pdata[i]);
  return n + gtk_check_button_get_active (self->baseline_check);
}

static gboolean
has_test (LkEvaluatePage *self)
{
  if (gtk_check_button_get_active (self->own_check))
    return self->own_usable;
  if (gtk_check_button_get_active (self->folder_check))
    return self->folder != NULL;
  return self->pairs != NULL && self->root != NULL;
}

static void
update (LkEvaluatePage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean ready = count_models (self) > 0 && has_test (self);

  gtk_widget_action_set_enabled (widget, "evaluate.start", ready && !self->running);
  gtk_widget_action_set_enabled (widget, "evaluate.cancel", self->running);
  gtk_widget_action_set_enabled (widget, "evaluate.export-html",
                                 self->has_report && !self->running);
  gtk_widget_action_set_enabled (widget, "evaluate.export-csv", self->has_report && !self->running);
  gtk_widget_set_visible (GTK_WIDGET (self->start_button), !self->running);
  gtk_widget_set_visible (GTK_WIDGET (self->cancel_button), self->running);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), self->running);
  gtk_widget_set_sensitive (self->settings_box, !self->running);
  gtk_widget_set_visible (GTK_WIDGET (self->root_row),
                          gtk_check_button_get_active (self->pairs_check));
  if (self->running || self->has_report)
    return;
  lk_label_set (self->state_label, _ ("Measure Models"));
  if (count_models (self) == 0)
    lk_label_set (self->detail_label, _ ("Choose a model."));
  else if (ready)
    lk_label_set (self->detail_label, _ ("Ready. The pictures stay on this computer."));
  else if (gtk_check_button_get_active (self->own_check))
    lk_label_set (self->detail_label, _ ("Choose a folder of people, or enrol somebody first."));
  else
    lk_label_set (self->detail_label, _ ("Choose the pictures to measure on."));
}

/* ---- choosing ---- */

static void
show_path (AdwActionRow *row, const char *path, const char *otherwise)
{
  g_autofree char *shown = path != NULL ? g_filename_display_name (path) : g_strdup (otherwise);

  adw_action_row_set_subtitle (row, shown);
}

static void
show_paths (LkEvaluatePage *self)
{
  show_path (self->folder_row, self->folder, _ ("One folder for each person"));
  show_path (self->pairs_row, self->pairs, _ ("As LFW’s pairs.txt"));
  show_path (self->root_row, self->root, _ ("Where the list’s pictures are"));
  update (self);
}

static void
on_chosen (GtkNativeDialog *dialog, int response, LkEvaluatePage *self)
{
  g_autoptr (GFile) file = NULL;
  char *path;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_clear_object (&self->chooser);
  if (file == NULL)
    return;
  if (g_str_has_prefix (self->choosing, "evaluate.export"))
    {
      g_signal_emit (self, signals[EXPORT], 0, file,
                     g_str_equal (self->choosing, "evaluate.export-html"),
                     gtk_check_button_get_active (self->faces_check));
      return;
    }
  path = g_file_get_path (file);
  if (path == NULL)
    return;
  if (g_str_equal (self->choosing, "evaluate.choose-folder"))
    lk_evaluate_page_set_test (self, LK_MEASURE_FOLDER, path, NULL);
  else if (g_str_equal (self->choosing, "evaluate.choose-pairs"))
    lk_evaluate_page_set_test (self, LK_MEASURE_PAIRS, path, self->root);
  else
    lk_evaluate_page_set_test (self, LK_MEASURE_PAIRS, self->pairs, path);
  g_free (path);
}

static void
on_choose (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  static const struct
  {
    const char *action, *title, *accept;
    GtkFileChooserAction kind;
    const char *name;
  } dialogs[] = {
    { "evaluate.choose-folder", N_ ("A Folder for Each Person"),
                                    N_ ("_Choose"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL },
      { "evaluate.choose-pairs",
        N_ ("A List of Pairs"), N_ ("_Choose"), GTK_FILE_CHOOSER_ACTION_OPEN, NULL },
        { "evaluate.choose-root",
          N_ ("The List’s Pictures"), N_ ("_Choose"), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL },
          { "evaluate.export-html",
            N_ ("Save the Report"),
                N_ ("_Save"), GTK_FILE_CHOOSER_ACTION_SAVE, "likeness-report.html" },
            { "evaluate.export-csv", N_ ("Save the Numbers"),
                                         N_ ("_Save"), GTK_FILE_CHOOSER_ACTION_SAVE,
                                             "likeness-report.csv" },
            };
  LkEvaluatePage *self = LK_EVALUATE_PAGE (widget);
  GtkRoot *root = gtk_widget_get_root (widget);
  guint i = 0;

  if (self->chooser != NULL)
    return;
  while (!g_str_equal (dialogs[i].action, action_name))
    i++;
  self->choosing = dialogs[i].action;
  self->chooser = gtk_file_chooser_native_new (_ (dialogs[i].title),
                                                  GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                                  dialogs[i].kind, _ (dialogs[i].accept), NULL);
  if (dialogs[i].name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), dialogs[i].name);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect (self->chooser, "response", G_CALLBACK (on_chosen), self);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_start (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  lk_evaluate_page_show_progress (LK_EVALUATE_PAGE (widget), 0, 0);
  g_signal_emit (widget, signals[START], 0);
}

static void
on_cancel (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[CANCEL], 0);
}

static void
on_attacks (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  gtk_stack_set_visible_child_name (LK_EVALUATE_PAGE (widget)->stack, "attacks");
}

static void
on_back (LkEvaluatePage *self)
{
  gtk_stack_set_visible_child_name (self->stack, "measure");
}

static void
on_part_changed (LkEvaluatePage *self)
{
  g_signal_emit (self, signals[ATTACKS_SHOWN], 0,
                 g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "attacks") == 0);
}

/* ---- life ---- */

static void
lk_evaluate_page_dispose (GObject *object)
{
  LkEvaluatePage *self = LK_EVALUATE_PAGE (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->model_rows, g_ptr_array_unref);
  g_clear_pointer (&self->model_checks, g_ptr_array_unref);
  g_clear_pointer (&self->model_names, g_ptr_array_unref);
  g_clear_pointer (&self->failure_rows, g_ptr_array_unref);
  g_clear_pointer (&self->result_rows, g_ptr_array_unref);
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_EVALUATE_PAGE);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->pairs, g_free);
  g_clear_pointer (&self->root, g_free);
  G_OBJECT_CLASS (lk_evaluate_page_parent_class)->dispose (object);
}

static void
lk_evaluate_page_class_init (LkEvaluatePageClass *klass)
{
  static const char *const choosers[] = { "evaluate.choose-folder", "evaluate.choose-pairs",
                                          "evaluate.choose-root", "evaluate.export-html",
                                          "evaluate.export-csv" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_evaluate_page_dispose;
  signals[START] = g_signal_new ("start", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  signals[CANCEL] = g_signal_new ("cancel", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 0);
  signals[EXPORT] = g_signal_new ("export", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 3, G_TYPE_FILE, G_TYPE_BOOLEAN,
                                  G_TYPE_BOOLEAN);

  signals[ATTACKS_SHOWN] = g_signal_new ("attacks-shown", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_BOOLEAN);

  g_type_ensure (LK_TYPE_ATTACK_PAGE);
  g_type_ensure (LK_TYPE_CURVES);
  g_type_ensure (LK_TYPE_SPLIT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-evaluate-page.ui");
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, stack);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, attacks);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, state_label);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, detail_label);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, about_label);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, start_button);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, results_box);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, settings_box);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, curves_box);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, rows_group);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, roc);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, det);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, models_group);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, no_models_row);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, failures_row);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, baseline_check);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, own_check);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, folder_check);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, pairs_check);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, faces_check);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, own_row);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, folder_row);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, pairs_row);
  gtk_widget_class_bind_template_child (widget_class, LkEvaluatePage, root_row);
  gtk_widget_class_install_action (widget_class, "evaluate.start", NULL, on_start);
  gtk_widget_class_install_action (widget_class, "evaluate.cancel", NULL, on_cancel);
  gtk_widget_class_install_action (widget_class, "evaluate.attacks", NULL, on_attacks);
  for (guint i = 0; i < G_N_ELEMENTS (choosers); i++)
    gtk_widget_class_install_action (widget_class, choosers[i], NULL, on_choose);
}

static void
lk_evaluate_page_init (LkEvaluatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->attacks, "back", G_CALLBACK (on_back), self);
  g_signal_connect_swapped (self->stack, "notify::visible-child", G_CALLBACK (on_part_changed),
                            self);
  self->model_rows = g_ptr_array_new ();
  self->model_checks = g_ptr_array_new ();
  self->model_names = g_ptr_array_new_with_free_func (g_free);
  self->failure_rows = g_ptr_array_new ();
  self->result_rows = g_ptr_array_new ();
  lk_report_curves_prepare (self->roc, self->det);
  for (int i = 0; i < 4; i++)
    g_signal_connect_swapped (((GtkCheckButton *[]){ self->own_check, self->folder_check,
                                                     self->pairs_check, self->baseline_check })[i],
                              "toggled", G_CALLBACK (update), self);
  lk_evaluate_page_set_own (self, _ ("Nobody is enrolled yet"), FALSE);
  show_paths (self);
}

GtkWidget *
lk_evaluate_page_new (void)
{
  return g_object_new (LK_TYPE_EVALUATE_PAGE, NULL);
}

/* ---- settings ---- */

void
lk_evaluate_page_set_models (LkEvaluatePage *self, const LkModelInfo *models, int n,
                             const char *in_use)
{
  g_auto (GStrv) chosen = NULL;

  g_return_if_fail (LK_IS_EVALUATE_PAGE (self));

  chosen = lk_evaluate_page_get_models (self);
  for (guint i = 0; i < self->model_rows->len; i++)
    adw_preferences_group_remove (self->models_group, self->model_rows->pdata[i]);
  g_ptr_array_set_size (self->model_rows, 0);
  g_ptr_array_set_size (self->model_checks, 0);
  g_ptr_array_set_size (self->model_names, 0);
  for (int i = 0; i < n; i++)
    {
      GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();
      gboolean active = chosen[0] != NULL
                            ? g_strv_contains ((const char *const *) chosen, models[i].name)
                            : g_strcmp0 (models[i].name, in_use) == 0;

      g_object_set (row, "use-markup", FALSE, NULL); /* before there is text to parse */
      g_object_set (row, "title", models[i].name, "subtitle",
                    models[i].sentence != NULL ? models[i].sentence : "", "activatable-widget",
                    check, "subtitle-lines", 2, NULL);
      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), active);
      g_signal_connect_swapped (check, "toggled", G_CALLBACK (update), self);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
      adw_preferences_group_add (self->models_group, row);
      g_ptr_array_add (self->model_rows, row);
      g_ptr_array_add (self->model_checks, check);
      g_ptr_array_add (self->model_names, g_strdup (models[i].name));
    }
  gtk_widget_set_visible (self->no_models_row, n == 0);
  update (self);
}

char **
lk_evaluate_page_get_models (LkEvaluatePage *self)
{
  GPtrArray *names = g_ptr_array_new ();

  g_return_val_if_fail (LK_IS_EVALUATE_PAGE (self), NULL);

  for (guint i = 0; i < self->model_checks->len; i++)
    if (gtk_check_button_get_active (self->model_checks->pdata[i]))
      g_ptr_array_add (names, g_strdup (self->model_names->pdata[i]));
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

gboolean
lk_evaluate_page_get_baseline (LkEvaluatePage *self)
{
  g_return_val_if_fail (LK_IS_EVALUATE_PAGE (self), FALSE);
  return gtk_check_button_get_active (self->baseline_check);
}

LkAttackPage *
lk_evaluate_page_get_attacks (LkEvaluatePage *self)
{
  g_return_val_if_fail (LK_IS_EVALUATE_PAGE (self), NULL);
  return self->attacks;
}

void
lk_evaluate_page_set_own (LkEvaluatePage *self, const char *sentence, gboolean usable)
{
  g_return_if_fail (LK_IS_EVALUATE_PAGE (self));

  adw_action_row_set_subtitle (self->own_row, sentence);
  self->own_usable = usable;
  update (self);
}

LkMeasureOn
lk_evaluate_page_get_test (LkEvaluatePage *self, char **path, char **root)
{
  *path = *root = NULL;
  g_return_val_if_fail (LK_IS_EVALUATE_PAGE (self), LK_MEASURE_OWN);

  if (gtk_check_button_get_active (self->own_check))
    return LK_MEASURE_OWN;
  if (gtk_check_button_get_active (self->folder_check))
    {
      *path = g_strdup (self->folder);
      return LK_MEASURE_FOLDER;
    }
  *path = g_strdup (self->pairs);
  *root = g_strdup (self->root);
  return LK_MEASURE_PAIRS;
}

void
lk_evaluate_page_set_test (LkEvaluatePage *self, LkMeasureOn on, const char *path, const char *root)
{
  g_autofree char *new_path = g_strdup (path), *new_root = g_strdup (root);

  g_return_if_fail (LK_IS_EVALUATE_PAGE (self));

  if (on == LK_MEASURE_FOLDER)
    {
      g_free (self->folder);
      self->folder = g_steal_pointer (&new_path);
    }
  else if (on == LK_MEASURE_PAIRS)
    {
      g_free (self->pairs);
      g_free (self->root);
      self->pairs = g_steal_pointer (&new_path);
      self->root = g_steal_pointer (&new_root);
    }
  gtk_check_button_set_active (on == LK_MEASURE_OWN      ? self->own_check
                               : on == LK_MEASURE_FOLDER ? self->folder_check
                                                         : self->pairs_check,
                               TRUE);
  show_paths (self);
}

/* ---- what comes of it ---- */

void
lk_evaluate_page_show_progress (LkEvaluatePage *self, int done, int total)
{
  g_return_if_fail (LK_IS_EVALUATE_PAGE (self));

  if (!self->running)
    {
      self->running = TRUE;
      update (self);
    }
  lk_label_set (self->state_label, _ ("Measuring"));
  if (total == 0)
    lk_label_set (self->detail_label, _ ("Getting ready…"));
  else if (done < total)
    lk_label_set_format (self->detail_label, _ ("%d of %d pictures"), done, total);
  else
    lk_label_set (self->detail_label, _ ("Comparing, and working out intervals…"));
  gtk_progress_bar_set_fraction (self->progress_bar, total > 0 ? (double) done / total : 0);
}

static void
show_failures (LkEvaluatePage *self, const LkReport *report)
{
  const LkEvaluation *evaluation = report->evaluation;
  g_autofree char *sentence = lk_report_describe_failures (report);

  for (guint i = 0; i < self->failure_rows->len; i++)
    adw_expander_row_remove (self->failures_row, self->failure_rows->pdata[i]);
  g_ptr_array_set_size (self->failure_rows, 0);
  adw_expander_row_set_subtitle (self->failures_row, sentence);
  adw_expander_row_set_enable_expansion (self->failures_row, evaluation->failures->len > 0);
  for (guint i = 0; i < MIN (evaluation->failures->len, MAX_FAILURE_ROWS); i++)
    {
      const LkFailure *failure = &g_array_index (evaluation->failures, LkFailure, i);
      GtkWidget *row = adw_action_row_new ();
      g_autofree char *name = g_filename_display_basename (
          g_array_index (evaluation->protocol->pictures, LkProtocolPicture, failure->picture).path);

      g_object_set (row, "use-markup", FALSE, NULL); /* before there is text to parse */
      g_object_set (row, "title", name, "subtitle", failure->why, NULL);
      adw_expander_row_add_row (self->failures_row, row);
      g_ptr_array_add (self->failure_rows, row);
    }
}

static void
end_run (LkEvaluatePage *self)
{
  self->running = FALSE;
  gtk_progress_bar_set_fraction (self->progress_bar, 0);
  update (self);
}

void
lk_evaluate_page_show_report (LkEvaluatePage *self, const LkReport *report, GPtrArray *pairs)
{
  const LkProtocol *protocol = report->evaluation->protocol;

  g_return_if_fail (LK_IS_EVALUATE_PAGE (self));

  self->has_report = TRUE;
  end_run (self);
  lk_label_set (self->state_label, protocol->name);
  lk_label_set_format (self->detail_label, _ ("Measured on %s"), report->date);
  lk_label_set_format (self->about_label, "%s %s", protocol->about != NULL ? protocol->about : "",
                       report->pictures != NULL ? report->pictures : "");
  lk_curves_clear (self->roc);
  lk_curves_clear (self->det);
  for (guint i = 0; i < self->result_rows->len; i++)
    adw_preferences_group_remove (self->rows_group, self->result_rows->pdata[i]);
  g_ptr_array_set_size (self->result_rows, 0);
  for (guint i = 0; i < report->models->len; i++)
    {
      GtkWidget *row;

      if (protocol->pairs->len > 0)
        lk_report_curves_add (self->roc, self->det, report, i);
      row = lk_model_row_new (report, report->models->pdata[i], lk_report_curves_get_style (i),
                              pairs != NULL ? pairs->pdata[i] : NULL);
      adw_preferences_group_add (self->rows_group, row);
      g_ptr_array_add (self->result_rows, row);
    }
  gtk_widget_set_visible (self->curves_box, protocol->pairs->len > 0);
  show_failures (self, report);
  gtk_widget_set_visible (self->results_box, TRUE);
}

void
lk_evaluate_page_show_error (LkEvaluatePage *self, const GError *error)
{
  g_return_if_fail (LK_IS_EVALUATE_PAGE (self));

  self->has_report = FALSE;
  end_run (self);
  gtk_widget_set_visible (self->results_box, FALSE);
  lk_label_set (self->state_label, _ ("That Did Not Work"));
  lk_label_set (self->detail_label, error->message);
}

void
lk_evaluate_page_show_cancelled (LkEvaluatePage *self)
{
  g_return_if_fail (LK_IS_EVALUATE_PAGE (self));

  end_run (self);
  if (!self->has_report)
    return;
  lk_label_set (self->state_label, _ ("Measure Models"));
  lk_label_set (self->detail_label, _ ("Cancelled. Below is what was measured before."));
}
