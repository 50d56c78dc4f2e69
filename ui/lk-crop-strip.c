/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-crop-strip"

#include "lk-crop-strip.h"

#include <glib/gi18n.h>

#define SIDE 68 /* four of them beside each other on a phone */

struct _LkCropStrip
{
  AdwBin parent_instance;

  GtkFlowBox *box; /* borrowed */
  int n_crops;
  char *noun; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (LkCropStrip, lk_crop_strip, ADW_TYPE_BIN)

static void
lk_crop_strip_finalize (GObject *object)
{
  g_free (LK_CROP_STRIP (object)->noun);
  G_OBJECT_CLASS (lk_crop_strip_parent_class)->finalize (object);
}

static void
lk_crop_strip_class_init (LkCropStripClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = lk_crop_strip_finalize;
}

static void
lk_crop_strip_init (LkCropStrip *self)
{
  self->box = GTK_FLOW_BOX (gtk_flow_box_new ());
  gtk_flow_box_set_selection_mode (self->box, GTK_SELECTION_NONE);
  gtk_flow_box_set_min_children_per_line (self->box, 3); /* in a card, at 360 pixels */
  gtk_flow_box_set_max_children_per_line (self->box, 8);
  gtk_flow_box_set_column_spacing (self->box, 6);
  gtk_flow_box_set_row_spacing (self->box, 6);
  gtk_widget_set_halign (GTK_WIDGET (self->box), GTK_ALIGN_START);
  gtk_widget_set_can_focus (GTK_WIDGET (self->box), FALSE);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
}

GtkWidget *
lk_crop_strip_new (void)
{
  return g_object_new (LK_TYPE_CROP_STRIP, NULL);
}

static GtkWidget *
make_picture (LkCropStrip *self, const LkImage *crop, int number)
{
  g_autoptr (GdkTexture) texture = gdk_memory_texture_new (
      crop->width, crop->height, GDK_MEMORY_R8G8B8, crop->bytes, 3 * (gsize) crop->width);
  GtkWidget *picture = gtk_image_new_from_paintable (GDK_PAINTABLE (texture));
  const char *noun = self->noun != NULL ? self->noun
                                        : _("Training picture, as changed at random:");
  g_autofree char *name = g_strdup_printf ("%s %d", noun, number);

  gtk_image_set_pixel_size (GTK_IMAGE (picture), SIDE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (picture), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  gtk_widget_set_overflow (picture, GTK_OVERFLOW_HIDDEN);
  gtk_widget_add_css_class (picture, "lk-thumbnail");
  gtk_widget_set_halign (picture, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (picture, GTK_ALIGN_CENTER);
  return picture;
}

void
lk_crop_strip_set_crops (LkCropStrip *self, GPtrArray *crops)
{
  GtkWidget *child;

  g_return_if_fail (LK_IS_CROP_STRIP (self));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_flow_box_remove (self->box, child);
  for (guint i = 0; i < crops->len; i++)
    {
      gtk_flow_box_append (self->box, make_picture (self, crops->pdata[i], (int) i + 1));
      gtk_widget_set_focusable (GTK_WIDGET (gtk_flow_box_get_child_at_index (self->box, (int) i)),
                                FALSE);
    }
  self->n_crops = (int) crops->len;
}

int
lk_crop_strip_get_n_crops (LkCropStrip *self)
{
  g_return_val_if_fail (LK_IS_CROP_STRIP (self), 0);
  return self->n_crops;
}

void
lk_crop_strip_set_noun (LkCropStrip *self, const char *noun)
{
  g_return_if_fail (LK_IS_CROP_STRIP (self));
  g_free (self->noun);
  self->noun = g_strdup (noun);
}
