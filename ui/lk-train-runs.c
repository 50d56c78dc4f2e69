/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-train-runs"

#include "lk-train-runs.h"

#include "lk-label.h"
#include "lk-plot.h"

#include <glib/gi18n.h>
#include <string.h>

struct _LkTrainRuns
{
  AdwBin parent_instance;

  GtkWidget *group, *comparison, *hint; /* borrowed from the tree */
  GPtrArray *rows;                      /* (element-type GtkWidget): of the group */
  GArray *chosen;                       /* (element-type gint64): at most two, in their order */
  gboolean quiet;
};

G_DEFINE_FINAL_TYPE (LkTrainRuns, lk_train_runs, ADW_TYPE_BIN)

enum
{
  OPEN,
  RENAME,
  DELETE,
  COMPARE,
  BACK,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gint64
get_id (gpointer widget)
{
  const gint64 *id = g_object_get_data (G_OBJECT (widget), "id");

  return *id;
}

static void
set_id (gpointer widget, gint64 id)
{
  g_object_set_data_full (G_OBJECT (widget), "id", g_memdup2 (&id, sizeof id), g_free);
}

static void
clear_comparison (LkTrainRuns *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->comparison)) != NULL)
    gtk_box_remove (GTK_BOX (self->comparison), child);
}

static void
on_chosen (GtkCheckButton *check, LkTrainRuns *self)
{
  gint64 id = get_id (check);

  if (self->quiet)
    return;
  clear_comparison (self);
  for (guint i = 0; i < self->chosen->len; i++)
    if (g_array_index (self->chosen, gint64, i) == id)
      {
        g_array_remove_index (self->chosen, i);
        break;
      }
  if (gtk_check_button_get_active (check))
    g_array_append_val (self->chosen, id);
  if (self->chosen->len > 2) /* the one that was chosen first makes room */
    {
      g_array_remove_index (self->chosen, 0);
      self->quiet = TRUE;
      for (guint i = 0; i < self->rows->len; i++)
        {
          GtkWidget *other = g_object_get_data (self->rows->pdata[i], "check");
          gboolean active = FALSE;

          for (guint k = 0; k < self->chosen->len; k++)
            active |= g_array_index (self->chosen, gint64, k) == get_id (other);
          gtk_check_button_set_active (GTK_CHECK_BUTTON (other), active);
        }
      self->quiet = FALSE;
    }
  if (self->chosen->len == 2)
    g_signal_emit (self, signals[COMPARE], 0, g_array_index (self->chosen, gint64, 0),
                   g_array_index (self->chosen, gint64, 1));
}

static void
on_activated (AdwActionRow *row, LkTrainRuns *self)
{
  g_signal_emit (self, signals[OPEN], 0, get_id (row));
}

static void
on_delete (GtkButton *button, LkTrainRuns *self)
{
  g_signal_emit (self, signals[DELETE], 0, get_id (button));
}

static void
on_renamed (GtkEntry *entry, LkTrainRuns *self)
{
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (entry), GTK_TYPE_POPOVER);
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  gint64 id = get_id (entry);

  gtk_popover_popdown (GTK_POPOVER (popover));
  if (*name != '\0')
    g_signal_emit (self, signals[RENAME], 0, id, name);
}

static void
on_back (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[BACK], 0);
}

/* ---- construction ---- */

/* @text: (transfer full) */
static void
name_control (GtkWidget *widget, char *text)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_free (text);
}

static GtkWidget *
make_rename (LkTrainRuns *self, const LkRunInfo *run)
{
  GtkWidget *button = gtk_menu_button_new (), *popover = gtk_popover_new ();
  GtkWidget *entry = gtk_entry_new ();

  gtk_editable_set_text (GTK_EDITABLE (entry), run->name);
  gtk_entry_set_max_length (GTK_ENTRY (entry), 200);
  set_id (entry, run->id);
  name_control (entry, g_strdup_printf (_("New name of %s"), run->name));
  g_signal_connect (entry, "activate", G_CALLBACK (on_renamed), self);
  gtk_popover_set_child (GTK_POPOVER (popover), entry);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "document-edit-symbolic");
  gtk_widget_set_tooltip_text (button, _("Rename"));
  name_control (button, g_strdup_printf (_("Rename %s"), run->name));
  return button;
}

/* Rows can be activated, which assistive technology has no action for. */
static void
on_open_clicked (GtkButton *button, AdwActionRow *row)
{
  adw_action_row_activate (row);
}

static GtkWidget *
make_row (LkTrainRuns *self, const LkRunInfo *run)
{
  GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();
  GtkWidget *open = gtk_button_new_from_icon_name ("go-next-symbolic");
  GtkWidget *rename = make_rename (self, run);
  GtkWidget *trash = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *title = lk_label_make_breakable (run->name);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE); /* before the title */
  g_object_set (row, "title", title, "subtitle", run->sentence, "subtitle-lines", 4, "activatable",
                TRUE, NULL);
  set_id (row, run->id);
  set_id (check, run->id);
  set_id (trash, run->id);
  g_object_set_data (G_OBJECT (row), "check", check);
  gtk_widget_set_tooltip_text (check, _("Choose two to compare them"));
  name_control (check, g_strdup_printf (_("Compare %s"), run->name));
  gtk_widget_set_tooltip_text (trash, _("Delete"));
  name_control (trash, g_strdup_printf (_("Delete %s"), run->name));
  g_signal_connect (row, "activated", G_CALLBACK (on_activated), self);
  g_signal_connect (check, "toggled", G_CALLBACK (on_chosen), self);
  g_signal_connect (trash, "clicked", G_CALLBACK (on_delete), self);
  gtk_widget_set_tooltip_text (open, _("Open"));
  name_control (open, g_strdup_printf (_("Open %s"), run->name));
  g_signal_connect (open, "clicked", G_CALLBACK (on_open_clicked), row);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  for (int i = 0; i < 3; i++)
    {
      GtkWidget *button = ((GtkWidget *[]){ rename, trash, open })[i];

      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "flat");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  return row;
}

static GtkWidget *
make_label (const char *text, const char *css)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css != NULL)
    gtk_widget_add_css_class (label, css);
  return label;
}

static void
lk_train_runs_dispose (GObject *object)
{
  LkTrainRuns *self = LK_TRAIN_RUNS (object);

  self->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->chosen, g_array_unref);
  G_OBJECT_CLASS (lk_train_runs_parent_class)->dispose (object);
}

static void
lk_train_runs_class_init (LkTrainRunsClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_train_runs_dispose;
#define SIGNAL(name, ...)                                                                          \
  g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, __VA_ARGS__)
  signals[OPEN] = SIGNAL ("open", 1, G_TYPE_INT64);
  signals[RENAME] = SIGNAL ("rename", 2, G_TYPE_INT64, G_TYPE_STRING);
  signals[DELETE] = SIGNAL ("delete", 1, G_TYPE_INT64);
  signals[COMPARE] = SIGNAL ("compare", 2, G_TYPE_INT64, G_TYPE_INT64);
  signals[BACK] = SIGNAL ("back", 0);
#undef SIGNAL
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "runs.back", NULL, on_back);
}

static void
lk_train_runs_init (LkTrainRuns *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new (), *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *back = gtk_button_new_from_icon_name ("go-previous-symbolic");

  self->rows = g_ptr_array_new ();
  self->chosen = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->group = adw_preferences_group_new ();
  self->hint = make_label (_("Open a run to see its curves, or choose two to compare them."),
                              "dim-label");
  self->comparison = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (back), "runs.back");
  gtk_widget_add_css_class (back, "flat");
  gtk_widget_add_css_class (back, "circular");
  gtk_widget_set_tooltip_text (back, _("Back"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (back), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Back to the Recipe"), -1);
  gtk_box_append (GTK_BOX (head), back);
  gtk_box_append (GTK_BOX (head), make_label (_("Earlier Runs"), "title-2"));
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), self->hint);
  gtk_box_append (GTK_BOX (box), self->group);
  gtk_box_append (GTK_BOX (box), self->comparison);
  gtk_widget_add_css_class (box, "lk-main");
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 900);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
lk_train_runs_new (void)
{
  return g_object_new (LK_TYPE_TRAIN_RUNS, NULL);
}

void
lk_train_runs_set_runs (LkTrainRuns *self, const LkRunInfo *runs, int n)
{
  guint n_left = 0;

  g_return_if_fail (LK_IS_TRAIN_RUNS (self));

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self->group), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  self->quiet = TRUE;
  for (int i = 0; i < n; i++)
    {
      GtkWidget *row = make_row (self, &runs[i]);

      for (guint k = 0; k < self->chosen->len; k++)
        if (g_array_index (self->chosen, gint64, k) == runs[i].id)
          {
            gtk_check_button_set_active (g_object_get_data (G_OBJECT (row), "check"), TRUE);
            n_left++;
          }
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->group), row);
      g_ptr_array_add (self->rows, row);
    }
  self->quiet = FALSE;
  if (n_left < self->chosen->len) /* one of them is gone */
    {
      for (guint i = 0; i < self->rows->len; i++)
        gtk_check_button_set_active (g_object_get_data (self->rows->pdata[i], "check"), FALSE);
      g_array_set_size (self->chosen, 0);
      clear_comparison (self);
    }
}

static GtkWidget *
make_plot (const char *title, const char *const names[2], GArray *const curves[2])
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *plot = lk_plot_new ();

  lk_plot_set_labels (LK_PLOT (plot), title, _("epoch"));
  for (int i = 0; i < 2; i++)
    {
      int series = lk_plot_add_series (LK_PLOT (plot), names[i]);

      for (guint k = 0; k < curves[i]->len; k++)
        {
          const LkRunSpot *spot = &g_array_index (curves[i], LkRunSpot, k);

          lk_plot_append (LK_PLOT (plot), series, spot->x, spot->y);
        }
    }
  gtk_widget_set_size_request (plot, -1, 220);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "lk-card");
  gtk_box_append (GTK_BOX (card), make_label (title, "title-4"));
  gtk_box_append (GTK_BOX (card), plot);
  return card;
}

static GtkWidget *
make_table (const char *const names[2], const char *const *rows)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *grid = gtk_grid_new ();

  gtk_grid_set_column_spacing (GTK_GRID (grid), 18);
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *name = lk_label_make_breakable (names[i]);

      gtk_grid_attach (GTK_GRID (grid), make_label (name, "heading"), i + 1, 0, 1, 1);
    }
  for (int y = 0; rows[3 * y] != NULL; y++)
    for (int x = 0; x < 3; x++)
      gtk_grid_attach (GTK_GRID (grid), make_label (rows[3 * y + x], x == 0 ? "dim-label" : NULL),
                       x, y + 1, 1, 1);
  gtk_widget_add_css_class (card, "card");
  gtk_widget_add_css_class (card, "lk-card");
  gtk_box_append (GTK_BOX (card), make_label (_("Where They Differ"), "title-4"));
  gtk_box_append (GTK_BOX (card), grid);
  return card;
}

void
lk_train_runs_show_comparison (LkTrainRuns *self, const char *const names[2], GArray *const loss[2],
                               GArray *const eer[2], const char *const *rows)
{
  g_return_if_fail (LK_IS_TRAIN_RUNS (self));

  clear_comparison (self);
  gtk_box_append (GTK_BOX (self->comparison), make_table (names, rows));
  gtk_box_append (GTK_BOX (self->comparison), make_plot (_("Loss"), names, loss));
  gtk_box_append (GTK_BOX (self->comparison), make_plot (_("Equal Error Rate"), names, eer));
}
