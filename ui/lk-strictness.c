/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-strictness"

#include "lk-strictness.h"

#include "lk-label.h"
#include "lk-rate-words.h"
#include "verify/lk-fusion.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LkStrictness
{
  AdwBin parent_instance;

  GtkScale *scale; /* template children: borrowed */
  GtkAdjustment *adjustment;
  GtkWidget *presets;
  GtkToggleButton *preset_buttons[LK_N_PRESETS];
  GtkLabel *strangers_label, *looks_label, *counts_label, *person_label;

  LkMeaning *meaning; /* (owned) (nullable) */
  double threshold;
  gboolean quiet; /* a setter is at work: emit nothing */
};

G_DEFINE_FINAL_TYPE (LkStrictness, lk_strictness, ADW_TYPE_BIN)

enum
{
  THRESHOLD_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* What is not said takes no room. */
static void
say (GtkLabel *label, const char *text)
{
  lk_label_set (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

static void
update_words (LkStrictness *self)
{
  g_autofree char *strangers = NULL, *looks = NULL, *counts = NULL, *person = NULL, *value = NULL;
  LkRates rates;

  if (self->meaning != NULL && lk_meaning_get_rates (self->meaning, self->threshold, &rates))
    {
      strangers = lk_words_for_strangers (rates.n_passed, rates.n_strangers);
      looks = lk_words_for_looks (rates.n_refused, rates.n_looks, NULL);
      counts = lk_words_for_counts (&rates);
    }
  else
    strangers = g_strdup_printf (
        _("A score above %.3f passes. What that means has not been measured for this network."),
           self->threshold);
  if (self->meaning != NULL && lk_meaning_get_own_rates (self->meaning, self->threshold, &rates))
    person = lk_words_for_person (&rates, lk_meaning_get_person (self->meaning),
                                  lk_meaning_is_across_sessions (self->meaning));
  say (self->strangers_label, strangers);
  say (self->looks_label, looks);
  say (self->counts_label, counts);
  say (self->person_label, person);

  value = looks != NULL ? g_strdup_printf ("%s %s", strangers, looks) : g_strdup (strangers);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  value, -1);
}

static void
update_presets (LkStrictness *self)
{
  int chosen = self->meaning != NULL ? lk_meaning_find_preset (self->meaning, self->threshold) : -1;
  gboolean any = FALSE;

  self->quiet = TRUE;
  for (int i = 0; i < LK_N_PRESETS; i++)
    {
      double threshold;
      gboolean offered = self->meaning != NULL &&
                         lk_meaning_get_preset (self->meaning, i, &threshold);

      any = any || offered;
      gtk_widget_set_visible (GTK_WIDGET (self->preset_buttons[i]), offered);
      gtk_toggle_button_set_active (self->preset_buttons[i], i == chosen);
    }
  gtk_widget_set_visible (self->presets, any);
  self->quiet = FALSE;
}

static void
update_range (LkStrictness *self)
{
  double low = -5, high = 5, odds = lk_log_odds (self->threshold);

  if (self->meaning != NULL)
    lk_meaning_get_range (self->meaning, &low, &high);
  self->quiet = TRUE;
  gtk_scale_clear_marks (self->scale);
  for (int i = 0; self->meaning != NULL && i < LK_N_PRESETS; i++)
    {
      double threshold;

      if (lk_meaning_get_preset (self->meaning, i, &threshold))
        gtk_scale_add_mark (self->scale, lk_log_odds (threshold), GTK_POS_BOTTOM, NULL);
    }
  gtk_adjustment_configure (self->adjustment, odds, MIN (low, odds), MAX (high, odds), 0.1, 0.5, 0);
  self->quiet = FALSE;
}

static void
update (LkStrictness *self)
{
  update_range (self);
  update_presets (self);
  update_words (self);
}

static void
choose (LkStrictness *self, double threshold)
{
  self->threshold = threshold;
  g_signal_emit (self, signals[THRESHOLD_CHANGED], 0, threshold);
}

static void
on_slider_moved (LkStrictness *self)
{
  if (self->quiet)
    return;
  choose (self, lk_probability (gtk_adjustment_get_value (self->adjustment)));
  update_presets (self);
  update_words (self);
}

static void
on_preset_toggled (GtkToggleButton *button, LkStrictness *self)
{
  double threshold;

  if (self->quiet)
    return;
  for (int i = 0; i < LK_N_PRESETS; i++)
    if (button == self->preset_buttons[i] && gtk_toggle_button_get_active (button) &&
        lk_meaning_get_preset (self->meaning, i, &threshold))
      choose (self, threshold);
  update (self); /* one that is pressed again stays chosen */
}

static void
lk_strictness_dispose (GObject *object)
{
  LkStrictness *self = LK_STRICTNESS (object);

  self->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_STRICTNESS);
  g_clear_pointer (&self->meaning, lk_meaning_unref);
  G_OBJECT_CLASS (lk_strictness_parent_class)->dispose (object);
}

static void
lk_strictness_class_init (LkStrictnessClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_strictness_dispose;
  signals[THRESHOLD_CHANGED] = g_signal_new ("threshold-changed", G_TYPE_FROM_CLASS (klass),
                                             G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                             G_TYPE_DOUBLE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-strictness.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkStrictness, child)
  BIND (scale);
  BIND (adjustment);
  BIND (presets);
  BIND (strangers_label);
  BIND (looks_label);
  BIND (counts_label);
  BIND (person_label);
#undef BIND
}

static void
lk_strictness_init (LkStrictness *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->threshold = 0.5;
  for (int i = 0; i < LK_N_PRESETS; i++)
    {
      g_autofree char *text = lk_words_for_preset (lk_preset_fmrs[i]);
      g_autofree char *name = g_strdup_printf (_("Let about %s strangers pass"), text);

      self->preset_buttons[i] = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (text));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->preset_buttons[i]),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      gtk_box_append (GTK_BOX (self->presets), GTK_WIDGET (self->preset_buttons[i]));
      g_signal_connect (self->preset_buttons[i], "toggled", G_CALLBACK (on_preset_toggled), self);
    }
  g_signal_connect_swapped (self->adjustment, "value-changed", G_CALLBACK (on_slider_moved), self);
  update (self);
}

GtkWidget *
lk_strictness_new (void)
{
  return g_object_new (LK_TYPE_STRICTNESS, NULL);
}

void
lk_strictness_set_meaning (LkStrictness *self, LkMeaning *meaning)
{
  g_return_if_fail (LK_IS_STRICTNESS (self));

  if (meaning != NULL)
    lk_meaning_ref (meaning);
  g_clear_pointer (&self->meaning, lk_meaning_unref);
  self->meaning = meaning;
  update (self);
}

void
lk_strictness_set_threshold (LkStrictness *self, double threshold)
{
  g_return_if_fail (LK_IS_STRICTNESS (self));

  self->threshold = CLAMP (threshold, 0, 1);
  update (self);
}

double
lk_strictness_get_threshold (LkStrictness *self)
{
  g_return_val_if_fail (LK_IS_STRICTNESS (self), 0.5);
  return self->threshold;
}
