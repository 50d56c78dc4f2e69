/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-attempts-window.h"
#include "lk-session-private.h"
#include "lk-settings.h"

#define N_SHOWN 100 /* attempts: nobody reads more */

static void
on_kept (LkKeeper *keeper, gpointer data)
{
  LkSession *self = data;
  LkLockStatus status;

  lk_keeper_get_status (keeper, &status);
  /* How many attempts are left is asked of the database: only when it is told. */
  lk_verify_page_show_lock (self->verify, &status,
                            status.state == LK_LOCK_REFUSED ? lk_keeper_get_n_left (keeper) : 0);
}

static void
on_begin (LkVerifyPage *page, LkSession *self)
{
  if (self->can_unlock)
    lk_keeper_begin (self->keeper);
}

static void
on_lock (LkVerifyPage *page, LkSession *self)
{
  lk_keeper_lock (self->keeper, LK_LOCK_BY_HAND);
}

static void
on_show_attempts (LkVerifyPage *page, LkSession *self)
{
  LkDatabase *database = self->store != NULL ? lk_store_get_database (self->store) : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) attempts = NULL;
  GtkWidget *window;

  if (database == NULL)
    return;
  attempts = lk_database_list_attempts (database, &error);
  if (attempts == NULL)
    {
      lk_session_report (self, error);
      return;
    }
  if (self->attempts != NULL) /* one, with the newest in it */
    gtk_window_destroy (GTK_WINDOW (self->attempts));
  window = lk_attempts_window_new (GTK_WINDOW (self->window));
  g_set_weak_pointer (&self->attempts, window);
  for (guint i = 0; i < MIN (attempts->len, N_SHOWN); i++)
    {
      const LkAttempt *attempt = attempts->pdata[i];
      g_autoptr (LkImage) picture = NULL;

      if (attempt->has_picture) /* one that cannot be read is not shown */
        picture = lk_database_load_attempt (database, attempt->id, NULL);
      lk_attempts_window_add (LK_ATTEMPTS_WINDOW (window), attempt, picture);
    }
  gtk_window_present (GTK_WINDOW (window));
}

static gboolean
is_shown (LkSession *self)
{
  return g_strcmp0 (lk_window_get_page (self->window), "verify") == 0;
}

void
lk_session_set_can_unlock (LkSession *self, gboolean can_unlock)
{
  self->can_unlock = can_unlock;
  lk_keeper_lock (self->keeper, LK_LOCK_NEW);
  if (can_unlock && is_shown (self))
    lk_keeper_begin (self->keeper);
  lk_session_turn_attacks (self);
}

void
lk_session_turn_unlock (LkSession *self)
{
  if (!is_shown (self))
    lk_keeper_lock (self->keeper, LK_LOCK_NEW); /* nobody looks who is there */
  else if (self->can_unlock)
    lk_keeper_begin (self->keeper);
}

void
lk_session_apply_unlock_preferences (LkSession *self)
{
  LkLockRules rules;

  lk_keeper_init_rules (&rules);
  lk_keeper_set_rules (self->keeper, &rules);
}

void
lk_session_start_unlock (LkSession *self)
{
  LkLockRules rules;

  lk_keeper_init_rules (&rules);
  self->keeper = lk_keeper_new (self->store != NULL ? lk_store_get_database (self->store) : NULL,
                                &rules, on_kept, self);
  g_signal_connect (self->verify, "begin", G_CALLBACK (on_begin), self);
  g_signal_connect (self->verify, "lock", G_CALLBACK (on_lock), self);
  g_signal_connect (self->verify, "show-attempts", G_CALLBACK (on_show_attempts), self);
}
