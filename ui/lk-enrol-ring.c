/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-enrol-ring"

#include "lk-enrol-ring.h"

#include "lk-mark.h"
#include "lk-turn-hint.h"

#include <glib/gi18n.h>
#include <math.h>

#define THICKNESS 9
#define MARGIN    (THICKNESS + 7) /* from the circle to the edge */
#define GAP       0.07            /* radians, between two segments */
#define FILL_MS   220
#define BEAT_MS   700
#define BEAT      7 /* pixels that a pointer moves */

struct _LkEnrolRing
{
  GtkWidget parent_instance;

  gboolean mirror, is_closed;
  LkEnrolStage asked; /* LK_N_ENROL_STAGES: nothing is */
  gboolean is_skipped[LK_N_ENROL_STAGES];
  double from[LK_N_ENROL_STAGES], to[LK_N_ENROL_STAGES]; /* how full */
  double filled; /* 0 .. 1, of the way from one to the other */
  AdwAnimation *filling;
  double beat;
  AdwAnimation *beating;
};

G_DEFINE_FINAL_TYPE (LkEnrolRing, lk_enrol_ring, GTK_TYPE_WIDGET)

static double
get_fill (LkEnrolRing *self, int stage)
{
  return self->from[stage] + (self->to[stage] - self->from[stage]) * self->filled;
}

void
lk_enrol_ring_get_circle (int width, int height, graphene_rect_t *circle)
{
  float side = (float) MAX (0, MIN (width, height) - 2 * MARGIN);

  graphene_rect_init (circle, floorf (((float) width - side) / 2),
                      floorf (((float) height - side) / 2), side, side);
}

static void
trace_arc (cairo_t *cr, double r, int stage, double fill)
{
  double whole = 2 * G_PI / LK_N_ENROL_STAGES, start = stage * whole - G_PI / 2 + GAP / 2;

  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, r, start, start + (whole - GAP) * fill);
}

static void
draw_ring (LkEnrolRing *self, cairo_t *cr, double r)
{
  GdkRGBA accent, good, line;

  lk_mark_get_accent (GTK_WIDGET (self), &accent);
  lk_mark_get_colour (LK_MARK_GOOD, GTK_WIDGET (self), &good);
  lk_mark_get_colour (LK_MARK_NEUTRAL, GTK_WIDGET (self), &line);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_set_line_width (cr, THICKNESS);
  for (int stage = 0; stage < LK_N_ENROL_STAGES; stage++)
    {
      double fill = get_fill (self, stage);

      trace_arc (cr, r, stage, 1);
      cairo_set_source_rgba (cr, line.red, line.green, line.blue,
                             (stage == (int) self->asked ? 0.28 : 0.13) * (double) line.alpha);
      if (self->is_skipped[stage]) /* told by its shape, not by a colour */
        {
          cairo_set_line_width (cr, 3);
          cairo_set_dash (cr, (const double[]){ 3, 5 }, 2, 0);
          cairo_set_source_rgba (cr, line.red, line.green, line.blue, 0.55 * (double) line.alpha);
        }
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      cairo_set_line_width (cr, THICKNESS);
      if (fill <= 0)
        continue;
      trace_arc (cr, r, stage, fill);
      gdk_cairo_set_source_rgba (cr, self->is_closed ? &good : &accent);
      cairo_stroke (cr);
    }
}

static void
draw_hint (LkEnrolRing *self, cairo_t *cr, double r)
{
  double out = r - 20 + (self->beat - 0.5) * BEAT, size = CLAMP (r / 12, 8, 14);
  double left = self->mirror ? -1 : 1;

  switch (self->asked)
    {
    case LK_ENROL_LEFT:
      lk_turn_hint_draw_pointer (cr, left * out, 0, left, 0, size, 1);
      break;
    case LK_ENROL_RIGHT:
      lk_turn_hint_draw_pointer (cr, -left * out, 0, -left, 0, size, 1);
      break;
    case LK_ENROL_UP:
      lk_turn_hint_draw_pointer (cr, 0, -out, 0, -1, size, 1);
      break;
    case LK_ENROL_DOWN:
      lk_turn_hint_draw_pointer (cr, 0, out, 0, 1, size, 1);
      break;
    case LK_ENROL_NEAR:
    case LK_ENROL_FAR:
      {
        double way = self->asked == LK_ENROL_NEAR ? 1 : -1;

        for (int k = 0; k < 4; k++)
          {
            double angle = G_PI / 4 + k * G_PI / 2, x = cos (angle), y = sin (angle);
            double at = self->asked == LK_ENROL_NEAR ? out : out - size;

            lk_turn_hint_draw_pointer (cr, at * x, at * y, way * x, way * y, size * 0.8, 1);
          }
        break;
      }
    case LK_ENROL_STRAIGHT:
    case LK_N_ENROL_STAGES:
    default:
      break;
    }
}

static void
draw_check_mark (LkEnrolRing *self, cairo_t *cr, double r)
{
  double size = CLAMP (r * 0.28, 18, 44);
  GdkRGBA good;
  double ink; /* white, but for the light green of a dark style */

  lk_mark_get_colour (LK_MARK_GOOD, GTK_WIDGET (self), &good);
  ink = (double) (0.3f * good.red + 0.6f * good.green + 0.1f * good.blue) > 0.6 ? 0.1 : 1;
  cairo_arc (cr, 0, 0, r, 0, 2 * G_PI);
  cairo_set_source_rgba (cr, 0, 0, 0, 0.35 * self->filled);
  cairo_fill (cr);
  cairo_arc (cr, 0, 0, size, 0, 2 * G_PI);
  good.alpha = (float) self->filled;
  gdk_cairo_set_source_rgba (cr, &good);
  cairo_fill (cr);
  cairo_set_source_rgba (cr, ink, ink, ink, self->filled);
  cairo_set_line_width (cr, size * 0.2);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_move_to (cr, -size * 0.42, size * 0.04);
  cairo_line_to (cr, -size * 0.1, size * 0.36);
  cairo_line_to (cr, size * 0.44, -size * 0.3);
  cairo_stroke (cr);
}

static void
lk_enrol_ring_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkEnrolRing *self = LK_ENROL_RING (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  graphene_rect_t circle;
  double r;
  cairo_t *cr;

  lk_enrol_ring_get_circle (width, height, &circle);
  r = circle.size.width / 2;
  if (r <= 0)
    return;
  cr = gtk_snapshot_append_cairo (snapshot,
                                  &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  cairo_translate (cr, circle.origin.x + r, circle.origin.y + r);
  if (self->is_closed)
    draw_check_mark (self, cr, r);
  else
    draw_hint (self, cr, r);
  draw_ring (self, cr, r + 4 + THICKNESS / 2.0);
  cairo_destroy (cr);
}

static void
on_filling (double value, gpointer data)
{
  LK_ENROL_RING (data)->filled = value;
  gtk_widget_queue_draw (data);
}

static void
on_beating (double value, gpointer data)
{
  LK_ENROL_RING (data)->beat = value;
  gtk_widget_queue_draw (data);
}

/* The pointer moves where it is seen, and where things may move. */
static void
update_beat (LkEnrolRing *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean beats = self->asked > LK_ENROL_STRAIGHT && self->asked < LK_N_ENROL_STAGES;

  adw_animation_reset (self->beating);
  if (beats && gtk_widget_get_mapped (widget) && adw_get_enable_animations (widget))
    adw_animation_play (self->beating);
  else
    on_beating (0.5, self);
}

static void
set_asked (LkEnrolRing *self, LkEnrolStage asked)
{
  if (asked == self->asked)
    return;
  self->asked = asked;
  update_beat (self);
}

/* What a screen reader says of it. */
static void
tell (LkEnrolRing *self, int n_passed)
{
  g_autofree char *words = g_strdup_printf (_("%d of %d steps done"), n_passed, LK_N_ENROL_STAGES);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                  (double) n_passed, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, words, -1);
}

static void
lk_enrol_ring_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lk_enrol_ring_parent_class)->map (widget);
  update_beat (LK_ENROL_RING (widget));
}

static void
lk_enrol_ring_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (lk_enrol_ring_parent_class)->unmap (widget);
  if (LK_ENROL_RING (widget)->beating != NULL)
    update_beat (LK_ENROL_RING (widget));
}

static void
lk_enrol_ring_dispose (GObject *object)
{
  LkEnrolRing *self = LK_ENROL_RING (object);

  g_clear_object (&self->filling);
  g_clear_object (&self->beating);
  G_OBJECT_CLASS (lk_enrol_ring_parent_class)->dispose (object);
}

static void
lk_enrol_ring_class_init (LkEnrolRingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_enrol_ring_dispose;
  widget_class->snapshot = lk_enrol_ring_snapshot;
  widget_class->map = lk_enrol_ring_map;
  widget_class->unmap = lk_enrol_ring_unmap;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PROGRESS_BAR);
}

static void
lk_enrol_ring_init (LkEnrolRing *self)
{
  self->mirror = TRUE;
  self->asked = LK_N_ENROL_STAGES;
  self->filling = adw_timed_animation_new (
      GTK_WIDGET (self), 0, 1, FILL_MS, adw_callback_animation_target_new (on_filling, self, NULL));
  self->beating = adw_timed_animation_new (
      GTK_WIDGET (self), 0, 1, BEAT_MS, adw_callback_animation_target_new (on_beating, self, NULL));
  adw_timed_animation_set_alternate (ADW_TIMED_ANIMATION (self->beating), TRUE);
  adw_timed_animation_set_easing (ADW_TIMED_ANIMATION (self->beating), ADW_EASE_IN_OUT_SINE);
  adw_timed_animation_set_repeat_count (ADW_TIMED_ANIMATION (self->beating), 0);
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Enrolment"), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                     GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, (double) LK_N_ENROL_STAGES,
                                     -1);
  tell (self, 0);
}

GtkWidget *
lk_enrol_ring_new (void)
{
  return g_object_new (LK_TYPE_ENROL_RING, NULL);
}

/* Fills towards what @to says, from where it is now. */
static void
fill (LkEnrolRing *self, const double *to)
{
  gboolean changed = FALSE;

  for (int stage = 0; stage < LK_N_ENROL_STAGES; stage++)
    changed = changed || fabs (self->to[stage] - to[stage]) > 1e-3;
  if (!changed)
    return;
  for (int stage = 0; stage < LK_N_ENROL_STAGES; stage++)
    {
      self->from[stage] = get_fill (self, stage);
      self->to[stage] = to[stage];
    }
  self->filled = 0;
  adw_animation_reset (self->filling);
  adw_animation_play (self->filling);
}

void
lk_enrol_ring_show (LkEnrolRing *self, const LkEnrolment *enrolment)
{
  double to[LK_N_ENROL_STAGES] = { 0 };

  g_return_if_fail (LK_IS_ENROL_RING (self));

  self->is_closed = FALSE;
  for (int stage = 0; enrolment != NULL && stage < LK_N_ENROL_STAGES; stage++)
    to[stage] = lk_enrolment_get_progress (enrolment, (LkEnrolStage) stage);
  for (int stage = 0; stage < LK_N_ENROL_STAGES; stage++)
    self->is_skipped[stage] = enrolment != NULL &&
                              lk_enrolment_is_skipped (enrolment, (LkEnrolStage) stage);
  set_asked (self, enrolment != NULL ? lk_enrolment_get_stage (enrolment) : LK_N_ENROL_STAGES);
  fill (self, to);
  tell (self, enrolment != NULL ? lk_enrolment_get_n_passed (enrolment) : 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
lk_enrol_ring_close (LkEnrolRing *self)
{
  double to[LK_N_ENROL_STAGES];

  g_return_if_fail (LK_IS_ENROL_RING (self));

  if (self->is_closed)
    return;
  for (int stage = 0; stage < LK_N_ENROL_STAGES; stage++)
    {
      to[stage] = 1;
      self->is_skipped[stage] = FALSE;
    }
  set_asked (self, LK_N_ENROL_STAGES);
  self->is_closed = TRUE;
  self->to[0] = 0.99; /* even where all was full: the check mark fades in */
  fill (self, to);
  tell (self, LK_N_ENROL_STAGES);
}

void
lk_enrol_ring_set_mirror (LkEnrolRing *self, gboolean mirror)
{
  g_return_if_fail (LK_IS_ENROL_RING (self));

  self->mirror = mirror;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
