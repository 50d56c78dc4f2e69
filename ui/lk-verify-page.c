/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-verify-page"

#include "lk-verify-page.h"

#include "lk-anchor-strip.h"
#include "lk-lock-badge.h"
#include "lk-ranking.h"
#include "lk-reason.h"
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

/* Somebody else's anchors are shown once they have been the most alike for so long. */
#define LEAD_US (G_USEC_PER_SEC / 2)

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
  LkVerifyTimes *times;
  AdwComboRow *person_row;
  GtkStringList *people; /* the first is everybody, where there are several */
  GtkWidget *crop_row, *attempts_row;
  GtkPicture *crop_picture;
  LkLockBadge *badge;

  gboolean has_model, trained, preparing;
  char *model_sentence;     /* (nullable) */
  LkLockStatus lock;        /* strings are not kept */
  gint64 wait_us;           /* LOCKED_OUT: the whole of it */
  char *title, *detail;     /* (nullable): of the lock */
  LkReason advice;          /* what the lock says to the person, long enough to be read */
  LkReason warning;         /* what is worth a word */
  GPtrArray *anchors;       /* (nullable) (element-type LkImage) */
  int strip_first, strip_n; /* of them, those in the strip */
  int leader_first;         /* whose would be there */
  gint64 leader_us;         /* since when */
  gboolean checked;         /* the newest frame was */
  gboolean has_face;
  LkFace face, others[LK_TRACKER_MAX_FACES];
  int n_others;
  LkMark mark;    /* of the face's frame */
  gboolean quiet; /* a setter is at work: emit nothing */
};

G_DEFINE_FINAL_TYPE (LkVerifyPage, lk_verify_page, ADW_TYPE_BIN)

enum
{
  PERSON_CHOSEN,
  POLICY_CHANGED,
  BEGIN,
  LOCK,
  SHOW_ATTEMPTS,
  GO_ENROL,
  GO_TRAIN,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean
has_nobody (LkVerifyPage *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->people)) == 0;
}

LkVerdict
lk_verify_page_get_verdict (LkVerifyPage *self)
{
  g_return_val_if_fail (LK_IS_VERIFY_PAGE (self), LK_VERDICT_NO_MODEL);

  if (!self->has_model && !self->preparing)
    return LK_VERDICT_NO_MODEL;
  if (has_nobody (self) && self->has_model)
    return self->trained ? LK_VERDICT_NOBODY : LK_VERDICT_UNTRAINED;
  if (self->has_model && !self->trained)
    return LK_VERDICT_UNTRAINED;
  return self->preparing ? LK_VERDICT_PREPARING : LK_VERDICT_LOCK;
}

/* The badge and the picture behind it. */
static void
update_view (LkVerifyPage *self, gboolean is_lock)
{
  LkLockState state = self->lock.state;
  double progress = state == LK_LOCK_CHECKING ? self->lock.progress : 0;

  if (state == LK_LOCK_LOCKED_OUT && self->wait_us > 0)
    progress = (double) self->lock.wait_us / (double) self->wait_us;
  lk_lock_badge_set (self->badge, is_lock ? state : LK_LOCK_LOCKED, progress);
  gtk_widget_set_visible (GTK_WIDGET (self->badge), is_lock);
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
  lk_anchor_strip_set_scores (self->strip, NULL, 0, 0);
}

static void
forget_scores (LkVerifyPage *self)
{
  clear_scores (self);
  lk_verify_scores_forget (self->scores);
  lk_ranking_show_check (self->ranking, NULL);
}

/* The anchors from @first on are those of the one who is looked at. */
static void
show_anchors (LkVerifyPage *self, int first, int n)
{
  g_autoptr (GPtrArray) some = g_ptr_array_new ();

  if (self->anchors == NULL || first + n > (int) self->anchors->len ||
      (first == self->strip_first && n == self->strip_n))
    return;
  for (int i = first; i < first + n; i++)
    g_ptr_array_add (some, self->anchors->pdata[i]);
  lk_anchor_strip_set_anchors (self->strip, some);
  self->strip_first = first;
  self->strip_n = n;
}

/* The anchors of who is most alike, unless that changes from frame to frame. */
static void
follow_leader (LkVerifyPage *self, const LkCheck *check)
{
  const LkMatch *leader = &check->people[check->best];
  gint64 now_us = g_get_monotonic_time ();

  if (leader->first != self->leader_first)
    {
      self->leader_first = leader->first;
      self->leader_us = now_us;
    }
  if (self->strip_n == 0 || now_us - self->leader_us >= LEAD_US)
    show_anchors (self, leader->first, leader->n_anchors);
}

static void
on_policy_changed (LkVerifyPage *self, double detection, double verification)
{
  g_signal_emit (self, signals[POLICY_CHANGED], 0, detection, verification);
}

static void
on_person_selected (LkVerifyPage *self)
{
  if (!self->quiet && adw_combo_row_get_selected (self->person_row) != GTK_INVALID_LIST_POSITION)
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
on_begin (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[BEGIN], 0);
}

static void
on_lock (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[LOCK], 0);
}

static void
on_toggle (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[LK_VERIFY_PAGE (widget)->lock.may_begin ? BEGIN : LOCK], 0);
}

static void
on_attempts (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  g_signal_emit (widget, signals[SHOW_ATTEMPTS], 0);
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
  lk_verify_scores_reset (LK_VERIFY_PAGE (widget)->scores);
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

/* A letter alone works anywhere on the page but where it is typed. */
static gboolean
on_key (GtkWidget *widget, GVariant *args, gpointer action)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (!gtk_widget_get_mapped (widget) || (focus != NULL && GTK_IS_EDITABLE (focus)))
    return FALSE;
  return gtk_widget_activate_action (widget, action, NULL);
}

static void
add_keys (LkVerifyPage *self)
{
  static const struct
  {
    guint key;
    const char *action;
  } keys[] = { { GDK_KEY_u, "verify.begin" }, { GDK_KEY_l, "verify.lock" } };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (
        GTK_SHORTCUT_CONTROLLER (controller),
        gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, 0),
                          gtk_callback_action_new (on_key, (gpointer) keys[i].action, NULL)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
lk_verify_page_dispose (GObject *object)
{
  LkVerifyPage *self = LK_VERIFY_PAGE (object);

  self->quiet = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_VERIFY_PAGE);
  g_clear_pointer (&self->model_sentence, g_free);
  g_clear_pointer (&self->anchors, g_ptr_array_unref);
  lk_reason_clear (&self->warning);
  G_OBJECT_CLASS (lk_verify_page_parent_class)->dispose (object);
}

static guint
add_signal (GType type, const char *name)
{
  return g_signal_new (name, type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
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
  signals[BEGIN] = add_signal (type, "begin");
  signals[LOCK] = add_signal (type, "lock");
  signals[SHOW_ATTEMPTS] = add_signal (type, "show-attempts");
  signals[GO_ENROL] = add_signal (type, "go-enrol");
  signals[GO_TRAIN] = add_signal (type, "go-train");

  g_type_ensure (LK_TYPE_SPLIT);
  g_type_ensure (LK_TYPE_CAMERA_VIEW);
  g_type_ensure (LK_TYPE_ANCHOR_STRIP);
  g_type_ensure (LK_TYPE_RANKING);
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
  BIND (times);
  BIND (person_row);
  BIND (people);
  BIND (crop_row);
  BIND (crop_picture);
  BIND (attempts_row);
#undef BIND
  gtk_widget_class_install_action (widget_class, "verify.begin", NULL, on_begin);
  gtk_widget_class_install_action (widget_class, "verify.lock", NULL, on_lock);
  gtk_widget_class_install_action (widget_class, "verify.toggle", NULL, on_toggle);
  gtk_widget_class_install_action (widget_class, "verify.attempts", NULL, on_attempts);
  gtk_widget_class_install_action (widget_class, "verify.go-enrol", NULL, on_go_enrol);
  gtk_widget_class_install_action (widget_class, "verify.go-train", NULL, on_go_train);
  gtk_widget_class_install_action (widget_class, "verify.reset-thresholds", NULL,
                                   on_reset_thresholds);
  gtk_widget_class_install_action (widget_class, "verify.next-person", NULL, on_next_person);
}

static void
lk_verify_page_init (LkVerifyPage *self)
{
  LkLockStatus status = { .state = LK_LOCK_LOCKED, .reason = LK_LOCK_NEW, .may_begin = TRUE };

  gtk_widget_init_template (GTK_WIDGET (self));
  self->badge = LK_LOCK_BADGE (lk_lock_badge_new ());
  gtk_widget_set_halign (GTK_WIDGET (self->badge), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self->badge), GTK_ALIGN_START);
  gtk_widget_set_margin_top (GTK_WIDGET (self->badge), 12);
  lk_camera_view_add_over (self->view, GTK_WIDGET (self->badge));
  g_signal_connect_swapped (self->scores, "policy-changed", G_CALLBACK (on_policy_changed), self);
  g_signal_connect_swapped (self->person_row, "notify::selected", G_CALLBACK (on_person_selected),
                            self);
  g_signal_connect_swapped (self->split, "notify::narrow", G_CALLBACK (on_narrow_changed), self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.next-person", FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Verify"), -1);
  add_keys (self);
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
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  guint position = 0;

  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  for (guint i = 0; i < people->len; i++)
    {
      const LkPerson *person = people->pdata[i];

      if (person->n[LK_CAPTURE_ANCHOR] > 0)
        g_ptr_array_add (names, person->name);
    }
  if (names->len > 1)
    g_ptr_array_insert (names, 0, (gpointer) _("Everybody"));
  for (guint i = names->len > 1; i < names->len; i++)
    if (g_strcmp0 (names->pdata[i], selected) == 0)
      position = i;
  gtk_widget_set_visible (GTK_WIDGET (self->person_row), names->len > 1);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "verify.next-person", names->len > 1);
  g_ptr_array_add (names, NULL);
  self->quiet = TRUE;
  gtk_string_list_splice (self->people, 0, g_list_model_get_n_items (G_LIST_MODEL (self->people)),
                          (const char *const *) names->pdata);
  adw_combo_row_set_selected (self->person_row,
                              names->len > 1 ? position : GTK_INVALID_LIST_POSITION);
  self->quiet = FALSE;
  update_verdict (self);
}

const char *
lk_verify_page_get_person (LkVerifyPage *self)
{
  guint position;

  g_return_val_if_fail (LK_IS_VERIFY_PAGE (self), NULL);

  position = adw_combo_row_get_selected (self->person_row);
  if (position == GTK_INVALID_LIST_POSITION ||
      (position == 0 && g_list_model_get_n_items (G_LIST_MODEL (self->people)) > 1))
    return NULL;
  return gtk_string_list_get_string (self->people, position);
}

void
lk_verify_page_set_anchors (LkVerifyPage *self, GPtrArray *anchors)
{
  g_return_if_fail (LK_IS_VERIFY_PAGE (self));

  forget_scores (self);
  g_clear_pointer (&self->anchors, g_ptr_array_unref);
  self->anchors = g_ptr_array_new_with_free_func ((GDestroyNotify) lk_image_unref);
  for (guint i = 0; i < anchors->len; i++)
    g_ptr_array_add (self->anchors, lk_image_ref (anchors->pdata[i]));
  self->strip_first = self->strip_n = -1;
  self->leader_first = -1;
  show_anchors (self, 0, (int) anchors->len);
  if (anchors->len > 0 && lk_verify_page_get_person (self) == NULL)
    self->strip_n = 0; /* whose they are is not known yet */
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
  self->lock = *status;
  self->lock.sentence = NULL;
  self->lock.tally.name = self->lock.tally.other = NULL;
  if (status->state == LK_LOCK_LOCKED_OUT && before != LK_LOCK_LOCKED_OUT)
    self->wait_us = status->wait_us;
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
  if (self->checked && check->best >= 0)
    follow_leader (self, check);
  if (self->checked)
    lk_anchor_strip_set_scores (self->strip, check->scores + MAX (self->strip_first, 0),
                                MIN (self->strip_n > 0 ? self->strip_n : check->n_anchors,
                                     check->n_anchors - MAX (self->strip_first, 0)),
                                check->policy.detection);
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
  else if (seen->warning >= 0)
    warning = _(lk_quality_get_info (seen->warning)->sentence);
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
