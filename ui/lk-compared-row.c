/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-compared-row"

#include "lk-compared-row.h"

#include "store/lk-store.h"

#include <glib/gi18n.h>

struct _LkComparedRow
{
  AdwComboRow parent_instance;

  GtkStringList *names; /* the first is everybody, where there are several */
  gboolean quiet;       /* a setter is at work: emit nothing */
};

G_DEFINE_FINAL_TYPE (LkComparedRow, lk_compared_row, ADW_TYPE_COMBO_ROW)

enum
{
  PERSON_CHOSEN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static guint
get_n_names (LkComparedRow *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->names));
}

static void
on_selected (LkComparedRow *self)
{
  if (!self->quiet && adw_combo_row_get_selected (ADW_COMBO_ROW (self)) < get_n_names (self))
    g_signal_emit (self, signals[PERSON_CHOSEN], 0, lk_compared_row_get_person (self));
}

static void
lk_compared_row_dispose (GObject *object)
{
  LK_COMPARED_ROW (object)->quiet = TRUE;
  G_OBJECT_CLASS (lk_compared_row_parent_class)->dispose (object);
}

static void
lk_compared_row_finalize (GObject *object)
{
  g_object_unref (LK_COMPARED_ROW (object)->names);
  G_OBJECT_CLASS (lk_compared_row_parent_class)->finalize (object);
}

static void
lk_compared_row_class_init (LkComparedRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = lk_compared_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = lk_compared_row_finalize;
  signals[PERSON_CHOSEN] = g_signal_new ("person-chosen", G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                         G_TYPE_STRING);
}

static void
lk_compared_row_init (LkComparedRow *self)
{
  self->names = gtk_string_list_new (NULL);
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (self->names));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _("Compared With"));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect (self, "notify::selected", G_CALLBACK (on_selected), NULL);
}

void
lk_compared_row_set_people (LkComparedRow *self, GPtrArray *people, const char *selected)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  guint position = 0;

  g_return_if_fail (LK_IS_COMPARED_ROW (self));

  for (guint i = 0; i < people->len; i++)
    {
      const LkPerson *person = people->pdata[i];

      if (person->n[LK_CAPTURE_ANCHOR] > 0)
        g_ptr_array_add (names, person->name);
    }
  if (names->len > 1)
    g_ptr_array_insert (names, 0, (gpointer) _("Everybody"));
  for (guint i = names->len > 1; i < names->len; i++)
    if (g_strcmp0 (names->pdata[i], selected) == 0)
      position = i;
  gtk_widget_set_visible (GTK_WIDGET (self), names->len > 1);
  if (names->len == 0)
    position = GTK_INVALID_LIST_POSITION;
  g_ptr_array_add (names, NULL);
  self->quiet = TRUE;
  gtk_string_list_splice (self->names, 0, get_n_names (self), (const char *const *) names->pdata);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), position);
  self->quiet = FALSE;
}

int
lk_compared_row_get_n_people (LkComparedRow *self)
{
  guint n;

  g_return_val_if_fail (LK_IS_COMPARED_ROW (self), 0);

  n = get_n_names (self);
  return (int) (n > 1 ? n - 1 : n);
}

const char *
lk_compared_row_get_person (LkComparedRow *self)
{
  guint position, n;

  g_return_val_if_fail (LK_IS_COMPARED_ROW (self), NULL);

  position = adw_combo_row_get_selected (ADW_COMBO_ROW (self));
  n = get_n_names (self);
  if (position >= n || (position == 0 && n > 1))
    return NULL;
  return gtk_string_list_get_string (self->names, position);
}

void
lk_compared_row_choose_next (LkComparedRow *self)
{
  guint n;

  g_return_if_fail (LK_IS_COMPARED_ROW (self));

  n = get_n_names (self);
  if (n > 1)
    adw_combo_row_set_selected (ADW_COMBO_ROW (self),
                                (adw_combo_row_get_selected (ADW_COMBO_ROW (self)) + 1) % n);
}
