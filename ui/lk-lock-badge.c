/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-lock-badge"

#include "lk-lock-badge.h"

#include "lk-face-frame.h"

#include <glib/gi18n.h>
#include <math.h>

#define SIZE     72 /* as it is drawn */
#define SHOWN    64
#define RING     30.0 /* its radius */
#define SHAKE_MS 450
#define TURN_US  (1400 * 1000) /* once around */

struct _LkLockBadge
{
  GtkWidget parent_instance;

  LkLockState state;
  double progress, shown; /* shown: on its way there */
  double open;            /* 0 .. 1 */
  double shake;           /* 0 .. 1, through the movement */
  double turn;            /* of the ring's arc, in turns */
  guint ticker;
  AdwAnimation *opening, *shaking, *filling;
};

G_DEFINE_FINAL_TYPE (LkLockBadge, lk_lock_badge, GTK_TYPE_WIDGET)

LkMark
lk_lock_badge_mark (LkLockState state)
{
  switch (state)
    {
    case LK_LOCK_ACCEPTED:
      return LK_MARK_GOOD;
    case LK_LOCK_REFUSED:
    case LK_LOCK_LOCKED_OUT:
      return LK_MARK_BAD;
    case LK_LOCK_ADVICE:
      return LK_MARK_ADVICE;
    default:
      return LK_MARK_NEUTRAL;
    }
}

static gboolean
is_turning (LkLockState state)
{
  return state == LK_LOCK_STARTING || state == LK_LOCK_LOOKING;
}

static const char *
name_of (LkLockState state)
{
  return state == LK_LOCK_ACCEPTED ? _("Open") : _("Locked");
}

/* The padlock, its middle at 0, 0. */
static void
draw_padlock (cairo_t *cr, double open)
{
  const double width = 21, height = 16, radius = 3.5, leg = 6.5;
  const double top = -1;

  cairo_save (cr);
  /* The shackle is lifted, and turns about its right leg. */
  cairo_translate (cr, leg, top - 4.5 * open);
  cairo_rotate (cr, 0.45 * open);
  cairo_move_to (cr, 0, 3);
  cairo_line_to (cr, 0, -3.5);
  cairo_arc_negative (cr, -leg, -3.5, leg, 0, -G_PI);
  cairo_line_to (cr, -2 * leg, open > 0 ? 1 : 3);
  cairo_set_line_width (cr, 3.2);
  cairo_stroke (cr);
  cairo_restore (cr);

  cairo_new_sub_path (cr);
  cairo_arc (cr, width / 2 - radius, top + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, width / 2 - radius, top + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, -width / 2 + radius, top + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, -width / 2 + radius, top + radius, radius, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
draw_ring (LkLockBadge *self, cairo_t *cr, const GdkRGBA *colour)
{
  double begin = -G_PI_2, end = begin + 2 * G_PI;

  cairo_set_line_width (cr, 4);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_source_rgba (cr, 1, 1, 1, 0.22);
  cairo_arc (cr, 0, 0, RING, 0, 2 * G_PI);
  cairo_stroke (cr);
  if (is_turning (self->state))
    {
      begin += 2 * G_PI * self->turn;
      end = begin + 0.5 * G_PI;
    }
  else if (self->state == LK_LOCK_CHECKING || self->state == LK_LOCK_CHALLENGE ||
           self->state == LK_LOCK_LOCKED_OUT)
    end = begin + 2 * G_PI * CLAMP (self->shown, 0, 1);
  else if (self->state == LK_LOCK_LOCKED)
    return;
  if (end - begin < 0.01)
    return;
  gdk_cairo_set_source_rgba (cr, colour);
  cairo_arc (cr, 0, 0, RING, begin, end);
  cairo_stroke (cr);
}

static void
lk_lock_badge_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkLockBadge *self = LK_LOCK_BADGE (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  LkMark mark = lk_lock_badge_mark (self->state);
  const GdkRGBA *colour = lk_face_frame_get_colour (mark);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));

  cairo_translate (cr, width / 2.0, height / 2.0);
  cairo_scale (cr, (double) height / SIZE, (double) height / SIZE);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.72);
  cairo_arc (cr, 0, 0, RING + 5, 0, 2 * G_PI);
  cairo_fill (cr);
  draw_ring (self, cr, colour);
  cairo_translate (cr, 5 * sin (self->shake * 6 * G_PI) * (1 - self->shake), 0);
  gdk_cairo_set_source_rgba (cr, colour);
  draw_padlock (cr, self->open);
  cairo_destroy (cr);
}

static void
lk_lock_badge_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                       int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = SHOWN;
}

static void
on_opening (double value, gpointer data)
{
  ((LkLockBadge *) data)->open = value;
  gtk_widget_queue_draw (data);
}

static void
on_shaking (double value, gpointer data)
{
  ((LkLockBadge *) data)->shake = value;
  gtk_widget_queue_draw (data);
}

static void
on_filling (double value, gpointer data)
{
  ((LkLockBadge *) data)->shown = value;
  gtk_widget_queue_draw (data);
}

static gboolean
on_turn (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  gint64 now_us = gdk_frame_clock_get_frame_time (clock);

  LK_LOCK_BADGE (widget)->turn = (double) (now_us % TURN_US) / TURN_US;
  gtk_widget_queue_draw (widget);
  return G_SOURCE_CONTINUE;
}

static void
stop_turning (LkLockBadge *self)
{
  if (self->ticker != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->ticker);
  self->ticker = 0;
}

static void
lk_lock_badge_dispose (GObject *object)
{
  LkLockBadge *self = LK_LOCK_BADGE (object);

  stop_turning (self);
  g_clear_object (&self->opening);
  g_clear_object (&self->shaking);
  g_clear_object (&self->filling);
  G_OBJECT_CLASS (lk_lock_badge_parent_class)->dispose (object);
}

static void
lk_lock_badge_class_init (LkLockBadgeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_lock_badge_dispose;
  widget_class->snapshot = lk_lock_badge_snapshot;
  widget_class->measure = lk_lock_badge_measure;
  gtk_widget_class_set_css_name (widget_class, "lock-badge");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
lk_lock_badge_init (LkLockBadge *self)
{
  GtkWidget *widget = GTK_WIDGET (self);

  self->opening = adw_spring_animation_new (
      widget, 0, 1, adw_spring_params_new (0.55, 1, 320),
      adw_callback_animation_target_new (on_opening, self, NULL));
  self->shaking = adw_timed_animation_new (
      widget, 0, 1, SHAKE_MS, adw_callback_animation_target_new (on_shaking, self, NULL));
  self->filling = adw_timed_animation_new (
      widget, 0, 0, 200, adw_callback_animation_target_new (on_filling, self, NULL));
  gtk_widget_set_can_target (widget, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name_of (LK_LOCK_LOCKED), -1);
}

GtkWidget *
lk_lock_badge_new (void)
{
  return g_object_new (LK_TYPE_LOCK_BADGE, NULL);
}

static void
fill_to (LkLockBadge *self, double progress)
{
  if (progress == self->progress)
    return;
  self->progress = progress;
  adw_timed_animation_set_value_from (ADW_TIMED_ANIMATION (self->filling), self->shown);
  adw_timed_animation_set_value_to (ADW_TIMED_ANIMATION (self->filling), progress);
  adw_animation_reset (self->filling);
  adw_animation_play (self->filling);
}

static void
move_shackle (LkLockBadge *self, double to)
{
  adw_spring_animation_set_value_from (ADW_SPRING_ANIMATION (self->opening), self->open);
  adw_spring_animation_set_value_to (ADW_SPRING_ANIMATION (self->opening), to);
  adw_animation_reset (self->opening);
  adw_animation_play (self->opening);
}

void
lk_lock_badge_set (LkLockBadge *self, LkLockState state, double progress)
{
  LkLockState before;

  g_return_if_fail (LK_IS_LOCK_BADGE (self));

  before = self->state;
  fill_to (self, progress);
  if (state == before)
    return;
  self->state = state;
  if ((state == LK_LOCK_ACCEPTED) != (before == LK_LOCK_ACCEPTED))
    move_shackle (self, state == LK_LOCK_ACCEPTED);
  if (lk_lock_badge_mark (state) == LK_MARK_BAD && lk_lock_badge_mark (before) != LK_MARK_BAD)
    {
      adw_animation_reset (self->shaking);
      adw_animation_play (self->shaking);
    }
  if (!is_turning (state))
    stop_turning (self);
  else if (self->ticker == 0 && adw_get_enable_animations (GTK_WIDGET (self)))
    self->ticker = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_turn, NULL, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name_of (state), -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

LkLockState
lk_lock_badge_get_state (LkLockBadge *self)
{
  g_return_val_if_fail (LK_IS_LOCK_BADGE (self), LK_LOCK_LOCKED);
  return self->state;
}
