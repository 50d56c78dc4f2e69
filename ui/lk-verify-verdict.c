/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-verify-verdict"

#include "lk-verify-verdict.h"

#include "lk-label.h"
#include "lk-lock-badge.h"
#include "lk-lock-words.h"
#include "lk-reason.h"

#include <glib/gi18n.h>

struct _LkVerifyVerdict
{
  AdwBin parent_instance;

  GtkImage *verdict_icon; /* template children: borrowed */
  GtkLabel *verdict_label, *detail_label;
  GtkWidget *verdict_box, *enrol_button, *train_button, *lock_button;

  LkLockState state;
  gboolean is_trying;
  char *title, *detail; /* (nullable): of the lock */
  LkReason advice;      /* what it says to the person, long enough to be read */
};

G_DEFINE_FINAL_TYPE (LkVerifyVerdict, lk_verify_verdict, ADW_TYPE_BIN)

static void
get_words (LkVerifyVerdict *self, LkVerdict verdict, const char *sentence, const char **icon,
           const char **title, const char **detail)
{
  switch (verdict)
    {
    case LK_VERDICT_NO_MODEL:
      *icon = "lk-train-symbolic";
      *title = _("No Network Yet");
      *detail = sentence ? sentence : _("There is no network to compare faces with.");
      break;
    case LK_VERDICT_UNTRAINED:
      *icon = "lk-train-symbolic";
      *title = _("The Network Is Untrained");
      *detail = _("Its scores mean nothing yet. Train it on pictures of people first.");
      break;
    case LK_VERDICT_NOBODY:
      *icon = "lk-enrol-symbolic";
      *title = _("Nobody Is Enrolled");
      *detail = _("Take a few pictures of somebody. Faces before the camera are then "
                  "compared with them.");
      break;
    case LK_VERDICT_PREPARING:
      *icon = "content-loading-symbolic";
      *title = _("Getting Ready…");
      *detail = _("The anchors are being embedded, once.");
      break;
    case LK_VERDICT_LOCK:
    default:
      *icon = self->state == LK_LOCK_LOCKED     ? "changes-prevent-symbolic"
              : self->state == LK_LOCK_STARTING ? "camera-web-symbolic"
                                                : NULL;
      *title = self->title != NULL ? self->title : "";
      *detail = self->detail != NULL ? self->detail : "";
    }
}

static void
update_button (LkVerifyVerdict *self)
{
  const char *label = self->is_trying ? _("Stop")
                                      : self->state == LK_LOCK_ACCEPTED
      ? _("Lock")
      : self->state == LK_LOCK_LOCKED
      ? _("Unlock")
      : _("Try Again");

  if (self->state == LK_LOCK_LOCKED || self->state == LK_LOCK_REFUSED)
    gtk_widget_add_css_class (self->lock_button, "suggested-action");
  else
    gtk_widget_remove_css_class (self->lock_button, "suggested-action");
  if (g_strcmp0 (gtk_button_get_label (GTK_BUTTON (self->lock_button)), label) != 0)
    gtk_button_set_label (GTK_BUTTON (self->lock_button), label);
}

static void
lk_verify_verdict_dispose (GObject *object)
{
  LkVerifyVerdict *self = LK_VERIFY_VERDICT (object);

  adw_bin_set_child (ADW_BIN (object), NULL); /* the template would free it behind the bin */
  gtk_widget_dispose_template (GTK_WIDGET (object), LK_TYPE_VERIFY_VERDICT);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->detail, g_free);
  lk_reason_clear (&self->advice);
  G_OBJECT_CLASS (lk_verify_verdict_parent_class)->dispose (object);
}

static void
lk_verify_verdict_class_init (LkVerifyVerdictClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = lk_verify_verdict_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/likeness/Likeness/ui/lk-verify-verdict.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, LkVerifyVerdict, child)
  BIND (verdict_icon);
  BIND (verdict_label);
  BIND (detail_label);
  BIND (verdict_box);
  BIND (enrol_button);
  BIND (train_button);
  BIND (lock_button);
#undef BIND
}

static void
lk_verify_verdict_init (LkVerifyVerdict *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
lk_verify_verdict_show (LkVerifyVerdict *self, LkVerdict verdict, const char *sentence)
{
  gboolean is_lock = verdict == LK_VERDICT_LOCK;
  LkMark mark = is_lock ? lk_lock_badge_mark (self->state) : LK_MARK_NEUTRAL;
  const char *icon, *title, *detail;

  g_return_if_fail (LK_IS_VERIFY_VERDICT (self));

  get_words (self, verdict, sentence, &icon, &title, &detail);
  gtk_image_set_from_icon_name (self->verdict_icon, icon ? icon : lk_mark_get_icon_name (mark));
  lk_label_set (self->verdict_label, title);
  if (g_strcmp0 (gtk_label_get_label (self->detail_label), detail) != 0)
    {
      gtk_label_set_label (self->detail_label, detail);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->verdict_label),
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, detail, -1);
    }
  for (LkMark m = LK_MARK_GOOD; m <= LK_MARK_ADVICE; m++)
    {
      if (m == mark)
        gtk_widget_add_css_class (self->verdict_box, lk_mark_get_css_class (m));
      else
        gtk_widget_remove_css_class (self->verdict_box, lk_mark_get_css_class (m));
    }
  gtk_widget_set_visible (self->enrol_button, verdict == LK_VERDICT_NOBODY);
  gtk_widget_set_visible (self->train_button,
                          verdict == LK_VERDICT_NO_MODEL || verdict == LK_VERDICT_UNTRAINED);
  gtk_widget_set_visible (self->lock_button, is_lock);
  update_button (self);
}

void
lk_verify_verdict_show_lock (LkVerifyVerdict *self, const LkLockStatus *status, const char *person,
                             int n_left)
{
  const char *sentence;

  g_return_if_fail (LK_IS_VERIFY_VERDICT (self));

  g_free (self->title);
  g_free (self->detail);
  self->state = status->state;
  self->is_trying = status->is_trying;
  self->title = lk_lock_words_title (status, person);
  self->detail = lk_lock_words_detail (status, n_left);
  if (status->state != LK_LOCK_ADVICE)
    lk_reason_clear (&self->advice);
  else
    {
      sentence = lk_reason_update (&self->advice, status->sentence, g_get_monotonic_time ());
      g_free (self->detail);
      self->detail = g_strdup (sentence != NULL ? sentence : "");
    }
}
