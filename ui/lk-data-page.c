/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-data-page"

#include "lk-data-page.h"

#include <glib/gi18n.h>

struct _LkDataPage
{
  AdwPreferencesPage parent_instance;

  AdwActionRow *rows[LK_N_DATA_KINDS];                                        /* borrowed */
  GtkWidget *open_buttons[LK_N_DATA_KINDS], *delete_buttons[LK_N_DATA_KINDS]; /* (nullable) */
  GtkSwitch *keep_switch;
  GtkSpinButton *days_spin;
};

G_DEFINE_FINAL_TYPE (LkDataPage, lk_data_page, ADW_TYPE_PREFERENCES_PAGE)

enum
{
  PROP_KEEP_REFUSED = 1,
  PROP_KEEP_DAYS,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  OPEN,
  DELETE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* clang-format builds stairs of tables with N_(). */
/* clang-format off */
static const struct
{
  const char *title, *open, *delete; /* delete: (nullable): it cannot be */
} kinds[LK_N_DATA_KINDS] = {
  [LK_DATA_PEOPLE] = { N_("People and Their Pictures"), N_("Show the Pictures’ Folder"),
                       N_("Delete Everybody") },
  [LK_DATA_MODELS] = { N_("Networks You Trained"), N_("Show the Networks’ Folder"),
                       N_("Delete Your Networks") },
  [LK_DATA_REFUSED] = { N_("Pictures of Refused Attempts"), N_("Show the Database’s Folder"),
                        N_("Delete Pictures of Refused Attempts") },
  [LK_DATA_KEY] = { N_("Key of the Pictures"), N_("Show the Key’s Folder"), NULL },
  [LK_DATA_SETTINGS] = { N_("Settings"), N_("Show the Settings’ Folder"), N_("Reset the Settings") },
};
/* clang-format on */

static int
find (GtkWidget *const buttons[], GtkButton *button)
{
  for (int i = 0; i < LK_N_DATA_KINDS; i++)
    if (buttons[i] == GTK_WIDGET (button))
      return i;
  g_return_val_if_reached (0);
}

static void
on_open (GtkButton *button, LkDataPage *self)
{
  g_signal_emit (self, signals[OPEN], 0, find (self->open_buttons, button));
}

static void
on_delete (GtkButton *button, LkDataPage *self)
{
  g_signal_emit (self, signals[DELETE], 0, find (self->delete_buttons, button));
}

static GtkWidget *
add_button (LkDataPage *self, AdwActionRow *row, const char *icon, const char *name,
            GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (button, "clicked", clicked, self);
  adw_action_row_add_suffix (row, button);
  return button;
}

static void
add_kinds (LkDataPage *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("What Is on This Computer"));
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("Nothing of it is ever sent anywhere. Pictures are encrypted; the names of people and the "
         "networks are not."));
  for (int i = 0; i < LK_N_DATA_KINDS; i++)
    {
      AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());

      self->rows[i] = row;
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (kinds[i].title));
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_action_row_set_subtitle_lines (row, 0);
      self->open_buttons[i] = add_button (self, row, "folder-open-symbolic",
                                          _ (kinds[i].open), G_CALLBACK (on_open));
      if (kinds[i].delete != NULL)
        self->delete_buttons[i] = add_button (
            self, row, i == LK_DATA_SETTINGS ? "edit-undo-symbolic" : "user-trash-symbolic",
            _ (kinds[i].delete), G_CALLBACK (on_delete));
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (row));
    }
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self), ADW_PREFERENCES_GROUP (group));
}

static void
notify_keep (LkDataPage *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->days_spin),
                            gtk_switch_get_active (self->keep_switch));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_KEEP_REFUSED]);
}

static void
notify_days (LkDataPage *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_KEEP_DAYS]);
}

static void
add_setting (AdwPreferencesGroup *group, GtkWidget *widget, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), widget);
  adw_preferences_group_add (group, row);
}

static void
add_refused (LkDataPage *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, _ ("Refused Attempts"));
  self->keep_switch = GTK_SWITCH (gtk_switch_new ());
  self->days_spin = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (1, 365, 1));
  gtk_spin_button_set_value (self->days_spin, 7);
  gtk_widget_set_sensitive (GTK_WIDGET (self->days_spin), FALSE);
  add_setting (
      group, GTK_WIDGET (self->keep_switch),
      _ ("Keep Their Pictures"),
         _ ("You then see who tried to pass for somebody. They may be people who do not know "
                  "that they are photographed."));
  add_setting (group, GTK_WIDGET (self->days_spin), _ ("Days to Keep Them"), NULL);
  g_signal_connect_swapped (self->keep_switch, "notify::active", G_CALLBACK (notify_keep), self);
  g_signal_connect_swapped (self->days_spin, "value-changed", G_CALLBACK (notify_days), self);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (self), group);
}

static void
lk_data_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LkDataPage *self = LK_DATA_PAGE (object);

  if (id == PROP_KEEP_REFUSED)
    g_value_set_boolean (value, gtk_switch_get_active (self->keep_switch));
  else if (id == PROP_KEEP_DAYS)
    g_value_set_int (value, gtk_spin_button_get_value_as_int (self->days_spin));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_data_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LkDataPage *self = LK_DATA_PAGE (object);

  if (id == PROP_KEEP_REFUSED)
    gtk_switch_set_active (self->keep_switch, g_value_get_boolean (value));
  else if (id == PROP_KEEP_DAYS)
    gtk_spin_button_set_value (self->days_spin, g_value_get_int (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_data_page_class_init (LkDataPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = lk_data_page_get_property;
  object_class->set_property = lk_data_page_set_property;
  props[PROP_KEEP_REFUSED] = g_param_spec_boolean ("keep-refused", NULL, NULL, FALSE, flags);
  props[PROP_KEEP_DAYS] = g_param_spec_int ("keep-days", NULL, NULL, 1, 365, 7, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[OPEN] = g_signal_new ("open", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                1, G_TYPE_INT);
  signals[DELETE] = g_signal_new ("delete", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
lk_data_page_init (LkDataPage *self)
{
  adw_preferences_page_set_title (ADW_PREFERENCES_PAGE (self), _ ("Your Data"));
  adw_preferences_page_set_icon_name (ADW_PREFERENCES_PAGE (self), "channel-secure-symbolic");
  add_kinds (self);
  add_refused (self);
}

GtkWidget *
lk_data_page_new (void)
{
  return g_object_new (LK_TYPE_DATA_PAGE, NULL);
}

void
lk_data_page_show (LkDataPage *self, LkDataKind kind, const char *sentence, const char *path,
                   gboolean can_delete)
{
  g_autofree char *subtitle = g_strdup_printf ("%s\n%s", sentence, path);
  g_autofree char *markup = g_markup_escape_text (subtitle, -1);

  g_return_if_fail (LK_IS_DATA_PAGE (self));

  adw_action_row_set_subtitle (self->rows[kind], markup);
  if (self->delete_buttons[kind] != NULL)
    gtk_widget_set_sensitive (self->delete_buttons[kind], can_delete);
}
