/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-setup"

#include "lk-train-setup.h"

#include "lk-crop-strip.h"
#include "lk-label.h"
#include "lk-split.h"

#include <glib/gi18n.h>

struct _LkTrainSetup
{
  AdwBin parent_instance;

  GtkLabel *state_label, *detail_label, *interrupted_label, *data_label; /* template children */
  GtkLabel *unusable_label;
  GtkWidget *interrupted_card, *data_card, *preview_card;
  GtkLabel *people_label, *sessions_label, *genuine_label, *impostor_label;
  GtkLabel *pictures_labels[LK_N_PARTS], *parts_labels[LK_N_PARTS];
  GtkWidget *start_button, *continue_button;
  GtkCheckButton *own_check, *folder_check;
  AdwActionRow *folder_row, *runs_row, *model_row;
  LkTrainRecipe *recipe;
  LkCropStrip *strip;
  LkAdaptCard *adapt_card;

  char *folder; /* (nullable): NULL for own captures */
  gboolean usable, quiet;
  GtkFileChooserNative *chooser;
};

G_DEFINE_FINAL_TYPE (LkTrainSetup, lk_train_setup, ADW_TYPE_BIN)

enum
{
  DATA_CHOSEN,
  PREVIEW_WANTED,
  START,
  CONTINUE,
  DISCARD,
  SHOW_RUNS,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* Which of the two sources is marked; says nothing to the owner. */
static void
mark_source (LkTrainSetup *self)
{
  self->quiet = TRUE;
  gtk_check_button_set_active (self->folder != NULL ? self->folder_check : self->own_check, TRUE);
  self->quiet = FALSE;
}

static void
on_folder_chosen (GtkNativeDialog *dialog, int response, LkTrainSetup *self)
{
  g_autoptr (GFile) folder = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    folder = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_clear_object (&self->chooser);
  mark_source (self); /* stays until lk_train_setup_set_data() */
  if (folder != NULL)
    g_signal_emit (self, signals[DATA_CHOSEN], 0, folder);
}

static void
on_choose_folder (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkTrainSetup *self = LK_TRAIN_SETUP (widget);
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
on_source_toggled (GtkCheckButton *check, LkTrainSetup *self)
{
  if (self->quiet || !gtk_check_button_get_active (check))
    return;
  if (check == self->own_check)
    gtk_widget_activate_action (GTK_WIDGET (self), "train.own-captures", NULL);
  else if (self->folder == NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "train.choose-folder", NULL);
}

/* Actions that only tell the owner. */
static void
on_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  static const char *const names[N_SIGNALS] = {
    [PREVIEW_WANTED] = "train.preview", [START] = "train.start",
    [CONTINUE] = "train.continue",      [DISCARD] = "train.discard",
    [SHOW_RUNS] = "train.show-runs",
  };

  for (int i = 0; i < N_SIGNALS; i++)
    if (g_strcmp0 (names[i], action_name) == 0)
      g_signal_emit (widget, signals[i], 0);
}

static void
lk_train_setup_dispose (GObject *object)
{
  LkTrainSetup *self = LK_TRAIN_SETUP (object);

  self->quiet = TRUE;
  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_TRAIN_SETUP);
  g_clear_pointer (&self->folder, g_free);
  G_OBJECT_CLASS (lk_train_setup_parent_class)->dispose (object);
}

static void
bind_part_labels (GtkWidgetClass *klass)
{
  static const char *const pictures[] = { "train_pictures", "validation_pictures",
                                          "test_pictures" };
  static const char *const people[] = { "train_people", "validation_people", "test_people" };

  for (gsize i = 0; i < LK_N_PARTS; i++)
    {
      gtk_widget_class_bind_template_child_full (
          klass, pictures[i], FALSE,
          (gssize) (G_STRUCT_OFFSET (LkTrainSetup, pictures_labels) + i * sizeof (GtkLabel *)));
      gtk_widget_class_bind_template_child_full (
          klass, people[i], FALSE,
          (gssize) (G_STRUCT_OFFSET (LkTrainSetup, parts_labels) + i * sizeof (GtkLabel *)));
    }
}

static void
lk_train_setup_class_init (LkTrainSetupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_train_setup_dispose;
#define SIGNAL(name, ...)                                                                          \
  g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, __VA_ARGS__)
  signals[DATA_CHOSEN] = SIGNAL ("data-chosen", 1, G_TYPE_FILE);
  signals[PREVIEW_WANTED] = SIGNAL ("preview-wanted", 0);
  signals[START] = SIGNAL ("start", 0);
  signals[CONTINUE] = SIGNAL ("continue", 0);
  signals[DISCARD] = SIGNAL ("discard", 0);
  signals[SHOW_RUNS] = SIGNAL ("show-runs", 0);
#undef SIGNAL

  g_type_ensure (LK_TYPE_SPLIT);
  g_type_ensure (LK_TYPE_ADAPT_CARD);
  g_type_ensure (LK_TYPE_CROP_STRIP);
  g_type_ensure (LK_TYPE_TRAIN_RECIPE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-train-setup.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkTrainSetup, child)
  BIND (state_label);
  BIND (detail_label);
  BIND (interrupted_label);
  BIND (data_label);
  BIND (unusable_label);
  BIND (interrupted_card);
  BIND (data_card);
  BIND (preview_card);
  BIND (people_label);
  BIND (sessions_label);
  BIND (genuine_label);
  BIND (impostor_label);
  BIND (start_button);
  BIND (continue_button);
  BIND (own_check);
  BIND (folder_check);
  BIND (folder_row);
  BIND (runs_row);
  BIND (model_row);
  BIND (recipe);
  BIND (strip);
  BIND (adapt_card);
#undef BIND
  bind_part_labels (widget_class);
  gtk_widget_class_install_action (widget_class, "train.start", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "train.continue", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "train.discard", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "train.preview", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "train.show-runs", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "train.choose-folder", NULL, on_choose_folder);
  gtk_widget_class_install_action (widget_class, "train.own-captures", NULL, on_own_captures);
}

static void
lk_train_setup_init (LkTrainSetup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self->own_check, "toggled", G_CALLBACK (on_source_toggled), self);
  g_signal_connect (self->folder_check, "toggled", G_CALLBACK (on_source_toggled), self);
  lk_train_setup_set_data (self, NULL, NULL, "", FALSE);
  lk_train_setup_set_interrupted (self, NULL);
  lk_train_setup_show_error (self, NULL);
  lk_train_setup_set_n_runs (self, 0);
}

GtkWidget *
lk_train_setup_new (void)
{
  return g_object_new (LK_TYPE_TRAIN_SETUP, NULL);
}

LkAdaptCard *
lk_train_setup_get_adapt_card (LkTrainSetup *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_SETUP (self), NULL);
  return self->adapt_card;
}

LkTrainRecipe *
lk_train_setup_get_recipe (LkTrainSetup *self)
{
  g_return_val_if_fail (LK_IS_TRAIN_SETUP (self), NULL);
  return self->recipe;
}

static void
show_pairs (GtkLabel *label, gint64 n)
{
  if (n < 0)
    lk_label_set (label, _("very many"));
  else
    lk_label_set_format (label, "%'" G_GINT64_FORMAT, n);
}

static void
show_info (LkTrainSetup *self, const LkDataInfo *info)
{
  const LkDatasetSummary *s = &info->summary;

  lk_label_set_format (self->people_label, "%d", s->n_people);
  lk_label_set_format (self->sessions_label, "%d", s->n_sessions);
  show_pairs (self->genuine_label, info->n_genuine);
  show_pairs (self->impostor_label, info->n_impostor);
  for (int part = 0; part < LK_N_PARTS; part++)
    {
      lk_label_set_format (self->pictures_labels[part], "%d", s->n_pictures[part]);
      lk_label_set_format (self->parts_labels[part], "%d", s->n_people_in[part]);
    }
}

void
lk_train_setup_set_data (LkTrainSetup *self, const char *folder, const LkDataInfo *info,
                         const char *sentence, gboolean usable)
{
  char *copy = g_strdup (folder);

  g_return_if_fail (LK_IS_TRAIN_SETUP (self));

  if (g_strcmp0 (self->folder, folder) != 0)
    lk_train_setup_set_n_unusable (self, 0); /* that was of others */
  g_free (self->folder);
  self->folder = copy;
  self->usable = usable;
  mark_source (self);
  adw_action_row_set_subtitle (
      self->folder_row, self->folder != NULL
                            ? self->folder
                            : _("anchor, positive and negative, or one folder for each person"));
  gtk_widget_set_visible (self->data_card, info != NULL);
  if (info != NULL)
    show_info (self, info);
  lk_label_set (self->data_label, sentence);
  lk_label_set (self->state_label, usable || *sentence == '\0' ? _("Train a Network")
                                                               : _("Nothing to Train on Yet"));
  if (!usable && *sentence != '\0')
    lk_label_set (self->detail_label, sentence);
  else
    lk_label_set (
        self->detail_label,
        _("The network learns to tell whether two pictures show the same person. It takes "
                    "minutes to hours; you can verify meanwhile."));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "train.start", usable);
}

void
lk_train_setup_set_n_unusable (LkTrainSetup *self, int n)
{
  g_return_if_fail (LK_IS_TRAIN_SETUP (self));

  gtk_widget_set_visible (GTK_WIDGET (self->unusable_label), n > 0);
  if (n > 0)
    lk_label_set_format (
        self->unusable_label,
        ngettext ("%d picture could not be used for training: no face was found in it, or it "
                  "is damaged.",
                  "%d pictures could not be used for training: no face was found in them, or "
                  "they are damaged.",
                  (gulong) n),
        n);
}

void
lk_train_setup_set_preview (LkTrainSetup *self, GPtrArray *crops)
{
  g_return_if_fail (LK_IS_TRAIN_SETUP (self));

  gtk_widget_set_visible (self->preview_card, crops != NULL && crops->len > 0);
  if (crops != NULL)
    lk_crop_strip_set_crops (self->strip, crops);
}

void
lk_train_setup_set_interrupted (LkTrainSetup *self, const char *sentence)
{
  g_return_if_fail (LK_IS_TRAIN_SETUP (self));

  gtk_widget_set_visible (self->interrupted_card, sentence != NULL);
  lk_label_set (self->interrupted_label, sentence != NULL ? sentence : "");
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "train.continue", sentence != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "train.discard", sentence != NULL);
  /* One suggestion at a time. */
  if (sentence != NULL)
    gtk_widget_remove_css_class (self->start_button, "suggested-action");
  else
    gtk_widget_add_css_class (self->start_button, "suggested-action");
}

void
lk_train_setup_set_model (LkTrainSetup *self, const char *name, const char *sentence)
{
  g_return_if_fail (LK_IS_TRAIN_SETUP (self));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->model_row),
                                 name != NULL ? name : _("None"));
  adw_action_row_set_subtitle (
      self->model_row, sentence != NULL ? sentence : name != NULL ? _("Never trained") : "");
}

void
lk_train_setup_set_n_runs (LkTrainSetup *self, int n)
{
  g_autofree char *text = g_strdup_printf (ngettext ("%d run", "%d runs", (gulong) n), n);

  g_return_if_fail (LK_IS_TRAIN_SETUP (self));

  adw_action_row_set_subtitle (self->runs_row, n > 0 ? text : _("None yet"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "train.show-runs", n > 0);
}

void
lk_train_setup_show_error (LkTrainSetup *self, const GError *error)
{
  g_return_if_fail (LK_IS_TRAIN_SETUP (self));

  if (error == NULL)
    return;
  lk_label_set (self->state_label, _("Training Did Not Start"));
  lk_label_set (self->detail_label, error->message);
}
