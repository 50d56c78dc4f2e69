/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-score-bar"

#include "lk-score-bar.h"

#include <glib/gi18n.h>
#include <math.h>

#define HEIGHT   22 /* of the whole */
#define TROUGH   10
#define GLIDE_MS 160

struct _LkScoreBar
{
  GtkWidget parent_instance;

  double score; /* NAN: none */
  double threshold;
  LkMark mark;
  double shown; /* where the level is drawn, on its way to the score */
  AdwAnimation *glide;
};

G_DEFINE_FINAL_TYPE (LkScoreBar, lk_score_bar, GTK_TYPE_WIDGET)

static void
tell_accessible (LkScoreBar *self)
{
  g_autofree char *text = isnan (self->score)
      ? g_strdup (_("No score"))
      : g_strdup_printf (_("%.2f, threshold %.2f"), self->score, self->threshold);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                  isnan (self->score) ? 0.0 : self->score,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
}

static void
glide_to (double value, gpointer data)
{
  LkScoreBar *self = data;

  self->shown = value;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
append_pill (GtkSnapshot *snapshot, const GdkRGBA *colour, float x, float y, float w, float h)
{
  GskRoundedRect pill;

  gsk_rounded_rect_init_from_rect (&pill, &GRAPHENE_RECT_INIT (x, y, w, h), h / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &pill);
  gtk_snapshot_append_color (snapshot, colour, &pill.bounds);
  gtk_snapshot_pop (snapshot);
}

static void
lk_score_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  LkScoreBar *self = LK_SCORE_BAR (widget);
  int width = gtk_widget_get_width (widget);
  float y = (gtk_widget_get_height (widget) - TROUGH) / 2.0f;
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GdkRGBA fore, trough, level;
  float x;

  lk_mark_get_colour (LK_MARK_NEUTRAL, widget, &fore);
  trough = fore;
  trough.alpha = 0.15f * fore.alpha;
  append_pill (snapshot, &trough, 0, y, width, TROUGH);

  if (!isnan (self->score))
    {
      float w = MAX (TROUGH, (float) (CLAMP (self->shown, 0, 1) * width));

      lk_mark_get_colour (self->mark, widget, &level);
      if (self->mark == LK_MARK_NEUTRAL)
        level.alpha *= 0.6f;
      append_pill (snapshot, &level, rtl ? width - w : 0, y, w, TROUGH);
    }

  /* The threshold: a bar through the trough, seen whatever lies behind it. */
  x = (float) (CLAMP (self->threshold, 0, 1) * width);
  x = CLAMP (rtl ? width - x : x, 2, width - 2);
  append_pill (snapshot, &fore, x - 1.5f, y - 5, 3, TROUGH + 10);
}

static void
lk_score_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 80;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 200;
}

static void
lk_score_bar_dispose (GObject *object)
{
  g_clear_object (&LK_SCORE_BAR (object)->glide);
  G_OBJECT_CLASS (lk_score_bar_parent_class)->dispose (object);
}

static void
lk_score_bar_class_init (LkScoreBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_score_bar_dispose;
  widget_class->snapshot = lk_score_bar_snapshot;
  widget_class->measure = lk_score_bar_measure;
  gtk_widget_class_set_css_name (widget_class, "score-bar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_METER);
}

static void
lk_score_bar_init (LkScoreBar *self)
{
  self->score = NAN;
  self->threshold = 0.5;
  self->glide = adw_timed_animation_new (GTK_WIDGET (self), 0, 0, GLIDE_MS,
                                         adw_callback_animation_target_new (glide_to, self, NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 1.0, -1);
  tell_accessible (self);
}

GtkWidget *
lk_score_bar_new (void)
{
  return g_object_new (LK_TYPE_SCORE_BAR, NULL);
}

void
lk_score_bar_set_score (LkScoreBar *self, double score, LkMark mark)
{
  gboolean had_score;

  g_return_if_fail (LK_IS_SCORE_BAR (self));

  had_score = !isnan (self->score);
  self->mark = mark;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (score == self->score || (isnan (score) && !had_score))
    return;
  self->score = score;
  tell_accessible (self);
  if (isnan (score))
    return;
  adw_timed_animation_set_value_from (ADW_TIMED_ANIMATION (self->glide),
                                      had_score ? self->shown : score);
  adw_timed_animation_set_value_to (ADW_TIMED_ANIMATION (self->glide), score);
  adw_animation_reset (self->glide);
  adw_animation_play (self->glide);
}

double
lk_score_bar_get_score (LkScoreBar *self)
{
  g_return_val_if_fail (LK_IS_SCORE_BAR (self), NAN);
  return self->score;
}

void
lk_score_bar_set_threshold (LkScoreBar *self, double threshold)
{
  g_return_if_fail (LK_IS_SCORE_BAR (self));

  if (threshold == self->threshold)
    return;
  self->threshold = threshold;
  tell_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

double
lk_score_bar_get_threshold (LkScoreBar *self)
{
  g_return_val_if_fail (LK_IS_SCORE_BAR (self), NAN);
  return self->threshold;
}
