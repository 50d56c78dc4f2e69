/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-session"

#include "lk-models.h"
#include "lk-session-private.h"
#include "lk-settings.h"

#include <glib/gi18n.h>

static void
on_checked (const LkFrame *frame, const LkSighting *seen, const LkCheck *check,
            const GError *advice, gpointer data)
{
  LkSession *self = data;
  const char *page = lk_window_get_page (self->window);

  if (g_strcmp0 (page, "enrol") == 0 && !lk_session_lead (self, frame, seen, advice))
    lk_session_offer_face (self, seen, advice);
  if (lk_session_is_attacked (self))
    lk_session_show_attack (self, frame, seen, check, advice);
  if (g_strcmp0 (page, "verify") != 0)
    return; /* a frame that was on its way when the page was left */

  if (check != NULL)
    {
      g_clear_pointer (&self->check, lk_check_free);
      self->n_checked++;
      self->latency_us = g_get_monotonic_time () - frame->when_us;
      self->check = lk_check_copy (check);
    }
  lk_verify_page_show_sighting (self->verify, seen, advice);
  if (check != NULL)
    lk_verify_page_show_check (self->verify, check);
  if (self->can_unlock)
    {
      lk_keeper_show (self->keeper, frame, seen, check, advice);
      lk_session_refine (self, seen, check);
    }
}

static void
on_preparing (int n_done, int n_all, gpointer data)
{
  LkSession *self = data;
  g_autofree char *sentence = NULL;

  if (self->said_preparing || n_all < 20)
    return;
  self->said_preparing = TRUE;
  sentence = g_strdup_printf (_("The new model looks at the anchors: %d of %d so far. The old one "
                                "verifies until then."),
                                 n_done, n_all);
  lk_window_toast (self->window, sentence);
}

/* What decides, with a model: as was chosen, else as its own measures say. */
void
lk_session_apply_policy (LkSession *self, LkModel *model)
{
  g_autoptr (LkMeaning) meaning = lk_meaning_new (model);
  LkPolicy own;

  lk_verify_page_set_meaning (self->verify, meaning);
  lk_settings_get_own_policy (model, &own);
  lk_settings_get_policy (model, &self->policy);
  lk_inference_set_policy (self->inference, &self->policy);
  lk_verify_page_set_default_policy (self->verify, &own);
  lk_verify_page_set_policy (self->verify, &self->policy);
}

static void
on_prepared (LkModel *model, GPtrArray *anchors, const GError *error, gpointer data)
{
  LkSession *self = data;
  const char *trained = model != NULL ? lk_model_get_meta (model, "trained") : NULL;

  self->said_preparing = FALSE;
  g_clear_pointer (&self->check, lk_check_free);
  lk_verify_page_set_model (self->verify, model != NULL ? lk_model_get_name (model) : NULL,
                            model != NULL && lk_model_is_trained (model),
                            error != NULL ? error->message : trained);
  if (model != NULL)
    lk_session_apply_policy (self, model);
  if (anchors != NULL)
    lk_verify_page_set_anchors (self->verify, anchors);
  lk_verify_page_set_preparing (self->verify, FALSE);
  lk_session_show_model (self, model);
  lk_session_set_can_unlock (self, model != NULL && lk_model_is_trained (model) &&
                                       anchors != NULL && anchors->len > 0);
  lk_session_take_up_model (self, model);
}

static void
on_policy_changed (LkVerifyPage *page, double detection, double verification, LkSession *self)
{
  self->policy.detection = detection;
  self->policy.verification = verification;
  lk_settings_set_thresholds (&self->policy);
  lk_inference_set_policy (self->inference, &self->policy);
  if (self->check != NULL)
    {
      lk_policy_decide (&self->policy, self->check);
      lk_verify_page_show_check (page, self->check);
    }
}

static void
on_go_enrol (LkVerifyPage *page, LkSession *self)
{
  lk_window_set_page (self->window, "enrol");
}

static void
on_go_train (LkVerifyPage *page, LkSession *self)
{
  lk_window_set_page (self->window, "train");
}

void
lk_session_choose_wants (LkSession *self)
{
  const char *page = lk_window_get_page (self->window);

  g_atomic_int_set (&self->wants, g_strcmp0 (page, "verify") == 0 || lk_session_is_attacked (self)
                                      ? LK_WANTS_CHECK
                                  : g_strcmp0 (page, "enrol") == 0 ? LK_WANTS_FACE
                                                                   : LK_WANTS_NOTHING);
}

static void
on_page_changed (LkWindow *window, GParamSpec *spec, LkSession *self)
{
  const char *page = lk_window_get_page (window);

  lk_session_turn_attacks (self);
  lk_verify_page_show_waiting (self->verify);
  lk_session_turn_unlock (self);
  self->n_asked = 0;
  if (self->has_new_anchors)
    lk_session_send_anchors (self);
  if (g_strcmp0 (page, "train") == 0)
    lk_session_refresh_data (self);
  if (g_strcmp0 (page, "evaluate") == 0)
    lk_session_refresh_evaluate_page (self);
}

LkSession *
lk_session_new (LkWindow *window, const char *camera)
{
  LkSession *self = g_new0 (LkSession, 1);
  GSettings *settings = lk_settings_get ();

  self->window = window;
  self->verify = lk_window_get_verify_page (window);
  self->enrol = lk_window_get_enrol_page (window);
  self->train = lk_window_get_train_page (window);
  self->evaluate = lk_window_get_evaluate_page (window);
  self->cancellable = g_cancellable_new ();
  lk_settings_get_policy (NULL, &self->policy);
  self->inference = lk_inference_new (on_checked, on_prepared, self, 0);
  self->wants = LK_WANTS_CHECK;

  lk_inference_set_progress (self->inference, on_preparing);
  lk_inference_set_policy (self->inference, &self->policy);
  lk_verify_page_set_policy (self->verify, &self->policy);
  lk_verify_page_set_preparing (self->verify, TRUE);
  g_settings_bind (settings, "mirror", window, "mirror", G_SETTINGS_BIND_DEFAULT);

  g_signal_connect (self->verify, "policy-changed", G_CALLBACK (on_policy_changed), self);
  g_signal_connect (self->verify, "go-enrol", G_CALLBACK (on_go_enrol), self);
  g_signal_connect (self->verify, "go-train", G_CALLBACK (on_go_train), self);
  g_signal_connect (window, "notify::page", G_CALLBACK (on_page_changed), self);

  lk_session_start_attacks (self);
  lk_session_start_preferences (self);
  lk_session_start_adapting (self);
  lk_session_start_people (self);
  lk_session_start_keys (self);
  lk_session_start_training_page (self);
  lk_session_start_evaluate_page (self);
  lk_inference_set_model (self->inference, NULL);
  lk_session_start_camera (self, camera);
  return self;
}

void
lk_session_free (LkSession *self)
{
  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  if (self->attempts != NULL)
    gtk_window_destroy (GTK_WINDOW (self->attempts));
  if (self->preferences != NULL) /* what waits there to be deleted is deleted now */
    gtk_window_destroy (GTK_WINDOW (self->preferences));
  for (gsize i = 0; i < 5; i++)
    g_signal_handlers_disconnect_by_data (
        ((gpointer[]){ self->window, self->verify, self->enrol, self->train, self->evaluate })[i],
        self);
  lk_session_stop_training (self);
  lk_session_stop_enrolling (self);
  lk_session_stop_adapting (self);
  lk_session_stop_refining (self);
  lk_session_stop_keys (self);
  lk_session_stop_camera (self);
  lk_session_stop_evaluation (self);
  lk_session_stop_attacks (self);
  g_clear_pointer (&self->inference, lk_inference_free);
  g_clear_pointer (&self->keeper, lk_keeper_free);
  g_clear_pointer (&self->store, lk_store_close);
  g_clear_pointer (&self->check, lk_check_free);
  g_clear_object (&self->cancellable);
  g_free (self->model);
  g_free (self->renamed[0]);
  g_free (self->renamed[1]);
  g_free (self->gone);
  g_free (self);
}
