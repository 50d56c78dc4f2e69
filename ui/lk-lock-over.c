/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-lock-over"

#include "lk-lock-over.h"

#include "lk-lock-badge.h"
#include "lk-turn-hint.h"

struct _LkLockOver
{
  AdwBin parent_instance;

  LkLockBadge *badge; /* borrowed */
  LkTurnHint *hint;
  gint64 wait_us; /* LOCKED_OUT: the whole of it; 0: in no other state */
};

G_DEFINE_FINAL_TYPE (LkLockOver, lk_lock_over, ADW_TYPE_BIN)

static void
lk_lock_over_class_init (LkLockOverClass *klass)
{
}

static void
lk_lock_over_init (LkLockOver *self)
{
  GtkWidget *overlay = gtk_overlay_new (), *badge = lk_lock_badge_new (),
            *hint = lk_turn_hint_new ();

  gtk_widget_set_halign (badge, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (badge, GTK_ALIGN_START);
  gtk_widget_set_margin_top (badge, 12);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), hint);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), badge);
  adw_bin_set_child (ADW_BIN (self), overlay);
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
  self->badge = LK_LOCK_BADGE (badge);
  self->hint = LK_TURN_HINT (hint);
}

GtkWidget *
lk_lock_over_new (void)
{
  return g_object_new (LK_TYPE_LOCK_OVER, NULL);
}

void
lk_lock_over_show (LkLockOver *self, const LkLockStatus *status, gboolean mirror)
{
  double progress = 0;

  g_return_if_fail (LK_IS_LOCK_OVER (self));

  gtk_widget_set_visible (GTK_WIDGET (self), status != NULL);
  if (status == NULL || status->state != LK_LOCK_LOCKED_OUT)
    self->wait_us = 0;
  else if (self->wait_us == 0)
    self->wait_us = status->wait_us;
  if (status != NULL && (status->state == LK_LOCK_CHECKING || status->state == LK_LOCK_CHALLENGE))
    progress = status->progress;
  else if (self->wait_us > 0)
    progress = (double) status->wait_us / (double) self->wait_us;
  lk_lock_badge_set (self->badge, status != NULL ? status->state : LK_LOCK_LOCKED, progress);
  lk_turn_hint_set (
      self->hint, status != NULL && status->state == LK_LOCK_CHALLENGE ? status->turn : 0, mirror);
}
