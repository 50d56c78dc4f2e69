/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-verify-page"

#include "lk-verify-page.h"

#include "lk-anchor-strip.h"
#include "lk-label.h"
#include "lk-reason.h"
#include "lk-score-bar.h"
#include "lk-split.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _LkVerifyPage
{
  AdwBin parent_instance;

  LkSplit *split; /* template children: borrowed */
  GtkBox *main_box, *side_box;
  LkCameraView *view;
  LkAnchorStrip *strip;
  GtkImage *verdict_icon;
  GtkLabel *verdict_label, *detail_label;
  GtkWidget *verdict_box, *enrol_button, *train_button, *scores_box, *reset_button;
  GtkLabel *score_label, *share_label, *detection_label, *verification_label;
  LkScoreBar *score_bar, *share_bar;
  GtkAdjustment *detection_adjustment, *verification_adjustment;
  AdwComboRow *person_row;
  GtkStringList *people;
  GtkWidget *crop_row;
  GtkPicture *crop_picture;
  AdwExpanderRow *speed_row;
  GtkLabel *find_label, *embed_label, *match_label, *latency_label, *camera_label, *dropped_label;

  LkVerdict verdict;
  gboolean has_model, trained, preparing;
  char *model_sentence; /* (nullable) */
  LkReason refusal;     /* why frames cannot be checked */
  LkReason warning;     /* what is worth a word */
  const char *advice;   /* (nullable): the refusal that is shown */
  gboolean checked;     /* the newest frame was */
  gboolean has_face;
  LkFace face, others[LK_TRACKER_MAX_FACES];
  int n_others;
  LkMark mark; /* of the face's frame */
  int n_anchors, n_matches;
  gboolean accepted;
  LkPolicy default_policy;
  gboolean quiet; /* a setter is at work: emit nothing */
};

G_DEFINE_FINAL_TYPE (LkVerifyPage, lk_verify_page, ADW_TYPE_BIN)

enum
{
  PERSON_CHOSEN,
  POLICY_CHANGED,
  GO_ENROL,
  GO_TRAIN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static LkVerdict
judge (LkVerifyPage *self)
{
  if (!self->has_model && !self->preparing)
    return LK_VERDICT_NO_MODEL;
  if (g_list_model_get_n_items (G_LIST_MODEL (self->people)) == 0 && self->has_model)
    return self->trained ? LK_VERDICT_NOBODY : LK_VERDICT_UNTRAINED;
  if (self->has_model && !self->trained)
    return LK_VERDICT_UNTRAINED;
  if (self->preparing)
    return LK_VERDICT_PREPARING;
  if (self->advice != NULL)
    return LK_VERDICT_ADVICE;
  if (!self->checked || self->n_anchors == 0)
    return LK_VERDICT_WAITING;
  return self->accepted ? LK_VERDICT_ACCEPTED : LK_VERDICT_REFUSED;
}

static void
update_verdict (LkVerifyPage *self)
{
  const char *person = lk_verify_page_get_person (self);
  g_autofree char *title = NULL, *detail = NULL;
  LkMark mark = LK_MARK_NEUTRAL;
  const char *icon = NULL;
  LkPolicy policy;
  int needed;

  lk_verify_page_get_policy (self, &policy);
  needed = MIN (self->n_anchors, (int) floor (policy.verification * self->n_anchors + 1e-9) + 1);
  self->verdict = judge (self);
  switch (self->verdict)
    {
    case LK_VERDICT_NO_MODEL:
      icon = "lk-train-symbolic";
      title = g_strdup (_("No Network Yet"));
      detail = g_strdup (self->model_sentence ? self->model_sentence
                                              : _("There is no network to compare faces with."));
      break;
    case LK_VERDICT_UNTRAINED:
      icon = "lk-train-symbolic";
      title = g_strdup (_("The Network Is Untrained"));
      detail = g_strdup (_("Its scores mean nothing yet. Train it on pictures of people first."));
      break;
    case LK_VERDICT_NOBODY:
      icon = "lk-enrol-symbolic";
      title = g_strdup (_("Nobody Is Enrolled"));
      detail = g_strdup (_("Take a few pictures of somebody. Faces before the camera are then "
                           "compared with them."));
      break;
    case LK_VERDICT_PREPARING:
      icon = "content-loading-symbolic";
      title = g_strdup (_("Getting Ready…"));
      detail = g_strdup (_("The anchors are being embedded, once."));
      break;
    case LK_VERDICT_WAITING:
      if (lk_camera_view_get_state (self->view) == LK_CAMERA_VIEW_LIVE)
        {
          title = g_strdup (_("Look into the Camera"));
          detail = g_strdup (_("Bring your face into the frame."));
        }
      else
        {
          icon = "camera-web-symbolic";
          title = g_strdup (_("Waiting for the Camera"));
          detail = g_strdup (_("Without a picture there is nothing to verify."));
        }
      break;
    case LK_VERDICT_ADVICE:
      mark = LK_MARK_ADVICE;
      title = g_strdup (_("Not Quite"));
      detail = g_strdup (self->advice);
      break;
    case LK_VERDICT_ACCEPTED:
      mark = LK_MARK_GOOD;
      title = person ? g_strdup_printf (_("This Is %s"), person) : g_strdup (_("A Match"));
      detail = g_strdup_printf (
          ngettext ("%d of %d anchor matches", "%d of %d anchors match", (gulong) self->n_anchors),
          self->n_matches, self->n_anchors);
      break;
    case LK_VERDICT_REFUSED:
    default:
      mark = LK_MARK_BAD;
      title = person ? g_strdup_printf (_("This Is Not %s"), person) : g_strdup (_("No Match"));
      detail = g_strdup_printf (_("%d of %d anchors match, %d are needed"), self->n_matches,
                                   self->n_anchors, needed);
      break;
    }
  gtk_image_set_from_icon_name (self->verdict_icon, icon ? icon : lk_mark_get_icon_name (mark));
  lk_label_set (self->verdict_label, title);
  lk_label_set (self->detail_label, detail);
  for (LkMark m = LK_MARK_GOOD; m <= LK_MARK_ADVICE; m++)
    {
      if (m == mark)
        gtk_widget_add_css_class (self->verdict_box, lk_mark_get_css_class (m));
      else
        gtk_widget_remove_css_class (self->verdict_box, lk_mark_get_css_class (m));
    }
  gtk_widget_set_visible (self->enrol_button, self->verdict == LK_VERDICT_NOBODY);
  gtk_widget_set_visible (self->train_button, self->verdict == LK_VERDICT_NO_MODEL ||
                                                  self->verdict == LK_VERDICT_UNTRAINED);
  gtk_widget_set_visible (self->scores_box, self->verdict != LK_VERDICT_NO_MODEL &&
                                                self->verdict != LK_VERDICT_NOBODY);
}

/* Everything that comes from a check goes; the crop stays as long as a frame is advised on. */
static void
clear_scores (LkVerifyPage *self)
{
  self->checked = FALSE;
  lk_score_bar_set_score (self->score_bar, NAN, LK_MARK_NEUTRAL);
  lk_score_bar_set_score (self->share_bar, NAN, LK_MARK_NEUTRAL);
  lk_label_set (self->score_label, "–");
  lk_label_set (self->share_label, "–");
  lk_anchor_strip_set_scores (self->strip, NULL, 0, 0);
}

static gboolean
same (double a, double b)
{
  return fabs (a - b) < 1e-6;
}

static void
update_policy (LkVerifyPage *self)
{
  LkPolicy policy;

  lk_verify_page_get_policy (self, &policy);
  lk_score_bar_set_threshold (self->score_bar, policy.detection);
  lk_score_bar_set_threshold (self->share_bar, policy.verification);
  lk_label_set_format (self->detection_label,
                       _("Detection: an anchor matches when its score is above %.2f."),
                          policy.detection);
  lk_label_set_format (self->verification_label,
                       _("Verification: accepted when more than %.0f %% of the anchors match."),
                          policy.verification * 100);
  gtk_widget_set_visible (self->reset_button,
                          !same (policy.detection, self->default_policy.detection) ||
                              !same (policy.verification, self->default_policy.verification));
}

static void
on_slider_moved (LkVerifyPage *self)
{
  LkPolicy policy;

  update_policy (self);
  if (self->quiet)
    return;
  lk_verify_page_get_policy (self, &policy);
  g_signal_emit (self, signals[POLICY_CHANGED], 0, policy.detection, policy.verification);
}

static void
on_person_selected (LkVerifyPage *self)
{
  if (self->quiet || lk_verify_page_get_person (self) == NULL)
    return;
  g_signal_emit (self, signals[PERSON_CHOSEN], 0, lk_verify_page_get_person (self));
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

static void
on_go_enrol (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[GO_ENROL], 0);
}

static void
on_go_train (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[GO_TRAIN], 0);
}

static void
on_reset_thresholds (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkVerifyPage *self = LK_VERIFY_PAGE (widget);
  LkPolicy policy = self->default_policy;

  lk_verify_page_set_policy (self, &policy);
  g_signal_emit (self, signals[POLICY_CHANGED], 0, policy.detection, policy.verification);
}

static void
on_next_person (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  LkVerifyPage *self = LK_VERIFY_PAGE (widget);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->people));

  if (n > 1)
    adw_combo_row_set_selected (self->person_row,
                                (adw_combo_row_get_selected (self->person_row) + 1) % n);
}

static void
lk_verify_page_dispose (GObject *object)
{
  LkVerifyPage *self = LK_VERIFY_PAGE (object);

  self->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_VERIFY_PAGE);
  g_clear_pointer (&self->model_sentence, g_free);
  self->advice = NULL;
  lk_reason_clear (&self->refusal);
  lk_reason_clear (&self->warning);
  G_OBJECT_CLASS (lk_verify_page_parent_class)->dispose (object);
}

static void
lk_verify_page_class_init (LkVerifyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_verify_page_dispose;

  signals[PERSON_CHOSEN] = g_signal_new ("person-chosen", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[POLICY_CHANGED] = g_signal_new ("policy-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                          NULL, G_TYPE_NONE, 2, G_TYPE_DOUBLE, G_TYPE_DOUBLE);
  signals[GO_ENROL] = g_signal_new ("go-enrol", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 0);
  signals[GO_TRAIN] = g_signal_new ("go-train", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                    G_TYPE_NONE, 0);

  g_type_ensure (LK_TYPE_SPLIT);
  g_type_ensure (LK_TYPE_CAMERA_VIEW);
  g_type_ensure (LK_TYPE_ANCHOR_STRIP);
  g_type_ensure (LK_TYPE_SCORE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-verify-page.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkVerifyPage, child)
  BIND (split);
  BIND (main_box);
  BIND (side_box);
  BIND (view);
  BIND (strip);
  BIND (verdict_icon);
  BIND (verdict_label);
  BIND (detail_label);
  BIND (verdict_box);
  BIND (enrol_button);
  BIND (train_button);
  BIND (scores_box);
  BIND (reset_button);
  BIND (score_label);
  BIND (share_label);
  BIND (detection_label);
  BIND (verification_label);
  BIND (score_bar);
  BIND (share_bar);
  BIND (detection_adjustment);
  BIND (verification_adjustment);
  BIND (person_row);
  BIND (people);
  BIND (crop_row);
  BIND (crop_picture);
  BIND (speed_row);
  BIND (find_label);
  BIND (embed_label);
  BIND (match_label);
  BIND (latency_label);
  BIND (camera_label);
  BIND (dropped_label);
#undef BIND
  gtk_widget_class_install_action (widget_class, "verify.go-enrol", NULL, on_go_enrol);
  gtk_widget_class_install_action (widget_class, "verify.go-train", NULL, on_go_train);
  gtk_widget_class_install_action (widget_class, "verify.reset-thresholds", NULL,
                                   on_reset_thresholds);
  gtk_widget_class_install_action (widget_class, "verify.next-person", NULL, on_next_person);
}

static void
lk_verify_page_init (LkVerifyPage *self)
{
  self->default_policy = LK_POLICY_DEFAULT;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->detection_adjustment, "value-changed",
                            G_CALLBACK (on_slider_moved), self);
  g_signal_connect_swapped (self->verification_adjustment, "value-changed",
                            G_CALLBACK (on_slider_moved), self);
  g_signal_connect_swapped (self->person_row, "notify::selected", G_CALLBACK (on_person_selected),
                            self);
  g_signal_connect_swapped (self->view, "notify::state", G_CALLBACK (update_verdict), self);
  g_signal_connect_swapped (self->split, "notify::narrow", G_CALLBACK (on_narrow_changed), self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.next-person", FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Verify"), -1);
  update_policy (self);
  update_verdict (self);
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
  clear_scores (self);
  update_verdict (self);
}

void
lk_verify_page_set_people (LkVerifyPage *self, GPtrArray *people, const char *selected)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) strv = NULL;
  guint position = 0, n = 0;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  for (guint i = 0; i < people->len; i++)
    {
      const LkPerson *person = people->pdata[i];

      if (person->n[LK_CAPTURE_ANCHOR] == 0)
        continue;
      if (g_strcmp0 (person->name, selected) == 0)
        position = n;
      g_strv_builder_add (names, person->name);
      n++;
    }
  strv = g_strv_builder_end (names);
  self->quiet = TRUE;
  gtk_string_list_splice (self->people, 0, g_list_model_get_n_items (G_LIST_MODEL (self->people)),
                          (const char *const *) strv);
  adw_combo_row_set_selected (self->person_row, n > 0 ? position : GTK_INVALID_LIST_POSITION);
  self->quiet = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->person_row), n > 1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.next-person", n > 1);
  update_verdict (self);
}

const char *
lk_verify_page_get_person (LkVerifyPage *self)
{
  guint position;

  g_return_val_if_fail (LK_IS_VERIFY_PAGE (self), NULL);

  position = adw_combo_row_get_selected (self->person_row);
  return position == GTK_INVALID_LIST_POSITION
             ? NULL
             : gtk_string_list_get_string (self->people, position);
}

void
lk_verify_page_set_anchors (LkVerifyPage *self, GPtrArray *anchors)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  clear_scores (self);
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

  self->quiet = TRUE;
  gtk_adjustment_set_value (self->detection_adjustment, policy->detection);
  gtk_adjustment_set_value (self->verification_adjustment, policy->verification);
  self->quiet = FALSE;
}

void
lk_verify_page_get_policy (LkVerifyPage *self, LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  policy->detection = gtk_adjustment_get_value (self->detection_adjustment);
  policy->verification = gtk_adjustment_get_value (self->verification_adjustment);
}

void
lk_verify_page_set_default_policy (LkVerifyPage *self, const LkPolicy *policy)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  self->default_policy = *policy;
  update_policy (self);
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

void
lk_verify_page_show_check (LkVerifyPage *self, const LkCheck *check)
{
  LkPolicy policy;
  double share;
  LkMark mark = LK_MARK_NEUTRAL;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  if (self->advice != NULL)
    return;
  self->checked = TRUE;
  self->n_anchors = check->n_anchors;
  self->n_matches = check->n_matches;
  self->accepted = check->accepted;
  lk_verify_page_get_policy (self, &policy);
  if (check->n_anchors > 0)
    {
      gboolean meant = self->trained && !self->preparing; /* else no colour judges */

      share = (double) check->n_matches / check->n_anchors;
      mark = !meant ? LK_MARK_NEUTRAL : check->accepted ? LK_MARK_GOOD : LK_MARK_BAD;
      lk_score_bar_set_score (self->score_bar, (double) check->score,
                              !meant                                     ? LK_MARK_NEUTRAL
                              : (double) check->score > policy.detection ? LK_MARK_GOOD
                                                                         : LK_MARK_BAD);
      lk_score_bar_set_score (self->share_bar, share, mark);
      /* Rounded down, so that no number reads as if it were above a threshold that it is not. */
      lk_label_set_format (self->score_label, "%.2f", floor ((double) check->score * 100) / 100);
      lk_label_set_format (self->share_label, "%.0f %%", floor (share * 100));
      lk_anchor_strip_set_scores (self->strip, check->scores, check->n_anchors, policy.detection);
    }
  else
    {
      clear_scores (self);
      self->checked = TRUE;
    }
  if (check->crop != NULL)
    show_crop (self, check->crop);
  self->mark = mark;
  show_faces (self);
  lk_label_set_format (self->find_label, _("%.1f ms"), (double) check->find_us / 1e3);
  lk_label_set_format (self->embed_label, _("%.1f ms"), (double) check->embed_us / 1e3);
  lk_label_set_format (self->match_label, _("%.2f ms"), (double) check->match_us / 1e3);
  update_verdict (self);
}

void
lk_verify_page_show_sighting (LkVerifyPage *self, const LkSighting *seen, const GError *advice)
{
  gint64 now_us = g_get_monotonic_time ();
  const char *warning = NULL;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  self->advice = lk_reason_update (&self->refusal, advice != NULL ? advice->message : NULL, now_us);
  if (self->advice != NULL)
    clear_scores (self);
  else if (seen->warning >= 0 && advice == NULL)
    warning = lk_quality_get_info (seen->warning)->sentence;
  lk_camera_view_set_advice (self->view, lk_reason_update (&self->warning, warning, now_us));

  self->has_face = seen->has_face;
  self->face = seen->face;
  self->n_others = seen->n_others;
  memcpy (self->others, seen->others, sizeof seen->others);
  self->mark = self->advice != NULL ? LK_MARK_ADVICE : self->checked ? self->mark : LK_MARK_NEUTRAL;
  show_faces (self);
  if (seen->crop != NULL)
    show_crop (self, seen->crop);
  update_verdict (self);
}

void
lk_verify_page_show_waiting (LkVerifyPage *self)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  clear_scores (self);
  lk_reason_clear (&self->refusal);
  lk_reason_clear (&self->warning);
  self->advice = NULL;
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
  g_autofree char *text = NULL;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  text = g_strdup_printf (_("%.0f checks a second"), check_fps);
  adw_expander_row_set_subtitle (self->speed_row, text);
  lk_label_set_format (self->latency_label, _("%.1f ms"), (double) latency_us / 1e3);
  lk_label_set_format (self->camera_label, _("%.1f frames a second"), camera_fps);
  lk_label_set_format (self->dropped_label, "%" G_GUINT64_FORMAT, n_dropped);
}

LkVerdict
lk_verify_page_get_verdict (LkVerifyPage *self)
{
  g_return_val_if_fail (LK_IS_VERIFY_PAGE (self), LK_VERDICT_NO_MODEL);
  return self->verdict;
}
