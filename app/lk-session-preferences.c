/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-preferences.h"
#include "lk-session-private.h"
#include "lk-settings.h"

void
lk_session_apply_preferences (LkSession *self)
{
  LkQualityLimits limits;

  lk_settings_get_limits (&limits);
  lk_inference_set_limits (self->inference, &limits);
  if (self->source != NULL)
    g_atomic_int_set (&self->rule, (gint) lk_settings_get_rule (self->source));
}

static void
on_limit_changed (LkPreferences *preferences, int kind, double refuse, LkSession *self)
{
  lk_settings_set_limit ((LkQualityKind) kind, refuse);
  lk_session_apply_preferences (self);
}

static void
on_find_face_changed (LkPreferences *preferences, GParamSpec *spec, LkSession *self)
{
  lk_session_apply_preferences (self);
  lk_verify_page_show_waiting (self->verify);
}

/* The model is taken up anew, and what decides with it. */
static void
on_vote_changed (LkPreferences *preferences, GParamSpec *spec, LkSession *self)
{
  lk_inference_set_model (self->inference, NULL);
}

static void
on_preferences (LkWindow *window, LkSession *self)
{
  GtkWidget *preferences;
  LkQualityLimits limits;

  if (self->preferences != NULL)
    {
      gtk_window_present (GTK_WINDOW (self->preferences));
      return;
    }
  preferences = lk_preferences_new (GTK_WINDOW (window));
  g_set_weak_pointer (&self->preferences, preferences);
  lk_settings_get_limits (&limits);
  lk_preferences_set_limits (LK_PREFERENCES (preferences), &limits);
  g_settings_bind (lk_settings_get (), "find-face", preferences, "find-face",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (lk_settings_get (), "vote", preferences, "vote", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (lk_settings_get (), "relock-seconds", preferences, "relock-seconds",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (lk_settings_get (), "lockout-attempts", preferences, "lockout-attempts",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_swapped (preferences, "notify::relock-seconds",
                            G_CALLBACK (lk_session_apply_unlock_preferences), self);
  g_settings_bind (lk_settings_get (), "offer-pictures", preferences, "offer-pictures",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (lk_settings_get (), "liveness", preferences, "liveness",
                   G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_swapped (preferences, "notify::liveness",
                            G_CALLBACK (lk_session_apply_unlock_preferences), self);
  g_signal_connect (preferences, "notify::vote", G_CALLBACK (on_vote_changed), self);
  g_signal_connect (preferences, "notify::find-face", G_CALLBACK (on_find_face_changed), self);
  g_signal_connect (preferences, "limit-changed", G_CALLBACK (on_limit_changed), self);
  lk_session_add_data (self, preferences);
  gtk_window_present (GTK_WINDOW (preferences));
}

void
lk_session_start_preferences (LkSession *self)
{
  g_signal_connect (self->window, "preferences", G_CALLBACK (on_preferences), self);
  lk_session_apply_preferences (self);
}
