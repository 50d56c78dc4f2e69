/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-run"

#include "lk-train-run.h"

#include "lk-label.h"
#include "lk-mark.h"
#include "lk-plot.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LkTrainRun
{
  AdwBin parent_instance;

  GtkScrolledWindow *scroller; /* template children: borrowed */
  GtkLabel *title_label, *state_label, *detail_label, *warning_label;
  GtkLabel *step_label, *loss_label, *eer_label, *speed_label, *eta_label, *waited_label;
  GtkProgressBar *progress_bar;
  GtkWidget *facts_box, *plots_box, *warning_card;
  GtkWidget *back_button, *pause_button, *stop_button, *use_button, *again_button;
  LkPlot *loss_plot, *error_plot;
  LkTrainResult *result;

  gboolean running, paused, stopping;
  gboolean fresh; /* begun: no snapshot yet */
  gboolean usable, in_use;
  gboolean has_trials; /* the plot has a line for them */
};

G_DEFINE_FINAL_TYPE (LkTrainRun, lk_train_run, ADW_TYPE_BIN)

enum
{
  PAUSE,
  RESUME,
  STOP,
  USE_MODEL,
  BACK,
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
  ERROR_EER,
  ERROR_MISSED,
  ERROR_TRIALS,
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
update (LkTrainRun *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean offered = !self->running && self->usable;

  gtk_widget_action_set_enabled (widget, "train.pause",
                                 self->running && !self->fresh && !self->stopping);
  gtk_widget_action_set_enabled (widget, "train.stop", self->running && !self->stopping);
  gtk_widget_action_set_enabled (widget, "train.use-model", offered && !self->in_use);
  gtk_widget_action_set_enabled (widget, "train.back", !self->running);
  gtk_widget_set_visible (self->pause_button, self->running);
  gtk_widget_set_visible (self->stop_button, self->running);
  gtk_widget_set_visible (self->back_button, !self->running);
  gtk_widget_set_visible (self->again_button, !self->running && !self->usable);
  gtk_widget_set_visible (self->use_button, offered);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), self->running);
  if (!self->running)
    gtk_widget_set_visible (self->warning_card, FALSE);
  gtk_button_set_label (GTK_BUTTON (self->pause_button), self->paused ? _("Resume") : _("Pause"));
  gtk_button_set_label (GTK_BUTTON (self->use_button),
                        self->in_use ? _("In Use") : _("Use This Model"));
}

static void
show_state (LkTrainRun *self, const char *title, const char *detail, LkMark mark)
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
show_warning (LkTrainRun *self, LkTrainWarning warning)
{
  static const char *const sentences[] = {
    [LK_TRAIN_WARNING_GUESSING] = N_("The loss stays near 0.69, which is what guessing costs. Give it a few more epochs; if "
           "nothing moves, stop and try a smaller or a ten times larger learning rate, the network "
           "“siamese-bn”, or more pictures of each person."),
        [LK_TRAIN_WARNING_ALIKE] = N_("All pairs get nearly the same score: the network tells nobody apart. Stop and try a "
           "smaller learning rate, or a loss with a smaller margin."),
        };

  /* What it advises, to stop, ends with the run. */
  gtk_widget_set_visible (self->warning_card, self->running && warning != LK_TRAIN_WARNING_NONE);
  if (warning == LK_TRAIN_WARNING_GUESSING || warning == LK_TRAIN_WARNING_ALIKE)
    lk_label_set (self->warning_label, _(sentences[warning]));
}

static void
on_pause (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[LK_TRAIN_RUN (widget)->paused ? RESUME : PAUSE], 0);
}

static void
on_stop (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkTrainRun *self = LK_TRAIN_RUN (widget);

  self->stopping = TRUE;
  show_state (self, _("Stopping…"), _("The model is written after this step."), LK_MARK_NEUTRAL);
  update (self);
  g_signal_emit (self, signals[STOP], 0);
}

static void
on_use_model (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[USE_MODEL], 0);
}

static void
on_back (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[BACK], 0);
}

static void
lk_train_run_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_TRAIN_RUN);
  G_OBJECT_CLASS (lk_train_run_parent_class)->dispose (object);
}

static void
lk_train_run_class_init (LkTrainRunClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_train_run_dispose;
#define SIGNAL(name)                                                                               \
  g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,           \
                G_TYPE_NONE, 0)
  signals[PAUSE] = SIGNAL ("pause");
  signals[RESUME] = SIGNAL ("resume");
  signals[STOP] = SIGNAL ("stop");
  signals[USE_MODEL] = SIGNAL ("use-model");
  signals[BACK] = SIGNAL ("back");
#undef SIGNAL

  g_type_ensure (LK_TYPE_PLOT);
  g_type_ensure (LK_TYPE_TRAIN_RESULT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-train-run.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkTrainRun, child)
  BIND (scroller);
  BIND (title_label);
  BIND (state_label);
  BIND (detail_label);
  BIND (warning_label);
  BIND (step_label);
  BIND (loss_label);
  BIND (eer_label);
  BIND (speed_label);
  BIND (eta_label);
  BIND (waited_label);
  BIND (progress_bar);
  BIND (facts_box);
  BIND (plots_box);
  BIND (warning_card);
  BIND (back_button);
  BIND (pause_button);
  BIND (stop_button);
  BIND (use_button);
  BIND (again_button);
  BIND (loss_plot);
  BIND (error_plot);
  BIND (result);
#undef BIND
  gtk_widget_class_install_action (widget_class, "train.pause", NULL, on_pause);
  gtk_widget_class_install_action (widget_class, "train.stop", NULL, on_stop);
  gtk_widget_class_install_action (widget_class, "train.use-model", NULL, on_use_model);
  gtk_widget_class_install_action (widget_class, "train.back", NULL, on_back);
}

static void
lk_train_run_init (LkTrainRun *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  lk_plot_set_labels (self->loss_plot, _("Loss"), _("epoch"));
  lk_plot_add_series (self->loss_plot, _("training"));
  lk_plot_add_series (self->loss_plot, _("validation"));
  lk_plot_add_series (self->loss_plot, _("each step"));
  lk_plot_set_labels (self->error_plot, _("Errors on the validation part"), _("epoch"));
  lk_plot_set_y_range (self->error_plot, 0, 1);
  lk_plot_add_series (self->error_plot, _("equal error rate"));
  lk_plot_add_series (self->error_plot, _("missed at 1 % false"));
  update (self);
}

GtkWidget *
lk_train_run_new (void)
{
  return g_object_new (LK_TYPE_TRAIN_RUN, NULL);
}

LkTrainResult *
lk_train_run_get_result (LkTrainRun *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_RUN (self), NULL);
  return self->result;
}

void
lk_train_run_begin (LkTrainRun *self, const char *name)
{
  g_return_if_fail (LK_IS_TRAIN_RUN (self));

  self->running = self->fresh = TRUE;
  self->paused = self->stopping = self->usable = self->in_use = FALSE;
  lk_label_set (self->title_label, name);
  show_state (self, _("Starting…"), "", LK_MARK_NEUTRAL);
  show_warning (self, LK_TRAIN_WARNING_NONE);
  lk_plot_clear (self->loss_plot);
  lk_plot_clear (self->error_plot);
  for (int i = 0; i < 6; i++)
    lk_label_set (((GtkLabel *[]){ self->step_label, self->loss_label, self->eer_label,
                                   self->speed_label, self->eta_label, self->waited_label })[i],
                  "–");
  gtk_progress_bar_set_fraction (self->progress_bar, 0);
  gtk_widget_set_visible (self->facts_box, TRUE);
  gtk_widget_set_visible (self->plots_box, TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->result), FALSE);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
  update (self);
}

void
lk_train_run_add_epoch (LkTrainRun *self, int epoch, const LkEpochNumbers *numbers)
{
  g_return_if_fail (LK_IS_TRAIN_RUN (self));

  for (int series = LOSS_EPOCH; series <= LOSS_VALIDATION; series++)
    lk_plot_rewind (self->loss_plot, series, epoch);
  for (int series = ERROR_EER; series <= (self->has_trials ? ERROR_TRIALS : ERROR_MISSED); series++)
    lk_plot_rewind (self->error_plot, series, epoch);
  lk_plot_append (self->loss_plot, LOSS_EPOCH, epoch, numbers->loss);
  lk_plot_append (self->loss_plot, LOSS_VALIDATION, epoch, numbers->validation_loss);
  lk_plot_append (self->error_plot, ERROR_EER, epoch, numbers->eer);
  lk_plot_append (self->error_plot, ERROR_MISSED, epoch, 1 - numbers->tar);
  if (isfinite (numbers->one_shot))
    {
      if (!self->has_trials)
        lk_plot_add_series (self->error_plot, _("one-shot trials lost"));
      self->has_trials = TRUE;
      lk_plot_append (self->error_plot, ERROR_TRIALS, epoch, 1 - numbers->one_shot);
    }
  if (isfinite (numbers->eer))
    lk_label_set_format (self->eer_label, "%.1f %%", 100 * numbers->eer);
}

void
lk_train_run_mark_best (LkTrainRun *self, int epoch)
{
  g_autofree char *text = g_strdup_printf (_("best: epoch %d"), epoch);

  g_return_if_fail (LK_IS_TRAIN_RUN (self));

  lk_plot_set_marker (self->loss_plot, epoch, epoch > 0 ? text : NULL);
  lk_plot_set_marker (self->error_plot, epoch, epoch > 0 ? text : NULL);
}

static void
plot_progress (LkTrainRun *self, const LkTrainProgress *p)
{
  if (p->steps <= 0 || p->epochs <= 0 || p->step <= 0)
    return;
  lk_plot_append (self->loss_plot, LOSS_STEP, (double) p->step / p->steps * p->epochs, p->loss);
  if (!p->epoch_ended)
    return;
  lk_train_run_add_epoch (
      self, p->epoch,
      &(LkEpochNumbers){ p->mean_loss, p->validation_loss, p->eer, p->tar, p->one_shot });
  lk_train_run_mark_best (self, p->best_epoch);
  show_warning (self, p->warning);
}

static void
show_facts (LkTrainRun *self, const LkTrainProgress *p)
{
  g_autofree char *eta = self->running && isfinite (p->eta_s) ? format_duration (p->eta_s)
                                                              : g_strdup ("–");

  lk_label_set (self->eta_label, eta);
  lk_label_set_format (self->step_label, _("%d of %d"), p->step, p->steps);
  if (p->step == 0)
    return;
  lk_label_set_format (self->loss_label, "%.4f", p->mean_loss);
  lk_label_set_format (self->speed_label, "%.1f", p->pictures_per_s);
  lk_label_set_format (self->waited_label, "%.0f %%", p->waited * 100);
}

static void
show_done (LkTrainRun *self, const LkTrainProgress *p)
{
  g_autofree char *steps = g_strdup_printf (
      ngettext ("%d step was taken. The model has been saved.",
                "%d steps were taken. The model has been saved.", (gulong) p->step),
      p->step);

  self->usable = TRUE;
  if (p->diverged)
    show_state (
        self,
        _("Training Diverged"),
           _("The numbers ran away, so training was ended, and the last good model was kept. "
                  "Try a smaller learning rate, or clip gradients."),
              LK_MARK_ADVICE);
  else if (p->step >= p->steps)
    show_state (self, _("Training Finished"), steps, LK_MARK_GOOD);
  else
    show_state (self, self->stopping ? _("Training Stopped")
                                     : _("Training Ended Early"), steps, LK_MARK_GOOD);
  lk_train_result_show_test (self->result, &p->test);
  gtk_widget_set_visible (GTK_WIDGET (self->result), TRUE);
}

void
lk_train_run_show_progress (LkTrainRun *self, const LkTrainProgress *progress)
{
  g_autofree char *text = NULL;

  g_return_if_fail (LK_IS_TRAIN_RUN (self));

  self->fresh = FALSE;
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
      show_done (self, progress);
      break;
    case LK_TRAIN_FAILED:
      break; /* lk_train_run_show_error() says why */
    case LK_TRAIN_PAUSED:
    case LK_TRAIN_RUNNING:
    default:
      text = g_strdup_printf (self->paused
                              ? _("Paused in Epoch %d of %d")
                              : _("Epoch %d of %d"), progress->epoch, progress->epochs);
      if (!self->stopping)
        show_state (self, text, "", LK_MARK_NEUTRAL);
      break;
    }
  if (progress->state == LK_TRAIN_RUNNING || progress->epoch_ended)
    plot_progress (self, progress);
  if (progress->state != LK_TRAIN_LOADING && progress->steps > 0)
    gtk_progress_bar_set_fraction (self->progress_bar,
                                   CLAMP ((double) progress->step / progress->steps, 0, 1));
  show_facts (self, progress);
  update (self);
}

void
lk_train_run_show_error (LkTrainRun *self, const GError *error)
{
  g_return_if_fail (LK_IS_TRAIN_RUN (self));
  g_return_if_fail (error != NULL);

  self->running = self->fresh = self->paused = self->stopping = FALSE;
  show_state (self, _("Training Failed"), error->message, LK_MARK_BAD);
  update (self);
}

void
lk_train_run_show_record (LkTrainRun *self, const char *title, const char *sentence,
                          gboolean usable, const LkTrainEvaluation *test)
{
  g_return_if_fail (LK_IS_TRAIN_RUN (self));

  self->running = self->fresh = FALSE;
  self->usable = usable;
  lk_label_set (self->title_label, "");
  gtk_widget_set_visible (self->facts_box, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->result), test != NULL);
  if (test != NULL)
    lk_train_result_show_test (self->result, test);
  show_state (self, title, sentence, LK_MARK_NEUTRAL);
  update (self);
}

void
lk_train_run_set_in_use (LkTrainRun *self, gboolean in_use)
{
  g_return_if_fail (LK_IS_TRAIN_RUN (self));
  self->in_use = in_use;
  update (self);
}

gboolean
lk_train_run_is_running (LkTrainRun *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_RUN (self), FALSE);
  return self->running;
}
