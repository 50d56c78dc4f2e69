/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-person-chooser"

#include "lk-person-chooser.h"

#include "store/lk-store.h"

#include <glib/gi18n.h>

struct _LkPersonChooser
{
  AdwBin parent_instance;

  AdwComboRow *person_row; /* template children: borrowed */
  AdwEntryRow *name_row;
  GtkStringList *people;
  GtkStack *import_stack;
  GtkWidget *import_button, *import_spinner;

  char *typed; /* (nullable): a new name that has no picture yet */
  gboolean quiet;
};

G_DEFINE_FINAL_TYPE (LkPersonChooser, lk_person_chooser, ADW_TYPE_BIN)

enum
{
  CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static guint
get_n_people (LkPersonChooser *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->people));
}

static guint
find (LkPersonChooser *self, const char *name)
{
  guint n = get_n_people (self);

  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (gtk_string_list_get_string (self->people, i), name) == 0)
      return i;
  return GTK_INVALID_LIST_POSITION;
}

/* The entry is there when it is asked for, and when there is nobody. */
static void
show_name_row (LkPersonChooser *self, gboolean wanted)
{
  guint n = get_n_people (self);

  gtk_widget_set_visible (GTK_WIDGET (self->person_row), n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->name_row), wanted || n == 0);
}

static void
on_selected (LkPersonChooser *self)
{
  const char *person = lk_person_chooser_get_person (self);

  if (!self->quiet && person != NULL)
    g_signal_emit (self, signals[CHOSEN], 0, person);
}

static void
forget_typed (LkPersonChooser *self)
{
  guint position = self->typed ? find (self, self->typed) : GTK_INVALID_LIST_POSITION;

  g_clear_pointer (&self->typed, g_free);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_string_list_remove (self->people, position);
}

static void
on_name_applied (LkPersonChooser *self)
{
  g_autofree char *name = g_strstrip (
      g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_row))));
  guint position;

  if (*name == '\0')
    return;
  self->quiet = TRUE;
  position = find (self, name);
  if (position == GTK_INVALID_LIST_POSITION)
    {
      forget_typed (self);
      self->typed = g_strdup (name);
      gtk_string_list_append (self->people, name);
      position = get_n_people (self) - 1;
    }
  adw_combo_row_set_selected (self->person_row, position);
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), "");
  self->quiet = FALSE;
  show_name_row (self, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->person_row)); /* out of the entry: keys capture now */
  on_selected (self);
}

static void
lk_person_chooser_dispose (GObject *object)
{
  LkPersonChooser *self = LK_PERSON_CHOOSER (object);

  self->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_PERSON_CHOOSER);
  g_clear_pointer (&self->typed, g_free);
  G_OBJECT_CLASS (lk_person_chooser_parent_class)->dispose (object);
}

static void
lk_person_chooser_class_init (LkPersonChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_person_chooser_dispose;

  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-person-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, person_row);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, name_row);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, people);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, import_stack);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, import_button);
  gtk_widget_class_bind_template_child (widget_class, LkPersonChooser, import_spinner);
}

static void
lk_person_chooser_init (LkPersonChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->person_row, "notify::selected", G_CALLBACK (on_selected), self);
  g_signal_connect_swapped (self->name_row, "apply", G_CALLBACK (on_name_applied), self);
  show_name_row (self, FALSE);
}

void
lk_person_chooser_set_people (LkPersonChooser *self, GPtrArray *people, const char *selected)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *chosen = NULL;
  guint n, position;
  gboolean changed;

  g_return_if_fail (LK_IS_PERSON_CHOOSER (self));

  n = get_n_people (self);
  chosen = g_strdup (selected ? selected : lk_person_chooser_get_person (self));
  for (guint i = 0; i < people->len; i++)
    {
      const char *name = ((LkPerson *) people->pdata[i])->name;

      if (g_strcmp0 (name, self->typed) == 0) /* has pictures now */
        g_clear_pointer (&self->typed, g_free);
      g_ptr_array_add (names, (gpointer) name);
    }
  if (self->typed != NULL)
    g_ptr_array_add (names, self->typed);
  changed = names->len != n;
  for (guint i = 0; !changed && i < n; i++)
    changed = !g_str_equal (names->pdata[i], gtk_string_list_get_string (self->people, i));
  g_ptr_array_add (names, NULL);

  self->quiet = TRUE;
  if (changed)
    gtk_string_list_splice (self->people, 0, n, (const char *const *) names->pdata);
  position = find (self, chosen);
  if (position == GTK_INVALID_LIST_POSITION && get_n_people (self) > 0)
    position = 0;
  adw_combo_row_set_selected (self->person_row, position);
  self->quiet = FALSE;
  show_name_row (self, gtk_widget_get_visible (GTK_WIDGET (self->name_row)) && n > 0);
}

const char *
lk_person_chooser_get_person (LkPersonChooser *self)
{
  guint position;

  g_return_val_if_fail (LK_IS_PERSON_CHOOSER (self), NULL);

  position = adw_combo_row_get_selected (self->person_row);
  return position == GTK_INVALID_LIST_POSITION
             ? NULL
             : gtk_string_list_get_string (self->people, position);
}

void
lk_person_chooser_ask_name (LkPersonChooser *self)
{
  g_return_if_fail (LK_IS_PERSON_CHOOSER (self));

  show_name_row (self, !gtk_widget_get_visible (GTK_WIDGET (self->name_row)));
  if (gtk_widget_get_visible (GTK_WIDGET (self->name_row)))
    gtk_widget_grab_focus (GTK_WIDGET (self->name_row));
}

gboolean
lk_person_chooser_drop_new (LkPersonChooser *self)
{
  g_return_val_if_fail (LK_IS_PERSON_CHOOSER (self), FALSE);

  if (self->typed == NULL || g_strcmp0 (self->typed, lk_person_chooser_get_person (self)) != 0)
    return FALSE;
  self->quiet = TRUE;
  forget_typed (self);
  self->quiet = FALSE;
  show_name_row (self, FALSE);
  return TRUE;
}

void
lk_person_chooser_set_importing (LkPersonChooser *self, gboolean importing)
{
  g_return_if_fail (LK_IS_PERSON_CHOOSER (self));

  gtk_stack_set_visible_child (self->import_stack,
                               importing ? self->import_spinner : self->import_button);
  gtk_spinner_set_spinning (GTK_SPINNER (self->import_spinner), importing);
}
