/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-refine-card"

#include "lk-refine-card.h"

#include "lk-crop-strip.h"
#include "lk-label.h"

#include <glib/gi18n.h>

struct _LkRefineCard
{
  AdwBin parent_instance;

  GtkLabel *title; /* borrowed, as all below */
  LkCropStrip *strip;
  GtkWidget *add_button;
};

G_DEFINE_FINAL_TYPE (LkRefineCard, lk_refine_card, ADW_TYPE_BIN)

static void
lk_refine_card_class_init (LkRefineCardClass *klass)
{
}

static GtkLabel *
add_label (GtkBox *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static GtkWidget *
add_button (GtkBox *box, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_box_append (box, button);
  return button;
}

static void
lk_refine_card_init (LkRefineCard *self)
{
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  GtkBox *buttons = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6));
  GtkWidget *strip = lk_crop_strip_new ();

  self->title = add_label (box, NULL, "heading");
  self->strip = LK_CROP_STRIP (strip);
  lk_crop_strip_set_noun (self->strip, _("New picture"));
  gtk_box_append (box, strip);
  gtk_widget_add_css_class (GTK_WIDGET (
      add_label (box, _("They show what the enrolled ones do not: another light, another "
                               "side. Nothing is kept unless you add it."),
                         "caption")),
      "dim-label");
  gtk_widget_set_halign (GTK_WIDGET (buttons), GTK_ALIGN_END);
  add_button (buttons, _("_Not Now"), "verify.forget-pictures");
  self->add_button = add_button (buttons, _("_Add"), "verify.add-pictures");
  gtk_box_append (box, GTK_WIDGET (buttons));
  gtk_widget_add_css_class (GTK_WIDGET (box), "card");
  gtk_widget_add_css_class (GTK_WIDGET (box), "lk-scores");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (box));
  lk_refine_card_clear (self);
}

GtkWidget *
lk_refine_card_new (void)
{
  return g_object_new (LK_TYPE_REFINE_CARD, NULL);
}

void
lk_refine_card_offer (LkRefineCard *self, const char *person, GPtrArray *pictures)
{
  g_autofree char *add = g_strdup_printf (_("Add to %s's pictures"), person);

  g_return_if_fail (LK_IS_REFINE_CARD (self));

  lk_label_set_format (self->title,
                       ngettext ("%u New Picture of %s", "%u New Pictures of %s", pictures->len),
                       pictures->len, person);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  add, -1);
  lk_crop_strip_set_crops (self->strip, pictures);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
}

void
lk_refine_card_clear (LkRefineCard *self)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  g_return_if_fail (LK_IS_REFINE_CARD (self));

  lk_crop_strip_set_crops (self->strip, none);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
