/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-adapt-card"

#include "lk-adapt-card.h"

#include "lk-label.h"

#include <glib/gi18n.h>

struct _LkAdaptCard
{
  AdwBin parent_instance;

  AdwComboRow *person_row; /* template children: borrowed */
  GtkStringList *people;
  GtkWidget *adapt_button, *forget_button;
  GtkSpinner *spinner;
  GtkLabel *result_label;
  gboolean quiet; /* a setter is at work */
};

G_DEFINE_FINAL_TYPE (LkAdaptCard, lk_adapt_card, ADW_TYPE_BIN)

enum
{
  ADAPT,
  FORGET,
  PERSON_CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
say (LkAdaptCard *self, const char *text)
{
  lk_label_set (self->result_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->result_label), text != NULL);
}

static void
set_busy (LkAdaptCard *self, gboolean busy)
{
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_sensitive (GTK_WIDGET (self->person_row), !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "adapt.start", !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "adapt.forget", !busy);
}

static void
on_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  const char *person = lk_adapt_card_get_person (LK_ADAPT_CARD (widget));

  if (person != NULL)
    g_signal_emit (widget, signals[g_str_equal (action_name, "adapt.start") ? ADAPT : FORGET], 0,
                   person);
}

static void
on_person_selected (LkAdaptCard *self)
{
  if (self->quiet)
    return;
  say (self, NULL);
  if (lk_adapt_card_get_person (self) != NULL)
    g_signal_emit (self, signals[PERSON_CHOSEN], 0, lk_adapt_card_get_person (self));
}

static void
lk_adapt_card_dispose (GObject *object)
{
  LK_ADAPT_CARD (object)->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_ADAPT_CARD);
  G_OBJECT_CLASS (lk_adapt_card_parent_class)->dispose (object);
}

static void
lk_adapt_card_class_init (LkAdaptCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const char *const names[N_SIGNALS] = { "adapt", "forget", "person-chosen" };

  G_OBJECT_CLASS (klass)->dispose = lk_adapt_card_dispose;
  for (int i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (names[i], G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-adapt-card.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkAdaptCard, child)
  BIND (person_row);
  BIND (people);
  BIND (adapt_button);
  BIND (forget_button);
  BIND (spinner);
  BIND (result_label);
#undef BIND
  gtk_widget_class_install_action (widget_class, "adapt.start", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "adapt.forget", NULL, on_action);
}

static void
lk_adapt_card_init (LkAdaptCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->person_row, "notify::selected", G_CALLBACK (on_person_selected),
                            self);
  set_busy (self, FALSE);
  say (self, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
lk_adapt_card_new (void)
{
  return g_object_new (LK_TYPE_ADAPT_CARD, NULL);
}

void
lk_adapt_card_set_people (LkAdaptCard *self, const char *const *names)
{
  g_autofree char *before = NULL;
  guint n, at = 0;

  g_return_if_fail (LK_IS_ADAPT_CARD (self));

  before = g_strdup (lk_adapt_card_get_person (self));
  n = g_strv_length ((char **) names);
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (names[i], before) == 0)
      at = i;
  self->quiet = TRUE;
  gtk_string_list_splice (self->people, 0, g_list_model_get_n_items (G_LIST_MODEL (self->people)),
                          names);
  adw_combo_row_set_selected (self->person_row, n > 0 ? at : GTK_INVALID_LIST_POSITION);
  self->quiet = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}

const char *
lk_adapt_card_get_person (LkAdaptCard *self)
{
  guint at;

  g_return_val_if_fail (LK_IS_ADAPT_CARD (self), NULL);
  at = adw_combo_row_get_selected (self->person_row);
  return at == GTK_INVALID_LIST_POSITION ? NULL : gtk_string_list_get_string (self->people, at);
}

void
lk_adapt_card_set_kept (LkAdaptCard *self, gboolean kept)
{
  g_return_if_fail (LK_IS_ADAPT_CARD (self));
  gtk_widget_set_visible (self->forget_button, kept);
}

void
lk_adapt_card_begin (LkAdaptCard *self)
{
  g_return_if_fail (LK_IS_ADAPT_CARD (self));
  set_busy (self, TRUE);
  say (self, _("Learning from the pictures, and trying it on others…"));
}

char *
lk_adapt_card_describe (const LkAdaptation *a, const char *person)
{
  g_autofree char *numbers = g_strdup_printf (_("Tried on %d looks of %s and %'d strangers that it had not learnt from. Looks refused where at "
         "most 1 stranger in 1,000 passes: %d before, %d after. Strangers who pass at your threshold: %d "
         "before, %d after."),
                                                 a->n_looks, person, a->n_strangers,
                                                 a->refused.before, a->refused.after,
                                                 a->passed.before, a->passed.after);
  const char *end =
      a->before->across_sessions
          ? ""
          : _(" All pictures are of one sitting: another day may turn out otherwise.");

  if (a->better)
    return g_strdup_printf (_("It helps, and is in use. %s%s"), numbers, end);
  if (a->refused.before == 0)
    return g_strdup_printf (_("There is nothing to gain: the network is as it was. %s%s"), numbers,
                               end);
  return g_strdup_printf (_("It does not help: the network is as it was. %s%s"), numbers, end);
}

void
lk_adapt_card_show_result (LkAdaptCard *self, const LkAdaptation *adaptation, const char *person)
{
  g_autofree char *text = NULL;

  g_return_if_fail (LK_IS_ADAPT_CARD (self));

  text = lk_adapt_card_describe (adaptation, person);
  set_busy (self, FALSE);
  say (self, text);
}

void
lk_adapt_card_show_error (LkAdaptCard *self, const GError *error)
{
  g_return_if_fail (LK_IS_ADAPT_CARD (self));
  set_busy (self, FALSE);
  say (self, error->message);
}
