/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-verify-scores"

#include "lk-verify-scores.h"

#include "lk-label.h"
#include "lk-score-bar.h"
#include "lk-score-chart.h"
#include "lk-strictness.h"

#include <glib/gi18n.h>
#include <math.h>

struct _LkVerifyScores
{
  AdwBin parent_instance;

  GtkLabel *score_label, *share_label; /* template children: borrowed */
  GtkLabel *detection_label, *verification_label;
  LkScoreBar *score_bar, *share_bar;
  LkScoreChart *chart;
  GtkAdjustment *detection_adjustment, *verification_adjustment;
  GtkWidget *detection_scale, *share_box, *reset_button;
  LkStrictness *strictness; /* of the fused score, in place of the detection scale */

  LkPolicy default_policy;
  LkWay way;
  gboolean quiet; /* a setter is at work: emit nothing */
};

G_DEFINE_FINAL_TYPE (LkVerifyScores, lk_verify_scores, ADW_TYPE_BIN)

enum
{
  POLICY_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
same (double a, double b)
{
  return fabs (a - b) < 1e-6;
}

static void
update_policy (LkVerifyScores *self)
{
  LkPolicy policy;
  gboolean votes;

  lk_verify_scores_get_policy (self, &policy);
  votes = policy.way == LK_WAY_VOTE;
  lk_score_bar_set_threshold (self->score_bar, policy.detection);
  lk_score_bar_set_threshold (self->share_bar, policy.verification);
  lk_score_chart_set_threshold (self->chart, policy.detection);
  lk_label_set_format (self->detection_label,
                       votes ? _("Detection: an anchor matches when its score is above %.2f.")
                             : _("Accepted when the score is above %.2f."), policy.detection);
  lk_label_set_format (self->verification_label,
                       _("Verification: accepted when more than %.0f %% of the anchors match."),
                          policy.verification * 100);
  gtk_widget_set_visible (self->share_box, votes);
  gtk_widget_set_visible (self->detection_scale, votes);
  gtk_widget_set_visible (GTK_WIDGET (self->detection_label), votes);
  gtk_widget_set_visible (GTK_WIDGET (self->strictness), !votes);
  gtk_widget_set_visible (
      self->reset_button,
      !same (policy.detection, self->default_policy.detection) ||
          (votes && !same (policy.verification, self->default_policy.verification)));
}

static void
emit_policy (LkVerifyScores *self)
{
  LkPolicy policy;

  lk_verify_scores_get_policy (self, &policy);
  g_signal_emit (self, signals[POLICY_CHANGED], 0, policy.detection, policy.verification);
}

static void
on_slider_moved (LkVerifyScores *self)
{
  update_policy (self);
  if (!self->quiet)
    emit_policy (self);
}

static void
lk_verify_scores_dispose (GObject *object)
{
  LK_VERIFY_SCORES (object)->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_VERIFY_SCORES);
  G_OBJECT_CLASS (lk_verify_scores_parent_class)->dispose (object);
}

static void
lk_verify_scores_class_init (LkVerifyScoresClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_verify_scores_dispose;
  signals[POLICY_CHANGED] = g_signal_new ("policy-changed", G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                          G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  g_type_ensure (LK_TYPE_SCORE_BAR);
  g_type_ensure (LK_TYPE_SCORE_CHART);
  g_type_ensure (LK_TYPE_STRICTNESS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-verify-scores.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkVerifyScores, child)
  BIND (score_label);
  BIND (share_label);
  BIND (detection_label);
  BIND (verification_label);
  BIND (score_bar);
  BIND (share_bar);
  BIND (chart);
  BIND (detection_adjustment);
  BIND (verification_adjustment);
  BIND (strictness);
  BIND (detection_scale);
  BIND (share_box);
  BIND (reset_button);
#undef BIND
}

static void
lk_verify_scores_init (LkVerifyScores *self)
{
  self->default_policy = LK_POLICY_DEFAULT;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->detection_adjustment, "value-changed",
                            G_CALLBACK (on_slider_moved), self);
  g_signal_connect_swapped (self->verification_adjustment, "value-changed",
                            G_CALLBACK (on_slider_moved), self);
  g_signal_connect_swapped (self->strictness, "threshold-changed", G_CALLBACK (on_slider_moved),
                            self);
  update_policy (self);
}

LkMark
lk_verify_scores_show_check (LkVerifyScores *self, const LkCheck *check, gboolean meant)
{
  LkMark mark = !meant ? LK_MARK_NEUTRAL : check->accepted ? LK_MARK_GOOD : LK_MARK_BAD;
  LkPolicy policy;
  int n = check->best >= 0 && check->people != NULL ? check->people[check->best].n_anchors
                                                    : check->n_anchors;
  double share;

  g_return_val_if_fail (LK_IS_VERIFY_SCORES (self), mark);

  if (check->n_anchors == 0)
    {
      lk_verify_scores_clear (self);
      return LK_MARK_NEUTRAL;
    }
  lk_verify_scores_get_policy (self, &policy);
  share = (double) check->n_matches / n;
  lk_score_bar_set_score (self->score_bar, (double) check->score,
                          !meant                                     ? LK_MARK_NEUTRAL
                          : (double) check->score > policy.detection ? LK_MARK_GOOD
                                                                     : LK_MARK_BAD);
  lk_score_bar_set_score (self->share_bar, share, mark);
  lk_score_chart_append (self->chart, g_get_monotonic_time (), (double) check->score);
  /* Rounded down, so that no number reads as if it were above a threshold that it is not. */
  lk_label_set_format (self->score_label, "%.2f", floor ((double) check->score * 100) / 100);
  lk_label_set_format (self->share_label, "%.0f %%", floor (share * 100));
  return mark;
}

void
lk_verify_scores_clear (LkVerifyScores *self)
{
  g_return_if_fail (LK_IS_VERIFY_SCORES (self));

  lk_score_bar_set_score (self->score_bar, NAN, LK_MARK_NEUTRAL);
  lk_score_bar_set_score (self->share_bar, NAN, LK_MARK_NEUTRAL);
  lk_score_chart_append (self->chart, g_get_monotonic_time (), NAN);
  lk_label_set (self->score_label, "–");
  lk_label_set (self->share_label, "–");
}

void
lk_verify_scores_forget (LkVerifyScores *self)
{
  lk_verify_scores_clear (self);
  lk_score_chart_clear (self->chart);
}

void
lk_verify_scores_mark (LkVerifyScores *self, gboolean accepted)
{
  g_return_if_fail (LK_IS_VERIFY_SCORES (self));
  lk_score_chart_mark (self->chart, g_get_monotonic_time (), accepted);
}

void
lk_verify_scores_set_policy (LkVerifyScores *self, const LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_SCORES (self));

  self->quiet = TRUE;
  self->way = policy->way;
  if (policy->way == LK_WAY_VOTE)
    gtk_adjustment_set_value (self->detection_adjustment, policy->detection);
  else
    lk_strictness_set_threshold (self->strictness, policy->detection);
  gtk_adjustment_set_value (self->verification_adjustment, policy->verification);
  update_policy (self);
  self->quiet = FALSE;
}

void
lk_verify_scores_get_policy (LkVerifyScores *self, LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_SCORES (self));

  policy->detection = self->way == LK_WAY_VOTE
                          ? gtk_adjustment_get_value (self->detection_adjustment)
                          : lk_strictness_get_threshold (self->strictness);
  policy->verification = gtk_adjustment_get_value (self->verification_adjustment);
  policy->way = self->way;
}

void
lk_verify_scores_set_default_policy (LkVerifyScores *self, const LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_SCORES (self));

  self->default_policy = *policy;
  update_policy (self);
}

void
lk_verify_scores_set_meaning (LkVerifyScores *self, LkMeaning *meaning)
{
  g_return_if_fail (LK_IS_VERIFY_SCORES (self));
  lk_strictness_set_meaning (self->strictness, meaning);
}

void
lk_verify_scores_reset (LkVerifyScores *self)
{
  LkPolicy policy;

  g_return_if_fail (LK_IS_VERIFY_SCORES (self));

  policy = self->default_policy;
  policy.way = self->way;
  lk_verify_scores_set_policy (self, &policy);
  emit_policy (self);
}
