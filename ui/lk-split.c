/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-split"

#include "lk-split.h"

/* Logical pixels.  The side is as wide as a phone: what fits there fits narrow too. */
#define SIDE_WIDTH 372
#define WIDE_FROM  720

struct _LkSplit
{
  GtkWidget parent_instance;

  GtkWidget *main, *side;
  gboolean flow, narrow;
  guint notify_id;
};

enum
{
  PROP_FLOW = 1,
  PROP_NARROW,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

static void buildable_init (GtkBuildableIface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (LkSplit, lk_split, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, buildable_init))
static GtkBuildableIface *parent_buildable;

static int
measure_height (GtkWidget *child, int width, int *natural)
{
  int minimum;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, &minimum, natural, NULL, NULL);
  return minimum;
}

static GtkSizeRequestMode
lk_split_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
lk_split_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                  int *natural, int *minimum_baseline, int *natural_baseline)
{
  LkSplit *self = LK_SPLIT (widget);
  int main_min, main_nat, side_min, side_nat;

  if (!gtk_widget_get_visible (self->side))
    {
      /* As below: the width asks for no height. */
      gtk_widget_measure (self->main, orientation,
                          orientation == GTK_ORIENTATION_HORIZONTAL ? -1 : for_size, minimum,
                          natural, NULL, NULL);
      return;
    }
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      gtk_widget_measure (self->main, orientation, -1, &main_min, &main_nat, NULL, NULL);
      gtk_widget_measure (self->side, orientation, -1, &side_min, &side_nat, NULL, NULL);
      *minimum = MAX (main_min, side_min);
      *natural = main_nat + SIDE_WIDTH;
      return;
    }
  if (for_size >= WIDE_FROM)
    {
      main_min = measure_height (self->main, for_size - SIDE_WIDTH, &main_nat);
      side_min = measure_height (self->side, SIDE_WIDTH, &side_nat);
      *natural = MAX (main_nat, side_nat);
      *minimum = self->flow ? *natural : MAX (main_min, side_min);
    }
  else
    {
      main_min = measure_height (self->main, for_size, &main_nat);
      side_min = measure_height (self->side, for_size, &side_nat);
      *natural = main_nat + side_nat;
      *minimum = self->flow ? *natural : main_min + side_min;
    }
}

static void
tell_narrow (gpointer data)
{
  LkSplit *self = data;

  self->notify_id = 0;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_NARROW]);
}

static void
lk_split_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  LkSplit *self = LK_SPLIT (widget);
  gboolean narrow = width < WIDE_FROM;
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkAllocation a = { 0, 0, width, height }, b = a;

  if (!gtk_widget_get_visible (self->side))
    ; /* all is the main child's */
  else if (narrow)
    {
      int main_nat, side_nat;
      int main_min = measure_height (self->main, width, &main_nat);
      int side_min = measure_height (self->side, width, &side_nat);

      if (self->flow)
        a.height = main_nat;
      else
        a.height = CLAMP (
            main_nat, main_min,
            MAX (main_min, height - MAX (side_min, MIN (side_nat, height * 45 / 100))));
      b.y = a.height;
      b.height = MAX (side_min, height - a.height);
    }
  else
    {
      a.width = width - SIDE_WIDTH;
      b.width = SIDE_WIDTH;
      a.x = rtl ? SIDE_WIDTH : 0;
      b.x = rtl ? 0 : a.width;
    }
  gtk_widget_size_allocate (self->main, &a, -1);
  if (gtk_widget_get_visible (self->side))
    gtk_widget_size_allocate (self->side, &b, -1);

  if (narrow != self->narrow)
    {
      self->narrow = narrow;
      if (self->notify_id == 0) /* a handler may move widgets: not in the middle of a layout */
        self->notify_id = g_idle_add_once (tell_narrow, self);
    }
}

static void
lk_split_add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  LkSplit *self = LK_SPLIT (buildable);

  if (!GTK_IS_WIDGET (child))
    {
      parent_buildable->add_child (buildable, builder, child, type);
      return;
    }
  if (g_strcmp0 (type, "side") == 0)
    {
      g_return_if_fail (self->side == NULL);
      self->side = GTK_WIDGET (child);
    }
  else
    {
      g_return_if_fail (self->main == NULL);
      self->main = GTK_WIDGET (child);
    }
  gtk_widget_set_parent (GTK_WIDGET (child), GTK_WIDGET (self));
}

static void
buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = lk_split_add_child;
}

static void
lk_split_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LkSplit *self = LK_SPLIT (object);

  if (id == PROP_FLOW)
    g_value_set_boolean (value, self->flow);
  else if (id == PROP_NARROW)
    g_value_set_boolean (value, self->narrow);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_split_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  LkSplit *self = LK_SPLIT (object);

  if (id == PROP_FLOW)
    {
      self->flow = g_value_get_boolean (value);
      gtk_widget_queue_resize (GTK_WIDGET (self));
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
lk_split_dispose (GObject *object)
{
  LkSplit *self = LK_SPLIT (object);

  g_clear_handle_id (&self->notify_id, g_source_remove);
  g_clear_pointer (&self->main, gtk_widget_unparent);
  g_clear_pointer (&self->side, gtk_widget_unparent);
  G_OBJECT_CLASS (lk_split_parent_class)->dispose (object);
}

static void
lk_split_class_init (LkSplitClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = lk_split_get_property;
  object_class->set_property = lk_split_set_property;
  object_class->dispose = lk_split_dispose;
  widget_class->get_request_mode = lk_split_get_request_mode;
  widget_class->measure = lk_split_measure;
  widget_class->size_allocate = lk_split_size_allocate;

  props[PROP_FLOW] = g_param_spec_boolean ("flow", NULL, NULL, FALSE,
                                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
lk_split_init (LkSplit *self)
{
}

gboolean
lk_split_get_narrow (LkSplit *self)
{
  g_return_val_if_fail (LK_IS_SPLIT (self), FALSE);
  return self->narrow;
}
