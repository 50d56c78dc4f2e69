/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-turn-hint"

#include "lk-turn-hint.h"

#include <math.h>

#define N_BRACKETS 3
#define RUN_MS     900 /* of the light along them */
#define DIM        0.35

struct _LkTurnHint
{
  GtkWidget parent_instance;

  int side;   /* of the widget: below 0 the left one, above 0 the right one, 0: nothing is asked */
  double run; /* 0 .. 1: where the light is */
  AdwAnimation *running;
};

G_DEFINE_FINAL_TYPE (LkTurnHint, lk_turn_hint, GTK_TYPE_WIDGET)

void
lk_turn_hint_draw_pointer (cairo_t *cr, double x, double y, double dx, double dy, double size,
                           double strength)
{
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (int light = 0; light < 2; light++)
    {
      cairo_move_to (cr, x - size * dx - size * dy, y - size * dy + size * dx);
      cairo_line_to (cr, x, y);
      cairo_line_to (cr, x - size * dx + size * dy, y - size * dy - size * dx);
      cairo_set_line_width (cr, MAX (3, size * 0.4) * (light ? 1 : 1.8));
      cairo_set_source_rgba (cr, light, light, light, (light ? 0.95 : 0.4) * strength);
      cairo_stroke (cr);
    }
}

/* How bright a bracket is: the light comes to each in turn. */
static double
get_strength (LkTurnHint *self, int bracket)
{
  double at = self->run * (N_BRACKETS + 1) - 1, off = fabs (at - bracket);

  return self->run < 0 ? 1 : DIM + (1 - DIM) * MAX (0, 1 - off);
}

static void
lk_turn_hint_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkTurnHint *self = LK_TURN_HINT (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double size = CLAMP (MIN (width, height) / 22, 8, 20);
  cairo_t *cr;

  if (self->side == 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  cairo_translate (cr, width / 2, height / 2);
  for (int i = 0; i < N_BRACKETS; i++)
    lk_turn_hint_draw_pointer (cr,
                               self->side * (width / 2 - size * (1.5 + 1.5 * (N_BRACKETS - 1 - i))),
                               0, self->side, 0, size, get_strength (self, i));
  cairo_destroy (cr);
}

static void
on_running (double value, gpointer data)
{
  LK_TURN_HINT (data)->run = value;
  gtk_widget_queue_draw (data);
}

/* The light runs where it is seen, and where things may move. */
static void
update_run (LkTurnHint *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  adw_animation_reset (self->running);
  if (self->side != 0 && gtk_widget_get_mapped (widget) && adw_get_enable_animations (widget))
    adw_animation_play (self->running);
  else
    on_running (-1, self);
}

static void
lk_turn_hint_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lk_turn_hint_parent_class)->map (widget);
  update_run (LK_TURN_HINT (widget));
}

static void
lk_turn_hint_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lk_turn_hint_parent_class)->unmap (widget);
  update_run (LK_TURN_HINT (widget));
}

static void
lk_turn_hint_dispose (GObject *object)
{
  g_clear_object (&LK_TURN_HINT (object)->running);
  G_OBJECT_CLASS (lk_turn_hint_parent_class)->dispose (object);
}

static void
lk_turn_hint_class_init (LkTurnHintClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_turn_hint_dispose;
  widget_class->snapshot = lk_turn_hint_snapshot;
  widget_class->map = lk_turn_hint_map;
  widget_class->unmap = lk_turn_hint_unmap;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
lk_turn_hint_init (LkTurnHint *self)
{
  self->running = adw_timed_animation_new (
      GTK_WIDGET (self), 0, 1, RUN_MS, adw_callback_animation_target_new (on_running, self, NULL));
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->running), ADW_LINEAR);
  adw_timed_animation_set_repeat_count (ADW_TIMED_ANIMATION (self->running), 0);
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
}

GtkWidget *
lk_turn_hint_new (void)
{
  return g_object_new (LK_TYPE_TURN_HINT, NULL);
}

void
lk_turn_hint_set (LkTurnHint *self, int turn, gboolean mirror)
{
  int side = (turn > 0) - (turn < 0);

  g_return_if_fail (LK_IS_TURN_HINT (self));

  side = mirror ? side : -side;
  if (side == self->side)
    return;
  self->side = side;
  update_run (self);
}
