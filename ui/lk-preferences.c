/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-preferences"

#include "lk-preferences.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LkPreferences
{
  AdwPreferencesWindow parent_instance;

  AdwComboRow *find_row, *way_row; /* template children: borrowed */
  GtkSwitch *liveness_switch, *offer_switch;
  AdwPreferencesGroup *limits_group;
  GtkAdjustment *relock_adjustment, *lockout_adjustment;
  LkDataPage *data_page;
  GtkWidget *rows[LK_N_QUALITIES]; /* borrowed */
  GtkSpinButton *spins[LK_N_QUALITIES];
  gboolean quiet; /* a setter is at work: emit nothing */
};

G_DEFINE_FINAL_TYPE (LkPreferences, lk_preferences, ADW_TYPE_PREFERENCES_WINDOW)

enum
{
  PROP_FIND_FACE = 1,
  PROP_VOTE,
  PROP_RELOCK_SECONDS,
  PROP_LOCKOUT_ATTEMPTS,
  PROP_LIVENESS,
  PROP_OFFER_PICTURES,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  LIMIT_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
is_finding (LkPreferences *self)
{
  return adw_combo_row_get_selected (self->find_row) == 0;
}

/* Of the guide frame only the light is measured. */
static void
update_rows (LkPreferences *self)
{
  gboolean finding = is_finding (self), changed = FALSE;

  for (int i = 0; i < LK_N_QUALITIES; i++)
    {
      double value = gtk_spin_button_get_value (self->spins[i]);

      gtk_widget_set_sensitive (self->rows[i], finding || i == LK_QUALITY_UNDER_EXPOSURE ||
                                                   i == LK_QUALITY_OVER_EXPOSURE);
      changed = changed || fabs (value - lk_quality_get_info (i)->refuse) > 1e-9;
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "preferences.reset-limits", changed);
}

static void
on_find_selected (LkPreferences *self)
{
  update_rows (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FIND_FACE]);
}

static void
on_way_selected (LkPreferences *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_VOTE]);
}

static void
on_offer_turned (LkPreferences *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OFFER_PICTURES]);
}

static void
on_liveness_turned (LkPreferences *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LIVENESS]);
}

static void
on_limit_changed (GtkSpinButton *spin, LkPreferences *self)
{
  update_rows (self);
  for (int i = 0; i < LK_N_QUALITIES && !self->quiet; i++)
    if (self->spins[i] == spin)
      g_signal_emit (self, signals[LIMIT_CHANGED], 0, i, gtk_spin_button_get_value (spin));
}

static void
on_reset_limits (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkPreferences *self = LK_PREFERENCES (widget);

  for (int i = 0; i < LK_N_QUALITIES; i++)
    gtk_spin_button_set_value (self->spins[i], lk_quality_get_info (i)->refuse);
}

static void
add_row (LkPreferences *self, LkQualityKind kind)
{
  const LkQualityInfo *info = lk_quality_get_info (kind);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *spin = gtk_spin_button_new_with_range (info->lower, info->upper, info->step);
  g_autofree char *warn = lk_quality_format (kind, info->warn);
  g_autofree char *subtitle = g_strdup_printf (
      info->is_least ? _ ("At least; advice below %s") : _ ("At most; advice above %s"), warn);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (info->name));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_tooltip_text (row, _ (info->sentence));
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), (guint) info->digits);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), info->refuse);
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  subtitle, -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), spin);
  adw_preferences_group_add (self->limits_group, row);
  self->rows[kind] = row;
  self->spins[kind] = GTK_SPIN_BUTTON (spin);
  g_signal_connect (spin, "value-changed", G_CALLBACK (on_limit_changed), self);
}

static void
lk_preferences_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIND_FACE)
    g_value_set_boolean (value, is_finding (LK_PREFERENCES (object)));
  else if (id == PROP_VOTE)
    g_value_set_boolean (value, adw_combo_row_get_selected (LK_PREFERENCES (object)->way_row) == 1);
  else if (id == PROP_RELOCK_SECONDS)
    g_value_set_int (value,
                     (int) gtk_adjustment_get_value (LK_PREFERENCES (object)->relock_adjustment));
  else if (id == PROP_LOCKOUT_ATTEMPTS)
    g_value_set_int (value,
                     (int) gtk_adjustment_get_value (LK_PREFERENCES (object)->lockout_adjustment));
  else if (id == PROP_OFFER_PICTURES)
    g_value_set_boolean (value, gtk_switch_get_active (LK_PREFERENCES (object)->offer_switch));
  else if (id == PROP_LIVENESS)
    g_value_set_boolean (value, gtk_switch_get_active (LK_PREFERENCES (object)->liveness_switch));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_preferences_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_FIND_FACE)
    adw_combo_row_set_selected (LK_PREFERENCES (object)->find_row, !g_value_get_boolean (value));
  else if (id == PROP_VOTE)
    adw_combo_row_set_selected (LK_PREFERENCES (object)->way_row, g_value_get_boolean (value));
  else if (id == PROP_RELOCK_SECONDS)
    gtk_adjustment_set_value (LK_PREFERENCES (object)->relock_adjustment, g_value_get_int (value));
  else if (id == PROP_LOCKOUT_ATTEMPTS)
    gtk_adjustment_set_value (LK_PREFERENCES (object)->lockout_adjustment, g_value_get_int (value));
  else if (id == PROP_OFFER_PICTURES)
    gtk_switch_set_active (LK_PREFERENCES (object)->offer_switch, g_value_get_boolean (value));
  else if (id == PROP_LIVENESS)
    gtk_switch_set_active (LK_PREFERENCES (object)->liveness_switch, g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
on_relock_changed (LkPreferences *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RELOCK_SECONDS]);
}

static void
on_lockout_changed (LkPreferences *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LOCKOUT_ATTEMPTS]);
}

static void
lk_preferences_class_init (LkPreferencesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = lk_preferences_get_property;
  object_class->set_property = lk_preferences_set_property;
  props[PROP_FIND_FACE] = g_param_spec_boolean ("find-face", NULL, NULL, TRUE,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                    G_PARAM_STATIC_STRINGS);
  props[PROP_VOTE] = g_param_spec_boolean ("vote", NULL, NULL, FALSE,
                                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                               G_PARAM_STATIC_STRINGS);
  props[PROP_RELOCK_SECONDS] = g_param_spec_int ("relock-seconds", NULL, NULL, 0, 3600, 5,
                                                 G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                     G_PARAM_STATIC_STRINGS);
  props[PROP_LOCKOUT_ATTEMPTS] = g_param_spec_int ("lockout-attempts", NULL, NULL, 1, 50, 5,
                                                   G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                       G_PARAM_STATIC_STRINGS);
  props[PROP_OFFER_PICTURES] = g_param_spec_boolean ("offer-pictures", NULL, NULL, FALSE,
                                                     G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                         G_PARAM_STATIC_STRINGS);
  props[PROP_LIVENESS] = g_param_spec_boolean ("liveness", NULL, NULL, FALSE,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY |
                                                   G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[LIMIT_CHANGED] = g_signal_new ("limit-changed", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                         G_TYPE_INT, G_TYPE_DOUBLE);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, LkPreferences, find_row);
  gtk_widget_class_bind_template_child (widget_class, LkPreferences, way_row);
  gtk_widget_class_bind_template_child (widget_class, LkPreferences, liveness_switch);
  gtk_widget_class_bind_template_child (widget_class, LkPreferences, offer_switch);
  gtk_widget_class_bind_template_child (widget_class, LkPreferences, limits_group);
  gtk_widget_class_bind_template_child (widget_class, LkPreferences, relock_adjustment);
  gtk_widget_class_bind_template_child (widget_class, LkPreferences, lockout_adjustment);
  gtk_widget_class_install_action (widget_class, "preferences.reset-limits", NULL, on_reset_limits);
}

static void
lk_preferences_init (LkPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->data_page = LK_DATA_PAGE (lk_data_page_new ());
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (self),
                              ADW_PREFERENCES_PAGE (self->data_page));
  self->quiet = TRUE;
  for (int i = 0; i < LK_N_QUALITIES; i++)
    add_row (self, i);
  self->quiet = FALSE;
  g_signal_connect_swapped (self->find_row, "notify::selected", G_CALLBACK (on_find_selected),
                            self);
  g_signal_connect_swapped (self->way_row, "notify::selected", G_CALLBACK (on_way_selected), self);
  g_signal_connect_swapped (self->relock_adjustment, "value-changed",
                            G_CALLBACK (on_relock_changed), self);
  g_signal_connect_swapped (self->lockout_adjustment, "value-changed",
                            G_CALLBACK (on_lockout_changed), self);
  g_signal_connect_swapped (self->offer_switch, "notify::active", G_CALLBACK (on_offer_turned),
                            self);
  g_signal_connect_swapped (self->liveness_switch, "notify::active",
                            G_CALLBACK (on_liveness_turned), self);
  update_rows (self);
}

GtkWidget *
lk_preferences_new (GtkWindow *parent)
{
  return g_object_new (LK_TYPE_PREFERENCES, "transient-for", parent, NULL);
}

LkDataPage *
lk_preferences_get_data_page (LkPreferences *self)
{
  g_return_val_if_fail (LK_IS_PREFERENCES (self), NULL);
  return self->data_page;
}

void
lk_preferences_set_limits (LkPreferences *self, const LkQualityLimits *limits)
{
  g_return_if_fail (LK_IS_PREFERENCES (self));

  self->quiet = TRUE;
  for (int i = 0; i < LK_N_QUALITIES; i++)
    gtk_spin_button_set_value (self->spins[i], limits->refuse[i]);
  self->quiet = FALSE;
}
