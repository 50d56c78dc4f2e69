/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-page"

#include "lk-train-page.h"

#include "lk-label.h"
#include "lk-mark.h"
#include "lk-plot.h"
#include "lk-split.h"
#include "lk-test-card.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LkTrainPage
{
  AdwBin parent_instance;

  GtkScrolledWindow *scroller; /* template children: borrowed */
  GtkLabel *state_label, *detail_label, *data_label;
  GtkLabel *step_label, *loss_label, *speed_label, *eta_label, *waited_label;
  GtkProgressBar *progress_bar;
  GtkWidget *facts_box, *plots_box, *settings_box;
  GtkWidget *start_button, *pause_button, *stop_button;
  LkPlot *loss_plot, *quality_plot;
  LkTestCard *test_card;
  AdwPreferencesGroup *network_group;
  GtkCheckButton *own_check, *folder_check;
  AdwActionRow *folder_row, *resume_row, *model_row;
  GtkSwitch *resume_switch;
  AdwComboRow *schedule_row;
  GtkSpinButton *epochs_spin, *batch_spin, *rate_spin, *clip_spin, *steps_spin;
  GtkSpinButton *checkpoint_spin, *threads_spin, *seed_spin;

  GPtrArray *network_rows; /* (element-type AdwActionRow): borrowed from the group */
  char *network;           /* (nullable) */
  char *folder;            /* (nullable): NULL for own captures */
  gboolean usable;
  gboolean running; /* from "start" to DONE, FAILED or an error */
  gboolean paused;
  gboolean fresh; /* started: no snapshot yet */
  gboolean has_model, in_use;
  double best_loss;
  int steps_per_epoch;
  gboolean quiet;
  GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE (LkTrainPage, lk_train_page, ADW_TYPE_BIN)

enum
{
  RECIPE_WANTED,
  DATA_CHOSEN,
  START,
  PAUSE,
  RESUME,
  STOP,
  USE_MODEL,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* The lines of the plots, in the order in which they are added. */
enum
{
  LOSS_EPOCH,
  LOSS_VALIDATION,
  LOSS_STEP,
};
enum
{
  QUALITY_PRECISION,
  QUALITY_RECALL,
};

static char *
format_duration (double seconds)
{
  int s = (int) CLAMP (seconds, 0, 1e8);

  if (s < 60)
    return g_strdup_printf (_("%d s"), s);
  if (s < 3600)
    return g_strdup_printf (_("%d min %02d s"), s / 60, s % 60);
  return g_strdup_printf (_("%d h %02d min"), s / 3600, s / 60 % 60);
}

static void
update_actions (LkTrainPage *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_widget_action_set_enabled (widget, "train.start",
                                 !self->running && self->usable && self->network != NULL);
  gtk_widget_action_set_enabled (widget, "train.pause", self->running && !self->fresh);
  gtk_widget_action_set_enabled (widget, "train.stop", self->running);
  gtk_widget_action_set_enabled (widget, "train.use-model",
                                 !self->running && self->has_model && !self->in_use);
  gtk_widget_action_set_enabled (widget, "train.choose-folder", !self->running);
  gtk_widget_action_set_enabled (widget, "train.own-captures", !self->running);
  gtk_widget_action_set_enabled (widget, "train.reset-recipe",
                                 !self->running && self->network != NULL);
  gtk_widget_set_visible (self->start_button, !self->running);
  gtk_widget_set_visible (self->pause_button, self->running);
  gtk_widget_set_visible (self->stop_button, self->running);
  gtk_widget_set_sensitive (self->settings_box, !self->running);
  gtk_button_set_label (GTK_BUTTON (self->pause_button), self->paused ? _("Resume") : _("Pause"));
  lk_test_card_set_in_use (self->test_card, self->in_use);
  /* One suggestion at a time. */
  if (self->has_model && !self->in_use)
    gtk_widget_remove_css_class (self->start_button, "suggested-action");
  else
    gtk_widget_add_css_class (self->start_button, "suggested-action");
}

static void
show_state (LkTrainPage *self, const char *title, const char *detail, LkMark mark)
{
  lk_label_set (self->state_label, title);
  lk_label_set (self->detail_label, detail);
  gtk_widget_set_visible (GTK_WIDGET (self->detail_label), *detail != '\0');
  for (LkMark m = LK_MARK_GOOD; m <= LK_MARK_ADVICE; m++)
    gtk_widget_remove_css_class (GTK_WIDGET (self->state_label), lk_mark_get_css_class (m));
  if (mark != LK_MARK_NEUTRAL)
    gtk_widget_add_css_class (GTK_WIDGET (self->state_label), lk_mark_get_css_class (mark));
}

static void
on_network_toggled (GtkCheckButton *check, LkTrainPage *self)
{
  const char *name = g_object_get_data (G_OBJECT (check), "network");

  if (!gtk_check_button_get_active (check) || g_strcmp0 (name, self->network) == 0)
    return;
  g_free (self->network);
  self->network = g_strdup (name);
  update_actions (self);
  if (!self->quiet)
    g_signal_emit (self, signals[RECIPE_WANTED], 0, self->network);
}

/* Which of the two sources is marked; says nothing to the owner. */
static void
mark_source (LkTrainPage *self)
{
  self->quiet = TRUE;
  gtk_check_button_set_active (self->folder != NULL ? self->folder_check : self->own_check, TRUE);
  self->quiet = FALSE;
}

static void
on_folder_chosen (GtkNativeDialog *dialog, int response, LkTrainPage *self)
{
  g_autoptr (GFile) folder = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_clear_object (&self->chooser);
  mark_source (self); /* stays until lk_train_page_set_data() */
  if (folder != NULL)
    g_signal_emit (self, signals[DATA_CHOSEN], 0, folder);
}

static void
on_choose_folder (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkTrainPage *self = LK_TRAIN_PAGE (widget);
  GtkRoot *root = gtk_widget_get_root (widget);

  if (self->chooser == NULL)
    {
      self->chooser = gtk_file_chooser_native_new (
          _("Pictures to Train on"), GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
             GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _("_Choose"), NULL);
      gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
      g_signal_connect (self->chooser, "response", G_CALLBACK (on_folder_chosen), self);
    }
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
on_own_captures (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[DATA_CHOSEN], 0, NULL);
}

static void
on_source_toggled (GtkCheckButton *check, LkTrainPage *self)
{
  if (self->quiet || !gtk_check_button_get_active (check))
    return;
  if (check == self->own_check)
    gtk_widget_activate_action (GTK_WIDGET (self), "train.own-captures", NULL);
  else if (self->folder == NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "train.choose-folder", NULL);
}

static void
on_start (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkTrainPage *self = LK_TRAIN_PAGE (widget);

  self->running = self->fresh = TRUE;
  self->paused = self->has_model = self->in_use = FALSE;
  show_state (self, _("Starting…"), "", LK_MARK_NEUTRAL);
  gtk_widget_set_visible (GTK_WIDGET (self->test_card), FALSE);
  update_actions (self);
  g_signal_emit (self, signals[START], 0);
}

static void
on_pause (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[LK_TRAIN_PAGE (widget)->paused ? RESUME : PAUSE], 0);
}

static void
on_stop (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  show_state (LK_TRAIN_PAGE (widget), _("Stopping…"), _("The model is written after this step."),
                                                          LK_MARK_NEUTRAL);
  g_signal_emit (widget, signals[STOP], 0);
}

static void
on_use_model (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[USE_MODEL], 0);
}

static void
on_reset_recipe (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[RECIPE_WANTED], 0, LK_TRAIN_PAGE (widget)->network);
}

static void
lk_train_page_dispose (GObject *object)
{
  LkTrainPage *self = LK_TRAIN_PAGE (object);

  self->quiet = TRUE;
  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->network_rows, g_ptr_array_unref);
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_TRAIN_PAGE);
  g_clear_pointer (&self->network, g_free);
  g_clear_pointer (&self->folder, g_free);
  G_OBJECT_CLASS (lk_train_page_parent_class)->dispose (object);
}

static void
lk_train_page_class_init (LkTrainPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_train_page_dispose;

#define SIGNAL(name, ...)                                                                          \
  g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, __VA_ARGS__)
  signals[RECIPE_WANTED] = SIGNAL ("recipe-wanted", 1, G_TYPE_STRING);
  signals[DATA_CHOSEN] = SIGNAL ("data-chosen", 1, G_TYPE_FILE);
  signals[START] = SIGNAL ("start", 0);
  signals[PAUSE] = SIGNAL ("pause", 0);
  signals[RESUME] = SIGNAL ("resume", 0);
  signals[STOP] = SIGNAL ("stop", 0);
  signals[USE_MODEL] = SIGNAL ("use-model", 0);
#undef SIGNAL

  g_type_ensure (LK_TYPE_SPLIT);
  g_type_ensure (LK_TYPE_PLOT);
  g_type_ensure (LK_TYPE_TEST_CARD);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-train-page.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkTrainPage, child)
  BIND (scroller);
  BIND (state_label);
  BIND (detail_label);
  BIND (data_label);
  BIND (step_label);
  BIND (loss_label);
  BIND (speed_label);
  BIND (eta_label);
  BIND (waited_label);
  BIND (progress_bar);
  BIND (facts_box);
  BIND (test_card);
  BIND (plots_box);
  BIND (settings_box);
  BIND (start_button);
  BIND (pause_button);
  BIND (stop_button);
  BIND (loss_plot);
  BIND (quality_plot);
  BIND (network_group);
  BIND (own_check);
  BIND (folder_check);
  BIND (folder_row);
  BIND (resume_row);
  BIND (model_row);
  BIND (resume_switch);
  BIND (schedule_row);
  BIND (epochs_spin);
  BIND (batch_spin);
  BIND (rate_spin);
  BIND (clip_spin);
  BIND (steps_spin);
  BIND (checkpoint_spin);
  BIND (threads_spin);
  BIND (seed_spin);
#undef BIND
  gtk_widget_class_install_action (widget_class, "train.start", NULL, on_start);
  gtk_widget_class_install_action (widget_class, "train.pause", NULL, on_pause);
  gtk_widget_class_install_action (widget_class, "train.stop", NULL, on_stop);
  gtk_widget_class_install_action (widget_class, "train.use-model", NULL, on_use_model);
  gtk_widget_class_install_action (widget_class, "train.choose-folder", NULL, on_choose_folder);
  gtk_widget_class_install_action (widget_class, "train.own-captures", NULL, on_own_captures);
  gtk_widget_class_install_action (widget_class, "train.reset-recipe", NULL, on_reset_recipe);
}

static void
lk_train_page_init (LkTrainPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->network_rows = g_ptr_array_new ();
  g_signal_connect (self->own_check, "toggled", G_CALLBACK (on_source_toggled), self);
  g_signal_connect (self->folder_check, "toggled", G_CALLBACK (on_source_toggled), self);
  lk_plot_set_labels (self->loss_plot, _("Loss"), _("epoch"));
  lk_plot_add_series (self->loss_plot, _("training"));
  lk_plot_add_series (self->loss_plot, _("validation"));
  lk_plot_add_series (self->loss_plot, _("each step"));
  lk_plot_set_labels (self->quality_plot, _("Validation"), _("epoch"));
  lk_plot_set_y_range (self->quality_plot, 0, 1);
  lk_plot_add_series (self->quality_plot, _("precision"));
  lk_plot_add_series (self->quality_plot, _("recall"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Train"), -1);
  show_state (self, _("Ready to Train"),
                       _("Training teaches the network to tell people apart. It runs on this computer only, can be "
                "paused and stopped at any time, and keeps what it has learnt."),
                          LK_MARK_NEUTRAL);
  update_actions (self);
}

GtkWidget *
lk_train_page_new (void)
{
  return g_object_new (LK_TYPE_TRAIN_PAGE, NULL);
}

void
lk_train_page_set_networks (LkTrainPage *self, const LkNetworkInfo *networks, int n,
                            const char *selected)
{
  GtkCheckButton *first = NULL;

  g_return_if_fail (LK_IS_TRAIN_PAGE (self));

  for (guint i = 0; i < self->network_rows->len; i++)
    adw_preferences_group_remove (self->network_group, self->network_rows->pdata[i]);
  g_ptr_array_set_size (self->network_rows, 0);
  g_clear_pointer (&self->network, g_free);
  self->quiet = TRUE;
  for (int i = 0; i < n; i++)
    {
      GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();
      g_autofree char *subtitle = NULL;

      if (networks[i].n_parameters >= 1000000)
        subtitle = g_strdup_printf (_("%s · %.1f million parameters"), networks[i].description,
                                       (double) networks[i].n_parameters / 1e6);
      else if (networks[i].n_parameters > 0)
        subtitle = g_strdup_printf (_("%s · %d parameters"), networks[i].description,
                                       (int) networks[i].n_parameters);
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), networks[i].name);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row),
                                   subtitle ? subtitle : networks[i].description);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
      gtk_check_button_set_group (GTK_CHECK_BUTTON (check), first);
      if (first == NULL)
        first = GTK_CHECK_BUTTON (check);
      g_object_set_data_full (G_OBJECT (check), "network", g_strdup (networks[i].name), g_free);
      g_signal_connect (check, "toggled", G_CALLBACK (on_network_toggled), self);
      adw_preferences_group_add (self->network_group, row);
      g_ptr_array_add (self->network_rows, row);
      if (g_strcmp0 (networks[i].name, selected) == 0)
        gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
    }
  if (self->network == NULL && first != NULL)
    gtk_check_button_set_active (first, TRUE);
  self->quiet = FALSE;
  update_actions (self);
}

void
lk_train_page_set_data (LkTrainPage *self, const char *folder, const char *sentence,
                        gboolean usable)
{
  char *copy = g_strdup (folder);

  g_return_if_fail (LK_IS_TRAIN_PAGE (self));

  g_free (self->folder);
  self->folder = copy;
  self->usable = usable;
  mark_source (self);
  adw_action_row_set_subtitle (
      self->folder_row, self->folder
                            ? self->folder
                            : _("anchor, positive and negative, or one folder for each person"));
  lk_label_set (self->data_label, sentence);
  if (usable)
    gtk_widget_remove_css_class (GTK_WIDGET (self->data_label), "warning");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->data_label), "warning");
  update_actions (self);
}

void
lk_train_page_set_options (LkTrainPage *self, const LkTrainOptions *options)
{
  g_return_if_fail (LK_IS_TRAIN_PAGE (self));

  gtk_spin_button_set_value (self->epochs_spin, options->epochs);
  gtk_spin_button_set_value (self->batch_spin, options->batch_pairs);
  gtk_spin_button_set_value (self->rate_spin, options->rate);
  adw_combo_row_set_selected (self->schedule_row,
                              options->schedule == LK_SCHEDULE_EXPONENTIAL ? 1 : 0);
  gtk_spin_button_set_value (self->clip_spin, options->clip_value);
  gtk_spin_button_set_value (self->steps_spin, options->steps_per_epoch);
  gtk_spin_button_set_value (self->checkpoint_spin, options->checkpoint_epochs);
  gtk_spin_button_set_value (self->threads_spin, options->n_threads);
  gtk_spin_button_set_value (self->seed_spin, (double) options->seed);
  gtk_switch_set_active (self->resume_switch, options->resume);
}

void
lk_train_page_get_options (LkTrainPage *self, LkTrainOptions *options)
{
  g_return_if_fail (LK_IS_TRAIN_PAGE (self));

  *options = (LkTrainOptions){
    .network = g_strdup (self->network),
    .data = g_strdup (self->folder),
    .epochs = gtk_spin_button_get_value_as_int (self->epochs_spin),
    .steps_per_epoch = gtk_spin_button_get_value_as_int (self->steps_spin),
    .batch_pairs = gtk_spin_button_get_value_as_int (self->batch_spin),
    .rate = gtk_spin_button_get_value (self->rate_spin),
    .schedule = adw_combo_row_get_selected (self->schedule_row) == 1 ? LK_SCHEDULE_EXPONENTIAL
                                                                     : LK_SCHEDULE_CONSTANT,
    .clip_value = gtk_spin_button_get_value (self->clip_spin),
    .checkpoint_epochs = gtk_spin_button_get_value_as_int (self->checkpoint_spin),
    .seed = (guint64) gtk_spin_button_get_value (self->seed_spin),
    .n_threads = gtk_spin_button_get_value_as_int (self->threads_spin),
    .resume = gtk_widget_get_visible (GTK_WIDGET (self->resume_row)) &&
              gtk_switch_get_active (self->resume_switch),
  };
}

void
lk_train_page_set_can_resume (LkTrainPage *self, gboolean can_resume)
{
  g_return_if_fail (LK_IS_TRAIN_PAGE (self));
  gtk_widget_set_visible (GTK_WIDGET (self->resume_row), can_resume);
}

static void
begin_run (LkTrainPage *self)
{
  self->fresh = FALSE;
  self->best_loss = INFINITY;
  lk_plot_clear (self->loss_plot);
  lk_plot_clear (self->quality_plot);
  gtk_widget_set_visible (self->plots_box, TRUE);
  gtk_widget_set_visible (self->facts_box, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->test_card), FALSE);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

static void
plot_progress (LkTrainPage *self, const LkTrainProgress *progress)
{
  double x;

  if (progress->steps <= 0 || progress->epochs <= 0 || progress->step <= 0)
    return;
  x = (double) progress->step / progress->steps * progress->epochs;
  lk_plot_append (self->loss_plot, LOSS_STEP, x, progress->loss);
  if (!progress->epoch_ended)
    return;
  lk_plot_append (self->loss_plot, LOSS_EPOCH, x, progress->mean_loss);
  lk_plot_append (self->loss_plot, LOSS_VALIDATION, x, progress->validation_loss);
  lk_plot_append (self->quality_plot, QUALITY_PRECISION, x, progress->precision);
  lk_plot_append (self->quality_plot, QUALITY_RECALL, x, progress->recall);
  if (progress->validation_loss < self->best_loss)
    {
      self->best_loss = progress->validation_loss;
      lk_plot_set_marker (self->loss_plot, x, _("lowest"));
      lk_plot_set_marker (self->quality_plot, x, _("lowest loss"));
    }
}

void
lk_train_page_show_progress (LkTrainPage *self, const LkTrainProgress *progress)
{
  g_autofree char *text = NULL, *eta = NULL;

  g_return_if_fail (LK_IS_TRAIN_PAGE (self));

  if (self->fresh || !self->running)
    begin_run (self);
  self->running = progress->state != LK_TRAIN_DONE && progress->state != LK_TRAIN_FAILED;
  self->paused = progress->state == LK_TRAIN_PAUSED;
  switch (progress->state)
    {
    case LK_TRAIN_LOADING:
      show_state (self, _("Reading Pictures…"), "", LK_MARK_NEUTRAL);
      gtk_progress_bar_pulse (self->progress_bar);
      break;
    case LK_TRAIN_TESTING:
      show_state (self, _("Testing…"), _("With pictures that were never trained on."),
                                           LK_MARK_NEUTRAL);
      break;
    case LK_TRAIN_DONE:
      self->has_model = TRUE;
      text = g_strdup_printf (ngettext ("%d step was taken. The model has been saved.",
                                        "%d steps were taken. The model has been saved.",
                                        (gulong) progress->step),
                              progress->step);
      show_state (self,
                  progress->step >= progress->steps ? _("Training Finished")
                                                    : _("Training Stopped"), text, LK_MARK_GOOD);
      lk_test_card_show (self->test_card, &progress->test);
      gtk_widget_set_visible (GTK_WIDGET (self->test_card), TRUE);
      break;
    case LK_TRAIN_FAILED:
      break; /* lk_train_page_show_error() says why */
    case LK_TRAIN_PAUSED:
    case LK_TRAIN_RUNNING:
    default:
      text = g_strdup_printf (self->paused
                              ? _("Paused in Epoch %d of %d")
                              : _("Epoch %d of %d"), progress->epoch, progress->epochs);
      show_state (self, text, "", LK_MARK_NEUTRAL);
      break;
    }
  if (progress->state == LK_TRAIN_RUNNING || progress->epoch_ended)
    plot_progress (self, progress);
  if (progress->state != LK_TRAIN_LOADING && progress->steps > 0)
    gtk_progress_bar_set_fraction (self->progress_bar,
                                   CLAMP ((double) progress->step / progress->steps, 0, 1));
  lk_label_set_format (self->step_label, _("%d of %d"), progress->step, progress->steps);
  if (progress->step > 0)
    {
      lk_label_set_format (self->loss_label, "%.4f", progress->mean_loss);
      lk_label_set_format (self->speed_label, "%.1f", progress->pairs_per_s);
      lk_label_set_format (self->waited_label, "%.0f %%", progress->waited * 100);
    }
  eta = self->running && isfinite (progress->eta_s) ? format_duration (progress->eta_s)
                                                    : g_strdup ("–");
  lk_label_set (self->eta_label, eta);
  update_actions (self);
}

void
lk_train_page_show_error (LkTrainPage *self, const GError *error)
{
  g_return_if_fail (LK_IS_TRAIN_PAGE (self));
  g_return_if_fail (error != NULL);

  self->running = self->fresh = self->paused = FALSE;
  show_state (self, _("Training Failed"), error->message, LK_MARK_BAD);
  update_actions (self);
}

void
lk_train_page_show_histogram (LkTrainPage *self, const int *genuine, const int *impostor,
                              int n_bins, double threshold)
{
  g_return_if_fail (LK_IS_TRAIN_PAGE (self));

  lk_test_card_show_histogram (self->test_card, genuine, impostor, n_bins, threshold);
}

void
lk_train_page_set_model (LkTrainPage *self, const char *name, const char *sentence,
                         gboolean is_trained_here)
{
  g_return_if_fail (LK_IS_TRAIN_PAGE (self));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->model_row), name ? name : _("None"));
  adw_action_row_set_subtitle (self->model_row,
                               sentence ? sentence : name ? _("Never trained") : "");
  self->in_use = is_trained_here;
  update_actions (self);
}
