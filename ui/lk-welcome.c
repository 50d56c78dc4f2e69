/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-welcome"

#include "lk-welcome.h"

struct _LkWelcome
{
  AdwBin parent_instance;

  GtkWidget *button, *looks, *keeps, *errs; /* template children: borrowed */
};

G_DEFINE_FINAL_TYPE (LkWelcome, lk_welcome, ADW_TYPE_BIN)

static void
lk_welcome_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lk_welcome_parent_class)->map (widget);
  gtk_widget_grab_focus (LK_WELCOME (widget)->button);
}

static void
lk_welcome_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_WELCOME);
  G_OBJECT_CLASS (lk_welcome_parent_class)->dispose (object);
}

static void
lk_welcome_class_init (LkWelcomeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_welcome_dispose;
  widget_class->map = lk_welcome_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-welcome.ui");
  gtk_widget_class_bind_template_child (widget_class, LkWelcome, button);
  gtk_widget_class_bind_template_child (widget_class, LkWelcome, looks);
  gtk_widget_class_bind_template_child (widget_class, LkWelcome, keeps);
  gtk_widget_class_bind_template_child (widget_class, LkWelcome, errs);
}

static void
lk_welcome_init (LkWelcome *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->button),
                                  GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, self->looks, self->keeps,
                                  self->errs, NULL, -1);
}

GtkWidget *
lk_welcome_new (void)
{
  return g_object_new (LK_TYPE_WELCOME, NULL);
}
