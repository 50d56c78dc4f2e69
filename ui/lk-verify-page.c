/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-verify-page"

#include "lk-verify-page.h"

#include "base/lk-error.h"

#include "lk-anchor-strip.h"
#include "lk-compared-row.h"
#include "lk-lock-badge.h"
#include "lk-lock-over.h"
#include "lk-page-keys.h"
#include "lk-ranking.h"
#include "lk-reason.h"
#include "lk-refine-card.h"
#include "lk-split.h"
#include "lk-verify-scores.h"
#include "lk-verify-times.h"
#include "lk-verify-verdict.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* How dark the picture is. */
#define SHADE_LOCKED 0.62
#define SHADE_TRYING 0.28

struct _LkVerifyPage
{
  AdwBin parent_instance;

  LkSplit *split; /* template children: borrowed */
  GtkBox *main_box, *side_box;
  LkCameraView *view;
  LkAnchorStrip *strip;
  LkVerifyVerdict *verdict;
  LkVerifyScores *scores;
  LkRanking *ranking;
  LkRefineCard *refine;
  LkVerifyTimes *times;
  LkComparedRow *person_row;
  GtkWidget *crop_row, *attempts_row;
  GtkPicture *crop_picture;
  LkLockOver *over;

  gboolean has_model, trained, preparing;
  char *model_sentence; /* (nullable) */
  LkLockStatus lock;    /* strings are not kept */
  LkReason warning;     /* what is worth a word */
  gboolean checked;     /* the newest frame was */
  gboolean has_face;
  LkFace face, others[LK_TRACKER_MAX_FACES];
  int n_others;
  LkMark mark; /* of the face's frame */
};

G_DEFINE_FINAL_TYPE (LkVerifyPage, lk_verify_page, ADW_TYPE_BIN)

enum
{
  PERSON_CHOSEN,
  POLICY_CHANGED,
  BEGIN,
  LOCK,
  SHOW_ATTEMPTS,
  ADD_PICTURES,
  FORGET_PICTURES,
  GO_ENROL,
  GO_TRAIN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

LkVerdict
lk_verify_page_get_verdict (LkVerifyPage *self)
{
  g_return_val_if_fail (LK_IS_VERIFY_PAGE (self), LK_VERDICT_NO_MODEL);

  if (!self->has_model && !self->preparing)
    return LK_VERDICT_NO_MODEL;
  if (lk_compared_row_get_n_people (self->person_row) == 0 && self->has_model)
    return self->trained ? LK_VERDICT_NOBODY : LK_VERDICT_UNTRAINED;
  if (self->has_model && !self->trained)
    return LK_VERDICT_UNTRAINED;
  return self->preparing ? LK_VERDICT_PREPARING : LK_VERDICT_LOCK;
}

/* The picture, and what lies over it. */
static void
update_view (LkVerifyPage *self, gboolean is_lock)
{
  LkLockState state = self->lock.state;

  lk_lock_over_show (self->over, is_lock ? &self->lock : NULL,
                     lk_camera_view_get_mirror (self->view));
  lk_camera_view_set_shade (self->view, !is_lock || state == LK_LOCK_ACCEPTED ? 0
                                        : self->lock.is_trying                ? SHADE_TRYING
                                                                              : SHADE_LOCKED);
}

static void
update_actions (LkVerifyPage *self)
{
  gboolean may_lock = self->lock.is_trying || self->lock.state == LK_LOCK_ACCEPTED;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.begin", self->lock.may_begin);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.lock", may_lock);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.toggle",
                                 self->lock.may_begin || may_lock);
}

static void
update_verdict (LkVerifyPage *self)
{
  LkVerdict verdict = lk_verify_page_get_verdict (self);

  lk_verify_verdict_show (self->verdict, verdict, self->model_sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->scores),
                          verdict != LK_VERDICT_NO_MODEL && verdict != LK_VERDICT_NOBODY);
  update_actions (self);
  update_view (self, verdict == LK_VERDICT_LOCK);
}

/* Everything that comes from a check goes; the crop stays as long as a frame is advised on. */
static void
clear_scores (LkVerifyPage *self)
{
  self->checked = FALSE;
  lk_verify_scores_clear (self->scores);
  lk_anchor_strip_show_check (self->strip, NULL);
}

static void
forget_scores (LkVerifyPage *self)
{
  clear_scores (self);
  lk_verify_scores_forget (self->scores);
  lk_ranking_show_check (self->ranking, NULL);
}

static void
on_policy_changed (LkVerifyPage *self, double detection, double verification)
{
  g_signal_emit (self, signals[POLICY_CHANGED], 0, detection, verification);
}

static void
on_person_chosen (LkVerifyPage *self, const char *name)
{
  g_signal_emit (self, signals[PERSON_CHOSEN], 0, name);
}

/* The strip lies below the picture where there is room, else below the verdict. */
static void
on_narrow_changed (LkVerifyPage *self)
{
  GtkBox *box = lk_split_get_narrow (self->split) ? self->side_box : self->main_box;
  GtkWidget *strip = GTK_WIDGET (self->strip), *old = gtk_widget_get_parent (strip);

  if (old == GTK_WIDGET (box))
    return;
  g_object_ref (strip);
  gtk_box_remove (GTK_BOX (old), strip);
  gtk_box_insert_child_after (box, strip,
                              box == self->side_box ? gtk_widget_get_first_child (GTK_WIDGET (box))
                                                    : GTK_WIDGET (self->view));
  g_object_unref (strip);
}

/* An action that is the owner's to do. */
static void
on_wish (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit_by_name (widget, action_name + strlen ("verify."));
}

static void
on_toggle (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[LK_VERIFY_PAGE (widget)->lock.may_begin ? BEGIN : LOCK], 0);
}

static void
on_reset_thresholds (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  lk_verify_scores_reset (LK_VERIFY_PAGE (widget)->scores);
}

static void
on_next_person (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  lk_compared_row_choose_next (LK_VERIFY_PAGE (widget)->person_row);
}

static void
lk_verify_page_dispose (GObject *object)
{
  LkVerifyPage *self = LK_VERIFY_PAGE (object);

  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_VERIFY_PAGE);
  g_clear_pointer (&self->model_sentence, g_free);
  lk_reason_clear (&self->warning);
  G_OBJECT_CLASS (lk_verify_page_parent_class)->dispose (object);
}

static void
lk_verify_page_class_init (LkVerifyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  const char *const wishes[N_SIGNALS - BEGIN] = { "verify.begin",           "verify.lock",
                                                  "verify.show-attempts",   "verify.add-pictures",
                                                  "verify.forget-pictures", "verify.go-enrol",
                                                  "verify.go-train" };

  G_OBJECT_CLASS (klass)->dispose = lk_verify_page_dispose;

  signals[PERSON_CHOSEN] = g_signal_new ("person-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[POLICY_CHANGED] = g_signal_new ("policy-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  for (guint i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      signals[BEGIN + i] = g_signal_new (wishes[i] + strlen ("verify."), type, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
      gtk_widget_class_install_action (widget_class, wishes[i], NULL, on_wish);
    }

  g_type_ensure (LK_TYPE_SPLIT);
  g_type_ensure (LK_TYPE_CAMERA_VIEW);
  g_type_ensure (LK_TYPE_ANCHOR_STRIP);
  g_type_ensure (LK_TYPE_COMPARED_ROW);
  g_type_ensure (LK_TYPE_RANKING);
  g_type_ensure (LK_TYPE_REFINE_CARD);
  g_type_ensure (LK_TYPE_VERIFY_SCORES);
  g_type_ensure (LK_TYPE_VERIFY_TIMES);
  g_type_ensure (LK_TYPE_VERIFY_VERDICT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-verify-page.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkVerifyPage, child)
  BIND (split);
  BIND (main_box);
  BIND (side_box);
  BIND (view);
  BIND (strip);
  BIND (verdict);
  BIND (scores);
  BIND (ranking);
  BIND (refine);
  BIND (times);
  BIND (person_row);
  BIND (crop_row);
  BIND (crop_picture);
  BIND (attempts_row);
#undef BIND
  gtk_widget_class_install_action (widget_class, "verify.toggle", NULL, on_toggle);
  gtk_widget_class_install_action (widget_class, "verify.reset-thresholds", NULL,
                                   on_reset_thresholds);
  gtk_widget_class_install_action (widget_class, "verify.next-person", NULL, on_next_person);
}

static void
lk_verify_page_init (LkVerifyPage *self)
{
  static const LkPageKey keys[] = { { GDK_KEY_u, 0, "verify.begin" },
                                    { GDK_KEY_l, 0, "verify.lock" } };
  LkLockStatus status = { .state = LK_LOCK_LOCKED, .reason = LK_LOCK_NEW, .may_begin = TRUE };

  gtk_widget_init_template (GTK_WIDGET (self));
  self->over = LK_LOCK_OVER (lk_lock_over_new ());
  lk_camera_view_add_over (self->view, GTK_WIDGET (self->over));
  g_signal_connect_swapped (self->scores, "policy-changed", G_CALLBACK (on_policy_changed), self);
  g_signal_connect_swapped (self->person_row, "person-chosen", G_CALLBACK (on_person_chosen), self);
  g_signal_connect_swapped (self->split, "notify::narrow", G_CALLBACK (on_narrow_changed), self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.next-person", FALSE);
  lk_verify_page_offer_pictures (self, NULL, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Verify"), -1);
  lk_page_keys_add (GTK_WIDGET (self), keys, G_N_ELEMENTS (keys));
  lk_verify_page_show_lock (self, &status, 0);
}

GtkWidget *
lk_verify_page_new (void)
{
  return g_object_new (LK_TYPE_VERIFY_PAGE, NULL);
}

LkCameraView *
lk_verify_page_get_view (LkVerifyPage *self)
{
  g_return_val_if_fail (LK_IS_VERIFY_PAGE (self), NULL);
  return self->view;
}

void
lk_verify_page_set_model (LkVerifyPage *self, const char *name, gboolean trained,
                          const char *sentence)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  self->has_model = name != NULL;
  self->trained = trained;
  g_free (self->model_sentence);
  self->model_sentence = g_strdup (sentence);
  forget_scores (self);
  update_verdict (self);
}

void
lk_verify_page_set_people (LkVerifyPage *self, GPtrArray *people, const char *selected)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  lk_compared_row_set_people (self->person_row, people, selected);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.next-person",
                                 lk_compared_row_get_n_people (self->person_row) > 1);
  update_verdict (self);
}

const char *
lk_verify_page_get_person (LkVerifyPage *self)
{
  g_return_val_if_fail (LK_IS_VERIFY_PAGE (self), NULL);
  return lk_compared_row_get_person (self->person_row);
}

void
lk_verify_page_set_anchors (LkVerifyPage *self, GPtrArray *anchors)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  forget_scores (self);
  lk_anchor_strip_set_anchors (self->strip, anchors);
  gtk_widget_set_visible (GTK_WIDGET (self->strip), anchors->len > 0);
  update_verdict (self);
}

void
lk_verify_page_set_preparing (LkVerifyPage *self, gboolean preparing)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  self->preparing = preparing;
  if (preparing)
    clear_scores (self);
  update_verdict (self);
}

void
lk_verify_page_set_policy (LkVerifyPage *self, const LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));
  lk_verify_scores_set_policy (self->scores, policy);
}

void
lk_verify_page_get_policy (LkVerifyPage *self, LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));
  lk_verify_scores_get_policy (self->scores, policy);
}

void
lk_verify_page_set_meaning (LkVerifyPage *self, LkMeaning *meaning)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));
  lk_verify_scores_set_meaning (self->scores, meaning);
}

void
lk_verify_page_set_default_policy (LkVerifyPage *self, const LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));
  lk_verify_scores_set_default_policy (self->scores, policy);
}

static void
show_crop (LkVerifyPage *self, const LkImage *crop)
{
  g_autoptr (GdkTexture) texture = NULL;

  if (crop != NULL)
    texture = gdk_memory_texture_new (crop->width, crop->height, GDK_MEMORY_R8G8B8, crop->bytes,
                                      (gsize) crop->width * 3);
  gtk_picture_set_paintable (self->crop_picture, GDK_PAINTABLE (texture));
}

static void
show_faces (LkVerifyPage *self)
{
  lk_camera_view_set_face (self->view, self->has_face ? &self->face : NULL, self->others,
                           self->n_others, self->mark);
}

/* The one who opened it, or whom it should have been. */
static const char *
whose (LkVerifyPage *self, const LkLockStatus *status)
{
  if (status->state == LK_LOCK_ACCEPTED && status->tally.name != NULL)
    return status->tally.name;
  return lk_verify_page_get_person (self);
}

void
lk_verify_page_show_lock (LkVerifyPage *self, const LkLockStatus *status, int n_left)
{
  LkLockState before;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  before = self->lock.state;
  lk_verify_verdict_show_lock (self->verdict, status, whose (self, status), n_left);
  if (status->state == LK_LOCK_CHALLENGE)
    lk_camera_view_set_advice (self->view, status->sentence);
  else if (before == LK_LOCK_CHALLENGE)
    lk_camera_view_set_advice (self->view, NULL);
  self->lock = *status;
  self->lock.sentence = NULL;
  self->lock.tally.name = self->lock.tally.other = NULL;
  if (status->state != before &&
      (status->state == LK_LOCK_ACCEPTED || lk_lock_badge_mark (status->state) == LK_MARK_BAD))
    {
      lk_verify_scores_mark (self->scores, status->state == LK_LOCK_ACCEPTED);
      lk_verify_times_show_try (self->times, status);
    }
  update_verdict (self);
}

void
lk_verify_page_show_check (LkVerifyPage *self, const LkCheck *check)
{
  gboolean meant;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  meant = self->trained && !self->preparing; /* else no colour judges */
  self->checked = check->n_anchors > 0;
  self->mark = lk_verify_scores_show_check (self->scores, check, meant);
  lk_anchor_strip_show_check (self->strip, check);
  lk_ranking_show_check (self->ranking, meant ? check : NULL);
  if (check->crop != NULL)
    show_crop (self, check->crop);
  show_faces (self);
  lk_verify_times_show_check (self->times, check);
}

void
lk_verify_page_show_sighting (LkVerifyPage *self, const LkSighting *seen, const GError *advice)
{
  gint64 now_us = g_get_monotonic_time ();
  const char *warning = NULL;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  if (advice != NULL)
    clear_scores (self);
  if (advice != NULL && advice->domain != LK_RETRY) /* not about the face: nothing can be found */
    warning = advice->message;
  else if (advice == NULL && seen->warning >= 0)
    warning = _(lk_quality_get_info (seen->warning)->sentence);
  if (self->lock.state == LK_LOCK_CHALLENGE) /* what to do now is said there, and nothing else */
    lk_reason_clear (&self->warning);
  else
    lk_camera_view_set_advice (self->view, lk_reason_update (&self->warning, warning, now_us));

  self->has_face = seen->has_face;
  self->face = seen->face;
  self->n_others = seen->n_others;
  memcpy (self->others, seen->others, sizeof seen->others);
  self->mark = advice != NULL ? LK_MARK_ADVICE : self->checked ? self->mark : LK_MARK_NEUTRAL;
  show_faces (self);
  if (seen->crop != NULL)
    show_crop (self, seen->crop);
}

void
lk_verify_page_offer_pictures (LkVerifyPage *self, const char *person, GPtrArray *pictures)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  if (pictures != NULL)
    lk_refine_card_offer (self->refine, person, pictures);
  else
    lk_refine_card_clear (self->refine);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.add-pictures", pictures != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.forget-pictures", pictures != NULL);
}

void
lk_verify_page_show_waiting (LkVerifyPage *self)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  forget_scores (self);
  lk_reason_clear (&self->warning);
  self->has_face = FALSE;
  self->n_others = 0;
  show_crop (self, NULL);
  show_faces (self);
  lk_camera_view_set_advice (self->view, NULL);
  update_verdict (self);
}

void
lk_verify_page_show_rate (LkVerifyPage *self, double camera_fps, double check_fps,
                          guint64 n_dropped, gint64 latency_us)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));
  lk_verify_times_show_rate (self->times, camera_fps, check_fps, n_dropped, latency_us);
}
