/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "lk-sitting"

#include "lk-sitting.h"

#include "base/lk-error.h"
#include "base/lk-mailbox.h"
#include "base/lk-vault.h"
#include "camera/lk-camera-list.h"
#include "lk-enroller.h"
#include "lk-inference.h"
#include "lk-keeper.h"
#include "lk-lock-words.h"
#include "lk-settings.h"

#include <glib/gi18n.h>
#include <string.h>

struct _LkSitting
{
  LkSittingStageFunc stage;
  LkSittingDoneFunc done;
  gpointer data;
  char *person;
  int n_wanted;
  double threshold;
  LkFaceRule rule;

  LkStore *store;
  LkInference *inference;
  LkKeeper *keeper;     /* (nullable): verifying */
  LkEnroller *enroller; /* (nullable): enrolling */
  gboolean is_anyway;
  LkCamera *camera;
  LkMailbox *states; /* camera thread -> main */
  guint timeout;     /* enrolling */

  LkPolicy policy;
  gboolean has_policy, is_over;
  char *said; /* (nullable): stage and sentence, so that it is said once */
  int n_done;
  double score;
};

typedef struct
{
  LkCameraState state;
  GError *error;
} State;

static void
state_free (gpointer data)
{
  State *state = data;

  g_clear_error (&state->error);
  g_free (state);
}

static void
say (LkSitting *self, const char *stage, const char *sentence)
{
  g_autofree char *words = g_strdup_printf ("%s %d %s", stage, self->n_done, sentence);

  if (self->is_over || g_strcmp0 (words, self->said) == 0)
    return;
  g_free (self->said);
  self->said = g_steal_pointer (&words);
  self->stage (stage, sentence, self->n_done, self->data);
}

static void
end (LkSitting *self, LkSittingEnd how, const char *sentence, const GError *error)
{
  if (self->is_over)
    return;
  self->is_over = TRUE;
  self->done (how, self->score, sentence, error, self->data);
}

static void
fail (LkSitting *self, const GError *error)
{
  end (self, LK_SITTING_FAILED, error->message, error);
}

static gboolean
on_timeout (gpointer data)
{
  LkSitting *self = data;

  self->timeout = 0;
  end (self, LK_SITTING_TIMED_OUT, _("It took too long."), NULL);
  return G_SOURCE_REMOVE;
}

static void
on_kept (LkKeeper *keeper, gpointer data)
{
  LkSitting *self = data;
  LkLockStatus status;

  lk_keeper_get_status (keeper, &status);
  if (status.tally.n_frames > 0)
    self->score = status.tally.score;
  switch (status.state)
    {
    case LK_LOCK_LOOKING:
      say (self, "looking", _("Look at the camera."));
      break;
    case LK_LOCK_ADVICE:
      say (self, "retry", status.sentence);
      break;
    case LK_LOCK_CHECKING:
      say (self, "checking", _("Checking."));
      break;
    case LK_LOCK_CHALLENGE:
      if (status.sentence != NULL)
        say (self, "challenge", status.sentence);
      break;
    case LK_LOCK_ACCEPTED:
      end (self, LK_SITTING_MATCH, _("Accepted."), NULL);
      break;
    case LK_LOCK_REFUSED:
    case LK_LOCK_LOCKED_OUT:
      if (lk_keeper_get_n_attempts (keeper) > 0)
        end (self, LK_SITTING_NO_MATCH,
             status.sentence != NULL ? status.sentence : _("Refused."), NULL);
      else /* by another process, since this one began */
        {
          g_autoptr (GError) error = lk_lock_words_lockout_error (status.wait_us);

          fail (self, error);
        }
      break;
    case LK_LOCK_LOCKED:
      end (self, LK_SITTING_TIMED_OUT, lk_lock_words_reason (status.reason), NULL);
      break;
    case LK_LOCK_STARTING: /* the camera says for itself what it does */
    default:
      break;
    }
}

static void
enrol (LkSitting *self, const LkFrame *frame, const LkSighting *seen, const GError *advice)
{
  LkEnrolStatus status = lk_enroller_offer (self->enroller, frame->when_us, seen, advice);
  LkEnrolment *enrolment = lk_enroller_get_enrolment (self->enroller);
  LkEnrolStage last = lk_enrolment_get_last (enrolment);

  self->n_done = lk_enrolment_get_n_passed (enrolment);
  if (status == LK_ENROL_TIMED_OUT)
    end (self, LK_SITTING_TIMED_OUT, _("Nobody was seen."), NULL);
  else if (status == LK_ENROL_STAGE_PASSED || status == LK_ENROL_STAGE_SKIPPED ||
           status == LK_ENROL_COMPLETED) /* with the last of them */
    say (self,
         lk_enrol_status_to_string (lk_enrolment_is_passed (enrolment, last)
                                        ? LK_ENROL_STAGE_PASSED
                                        : LK_ENROL_STAGE_SKIPPED),
         _(lk_enrol_stage_get_info (last)->name));
  else if (status == LK_ENROL_ASKING || status == LK_ENROL_TAKEN)
    say (self, lk_enrol_status_to_string (LK_ENROL_ASKING),
         lk_enroller_get_sentence (self->enroller));
  else if (status == LK_ENROL_RETRY)
    say (self, lk_enrol_status_to_string (status), lk_enroller_get_sentence (self->enroller));
}

static void
on_enroller (LkEnrollerNews news, const GError *failure, gpointer data)
{
  LkSitting *self = data;
  g_autoptr (GError) error = NULL;

  if (self->is_over)
    return;
  if (news == LK_ENROLLER_DUPLICATE && self->is_anyway)
    lk_enroller_go_on (self->enroller);
  else if (news == LK_ENROLLER_DUPLICATE)
    {
      g_set_error (
          &error, LK_ERROR, LK_ERROR_NO_DATA,
          _("This face is enrolled as “%s” already. Add to that person, or say that it is "
                     "somebody else."),
             lk_enroller_get_duplicate (self->enroller));
      end (self, LK_SITTING_DUPLICATE, error->message, error);
    }
  else if (news == LK_ENROLLER_FAILED)
    fail (self, failure);
  else if (!lk_enroller_save (self->enroller, self->store, self->person, NULL, &error))
    fail (self, error);
  else
    {
      self->n_done = (int) lk_enroller_get_faces (self->enroller, LK_CAPTURE_ANCHOR)->len;
      say (self, "captured", _("The pictures are stored."));
      end (self, LK_SITTING_ENROLLED, _("Enrolled."), NULL);
    }
}

static void
on_checked (const LkFrame *frame, const LkSighting *seen, const LkCheck *check,
            const GError *advice, gpointer data)
{
  LkSitting *self = data;

  if (self->is_over)
    return;
  if (advice != NULL && advice->domain != LK_RETRY)
    fail (self, advice);
  else if (self->n_wanted == 0) /* before it is known which policy holds, no check counts */
    lk_keeper_show (self->keeper, frame, seen, self->has_policy ? check : NULL, advice);
  else
    enrol (self, frame, seen, advice);
}

static void
on_prepared (LkModel *model, GPtrArray *anchors, const GError *error, gpointer data)
{
  LkSitting *self = data;
  g_autoptr (GError) nobody = NULL;

  if (self->n_wanted > 0)
    return;
  if (error == NULL && (anchors == NULL || anchors->len == 0))
    g_set_error (&nobody, LK_ERROR, LK_ERROR_NO_DATA,
                 _("The pictures of “%s” cannot be read. Enrol again."), self->person);
  if (error != NULL || nobody != NULL)
    {
      fail (self, error != NULL ? error : nobody);
      return;
    }
  lk_settings_get_policy (model, &self->policy);
  if (self->threshold >= 0)
    self->policy.detection = self->threshold;
  lk_inference_set_policy (self->inference, &self->policy);
  self->has_policy = TRUE;
}

static void
on_camera_frame (LkFrame *frame, gpointer data)
{
  LkSitting *self = data;

  lk_inference_submit (self->inference, frame, self->rule, self->n_wanted == 0);
}

static void
on_camera_state (LkCameraState state, const char *detail, const GError *error, gpointer data)
{
  State *item = g_new0 (State, 1);

  item->state = state;
  item->error = error != NULL ? g_error_copy (error) : NULL;
  lk_mailbox_post (((LkSitting *) data)->states, item);
}

static void
receive_state (gpointer item, gpointer data)
{
  LkSitting *self = data;
  State *state = item;

  switch (state->state)
    {
    case LK_CAMERA_STARTING:
      say (self, "camera-starting", _("The camera is starting."));
      break;
    case LK_CAMERA_STREAMING:
      if (self->n_wanted > 0)
        say (self, "looking", _("Look at the camera."));
      break;
    case LK_CAMERA_FAILED:
      say (self, "camera-failed", state->error->message);
      if (self->keeper != NULL)
        lk_keeper_lose_camera (self->keeper);
      if (g_error_matches (state->error, LK_ERROR, LK_ERROR_CAMERA_NOT_FOUND) ||
          g_error_matches (state->error, LK_ERROR, LK_ERROR_CAMERA_PERMISSION))
        fail (self, state->error); /* waiting does not help */
      break;
    case LK_CAMERA_ENDED:
      break;
    }
  state_free (state);
}

/* (transfer full) (nullable): the person's anchors */
static GPtrArray *
find_anchors (LkSitting *self, GError **error)
{
  g_autoptr (GPtrArray)
      captures = lk_store_list_captures (self->store, self->person, LK_CAPTURE_ANCHOR, error);

  if (captures == NULL || captures->len > 0)
    return g_steal_pointer (&captures);
  g_set_error (error, LK_ERROR, LK_ERROR_NO_DATA,
               _("Nobody is enrolled as “%s”. “likeness people” lists who is."), self->person);
  return NULL;
}

/* Begins the one try.  Returns: FALSE with %LK_ERROR_LOCKED_OUT when there is a wait first */
static gboolean
begin_try (LkSitting *self, int timeout_s, gboolean liveness, GError **error)
{
  LkLockRules rules;
  LkLockStatus status;

  lk_lock_rules_init_once (&rules, timeout_s * G_USEC_PER_SEC);
  lk_keeper_set_challenges (&rules,
                            liveness || g_settings_get_boolean (lk_settings_get (), "liveness"));
  self->keeper = lk_keeper_new (lk_store_get_database (self->store), &rules, on_kept, self);
  lk_keeper_set_people (self->keeper, (const char *const[]){ self->person, NULL });
  self->is_over = TRUE; /* whoever asks has no sitting yet to be told about */
  lk_keeper_begin (self->keeper);
  self->is_over = FALSE;
  lk_keeper_get_status (self->keeper, &status);
  if (status.state == LK_LOCK_LOCKED_OUT)
    g_propagate_error (error, lk_lock_words_lockout_error (status.wait_us));
  return status.state != LK_LOCK_LOCKED_OUT;
}

/* (transfer full): the camera of the settings, else the first there is */
static char *
find_camera (void)
{
  g_autofree char *chosen = g_settings_get_string (lk_settings_get (), "camera");
  g_autoptr (GPtrArray) devices = NULL;

  if (*chosen != '\0')
    return g_steal_pointer (&chosen);
  devices = lk_camera_list ();
  return g_strdup (devices->len > 0 ? ((LkCameraDevice *) devices->pdata[0])->stable
                                    : "/dev/video0");
}

LkSitting *
lk_sitting_new (const LkSittingOptions *options, LkSittingStageFunc stage, LkSittingDoneFunc done,
                gpointer data, GError **error)
{
  g_autoptr (LkSitting) self = g_new0 (LkSitting, 1);
  g_autoptr (GPtrArray) anchors = NULL;
  g_autofree char *source = options->camera != NULL ? g_strdup (options->camera) : find_camera ();
  LkCameraOptions camera = { .source = source };

  self->stage = stage;
  self->done = done;
  self->data = data;
  self->person = g_strdup (options->person);
  self->n_wanted = options->n_wanted;
  self->threshold = options->threshold;
  self->rule = options->rule;
  self->score = -1;
  self->store = lk_store_open (NULL, error);
  if (self->store == NULL || !lk_vault_need (error))
    return NULL;
  if (self->n_wanted == 0 &&
      ((anchors = find_anchors (self, error)) == NULL ||
       !begin_try (self, MAX (options->timeout_s, 1), options->liveness, error)))
    return NULL;

  self->states = lk_mailbox_new (receive_state, self, state_free);
  self->inference = lk_inference_new (on_checked, on_prepared, self, 0);
  if (self->n_wanted == 0)
    {
      lk_inference_set_captures (self->inference, anchors);
      lk_inference_set_model (self->inference, options->model);
    }
  else
    {
      const LkEnrollerOptions wishes = { .person = options->person,
                                         .model = options->model,
                                         .threshold = options->threshold,
                                         .n_anchors = options->n_wanted,
                                         .n_positives = options->n_positives };

      self->enroller = lk_enroller_new (&wishes, on_enroller, self);
      self->is_anyway = options->is_anyway;
    }
  self->camera = lk_camera_new (&camera);
  lk_camera_start (self->camera, on_camera_frame, on_camera_state, self);
  if (self->keeper == NULL)
    self->timeout = g_timeout_add_seconds ((guint) MAX (options->timeout_s, 1), on_timeout, self);
  return g_steal_pointer (&self);
}

void
lk_sitting_free (LkSitting *self)
{
  if (self == NULL)
    return;
  self->is_over = TRUE;
  g_clear_handle_id (&self->timeout, g_source_remove);
  lk_camera_free (self->camera);
  lk_inference_free (self->inference);
  if (self->keeper != NULL)
    lk_keeper_lock (self->keeper, LK_LOCK_BY_HAND); /* it may have been an attempt */
  lk_keeper_free (self->keeper);
  lk_enroller_free (self->enroller);
  g_clear_pointer (&self->states, lk_mailbox_free);
  lk_store_close (self->store);
  g_free (self->person);
  g_free (self->said);
  g_free (self);
}
